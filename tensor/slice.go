package tensor

import (
	"fmt"
	"slices"
)

// Slice stores in dst the part of x that begins at index start of dimension
// axis and is as long there as dst; in all other dimensions dst is as large as
// x. It panics if the shapes do not fit or the part is not inside x.
func Slice(dst, x *Tensor, axis, start int) {
	runs, length, stride, offset := sliceRuns("Slice", dst, x, axis, start)
	for i := range runs {
		copy(dst.data[i*length:][:length], x.data[i*stride+offset:])
	}
}

// SetSlice stores x in the part of dst that Slice would read, and leaves the
// rest of dst alone. It panics like Slice.
func SetSlice(dst, x *Tensor, axis, start int) {
	runs, length, stride, offset := sliceRuns("SetSlice", x, dst, axis, start)
	for i := range runs {
		copy(dst.data[i*stride+offset:], x.data[i*length:][:length])
	}
}

// sliceRuns returns how many runs of neighbouring elements the part of whole
// consists of, how long each is, how far apart they start, and where the first
// one starts.
func sliceRuns(op string, part, whole *Tensor, axis, start int) (runs, length, stride, offset int) {
	fail := func() {
		panic(fmt.Sprintf("tensor: %s: %v is not a part of %v at index %d of dimension %d", op, part.shape, whole.shape, start, axis))
	}
	if axis < 0 || axis >= len(whole.shape) || len(part.shape) != len(whole.shape) {
		fail()
	}
	want := slices.Clone(whole.shape)
	want[axis] = part.shape[axis]
	if !slices.Equal(part.shape, want) || start < 0 || start > whole.shape[axis]-part.shape[axis] {
		fail()
	}
	inner := NumElements(whole.shape[axis+1:])
	return NumElements(whole.shape[:axis]), part.shape[axis] * inner, whole.shape[axis] * inner, start * inner
}
