package tensor

import (
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Add stores a + b in dst, element by element. Shapes combine as in NumPy:
// they are aligned at the last dimension, and a dimension of 1, or a missing
// one, is repeated to the other's size. dst has the combined shape, see
// [BroadcastShape], and may be a or b. It panics if the shapes do not fit.
func Add(dst, a, b *Tensor) {
	elementwise("Add", dst, a, b, func(dst, a, b []float32) {
		for i, v := range a {
			dst[i] = v + b[i]
		}
	})
}

// Sub stores a - b in dst, with shapes as for [Add].
func Sub(dst, a, b *Tensor) {
	elementwise("Sub", dst, a, b, func(dst, a, b []float32) {
		for i, v := range a {
			dst[i] = v - b[i]
		}
	})
}

// Mul stores the element-wise product a b in dst, with shapes as for [Add].
func Mul(dst, a, b *Tensor) {
	elementwise("Mul", dst, a, b, func(dst, a, b []float32) {
		for i, v := range a {
			dst[i] = v * b[i]
		}
	})
}

// Div stores a / b in dst, with shapes as for [Add].
func Div(dst, a, b *Tensor) {
	elementwise("Div", dst, a, b, func(dst, a, b []float32) {
		for i, v := range a {
			dst[i] = v / b[i]
		}
	})
}

// BroadcastShape returns the shape that a and b combine to: aligned at the
// last dimension, each dimension that of a or b, one of which may be 1 or
// missing. It panics, naming op, if they do not combine.
func BroadcastShape(op string, a, b []int) []int {
	shape, ok := combine(a, b)
	if !ok {
		panic(fmt.Sprintf("tensor: %s: shapes %v and %v do not combine", op, a, b))
	}
	return shape
}

// combine returns the combined shape of a and b, and whether there is one.
func combine(a, b []int) (shape []int, ok bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	shape = slices.Clone(a)
	for i, d := range b {
		switch s := &shape[i+len(a)-len(b)]; {
		case *s == 1:
			*s = d
		case d != *s && d != 1:
			return nil, false
		}
	}
	return shape, true
}

// mustRepeatTo panics unless narrow, repeated along dimensions of 1, is wide.
func mustRepeatTo(op string, narrow, wide *Tensor) {
	if shape, ok := combine(narrow.shape, wide.shape); !ok || !slices.Equal(shape, wide.shape) {
		panic(fmt.Sprintf("tensor: %s: %v does not repeat to %v", op, narrow.shape, wide.shape))
	}
}

// BroadcastTo stores x in dst, repeated along the dimensions of 1 that dst has
// larger. Its adjoint is [SumTo]. It panics if the shapes do not fit.
func BroadcastTo(dst, x *Tensor) {
	mustRepeatTo("BroadcastTo", x, dst)
	dims := collapse(dst.shape, x.shape)
	inner := dims[len(dims)-1]
	parallelRows(dims, func(lo, hi int) {
		forEachRow(dims, lo, hi, func(row int, offsets [2]int) {
			out := dst.data[row*inner.size:][:inner.size]
			for i := range out {
				out[i] = x.data[offsets[0]+i*inner.strides[0]]
			}
		})
	})
}

// SumTo stores in dst the sum of x over every dimension along which dst is 1
// or that dst lacks (aligned at the last dimension). It is the adjoint of
// broadcasting: the gradient of a repeated value is the sum over its copies.
// Sums run in float64. It panics if the shapes do not fit.
func SumTo(dst, x *Tensor) {
	mustRepeatTo("SumTo", dst, x)
	if SameShape(dst, x) {
		copy(dst.data, x.data)
		return
	}
	sums := make([]float64, len(dst.data))
	dims := collapse(x.shape, dst.shape)
	inner := dims[len(dims)-1]
	forEachRow(dims, 0, numRows(dims), func(row int, offsets [2]int) {
		in := x.data[row*inner.size:][:inner.size]
		if inner.strides[0] == 0 {
			s := 0.0
			for _, v := range in {
				s += float64(v)
			}
			sums[offsets[0]] += s
			return
		}
		for i, v := range in {
			sums[offsets[0]+i] += float64(v)
		}
	})
	for i, s := range sums {
		dst.data[i] = float32(s)
	}
}

// dim is a dimension of an iteration over a combined shape: its size, and how
// far a step along it moves in each of up to two operands, 0 where the operand
// is repeated.
type dim struct {
	size    int
	strides [2]int
}

// collapse describes the iteration over shape with operands of the given
// shapes. Neighbouring dimensions that each operand either walks through
// contiguously or repeats become one, so that what is innermost is long.
func collapse(shape []int, operands ...[]int) []dim {
	dims := []dim{{size: 1}}
	var strides [2]int
	for k := range operands {
		strides[k] = 1
	}
	for i := len(shape) - 1; i >= 0; i-- {
		d := dim{size: shape[i]}
		for k, o := range operands {
			if j := i - len(shape) + len(o); j >= 0 && o[j] != 1 {
				d.strides[k] = strides[k]
				strides[k] *= o[j]
			}
		}
		last := &dims[len(dims)-1]
		merge := true
		for k := range operands {
			merge = merge && d.strides[k] == last.strides[k]*last.size
		}
		switch {
		case d.size == 1:
		case last.size == 1:
			*last = d
		case merge:
			last.size *= d.size
		default:
			dims = append(dims, d)
		}
	}
	slices.Reverse(dims)
	return dims
}

// numRows returns how many rows of the innermost dimension there are.
func numRows(dims []dim) int {
	rows := 1
	for _, d := range dims[:len(dims)-1] {
		rows *= d.size
	}
	return rows
}

// parallelRows calls body for blocks [lo,hi) of all rows, in parallel.
func parallelRows(dims []dim, body func(lo, hi int)) {
	parallel.Range(numRows(dims), max(1, elementBlock/max(1, dims[len(dims)-1].size)), body)
}

// forEachRow calls body for each of the rows [lo,hi) of the innermost
// dimension, in order, with the offsets at which the operands' rows start.
func forEachRow(dims []dim, lo, hi int, body func(row int, offsets [2]int)) {
	if lo >= hi {
		return
	}
	outer := dims[:len(dims)-1]
	index := make([]int, len(outer))
	var offsets [2]int
	for i, rest := len(outer)-1, lo; i >= 0; i-- {
		index[i], rest = rest%outer[i].size, rest/outer[i].size
		for k := range offsets {
			offsets[k] += index[i] * outer[i].strides[k]
		}
	}
	for row := lo; row < hi; row++ {
		body(row, offsets)
		for i := len(outer) - 1; i >= 0; i-- {
			index[i]++
			for k := range offsets {
				offsets[k] += outer[i].strides[k]
			}
			if index[i] < outer[i].size {
				break
			}
			for k := range offsets {
				offsets[k] -= outer[i].strides[k] * outer[i].size
			}
			index[i] = 0
		}
	}
}

// elementwise runs kernel over rows of a and b, repeated as need be.
func elementwise(op string, dst, a, b *Tensor, kernel func(dst, a, b []float32)) {
	if shape := BroadcastShape(op, a.shape, b.shape); !slices.Equal(shape, dst.shape) {
		panic(fmt.Sprintf("tensor: %s: %v and %v combine to %v, not %v", op, a.shape, b.shape, shape, dst.shape))
	}
	if SameShape(a, b) {
		parallel.Range(len(dst.data), elementBlock, func(lo, hi int) {
			kernel(dst.data[lo:hi], a.data[lo:hi], b.data[lo:hi])
		})
		return
	}
	dims := collapse(dst.shape, a.shape, b.shape)
	inner := dims[len(dims)-1]
	parallelRows(dims, func(lo, hi int) {
		// An operand that is one value all along a row is spread over a buffer, so
		// that one kernel serves every combination.
		var spread [2][256]float32
		forEachRow(dims, lo, hi, func(row int, offsets [2]int) {
			out := dst.data[row*inner.size:][:inner.size]
			for i := 0; i < len(out); i += len(spread[0]) {
				n := min(len(spread[0]), len(out)-i)
				var rows [2][]float32
				for k, t := range [2]*Tensor{a, b} {
					if inner.strides[k] != 0 || inner.size == 1 {
						rows[k] = t.data[offsets[k]+i:][:n]
						continue
					}
					rows[k] = spread[k][:n]
					if i == 0 {
						fill(rows[k], t.data[offsets[k]])
					}
				}
				kernel(out[i:i+n], rows[0], rows[1])
			}
		})
	})
}
