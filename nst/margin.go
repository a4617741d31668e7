package nst

import "github.com/brushgrad/brushgrad/tensor"

// margin returns by how many pixels a content of this size is extended on each side while
// it is painted: Options.Margin, but at most a quarter of the shorter side.
func (o Options) margin(height, width int) int { return min(o.Margin, height/4, width/4) }

// addMargin returns a picture (1,H,W,3) with n pixels more on each side, by a point
// reflection at the edge: with e the pixel at the edge and m the mirror image of x,
//
//	x = 2e - m, within 0..255.
//
// With a mirror image alone, a sky that gets darker towards the edge would have its
// darkest line there, and the style would turn that line into a stroke.
func addMargin(picture *tensor.Tensor, n int) *tensor.Tensor {
	if n == 0 {
		return picture
	}
	extended, edges := extend(picture, n, tensor.PadReflect), extend(picture, n, tensor.PadReplicate)
	tensor.Map2(extended, extended, edges, func(m, e float32) float32 {
		if m == e { // in the picture, which may be beyond 0..255
			return m
		}
		return min(max(2*e-m, 0), 255)
	})
	return extended
}

// addMaskMargin returns a mask (1,H,W,1) with n pixels more on each side, mirrored; nil
// for nil.
func addMaskMargin(mask *tensor.Tensor, n int) *tensor.Tensor {
	if mask == nil || n == 0 {
		return mask
	}
	return extend(mask, n, tensor.PadReflect)
}

func extend(x *tensor.Tensor, n int, mode tensor.PadMode) *tensor.Tensor {
	extended := tensor.New(1, x.Dim(1)+2*n, x.Dim(2)+2*n, x.Dim(3))
	tensor.Pad(extended, x, tensor.PadAll(n, mode))
	return extended
}

// cutMargin returns a picture (1,H,W,C) without the n pixels on each side.
func cutMargin(picture *tensor.Tensor, n int) *tensor.Tensor {
	if n == 0 {
		return picture
	}
	h, w, c := picture.Dim(1)-2*n, picture.Dim(2), picture.Dim(3)
	rows, inner := tensor.New(1, h, w, c), tensor.New(1, h, w-2*n, c)
	tensor.Slice(rows, picture, 1, n)
	tensor.Slice(inner, rows, 2, n)
	return inner
}
