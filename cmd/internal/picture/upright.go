package picture

import "github.com/brushgrad/brushgrad/tensor"

// upright undoes an orientation of the EXIF standard (JEITA CP-3451, section
// 4.6.4), which names the side of the scene that row 0 and column 0 of t show.
// It returns t itself for 1 and for what is no orientation.
func upright(t *tensor.Tensor, orientation int) *tensor.Tensor {
	if orientation < 2 || orientation > 8 {
		return t
	}
	h, w, c := t.Dim(1), t.Dim(2), t.Dim(3)
	outW, outH := turnedSize(w, h, orientation)
	out := tensor.New(1, outH, outW, c)
	for y := range h {
		for x := range w {
			copy(out.Data()[turnedIndex(x, y, w, h, orientation)*c:][:c], t.Data()[(y*w+x)*c:][:c])
		}
	}
	return out
}

// turnedSize returns the size of the upright picture that is stored with w x h pixels.
func turnedSize(w, h, orientation int) (int, int) {
	if orientation >= 5 { // rows and columns change places
		return h, w
	}
	return w, h
}

// turnedIndex returns which pixel of the upright picture, row by row, is stored at x, y
// of w x h.
func turnedIndex(x, y, w, h, orientation int) int {
	switch orientation {
	case 2: // top, right
		return y*w + w - 1 - x
	case 3: // bottom, right
		return (h-1-y)*w + w - 1 - x
	case 4: // bottom, left
		return (h-1-y)*w + x
	case 5: // left, top
		return x*h + y
	case 6: // right, top
		return x*h + h - 1 - y
	case 7: // right, bottom
		return (w-1-x)*h + h - 1 - y
	case 8: // left, bottom
		return (w-1-x)*h + y
	}
	return y*w + x
}
