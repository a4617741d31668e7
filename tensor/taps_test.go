package tensor

import (
	"slices"
	"testing"
)

func TestTaps(t *testing.T) {
	if got := []int{TapsLen(0), TapsLen(1), TapsLen(4), TapsLen(5)}; !slices.Equal(got, []int{0, 1, 1, 2}) {
		t.Errorf("TapsLen of 0, 1, 4, 5 is %v", got)
	}
	for n := range 40 {
		taps, packed := make([]uint8, n), slices.Repeat([]uint8{0xff}, TapsLen(n))
		for i := range taps {
			taps[i] = uint8(i * i / 3 % 4)
		}
		packTaps(packed, taps)
		for i, want := range taps {
			if got := packed[i/4] >> (2 * (i % 4)) & 3; got != want {
				t.Fatalf("%d taps: bits of tap %d are %d, want %d", n, i, got, want)
			}
		}
		again := slices.Repeat([]uint8{0xff}, n)
		unpackTaps(again, packed)
		if !slices.Equal(again, taps) {
			t.Fatalf("%v came back as %v", taps, again)
		}
	}
}
