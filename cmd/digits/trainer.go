package main

import (
	"math"
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
)

// newNetwork returns a network from pictures (N,side,side,1) to scores
// (N,digits): three blocks of a convolution and a pooling, which halves the
// sides, 28 to 14 to 7 to 3, and a linear layer.
func newNetwork(rng *rand.Rand, dropout float64) layers.Sequential {
	return layers.Sequential{
		{Name: "block1", Layer: block(rng, 16, 1)},
		{Name: "block2", Layer: block(rng, 32, 16)},
		{Name: "block3", Layer: block(rng, 64, 32)},
		{Name: "flatten", Layer: layers.Flatten()},
		{Name: "drop", Layer: layers.Dropout(dropout)},
		{Name: "classify", Layer: layers.NewLinear(rng, 3*3*64, digits)},
	}
}

// block has no bias, since there is one in what follows the convolution.
func block(rng *rand.Rand, cout, cin int) layers.Sequential {
	return layers.Sequential{
		{Name: "conv", Layer: &layers.Conv2D{
			Weight: layers.HeNormal(rng, 3*3*cin, cout, 3, 3, cin),
			Conv:   tensor.Conv{Padding: tensor.PadAll(1, tensor.PadZero)},
		}},
		{Name: "norm", Layer: layers.NewBatchNorm(cout)},
		{Name: "relu", Layer: layers.ReLU()},
		{Name: "pool", Layer: layers.MaxPool2D(tensor.Pool{KH: 2, KW: 2})},
	}
}

// plan says how to train.
type plan struct {
	seed     uint64  // of digits, weights and all else
	steps    int     // in all
	batch    int     // digits in a step
	pictures int     // different ones, or 0 for new ones in every step
	rate     float64 // of the first step
	dropout  float64 // probability
}

// trainer is a network in training.
type trainer struct {
	plan
	net  layers.Sequential
	tape *autodiff.Tape
	adam optim.Adam
	rng  *rand.Rand
	done int // steps
}

func newTrainer(p plan) *trainer {
	rng := rand.New(rand.NewPCG(p.seed, math.MaxUint64)) // a number that no picture has
	return &trainer{plan: p, net: newNetwork(rng, p.dropout), tape: autodiff.NewTape(), rng: rng}
}

// step trains with a batch of digits. It returns the loss and how many of them
// the network got right, before it learnt from them.
func (t *trainer) step() (loss float64, right int) {
	numbers := make([]int, t.batch)
	for i := range numbers {
		numbers[i] = t.done*t.batch + i
		if t.pictures > 0 {
			numbers[i] = t.rng.IntN(t.pictures)
		}
	}
	pictures, labels := drawBatch(t.seed, numbers)
	t.adam.LearningRate = t.rate * (1 - float64(t.done)/float64(t.steps))

	vars := layers.Leaves(t.tape, t.net).Training(t.rng)
	scores := t.net.Forward(t.tape.Constant(pictures), vars)
	cost := autodiff.CrossEntropy(scores, labels)
	cost.Backward()
	t.adam.Step(vars.ValuesAndGradients(t.net))

	loss, right = cost.Scalar(), count(best(scores.Value()), labels)
	t.tape.Reset()
	t.done++
	return loss, right
}

// answers returns what the network, as it is used, takes pictures for.
func (t *trainer) answers(pictures *tensor.Tensor) (answers []int) {
	const atOnce = 250
	for rest := pictures.Data(); len(rest) > 0; {
		n := min(atOnce, len(rest)/(side*side))
		x := tensor.FromSlice(rest[:n*side*side], n, side, side, 1)
		rest = rest[n*side*side:]
		answers = append(answers, best(t.net.Forward(t.tape.Constant(x), layers.Vars{}).Value())...)
		t.tape.Reset()
	}
	return answers
}

// size returns the number of values that are trained.
func (t *trainer) size() (n int) {
	for _, p := range t.net.Parameters() {
		if !p.Buffer {
			n += p.Value.Len()
		}
	}
	return n
}

// best returns the column of the highest score of each row, any one if there are
// scores that are NaN.
func best(scores *tensor.Tensor) []int {
	columns := make([]int, scores.Dim(0))
	for i := range columns {
		row := scores.Data()[i*digits:][:digits]
		for column, score := range row {
			if score > row[columns[i]] {
				columns[i] = column
			}
		}
	}
	return columns
}

// count returns how many answers are right.
func count(answers, labels []int) (right int) {
	for i, a := range answers {
		if a == labels[i] {
			right++
		}
	}
	return right
}
