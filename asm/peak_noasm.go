//go:build !amd64 || purego

package asm

func fmaBurst(rounds int) { fmaBurstGeneric(rounds) }
