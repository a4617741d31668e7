package optim

import "fmt"

// stepper is a method that needs one gradient per step and never looks back.
type stepper interface {
	Step(params, grads [][]float32)
}

// stepLoop lets Minimize drive a stepper. It keeps the point before each step,
// to return to if the next one has no finite value.
type stepLoop struct {
	previous      []float32
	params, grads [][]float32 // r.x and r.grad in the form of Step
}

func (l *stepLoop) iterate(r *run, s stepper) Status {
	if l.params == nil {
		l.previous = make([]float32, len(r.x))
		l.params, l.grads = [][]float32{r.x}, [][]float32{r.grad}
	}
	copy(l.previous, r.x)
	s.Step(l.params, l.grads)
	value, status := r.evaluate(r.x, r.grad)
	if status == Running && !r.accept(value, r.Evaluations) {
		status = NotFinite
	}
	if status != Running {
		copy(r.x, l.previous)
	}
	return status
}

// orDefault returns v, or d where v was left at zero.
func orDefault(v, d float64) float64 {
	if v == 0 {
		return d
	}
	return v
}

// zerosLike returns zeros in the shape of params.
func zerosLike(params [][]float32) [][]float32 {
	z := make([][]float32, len(params))
	for i, p := range params {
		z[i] = make([]float32, len(p))
	}
	return z
}

// checkStep panics unless there is a gradient for every parameter.
func checkStep(method string, params, grads [][]float32) {
	if len(params) != len(grads) {
		panic(fmt.Sprintf("optim: %s: Step: %d parameters, %d gradients", method, len(params), len(grads)))
	}
	for i := range params {
		if len(params[i]) != len(grads[i]) {
			panic(fmt.Sprintf("optim: %s: Step: parameter %d has %d elements, its gradient %d", method, i, len(params[i]), len(grads[i])))
		}
	}
}

// checkState panics unless params have the shape of the earlier steps.
func checkState(method string, params, state [][]float32) {
	if len(params) != len(state) {
		panic(fmt.Sprintf("optim: %s: Step: %d parameters, in earlier steps %d", method, len(params), len(state)))
	}
	for i := range params {
		if len(params[i]) != len(state[i]) {
			panic(fmt.Sprintf("optim: %s: Step: parameter %d has %d elements, in earlier steps %d", method, i, len(params[i]), len(state[i])))
		}
	}
}
