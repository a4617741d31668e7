package nst_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// ripples is the picture of testdata/resize_goldens.py.
func ripples(height, width int) *tensor.Tensor {
	t := tensor.New(1, height, width, 3)
	for i := range t.Data() {
		y, x, c := i/3/width, i/3%width, i%3
		t.Data()[i] = float32(127.5 + 150*math.Sin(0.9*float64(c+1)*float64(x)+0.7*float64(c+2)*float64(y)))
	}
	return t
}

func TestResizeAgreesWithPyTorch(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "resize.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		From, To [2]int
		Values   []float64
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		got := nst.Resize(ripples(c.From[0], c.From[1]), c.To[0], c.To[1])
		if want := []int{1, c.To[0], c.To[1], 3}; !slices.Equal(got.Shape(), want) || len(c.Values) != got.Len() {
			t.Fatalf("%v to %v: shape %v, want %v and %d values", c.From, c.To, got.Shape(), want, len(c.Values))
		}
		for i, v := range got.Data() {
			if !(math.Abs(float64(v)-c.Values[i]) <= 1e-3) {
				t.Errorf("%v to %v: value %d is %v, PyTorch has %v", c.From, c.To, i, v, c.Values[i])
				break
			}
		}
	}
	if len(cases) == 0 {
		t.Error("no cases")
	}
}

func TestResizeKeepsWhatItShould(t *testing.T) {
	picture := ripples(9, 14)
	same := nst.Resize(picture, 9, 14)
	if tensor.SquaredDistance(same, picture) != 0 {
		t.Error("a picture of the right size was changed")
	}
	same.Data()[0]++
	if same.Data()[0] == picture.Data()[0] {
		t.Error("the result shares memory with the picture")
	}
	slope := tensor.New(1, 16, 24, 1) // which the cubic continues as a slope
	for i := range slope.Data() {
		slope.Data()[i] = float32(3*(i/24) - 2*(i%24) + 400)
	}
	large := nst.Resize(slope, 23, 34)
	for y := 4; y < 19; y++ {
		for x := 4; x < 30; x++ {
			want := 3*((float64(y)+0.5)*16/23-0.5) - 2*((float64(x)+0.5)*24/34-0.5) + 400
			if got := large.Data()[y*34+x]; !(math.Abs(float64(got)-want) <= 1e-3) {
				t.Fatalf("at (%d,%d) the slope is %v, want %v", x, y, got, want)
			}
		}
	}
}

func TestResizeIsTheSameToTheBit(t *testing.T) {
	resize := func(threads int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		return nst.Resize(ripples(37, 53), 52, 75).Data()
	}
	if one := resize(1); !slices.Equal(one, resize(2)) || !slices.Equal(one, resize(5)) {
		t.Error("the result depends on the number of threads")
	}
}

func TestResizePanics(t *testing.T) {
	for name, call := range map[string]func(){
		"no height": func() { nst.Resize(ripples(4, 4), 0, 4) },
		"no width":  func() { nst.Resize(ripples(4, 4), 4, -1) },
		"rank":      func() { nst.Resize(tensor.New(4, 4, 3), 4, 4) },
		"batch":     func() { nst.Resize(tensor.New(2, 4, 4, 3), 4, 4) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}
