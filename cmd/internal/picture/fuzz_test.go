package picture

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzDecode checks that no bytes make Decode panic, return a value outside
// 0..255 or a message of several lines.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Decode(data, 16)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the message has several lines: %q", err)
			}
			return
		}
		if max(got.Dim(1), got.Dim(2)) != 16 {
			t.Errorf("shape %v, want a longest side of 16", got.Shape())
		}
		for _, v := range got.Data() {
			if !(v >= 0 && v <= 255) {
				t.Fatalf("a value of %v", v)
			}
		}
	})
}
