package picture

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

// TestHeader: the size is that of the result, and the memory what a Limit limits.
func TestHeader(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	h, err := DecodeHeader(file.Bytes())
	if err != nil || h.Width != 40 || h.Height != 30 {
		t.Fatalf("%+v, error %v", h, err)
	}
	for _, longest := range []int{0, 20, 80, 300} {
		w, ht, err := h.Fit(longest)
		if err != nil {
			t.Fatal(err)
		}
		need := h.Memory(w, ht)
		if got, _, err := Limit(need).Decode(file.Bytes(), longest); err != nil || got.Dim(2) != w || got.Dim(1) != ht {
			t.Errorf("longest side %d: %v, %v; want %dx%d within %d bytes", longest, got, err, w, ht, need)
		}
		if _, _, err := Limit(need-1).Decode(file.Bytes(), longest); err == nil {
			t.Errorf("longest side %d: decoded within less than %d bytes", longest, need)
		}
	}
	if _, err := DecodeHeader(file.Bytes()[:10]); err == nil {
		t.Error("no error for ten bytes")
	}
}
