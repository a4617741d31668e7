package optim

import (
	"context"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// bumpy is a random objective: coupled quadratics of stiffness k, a quartic
// term that bounds it below, and waves that make it non-convex.
type bumpy struct {
	k     []float64
	waves float64
}

func (b bumpy) at(x, grad []float32) float64 {
	n, sum := len(x), 0.0
	clear(grad)
	for i := range x {
		j := (i + 1) % n
		z := float64(x[i]) + float64(x[j])/2 - 1
		sum += b.k[i]*z*z/2 + z*z*z*z/4 + b.waves*math.Cos(3*z)
		dz := b.k[i]*z + z*z*z - 3*b.waves*math.Sin(3*z)
		grad[i] += float32(dz)
		grad[j] += float32(dz / 2)
	}
	return sum + b.waves*float64(n)
}

// TestWolfeConditions checks every accepted step of runs on random objectives
// against the strong Wolfe conditions, with the step as it came out in
// float32, for as long as the value changes by more than rounding can explain.
func TestWolfeConditions(t *testing.T) {
	steps := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "n")
		b := bumpy{k: make([]float64, n), waves: rapid.Float64Range(0, 5).Draw(t, "waves")}
		x := make([]float32, n)
		for i := range x {
			b.k[i] = math.Exp(rapid.Float64Range(-4, 4).Draw(t, "log k"))
			x[i] = float32(rapid.Float64Range(-10, 10).Draw(t, "x"))
		}
		rounding := 1e-6 * math.Abs(b.at(x, make([]float32, n)))
		before, g0, g1, s := append([]float32{}, x...), make([]float32, n), make([]float32, n), make([]float32, n)
		result, err := Minimize(context.Background(), b.at, x, Options{MaxIterations: 60, OnIteration: func(r Result) {
			f0, f1 := b.at(before, g0), b.at(x, g1)
			sub(s, x, before)
			copy(before, x)
			if f1 != r.Value {
				t.Fatalf("iteration %d reports %v, f(x) = %v", r.Iterations, r.Value, f1)
			}
			if f1 >= f0 {
				t.Fatalf("iteration %d: the value rises from %v to %v", r.Iterations, f0, f1)
			}
			if f0-f1 < rounding {
				return
			}
			steps++
			slope0, slope1 := dot(g0, s), dot(g1, s)
			if f1 > f0+0.99*c1*slope0 {
				t.Fatalf("iteration %d: value %v to %v, slope %v: too little decrease", r.Iterations, f0, f1, slope0)
			}
			if !(math.Abs(slope1) <= 1.01*c2*math.Abs(slope0)) {
				t.Fatalf("iteration %d: slope %v to %v: curvature condition missed", r.Iterations, slope0, slope1)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if f := b.at(x, g1); f != result.Value {
			t.Fatalf("result has value %v, f(x) = %v", result.Value, f)
		}
	})
	if steps == 0 {
		t.Error("no step was checked")
	}
}

// TestCubicMinimizer: through values and slopes of a cubic it is exact.
func TestCubicMinimizer(t *testing.T) {
	at := func(t float64) point { // (t-2)^2 (t+4), minimum at 2, maximum at -2
		return point{t: t, value: (t - 2) * (t - 2) * (t + 4), slope: 2*(t-2)*(t+4) + (t-2)*(t-2)}
	}
	for _, ends := range [][2]float64{{0, 5}, {5, 0}, {0, 1}, {-1, 3}, {7, 3}} {
		if got := cubicMinimizer(at(ends[0]), at(ends[1])); !(math.Abs(got-2) <= 1e-12) {
			t.Errorf("from %v: %v, wants 2", ends, got)
		}
	}
	// t^3 + t rises everywhere.
	if got := cubicMinimizer(point{t: 0, slope: 1}, point{t: 1, value: 2, slope: 4}); !math.IsNaN(got) {
		t.Errorf("a cubic without a minimum has one at %v", got)
	}
}

func TestStepBounds(t *testing.T) {
	lo := point{t: 1, value: 0, slope: -1}
	for _, test := range []struct {
		name     string
		got      float64
		min, max float64
	}{
		{"hi not finite", interpolate(lo, point{t: 11, value: math.Inf(1)}), 2, 2},
		{"steep wall", interpolate(lo, point{t: 11, value: 1e12, slope: 1e12}), 2, 10},
		{"flat end", interpolate(lo, point{t: 11, value: 1e-9, slope: -1e-9}), 2, 10},
		{"hi on the left", interpolate(lo, point{t: 0, value: 1e9, slope: -1e9}), 0.1, 0.9},
		{"falls ever faster", extrapolate(point{}, point{t: 1, value: -10, slope: -30}), 5, 5},
		{"minimum just ahead", extrapolate(point{slope: -1}, point{t: 1, value: -0.5, slope: -1e-3}), 2, 2},
		{"minimum far ahead", extrapolate(point{slope: -1}, point{t: 1, value: -1, slope: -1 + 1e-12}), 5, 101},
	} {
		if !(test.got >= test.min && test.got <= test.max) {
			t.Errorf("%s: step %v, wants %v to %v", test.name, test.got, test.min, test.max)
		}
	}
}
