package asm

import "fmt"

// MaxPool2x2 stores the maxima of a row of windows of 2x2 pixels, which do not
// overlap, and which of the four pixels each came from. top and bottom are the
// two rows of pixels, of channels values each:
//
//	for q := range len(y) / channels {
//		for i := range channels {
//			o, p := q*channels+i, 2*q*channels+i
//			best, tap := top[p], uint8(0)
//			for t, v := range []float32{top[p+channels], bottom[p], bottom[p+channels]} {
//				if v > best || v != v {
//					best, tap = v, uint8(t+1)
//				}
//			}
//			y[o], taps[o] = best, tap
//		}
//	}
//
// So of equal values the first wins, and of several NaN the last. It panics
// unless y holds whole pixels, taps as many values, and top and bottom twice
// as many.
func MaxPool2x2(y []float32, taps []uint8, top, bottom []float32, channels int) {
	checkPool2x2("MaxPool2x2", len(y), len(taps), len(top), len(bottom), channels)
	if len(y) > 0 {
		maxPool2x2(y, taps, top, bottom, channels)
	}
}

// MaxPool2x2Grad is the adjoint of MaxPool2x2. It gives each gradient to the
// pixel that the maximum came from, and zero to the others:
//
//	for q := range len(dy) / channels {
//		for i := range channels {
//			o, p := q*channels+i, 2*q*channels+i
//			for t, v := range []*float32{&dtop[p], &dtop[p+channels], &dbottom[p], &dbottom[p+channels]} {
//				*v = 0
//				if int(taps[o]) == t {
//					*v += dy[o]
//				}
//			}
//		}
//	}
//
// It panics unless dy holds whole pixels, taps as many values, and dtop and
// dbottom twice as many.
func MaxPool2x2Grad(dtop, dbottom, dy []float32, taps []uint8, channels int) {
	checkPool2x2("MaxPool2x2Grad", len(dy), len(taps), len(dtop), len(dbottom), channels)
	if len(dy) > 0 {
		maxPool2x2Grad(dtop, dbottom, dy, taps, channels)
	}
}

// MeanPool2x2 stores the means of a row of windows of 2x2 pixels, laid out as
// for MaxPool2x2:
//
//	for q := range len(y) / channels {
//		for i := range channels {
//			p := 2*q*channels + i
//			y[q*channels+i] = (top[p] + top[p+channels] + bottom[p] + bottom[p+channels]) * 0.25
//		}
//	}
//
// It panics unless y holds whole pixels, and top and bottom twice as many
// values.
func MeanPool2x2(y, top, bottom []float32, channels int) {
	checkPool2x2("MeanPool2x2", len(y), len(y), len(top), len(bottom), channels)
	if len(y) > 0 {
		meanPool2x2(y, top, bottom, channels)
	}
}

// MeanPool2x2Grad is the adjoint of MeanPool2x2. It gives each pixel of a
// window a quarter of the gradient:
//
//	for q := range len(dy) / channels {
//		for i := range channels {
//			p, v := 2*q*channels+i, 0+dy[q*channels+i]*0.25
//			dtop[p], dtop[p+channels], dbottom[p], dbottom[p+channels] = v, v, v, v
//		}
//	}
//
// It panics unless dy holds whole pixels, and dtop and dbottom twice as many
// values.
func MeanPool2x2Grad(dtop, dbottom, dy []float32, channels int) {
	checkPool2x2("MeanPool2x2Grad", len(dy), len(dy), len(dtop), len(dbottom), channels)
	if len(dy) > 0 {
		meanPool2x2Grad(dtop, dbottom, dy, channels)
	}
}

func checkPool2x2(op string, y, taps, top, bottom, channels int) {
	if channels < 1 || y%channels != 0 || taps < y || top < 2*y || bottom < 2*y {
		panic(fmt.Sprintf("asm: %s: %d outputs with %d taps do not fit rows of %d and %d values and %d channels", op, y, taps, top, bottom, channels))
	}
}
