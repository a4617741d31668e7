// Package colour decides whose colours a painting has. It follows Gatys,
// Bethge, Hertzmann and Shechtman, "Preserving Color in Neural Artistic Style
// Transfer" (2016): either the style's colours are made those of the content
// before painting (Match), or only lightness is painted and the content's
// colours are laid over it afterwards (Grey, Keep).
//
// Pictures have shape (1, H, W, 3): red, green, blue, 0..255, the values that
// an sRGB file stores. Functions panic if they do not.
package colour

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/brushgrad/brushgrad/tensor"
)

// Luma is Y' of ITU-R BT.601, the lightness of a pixel on the scale of its
// three values: Y' = 0.299 R' + 0.587 G' + 0.114 B'. It is also the Y of YIQ,
// the space of the paper, and the Y of JPEG.
//
// The chroma of a pixel is what its values differ from its luma by: R' - Y',
// G' - Y', B' - Y'. Two pixels agree in these exactly if they agree in I and Q
// of YIQ, in U and V, or in Cb and Cr, which are linear maps of them.
func Luma(r, g, b float32) float32 { return 0.299*r + 0.587*g + 0.114*b }

// Grey returns a picture with the luma of t in all three channels.
func Grey(t *tensor.Tensor) *tensor.Tensor {
	check("Grey", t)
	out := tensor.New(t.Shape()...)
	from, to := t.Data(), out.Data()
	for i := 0; i < len(from); i += 3 {
		y := Luma(from[i], from[i+1], from[i+2])
		to[i], to[i+1], to[i+2] = y, y, y
	}
	return out
}

// Keep returns the luma of the painted picture with the chroma of the content,
// which has the same shape: section 4.2 of the paper.
//
// Not every luma goes with every chroma: a saturated blue cannot be bright.
// Where a value would leave 0..255 the luma gives way, not the chroma, and
// becomes the nearest that fits. There always is one, namely the content's own.
// So the chroma of the result is that of the content in every pixel, and
// rounding to 8 bits changes Cb and Cr by no more than 1/2.
func Keep(painted, content *tensor.Tensor) *tensor.Tensor {
	check("Keep", painted)
	if !tensor.SameShape(painted, content) {
		panic(fmt.Sprintf("colour: Keep: the painted picture %v and the content %v have different shapes", painted, content))
	}
	out := tensor.New(content.Shape()...)
	p, c, to := painted.Data(), content.Data(), out.Data()
	for i := 0; i < len(c); i += 3 {
		own := Luma(c[i], c[i+1], c[i+2])
		r, g, b := c[i]-own, c[i+1]-own, c[i+2]-own
		y := Luma(p[i], p[i+1], p[i+2])
		y = max(min(y, 255-max(r, g, b)), -min(r, g, b))
		to[i], to[i+1], to[i+2] = y+r, y+g, y+b
	}
	return out
}

// minDeviation is the standard deviation, in grey levels, below which the
// variation of a picture along a direction of colour counts as noise: a grey
// painting has no colour to be stretched, only what JPEG has left of it.
const minDeviation = 1

// Match returns the picture with its colours moved so that their mean and
// covariance are those of the target, which may have another size: section 4.1
// of the paper, x' = A (x - mean) + mean of target, with its "image analogies"
// transform A = C_target^(1/2) C^(-1/2), whose symmetric square roots change
// colours less than Cholesky factors do, which depend on the order of the
// channels.
//
// Values may leave 0..255 a little; clamping them would undo the match. Along a
// direction of colour in which the picture varies by less than one grey level,
// covariances cannot be matched without blowing up noise; there the result
// varies less than the target. Match panics if a value is not finite.
func Match(t, target *tensor.Tensor) *tensor.Tensor {
	check("Match", t)
	check("Match", target)
	mean, covariance := Moments(t)
	wantMean, wantCovariance := Moments(target)
	var a mat.Dense
	a.Mul(power(wantCovariance, math.Sqrt), power(covariance, func(v float64) float64 {
		return 1 / math.Sqrt(max(v, minDeviation*minDeviation))
	}))
	out := tensor.New(t.Shape()...)
	from, to := t.Data(), out.Data()
	for i := 0; i < len(from); i += 3 {
		d := [3]float64{float64(from[i]) - mean[0], float64(from[i+1]) - mean[1], float64(from[i+2]) - mean[2]}
		for c := range 3 {
			to[i+c] = float32(wantMean[c] + a.At(c, 0)*d[0] + a.At(c, 1)*d[1] + a.At(c, 2)*d[2])
		}
	}
	return out
}

// MatchLuma returns a grey picture with the luma of t moved so that its mean and
// standard deviation are those of the target's luma: section 4.2 of the paper,
// equation 10. A picture that varies by less than one grey level is not
// stretched to the target's deviation.
func MatchLuma(t, target *tensor.Tensor) *tensor.Tensor {
	grey := Grey(t)
	mean, covariance := Moments(grey)
	wantMean, wantCovariance := Moments(Grey(target))
	scale := math.Sqrt(wantCovariance.At(0, 0) / max(covariance.At(0, 0), minDeviation*minDeviation))
	for i, v := range grey.Data() {
		grey.Data()[i] = float32((float64(v)-mean[0])*scale + wantMean[0])
	}
	return grey
}

// Moments returns the mean colour of a picture and the covariance of its
// channels, both over all pixels, in grey levels and their squares.
func Moments(t *tensor.Tensor) (mean [3]float64, covariance *mat.SymDense) {
	check("Moments", t)
	data := t.Data()
	n := float64(len(data) / 3)
	for i := 0; i < len(data); i += 3 {
		for c := range 3 {
			mean[c] += float64(data[i+c])
		}
	}
	for c := range 3 {
		mean[c] /= n
	}
	var sum [9]float64
	for i := 0; i < len(data); i += 3 {
		d := [3]float64{float64(data[i]) - mean[0], float64(data[i+1]) - mean[1], float64(data[i+2]) - mean[2]}
		for r := range 3 {
			for c := r; c < 3; c++ {
				sum[3*r+c] += d[r] * d[c]
			}
		}
	}
	covariance = mat.NewSymDense(3, nil)
	for r := range 3 {
		for c := r; c < 3; c++ {
			covariance.SetSym(r, c, sum[3*r+c]/n)
		}
	}
	return mean, covariance
}

// power returns U f(D) U^T for the symmetric matrix U D U^T, with eigenvalues
// that rounding has made negative taken as 0.
func power(m *mat.SymDense, f func(float64) float64) *mat.Dense {
	var eigen mat.EigenSym
	if !eigen.Factorize(m, true) {
		panic(fmt.Sprintf("colour: the covariance is not finite: %v", mat.Formatted(m)))
	}
	values := eigen.Values(nil)
	for i, v := range values {
		values[i] = f(max(v, 0))
	}
	var u, ud, out mat.Dense
	eigen.VectorsTo(&u)
	ud.Mul(&u, mat.NewDiagDense(3, values))
	out.Mul(&ud, u.T())
	return &out
}

func check(op string, t *tensor.Tensor) {
	if s := t.Shape(); len(s) != 4 || s[0] != 1 || s[3] != 3 || s[1]*s[2] == 0 {
		panic(fmt.Sprintf("colour: %s: a picture has shape (1,H,W,3), not %v", op, s))
	}
}
