package tensor_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestSlice cuts every part out of a tensor along every axis, and puts it back
// into an empty one, element by element against At.
func TestSlice(t *testing.T) {
	x := tensor.New(2, 3, 4)
	for i := range x.Data() {
		x.Data()[i] = float32(i + 1)
	}
	for axis, size := range x.Shape() {
		for start := 0; start <= size; start++ {
			for length := 0; start+length <= size; length++ {
				shape := []int{2, 3, 4}
				shape[axis] = length
				part, back := tensor.Full(-1, shape...), tensor.New(2, 3, 4)
				tensor.Slice(part, x, axis, start)
				tensor.SetSlice(back, part, axis, start)
				for i := range x.Data() {
					at := []int{i / 12, i / 4 % 3, i % 4}
					want := float32(0)
					if at[axis] >= start && at[axis] < start+length {
						want = x.Data()[i]
						inPart := append([]int(nil), at...)
						inPart[axis] -= start
						if got := part.At(inPart...); got != want {
							t.Errorf("Slice along %d from %d: element %v is %v; want %v", axis, start, inPart, got, want)
						}
					}
					if got := back.At(at...); got != want {
						t.Errorf("SetSlice along %d from %d: element %v is %v; want %v", axis, start, at, got, want)
					}
				}
			}
		}
	}
}

func TestSlicePanics(t *testing.T) {
	x := tensor.New(2, 3)
	tests := []struct {
		dst         *tensor.Tensor
		axis, start int
	}{
		{tensor.New(2, 2), 1, 2}, {tensor.New(2, 2), 1, -1}, {tensor.New(3, 2), 1, 0}, {tensor.New(2, 4), 1, 0},
		{tensor.New(2), 0, 0}, {tensor.New(2, 3), 2, 0}, {tensor.New(2, 3), -1, 0},
	}
	for _, test := range tests {
		for op, f := range map[string]func(){
			"Slice":    func() { tensor.Slice(test.dst, x, test.axis, test.start) },
			"SetSlice": func() { tensor.SetSlice(x, test.dst, test.axis, test.start) },
		} {
			func() {
				defer func() {
					got := fmt.Sprint(recover())
					if !strings.HasPrefix(got, "tensor: "+op+": ") || !strings.Contains(got, fmt.Sprint(test.dst.Shape())) || !strings.Contains(got, "[2 3]") {
						t.Errorf("%s of %v along %d from %d panics with %q", op, test.dst.Shape(), test.axis, test.start, got)
					}
				}()
				f()
			}()
		}
	}
}
