package nst

import "github.com/brushgrad/brushgrad/tensor"

// margin returns how many mirrored pixels surround a content of this size while it is
// painted: Options.Margin, or as many as there are to mirror.
func (o Options) margin(height, width int) int { return min(o.Margin, height-1, width-1) }

// addMargin returns a picture or mask (1,H,W,C) with n mirrored pixels on each side, nil
// for nil.
func addMargin(picture *tensor.Tensor, n int) *tensor.Tensor {
	if picture == nil || n == 0 {
		return picture
	}
	extended := tensor.New(1, picture.Dim(1)+2*n, picture.Dim(2)+2*n, picture.Dim(3))
	tensor.Pad(extended, picture, tensor.PadAll(n, tensor.PadReflect))
	return extended
}

// cutMargin returns a picture (1,H,W,C) without the n pixels on each side.
func cutMargin(picture *tensor.Tensor, n int) *tensor.Tensor {
	if n == 0 {
		return picture
	}
	h, w, c := picture.Dim(1), picture.Dim(2), picture.Dim(3)
	inner := tensor.New(1, h-2*n, w-2*n, c)
	row := inner.Dim(2) * c
	for y := range inner.Dim(1) {
		copy(inner.Data()[y*row:][:row], picture.Data()[((y+n)*w+n)*c:])
	}
	return inner
}
