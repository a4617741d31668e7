package optim

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestBlocks compares the blockwise sums with plain loops around the borders
// of the blocks.
func TestBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 7, block - 1, block, block + 1, 2*block + 5} {
		x, y := randoms(rng, n), randoms(rng, n)
		want, size := 0.0, 0.0
		for i := range x {
			want += float64(x[i]) * float64(y[i])
			size += math.Abs(float64(x[i]) * float64(y[i]))
		}
		if got := dot(x, y); !(math.Abs(got-want) <= 1e-12*size) {
			t.Errorf("dot of %d elements: %v, wants %v", n, got, want)
		}
		z := append([]float32{}, y...)
		axpy(-1.5, x, z)
		for i := range z {
			want := float64(y[i]) - 1.5*float64(x[i])
			if !(math.Abs(float64(z[i])-want) <= 1e-6*(1+math.Abs(want))) {
				t.Fatalf("axpy of %d elements: z[%d] = %v, wants %v", n, i, z[i], want)
			}
		}

		moved := append([]float32{}, y...)
		if !move(moved, x, 0.25, y) != (n == 0) {
			t.Errorf("move of %d elements reports the contrary", n)
		}
		scaled, difference := append([]float32{}, x...), make([]float32, n)
		scale(3, scaled)
		sub(difference, x, y)
		largest := 0.0
		for i, v := range x {
			if moved[i] != float32(float64(v)+0.25*float64(y[i])) || scaled[i] != 3*v || difference[i] != v-y[i] {
				t.Fatalf("%d elements: [%d] of %v and %v: moved %v, scaled %v, difference %v", n, i, v, y[i], moved[i], scaled[i], difference[i])
			}
			largest = max(largest, math.Abs(float64(v)))
		}
		if got := maxAbs(x); got != largest {
			t.Errorf("maxAbs of %d elements is %v, wants %v", n, got, largest)
		}
		if n > 0 {
			if zero := make([]float32, n); move(moved, x, 1, zero) {
				t.Errorf("move of %d elements by nothing reports a move", n)
			}
			x[n-1] = float32(math.NaN())
			if got := maxAbs(x); got == got {
				t.Errorf("maxAbs of %d elements with a NaN is %v", n, got)
			}
		}
	}
}

func TestMaxAbs(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, test := range []struct {
		x    []float32
		want float64
	}{
		{nil, 0},
		{[]float32{1, -3, 2}, 3},
		{[]float32{1, inf}, math.Inf(1)},
		{[]float32{nan, 1}, math.NaN()},
		{[]float32{1, nan, inf}, math.NaN()},
	} {
		got := maxAbs(test.x)
		if got != test.want && !(math.IsNaN(got) && math.IsNaN(test.want)) {
			t.Errorf("maxAbs(%v) = %v, wants %v", test.x, got, test.want)
		}
	}
}

// TestScaleRange: the factor may be too small for a float32.
func TestScaleRange(t *testing.T) {
	x := []float32{2e38, -1e38}
	scale(1e-46, x)
	if !(math.Abs(float64(x[0])-2e-8) <= 1e-14 && math.Abs(float64(x[1])+1e-8) <= 1e-14) {
		t.Errorf("scaled to %v, wants [2e-08 -1e-08]", x)
	}
}
