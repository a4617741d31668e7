package colour

import (
	"image"
	"image/color"
	"slices"
)

// MedianCut chooses up to n colours that stand for those of the picture: P.
// Heckbert, "Color Image Quantization for Frame Buffer Display" (1982). A box
// of all colours is split at the median of its longest side, then the box with
// the most to gain by it, and so on; each box gives its mean. Of a large picture
// a regular sample is looked at.
func MedianCut(m *image.RGBA, n int) color.Palette {
	const samples = 1 << 15
	pixels := len(m.Pix) / 4
	step := max(1, pixels/samples) | 1 // odd, so that it does not fall into step with the rows of a picture
	var all [][3]uint8
	for i := 0; i < pixels; i += step {
		all = append(all, [3]uint8(m.Pix[4*i:4*i+3]))
	}
	boxes := []colorBox{newColorBox(all)}
	for len(boxes) < n {
		widest := 0
		for i, b := range boxes {
			if b.gain > boxes[widest].gain {
				widest = i
			}
		}
		if boxes[widest].gain == 0 {
			break // every box holds a single colour
		}
		a, b := boxes[widest].split()
		boxes[widest] = a
		boxes = append(boxes, b)
	}
	palette := make(color.Palette, len(boxes))
	for i, b := range boxes {
		palette[i] = b.mean()
	}
	return palette
}

// colorBox is a set of colours that one entry of a palette may stand for.
type colorBox struct {
	colors [][3]uint8
	axis   int // the channel with the longest side
	gain   int // its length times the number of colours; 0 for a single colour
}

func newColorBox(colors [][3]uint8) colorBox {
	b := colorBox{colors: colors}
	for axis := range 3 {
		low, high := uint8(255), uint8(0)
		for _, c := range colors {
			low, high = min(low, c[axis]), max(high, c[axis])
		}
		if gain := (int(high) - int(low)) * len(colors); gain > b.gain {
			b.axis, b.gain = axis, gain
		}
	}
	return b
}

// split cuts the box at the median of its longest side, so that neither part
// is empty and equal values stay together. The box must have a gain.
func (b colorBox) split() (colorBox, colorBox) {
	slices.SortFunc(b.colors, func(x, y [3]uint8) int { return int(x[b.axis]) - int(y[b.axis]) })
	cut := len(b.colors) / 2
	for cut > 0 && b.colors[cut-1][b.axis] == b.colors[cut][b.axis] {
		cut--
	}
	if cut == 0 { // the lower half is all one value: cut behind it
		for b.colors[cut][b.axis] == b.colors[0][b.axis] {
			cut++
		}
	}
	return newColorBox(b.colors[:cut]), newColorBox(b.colors[cut:])
}

func (b colorBox) mean() color.RGBA {
	var sum [3]int
	for _, c := range b.colors {
		for axis, v := range c {
			sum[axis] += int(v)
		}
	}
	n := len(b.colors)
	mean := func(axis int) uint8 { return uint8((sum[axis] + n/2) / n) }
	return color.RGBA{mean(0), mean(1), mean(2), 255}
}
