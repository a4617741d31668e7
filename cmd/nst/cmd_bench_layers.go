package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

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

func (p *pass) set(seconds, gflop, peak float64) {
	*p = pass{seconds, gflop / seconds, gflop / seconds / peak}
}

// layers times every convolution up to the deepest layer of the costs, with
// its bias and ReLU, and the gradient of its input, with the ReLU's.
func (b *benchCmd) layers(ctx context.Context, term terminal, weights *vgg.Weights, threads int) error {
	net := vgg.New(weights, vgg.MaxPooling)
	height, width := b.Size, b.Size
	var reports []layerReport
	total := layerReport{Layer: "total"}
	var peaks []float64
	deepest := deepestLayer(net.Layers(), nst.Costs{}.Layers())
	for _, c := range weights.Convs[:deepest+1] {
		x := tensor.New(1, height, width, c.Weight.Dim(3))
		y := tensor.New(1, height, width, c.Weight.Dim(0))
		fillNoise(x)
		fillNoise(y)
		dx, dy, mask := tensor.New(x.Shape()...), y.Clone(), make([]uint8, tensor.MaskLen(y.Len()))
		conv := tensor.Conv{Padding: tensor.PadAll(1, weights.Padding)}
		times, err := b.measure(ctx,
			func() { tensor.Conv2DReLU(y, mask, x, c.Weight, c.Bias, conv) },
			func() { tensor.Conv2DReLUGradInput(dx, dy, mask, c.Weight, conv, false) },
			func() { fmaBurst(threads) })
		if err != nil {
			return err
		}
		r := layerReport{
			Layer: c.Name, Height: height, Width: width, In: x.Dim(3), Out: y.Dim(3),
			GFLOP: 2 * float64(height*width) * float64(c.Weight.Len()) / 1e9,
		}
		peaks = append(peaks, burstGFLOP*float64(threads)/median(times[2]))
		r.Forward.Seconds, r.Backward.Seconds = median(times[0]), median(times[1])
		reports = append(reports, r)
		total.GFLOP += r.GFLOP
		total.Forward.Seconds += r.Forward.Seconds
		total.Backward.Seconds += r.Backward.Seconds
		if vgg.EndsBlock(c.Name) {
			height, width = height/2, width/2
		}
	}
	slices.Sort(peaks)
	peak := median(peaks)
	reports = append(reports, total)
	for i := range reports {
		r := &reports[i]
		r.Forward.set(r.Forward.Seconds, r.GFLOP, peak)
		r.Backward.set(r.Backward.Seconds, r.GFLOP, peak)
	}
	if b.JSON {
		return json.NewEncoder(term.stdout).Encode(reports)
	}
	fmt.Fprintf(term.stdout, "%s, %dx%d, %d threads, FMA peak %.0f GFLOP/s; direct-equivalent GFLOP/s\n\n", b.Network, b.Size, b.Size, threads, peak)
	fmt.Fprintf(term.stdout, "layer     picture      channels    forward ms  GFLOP/s  of peak   backward ms  GFLOP/s  of peak\n")
	for _, r := range reports {
		where := ""
		if r.In > 0 {
			where = fmt.Sprintf("%4dx%-4d  %4d ->%4d", r.Width, r.Height, r.In, r.Out)
		}
		if _, err := fmt.Fprintf(term.stdout, "%-8s  %-22s  %10.2f  %7.0f  %7.2f  %12.2f  %7.0f  %7.2f\n", r.Layer, where,
			1e3*r.Forward.Seconds, r.Forward.GFLOPS, r.Forward.OfPeak,
			1e3*r.Backward.Seconds, r.Backward.GFLOPS, r.Backward.OfPeak); err != nil {
			return err
		}
	}
	return nil
}

// deepestLayer returns the index in names of the last of the layers wanted.
func deepestLayer(names, wanted []string) int {
	deepest := 0
	for _, name := range wanted {
		deepest = max(deepest, slices.Index(names, name))
	}
	return deepest
}

// fillNoise fills t with values around zero.
func fillNoise(t *tensor.Tensor) {
	noise := nst.Noise(1, (t.Len()+2)/3, 1).Data()
	for i := range t.Data() {
		t.Data()[i] = noise[i]/128 - 1
	}
}
