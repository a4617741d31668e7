package optim

import (
	"context"
	"math"
	"slices"
	"testing"
)

// wells is a sum of functions of one part of x each, of the given lengths:
//
//	sum over i of c_i (x_i - 1)^2 (x_i + 1)^2,   c_i from 1 to 8, times 1000 in every second part
//
// Below |x| = 0.58 it is curved downwards. The last part counts nothing.
func wells(lengths ...int) Func {
	return func(x, grad []float32) float64 {
		sum, at := 0.0, 0
		for part, n := range lengths {
			for i := at; i < at+n; i++ {
				c, v := float64(1+i%8), float64(x[i])
				if part%2 == 1 {
					c *= 1000
				}
				if part == len(lengths)-1 {
					c = 0
				}
				sum += c * (v*v - 1) * (v*v - 1)
				grad[i] = float32(4 * c * v * (v*v - 1))
			}
			at += n
		}
		return sum
	}
}

// TestPartsLearnSeparately compares the direction in each part, after each
// iteration, with the explicit formula for the pairs of this part alone. The first
// part starts where it is curved downwards, so that its first pairs are refused.
func TestPartsLearnSeparately(t *testing.T) {
	lengths := []int{3, 4, 9, 2}
	const n, m = 18, 3
	f := wells(lengths...)
	x := make([]float32, n)
	for i := range x {
		x[i] = 0.7 + float32(i)/12
	}
	copy(x, []float32{0.1, 0.12, 0.14})
	oldX, oldGrad, grad := slices.Clone(x), make([]float32, n), make([]float32, n)
	f(x, oldGrad)

	l := &LBFGS{History: m, Parts: lengths}
	s, y := make([][][]float32, len(lengths)), make([][][]float32, len(lengths)) // pairs of each part
	gamma := make([]float64, len(lengths))
	refused := 0
	_, err := Minimize(context.Background(), f, x, Options{Method: l, MaxIterations: 8, OnIteration: func(at Result) {
		f(x, grad)
		ds, dy := make([]float32, n), make([]float32, n)
		sub(ds, x, oldX)
		sub(dy, grad, oldGrad)
		lo := 0
		for part, length := range lengths {
			hi := lo + length
			curvature := dot(ds[lo:hi], dy[lo:hi])
			switch {
			case curvature > 0:
				s[part], y[part] = append(s[part], ds[lo:hi]), append(y[part], dy[lo:hi])
				gamma[part] = curvature / dot(dy[lo:hi], dy[lo:hi])
			case at.Iterations == 1: // the step was t along -g
				gamma[part] = math.Sqrt(dot(ds, ds) / dot(oldGrad, oldGrad))
			}
			if part == 0 && curvature < 0 {
				refused++
			}
			// The ring has no room for more than m, and a pair that is refused has
			// taken the place of one.
			if kept := m; len(s[part]) >= kept {
				if !(curvature > 0) {
					kept--
				}
				s[part], y[part] = s[part][len(s[part])-kept:], y[part][len(y[part])-kept:]
			}
			h := &l.memories[part]
			if h.stored != len(s[part]) {
				t.Fatalf("iteration %d: part %d has %d pairs, wants %d", at.Iterations, part, h.stored, len(s[part]))
			}
			got := make([]float32, length)
			h.multiply(got, grad[lo:hi])
			for i, want := range explicitDirection(gamma[part], s[part], y[part], grad[lo:hi]) {
				if !(math.Abs(float64(got[i])-want) <= 1e-4*(math.Abs(want)+1e-3)) {
					t.Errorf("iteration %d: part %d: direction[%d] = %g, explicitly %g", at.Iterations, part, i, got[i], want)
				}
			}
			lo = hi
		}
		copy(oldX, x)
		copy(oldGrad, grad)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if refused == 0 {
		t.Error("no pair of the first part was refused")
	}
}

// TestPartsHelp: with the right parts, two problems at once take little longer
// than the harder one alone; with one memory for both, they take far longer.
func TestPartsHelp(t *testing.T) {
	lengths := []int{40, 40, 1}
	iterations := func(first, second int, parts []int) int { // with so many variables of each
		x := make([]float32, first+second+1)
		for i := range x {
			x[i] = 0.7 + float32(i%40)/40
		}
		result, err := Minimize(context.Background(), wells(first, second, 1), x, Options{
			Method: &LBFGS{History: 5, Parts: parts}, GradientTolerance: 1e-2,
		})
		if err != nil || result.Status != Converged {
			t.Fatalf("parts %d: %v, %v", parts, result, err)
		}
		return result.Iterations
	}
	alone := max(iterations(40, 0, nil), iterations(0, 40, nil))
	shared, apart := iterations(40, 40, nil), iterations(40, 40, lengths)
	t.Logf("%d iterations with one memory, %d with one for each part, at most %d alone", shared, apart, alone)
	if !(4*apart <= 5*alone) || !(4*apart < shared) {
		t.Errorf("%d iterations with parts, %d without, %d alone; want at most a quarter more than alone, and less than a quarter of those without", apart, shared, alone)
	}
}

// TestCurvatureGuard: a pair is refused where s'y is below 1e-7 |s||y|, as noise.
func TestCurvatureGuard(t *testing.T) {
	for _, test := range []struct {
		slope float32 // s'y / |s||y|, nearly
		want  int
	}{{1e-6, 1}, {2e-7, 1}, {5e-8, 0}, {-1e-6, 0}} {
		h := newMemory(3, 0, 2)
		h.learn([]float32{0, 0}, []float32{3, 0}, []float32{0, 0}, []float32{2 * test.slope, 2})
		if h.stored != test.want {
			t.Errorf("%d pairs after one with s'y = %g |s||y|, want %d", h.stored, test.slope, test.want)
		}
	}
}

// TestOnePartIsNone: naming all of x as the only part changes nothing, to the bit.
func TestOnePartIsNone(t *testing.T) {
	run := func(parts []int) []float32 {
		x := []float32{0.1, 0.9, -0.4, 1.3, 2}
		if _, err := Minimize(context.Background(), wells(2, 2, 1), x, Options{Method: &LBFGS{Parts: parts}, MaxIterations: 9}); err != nil {
			t.Fatal(err)
		}
		return x
	}
	if got, want := run([]int{5}), run(nil); !slices.Equal(got, want) {
		t.Errorf("with one part %v, without %v", got, want)
	}
}
