//go:build !amd64 || purego

package asm

func biasReLUMask(y, bias []float32, mask []uint8) { biasReLUMaskGeneric(y, bias, mask) }

func maskGrad(dst, dy []float32, mask []uint8) { maskGradGeneric(dst, dy, mask) }
