package tensor

import "github.com/brushgrad/brushgrad/asm"

// filters are the weights of a Winograd convolution: those of a convolution
// (Cout,3,3,Cin), or, for the gradient of its input, the same turned by half a
// turn, with inputs and outputs exchanged.
type filters struct {
	w         []float32
	cin, cout int
	gradient  bool
}

// taps stores the taps which connect n channels from p on with a group of
// outputs from first on, as [panel][tap][channel][16], with zeros for outputs
// that do not exist.
func (f *filters) taps(dst []float32, first, p, n int) {
	raw := getScratch(9 * asm.Cols * n)
	defer raw.put()
	outputs := f.cout
	if f.gradient {
		outputs = f.cin
	}
	for j := first; j < min(first+winogradGroup, outputs); j += asm.Cols {
		panel := dst[(j-first)*9*n:][:9*n*asm.Cols]
		width := min(asm.Cols, outputs-j)
		if width < asm.Cols {
			clear(panel)
		}
		if f.gradient {
			for tap := range 9 {
				asm.CopyRows(panel[(8-tap)*n*asm.Cols:], asm.Cols, f.w[(p*9+tap)*f.cin+j:], 9*f.cin, n, width)
			}
			continue
		}
		// By way of a buffer: CopyRows knows how to fetch what lies far apart.
		asm.CopyRows(raw.data, n, f.w[j*9*f.cin+p:], f.cin, 9*width, n)
		for tap := range 9 {
			transposeInto(panel[tap*n*asm.Cols:], asm.Cols, raw.data[tap*n:], 9*n, width, n)
		}
	}
}

// prefetch asks the memory for part i of so many of what taps will read for a
// group of outputs from first on and n channels from p on.
func (f *filters) prefetch(first, p, n, i, parts int) {
	row, rows, col, width := 9*first, 9*min(winogradGroup, f.cout-first), p, n
	if f.gradient {
		row, rows, col, width = 9*p, 9*n, first, min(winogradGroup, f.cin-first)
	}
	lo, hi := rows*i/parts, rows*(i+1)/parts
	asm.PrefetchRows(f.w[(row+lo)*f.cin+col:], f.cin, hi-lo, width)
}
