package autodiff_test

import (
	"fmt"
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

// TestBuffersFit: the smallest block that is large enough is taken, and blocks
// that lie side by side serve as one.
func TestBuffersFit(t *testing.T) {
	var b autodiff.Buffers
	var s [5][]float32
	for i, n := range []int{1600, 160, 320, 16, 1 << 17} {
		s[i] = b.Lend(n)
	}
	same := func(a, b []float32) bool { return &a[0] == &b[0] }
	b.GiveBack(s[0])
	b.GiveBack(s[2])
	if got := b.Lend(300); !same(got, s[2]) {
		t.Error("300 elements did not go to the free block of 320")
	} else {
		b.GiveBack(got)
	}
	b.GiveBack(s[1]) // 1600, 160 and 320 are now one
	if got := b.Lend(1600 + 160 + 320); !same(got, s[0]) {
		t.Error("three free neighbours did not become one block")
	}
	if sizes, _ := b.Chunks(); !slices.Equal(sizes, []int{1 << 18}) {
		t.Errorf("chunks %v, want a single one of 1 MiB", sizes)
	}
	// The next chunks are as large as the largest.
	b.Lend(1 << 20)
	b.Lend(1 << 18)
	if sizes, _ := b.Chunks(); !slices.Equal(sizes, []int{1 << 18, 1 << 20, 1 << 20}) {
		t.Errorf("chunks %v, want one of 1 MiB and two of 4 MiB", sizes)
	}
}

// TestBuffersOfVGG19 replays what an evaluation of VGG19 asks for when costs
// are computed as their layers come: no more memory is set aside than 5 % above
// what is in use at one time, in the first evaluation and in the next.
func TestBuffersOfVGG19(t *testing.T) {
	const pixels = 150 * 200
	type layer struct {
		name string
		size int
	}
	layers := []layer{{"normalised", 3 * pixels}}
	area := pixels
	for b, block := range []struct{ channels, convs int }{{64, 2}, {128, 2}, {256, 4}, {512, 4}, {512, 1}} {
		for i := range block.convs {
			layers = append(layers, layer{fmt.Sprintf("conv%d_%d", b+1, i+1), area * block.channels})
		}
		area /= 4
		layers = append(layers, layer{"pool", area * block.channels})
	}
	layers = layers[:len(layers)-1]
	gram := map[string]int{"conv1_1": 64 * 64, "conv2_1": 128 * 128, "conv3_1": 256 * 256, "conv4_1": 512 * 512, "conv5_1": 512 * 512}
	var b autodiff.Buffers
	for round := range 2 {
		values, grams := map[int][]float32{}, map[int][]float32{}
		for i, l := range layers {
			values[i] = b.Lend(l.size)
			if i > 0 && gram[layers[i-1].name] == 0 && layers[i-1].name != "conv4_2" {
				b.GiveBack(values[i-1]) // its gradient needs a bit for each value, at most
			}
			if n := gram[l.name]; n > 0 {
				grams[i] = b.Lend(n)
			}
		}
		var dy []float32 // of layer i
		for i := len(layers) - 1; i >= 0; i-- {
			if dy == nil {
				dy = b.Lend(layers[i].size)
			}
			if n := gram[layers[i].name]; n > 0 {
				b.GiveBack(b.Lend(n)) // the gradient of the Gram matrix
				b.GiveBack(grams[i])
			}
			if gram[layers[i].name] > 0 || layers[i].name == "conv4_2" {
				b.GiveBack(values[i])
			}
			if i > 0 {
				dx := b.Lend(layers[i-1].size)
				b.GiveBack(dy)
				dy = dx
			}
		}
		_, most := b.Live()
		sizes, _ := b.Chunks()
		total := 0
		for _, n := range sizes {
			total += n
		}
		t.Logf("evaluation %d: at most %.1f floats per pixel in use, chunks of %.1f",
			round+1, float64(most)/pixels, float64(total)/pixels)
		if float64(total) > 1.05*float64(most) {
			t.Errorf("chunks of %v floats, %d in all, for at most %d in use", sizes, total, most)
		}
		b.Reset()
	}
}
