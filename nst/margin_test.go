package nst_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// extended returns a picture or mask with n pixels more on each side: mirrored about its
// edges and, for a picture, turned about the pixel at the edge within 0..255.
func extended(p *tensor.Tensor, n int, mask bool) *tensor.Tensor {
	h, w, c := p.Dim(1), p.Dim(2), p.Dim(3)
	inside := func(i, size int) int { return min(max(i, 0), size-1) }
	mirror := func(i, size int) int { return 2*inside(i, size) - i }
	big := tensor.New(1, h+2*n, w+2*n, c)
	for y := range h + 2*n {
		for x := range w + 2*n {
			for k := range c {
				v := p.At(0, mirror(y-n, h), mirror(x-n, w), k)
				if outside := inside(y-n, h) != y-n || inside(x-n, w) != x-n; outside && !mask {
					v = min(max(2*p.At(0, inside(y-n, h), inside(x-n, w), k)-v, 0), 255)
				}
				big.Set(v, 0, y, x, k)
			}
		}
	}
	return big
}

// TestMargin: to paint with a margin is to paint an extended content, from an extended
// start and with extended masks, and to cut off what was added.
func TestMargin(t *testing.T) {
	const margin = 5
	left := tensor.New(1, 24, 32, 1)
	for i := range left.Data() {
		if i%32 < 12 {
			left.Data()[i] = 1
		}
	}
	content, start := wave(24, 32, 0), wave(24, 32, 2)
	styles := []nst.Style{{Picture: wave(30, 20, 1), ContentMask: left}, {Picture: wave(32, 32, 3)}}
	opt := nst.Options{Iterations: 4, Scales: 1, Start: start, Margin: margin}
	got, err := nst.Transfer(t.Context(), small(t), content, styles, opt)
	if err != nil {
		t.Fatal(err)
	}
	styles[0].ContentMask = extended(left, margin, true)
	opt.Margin, opt.Start = 0, extended(start, margin, false)
	want, err := nst.Transfer(t.Context(), small(t), extended(content, margin, false), styles, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !tensor.SameShape(got.Picture, content) || got.Cost.Total != want.Cost.Total {
		t.Fatalf("%v with cost %v, want %v and %v", got.Picture, got.Cost.Total, content, want.Cost.Total)
	}
	for y := range 24 {
		for x := range 32 {
			for c := range 3 {
				if g, w := got.Picture.At(0, y, x, c), want.Picture.At(0, y+margin, x+margin, c); g != w {
					t.Fatalf("row %d, column %d: %v, want %v", y, x, g, w)
				}
			}
		}
	}
}

// TestMarginIsNotShown: pictures and progress have the sizes that they have without.
func TestMarginIsNotShown(t *testing.T) {
	sizes := func(margin int, adam nst.Optimizer, stop int) (all []string) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		iterations := 0
		result := paintPyramid(t, ctx, nst.Options{Iterations: 10, Margin: margin, Optimizer: adam, OnIteration: func(p nst.Progress, picture *tensor.Tensor) {
			all = append(all, fmt.Sprint(p.Scale, p.Height, p.Width, picture.Shape()))
			if iterations++; iterations == stop {
				cancel()
			}
		}})
		return append(all, fmt.Sprint(result.Status, result.Height, result.Width, result.Picture.Shape()))
	}
	for _, optimizer := range []nst.Optimizer{nst.LBFGS, nst.Adam} {
		for _, stop := range []int{1, 0} {
			want := fmt.Sprint(sizes(0, optimizer, stop))
			if got := fmt.Sprint(sizes(7, optimizer, stop)); got != want {
				t.Errorf("with a margin\n%s, without\n%s", got, want)
			}
		}
	}
}

// TestMarginOfSmallPictures: it is at most a quarter of the shorter side.
func TestMarginOfSmallPictures(t *testing.T) {
	style := []nst.Style{{Picture: wave(32, 32, 1)}}
	content := wave(17, 40, 0)
	want := 0.0 // the cost with a margin of 4
	for _, margin := range []int{4, 16, 1000} {
		opt := nst.Options{Iterations: 1, Margin: margin}
		result, err := nst.Transfer(t.Context(), small(t), content, style, opt)
		if err != nil || !tensor.SameShape(result.Picture, content) {
			t.Fatalf("margin %d: %+v, %v", margin, result, err)
		}
		if margin == 4 {
			want = result.Cost.Total
		}
		if result.Cost.Total != want {
			t.Errorf("margin %d: cost %v, want %v as with 4", margin, result.Cost.Total, want)
		}
		at, err := nst.ForecastMemory(small(t), nst.ShapesOf(content, style), opt)
		if err != nil {
			t.Fatal(err)
		}
		larger, err := nst.ForecastMemory(small(t), nst.Shapes{Height: 17 + 2*4, Width: 40 + 2*4, Styles: nst.ShapesOf(content, style).Styles}, nst.Options{Iterations: 1})
		if err != nil || at < larger {
			t.Errorf("margin %d: %d bytes, less than %d for the extended picture, %v", margin, at, larger, err)
		}
	}
}
