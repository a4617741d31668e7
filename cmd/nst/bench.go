package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
	"github.com/brushgrad/brushgrad/vgg/distilled"
)

// benchCmd is nst bench.
type benchCmd struct {
	Size    int    `default:"256" placeholder:"PIXELS" help:"Side of the square picture (${default})."`
	Threads int    `default:"0" placeholder:"N" help:"Cores to use; 0 means all."`
	Evals   int    `default:"5" placeholder:"N" help:"Evaluations to time, after one to warm up (${default})."`
	Network string `enum:"vgg19,default" default:"vgg19" help:"Full-width VGG19 with random weights (vgg19), or the built-in network (default)."`
	Layers  bool   `help:"Time every convolution by itself, forward and backward, instead of the whole."`
	JSON    bool   `name:"json" help:"Print JSON: one object, or with --layers a list of them."`
}

// benchReport is the JSON that nst bench prints.
type benchReport struct {
	Network       string  `json:"network"`
	Size          int     `json:"size"`
	Threads       int     `json:"threads"`
	Evals         int     `json:"evals"`
	SecondsMedian float64 `json:"seconds_median"` // cost and gradient
	SecondsMin    float64 `json:"seconds_min"`
	ForwardMedian float64 `json:"forward_median"` // cost alone
	RSS           int     `json:"rss_mib"`        // largest so far
	RSSBase       int     `json:"rss_base_mib"`   // with the weights, before the first evaluation
	GFLOPS        float64 `json:"gflops_direct_equivalent"`
	Peak          float64 `json:"fma_peak_gflops"`
	OfPeak        float64 `json:"fraction_of_peak"`
	Kernels       string  `json:"kernels"`
}

// Validate is called by kong.
func (b *benchCmd) Validate() error {
	const most = 8192 // which take 40 GB
	switch {
	case b.Size < 32 || b.Size > most:
		return fmt.Errorf("--size is %d, but must be from 32 to %d", b.Size, most)
	case b.Evals < 1:
		return fmt.Errorf("--evals is %d, but must be 1 or more", b.Evals)
	}
	return checkThreads(b.Threads)
}

// Run is called by kong.
func (b *benchCmd) Run(ctx context.Context, term terminal) error {
	if b.Threads > 0 {
		runtime.GOMAXPROCS(b.Threads)
	}
	var weights *vgg.Weights
	if b.Network == "vgg19" {
		weights = vgg.Random(1, 1)
		weights.Padding = tensor.PadZero
	} else {
		weights = distilled.Weights()
	}
	if b.Layers {
		return b.layers(ctx, term, weights, runtime.GOMAXPROCS(0))
	}
	net := vgg.New(weights, vgg.MaxPooling)
	weights = nil
	runtime.GC()
	report := benchReport{
		Network: b.Network, Size: b.Size, Threads: runtime.GOMAXPROCS(0), Evals: b.Evals,
		RSSBase: peakRSS(), Kernels: asm.Implementation,
	}
	noise := func(seed uint64) *tensor.Tensor { return nst.Noise(b.Size, b.Size, seed) }
	objective, err := nst.NewObjective(net, noise(1), []nst.Style{{Picture: noise(2)}}, nst.Costs{})
	if err != nil {
		return err
	}
	x, grad := noise(3), tensor.New(1, b.Size, b.Size, 3)
	var both, forward, peak []float64
	for i := range b.Evals + 1 {
		if ctx.Err() != nil {
			return commandline.ErrInterrupted
		}
		start := time.Now()
		objective.Evaluate(x, grad)
		middle := time.Now()
		objective.Evaluate(x, nil)
		if i > 0 {
			both = append(both, middle.Sub(start).Seconds())
			forward = append(forward, time.Since(middle).Seconds())
			peak = append(peak, fmaPeak(report.Threads))
		}
	}
	slices.Sort(both)
	slices.Sort(forward)
	slices.Sort(peak)
	report.SecondsMedian, report.SecondsMin = both[len(both)/2], both[0]
	report.ForwardMedian = forward[len(forward)/2]
	report.RSS = peakRSS()
	report.GFLOPS = 2 * net.FLOP(b.Size, b.Size, objective.Layers()) / report.SecondsMedian / 1e9
	report.Peak = peak[len(peak)/2]
	report.OfPeak = report.GFLOPS / report.Peak
	if b.JSON {
		return json.NewEncoder(term.stdout).Encode(report)
	}
	_, err = fmt.Fprintf(term.stdout, `%s, %dx%d, %d threads, %s kernels
cost and gradient  %.3f s (median of %d, least %.3f)
cost alone         %.3f s
convolutions       %.0f GFLOP/s, %.0f %% of the FMA peak of %.0f measured here
memory             %d MiB at most, %d before the first evaluation
`, b.Network, b.Size, b.Size, report.Threads, report.Kernels,
		report.SecondsMedian, b.Evals, report.SecondsMin, report.ForwardMedian,
		report.GFLOPS, 100*report.OfPeak, report.Peak, report.RSS, report.RSSBase)
	return err
}

// fmaPeak measures the GFLOP/s of fused multiply-adds on registers, on so many
// threads at once, for some ten milliseconds. The speed of a machine that is
// shared changes from second to second, so what is compared with the peak is
// measured in turn with it.
func fmaPeak(threads int) float64 {
	const rounds = 5_000_000
	var wg sync.WaitGroup
	start := time.Now()
	for range threads {
		wg.Go(func() {
			for range 500 {
				asm.FMABurst(rounds / 500)
			}
		})
	}
	wg.Wait()
	return float64(threads) * rounds * asm.FMABurstFLOP / time.Since(start).Seconds() / 1e9
}
