package tensor

import (
	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// The first layer of a network sees a picture: three channels. Its im2col
// matrix has rows of 27 numbers, so short that copying them costs as much as
// multiplying them. The convolution of few channels therefore does without:
// asm.ConvRow reads a padded strip of the picture as it lies. In the gradient
// the short side is that of the result, where 3 columns would be padded to 16;
// see fewGradInput.

// fewChannels reports whether the kernels for few channels apply: no stride,
// dilation or groups, at most four channels, which asm.SumTaps takes as one
// vector, and filters of at most two panels of values.
func (g *geometry) fewChannels() bool {
	return g.StrideH == 1 && g.StrideW == 1 && g.DilationH == 1 && g.DilationW == 1 && g.Groups == 1 &&
		g.cin <= 4 && g.kh*g.kw*g.cin <= 2*asm.Cols
}

// fewForward is Conv2D for few channels. bias is nil or has cout values. With
// a mask, which wants relu and a multiple of eight output channels, bit i&7 of
// mask[i>>3] says whether y[i] is positive.
func (g *geometry) fewForward(y []float32, mask []uint8, x, w *Tensor, bias []float32, relu bool) {
	g.fewRows(y, mask, x, w, bias, relu, 0, g.p)
}

// fewRows is fewForward for rows [lo,hi) of every picture, which are all that y
// and mask hold.
func (g *geometry) fewRows(y []float32, mask []uint8, x, w *Tensor, bias []float32, relu bool, lo, hi int) {
	// The number of rows of a task follows from the shape alone. Neighbouring
	// tasks both copy the kh-1 rows of the picture that they share.
	const taskPixels = 2048
	if len(y) == 0 {
		return
	}
	k := g.kh * g.kw * g.cin
	columns := roundUp(g.cout, asm.Cols)
	packed, biases := getScratch(columns*k), getScratch(columns)
	defer packed.put()
	defer biases.put()
	clear(packed.data)
	clear(biases.data)
	for j := 0; j < g.cout; j += asm.Cols {
		transposeInto(packed.data[j*k:], asm.Cols, w.data[j*k:], k, min(asm.Cols, g.cout-j), k)
	}
	copy(biases.data, bias)

	of := *g // lets g stay on the caller's stack where these kernels do not apply
	rows := min(hi-lo, max(4, taskPixels/of.q))
	perImage := (hi - lo + rows - 1) / rows
	parallel.For(of.n*perImage, func(t int) {
		image, p0 := t/perImage, lo+t%perImage*rows
		strip := fewStrip{geometry: &of, ld: (of.q + of.kw - 1) * of.cin, packed: packed.data, bias: biases.data, relu: relu}
		// The last row may be read some pixels past its end, see edge.
		block := getScratch((rows+of.kh-1)*strip.ld + asm.Rows*of.cin)
		defer block.put()
		edge := getScratch(roundUp(of.q, asm.Rows) * asm.Cols)
		defer edge.put()
		p1 := min(hi, p0+rows)
		strip.fill(block.data, x.data[image*of.h*of.w*of.cin:], p0, p1)
		for p := p0; p < p1; p++ {
			at := (image*(hi-lo) + p - lo) * of.q * of.cout
			var bits []uint8
			if mask != nil {
				bits = mask[at/8:][:of.q*of.cout/8]
			}
			strip.row(y[at:][:of.q*of.cout], bits, block.data[(p-p0)*strip.ld:], edge.data)
		}
	})
}

// fewStrip is what the rows of a task of fewForward have in common.
type fewStrip struct {
	*geometry
	ld           int // length of a row of the padded strip
	packed, bias []float32
	relu         bool
}

// fill copies the rows of x, a picture, that the output rows [p0,p1) see, with
// their borders.
func (s *fewStrip) fill(strip, x []float32, p0, p1 int) {
	pad, c := s.Padding, s.cin
	for r := range p1 - p0 + s.kh - 1 {
		out := strip[r*s.ld:][:s.ld]
		from := pad.Mode.index(p0+r-pad.Top, s.h)
		if from < 0 {
			clear(out)
			continue
		}
		in := x[from*s.w*c:][:s.w*c]
		copy(out[pad.Left*c:], in)
		for i := range pad.Left + pad.Right {
			q := i
			if q >= pad.Left {
				q += s.w
			}
			if col := pad.Mode.index(q-pad.Left, s.w); col < 0 {
				clear(out[q*c:][:c])
			} else {
				copy(out[q*c:][:c], in[col*c:])
			}
		}
	}
}

// row computes a row of the output from the rows of the strip that start at a.
func (s *fewStrip) row(y []float32, mask []uint8, a, edge []float32) {
	if whole := s.cout / asm.Cols * asm.Cols; s.q >= asm.Rows && whole > 0 {
		s.stretch(0, s.q/asm.Rows*asm.Rows, whole, y, mask, a)
		if s.q%asm.Rows > 0 {
			// The last block ends where the row ends, and computes some pixels
			// again: to the same bits, so that it may overwrite them.
			s.stretch(s.q-asm.Rows, asm.Rows, whole, y, mask, a)
		}
		s.edge(whole, y, mask, a, edge)
	} else {
		s.edge(0, y, mask, a, edge)
	}
}

// stretch computes the first outputs of the given number of pixels from q on.
func (s *fewStrip) stretch(q, pixels, outputs int, y []float32, mask []uint8, a []float32) {
	// A call cannot be pre-empted: a quarter of a million values take well below
	// a millisecond.
	if most := asm.Rows * max(1, (1<<18)/(outputs*asm.Rows)); pixels > most {
		s.stretch(q, most, outputs, y, mask, a)
		s.stretch(q+most, pixels-most, outputs, y, mask, a)
		return
	}
	if mask != nil {
		mask = mask[q*s.cout/8:]
	}
	asm.ConvRow(pixels, outputs, s.kh, s.kw*s.cin, a[q*s.cin:], s.ld, s.cin, s.packed, s.bias, y[q*s.cout:], s.cout, s.relu, mask)
}

// edge computes what hangs over whole blocks, the outputs from first on: into
// a buffer, of which the part that is inside is copied.
func (s *fewStrip) edge(first int, y []float32, mask []uint8, a, buffer []float32) {
	pixels := roundUp(s.q, asm.Rows)
	for j := first; j < s.cout; j += asm.Cols {
		n := min(asm.Cols, s.cout-j)
		asm.ConvRow(pixels, asm.Cols, s.kh, s.kw*s.cin, a, s.ld, s.cin, s.packed[j*s.kh*s.kw*s.cin:], s.bias[j:], buffer, asm.Cols, s.relu, nil)
		for q := range s.q {
			copy(y[q*s.cout+j:][:n], buffer[q*asm.Cols:])
		}
		if mask != nil {
			for q := range s.q {
				positiveBits(mask[(q*s.cout+j)/8:], buffer[q*asm.Cols:][:n])
			}
		}
	}
}
