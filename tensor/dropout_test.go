package tensor_test

import (
	"math"
	"math/bits"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestDropoutMask counts bits, and pairs of neighbours that are both set, to four
// standard deviations. (The comparison with PyTorch in package autodiff knows the
// bits themselves.)
func TestDropoutMask(t *testing.T) {
	const n = 1 << 20
	for seed, p := range []float64{0.5, 0.1, 0.9} {
		mask := make([]uint8, tensor.MaskLen(n))
		tensor.DropoutMask(mask, n, p, uint64(seed))
		set, pairs := 0, 0
		for i, b := range mask {
			set += bits.OnesCount8(b)
			next := mask[(i+1)%len(mask)] & 1
			pairs += bits.OnesCount8(b & (b>>1 | next<<7))
		}
		check := func(what string, count int, q float64) {
			if d := math.Abs(float64(count) - n*q); d > 4*math.Sqrt(n*q*(1-q)) {
				t.Errorf("p = %v: %d %s of %d, want %v", p, count, what, n, n*q)
			}
		}
		check("bits", set, 1-p)
		check("pairs", pairs, (1-p)*(1-p))
		other := make([]uint8, len(mask))
		tensor.DropoutMask(other, n, p, uint64(seed)+1)
		both := 0
		for i, b := range mask {
			both += bits.OnesCount8(b & other[i])
		}
		check("bits of two seeds", both, (1-p)*(1-p))
	}
	mask := []uint8{0, 0}
	tensor.DropoutMask(mask, 11, 0, 1)
	if mask[0] != 255 || mask[1]&7 != 7 {
		t.Errorf("p = 0 leaves %b", mask)
	}
}

// TestDropout compares with the definition, over several blocks and with a rest,
// and drops NaN and infinity like any other value.
func TestDropout(t *testing.T) {
	rng := newRand(1)
	for _, n := range []int{longEnough, 3, 8, 0} {
		x, want := tensor.Random(rng, n), tensor.New(n)
		mask := make([]uint8, tensor.MaskLen(n))
		tensor.DropoutMask(mask, n, 0.3, 1)
		for i, v := range x.Data() {
			if mask[i/8]>>(i%8)&1 != 0 {
				want.Data()[i] = float32(1/0.7) * v
			} else if i%3 == 0 {
				x.Data()[i] = float32(math.NaN())
			} else if i%3 == 1 {
				x.Data()[i] = float32(math.Inf(1))
			}
		}
		y := dirty(n)
		tensor.Dropout(y, x, mask, 0.3)
		checkEqual(t, "y", y, want)
		tensor.Dropout(x, x, mask, 0.3)
		checkEqual(t, "y in place", x, want)
	}
}
