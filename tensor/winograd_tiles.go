package tensor

import "github.com/brushgrad/brushgrad/asm"

// tiles is the side of a Winograd convolution that is written: a batch of
// pictures cut into tiles of 4x4 pixels, and what is done to a tile before it
// is stored.
type tiles struct {
	y          []float32 // (N,H,W,C)
	h, w, c    int
	rows, cols int // tiles in a picture
	bias       []float32
	relu       bool
	mask       []uint8 // gets a bit for each value of y, set where it is positive; or nil
	accumulate bool    // add to y

	// With taps, a max pooling by windows of 2x2 follows: y is (N,H/2,W/2,C), and
	// taps gets the places of its maxima, see TapsLen.
	taps []uint8

	// For the gradient of a picture with a border that shows its own pixels, the
	// tiles cover the border too, and its gradients go here. Otherwise it is zero.
	ring ring
}

// tileScratch is the number of values that store needs: a tile of a group, and
// the tile pooled.
const tileScratch = (asm.WinogradTile*asm.WinogradTile + asm.WinogradTile/2*asm.WinogradTile/2) * winogradGroup

// cut sets the number of tiles.
func (s *tiles) cut() {
	s.rows = (s.ring.Top + s.h + s.ring.Bottom + asm.WinogradTile - 1) / asm.WinogradTile
	s.cols = (s.ring.Left + s.w + s.ring.Right + asm.WinogradTile - 1) / asm.WinogradTile
}

// position returns where tile t stands: its picture, and its row and column
// among the tiles of that.
func (s *tiles) position(t int) (image, row, col int) {
	return t / (s.rows * s.cols), t / s.cols % s.rows, t % s.cols
}

// store transforms the products m of tile t back and stores n channels from
// first on. scratch has room for tileScratch values.
func (s *tiles) store(m []float32, stride, t, first, n int, scratch []float32) {
	image, row, col := s.position(t)
	y, x := row*asm.WinogradTile-s.ring.Top, col*asm.WinogradTile-s.ring.Left
	var bias []float32
	if s.bias != nil {
		bias = s.bias[first:]
	}
	if s.taps != nil {
		s.storePooled(m, stride, image, row, col, first, n, bias, scratch)
		return
	}
	if y >= 0 && x >= 0 && y+asm.WinogradTile <= s.h && x+asm.WinogradTile <= s.w {
		at := ((image*s.h+y)*s.w+x)*s.c + first
		var mask []uint8
		if s.mask != nil {
			mask = s.mask[at/8:]
		}
		asm.WinogradOutput(n, s.y[at:], s.w*s.c, s.c, m, stride, bias, mask, s.relu, s.accumulate)
		return
	}
	// A tile that hangs over an edge: pixel by pixel.
	var bits [asm.WinogradTile * asm.WinogradTile * winogradGroup / 8]uint8
	asm.WinogradOutput(n, scratch, asm.WinogradTile*n, n, m, stride, bias, bits[:], s.relu, false)
	for i := range asm.WinogradTile {
		for j := range asm.WinogradTile {
			pixel := scratch[(i*asm.WinogradTile+j)*n:][:n]
			if y+i >= s.h+s.ring.Bottom || x+j >= s.w+s.ring.Right {
				continue
			}
			if y+i < 0 || x+j < 0 || y+i >= s.h || x+j >= s.w {
				copy(s.ring.at(image, y+i, x+j)[first:], pixel)
				continue
			}
			at := ((image*s.h+y+i)*s.w+x+j)*s.c + first
			if s.mask != nil {
				copy(s.mask[at/8:], bits[(i*asm.WinogradTile+j)*n/8:][:n/8])
			}
			if s.accumulate {
				asm.Axpy(1, pixel, s.y[at:])
			} else {
				copy(s.y[at:], pixel)
			}
		}
	}
}

// storePooled is store with a pooling. A maximum stays one when the same bias is
// added to all values, so bias and ReLU can wait until three quarters of the
// values are gone.
func (s *tiles) storePooled(m []float32, stride, image, row, col, first, n int, bias, scratch []float32) {
	const side = asm.WinogradTile / 2
	full, pooled := scratch[:4*side*side*n], scratch[4*side*side*n:]
	asm.WinogradOutput(n, full, 2*side*n, n, m, stride, nil, nil, false, false)
	var taps [side * winogradGroup]uint8
	for i := range min(side, s.h/2-row*side) {
		line := pooled[:side*n]
		asm.MaxPool2x2(line, taps[:side*n], full[2*i*2*side*n:], full[(2*i+1)*2*side*n:], n)
		for j := range min(side, s.w/2-col*side) {
			at := ((image*(s.h/2)+row*side+i)*(s.w/2)+col*side+j)*s.c + first
			y := s.y[at:][:n]
			copy(y, line[j*n:])
			packTaps(s.taps[at/4:], taps[j*n:][:n])
			asm.BiasReLUMask(y, bias[:n], s.mask[at/8:])
		}
	}
}
