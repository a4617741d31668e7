package optim_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/optimize/functions"

	"github.com/brushgrad/brushgrad/autodiff/optim"
)

// function is what all of gonum's test functions have.
type function interface {
	Func(x []float64) float64
	Grad(grad, x []float64)
	Minima() []functions.Minimum
}

type problem struct {
	name  string
	f     function
	start []float64
}

// variablyDimensioned is the standard start of that function.
func variablyDimensioned(n int) problem {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(n-i-1) / float64(n)
	}
	return problem{name: "VariablyDimensioned", f: functions.VariablyDimensioned{}, start: x}
}

// problems are the functions and starting points that gonum tests its own
// L-BFGS on (package optimize, TestLBFGS), and Brown & Dennis' and Wood's
// functions from the standard starts of Moré, Garbow & Hillstrom (1981).
var problems = []problem{
	{name: "Beale", f: functions.Beale{}, start: []float64{1, 1}},
	{name: "Beale", f: functions.Beale{}, start: []float64{3.00001, 0.50001}},
	{name: "BiggsEXP2", f: functions.BiggsEXP2{}, start: []float64{1, 2}},
	{name: "BiggsEXP2", f: functions.BiggsEXP2{}, start: []float64{1.00001, 10.00001}},
	{name: "BiggsEXP3", f: functions.BiggsEXP3{}, start: []float64{1, 2, 1}},
	{name: "BiggsEXP3", f: functions.BiggsEXP3{}, start: []float64{1.00001, 10.00001, 3.00001}},
	{name: "BiggsEXP4", f: functions.BiggsEXP4{}, start: []float64{1, 2, 1, 1}},
	{name: "BiggsEXP4", f: functions.BiggsEXP4{}, start: []float64{1.00001, 10.00001, 1.00001, 5.00001}},
	{name: "BiggsEXP5", f: functions.BiggsEXP5{}, start: []float64{1, 2, 1, 1, 1}},
	{name: "BiggsEXP5", f: functions.BiggsEXP5{}, start: []float64{1.00001, 10.00001, 1.00001, 5.00001, 4.00001}},
	{name: "BiggsEXP6", f: functions.BiggsEXP6{}, start: []float64{1, 2, 1, 1, 1, 1}},
	{name: "BiggsEXP6", f: functions.BiggsEXP6{}, start: []float64{1.00001, 10.00001, 1.00001, 5.00001, 4.00001, 3.00001}},
	{name: "Box3D", f: functions.Box3D{}, start: []float64{0, 10, 20}},
	{name: "Box3D", f: functions.Box3D{}, start: []float64{1.00001, 10.00001, 1.00001}},
	{name: "Box3D", f: functions.Box3D{}, start: []float64{100.00001, 100.00001, 0.00001}},
	{name: "BrownAndDennis", f: functions.BrownAndDennis{}, start: []float64{25, 5, -5, -1}},
	{name: "BrownBadlyScaled", f: functions.BrownBadlyScaled{}, start: []float64{1, 1}},
	{name: "BrownBadlyScaled", f: functions.BrownBadlyScaled{}, start: []float64{1.000001e6, 2.01e-6}},
	{name: "ExtendedPowellSingular", f: functions.ExtendedPowellSingular{}, start: []float64{3, -1, 0, 3}},
	{name: "ExtendedPowellSingular", f: functions.ExtendedPowellSingular{}, start: []float64{0.00001, 0.00001, 0.00001, 0.00001}},
	{name: "ExtendedPowellSingular", f: functions.ExtendedPowellSingular{}, start: []float64{3, -1, 0, 3, 3, -1, 0, 3}},
	{name: "ExtendedPowellSingular", f: functions.ExtendedPowellSingular{}, start: []float64{0.00001, 0.00001, 0.00001, 0.00001, 0.00001, 0.00001, 0.00001, 0.00001}},
	{name: "ExtendedRosenbrock", f: functions.ExtendedRosenbrock{}, start: []float64{-1.2, 1}},
	{name: "ExtendedRosenbrock", f: functions.ExtendedRosenbrock{}, start: []float64{1.00001, 1.00001}},
	{name: "ExtendedRosenbrock", f: functions.ExtendedRosenbrock{}, start: []float64{-1.2, 1, -1.2}},
	{name: "ExtendedRosenbrock", f: functions.ExtendedRosenbrock{}, start: []float64{-120, 100, 50}},
	{name: "ExtendedRosenbrock", f: functions.ExtendedRosenbrock{}, start: []float64{1, 1, 1}},
	{name: "ExtendedRosenbrock", f: functions.ExtendedRosenbrock{}, start: []float64{1.00001, 1.00001, 1.00001}},
	{name: "ExtendedRosenbrock", f: functions.ExtendedRosenbrock{}, start: []float64{-1.2, 1, -1.2, 1}},
	{name: "ExtendedRosenbrock", f: functions.ExtendedRosenbrock{}, start: []float64{1.00001, 1.00001, 1.00001, 1.00001}},
	{name: "ExtendedRosenbrock", f: functions.ExtendedRosenbrock{}, start: []float64{1e7, 1e6}},
	{name: "Gaussian", f: functions.Gaussian{}, start: []float64{0.4, 1, 0}},
	{name: "Gaussian", f: functions.Gaussian{}, start: []float64{0.3989561, 1.0000191, 0}},
	{name: "Gaussian", f: functions.Gaussian{}, start: []float64{0.398, 1, 0}},
	{name: "GulfResearchAndDevelopment", f: functions.GulfResearchAndDevelopment{}, start: []float64{5, 2.5, 0.15}},
	{name: "GulfResearchAndDevelopment", f: functions.GulfResearchAndDevelopment{}, start: []float64{50.00001, 25.00001, 1.50001}},
	{name: "GulfResearchAndDevelopment", f: functions.GulfResearchAndDevelopment{}, start: []float64{99.89529, 60.61453, 9.16124}},
	{name: "GulfResearchAndDevelopment", f: functions.GulfResearchAndDevelopment{}, start: []float64{201.66258, 60.61633, 10.22489}},
	{name: "HelicalValley", f: functions.HelicalValley{}, start: []float64{-1, 0, 0}},
	{name: "HelicalValley", f: functions.HelicalValley{}, start: []float64{1.00001, 0.00001, 0.00001}},
	{name: "PenaltyI", f: functions.PenaltyI{}, start: []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
	{name: "PenaltyI", f: functions.PenaltyI{}, start: []float64{0.250007, 0.250007, 0.250007, 0.250007}},
	{name: "PenaltyI", f: functions.PenaltyI{}, start: []float64{0.1581, 0.1581, 0.1581, 0.1581, 0.1581, 0.1581, 0.1581, 0.1581, 0.1581, 0.1581}},
	{name: "PenaltyII", f: functions.PenaltyII{}, start: []float64{0.5, 0.5, 0.5, 0.5}},
	{name: "PenaltyII", f: functions.PenaltyII{}, start: []float64{0.19999, 0.19131, 0.4801, 0.51884}},
	{name: "PenaltyII", f: functions.PenaltyII{}, start: []float64{0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}},
	{name: "PenaltyII", f: functions.PenaltyII{}, start: []float64{0.19998, 0.01035, 0.01960, 0.03208, 0.04993, 0.07651, 0.11862, 0.19214, 0.34732, 0.36916}},
	{name: "PowellBadlyScaled", f: functions.PowellBadlyScaled{}, start: []float64{0, 1}},
	{name: "PowellBadlyScaled", f: functions.PowellBadlyScaled{}, start: []float64{1.09815e-05, 9.10614}},
	{name: "Sphere", f: functions.Sphere{}, start: []float64{0.00001, 1.00001, 2.00001, 3.00001, 4.00001}},
	{name: "Sphere", f: functions.Sphere{}, start: []float64{0.00001, 1.00001, 2.00001, 3.00001, 4.00001, 5.00001, 6.00001, 7.00001, 8.00001, 9.00001}},
	{name: "Trigonometric", f: functions.Trigonometric{}, start: []float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}},
	{name: "Trigonometric", f: functions.Trigonometric{}, start: []float64{0.042964, 0.043976, 0.045093, 0.046338, 0.047744, 0.049354, 0.051237, 0.195209, 0.164977, 0.060148}},
	variablyDimensioned(2),
	{name: "VariablyDimensioned", f: functions.VariablyDimensioned{}, start: []float64{1.00001, 1.00001}},
	variablyDimensioned(10),
	{name: "VariablyDimensioned", f: functions.VariablyDimensioned{}, start: []float64{1.00001, 1.00001, 1.00001, 1.00001, 1.00001, 1.00001, 1.00001, 1.00001, 1.00001, 1.00001}},
	variablyDimensioned(100),
	variablyDimensioned(1000),
	variablyDimensioned(10000),
	{name: "Watson", f: functions.Watson{}, start: []float64{0, 0, 0, 0, 0, 0}},
	{name: "Watson", f: functions.Watson{}, start: []float64{-0.01572, 1.01243, -0.23299, 1.26043, -1.51372, 0.99299}},
	{name: "Watson", f: functions.Watson{}, start: []float64{0, 0, 0, 0, 0, 0, 0, 0, 0}},
	{name: "Watson", f: functions.Watson{}, start: []float64{-1.53070e-05, 0.99978, 0.01476, 0.14634, 1.00082, -2.61773, 4.10440, -3.14361, 1.05262}},
	{name: "Wood", f: functions.Wood{}, start: []float64{-3, -1, -3, -1}},
}

// minima returns the known minima in the dimension of p.
func (p problem) minima() []functions.Minimum {
	var minima []functions.Minimum
	for _, m := range p.f.Minima() {
		if len(m.X) == len(p.start) {
			minima = append(minima, m)
		}
	}
	if _, ok := p.f.(functions.VariablyDimensioned); ok && len(minima) == 0 {
		ones := make([]float64, len(p.start))
		for i := range ones {
			ones[i] = 1
		}
		minima = append(minima, functions.Minimum{X: ones})
	}
	return minima
}

// float32Start returns the starting point that both sides get.
func (p problem) float32Start() []float32 {
	x := make([]float32, len(p.start))
	for i, v := range p.start {
		x[i] = float32(v)
	}
	return x
}

// objective wraps p for our side: values and sums in float64, variables and
// gradient handed over in float32.
func (p problem) objective() optim.Func {
	x64, g64 := make([]float64, len(p.start)), make([]float64, len(p.start))
	return func(x, grad []float32) float64 {
		for i, v := range x {
			x64[i] = float64(v)
		}
		p.f.Grad(g64, x64)
		for i, v := range g64 {
			grad[i] = float32(v)
		}
		return p.f.Func(x64)
	}
}

// ours returns the value of every evaluation of our L-BFGS.
func (p problem) ours() []float64 {
	var values []float64
	optim.Minimize(context.Background(), p.objective(), p.float32Start(), optim.Options{
		MaxIterations: 2000,
		OnEvaluation:  func(_ int, value float64) { values = append(values, value) },
	})
	return values
}

// gonums returns the value of every point gonum's L-BFGS evaluates, in
// float64 throughout and with its default settings.
func (p problem) gonums() []float64 {
	var values []float64
	start := make([]float64, len(p.start))
	for i, v := range p.float32Start() {
		start[i] = float64(v)
	}
	optimize.Minimize(optimize.Problem{
		Func: func(x []float64) float64 {
			v := p.f.Func(x)
			values = append(values, v)
			return v
		},
		Grad: func(grad, x []float64) { p.f.Grad(grad, x) },
	}, start, &optimize.Settings{Converger: optimize.NeverTerminate{}, MajorIterations: 2000}, &optimize.LBFGS{})
	return values
}

// target returns the value that counts as reaching the minimum m from a start
// of value f0: a millionth of the way left, which is the convergence test of
// Moré & Wild (SIAM J. Optim. 20 (2009), 172-191) with tau = 1e-6. Some starts
// lie so near the minimum that this is less than a few roundings of a float32
// variable change. Then the target is what four float32 spacings in one of the
// minimum's coordinates change: each of a point's coordinates is off by up to
// half a spacing, and the change along a narrow valley is far smaller than
// that across it.
func (p problem) target(m functions.Minimum, f0 float64) float64 {
	x := make([]float64, len(m.X))
	for i, v := range m.X {
		x[i] = float64(float32(v))
	}
	resolution := 0.0
	for i, v := range x {
		for _, end := range []float32{-math.MaxFloat32, math.MaxFloat32} {
			for range 4 {
				x[i] = float64(math.Nextafter32(float32(x[i]), end))
			}
			resolution = max(resolution, p.f.Func(x)-m.F)
			x[i] = v
		}
	}
	return m.F + max(1e-6*(f0-m.F), resolution)
}

// evaluationsTo returns how many evaluations it took to reach the target; 0 if
// it was not reached.
func evaluationsTo(target float64, values []float64) int {
	return slices.IndexFunc(values, func(v float64) bool { return v <= target }) + 1
}

// TestAgainstGonum: what gonum's L-BFGS solves, ours solves, with no more
// evaluations in total. Both start at the same float32 point, and an
// evaluation is a point that is evaluated, whether its gradient is wanted or
// not: ours needs it always, gonum's for about half. Solved means the lowest of
// the function's known minima that gonum reaches.
func TestAgainstGonum(t *testing.T) {
	sum, gonumSum, solved, trivial := 0, 0, 0, 0
	t.Logf("%-27s %5s %12s %12s %6s %6s", "function", "n", "start", "target", "ours", "gonum")
	for _, p := range problems {
		ours, gonums := p.ours(), p.gonums()
		target, want := math.Inf(1), 0
		for _, m := range p.minima() {
			v := p.target(m, gonums[0])
			if n := evaluationsTo(v, gonums); n > 0 && v < target {
				target, want = v, n
			}
		}
		got := evaluationsTo(target, ours)
		t.Logf("%-27s %5d %12.4g %12.4g %6d %6d", p.name, len(p.start), gonums[0], target, got, want)
		switch {
		case want == 0:
			t.Logf("  not solved by gonum, which ends at %g", slices.Min(gonums))
			continue
		case got == 0:
			t.Errorf("%s in %d dimensions: gonum reaches %g in %d evaluations, ours only %g in %d",
				p.name, len(p.start), target, want, slices.Min(ours), len(ours))
		case want == 1:
			trivial++ // the rounded start is a solution
		}
		solved++
		sum += got
		gonumSum += want
	}
	t.Logf("%d solved, %d of these at the start: %d evaluations, gonum %d", solved, trivial, sum, gonumSum)
	if solved < 60 {
		t.Errorf("only %d of %d problems were compared", solved, len(problems))
	}
	if sum > gonumSum {
		t.Errorf("ours needs %d evaluations in total, gonum %d", sum, gonumSum)
	}
}
