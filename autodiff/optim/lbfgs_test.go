package optim

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// explicitDirection returns -H g, with H updated pair by pair as a dense
// float64 matrix by the BFGS formula (Nocedal & Wright, equation 6.17),
// starting from gamma times the identity.
func explicitDirection(gamma float64, s, y [][]float32, g []float32) []float64 {
	n := len(g)
	h := mat.NewDense(n, n, nil)
	for i := range n {
		h.Set(i, i, gamma)
	}
	for k := range s {
		sv, yv := vector(s[k]), vector(y[k])
		rho := 1 / mat.Dot(sv, yv)
		var left, next mat.Dense
		left.Outer(-rho, sv, yv)
		for i := range n {
			left.Set(i, i, left.At(i, i)+1)
		}
		next.Product(&left, h, left.T())
		var ss mat.Dense
		ss.Outer(rho, sv, sv)
		h.Add(&next, &ss)
	}
	var d mat.VecDense
	d.MulVec(h, vector(g))
	d.ScaleVec(-1, &d)
	return d.RawVector().Data
}

func vector(x []float32) *mat.VecDense {
	v := mat.NewVecDense(len(x), nil)
	for i, e := range x {
		v.SetVec(i, float64(e))
	}
	return v
}

func randoms(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// TestTwoLoopRecursion feeds an LBFGS with steps on a random convex quadratic
// and compares its direction with the explicit one, also after the oldest pairs
// have been overwritten and after a pair was refused.
func TestTwoLoopRecursion(t *testing.T) {
	const n = 7
	rng := rand.New(rand.NewPCG(1, 2))
	for _, m := range []int{1, 2, 5, 10} {
		l := &LBFGS{History: m}
		l.start(n)
		l.prepare(n)
		r := &run{x: randoms(rng, n), grad: randoms(rng, n)}
		var s, y [][]float32
		for step := range 13 {
			copy(l.direction, randoms(rng, n))
			ds := make([]float32, n)
			move(l.line.trialX, r.x, 0.5, l.direction)
			sub(ds, l.line.trialX, r.x)
			dy, next := make([]float32, n), make([]float32, n)
			for i := range dy { // a tridiagonal, positive definite Hessian
				v := float64(i+2) * float64(ds[i])
				if i > 0 {
					v -= float64(ds[i-1]) / 2
				}
				if i < n-1 {
					v -= float64(ds[i+1]) / 2
				}
				if step == 8 {
					v = -v // negative curvature
				}
				next[i] = r.grad[i] + float32(v)
			}
			sub(dy, next, r.grad)
			l.take(r, point{t: 0.5, value: 1, grad: next})
			if step == 8 {
				if len(s) == m {
					s, y = s[1:], y[1:]
				}
			} else {
				s, y = append(s, ds), append(y, dy)
				if len(s) > m {
					s, y = s[1:], y[1:]
				}
			}
			h := &l.memories[0]
			if h.stored != len(s) {
				t.Fatalf("history %d, step %d: %d pairs stored, wants %d", m, step, h.stored, len(s))
			}
			if len(s) == 0 {
				continue
			}
			g := randoms(rng, n)
			h.measure(g, (h.next+m-1)%m)
			h.multiply(l.direction, g)
			for i, want := range explicitDirection(h.gamma, s, y, g) {
				if got := float64(l.direction[i]); !(math.Abs(got-want) <= 1e-5*(1+math.Abs(want))) {
					t.Errorf("history %d, step %d: direction[%d] = %g, explicitly %g", m, step, i, got, want)
				}
			}
		}
	}
}

// TestSecantEquation: gamma is s'y / y'y of the newest pair that was
// accepted, whose secant equation H y = s the direction meets.
func TestSecantEquation(t *testing.T) {
	l := &LBFGS{}
	l.start(3)
	l.prepare(3)
	r := &run{x: []float32{0, 0, 0}, grad: []float32{0, 0, 0}}
	copy(l.direction, []float32{1, 2, 4})
	y := []float32{2, 1, 8}
	l.take(r, point{t: 1, value: 1, grad: y})
	h := &l.memories[0]
	if want := 36. / 69; !(math.Abs(h.gamma-want) <= 1e-15) {
		t.Errorf("gamma = %v, wants %v", h.gamma, want)
	}
	h.multiply(l.direction, y) // the gradient at the point that was taken
	for i, want := range []float32{-1, -2, -4} {
		if got := l.direction[i]; !(math.Abs(float64(got-want)) <= 1e-6) {
			t.Errorf("-H y = %v, wants -s = [-1 -2 -4]", l.direction)
		}
	}
}

func TestFirstStep(t *testing.T) {
	for _, test := range []struct {
		name string
		r    run
		want float64
	}{
		{"four times f/g'g", run{Result: Result{Value: 50, GradientNorm: 10}, x: []float32{100, -200}}, 200 / 100.},
		{"a negative value", run{Result: Result{Value: -50, GradientNorm: 10}, x: []float32{100, -200}}, 200 / 100.},
		{"bounded by x", run{Result: Result{Value: 5e9, GradientNorm: 10}, x: []float32{100, -200}}, 20},
		{"x = 0", run{Result: Result{Value: 50, GradientNorm: 10}, x: []float32{0, 0}}, 200 / 100.},
		{"value 0", run{Result: Result{GradientNorm: 10}, x: []float32{3, 0}}, 0.3},
		{"both 0", run{Result: Result{GradientNorm: 10}, x: []float32{0, 0}}, 0.1},
	} {
		if got := firstStep(&test.r, -100); !(math.Abs(got-test.want) <= 1e-12) {
			t.Errorf("%s: %g, wants %g", test.name, got, test.want)
		}
	}
}
