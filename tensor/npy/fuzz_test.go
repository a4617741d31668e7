package npy

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// sameBits is equality that NaN passes too.
func sameBits(a, b *tensor.Tensor) bool {
	if !tensor.SameShape(a, b) {
		return false
	}
	for i, v := range a.Data() {
		if w := b.Data()[i]; math.Float32bits(v) != math.Float32bits(w) {
			return false
		}
	}
	return true
}

func seeds(f *testing.F, pattern string) {
	names, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(names) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzRead(f *testing.F) {
	seeds(f, "*.npy")
	f.Add([]byte(header(dict("'<f4'", "True", "(2L, 0)"))))
	f.Add([]byte(header(dict("'<f4'", "False", "(4294967296, 4294967296)"))))
	f.Add([]byte(header(dict("'|O'", "False", "()"))))
	for _, text := range lies() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Read(bytes.NewReader(data))
		if err != nil {
			checkMessage(t, "fuzzed", err.Error())
			return
		}
		var b bytes.Buffer
		if err := Write(&b, a); err != nil {
			t.Fatal(err)
		}
		again, err := Read(&b)
		if err != nil || !sameBits(a, again) {
			t.Fatalf("read %v, wrote it, read %v, %v", a, again, err)
		}
	})
}

// anyArray is a check that takes what costs a fuzzer no time.
func anyArray(_ string, h Header) error {
	if n, err := h.count(); err != nil || n > 1<<20 {
		return fmt.Errorf("%d elements, %v", n, err)
	}
	return nil
}

func FuzzReadZip(f *testing.F) {
	seeds(f, "*.npz")
	f.Add(archive(f, "a.npy", "no array"))
	for _, text := range lies() {
		f.Add(liar(f, bomb(f, "a.npy", text, 1000)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tensors, err := readZip(bytes.NewReader(data), int64(len(data)), anyArray)
		if err != nil {
			checkMessage(t, "fuzzed", err.Error())
			return
		}
		var b bytes.Buffer
		if err := WriteZip(&b, tensors); err != nil {
			t.Fatal(err)
		}
		again, err := readZip(bytes.NewReader(b.Bytes()), int64(b.Len()), anyArray)
		if err != nil || len(again) != len(tensors) {
			t.Fatalf("read %v, wrote it, read %v, %v", tensors, again, err)
		}
		for name, a := range tensors {
			if again[name] == nil || !sameBits(a, again[name]) {
				t.Fatalf("%q: read %v, wrote it, read %v", name, a, again[name])
			}
		}
	})
}
