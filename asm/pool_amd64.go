//go:build !purego

package asm

//go:noescape
func maxPool2x2AVX2(windows, channels int, y *float32, taps *uint8, top, bottom *float32)

//go:noescape
func maxPool2x2GradAVX2(windows, channels int, dtop, dbottom, dy *float32, taps *uint8)

//go:noescape
func meanPool2x2AVX2(windows, channels int, y, top, bottom *float32)

//go:noescape
func meanPool2x2GradAVX2(windows, channels int, dtop, dbottom, dy *float32)

// There is at least one window: their callers see to it.

func maxPool2x2(y []float32, taps []uint8, top, bottom []float32, channels int) {
	if haveAVX2 {
		maxPool2x2AVX2(len(y)/channels, channels, &y[0], &taps[0], &top[0], &bottom[0])
		return
	}
	maxPool2x2Generic(y, taps, top, bottom, channels)
}

func maxPool2x2Grad(dtop, dbottom, dy []float32, taps []uint8, channels int) {
	if haveAVX2 {
		maxPool2x2GradAVX2(len(dy)/channels, channels, &dtop[0], &dbottom[0], &dy[0], &taps[0])
		return
	}
	maxPool2x2GradGeneric(dtop, dbottom, dy, taps, channels)
}

func meanPool2x2(y, top, bottom []float32, channels int) {
	if haveAVX2 {
		meanPool2x2AVX2(len(y)/channels, channels, &y[0], &top[0], &bottom[0])
		return
	}
	meanPool2x2Generic(y, top, bottom, channels)
}

func meanPool2x2Grad(dtop, dbottom, dy []float32, channels int) {
	if haveAVX2 {
		meanPool2x2GradAVX2(len(dy)/channels, channels, &dtop[0], &dbottom[0], &dy[0])
		return
	}
	meanPool2x2GradGeneric(dtop, dbottom, dy, channels)
}
