package nst

import (
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// TestCostsOfOneIteration: a stage stores the costs of the evaluations of one
// iteration at most, however long it runs. A line search tries 25 points, and after
// it has failed once more along the gradient.
func TestCostsOfOneIteration(t *testing.T) {
	for _, optimizer := range []Optimizer{LBFGS, Adam} {
		picture := Noise(32, 32, 1)
		var s *stage
		most, evaluations := 0, 0
		opt, err := Options{
			Optimizer: optimizer, Iterations: 60, Scales: 1,
			OnEvaluation: func(p Progress) { most, evaluations = max(most, len(s.tried)), p.Evaluations },
			OnIteration: func(Progress, *tensor.Tensor) {
				if len(s.tried) != 0 || cap(s.tried) > 64 {
					t.Errorf("after an iteration, %d costs are stored, with memory for %d", len(s.tried), cap(s.tried))
				}
			},
		}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		p := newPyramid(vgg.New(vgg.Random(16, 1), vgg.MaxPooling), picture, picture, []Style{{Picture: Noise(32, 32, 2)}}, opt)
		objective, err := p.objective(p.scales[0])
		if err != nil {
			t.Fatal(err)
		}
		s = &stage{pyramid: p, objective: objective, picture: picture.Clone()}
		if _, err := s.minimize(t.Context()); err != nil {
			t.Fatal(err)
		}
		if most > 51 || evaluations <= 60 {
			t.Errorf("optimizer %d: %d costs were stored at a time, in %d evaluations", optimizer, most, evaluations)
		}
	}
}
