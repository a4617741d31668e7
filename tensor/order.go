package tensor

import (
	"math"
	"sync"
)

// The bits of a float32 as three digits.
const (
	digitBits = 11
	digits    = 1 << digitBits
)

// sorter has the buffers of one sort.
type sorter struct {
	elements, other []element
	counts          [3][digits]uint32
}

// element is a number that sorts as a value does, above the index of the value.
type element uint64

func newElement(v float32, i int) element {
	b := math.Float32bits(v)
	// Of negative numbers, sign and magnitude, the larger is the smaller; they come first.
	return element(b^(uint32(int32(b)>>31)|1<<31))<<32 | element(i)
}

func (e element) value() float32 {
	b := uint32(e >> 32)
	return math.Float32frombits(b ^ (^uint32(int32(b)>>31) | 1<<31))
}

func (e element) index() uint32 { return uint32(e) }

func (e element) digit(i int) uint32 { return uint32(e>>(32+i*digitBits)) % digits }

var sorters = sync.Pool{New: func() any { return new(sorter) }}

// sort returns values with their indices, least first; equal ones are in the order of their
// indices. NaN is beyond infinity on the side of its sign. The result is valid until the
// next sort.
//
// A sort by comparisons waits at every one of them for a branch that cannot be predicted.
// This one counts: a radix sort, least significant digit first (Knuth, "The Art of Computer
// Programming", volume 3, section 5.2.5).
func (s *sorter) sort(values []float32) []element {
	n := len(values)
	if cap(s.elements) < n {
		s.elements, s.other = make([]element, n), make([]element, n)
	}
	from, to := s.elements[:n], s.other[:n]
	clear(s.counts[:])
	for i, v := range values {
		e := newElement(v, i)
		s.counts[0][e.digit(0)]++
		s.counts[1][e.digit(1)]++
		s.counts[2][e.digit(2)]++
		from[i] = e
	}
	for i := range s.counts {
		places := &s.counts[i]
		sum := uint32(0)
		for d, count := range places {
			places[d] = sum
			sum += count
		}
		for _, e := range from {
			place := &places[e.digit(i)]
			to[*place] = e
			*place++
		}
		from, to = to, from
	}
	return from
}
