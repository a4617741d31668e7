//go:build !purego

package asm

//go:noescape
func biasReLUMaskAVX2(n int, y, bias *float32, mask *uint8)

//go:noescape
func maskGradAVX2(n int, dst, dy *float32, mask *uint8)

// firstByte is first for a mask.
func firstByte(s []uint8) *uint8 {
	if len(s) == 0 {
		return nil
	}
	return &s[0]
}

func biasReLUMask(y, bias []float32, mask []uint8) {
	if haveAVX2 {
		biasReLUMaskAVX2(len(bias), first(y), first(bias), firstByte(mask))
		return
	}
	biasReLUMaskGeneric(y, bias, mask)
}

func maskGrad(dst, dy []float32, mask []uint8) {
	if haveAVX2 {
		maskGradAVX2(len(dy), first(dst), first(dy), firstByte(mask))
		return
	}
	maskGradGeneric(dst, dy, mask)
}
