package asm

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// beforeGuard returns a slice of n values whose last one is the last of a
// page; the next page cannot be read, so that a kernel that looks past the end
// crashes instead of getting away with it.
func beforeGuard(t *testing.T, rng *rand.Rand, n int) []float32 {
	page := unix.Getpagesize()
	pages := (4*n + page - 1) / page
	mem, err := unix.Mmap(-1, 0, (pages+1)*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Munmap(mem); err != nil {
			t.Error(err)
		}
	})
	if err := unix.Mprotect(mem[pages*page:], unix.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		return nil
	}
	s := unsafe.Slice((*float32)(unsafe.Pointer(&mem[pages*page-4*n])), n)
	fill(rng, s)
	return s
}

func TestNoReadPastTheEnd(t *testing.T) {
	implementations.each(t, func(t *testing.T, impl kernels) {
		rng := rand.New(rand.NewPCG(5, 6))
		for n := range 70 {
			x, y, z := beforeGuard(t, rng, n), beforeGuard(t, rng, n), beforeGuard(t, rng, n)
			impl.axpy(2, x, y)
			impl.dot(x, y)
			impl.biasReLU(x, y)
			impl.relu(z, y)
			impl.reluGrad(z, x, y)
		}
		PrefetchRows(beforeGuard(t, rng, 3*20+17), 20, 4, 17)
		for cols := 1; cols < 20; cols++ {
			impl.transpose(beforeGuard(t, rng, 8*cols), 8, beforeGuard(t, rng, 8*cols), cols, cols)
		}
		for _, k := range []int{1, 2, 3, 4, 5, 6, 7, 8, 13} {
			a, at := beforeGuard(t, rng, 6*k), beforeGuard(t, rng, 6*k)
			b, c := beforeGuard(t, rng, 2*16*k), beforeGuard(t, rng, 5*36+32)
			impl.sgemm(6, 2, k, a, k, 1, b, c, 36, true)
			impl.sgemm(6, 2, k, at, 1, 6, b, c, 36, false)
			impl.gram(18, k, beforeGuard(t, rng, (k-1)*7+18), 7, 0, beforeGuard(t, rng, 18*16), true)
			impl.gram(6, k, beforeGuard(t, rng, (k-1)*21+21), 21, 5, beforeGuard(t, rng, 6*16), false)
			for i := range c {
				if c[i] != c[i] {
					t.Fatalf("k=%d: c[%d] is NaN", k, i)
				}
			}
		}
	})
}

func TestPool2x2NoReadPastTheEnd(t *testing.T) {
	poolImplementations.each(t, func(t *testing.T, impl pools) {
		rng := rand.New(rand.NewPCG(7, 8))
		for channels := 1; channels < 27; channels++ {
			const windows = 3
			n := channels * windows
			y, top, bottom := beforeGuard(t, rng, n), beforeGuard(t, rng, 2*n), beforeGuard(t, rng, 2*n)
			// The last bytes before the page that cannot be read.
			whole := beforeGuard(t, rng, (n+3)/4)
			taps := unsafe.Slice((*uint8)(unsafe.Pointer(&whole[0])), 4*len(whole))[4*len(whole)-n:]
			impl.max(y, taps, top, bottom, channels)
			impl.maxGrad(top, bottom, y, taps, channels)
			impl.mean(y, top, bottom, channels)
			impl.meanGrad(top, bottom, y, channels)
		}
	})
}
