//go:build !purego

package asm

func fmaBurstAVX2(rounds int)

func fmaBurst(rounds int) {
	if haveAVX2 {
		fmaBurstAVX2(rounds)
		return
	}
	fmaBurstGeneric(rounds)
}
