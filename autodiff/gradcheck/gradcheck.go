// Package gradcheck compares the gradients that package autodiff computes with
// finite differences. It checks any function that is made of autodiff's
// operations, from a single one to a whole network.
//
// For a function J of x and a direction v, the derivative of J along v is
// known in two ways:
//
//	g . v                                  with g the gradient from Backward
//	d(h) = (J(x + h v) - J(x - h v)) / 2h  as h goes to 0
//
// A random direction tests all elements of g at once, at the cost of two
// evaluations. An output that is not a scalar is projected on a random vector
// r first, J = r . f(x), which tests all rows of the Jacobian at once.
//
// In float32 the difficulty is the choice of h. An evaluation is off by about
// 2^-24 of its size, so d(h) is off by 2^-24/h; it also misses the true
// derivative by about h^2. No h makes both small. Richardson's extrapolation
//
//	R(h) = (4 d(h/2) - d(h)) / 3
//
// cancels the term in h^2, which leaves h^4 and allows a large h. Check
// halves h from 1/8 to 1/256 (in units of the root mean square of x), takes
// the two neighbouring R(h) that agree best, and their disagreement as the
// error of the estimate. For smooth functions of values around 1 that leaves
// errors of 1e-6 to 1e-5 of the gradient.
//
// The extrapolation is described in Press et al., "Numerical Recipes" (3rd
// edition 2007), section 5.7, the projection in the tests of HIPS autograd.
package gradcheck

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Options adjusts Check. The zero value is right for smooth functions of
// values between about 0.1 and 100 in size.
type Options struct {
	// Tolerance is the largest accepted difference between the two
	// derivatives, relative to the length of the gradient. 0 means 2e-4, some
	// ten times what rounding and extrapolation usually cost.
	Tolerance float64
	// Step is the first h, in units of the root mean square of the input. 0
	// means 1/8. The smallest step is 1/32 of it.
	Step float64
	// Seed chooses the directions.
	Seed uint64
}

// directions is the number of directions for each input. A gradient that is
// wrong by a factor 1+e shows as e z along a random direction, where z is
// about normally distributed: with the default tolerance, e = 1 % is
// overlooked if |z| < 0.02 eight times in a row.
const directions = 8

// steps is the number of times that h is halved, plus one.
const steps = 6

// Check returns nil if, for every input, the gradient of f by Backward agrees
// with finite differences; otherwise an error that names the input, its shape
// and both values. f computes one value of any shape from the inputs, and is
// called many times: with the inputs as given, and with one of them moved by
// up to Step times its root mean square. It must be deterministic, and smooth
// over that distance: keep the inputs of ReLU away from 0, the values in the
// window of a max pool away from each other. Where f is not finite at the
// larger steps, the smaller ones decide. A gradient that is 0 because large
// terms inside f cancel leaves nothing but their rounding errors to compare,
// which Check cannot know; add x to such an output.
func Check(f func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var, inputs []*tensor.Tensor, o Options) error {
	if o.Tolerance == 0 {
		o.Tolerance = 2e-4
	}
	if o.Step == 0 {
		o.Step = 1. / 8
	}
	c := &checker{f: f, tape: autodiff.NewTape(), inputs: inputs, rng: rand.New(rand.NewPCG(o.Seed, 1)), Options: o}
	for i, g := range c.gradients() {
		for range directions {
			if err := c.checkDirection(i, g); err != nil {
				return fmt.Errorf("gradcheck: input %d of shape %v: %w", i, inputs[i].Shape(), err)
			}
		}
	}
	return nil
}

type checker struct {
	Options
	f      func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var
	tape   *autodiff.Tape
	inputs []*tensor.Tensor
	rng    *rand.Rand
	r      *tensor.Tensor // the projection; nil if the output is a scalar
	size   float64        // of J's terms together, to judge its rounding errors
}

// gradients chooses the projection and returns the gradient of J with respect
// to each input.
func (c *checker) gradients() []*tensor.Tensor {
	in, out := c.call(c.inputs)
	if out.Value().Rank() == 0 {
		c.size = math.Abs(out.Scalar())
	} else {
		c.r = tensor.New(out.Shape()...)
		for i, v := range out.Value().Data() {
			c.r.Data()[i] = float32(c.coefficient())
			c.size = math.Hypot(c.size, float64(v)*float64(c.r.Data()[i]))
		}
		out = autodiff.Sum(autodiff.Mul(out, c.tape.Constant(c.r)))
	}
	out.Backward()
	var grads []*tensor.Tensor
	for _, v := range in {
		grads = append(grads, v.Grad().Clone())
	}
	return grads
}

// evaluate returns J. It uses one tape throughout, so that an operation that
// leaves stale numbers in a reused buffer is found too.
func (c *checker) evaluate(inputs []*tensor.Tensor) float64 {
	_, out := c.call(inputs)
	if c.r == nil {
		return out.Scalar()
	}
	j := 0.0
	for i, v := range out.Value().Data() {
		j += float64(v) * float64(c.r.Data()[i])
	}
	return j
}

func (c *checker) call(inputs []*tensor.Tensor) (in []*autodiff.Var, out *autodiff.Var) {
	c.tape.Reset()
	for _, x := range inputs {
		in = append(in, c.tape.Leaf(x))
	}
	return in, c.f(c.tape, in)
}

// coefficient returns an element of a random direction or projection: between
// 1/2 and 1, so that nothing goes unseen, of either sign.
func (c *checker) coefficient() float64 {
	v := (1 + c.rng.Float64()) / 2
	if c.rng.IntN(2) == 0 {
		return -v
	}
	return v
}

// checkDirection compares the two derivatives along one random direction of
// input i, whose gradient is g.
func (c *checker) checkDirection(i int, g *tensor.Tensor) error {
	x := c.inputs[i].Data()
	unit := norm(x) / math.Sqrt(float64(max(len(x), 1)))
	if unit == 0 {
		unit = 1
	}
	v := make([]float64, len(x))
	byBackward := 0.0
	for k := range v {
		v[k] = unit * c.coefficient()
		byBackward += float64(g.Data()[k]) * v[k]
	}
	byDifferences, spread := c.derivative(i, v)

	scale := max(unit*norm(g.Data()), math.Abs(byDifferences))
	noise := c.size / c.Step * (1 << 4) / (1 << 24) // of d(h), for a step in the middle
	allowed := c.Tolerance*scale + noise
	switch {
	case math.IsNaN(byDifferences) || math.IsNaN(byBackward) || math.IsInf(byBackward, 0):
		return fmt.Errorf("not finite: %v by Backward, %v by differences", byBackward, byDifferences)
	case spread > allowed:
		return fmt.Errorf("finite differences do not settle: %.6g, give or take %.2g; is the function smooth here, and deterministic? (%.6g by Backward)",
			byDifferences, spread, byBackward)
	case math.Abs(byBackward-byDifferences) > allowed:
		return fmt.Errorf("the derivative along a random direction is %.6g by Backward and %.6g by differences; they may differ by %.2g",
			byBackward, byDifferences, allowed)
	}
	return nil
}

// derivative estimates the derivative of J along v, a direction of input i, by
// extrapolated differences, and by how much the estimate is uncertain. It is
// NaN if J is not finite at any pair of steps that would be needed.
func (c *checker) derivative(i int, v []float64) (estimate, spread float64) {
	moved := append([]*tensor.Tensor(nil), c.inputs...)
	at := func(h float64) float64 {
		m := c.inputs[i].Clone()
		for k := range m.Data() {
			m.Data()[k] = float32(float64(m.Data()[k]) + h*v[k])
		}
		moved[i] = m
		return c.evaluate(moved)
	}
	var d, r [steps]float64
	estimate, spread = math.NaN(), math.Inf(1)
	for k := range steps {
		h := math.Ldexp(c.Step, -k)
		d[k] = (at(h) - at(-h)) / (2 * h)
		if k == 0 {
			continue
		}
		r[k] = (4*d[k] - d[k-1]) / 3
		if s := math.Abs(r[k] - r[k-1]); k > 1 && s < spread {
			estimate, spread = r[k], s
		}
	}
	return estimate, spread
}

func norm(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return math.Sqrt(s)
}
