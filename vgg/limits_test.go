package vgg

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// TestCheckWidths: what is allowed can be loaded, and what is not cannot.
func TestCheckWidths(t *testing.T) {
	for _, test := range []struct {
		filters []int
		want    string // "" for no error
	}{
		{[]int{128, 1}, ""},
		{[]int{129}, "conv1_1 has 129 filters, but must have 1 to 128"},
		{[]int{4, 0}, "conv1_2 has 0 filters"},
		{[]int{1, 1, 257}, "conv2_1 has 257 filters, but must have 1 to 256"},
	} {
		err := CheckWidths(test.filters)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error %v, want %q", test.filters, err, test.want)
		}
		if slices.Contains(test.filters, 0) {
			continue // no tensor has that shape
		}
		w, in := &Weights{Input: CaffeInput()}, 3
		for i, n := range test.filters {
			w.Convs = append(w.Convs, Conv{layerNames[i], tensor.New(n, 3, 3, in), tensor.New(n)})
			in = n
		}
		dir := filepath.Join(t.TempDir(), "w")
		if err := w.WriteFolder(dir, npy.Write); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); (err == nil) != (test.want == "") {
			t.Errorf("%v: Load gives the error %v", test.filters, err)
		}
	}
	double := widths()
	if err := CheckWidths(double); err != nil {
		t.Errorf("VGG19: %v", err)
	}
	for i := range double {
		double[i] *= 2
	}
	if err := CheckWidths(double); err == nil || !strings.Contains(err.Error(), "weights, twice as many") {
		t.Errorf("twice the widths: error %v", err)
	}
}
