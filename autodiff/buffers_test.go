package autodiff_test

import (
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
