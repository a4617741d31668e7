package optim_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
)

// recorder keeps the point and the value of every evaluation of f.
type recorder struct {
	f      optim.Func
	points [][]float32
	values []float64
}

func (r *recorder) evaluate(x, grad []float32) float64 {
	value := r.f(x, grad)
	r.points, r.values = append(r.points, slices.Clone(x)), append(r.values, value)
	return value
}

// check compares a result with the evaluation that it names: x is its point.
func (r *recorder) check(t *testing.T, name string, at optim.Result, x []float32) {
	t.Helper()
	if n := at.Accepted; n < 1 || n > at.Evaluations {
		t.Errorf("%s: evaluation %d of %d is the accepted one", name, n, at.Evaluations)
	} else if !slices.Equal(r.points[n-1], x) || r.values[n-1] != at.Value {
		t.Errorf("%s: evaluation %d had value %v at %v; the result has %v at %v", name, n, r.values[n-1], r.points[n-1], at.Value, x)
	}
}

// TestAccepted ends runs at every one of their first evaluations, by the limit,
// by cancelling, and by values that are not finite from then on. After each
// iteration and at the end, Accepted is the number of the evaluation at x.
func TestAccepted(t *testing.T) {
	cutShort, refused := 0, 0 // runs of L-BFGS that end within a line search: at a trial point, and at its start
	for i := range methods() {
		for _, end := range []string{"limit", "cancelled", "NaN"} {
			for last := 1; last <= 30; last++ {
				o := optim.Options{Method: methods()[i]}
				name := fmt.Sprintf("%T, %s at evaluation %d", o.Method, end, last)
				// The first step is no longer than the largest element of x, so from
				// here the first line search has to step out.
				x := []float32{1e-3, 1e-3, 1e-3, 1e-3, 1e-3}
				start := slices.Clone(x)
				ctx, cancel := context.WithCancel(t.Context())
				calls := 0
				r := &recorder{f: func(x, grad []float32) float64 {
					calls++
					value := ravines(x, grad)
					if calls >= last && end == "cancelled" {
						cancel()
					}
					if calls >= last && end == "NaN" {
						return math.NaN()
					}
					return value
				}}
				if end == "limit" {
					o.MaxEvaluations = last
				}
				accepted := 1 // at the end of the last iteration
				o.OnIteration = func(at optim.Result) {
					r.check(t, fmt.Sprint(name, ", iteration ", at.Iterations), at, x)
					accepted = at.Accepted
				}
				result, _ := optim.Minimize(ctx, r.evaluate, x, o)
				cancel()
				if last == 1 && end != "limit" {
					if result.Accepted != 0 || !slices.Equal(x, start) {
						t.Errorf("%s: %+v at %v; want none accepted, at the start", name, result, x)
					}
					continue
				}
				r.check(t, name, result, x)
				if i == 0 && result.Evaluations > accepted {
					if result.Accepted > accepted {
						cutShort++
					} else {
						refused++
					}
				}
			}
		}
	}
	if cutShort == 0 || refused == 0 {
		t.Errorf("%d line searches cut short at a better point, %d without one; want some of both", cutShort, refused)
	}
}

// ravines is the sum of i^2 (x_i^2 - i)^2 / 1000 for i from 1, gentle enough for
// Adam and SGD.
func ravines(x, grad []float32) float64 {
	sum := 0.0
	for i, v := range x {
		k := float64(i + 1)
		d := float64(v)*float64(v) - k
		sum += k * k * d * d / 1000
		grad[i] = float32(k * k * 4 * d * float64(v) / 1000)
	}
	return sum
}

// TestAcceptedOfEqualValues: where two evaluations have the same value, Accepted
// still names the one at x. The values and derivatives of this function of one
// variable are given by the number of the evaluation.
func TestAcceptedOfEqualValues(t *testing.T) {
	for _, test := range []struct {
		name                string
		method              optim.Method
		start               float32
		values, derivatives []float64
		want                int
	}{
		// The second is lower, but as steep as the start. The third is no lower
		// than that, and then the limit is reached.
		{"earlier trial", &optim.LBFGS{}, 1, []float64{10, 5, 5}, []float64{1, 1, 1}, 2},
		// The first trial is at 4 f / g'g = 2e-5 along -g, where the condition of
		// sufficient decrease asks for 5 - 1e-4 * 2e-5 * 1000^2 = 4.998; the second,
		// at 0.9 of that or less, for 4.9982 or more.
		{"later trial", &optim.LBFGS{}, 1, []float64{5, 4.9981, 4.9981}, []float64{1000, -1000, 0}, 3},
		{"Adam", &optim.Adam{}, 1, []float64{5, 5, 5}, []float64{1, 1, 1}, 3},
		{"SGD", &optim.SGD{}, 1, []float64{5, 5, 5}, []float64{1, 1, 1}, 3},
	} {
		x, calls := []float32{test.start}, 0
		r := &recorder{f: func(x, grad []float32) float64 {
			calls++
			grad[0] = float32(test.derivatives[calls-1])
			return test.values[calls-1]
		}}
		result, err := optim.Minimize(t.Context(), r.evaluate, x, optim.Options{Method: test.method, MaxEvaluations: 3})
		if err != nil || result.Accepted != test.want {
			t.Errorf("%s: %+v, error %v; want evaluation %d accepted", test.name, result, err, test.want)
		}
		r.check(t, test.name, result, x)
	}
}
