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
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/cmd/internal/rss"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
	"github.com/brushgrad/brushgrad/vgg/distilled"
)

// benchCmd is nst bench.
type benchCmd struct {
	Size  int `default:"256" min:"32" max:"8192" placeholder:"PIXELS" help:"Side of the square picture (${default}); 8192 takes 40 GB."`
	Evals int `default:"5" min:"1" placeholder:"N" help:"Evaluations to time, after one to warm up (${default})."`
	painting.Cores
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
		RSSBase: rss.Peak(), Kernels: asm.Implementation,
	}
	noise := func(seed uint64) *tensor.Tensor { return nst.Noise(b.Size, b.Size, seed) }
	objective, err := nst.NewObjective(net, noise(1), []nst.Style{{Picture: noise(2)}}, nst.Costs{})
	if err != nil {
		return err
	}
	x, grad := noise(3), tensor.New(1, b.Size, b.Size, 3)
	times, err := b.measure(ctx,
		func() { objective.Evaluate(x, grad) },
		func() { objective.Evaluate(x, nil) },
		func() { fmaBurst(report.Threads) })
	if err != nil {
		return err
	}
	report.SecondsMedian, report.SecondsMin = median(times[0]), times[0][0]
	report.ForwardMedian = median(times[1])
	report.RSS = rss.Peak()
	report.GFLOPS = 2 * net.FLOP(b.Size, b.Size, objective.Layers()) / report.SecondsMedian / 1e9
	report.Peak = burstGFLOP * float64(report.Threads) / median(times[2])
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

// measure runs functions in turn, after one run of each to warm up, and returns the
// times of each in seconds, sorted, or an error when ctx ends. What is compared is
// measured in turn: the speed of a machine that is shared changes from second to second.
func (b *benchCmd) measure(ctx context.Context, runs ...func()) ([][]float64, error) {
	times := make([][]float64, len(runs))
	for i := range b.Evals + 1 {
		if ctx.Err() != nil {
			return nil, commandline.ErrInterrupted
		}
		for j, run := range runs {
			start := time.Now()
			run()
			if i > 0 {
				times[j] = append(times[j], time.Since(start).Seconds())
			}
		}
	}
	for _, t := range times {
		slices.Sort(t)
	}
	return times, nil
}

func median(sorted []float64) float64 { return sorted[len(sorted)/2] }

// burstRounds is the work of one burst of a thread: some ten milliseconds.
const burstRounds = 5_000_000

const burstGFLOP = burstRounds * asm.FMABurstFLOP / 1e9

// fmaBurst does fused multiply-adds on registers, on a number of threads at once. What
// they do in a second is the peak of the processor.
func fmaBurst(threads int) {
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			for range 500 {
				asm.FMABurst(burstRounds / 500)
			}
		})
	}
	wg.Wait()
}
