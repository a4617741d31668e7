package optim

import (
	"fmt"
	"slices"
)

// State is all that an optimiser remembers from one step to the next. An
// optimiser with the same fields that is given it goes on to the bit like the
// one it was taken from. The fields are no part of it, since a schedule changes
// them and a program sets them.
type State struct {
	// Steps is the number of steps made. Those that the caller has skipped do not count.
	Steps int
	// Moments[k][i] is moment k of parameter i, in its shape: m and v of
	// Adam, v of SGD. There are none before the first step.
	Moments [][][]float32
}

// State returns the state of Adam, of which it shares nothing: two moments, m
// and v. Before the first Step it is the zero State.
func (a *Adam) State() State { return takeState(a.steps, a.m, a.v) }

// SetState makes Adam go on from s, a copy of which it keeps. Call it before
// the first Step: that panics if its parameters have not the shape of the
// moments. (Minimize forgets the state; it always starts from nothing.) SetState
// returns an error, and changes nothing, unless s is the zero State or has a
// positive number of steps and two moments of the same shape, the second without
// negative or NaN elements.
func (a *Adam) SetState(s State) error {
	moments, err := s.moments("Adam", 2)
	if err != nil {
		return err
	}
	for i, v := range moments[1] {
		if j := slices.IndexFunc(v, func(x float32) bool { return !(x >= 0) }); j >= 0 {
			return fmt.Errorf("optim: Adam: the second moment of parameter %d holds %v at element %d, wants none below 0", i, v[j], j)
		}
	}
	a.steps, a.m, a.v, a.pieces = s.Steps, moments[0], moments[1], nil
	return nil
}

// State returns the state of SGD, of which it shares nothing: one moment, v.
// Before the first Step it is the zero State.
func (s *SGD) State() State { return takeState(s.steps, s.v) }

// SetState makes SGD go on from a state, a copy of which it keeps. Call it
// before the first Step: that panics if its parameters have not the shape of the
// moment. (Minimize forgets the state; it always starts from nothing.) SetState
// returns an error, and changes nothing, unless the state is the zero State or
// has a positive number of steps and one moment.
func (s *SGD) SetState(state State) error {
	moments, err := state.moments("SGD", 1)
	if err != nil {
		return err
	}
	s.steps, s.v = state.Steps, moments[0]
	return nil
}

// takeState returns a state with copies of the moments, the zero State if no
// step was made.
func takeState(steps int, moments ...[][]float32) State {
	if steps == 0 {
		return State{}
	}
	s := State{Steps: steps}
	for _, m := range moments {
		s.Moments = append(s.Moments, clone(m))
	}
	return s
}

// moments checks that s suits a method with so many moments and returns
// copies of them, or as many nils for the zero State.
func (s State) moments(method string, count int) ([][][]float32, error) {
	if s.Steps == 0 && len(s.Moments) == 0 {
		return make([][][]float32, count), nil
	}
	if s.Steps <= 0 {
		return nil, fmt.Errorf("optim: %s: a state after %d steps with %d moments, wants a positive number of steps", method, s.Steps, len(s.Moments))
	}
	if len(s.Moments) != count {
		return nil, fmt.Errorf("optim: %s: a state with %d moments, wants %d", method, len(s.Moments), count)
	}
	var copies [][][]float32
	for k, moment := range s.Moments {
		if len(moment) != len(s.Moments[0]) {
			return nil, fmt.Errorf("optim: %s: moment %d is of %d parameters, moment 0 of %d", method, k, len(moment), len(s.Moments[0]))
		}
		for i, m := range moment {
			if n := len(s.Moments[0][i]); len(m) != n {
				return nil, fmt.Errorf("optim: %s: moment %d of parameter %d has %d elements, moment 0 has %d", method, k, i, len(m), n)
			}
		}
		copies = append(copies, clone(moment))
	}
	return copies, nil
}

// clone returns a deep copy, which is not nil.
func clone(x [][]float32) [][]float32 {
	c := zerosLike(x)
	for i := range x {
		copy(c[i], x[i])
	}
	return c
}
