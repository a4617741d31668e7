package optim_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
)

// sphere is sum (x_i - i)^2.
func sphere(x, grad []float32) float64 {
	sum := 0.0
	for i, v := range x {
		d := float64(v) - float64(i)
		sum += d * d
		grad[i] = float32(2 * d)
	}
	return sum
}

// methods returns a fresh optimiser of each kind.
func methods() []optim.Method {
	return []optim.Method{
		&optim.LBFGS{},
		&optim.Adam{LearningRate: 0.1},
		&optim.SGD{LearningRate: 0.1, Momentum: 0.5},
	}
}

func TestMinimizeConverges(t *testing.T) {
	for _, method := range methods() {
		for _, n := range []int{0, 1, 2, 9} {
			name := fmt.Sprintf("%T in %d dimensions", method, n)
			x := make([]float32, n)
			result, err := optim.Minimize(context.Background(), sphere, x, optim.Options{Method: method, GradientTolerance: 1e-4})
			if err != nil || result.Status != optim.Converged {
				t.Errorf("%s: %v, %v", name, result, err)
			}
			if want := sphere(x, make([]float32, n)); result.Value != want {
				t.Errorf("%s: result has value %v, f(x) = %v", name, result.Value, want)
			}
			if !(result.GradientNorm <= 1e-4) {
				t.Errorf("%s: largest gradient component %v", name, result.GradientNorm)
			}
			for i, v := range x {
				if !(math.Abs(float64(v)-float64(i)) <= 1e-4) {
					t.Errorf("%s: x = %v", name, x)
				}
			}
		}
	}
}

// TestLimits: runs end at the limits, not a call later, and the callbacks see
// every evaluation and every iteration once.
func TestLimits(t *testing.T) {
	for i := range methods() {
		for _, test := range []struct {
			options optim.Options
			status  optim.Status
		}{
			{optim.Options{MaxIterations: 7}, optim.MaxIterations},
			{optim.Options{MaxEvaluations: 9}, optim.MaxEvaluations},
			{optim.Options{MaxEvaluations: 1}, optim.MaxEvaluations},
			{optim.Options{MaxIterations: 3, MaxEvaluations: 100}, optim.MaxIterations},
		} {
			o := test.options
			o.Method = methods()[i]
			name := fmt.Sprintf("%T, at most %d iterations, %d evaluations", o.Method, o.MaxIterations, o.MaxEvaluations)
			f, x := rosenbrock(0)
			calls, iterations := 0, 0
			last := math.NaN()
			counting := func(x, grad []float32) float64 {
				calls++
				last = f(x, grad) / 1000 // gentle enough for Adam and SGD
				for i := range grad {
					grad[i] /= 1000
				}
				return last
			}
			o.OnEvaluation = func(n int, value float64) {
				if n != calls || value != last {
					t.Errorf("%s: call %d with value %v reported as %d, %v", name, calls, last, n, value)
				}
			}
			o.OnIteration = func(r optim.Result) {
				iterations++
				if r.Iterations != iterations || r.Evaluations != calls || r.Status != optim.Running {
					t.Errorf("%s: after iteration %d, call %d: %+v", name, iterations, calls, r)
				}
				if v := f(x, make([]float32, len(x))) / 1000; v != r.Value {
					t.Errorf("%s: iteration %d reports %v, x has %v", name, iterations, r.Value, v)
				}
			}
			result, err := optim.Minimize(context.Background(), counting, x, o)
			if err != nil || result.Status != test.status || result.Iterations != iterations || result.Evaluations != calls {
				t.Errorf("%s: %+v, %v after %d iterations and %d calls", name, result, err, iterations, calls)
			}
			if v := f(x, make([]float32, len(x))) / 1000; v != result.Value {
				t.Errorf("%s: result has value %v, x has %v", name, result.Value, v)
			}
			if o.MaxEvaluations > 0 && calls > o.MaxEvaluations || o.MaxIterations > 0 && iterations > o.MaxIterations {
				t.Errorf("%s: %d iterations, %d calls", name, iterations, calls)
			}
		}
	}
}

// TestInterrupted ends runs during every one of their first evaluations, by
// cancelling or by values that are not finite from then on. In both cases x
// must be a point whose value was seen before, the best one for L-BFGS.
func TestInterrupted(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for i, method := range methods() {
		for at := 1; at <= 30; at++ {
			for _, bad := range []struct {
				name        string
				value, grad float64
				cancel      bool
				want        optim.Status
			}{
				{"cancelled", 1, 0, true, optim.Cancelled},
				{"cancelled with NaN", nan, nan, true, optim.Cancelled},
				{"NaN", nan, nan, false, optim.NotFinite},
				{"infinite", inf, 0, false, optim.NotFinite},
				{"minus infinity", -inf, 0, false, optim.NotFinite},
				{"NaN gradient", 1, nan, false, optim.NotFinite},
				{"infinite gradient", 1, inf, false, optim.NotFinite},
			} {
				name := fmt.Sprintf("%T: %s in evaluation %d", method, bad.name, at)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				f, x := rosenbrock(0)
				start := slices.Clone(x)
				calls, lowest := 0, inf
				var seen []float64
				result, err := optim.Minimize(ctx, func(x, grad []float32) float64 {
					calls++
					v := f(x, grad)/1000 + 1
					for i := range grad {
						grad[i] /= 1000
					}
					if calls >= at {
						if bad.cancel {
							cancel()
						}
						for i := range grad {
							grad[i] = float32(bad.grad)
						}
						return bad.value
					}
					lowest = min(lowest, v)
					seen = append(seen, v)
					return v
				}, x, optim.Options{Method: methods()[i]})
				if result.Status != bad.want || (err != nil) != (bad.want == optim.NotFinite) {
					t.Errorf("%s: %v, error %v", name, result.Status, err)
				}
				if err != nil && !strings.Contains(err.Error(), "not finite") {
					t.Errorf("%s: error %q does not say so", name, err)
				}
				if at == 1 {
					if !slices.Equal(x, start) || !math.IsNaN(result.Value) {
						t.Errorf("%s: x has moved, or a value of %v", name, result.Value)
					}
					continue
				}
				v := f(x, make([]float32, len(x)))/1000 + 1
				if v != result.Value || !slices.Contains(seen, v) {
					t.Errorf("%s: result has value %v, x has %v", name, result.Value, v)
				}
				if i == 0 && v != lowest {
					t.Errorf("%s: x has %v, the lowest value seen was %v", name, v, lowest)
				}
				if extra := calls - at; bad.cancel && extra != 0 || extra > 25 {
					t.Errorf("%s: %d more evaluations", name, extra)
				}
			}
		}
	}
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x := []float32{5}
	result, err := optim.Minimize(ctx, sphere, x, optim.Options{})
	if err != nil || result.Status != optim.Cancelled || result.Evaluations != 0 || x[0] != 5 {
		t.Errorf("%+v, %v, x = %v", result, err, x)
	}
}

// TestWall: a line search backs off from where the objective has no value.
func TestWall(t *testing.T) {
	x := []float32{50}
	bad := 0
	result, err := optim.Minimize(context.Background(), func(x, grad []float32) float64 {
		v := float64(x[0])
		grad[0] = float32(1 - 1/v)
		return 1000 + v - math.Log(v) // infinite at 0, NaN below
	}, x, optim.Options{GradientTolerance: 1e-5, OnEvaluation: func(_ int, value float64) {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			bad++
		}
	}})
	if err != nil || result.Status != optim.Converged || !(math.Abs(float64(x[0])-1) <= 1e-4) {
		t.Errorf("%+v, %v, x = %v", result, err, x)
	}
	if bad == 0 {
		t.Error("the run never met the wall")
	}
}

// TestExhausted: without a tolerance a run ends by itself where float32 allows
// no lower value, and says how.
func TestExhausted(t *testing.T) {
	f, x := quartic(0)
	result, err := optim.Minimize(context.Background(), f, x, optim.Options{MaxIterations: 100000})
	if err != nil || result.Status != optim.LineSearchFailed {
		t.Errorf("%+v, %v", result, err)
	}
	if !(result.Value < 1) {
		t.Errorf("ended at %v", result.Value)
	}
}

// TestSecondRun: a Method forgets the run before.
func TestSecondRun(t *testing.T) {
	for _, method := range methods() {
		var first []float32
		for run := range 2 {
			x := make([]float32, 30)
			optim.Minimize(context.Background(), sphere, x, optim.Options{Method: method, MaxIterations: 4})
			if run == 0 {
				first = x
			} else if !slices.Equal(x, first) {
				t.Errorf("%T: the second run ends elsewhere: %v, %v", method, first, x)
			}
			optim.Minimize(context.Background(), sphere, make([]float32, 3), optim.Options{Method: method, MaxIterations: 4})
		}
	}
}

// TestSteadyStateAllocations: once the history is full, nothing is allocated.
func TestSteadyStateAllocations(t *testing.T) {
	for _, method := range append(methods(), &optim.LBFGS{History: 3}) {
		ctx, next, done := context.Background(), make(chan int), make(chan int)
		f, x := quartic(0)
		iterations := 0
		go func() {
			optim.Minimize(ctx, func(x, grad []float32) float64 {
				v := f(x, grad) * 1e-6
				for i := range grad {
					grad[i] *= 1e-6
				}
				return v
			}, x, optim.Options{Method: method, MaxIterations: 60, OnIteration: func(optim.Result) {
				iterations++
				if iterations > 20 {
					<-next
					done <- 0
				}
			}})
			close(done)
		}()
		if allocated := testing.AllocsPerRun(20, func() {
			next <- 0
			<-done
		}); allocated != 0 {
			t.Errorf("%T: %v allocations per iteration", method, allocated)
		}
		close(next)
		for range done {
		}
		if iterations != 60 {
			t.Errorf("%T: %d iterations", method, iterations)
		}
	}
}

func TestMisuse(t *testing.T) {
	ctx := context.Background()
	used := &optim.Adam{}
	used.Step([][]float32{{1}}, [][]float32{{1}})
	for _, test := range []struct {
		want string
		call func()
	}{
		{"optim: Minimize: negative option: MaxIterations -1", func() {
			optim.Minimize(ctx, sphere, nil, optim.Options{MaxIterations: -1})
		}},
		{"optim: LBFGS: negative History -3", func() {
			optim.Minimize(ctx, sphere, nil, optim.Options{Method: &optim.LBFGS{History: -3}})
		}},
		{"optim: LBFGS: Parts [2 2], want positive lengths that add up to that of x, 3", func() {
			optim.Minimize(ctx, sphere, make([]float32, 3), optim.Options{Method: &optim.LBFGS{Parts: []int{2, 2}}})
		}},
		{"optim: LBFGS: Parts [3 0], want", func() {
			optim.Minimize(ctx, sphere, make([]float32, 3), optim.Options{Method: &optim.LBFGS{Parts: []int{3, 0}}})
		}},
		{"optim: LBFGS: Parts [1 1], want", func() {
			optim.Minimize(ctx, sphere, []float32{0, 1, 2}, optim.Options{Method: &optim.LBFGS{Parts: []int{1, 1}}}) // the minimum
		}},
		{"optim: SGD: Step: 2 parameters, 1 gradients", func() {
			new(optim.SGD).Step([][]float32{{1}, {2}}, [][]float32{{1}})
		}},
		{"optim: Adam: Step: parameter 1 has 2 elements, its gradient 1", func() {
			new(optim.Adam).Step([][]float32{{1}, {2, 3}}, [][]float32{{1}, {2}})
		}},
		{"optim: Adam: Step: 2 parameters, in earlier steps 1", func() {
			used.Step([][]float32{{1}, {2}}, [][]float32{{1}, {2}})
		}},
		{"optim: Adam: Step: parameter 0 has 2 elements, in earlier steps 1", func() {
			used.Step([][]float32{{1, 2}}, [][]float32{{1, 2}})
		}},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, test.want) {
					t.Errorf("panic %q, wants %q", got, test.want)
				}
			}()
			test.call()
		}()
	}
}

func TestStatusString(t *testing.T) {
	for status, want := range map[optim.Status]string{
		optim.Running:          "running",
		optim.Converged:        "converged",
		optim.MaxIterations:    "maximum of iterations reached",
		optim.MaxEvaluations:   "maximum of evaluations reached",
		optim.LineSearchFailed: "line search failed",
		optim.Cancelled:        "cancelled",
		optim.NotFinite:        "not finite",
		optim.Status(99):       "Status(99)",
	} {
		if got := status.String(); got != want {
			t.Errorf("%d: %q, wants %q", int(status), got, want)
		}
	}
}
