package colour

import (
	"math"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
)

// TestColorMatch: every style, and a start that shows one, get the content's
// mean and covariance, and what was read stays as it is.
func TestColorMatch(t *testing.T) {
	content, style := nst.Noise(20, 30, 1), nst.Noise(25, 10, 2)
	for i := range content.Data() {
		content.Data()[i] = 80 + content.Data()[i]/4
	}
	before := style.Clone()
	c := Scheme{"match", content}
	_, start, styles := c.Before(content, style, []nst.Style{{Picture: style}, {Picture: content}}, true)
	wantMean, want := Moments(content)
	for _, p := range []nst.Style{styles[0], styles[1], {Picture: start}} {
		mean, covariance := Moments(p.Picture)
		for a := range 3 {
			if math.Abs(mean[a]-wantMean[a]) > 1e-3 {
				t.Errorf("mean %v, want %v", mean, wantMean)
			}
			for b := range 3 {
				if math.Abs(covariance.At(a, b)-want.At(a, b)) > 1e-2 {
					t.Errorf("covariance (%d, %d) is %v, want %v", a, b, covariance.At(a, b), want.At(a, b))
				}
			}
		}
	}
	for i, v := range style.Data() {
		if v != before.Data()[i] {
			t.Fatal("the style that was given has changed")
		}
	}
}
