package nst_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/vgg"
)

func TestForecast(t *testing.T) {
	style := []nst.Style{{Picture: wave(32, 32, 1)}}
	f, err := nst.NewForecast(t.Context(), small(t), wave(64, 96, 0), style, nst.Options{})
	if err != nil || f.Time <= 0 {
		t.Errorf("a time of %v, error %v", f.Time, err)
	}
	shapes := nst.ShapesOf(wave(64, 96, 0), style)
	if memory, err := nst.ForecastMemory(small(t), shapes, nst.Options{}); err != nil || memory != f.Memory {
		t.Errorf("memory %d by shapes, %d by pictures, error %v", memory, f.Memory, err)
	}
	if _, err := nst.NewForecast(t.Context(), small(t), wave(15, 64, 0), style, nst.Options{}); err == nil || !strings.Contains(err.Error(), "too small") {
		t.Errorf("error %v, want one that says too small", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := nst.NewForecast(ctx, small(t), wave(64, 96, 0), style, nst.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}

// TestForecastMemoryGrows with everything that takes memory, and with nothing else.
func TestForecastMemoryGrows(t *testing.T) {
	const size = 1024
	net := vgg.New(vgg.Random(4, 1), vgg.MaxPooling)
	memory := func(size int, opt nst.Options, styles ...nst.StyleShape) int64 {
		n, err := nst.ForecastMemory(net, nst.Shapes{Height: size, Width: size, Styles: styles}, opt)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	same := nst.StyleShape{Height: size, Width: size}
	plain := memory(size, nst.Options{}, same)
	if more := memory(size, nst.Options{History: 30}, same) - plain; more < 240*size*size || more > 300*size*size {
		t.Errorf("ten pairs more take %d bytes, want a little more than %d", more, 240*size*size)
	}
	if four := memory(2*size, nst.Options{}, nst.StyleShape{Height: 2 * size, Width: 2 * size}); four < 3*plain || four > 4*plain {
		t.Errorf("%d for four times the pixels, %d for one", four, plain)
	}
	masked := same
	masked.ContentMask = true
	for name, more := range map[string]int64{
		"masks":              memory(size, nst.Options{}, masked, masked),
		"Wasserstein":        memory(size, nst.Options{Costs: nst.Costs{StyleCost: nst.Wasserstein{}}}, same),
		"mean and deviation": memory(size, nst.Options{Costs: nst.Costs{StyleCost: nst.MeanStd{}}}, same),
		"another cost":       memory(size, nst.Options{Costs: nst.Costs{StyleCost: ownGram{}}}, same),
		"a layer before a pooling": memory(size, nst.Options{Costs: nst.Costs{
			StyleLayers: []nst.Layer{{Name: "conv1_2", Weight: 1}, {Name: "conv5_1", Weight: 1}}}}, same),
		"a large style": memory(size, nst.Options{}, nst.StyleShape{Height: 4 * size, Width: 4 * size}),
	} {
		if more <= plain {
			t.Errorf("%s: %d bytes, %d without", name, more, plain)
		}
	}
	if adam := memory(size, nst.Options{Optimizer: nst.Adam}, same); adam >= plain {
		t.Errorf("%d bytes with Adam, %d with L-BFGS", adam, plain)
	}
	average, err := nst.ForecastMemory(vgg.New(vgg.Random(4, 1), vgg.AvgPooling),
		nst.Shapes{Height: size, Width: size, Styles: []nst.StyleShape{same}}, nst.Options{})
	if err != nil || average <= plain {
		t.Errorf("%d bytes with average pooling, %d without, error %v", average, plain, err)
	}
}

// TestForecastMemoryTakesNone: not even for pictures that no machine can hold.
func TestForecastMemoryTakesNone(t *testing.T) {
	shapes := nst.Shapes{Height: 1 << 20, Width: 1 << 20, Styles: []nst.StyleShape{{Height: 1 << 20, Width: 1 << 20}}}
	net := small(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if n, err := nst.ForecastMemory(net, shapes, nst.Options{}); err != nil || n < 1<<40 {
		t.Fatal(n, err)
	}
	runtime.ReadMemStats(&after)
	bytes := after.TotalAlloc - before.TotalAlloc
	if bytes > 1<<16 {
		t.Errorf("it takes %d bytes", bytes)
	}
}
