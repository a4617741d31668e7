package tensor_test

import (
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

func TestConstruction(t *testing.T) {
	for _, test := range []struct {
		name string
		got  *tensor.Tensor
		want []float32
	}{
		{"New", tensor.New(2, 3), []float32{0, 0, 0, 0, 0, 0}},
		{"Full", tensor.Full(7, 3), []float32{7, 7, 7}},
		{"Scalar", tensor.Scalar(5), []float32{5}},
		{"New of rank 0", tensor.New(), []float32{0}},
		{"New with a dimension of 0", tensor.New(3, 0, 2), nil},
	} {
		if !slices.Equal(test.got.Data(), test.want) || test.got.Len() != len(test.want) {
			t.Errorf("%s: %v, want %v", test.name, test.got.Data(), test.want)
		}
	}
	data := []float32{1, 2, 3, 4, 5, 6}
	x := tensor.FromSlice(data, 2, 3)
	data[5] = 60
	if x.At(1, 2) != 60 {
		t.Error("FromSlice does not share its data")
	}
	if x.Rank() != 2 || x.Dim(0) != 2 || x.Dim(-1) != 3 || x.Dim(-2) != 2 || !slices.Equal(x.Shape(), []int{2, 3}) {
		t.Errorf("shape %v, want [2 3]", x.Shape())
	}
}

// TestShapeIsCopied checks that a caller's slice of dimensions stays its own.
func TestShapeIsCopied(t *testing.T) {
	shape := []int{2, 3}
	x, y := tensor.New(shape...), tensor.New(6).Reshape(shape...)
	shape[0] = 9
	if x.Dim(0) != 2 || y.Dim(0) != 2 {
		t.Errorf("shapes became %v and %v", x.Shape(), y.Shape())
	}
}

func TestAtAndSet(t *testing.T) {
	x := tensor.New(2, 3, 4)
	x.Set(5, 1, 2, 3)
	x.Set(6, 0, 1, 0)
	if x.Data()[23] != 5 || x.Data()[4] != 6 || x.At(1, 2, 3) != 5 || x.At(0, 0, 0) != 0 {
		t.Errorf("elements are not in row-major order: %v", x.Data())
	}
	s := tensor.Scalar(1)
	s.Set(3)
	if s.At() != 3 {
		t.Errorf("rank 0 holds %v, want 3", s.At())
	}
}

func TestReshape(t *testing.T) {
	for _, test := range []struct{ from, to, want []int }{
		{[]int{2, 3, 4}, []int{6, 4}, []int{6, 4}},
		{[]int{2, 3, 4}, []int{-1}, []int{24}},
		{[]int{2, 3, 4}, []int{4, -1, 2}, []int{4, 3, 2}},
		{[]int{2, 3, 4}, []int{-1, 24}, []int{1, 24}},
		{[]int{1}, nil, []int{}},
		{nil, []int{1, -1}, []int{1, 1}},
		{[]int{0, 3}, []int{-1, 3}, []int{0, 3}},
		{[]int{0, 3}, []int{3, 0}, []int{3, 0}},
	} {
		x := tensor.New(test.from...)
		y := x.Reshape(test.to...)
		if !slices.Equal(y.Shape(), test.want) {
			t.Errorf("%v reshaped to %v is %v, want %v", test.from, test.to, y.Shape(), test.want)
		}
		if x.Len() > 0 {
			y.Data()[0] = 7
			if x.Data()[0] != 7 {
				t.Errorf("%v reshaped to %v does not share its elements", test.from, test.to)
			}
		}
	}
}

func TestCopies(t *testing.T) {
	x := tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	y, z := x.Clone(), tensor.New(2, 2)
	z.CopyFrom(x)
	x.Fill(0)
	want := tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	checkEqual(t, "clone", y, want)
	checkEqual(t, "copy", z, want)
}

func TestString(t *testing.T) {
	for _, test := range []struct {
		x    *tensor.Tensor
		want string
	}{
		{tensor.FromSlice([]float32{1, 2.5}, 2, 1), "tensor[2 1][1 2.5]"},
		{tensor.Scalar(3), "tensor[][3]"},
		{tensor.New(1, 224, 224, 3), "tensor[1 224 224 3]"},
	} {
		if got := test.x.String(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
