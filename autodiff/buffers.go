package autodiff

import (
	"slices"
	"unsafe"
)

const (
	// minChunk is the least size of a chunk in bytes: many small values share
	// one. Slices of this size start at a page, which blockAlign counts on.
	minChunk = 1 << 20
	// blockAlign is the alignment of a block in bytes: a line of the cache, so
	// that two blocks never share one and vector loads do not straddle two.
	blockAlign = 64
)

// buffers lends slices and takes them back. Memory comes in a few large
// chunks; a slice is a block of a chunk. A block that is given back joins the
// free ones beside it, so that it can serve for other sizes: what a deep
// network needs at the end fits where the large values at its beginning were.
//
// A chunk is made when nothing free is large enough, half as large again as
// what is asked for. Large blocks are put at its beginning and small ones at its
// end, where they are not in the way: the largest value of a network, needed at
// the beginning of the forward and at the end of the backward pass, then finds
// its place free again. The system only provides memory as it is touched, so
// what a chunk has too much costs addresses, no memory.
//
// The zero value is ready to use.
type buffers[T any] struct {
	chunks     []chunk[T]
	live, peak int // elements lent now, and at most so far, with padding

	// For tests, which fill both with NaN to find out who reads what has not
	// been written or is no longer his. Called with what is lent, given back.
	onLend, onGiveBack func([]T)
}

// chunk is a piece of memory, divided into blocks without gaps.
type chunk[T any] struct {
	data   []T
	blocks []block // by offset; no two neighbours are free
}

type block struct {
	offset, size int // in elements
	free         bool
}

// lend returns n elements with arbitrary contents, until they are handed to
// giveBack or everything is taken back by reset.
func (b *buffers[T]) lend(n int) []T {
	if n == 0 {
		return []T{}
	}
	size := roundUp(n, blockAlign/sizeOf[T]())
	at, index := b.find(size)
	if at < 0 {
		data := make([]T, max(roundUp(size+size/2, blockAlign/sizeOf[T]()), minChunk/sizeOf[T]()))
		preferHugePages(unsafe.Slice((*byte)(unsafe.Pointer(&data[0])), len(data)*sizeOf[T]()))
		b.chunks = append(b.chunks, chunk[T]{data, []block{{0, len(data), true}}})
		at, index = len(b.chunks)-1, 0
	}
	c := &b.chunks[at]
	offset := c.take(index, size)
	b.live += size
	b.peak = max(b.peak, b.live)
	s := c.data[offset : offset+n : offset+n]
	if b.onLend != nil {
		b.onLend(s)
	}
	return s
}

// find returns the place of a free block of at least the given size: the index
// of its chunk, the oldest and smallest that has one, -1 if none has; and of the
// block, the first one for a size that is large there, else the last.
func (b *buffers[T]) find(size int) (at, index int) {
	for i, c := range b.chunks {
		fits := func(k block) bool { return k.free && k.size >= size }
		if c.isLarge(size) {
			if j := slices.IndexFunc(c.blocks, fits); j >= 0 {
				return i, j
			}
			continue
		}
		for j := len(c.blocks) - 1; j >= 0; j-- {
			if fits(c.blocks[j]) {
				return i, j
			}
		}
	}
	return -1, 0
}

// isLarge reports whether a size is large for a chunk.
func (c *chunk[T]) isLarge(size int) bool { return size > len(c.data)/4 }

// take lends the given size of a free block, at its beginning if that is large
// and at its end otherwise, and returns the offset. The rest stays free.
func (c *chunk[T]) take(index, size int) (offset int) {
	found := c.blocks[index]
	if found.size == size {
		c.blocks[index].free = false
		return found.offset
	}
	rest := found.size - size
	if c.isLarge(size) {
		c.blocks[index] = block{found.offset, size, false}
		c.blocks = slices.Insert(c.blocks, index+1, block{found.offset + size, rest, true})
		return found.offset
	}
	c.blocks[index] = block{found.offset, rest, true}
	c.blocks = slices.Insert(c.blocks, index+1, block{found.offset + rest, size, false})
	return found.offset + rest
}

// giveBack takes back a slice from lend. It panics if it is not one, or has
// been given back before.
func (b *buffers[T]) giveBack(s []T) {
	if len(s) == 0 {
		return
	}
	if b.onGiveBack != nil {
		b.onGiveBack(s)
	}
	address := uintptr(unsafe.Pointer(&s[0]))
	for i := range b.chunks {
		c := &b.chunks[i]
		start := uintptr(unsafe.Pointer(&c.data[0]))
		if address < start || address-start >= uintptr(len(c.data)*sizeOf[T]()) {
			continue
		}
		b.live -= c.release(int(address-start) / sizeOf[T]())
		return
	}
	panic("autodiff: a buffer is given back that was not lent")
}

// release makes the block at an offset free, merges it with free neighbours,
// and returns its size.
func (c *chunk[T]) release(offset int) int {
	i, ok := slices.BinarySearchFunc(c.blocks, offset, func(k block, offset int) int { return k.offset - offset })
	if !ok || c.blocks[i].free {
		panic("autodiff: a buffer is given back that is not lent, or for the second time")
	}
	size := c.blocks[i].size
	c.blocks[i].free = true
	if i+1 < len(c.blocks) && c.blocks[i+1].free {
		c.blocks[i].size += c.blocks[i+1].size
		c.blocks = slices.Delete(c.blocks, i+1, i+2)
	}
	if i > 0 && c.blocks[i-1].free {
		c.blocks[i-1].size += c.blocks[i].size
		c.blocks = slices.Delete(c.blocks, i, i+1)
	}
	return size
}

// reset takes back everything that has been lent.
func (b *buffers[T]) reset() {
	for i := range b.chunks {
		c := &b.chunks[i]
		if b.onGiveBack != nil {
			b.onGiveBack(c.data)
		}
		c.blocks = append(c.blocks[:0], block{0, len(c.data), true})
	}
	b.live = 0
}

func sizeOf[T any]() int {
	var zero T
	return int(unsafe.Sizeof(zero))
}

// roundUp returns the least multiple that is no less than n, which is not
// negative.
func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }
