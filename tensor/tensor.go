// Package tensor provides dense float32 arrays and the numerical kernels of a
// convolutional network, each next to its adjoint (the kernel that carries a
// gradient the other way).
//
// There is one layout: row-major, contiguous, channels last. A batch of
// activations has shape (N, H, W, C), a convolution's weight (Cout, KH, KW,
// Cin/groups). With the channels of a pixel side by side in memory, unrolling
// an activation into the matrix of the style-transfer papers, one row per
// position and one column per channel, costs nothing.
//
// Shapes that do not fit are programmer mistakes: they panic with the name of
// the operation and the shapes involved. Work is spread over GOMAXPROCS
// goroutines in blocks whose size does not depend on their number, so every
// result is the same to the bit on any number of cores.
package tensor

import (
	"fmt"
	"math"
	"slices"
)

// Tensor is a dense, row-major, contiguous array of float32. Tensors
// are made by New and its relatives; one of rank 0 holds a single number.
type Tensor struct {
	shape []int
	data  []float32
}

// New returns a tensor of zeros. It panics if a dimension is negative or the
// number of elements overflows an int.
func New(shape ...int) *Tensor {
	return &Tensor{slices.Clone(shape), make([]float32, NumElements(shape))}
}

// FromSlice returns a tensor that shares data, in row-major order. It panics
// if len(data) is not the product of shape.
func FromSlice(data []float32, shape ...int) *Tensor {
	if n := NumElements(shape); n != len(data) {
		panic(fmt.Sprintf("tensor: FromSlice: %d values do not fill shape %v, which wants %d", len(data), shape, n))
	}
	return &Tensor{slices.Clone(shape), data}
}

// Over is FromSlice for whoever counts allocations: it returns the tensor
// itself, not a pointer to one, and does not copy shape, which must not change
// any more. It panics like FromSlice.
func Over(data []float32, shape []int) Tensor {
	if n := NumElements(shape); n != len(data) {
		panic(fmt.Sprintf("tensor: Over: %d values do not fill shape %v, which wants %d", len(data), shape, n))
	}
	return Tensor{shape, data}
}

// Full returns a tensor whose every element is v.
func Full(v float32, shape ...int) *Tensor {
	t := New(shape...)
	t.Fill(v)
	return t
}

// Scalar returns a tensor of rank 0 that holds v.
func Scalar(v float32) *Tensor { return FromSlice([]float32{v}) }

// NumElements returns the product of the dimensions, 1 for rank 0. It panics
// if a dimension is negative or the product overflows an int.
func NumElements(shape []int) int {
	n := 1 // the messages get a copy, so that a caller's shape can stay on the stack
	for _, d := range shape {
		if d < 0 {
			panic(fmt.Sprintf("tensor: shape %v has a negative dimension", slices.Clone(shape)))
		}
		if d > 0 && n > math.MaxInt/d {
			panic(fmt.Sprintf("tensor: shape %v has more elements than an int can count", slices.Clone(shape)))
		}
		n *= d
	}
	return n
}

// Shape returns the dimensions, outermost first. The caller must not modify
// the slice.
func (t *Tensor) Shape() []int { return t.shape }

// Rank returns the number of dimensions.
func (t *Tensor) Rank() int { return len(t.shape) }

// Dim returns dimension i; a negative i counts from the end, so Dim(-1) is the
// number of channels of an activation.
func (t *Tensor) Dim(i int) int {
	if i < 0 {
		i += len(t.shape)
	}
	return t.shape[i]
}

// Len returns the number of elements.
func (t *Tensor) Len() int { return len(t.data) }

// Data returns the elements in row-major order. The slice is the tensor's own:
// writing to it writes to the tensor.
func (t *Tensor) Data() []float32 { return t.data }

// At returns the element at the given indices. It panics if their number is
// not the rank or one is out of range. Loops that matter use Data instead.
func (t *Tensor) At(index ...int) float32 { return t.data[t.offset(index)] }

// Set stores v at the given indices. It panics like At.
func (t *Tensor) Set(v float32, index ...int) { t.data[t.offset(index)] = v }

func (t *Tensor) offset(index []int) int {
	if len(index) != len(t.shape) {
		panic(fmt.Sprintf("tensor: %d indices for shape %v", len(index), t.shape))
	}
	o := 0
	for i, x := range index {
		if uint(x) >= uint(t.shape[i]) {
			panic(fmt.Sprintf("tensor: index %v outside shape %v", index, t.shape))
		}
		o = o*t.shape[i] + x
	}
	return o
}

// Reshape returns a tensor of another shape that shares t's elements. One
// dimension may be -1: it is then what the others leave. It panics if the
// number of elements differs, or if a -1 stands next to a 0 and could be
// anything.
func (t *Tensor) Reshape(shape ...int) *Tensor {
	s := slices.Clone(shape)
	if i := slices.Index(s, -1); i >= 0 {
		others := 1
		for j, d := range s {
			if j != i {
				others *= d
			}
		}
		if others > 0 && len(t.data)%others == 0 {
			s[i] = len(t.data) / others
		}
	}
	if slices.ContainsFunc(s, func(d int) bool { return d < 0 }) || NumElements(s) != len(t.data) {
		panic(fmt.Sprintf("tensor: Reshape: %v does not hold the %d elements of %v", shape, len(t.data), t.shape))
	}
	return &Tensor{s, t.data}
}

// Clone returns a copy with elements of its own.
func (t *Tensor) Clone() *Tensor {
	return &Tensor{slices.Clone(t.shape), slices.Clone(t.data)}
}

// Fill sets every element to v.
func (t *Tensor) Fill(v float32) { fill(t.data, v) }

func fill(s []float32, v float32) {
	for i := range s {
		s[i] = v
	}
}

// CopyFrom copies the elements of src, which must have t's shape.
func (t *Tensor) CopyFrom(src *Tensor) {
	mustSameShape("CopyFrom", t, src)
	copy(t.data, src.data)
}

// SameShape reports whether a and b have the same dimensions.
func SameShape(a, b *Tensor) bool { return slices.Equal(a.shape, b.shape) }

// hasShape reports whether t has these four dimensions.
func (t *Tensor) hasShape(n, h, w, c int) bool {
	s := t.shape
	return len(s) == 4 && s[0] == n && s[1] == h && s[2] == w && s[3] == c
}

func mustSameShape(op string, a, b *Tensor) {
	if !SameShape(a, b) {
		panic(fmt.Sprintf("tensor: %s: shapes %v and %v differ", op, a.shape, b.shape))
	}
}

// String returns the shape, and the elements of small tensors.
func (t *Tensor) String() string {
	if len(t.data) > 64 {
		return fmt.Sprintf("tensor%v", t.shape)
	}
	return fmt.Sprintf("tensor%v%v", t.shape, t.data)
}
