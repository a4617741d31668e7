package npy

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/brushgrad/brushgrad/tensor"
)

// float16 is the definition: the value of the bits by its formula.
func float16(h uint16) float64 {
	sign, exponent, fraction := 1-2*float64(h>>15), int(h>>10&31), float64(h&1023)
	switch {
	case exponent == 31 && fraction != 0:
		return math.NaN()
	case exponent == 31:
		return math.Inf(int(sign))
	case exponent == 0:
		return math.Copysign(math.Ldexp(fraction, -24), sign)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

func TestFloat16Exhaustive(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		got, want := fromFloat16(h), float16(h)
		if math.IsNaN(want) {
			if back := fromFloat16(toFloat16(got)); got == got || back == back {
				t.Fatalf("%#04x: got %v and back %v, want NaN", h, got, back)
			}
			continue
		}
		if math.Float64bits(float64(got)) != math.Float64bits(want) {
			t.Fatalf("fromFloat16(%#04x) = %g, want %g", h, got, want)
		}
		if back := toFloat16(got); back != h {
			t.Fatalf("toFloat16(%g) = %#04x, want %#04x", got, back, h)
		}
	}
}

// Between two neighbours, the nearer one must be chosen, and half way the one
// whose last bit is 0.
func TestFloat16Rounding(t *testing.T) {
	for h := uint16(0); h < 0x7bff; h++ {
		low, high := float16(h), float16(h+1)
		middle := float32((low + high) / 2) // exact: it needs one bit more
		even := h + h&1
		for v, want := range map[float32]uint16{
			math.Nextafter32(middle, 0): h,
			middle:                      even,
			math.Nextafter32(middle, float32(math.Inf(1))): h + 1,
		} {
			if got := toFloat16(v); got != want {
				t.Fatalf("toFloat16(%g) = %#04x, want %#04x", v, got, want)
			}
			if got := toFloat16(-v); got != want|0x8000 {
				t.Fatalf("toFloat16(%g) = %#04x, want %#04x", -v, got, want|0x8000)
			}
		}
	}
	for v, want := range map[float32]uint16{
		65519.996: 0x7bff, 65520: 0x7c00, math.MaxFloat32: 0x7c00, float32(math.Inf(-1)): 0xfc00, 0x1p-149: 0,
	} {
		if got := toFloat16(v); got != want {
			t.Errorf("toFloat16(%g) = %#04x, want %#04x", v, got, want)
		}
	}
}

func TestWriteFloat16(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float32Range(-65000, 65000).Draw(t, "v")
		var b bytes.Buffer
		if err := WriteFloat16(&b, tensor.Full(v, 3)); err != nil {
			t.Fatal(err)
		}
		a, err := Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		// Half a unit in the last of eleven places, or of the subnormal spacing.
		if diff := math.Abs(float64(a.At(2) - v)); !(diff <= max(math.Abs(float64(v))*0x1p-11, 0x1p-25)) {
			t.Fatalf("wrote %g, read %g", v, a.At(2))
		}
	})
	err := WriteFloat16(&bytes.Buffer{}, tensor.FromSlice([]float32{1, 70000}, 2))
	if err == nil || !strings.Contains(err.Error(), "70000 is too large for float16") {
		t.Errorf("error %v", err)
	}
	if err := WriteFloat16(&bytes.Buffer{}, tensor.Scalar(float32(math.Inf(1)))); err != nil {
		t.Errorf("infinity: %v", err)
	}
}
