package nst

import (
	"fmt"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestParts: each pixel is in the part of the region it mostly belongs to, and
// gather and scatter undo each other.
func TestParts(t *testing.T) {
	mask := func(values ...float32) *tensor.Tensor { return tensor.FromSlice(values, 1, 2, 3, 1) }
	left, right := mask(1, 0.5, 0, 1, 0.4, 0), mask(0, 0.5, 1, 0, 0.6, 1)
	for _, test := range []struct {
		name  string
		masks []*tensor.Tensor
		want  [][]int // the pixels of each part
	}{
		{"one region everywhere", []*tensor.Tensor{nil}, nil},
		{"one region with a full mask", []*tensor.Tensor{mask(1, 1, 1, 1, 1, 1)}, nil},
		{"two regions", []*tensor.Tensor{left, right}, [][]int{{0, 1, 3}, {2, 4, 5}}},
		{"the other way round", []*tensor.Tensor{right, left}, [][]int{{1, 2, 4, 5}, {0, 3}}},
		{"one region and what is outside of it", []*tensor.Tensor{left}, [][]int{{0, 1, 3}, {2, 4, 5}}},
		{"one of three regions is nowhere the strongest", []*tensor.Tensor{left, mask(0, 0.3, 0, 0, 0.3, 0), right}, [][]int{{0, 1, 3}, {2, 4, 5}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var regions []*region
			for _, m := range test.masks {
				regions = append(regions, &region{mask: m})
			}
			p := newParts(regions, 2, 3)
			if test.want == nil {
				if p != nil {
					t.Errorf("parts of %d values, want none", p.lengths)
				}
				return
			}
			picture, x := tensor.New(1, 2, 3, 3), make([]float32, 18)
			for i := range picture.Data() {
				picture.Data()[i] = float32(i)
			}
			p.gather(x, picture)
			var want []float32
			var lengths []int
			for _, pixels := range test.want {
				lengths = append(lengths, 3*len(pixels))
				for _, i := range pixels {
					want = append(want, picture.Data()[3*i:3*i+3]...)
				}
			}
			if !slices.Equal(x, want) || fmt.Sprint(p.lengths) != fmt.Sprint(lengths) {
				t.Errorf("parts of %d values: %v, want %d: %v", p.lengths, x, lengths, want)
			}
			back := tensor.New(1, 2, 3, 3)
			p.scatter(back, x)
			if !slices.Equal(back.Data(), picture.Data()) {
				t.Errorf("scattered to %v, want %v", back.Data(), picture.Data())
			}
		})
	}
}
