package layers

import (
	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

const (
	batchNormEpsilon  = 1e-5 // is added to a variance
	batchNormMomentum = 0.1  // is the weight of a batch in the running averages
)

// BatchNorm brings every channel of its input, (N,H,W,C) or (N,C), to a mean and
// a deviation of its own, which it learns:
//
//	y[...,c] = Gamma[c] (x[...,c] - mean[c]) / sqrt(variance[c] + 1e-5) + Beta[c]
//
// (Ioffe and Szegedy, "Batch Normalization", ICML 2015.) In training, mean and
// variance are those of the batch, see [autodiff.BatchNorm], and Forward moves
// RunningMean and RunningVariance a tenth of the way to them. In eval mode these
// take their place, so that a result does not depend on what else is in the
// batch.
//
// A bias before this layer does nothing, and Beta is one behind it. Its parameters
// are called "gamma" and "beta"; "running_mean" and "running_variance" are
// buffers.
type BatchNorm struct {
	Gamma, Beta *tensor.Tensor // (C)
	// RunningVariance (C) is an average of estimates for what the batches are
	// drawn from: of n squared deviations, the sum is divided by n-1 here.
	RunningMean, RunningVariance *tensor.Tensor
}

// NewBatchNorm returns a layer for so many channels that starts with deviation 1
// and mean 0.
func NewBatchNorm(channels int) *BatchNorm {
	return &BatchNorm{
		Gamma: tensor.Full(1, channels), Beta: tensor.New(channels),
		RunningMean: tensor.New(channels), RunningVariance: tensor.Full(1, channels),
	}
}

// Forward implements [Layer]. A layer that is frozen stays in eval mode: with
// Gamma and Beta constants, neither batches nor averages have a say. In training
// it panics if x has a single value of each channel.
func (l *BatchNorm) Forward(x *autodiff.Var, vars Vars) *autodiff.Var {
	gamma, beta := vars.Of(l.Gamma, x.Tape()), vars.Of(l.Beta, x.Tape())
	if vars.Rand() == nil || !gamma.NeedsGrad() && !beta.NeedsGrad() {
		return l.eval(x, gamma, beta, vars)
	}
	y, m := autodiff.BatchNorm(x, gamma, beta, batchNormEpsilon)
	n := float64(tensor.NumElements(x.Shape())) / float64(l.Gamma.Len())
	update(l.RunningMean, m.Mean, 1)
	update(l.RunningVariance, m.Variance, n/(n-1))
	return y
}

// eval applies the running averages, which is one factor and one summand for
// each channel.
func (l *BatchNorm) eval(x, gamma, beta *autodiff.Var, vars Vars) *autodiff.Var {
	mean, variance := vars.Of(l.RunningMean, x.Tape()), vars.Of(l.RunningVariance, x.Tape())
	scale := autodiff.Div(gamma, autodiff.Sqrt(autodiff.AddScalar(variance, batchNormEpsilon)))
	scaled := autodiff.Mul(x, scale)
	defer scaled.Release()
	return autodiff.Add(scaled, autodiff.Sub(beta, autodiff.Mul(mean, scale)))
}

// update moves averages on by a batch.
func update(average *tensor.Tensor, batch []float64, factor float64) {
	for c, v := range batch {
		a := &average.Data()[c]
		*a = float32((1-batchNormMomentum)*float64(*a) + batchNormMomentum*factor*v)
	}
}

// Parameters implements [Layer].
func (l *BatchNorm) Parameters() []Parameter {
	return []Parameter{
		{Name: "gamma", Value: l.Gamma}, {Name: "beta", Value: l.Beta},
		{Name: "running_mean", Value: l.RunningMean, Buffer: true},
		{Name: "running_variance", Value: l.RunningVariance, Buffer: true},
	}
}
