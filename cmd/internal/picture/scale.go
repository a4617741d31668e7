package picture

import (
	"image"
	"math"
	"runtime"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Resampling by Catmull-Rom cubic convolution is bit-identical to draw.CatmullRom of
// x/image, which keeps all rows of the source in the width of the result, in 32 bytes a
// pixel. Here a row is scaled across when the first row of the result needs it, and kept
// until the last one has used it.

// A pixel is red, green, blue and alpha.
type pixel [4]float64

// catmullRom is the kernel (Keys 1981, a = -1/2) at a distance t of 0 to support.
func catmullRom(t float64) float64 {
	if t < 1 {
		return float64((float64(1.5*t)-2.5)*t*t) + 1
	}
	return float64((float64(float64(float64(-0.5*t)+2.5)*t)-4)*t) + 2
}

const support = 2 // of catmullRom, in pixels

// taps are the pixels of a row or column of the source that one of the result is
// mixed from: from first on, one for each weight. The weights sum up to 1/inverse.
type taps struct {
	first   int
	weights []float64
	inverse float64
}

// tapsFor returns the taps of all n pixels of a result from a source of from pixels.
// Reduced, the kernel is widened, so that all pixels of the source take part.
func tapsFor(n, from int) []taps {
	scale := float64(from) / float64(n)
	halfWidth, argument := float64(support), 1.0
	if scale > 1 {
		halfWidth *= scale
		argument = 1 / scale
	}
	all := make([]taps, n)
	weights := make([]float64, 0, n*int(tapCount(n, from)))
	for x := range all {
		center := float64((float64(x)+0.5)*scale) - 0.5
		first := max(0, int(math.Floor(center-halfWidth)))
		end := min(from, int(math.Ceil(center+halfWidth)))
		start, total := len(weights), 0.0
		for i := first; i < end; i++ {
			t := math.Abs((center - float64(i)) * argument)
			if t >= support {
				if len(weights) == start {
					first++
				}
				continue
			}
			w := catmullRom(t)
			total += w
			weights = append(weights, w)
		}
		all[x] = taps{first, weights[start:], 1 / total}
	}
	return all
}

// tapCount is the most taps of a pixel of a result of n pixels from a source of from.
func tapCount(n, from int) int64 {
	return min(int64(from), int64(math.Ceil(2*support*max(1, float64(from)/float64(n))))+2)
}

// maxBands is the most parts in which a picture is resampled at a time.
const maxBands = 8

// scaleCost returns the bytes that resample takes for a picture of sw x sh pixels and a
// result of w x h.
func scaleCost(sw, sh, w, h int) int64 {
	const bytesOfPixel, bytesOfTaps = 32, 40
	return maxBands*bytesOfPixel*(int64(sw)+int64(w)*(1+tapCount(h, sh))) +
		int64(w)*(bytesOfTaps+8*tapCount(w, sw)) + int64(h)*(bytesOfTaps+8*tapCount(h, sh))
}

// resample calls set for each pixel of img resampled to w x h, with its colours,
// multiplied by alpha, and alpha, 0..65535. It calls set for different rows at a time.
// lowered says that each value of the source is to be multiplied by headroom before.
func resample(img image.Image, w, h int, lowered bool, set func(x, y int, r, g, b, a uint16)) {
	size := img.Bounds().Size()
	across, down := tapsFor(w, size.X), tapsFor(h, size.Y)
	// A band reads some rows that its neighbour reads, too.
	const leastRows = 16
	bands := min(maxBands, runtime.GOMAXPROCS(0), (h+leastRows-1)/leastRows)
	parallel.For(bands, func(i int) {
		resampleRows(img, across, down, h*i/bands, h*(i+1)/bands, int(tapCount(h, size.Y)), lowered, set)
	})
}

// resampleRows is resample for the rows from start to end of the result. A row of it is
// mixed from at most count rows of the source.
func resampleRows(img image.Image, across, down []taps, start, end, count int, lowered bool, set func(x, y int, r, g, b, a uint16)) {
	readRow, withAlpha := rowReader(img, lowered)
	source, sum := make([]pixel, img.Bounds().Dx()), make([]pixel, len(across))
	kept := make([][]pixel, count) // row y of the source, scaled across, at y modulo the length
	for i := range kept {
		kept[i] = make([]pixel, len(across))
	}
	next := 0 // row of the source
	for y := start; y < end; y++ {
		column := down[y]
		for next = max(next, column.first); next < column.first+len(column.weights); next++ {
			readRow(next, source)
			scaleRow(kept[next%count], source, across, withAlpha)
		}
		clear(sum)
		for i, weight := range column.weights {
			addRow(sum, kept[(column.first+i)%count], weight)
		}
		for x, p := range sum {
			word := func(c int) uint16 { // no colour is more than alpha
				return clampedWord(min(p[c], p[3]) * column.inverse)
			}
			set(x, y, word(0), word(1), word(2), word(3))
		}
	}
}

// addRow adds row, times weight, to sum.
func addRow(sum, row []pixel, weight float64) {
	for x := range sum {
		p, q := &sum[x], &row[x]
		p[0] += float64(q[0] * weight)
		p[1] += float64(q[1] * weight)
		p[2] += float64(q[2] * weight)
		p[3] += float64(q[3] * weight)
	}
}

// scaleRow sets row to a row of the source, 0..65535, scaled to its width, 0..1.
func scaleRow(row, source []pixel, across []taps, withAlpha bool) {
	for x, column := range across {
		from := source[column.first:][:len(column.weights)]
		var r, g, b, a float64
		for i, weight := range column.weights {
			q := &from[i]
			r += float64(q[0] * weight)
			g += float64(q[1] * weight)
			b += float64(q[2] * weight)
			a += float64(q[3] * weight)
		}
		inverse := column.inverse / 0xffff
		row[x] = pixel{r * inverse, g * inverse, b * inverse, a * inverse}
		if !withAlpha {
			row[x][3] = 1
		}
	}
}

// clampedWord rounds 0..1 to 0..65535.
func clampedWord(v float64) uint16 {
	return uint16(max(0, min(int32(float64(0xffff*v)+0.5), 0xffff)))
}
