// Package asm holds the SIMD kernels of the engine and nothing else.
//
// Each kernel is written three times over in spirit: the doc comment is its
// reference loop, a plain Go twin is compiled everywhere, and a hand-written
// AVX2+FMA version serves x86-64 processors that have both instruction sets,
// decided once at start-up. The build tag purego leaves the assembly out. Both
// versions run the very same tests. (PrefetchRows computes nothing, and is
// assembly or nothing.)
//
// The kernels know nothing of tensors. They check the lengths of their
// slices and panic when one is too short; past that check the assembly reads
// and writes exactly the elements its doc comment names, never beyond.
//
// A goroutine cannot be pre-empted inside assembly, so callers keep one call
// under about a millisecond: a few hundred thousand elements.
package asm
