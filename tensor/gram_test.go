package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// gramShapes are the (P,C) of the tests: C around the sixteen columns and six
// rows of a panel, blocks in place and copied, one task, many chunks, groups of
// panels, a chunk with a rest.
var gramShapes = [][2]int{
	{1, 1}, {7, 1}, {1, 16}, {3, 5}, {2000, 3}, {5, 6}, {40, 15}, {257, 17}, {9001, 16}, {5003, 32}, {300, 64},
	{4097, 48}, {2049, 61}, {700, 128}, {700, 129}, {385, 145}, {1100, 150}, {192, 256}, {300, 330}, {0, 20}, {4, 0}, {0, 0},
}

// naiveGram returns a^T a and the sums of the magnitudes of its products.
func naiveGram(a *Tensor) (sum, magnitude []float64) {
	positions, c := a.shape[0], a.shape[1]
	sum, magnitude = make([]float64, c*c), make([]float64, c*c)
	for p := range positions {
		row := a.data[p*c:][:c]
		for i, v := range row {
			for j, w := range row {
				sum[i*c+j] += float64(v) * float64(w)
				magnitude[i*c+j] += math.Abs(float64(v) * float64(w))
			}
		}
	}
	return sum, magnitude
}

// TestGram compares with the plain sum in float64, within the bound that the
// doc comment states, and checks the symmetry, which is exact.
func TestGram(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const scale = 0.37
	for _, s := range gramShapes {
		a, g := random(rng, s[0], s[1]), Full(float32(math.NaN()), s[1], s[1])
		PoisonScratch(1 << 20)
		Gram(g, a, scale)
		want, magnitude := naiveGram(a)
		c := s[1]
		for i, v := range g.data {
			bound := float64(s[0]+2) * 0x1p-24 * float64(float32(scale)) * magnitude[i]
			if err := math.Abs(float64(v) - float64(float32(scale))*want[i]); !(err <= bound) {
				t.Fatalf("%v: element (%d,%d) is %v, want %v", s, i/c, i%c, v, scale*want[i])
			}
			if mirrored := g.data[i%c*c+i/c]; math.Float32bits(v) != math.Float32bits(mirrored) {
				t.Fatalf("%v: elements (%d,%d) %v and (%d,%d) %v differ", s, i/c, i%c, v, i%c, i/c, mirrored)
			}
		}
	}
}

// TestGramKeepsNaN checks that a NaN reaches its row and column and nothing
// else, wherever the margins of a partial sum begin.
func TestGramKeepsNaN(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, c := range []int{1, 5, 16, 20, 131} {
		for _, at := range []int{0, c / 2, c - 1} {
			a, g := random(rng, 50, c), New(c, c)
			a.Set(float32(math.NaN()), 20, at)
			Gram(g, a, 1)
			for i, v := range g.data {
				if want := i/c == at || i%c == at; (v != v) != want {
					t.Fatalf("C=%d, NaN in channel %d: element (%d,%d) is %v", c, at, i/c, i%c, v)
				}
			}
		}
	}
}

func TestGramSameBitsOnAnyNumberOfThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, s := range [][2]int{{40000, 16}, {9001, 70}, {3000, 200}, {256, 512}} {
		a, dg := random(rng, s[0], s[1]), random(rng, s[1], s[1])
		var first, firstGrad *Tensor
		for _, threads := range []int{1, 2, 3, 8} {
			old := runtime.GOMAXPROCS(threads)
			g, dx := New(s[1], s[1]), New(s[:]...)
			PoisonScratch(1 << 20)
			Gram(g, a, 0.3)
			GramGrad(dx, a, dg, 0.3, false)
			runtime.GOMAXPROCS(old)
			if first == nil {
				first, firstGrad = g, dx
			}
			for i, v := range g.data {
				if v != first.data[i] {
					t.Fatalf("%v: element %d is %v on %d threads and %v on one", s, i, v, threads, first.data[i])
				}
			}
			for i, v := range dx.data {
				if v != firstGrad.data[i] {
					t.Fatalf("%v: gradient %d is %v on %d threads and %v on one", s, i, v, threads, firstGrad.data[i])
				}
			}
		}
	}
}

// TestGramPlan checks that partial sums stay within their memory and that tasks
// cover every panel of every position once.
func TestGramPlan(t *testing.T) {
	for _, s := range append([][2]int{{1 << 20, 64}, {1 << 22, 16}, {4096, 512}, {1 << 20, 512}, {256, 512}, {65536, 128}, {3000, 2000}}, gramShapes...) {
		if s[1] == 0 {
			continue
		}
		g := planGram(s[0], s[1])
		if g.chunks > 1 && g.chunks*g.size > gramPartial {
			t.Errorf("%v: %d partial sums of %d elements", s, g.chunks, g.size)
		}
		if g.chunks < 1 || g.chunks*g.chunk < s[0] || s[0] > 0 && (g.chunks-1)*g.chunk >= s[0] {
			t.Errorf("%v: %d chunks of %d positions", s, g.chunks, g.chunk)
		}
		if g.groups < 1 || g.border(0) != 0 || g.border(g.groups) != g.panels() {
			t.Errorf("%v: groups of panels from %d to %d of %d", s, g.border(0), g.border(g.groups), g.panels())
		}
		for i := range g.groups {
			if g.border(i) >= g.border(i+1) {
				t.Errorf("%v: group %d of %d is empty", s, i, g.groups)
			}
		}
	}
}

// TestGramGrad compares with the definition in float64, both ways of storing.
func TestGramGrad(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const scale = float32(0.37)
	for _, s := range [][2]int{{1, 1}, {3, 5}, {40, 15}, {300, 16}, {97, 17}, {200, 64}, {33, 129}, {0, 20}, {4, 0}} {
		for _, accumulate := range []bool{false, true} {
			c := s[1]
			a, dg, dx := random(rng, s[0], c), random(rng, c, c), random(rng, s[0], c)
			before := dx.Clone()
			if !accumulate {
				dx = Full(float32(math.NaN()), s[0], c)
				clear(before.data)
			}
			PoisonScratch(1 << 16)
			GramGrad(dx, a, dg, scale, accumulate)
			for p := range s[0] {
				for i := range c {
					want, magnitude := float64(before.At(p, i)), math.Abs(float64(before.At(p, i)))
					for j := range c {
						v := float64(scale) * float64(a.At(p, j)) * (float64(dg.At(j, i)) + float64(dg.At(i, j)))
						want += v
						magnitude += math.Abs(v)
					}
					if err := math.Abs(float64(dx.At(p, i)) - want); !(err <= float64(c+4)*0x1p-24*magnitude) {
						t.Fatalf("%v accumulate=%v: element (%d,%d) is %v, want %v", s, accumulate, p, i, dx.At(p, i), want)
					}
				}
			}
		}
	}
}

// TestGramGradIsTheAdjoint checks <dg, dG(a)[v]> = <GramGrad(dg), v> on whole
// numbers, where nothing is rounded: the derivative of a quadratic form is its
// exact central difference.
func TestGramGradIsTheAdjoint(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	whole := func(shape ...int) *Tensor {
		x := New(shape...)
		for i := range x.data {
			x.data[i] = float32(rng.IntN(7) - 3)
		}
		return x
	}
	for _, s := range [][2]int{{1, 1}, {9, 4}, {50, 19}, {300, 140}} {
		a, v, dg := whole(s[:]...), whole(s[:]...), whole(s[1], s[1])
		plus, minus := a.Clone(), a.Clone()
		AddScaled(plus, 1, v)
		AddScaled(minus, -1, v)
		gp, gm, dx := New(s[1], s[1]), New(s[1], s[1]), New(s[:]...)
		Gram(gp, plus, 0.5)
		Gram(gm, minus, 0.5)
		GramGrad(dx, a, dg, 1, false)
		left, right := 0.0, 0.0
		for i, d := range dg.data {
			left += float64(d) * float64(gp.data[i]-gm.data[i])
		}
		for i, d := range dx.data {
			right += float64(d) * float64(v.data[i])
		}
		if left != right {
			t.Errorf("%v: <dg,dG> = %v but <dx,v> = %v", s, left, right)
		}
	}
}

func TestGramPanicsNameTheShapes(t *testing.T) {
	wantPanic(t, "tensor: Gram: a [4 3] does not give [4 4], wants (P,C) and (C,C)", func() { Gram(New(4, 4), New(4, 3), 1) })
	wantPanic(t, "tensor: Gram: a [12] does not give [12 12], wants (P,C) and (C,C)", func() { Gram(New(12, 12), New(12), 1) })
	wantPanic(t, "tensor: GramGrad: dx [4 3], a [4 3] and dg [4 4] do not fit, wants (P,C), (P,C) and (C,C)",
		func() { GramGrad(New(4, 3), New(4, 3), New(4, 4), 1, false) })
	wantPanic(t, "tensor: GramGrad: dx [3 4], a [4 3] and dg [3 3] do not fit, wants (P,C), (P,C) and (C,C)",
		func() { GramGrad(New(3, 4), New(4, 3), New(3, 3), 1, true) })
}

// BenchmarkGram compares with the full product, for the style layers of VGG19
// and of slimmer networks.
func BenchmarkGram(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][2]int{{65536, 64}, {16384, 128}, {4096, 256}, {1024, 512}, {256, 512}, {196608, 16}, {49152, 32}} {
		a, g, dx := random(rng, s[:]...), New(s[1], s[1]), New(s[:]...)
		for _, kind := range []struct {
			name string
			f    func()
		}{
			{"Gram", func() { Gram(g, a, 1) }},
			{"MatMul", func() { MatMul(g, a, a, true, false, false) }},
			{"GramGrad", func() { GramGrad(dx, a, g, 1, true) }},
		} {
			b.Run(fmt.Sprintf("%dx%d/%s", s[0], s[1], kind.name), func(b *testing.B) {
				for b.Loop() {
					kind.f()
				}
			})
		}
	}
}
