package tensor

import (
	"math/bits"
	"sync"
)

// scratch is a buffer on loan from a pool: packed blocks of a product, partial
// sums.
type scratch struct{ data []float32 }

// scratchPools holds buffers by the bits of their length, so that a small
// request never ties up a large buffer.
var scratchPools [bits.UintSize]sync.Pool

// getScratch returns a buffer of n elements with arbitrary contents.
func getScratch(n int) *scratch {
	class := bits.Len(uint(max(n, 1) - 1))
	s, ok := scratchPools[class].Get().(*scratch)
	if !ok {
		s = &scratch{make([]float32, 1<<class)}
	}
	s.data = s.data[:n]
	return s
}

// put returns the buffer to its pool.
func (s *scratch) put() {
	scratchPools[bits.Len(uint(cap(s.data)-1))].Put(s)
}

// elementBlock is the number of elements an element-wise kernel hands to a
// goroutine at a time: small enough to stay in the second-level cache, large
// enough that handing it out costs nothing.
const elementBlock = 1 << 15
