package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
	"github.com/brushgrad/brushgrad/vgg/distilled"
)

// benchCmd is nst bench.
type benchCmd struct {
	Size  int `default:"256" min:"32" max:"8192" placeholder:"PIXELS" help:"Side of the square picture (${default})."`
	Evals int `default:"5" min:"1" placeholder:"N" help:"Evaluations to time, after one to warm up (${default})."`
	painting.Cores
	memory.Guard
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
	weights, err := b.weights()
	if err != nil {
		return err
	}
	net := vgg.New(weights, vgg.MaxPooling)
	need, err := b.need(net, b.Size)
	if err != nil {
		return err
	}
	if err := b.Check("this", need, func(free int64) string { return b.advise(net, free) }); err != nil {
		return err
	}
	defer memory.Within(need)()
	if b.Layers {
		return b.layers(ctx, term, weights)
	}
	weights = nil
	runtime.GC()
	report := benchReport{
		Network: b.Network, Size: b.Size, Threads: runtime.GOMAXPROCS(0), Evals: b.Evals,
		RSSBase: memory.Peak(), Kernels: asm.Implementation,
	}
	picture := func(seed uint64) *tensor.Tensor { return nst.Noise(b.Size, b.Size, seed) }
	objective, err := nst.NewObjective(net, picture(1), []nst.Style{{Picture: picture(2)}}, nst.Costs{})
	if err != nil {
		return err
	}
	x, grad := picture(3), tensor.New(1, b.Size, b.Size, 3)
	times, peak, err := b.measure(ctx, func() { objective.Evaluate(x, grad) }, func() { objective.Evaluate(x, nil) })
	if err != nil {
		return err
	}
	report.SecondsMedian, report.SecondsMin, report.ForwardMedian = median(times[0]), slices.Min(times[0]), median(times[1])
	report.GFLOPS = 2 * net.FLOP(b.Size, b.Size, objective.Layers()) / report.SecondsMedian / 1e9
	report.Peak, report.OfPeak, report.RSS = peak, report.GFLOPS/peak, memory.Peak()
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

// weights returns the weights, unless there is no memory for them.
func (b *benchCmd) weights() (*vgg.Weights, error) {
	if b.Network == "default" {
		if err := painting.CheckWeights(b.Guard, ""); err != nil {
			return nil, err
		}
		return distilled.Weights(), nil
	}
	const bytes = 4 * 20_024_384 // VGG19's weights and biases
	if err := b.Check("the network alone", bytes, nil); err != nil {
		return nil, err
	}
	weights := vgg.Random(1, 1)
	weights.Padding = tensor.PadZero
	return weights, nil
}

// need returns the bytes that a picture of some size takes at most, beside the network.
func (b *benchCmd) need(net *vgg.Network, size int) (int64, error) {
	pixels := int64(size) * int64(size)
	if !b.Layers {
		shapes := nst.Shapes{Height: size, Width: size, Styles: []nst.StyleShape{{Height: size, Width: size}}}
		bytes, err := nst.ForecastEvaluation(net, shapes, nst.Costs{})
		return bytes + 3*12*pixels, err // content, style and picture
	}
	// Values and their gradients before and after a layer, and the mask.
	most, in := int64(0), int64(3)
	for _, name := range net.Layers() {
		out := int64(net.Channels(name))
		most = max(most, pixels*(8*(in+out)+out/8))
		in = out
		if vgg.EndsBlock(name) {
			pixels /= 4
		}
	}
	return most + most/16 + layersExtra, nil
}

// layersExtra is what kernels work on, the stacks and the code, in bytes.
const layersExtra = 24 << 20

// advise says which --size fits into the free bytes.
func (b *benchCmd) advise(net *vgg.Network, free int64) string {
	const least = 32
	size := memory.Largest(b.Size, free, func(size int) (int64, error) { return b.need(net, size) })
	if size < least {
		return "no --size would fit"
	}
	return fmt.Sprintf("--size %d would fit", size-size%least)
}

// measure runs functions in turn, after one run of each to warm up. It returns the
// times of each in seconds, and the peak of the processor meanwhile, in GFLOP/s, or an
// error when ctx ends. What is compared is measured in turn: the speed of a machine that
// is shared changes from second to second.
func (b *benchCmd) measure(ctx context.Context, runs ...func()) (times [][]float64, peak float64, err error) {
	runs = append(runs, fmaBurst)
	times = make([][]float64, len(runs))
	for i := range b.Evals + 1 {
		if ctx.Err() != nil {
			return nil, 0, commandline.ErrInterrupted
		}
		for j, run := range runs {
			start := time.Now()
			run()
			if i > 0 {
				times[j] = append(times[j], time.Since(start).Seconds())
			}
		}
	}
	burst := burstGFLOP * float64(runtime.GOMAXPROCS(0))
	return times, burst / median(times[len(runs)-1]), nil
}

func median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

// burstRounds is the work of one burst of a thread: some ten milliseconds.
const burstRounds = 5_000_000

const burstGFLOP = burstRounds * asm.FMABurstFLOP / 1e9

// fmaBurst does fused multiply-adds on registers, on all threads at once. What they do
// in a second is the peak of the processor.
func fmaBurst() {
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for range 500 {
				asm.FMABurst(burstRounds / 500)
			}
		})
	}
	wg.Wait()
}

// layerReport is what nst bench --layers says of one convolution.
type layerReport struct {
	Layer    string  `json:"layer"`
	Height   int     `json:"height"`
	Width    int     `json:"width"`
	In       int     `json:"in"`
	Out      int     `json:"out"`
	GFLOP    float64 `json:"gflop_direct"`
	Forward  pass    `json:"forward"`
	Backward pass    `json:"backward"` // gradient of the input
}

// pass is one direction of a layer: the median time, the operations of a
// direct convolution in that time, and these as a fraction of the FMA peak.
type pass struct {
	Seconds float64 `json:"seconds_median"`
	GFLOPS  float64 `json:"gflops_direct_equivalent"`
	OfPeak  float64 `json:"fraction_of_peak"`
}

// layers times every convolution up to the deepest layer of the costs, with
// its bias and ReLU, and the gradient of its input, with the ReLU's.
func (b *benchCmd) layers(ctx context.Context, term terminal, weights *vgg.Weights) error {
	height, width := b.Size, b.Size
	var reports []layerReport
	total := layerReport{Layer: "total"}
	var peaks []float64
	left := nst.Costs{}.Layers()
	for _, c := range weights.Convs {
		x, y := noise(height, width, c.Weight.Dim(3)), noise(height, width, c.Weight.Dim(0))
		dx, dy, mask := tensor.New(x.Shape()...), y.Clone(), make([]uint8, tensor.MaskLen(y.Len()))
		conv := tensor.Conv{Padding: tensor.PadAll(1, weights.Padding)}
		times, peak, err := b.measure(ctx,
			func() { tensor.Conv2DReLU(y, mask, x, c.Weight, c.Bias, conv) },
			func() { tensor.Conv2DReLUGradInput(dx, dy, mask, c.Weight, conv, false) })
		if err != nil {
			return err
		}
		r := layerReport{
			Layer: c.Name, Height: height, Width: width, In: x.Dim(3), Out: y.Dim(3),
			GFLOP:   2 * float64(height*width) * float64(c.Weight.Len()) / 1e9,
			Forward: pass{Seconds: median(times[0])}, Backward: pass{Seconds: median(times[1])},
		}
		peaks = append(peaks, peak)
		reports = append(reports, r)
		total.GFLOP += r.GFLOP
		total.Forward.Seconds += r.Forward.Seconds
		total.Backward.Seconds += r.Backward.Seconds
		if left = slices.DeleteFunc(left, func(name string) bool { return name == c.Name }); len(left) == 0 {
			break
		}
		if vgg.EndsBlock(c.Name) {
			height, width = height/2, width/2
		}
	}
	reports = append(reports, total)
	for i := range reports {
		for _, p := range []*pass{&reports[i].Forward, &reports[i].Backward} {
			p.GFLOPS = reports[i].GFLOP / p.Seconds
			p.OfPeak = p.GFLOPS / median(peaks)
		}
	}
	if b.JSON {
		return json.NewEncoder(term.stdout).Encode(reports)
	}
	_, err := fmt.Fprintf(term.stdout, `%s, %dx%d, %d threads, FMA peak %.0f GFLOP/s; direct-equivalent GFLOP/s

layer     picture      channels    forward ms  GFLOP/s  of peak   backward ms  GFLOP/s  of peak
`, b.Network, b.Size, b.Size, runtime.GOMAXPROCS(0), median(peaks))
	for _, r := range reports {
		where := ""
		if r.In > 0 {
			where = fmt.Sprintf("%4dx%-4d  %4d ->%4d", r.Width, r.Height, r.In, r.Out)
		}
		_, err = fmt.Fprintf(term.stdout, "%-8s  %-22s  %10.2f  %7.0f  %7.2f  %12.2f  %7.0f  %7.2f\n", r.Layer, where,
			1e3*r.Forward.Seconds, r.Forward.GFLOPS, r.Forward.OfPeak,
			1e3*r.Backward.Seconds, r.Backward.GFLOPS, r.Backward.OfPeak)
	}
	return err
}

// noise returns a tensor (1,H,W,C) of values around zero.
func noise(height, width, channels int) *tensor.Tensor {
	t := tensor.New(1, height, width, channels)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range t.Data() {
		t.Data()[i] = 2*random.Float32() - 1
	}
	return t
}
