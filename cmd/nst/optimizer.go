package main

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/nst"
)

// optimizerFlags choose how the cost is lowered.
type optimizerFlags struct {
	Iterations   int     `default:"0" placeholder:"N" help:"Steps of the optimiser at full size (350; the demo's are 150). Each smaller scale takes a tenth of them."`
	Scales       int     `default:"0" placeholder:"N" help:"Sizes at which to paint, coarse to fine, from one to the next by the square root of 2 larger; 1 paints at full size only, 0 at all from --min-size on."`
	MinSize      int     `default:"128" placeholder:"PIXELS" help:"Least longest side of a smaller scale (${default})."`
	Optimizer    string  `enum:"lbfgs,adam" default:"lbfgs" help:"Method: ${enum}."`
	History      int     `default:"20" placeholder:"N" help:"Steps that L-BFGS remembers, 24 bytes a pixel each (${default})."`
	LearningRate float64 `default:"5" placeholder:"LEVELS" help:"Length of Adam's steps, in levels of 0..255 (${default})."`
	AverageDecay float64 `default:"0.9" placeholder:"SHARE" help:"The picture that Adam gives is an average of those it passes through; this is what the weight of one shrinks to with each step, 0 for no average (${default})."`
}

// What no run needs, and what would not fit into memory or a number.
const (
	maxIterations = 100_000_000
	maxHistory    = 1000
)

// Validate returns an error for a flag with a value that makes no sense.
func (f *optimizerFlags) Validate() error {
	switch {
	case f.Iterations < 0 || f.Iterations > maxIterations:
		return fmt.Errorf("--iterations is %d, but must be from 1 to %d", f.Iterations, maxIterations)
	case f.Scales < 0:
		return fmt.Errorf("--scales is %d, but must not be negative", f.Scales)
	case f.History < 1 || f.History > maxHistory:
		return fmt.Errorf("--history is %d, but must be from 1 to %d", f.History, maxHistory)
	case f.MinSize < 1:
		return fmt.Errorf("--min-size is %d, but must be a number of pixels above 0", f.MinSize)
	}
	if !(f.LearningRate > 0) || math.IsInf(f.LearningRate, 1) {
		return fmt.Errorf("--learning-rate is %v, but must be a number above 0", f.LearningRate)
	}
	if !(f.AverageDecay >= 0 && f.AverageDecay < 1) {
		return fmt.Errorf("--average-decay is %v, but must be from 0 to below 1", f.AverageDecay)
	}
	return nil
}

// options returns the options of the engine that the flags stand for.
func (f *optimizerFlags) options() nst.Options {
	opt := nst.Options{
		Iterations: f.Iterations, Scales: f.Scales, MinSize: f.MinSize,
		History: f.History, LearningRate: f.LearningRate, AverageDecay: f.AverageDecay,
	}
	if f.Optimizer == "adam" {
		opt.Optimizer = nst.Adam
	}
	if f.AverageDecay == 0 {
		opt.AverageDecay = -1 // to the engine, 0 means the default
	}
	return opt
}
