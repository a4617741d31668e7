package optim_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
)

type stateful interface {
	Step(params, grads [][]float32)
	State() optim.State
	SetState(optim.State) error
}

// optimisers are makers of equal optimisers, with the number of their moments.
var optimisers = []struct {
	name    string
	make    func() stateful
	moments int
}{
	{"Adam", func() stateful { return &optim.Adam{LearningRate: 0.01, WeightDecay: 0.1} }, 2},
	{"SGD", func() stateful { return &optim.SGD{LearningRate: 0.01, Momentum: 0.9} }, 1},
}

// TestState: ten steps in a row end at the same bits as five steps, a new
// optimiser that is given the state, and five more.
func TestState(t *testing.T) {
	lengths := []int{40_000, 3, 0, 1}
	for _, test := range optimisers {
		steps := func(s stateful, params [][]float32, from, to int) {
			for step := from; step < to; step++ {
				s.Step(params, waves(lengths, 10+step))
			}
		}
		want, straight := waves(lengths, 0), test.make()
		steps(straight, want, 0, 10)

		got, first, second := waves(lengths, 0), test.make(), test.make()
		steps(first, got, 0, 5)
		state := first.State()
		if state.Steps != 5 || len(state.Moments) != test.moments {
			t.Fatalf("%s: a state after %d steps with %d moments, wants 5 and %d", test.name, state.Steps, len(state.Moments), test.moments)
		}
		if err := second.SetState(state); err != nil {
			t.Fatal(err)
		}
		// Neither may share anything with the state.
		before := first.State()
		for _, moment := range state.Moments {
			for _, m := range moment {
				clear(m)
			}
		}
		for name, s := range map[string]stateful{"the source": first, "the receiver": second} {
			if !reflect.DeepEqual(s.State(), before) {
				t.Errorf("%s: %s of the state shares it", test.name, name)
			}
		}
		steps(second, got, 5, 10)
		checkSameBits(t, got, want)
		if !reflect.DeepEqual(second.State(), straight.State()) {
			t.Errorf("%s: the states in the end differ", test.name)
		}
	}
}

// TestZeroState: it is what a new optimiser has, and makes one new.
func TestZeroState(t *testing.T) {
	for _, test := range optimisers {
		s := test.make()
		if state := s.State(); state.Steps != 0 || state.Moments != nil {
			t.Errorf("%s: a new one has state %v", test.name, state)
		}
		s.Step([][]float32{{1, 2}}, [][]float32{{3, 4}})
		if err := s.SetState(optim.State{}); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		got, want := [][]float32{{1}}, [][]float32{{1}}
		s.Step(got, [][]float32{{5}})
		test.make().Step(want, [][]float32{{5}})
		checkSameBits(t, got, want)
	}
}

func TestSetStateErrors(t *testing.T) {
	one := [][]float32{{1, 2}, {3}}
	nan := float32(math.NaN())
	for _, test := range []struct {
		optimiser int
		state     optim.State
		want      string
	}{
		{0, optim.State{Steps: 3}, "0 moments, wants 2"},
		{0, optim.State{Steps: 3, Moments: [][][]float32{one}}, "1 moments, wants 2"},
		{0, optim.State{Steps: 3, Moments: [][][]float32{one, one, one}}, "3 moments, wants 2"},
		{0, optim.State{Moments: [][][]float32{one, one}}, "after 0 steps"},
		{0, optim.State{Steps: -1, Moments: [][][]float32{one, one}}, "after -1 steps"},
		{0, optim.State{Steps: 3, Moments: [][][]float32{one, {{1, 2}}}}, "moment 1 is of 1 parameters, moment 0 of 2"},
		{0, optim.State{Steps: 3, Moments: [][][]float32{one, {{1, 2}, {}}}}, "moment 1 of parameter 1 has 0 elements, moment 0 has 1"},
		{0, optim.State{Steps: 3, Moments: [][][]float32{one, {{1, -2}, {3}}}}, "parameter 0 holds -2 at element 1"},
		{0, optim.State{Steps: 3, Moments: [][][]float32{one, {{1, 2}, {nan}}}}, "parameter 1 holds NaN at element 0"},
		{1, optim.State{Steps: 3}, "0 moments, wants 1"},
		{1, optim.State{Steps: 3, Moments: [][][]float32{one, one}}, "2 moments, wants 1"},
		{1, optim.State{Steps: -3}, "after -3 steps"},
	} {
		s := optimisers[test.optimiser].make()
		s.Step([][]float32{{1, 2}, {3}}, [][]float32{{4, 5}, {6}})
		before := s.State()
		if err := s.SetState(test.state); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v, wants %q", test.state, err, test.want)
		}
		if !reflect.DeepEqual(s.State(), before) {
			t.Errorf("%+v: refused, but it changed the optimiser", test.state)
		}
	}
}

// TestStateOfOtherShape: it is found out at the next step.
func TestStateOfOtherShape(t *testing.T) {
	for _, test := range optimisers {
		from, to := test.make(), test.make()
		from.Step([][]float32{{1, 2}}, [][]float32{{3, 4}})
		if err := to.SetState(from.State()); err != nil {
			t.Fatal(err)
		}
		wantPanic(t, "parameter 0 has 3 elements, in earlier steps 2", func() {
			to.Step([][]float32{{1, 2, 3}}, [][]float32{{3, 4, 5}})
		})
	}
}
