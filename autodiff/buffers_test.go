package autodiff_test

import (
	"cmp"
	"slices"
	"testing"
	"unsafe"

	"github.com/brushgrad/brushgrad/autodiff"
	"pgregory.net/rapid"
)

// TestBuffers lends and takes back slices at random. No two of them overlap,
// all start at a line of the cache, none is longer than it should be or can be
// made so, what is written stays, and when all are back, each chunk is one
// block again.
func TestBuffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b autodiff.Buffers
		type loan struct {
			s    []float32
			mark float32
		}
		var lent []loan
		giveBack := func(i int) {
			for _, v := range lent[i].s {
				if v != lent[i].mark {
					t.Fatalf("%v was overwritten by %v", lent[i].mark, v)
				}
			}
			b.GiveBack(lent[i].s)
			lent = slices.Delete(lent, i, i+1)
		}
		want, mark := 0, float32(0)
		t.Repeat(map[string]func(*rapid.T){
			"lend": func(t *rapid.T) {
				n := rapid.OneOf(rapid.IntRange(0, 100), rapid.IntRange(0, 200_000), rapid.SampledFrom([]int{1 << 18, 1<<18 + 1, 1 << 19})).Draw(t, "n")
				s := b.Lend(n)
				if len(s) != n || cap(s) != n {
					t.Fatalf("%d elements, up to %d; want %d", len(s), cap(s), n)
				}
				if n > 0 && uintptr(unsafe.Pointer(&s[0]))%64 != 0 {
					t.Fatal("a slice does not start at a multiple of 64 bytes")
				}
				mark++
				for i := range s {
					s[i] = mark
				}
				lent = append(lent, loan{s, mark})
			},
			"give back": func(t *rapid.T) {
				if len(lent) > 0 {
					giveBack(rapid.IntRange(0, len(lent)-1).Draw(t, "which"))
				}
			},
			"": func(t *rapid.T) {
				want = 0
				for _, l := range lent {
					want += (len(l.s) + 15) / 16 * 16
				}
				if live, most := b.Live(); live != want || most < live {
					t.Fatalf("%d elements live, at most %d; want %d", live, most, want)
				}
			},
		})
		if rapid.Bool().Draw(t, "reset") {
			b.Reset()
		} else {
			for len(lent) > 0 {
				giveBack(rapid.IntRange(0, len(lent)-1).Draw(t, "which"))
			}
		}
		sizes, blocks := b.Chunks()
		for i := range blocks {
			if blocks[i] != 1 {
				t.Fatalf("%d blocks in a chunk of which nothing is lent", blocks[i])
			}
		}
		// What fits is taken from what is there.
		if len(sizes) > 0 {
			b.Lend(slices.Max(sizes))
			if again, _ := b.Chunks(); len(again) != len(sizes) {
				t.Fatalf("a new chunk was made although one was free")
			}
		}
	})
}

// TestBuffersMisuse: what was not lent cannot be given back.
func TestBuffersMisuse(t *testing.T) {
	var b autodiff.Buffers
	s, other := b.Lend(100), b.Lend(10)
	wantPanic(t, "was not lent", func() { b.GiveBack(make([]float32, 100)) })
	wantPanic(t, "not lent", func() { b.GiveBack(s[1:]) })
	b.GiveBack(s)
	wantPanic(t, "second time", func() { b.GiveBack(s) })
	b.GiveBack(other)
	wantPanic(t, "second time", func() { b.GiveBack(other) })
	b.GiveBack(b.Lend(0))
}

// TestBuffersFit: large blocks go to the beginning of a chunk, small ones to its
// end, and blocks that lie side by side serve as one.
func TestBuffersFit(t *testing.T) {
	var b autodiff.Buffers
	large := b.Lend(1 << 18)
	if sizes, _ := b.Chunks(); !slices.Equal(sizes, []int{3 << 17}) {
		t.Fatalf("chunks %v, want one that is half as large again as 1 MiB", sizes)
	}
	offset := func(s []float32) int {
		return int(uintptr(unsafe.Pointer(&s[0]))-uintptr(unsafe.Pointer(&large[0]))) / 4
	}
	var small [3][]float32
	for i, n := range []int{1600, 160, 320} {
		small[i] = b.Lend(n)
	}
	if got := []int{offset(small[0]), offset(small[1]), offset(small[2])}; !slices.Equal(got, []int{3<<17 - 1600, 3<<17 - 1760, 3<<17 - 2080}) {
		t.Errorf("small blocks at %v, want one before the other from the end of the chunk", got)
	}
	b.GiveBack(small[0])
	b.GiveBack(small[2])
	b.GiveBack(small[1]) // 1600, 160, 320 and what is before them are now one
	b.GiveBack(large)
	if got := b.Lend(1<<18 + 1<<15); offset(got) != 0 {
		t.Errorf("a larger block is at %d, want the beginning", offset(got))
	}
	if sizes, blocks := b.Chunks(); len(sizes) != 1 || blocks[0] != 2 {
		t.Errorf("chunks %v of %v blocks, want one of two", sizes, blocks)
	}
}

// TestBuffersOfVGG19 replays what an evaluation of VGG19 asks for when costs
// are computed as their layers come, poolings are a part of the convolutions
// before them and conv1_1 is not kept: no more memory is touched than 20 % above
// what is in use at one time, in the first evaluation and in the next.
func TestBuffersOfVGG19(t *testing.T) {
	const pixels = 160 * 208
	type layer struct {
		size, gram int
		kept       bool
	}
	layers := []layer{
		{3 * pixels, 0, true}, {64 * pixels, 64 * 64, false}, {16 * pixels, 0, false},
		{32 * pixels, 128 * 128, true}, {8 * pixels, 0, false},
		{16 * pixels, 256 * 256, true}, {16 * pixels, 0, false}, {16 * pixels, 0, false}, {4 * pixels, 0, false},
		{8 * pixels, 512 * 512, true}, {8 * pixels, 0, true}, {8 * pixels, 0, false}, {2 * pixels, 0, false},
		{2 * pixels, 512 * 512, true},
	}
	var b autodiff.Buffers
	var touched [][2]uintptr // from, to
	lend := func(n int) []float32 {
		s := b.Lend(n)
		from := uintptr(unsafe.Pointer(&s[0]))
		touched = append(touched, [2]uintptr{from, from + uintptr(4*n)})
		return s
	}
	for round := range 2 {
		values, grams := map[int][]float32{}, map[int][]float32{}
		for i, l := range layers {
			values[i] = lend(l.size)
			if i > 0 && !layers[i-1].kept {
				b.GiveBack(values[i-1]) // its gradient needs a bit for each value, at most
			}
			if l.gram > 0 {
				grams[i] = lend(l.gram)
			}
		}
		var dy []float32 // of layer i
		for i := len(layers) - 1; i >= 0; i-- {
			if dy == nil {
				dy = lend(layers[i].size)
			}
			if n := layers[i].gram; n > 0 {
				b.GiveBack(lend(n)) // the gradient of the Gram matrix
				b.GiveBack(grams[i])
			}
			if layers[i].kept {
				b.GiveBack(values[i])
			}
			if i > 0 {
				dx := lend(layers[i-1].size)
				b.GiveBack(dy)
				dy = dx
			}
		}
		slices.SortFunc(touched, func(a, b [2]uintptr) int { return cmp.Compare(a[0], b[0]) })
		total, end := uintptr(0), uintptr(0)
		for _, t := range touched {
			total += max(end, t[1]) - max(end, t[0])
			end = max(end, t[1])
		}
		_, most := b.Live()
		t.Logf("evaluation %d: at most %.1f floats per pixel in use, %.1f touched",
			round+1, float64(most)/pixels, float64(total)/4/pixels)
		if float64(total) > 1.2*4*float64(most) {
			t.Errorf("%d floats touched, for at most %d in use", total/4, most)
		}
		b.Reset()
	}
}
