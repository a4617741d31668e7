//go:build !amd64 || purego

package asm

func maxPool2x2(y []float32, taps []uint8, top, bottom []float32, channels int) {
	maxPool2x2Generic(y, taps, top, bottom, channels)
}

func maxPool2x2Grad(dtop, dbottom, dy []float32, taps []uint8, channels int) {
	maxPool2x2GradGeneric(dtop, dbottom, dy, taps, channels)
}

func meanPool2x2(y, top, bottom []float32, channels int) {
	meanPool2x2Generic(y, top, bottom, channels)
}

func meanPool2x2Grad(dtop, dbottom, dy []float32, channels int) {
	meanPool2x2GradGeneric(dtop, dbottom, dy, channels)
}
