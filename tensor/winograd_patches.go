package tensor

import "github.com/brushgrad/brushgrad/asm"

// patches is the side of a Winograd convolution that is read: a batch of
// pictures with a border, and, for the gradient behind a ReLU, a mask of what
// counts.
//
// With taps, the picture is the gradient behind a max pooling by windows of 2x2:
// x holds the gradient of the pooled picture, (N,H/2,W/2,C).
type patches struct {
	x         []float32 // (N,H,W,C)
	h, w, c   int
	mask      []uint8 // a bit for each value of x; nil keeps all
	taps      []uint8 // of the pooling, see TapsLen; nil for none
	top, left int     // of the border
	mode      PadMode
}

// stripTiles returns for how many tiles side by side to gather patches at a
// time, so that these stay in the first-level cache or near it.
func stripTiles(channels int) int { return max(1, 512/channels) }

// stripSize returns the number of values that gathering takes: of patches that
// are widened to whole windows of a pooling, and of a row of the pooled picture.
func stripSize(channels int) int {
	width := stripTiles(channels)*asm.WinogradTile + 4
	return (asm.WinogradPatch+2)*width*channels + width/2*channels
}

// patch returns the patches of n tiles side by side, the first of which begins
// at pixel (row,col), and the distance of their rows. Where nothing has to be
// done to them they are where they were; otherwise they are copied to strip.
func (s *patches) patch(strip []float32, image, row, col, n int) (src []float32, rowStride int) {
	if s.taps != nil {
		return s.unpool(strip, image, row, col, n)
	}
	return s.region(strip, image, row, col, asm.WinogradPatch, n*asm.WinogradTile+2)
}

// region is patch for any number of rows and columns, without a pooling.
func (s *patches) region(strip []float32, image, row, col, height, width int) (src []float32, rowStride int) {
	if s.mask == nil && row >= 0 && col >= 0 && row+height <= s.h && col+width <= s.w {
		return s.x[((image*s.h+row)*s.w+col)*s.c:], s.w * s.c
	}
	for i := range height {
		s.gather(strip[i*width*s.c:][:width*s.c], image, row+i, col)
	}
	return strip, width * s.c
}

// unpool is patch for the gradient behind a pooling. The strip begins at a
// window, at most one row and column before the patches.
func (s *patches) unpool(strip []float32, image, row, col, n int) (src []float32, rowStride int) {
	h, w := s.h/2, s.w/2
	first, left := row>>1, col>>1
	windows := (col+n*asm.WinogradTile+3)>>1 - left
	rowStride = 2 * windows * s.c
	masked := strip[len(strip)-windows*s.c:]
	lo, hi := min(max(0, -left), windows), max(0, min(windows, w-left))
	for i := first; 2*i < row+asm.WinogradPatch; i++ {
		top := strip[2*(i-first)*rowStride:][:rowStride]
		bottom := strip[(2*(i-first)+1)*rowStride:][:rowStride]
		if i < 0 || i >= h || lo >= hi {
			clear(top)
			clear(bottom)
			continue
		}
		for _, r := range [][]float32{top, bottom} {
			clear(r[:2*lo*s.c])
			clear(r[2*hi*s.c:])
		}
		at := ((image*h+i)*w + left + lo) * s.c
		dy := masked[:(hi-lo)*s.c]
		s.copy(dy, at)
		s.unpoolRow(top[2*lo*s.c:2*hi*s.c], bottom[2*lo*s.c:], dy, at)
	}
	return strip[(row-2*first)*rowStride+(col-2*left)*s.c:], rowStride
}

// unpoolRow gives each gradient of a row to the pixel of its window that the
// tap names. The first one has element at of the taps.
func (s *patches) unpoolRow(top, bottom, dy []float32, at int) {
	var buffer [2048]uint8
	taps := buffer[:]
	if s.c > len(taps) {
		taps = make([]uint8, s.c)
	}
	most := len(taps) / s.c * s.c
	for len(dy) > 0 {
		n := min(most, len(dy))
		unpackTaps(taps[:n], s.taps[at/4:])
		asm.MaxPool2x2Grad(top, bottom, dy[:n], taps[:n], s.c)
		top, bottom, dy, at = top[2*n:], bottom[2*n:], dy[n:], at+n
	}
}

// gather copies the pixels of a row from (row,col) on to dst.
func (s *patches) gather(dst []float32, image, row, col int) {
	row = s.index(row, s.h)
	if row < 0 {
		clear(dst)
		return
	}
	width := len(dst) / s.c
	line := (image*s.h + row) * s.w
	lo, hi := min(max(0, -col), width), max(0, min(width, s.w-col))
	if lo < hi {
		s.copy(dst[lo*s.c:hi*s.c], (line+col+lo)*s.c)
	}
	for q := 0; q < width; q++ {
		if q == lo && lo < hi {
			q = hi - 1
			continue
		}
		pixel := dst[q*s.c:][:s.c]
		if at := s.index(col+q, s.w); at < 0 {
			clear(pixel)
		} else {
			s.copy(pixel, (line+at)*s.c)
		}
	}
}

// index is mode.index, and -1 for what lies beyond the border too: where tiles
// hang over the edge nobody looks at the outcome.
func (s *patches) index(i, n int) int {
	if i = s.mode.index(i, n); i < n {
		return i
	}
	return -1
}

// copy copies values from x, masked.
func (s *patches) copy(dst []float32, at int) {
	if s.mask == nil {
		copy(dst, s.x[at:])
		return
	}
	asm.MaskGrad(dst, s.x[at:][:len(dst)], s.mask[at/8:])
}
