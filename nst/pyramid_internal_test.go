package nst

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

func TestEnlarge(t *testing.T) {
	fine := Noise(24, 34, 1)
	coarse := Resize(fine, 17, 24)
	if d := tensor.SquaredDistance(enlarge(coarse, coarse, fine), fine); d != 0 {
		t.Errorf("with nothing painted, enlarging gives the start but for %v", d)
	}
	painted := Noise(17, 24, 2)
	before := painted.Clone()
	got, up, blurred := enlarge(painted, coarse, fine), Resize(painted, 24, 34), Resize(coarse, 24, 34)
	for i, v := range got.Data() {
		if want := up.Data()[i] + fine.Data()[i] - blurred.Data()[i]; !(math.Abs(float64(v-want)) <= 1e-3) {
			t.Fatalf("value %d is %v, want %v", i, v, want)
		}
	}
	if tensor.SquaredDistance(painted, before) != 0 {
		t.Error("enlarging changed the picture")
	}
}

// TestAverage compares with the definition, in float64.
func TestAverage(t *testing.T) {
	const decay = 0.7
	pictures := []*tensor.Tensor{Noise(3, 4, 1), Noise(3, 4, 2), Noise(3, 4, 3), Noise(3, 4, 4)}
	a := newAverage(pictures[0], decay)
	for n := range pictures {
		if n > 0 {
			a.add(pictures[n])
		}
		for k, got := range a.picture().Data() {
			sum, weights := 0.0, 0.0
			for i := range n + 1 {
				w := math.Pow(decay, float64(n-i))
				sum += w * float64(pictures[i].Data()[k])
				weights += w
			}
			if want := sum / weights; !(math.Abs(float64(got)-want) <= 1e-3) {
				t.Fatalf("after %d pictures, value %d is %v, want %v", n+1, k, got, want)
			}
		}
	}
}

// TestScalesEnd: where the network takes pictures of any size and MinSize leaves
// all of them, scales end where they do not get smaller.
func TestScalesEnd(t *testing.T) {
	weights := vgg.Random(16, 1)
	weights.Padding = tensor.PadZero
	opt := Options{MinSize: 1, Costs: Costs{ContentLayers: []Layer{{"conv1_1", 1}}, StyleLayers: []Layer{{"conv1_1", 1}}}}
	picture := Noise(4, 6, 1)
	opt, err := opt.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	p := newPyramid(vgg.New(weights, vgg.MaxPooling), picture, picture, []Style{{Picture: picture}}, opt)
	var sizes []string
	for _, s := range p.scales {
		sizes = append(sizes, fmt.Sprintf("%dx%d", s.width, s.height))
	}
	if got, want := strings.Join(sizes, " "), "2x1 3x2 4x3 6x4"; got != want {
		t.Errorf("scales %s, want %s", got, want)
	}
}
