package nst

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// TestSteadyState: from the second evaluation on, all memory of any size serves
// again.
func TestSteadyState(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long without assembly, and the race detector empties pools at random")
	}
	weights := vgg.Random(4, 1)
	const size = 256
	o, err := NewObjective(vgg.New(weights, vgg.MaxPooling), Noise(size, size, 1), []Style{{Picture: Noise(size, size, 2)}}, Costs{})
	if err != nil {
		t.Fatal(err)
	}
	x, grad := Noise(size, size, 3), tensor.New(1, size, size, 3)
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it empties pools
	// Each processor keeps buffers of its own, and until all have what they need,
	// one may be made that another holds: so the best of several measurements.
	allocs, bytes := uint64(1)<<63, uint64(1)<<63
	for range 10 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		const rounds = 5
		for range rounds {
			o.Evaluate(x, grad)
		}
		runtime.ReadMemStats(&after)
		allocs, bytes = min(allocs, (after.Mallocs-before.Mallocs)/rounds), min(bytes, (after.TotalAlloc-before.TotalAlloc)/rounds)
	}
	t.Logf("%d allocations of %d bytes in all", allocs, bytes)
	if allocs >= 100 || bytes >= 64<<10 {
		t.Errorf("an evaluation makes %d allocations of %d bytes in all, want less than 100 and 64 KiB", allocs, bytes)
	}
}

// BenchmarkEvaluate is an evaluation of cost and gradient, at 256x256 on VGG19
// at full width and at a quarter of it, with random filters.
func BenchmarkEvaluate(b *testing.B) {
	for name, divisor := range map[string]int{"full": 1, "quarter": 4} {
		b.Run(name, func(b *testing.B) {
			weights := vgg.Random(divisor, 1)
			weights.Padding = tensor.PadZero
			const size = 256
			o, err := NewObjective(vgg.New(weights, vgg.MaxPooling), Noise(size, size, 1), []Style{{Picture: Noise(size, size, 2)}}, Costs{})
			if err != nil {
				b.Fatal(err)
			}
			x, grad := Noise(size, size, 3), tensor.New(1, size, size, 3)
			o.Evaluate(x, grad)
			b.ReportAllocs()
			for b.Loop() {
				o.Evaluate(x, grad)
			}
		})
	}
}
