package asm

import (
	"math/rand/v2"
	"testing"
)

// TestWinogradReadsNotPastTheEnd ends every operand at a page that cannot be
// read.
func TestWinogradReadsNotPastTheEnd(t *testing.T) {
	winogradImplementations.each(t, func(t *testing.T, impl winogradKernels) {
		rng := rand.New(rand.NewPCG(11, 4))
		for _, n := range []int{8, 16, 24} {
			for tiles := 1; tiles < 4; tiles++ {
				row, freq := (4*tiles+2)*n, tiles*n
				impl.input(tiles, n, beforeGuard(t, rng, 36*freq), n, freq, beforeGuard(t, rng, 6*row), row, n)
				impl.output(n, beforeGuard(t, rng, 16*n), 4*n, n, beforeGuard(t, rng, 36*n), n,
					beforeGuard(t, rng, n), bytesBeforeGuard(t, rng, 2*n), true, true)
				impl.outputGrad(tiles, n, beforeGuard(t, rng, 36*freq), n, freq, beforeGuard(t, rng, 16*freq), 4*freq, n)
				impl.filterGrad(n, beforeGuard(t, rng, 9*n), n, beforeGuard(t, rng, 36*n), n)
				for i := range 6 {
					impl.filter(tiles, i, beforeGuard(t, rng, 6*16*tiles), 16*tiles, beforeGuard(t, rng, 9*16*tiles))
				}
				CopyRows(beforeGuard(t, rng, 3*n), n, beforeGuard(t, rng, 2*(n+5)+n), n+5, 3, n)
			}
		}
	})
}
