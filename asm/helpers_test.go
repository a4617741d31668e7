package asm

import (
	"math"
	"math/rand/v2"
	"testing"
)

// twins are a set of kernels in plain Go and as they are dispatched, which is in
// assembly where there is any.
type twins[K any] struct{ generic, dispatched K }

// each runs test on both. Without assembly they are the same, and the second is
// reported as skipped.
func (k twins[K]) each(t *testing.T, test func(t *testing.T, k K)) {
	t.Run("generic", func(t *testing.T) { test(t, k.generic) })
	t.Run("avx2", func(t *testing.T) {
		if !haveAVX2 {
			t.Skip("no AVX2+FMA here, or built with purego")
		}
		test(t, k.dispatched)
	})
}

// wantPanics checks that each of the calls panics.
func wantPanics(t *testing.T, calls map[string]func()) {
	t.Helper()
	for name, f := range calls {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

const canary = float32(-12345.5)

// guarded returns a slice of n random values that starts offset values into
// its array and is surrounded by canaries, and a function that checks them.
func guarded(rng *rand.Rand, n, offset int) ([]float32, func(t *testing.T, name string)) {
	const margin = 40
	all := make([]float32, offset+n+margin)
	for i := range all {
		all[i] = canary
	}
	s := all[offset : offset+n : offset+n]
	fill(rng, s)
	return s, func(t *testing.T, name string) {
		t.Helper()
		for i, v := range all {
			if (i < offset || i >= offset+n) && v != canary {
				t.Fatalf("%s: n=%d offset=%d: value %d outside the slice was overwritten", name, n, offset, i-offset)
			}
		}
	}
}

func fill(rng *rand.Rand, s []float32) {
	for i := range s {
		s[i] = float32(rng.NormFloat64())
	}
}

var nan = float32(math.NaN())

// same reports whether two float32 are equal, a NaN counting as equal to a NaN.
func same(a, b float32) bool { return a == b || a != a && b != b }
