package tensor_test

import (
	"math"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestSoftmax compares with the definition, without the shift by the largest
// value, and the gradients with the Jacobian written out:
//
//	d softmax[i] / dx[j] = y[i] ([i = j] - y[j]),   d log softmax[i] / dx[j] = [i = j] - y[j]
func TestSoftmax(t *testing.T) {
	rng := newRand(1)
	for _, shape := range [][]int{{5}, {3, 1}, {2, 3, 7}, {9000, 10}} {
		x, dy := tensor.Random(rng, shape...), tensor.Random(rng, shape...)
		n := x.Dim(-1)
		y, log, dx, dlog := dirty(shape...), dirty(shape...), dirty(shape...), dirty(shape...)
		tensor.Softmax(y, x)
		tensor.LogSoftmax(log, x)
		tensor.SoftmaxGrad(dx, dy, y)
		tensor.LogSoftmaxGrad(dlog, dy, log)
		var wantY, wantLog, wantDx, wantDlog []float64
		for row := 0; row < x.Len(); row += n {
			sum := 0.0
			for _, v := range x.Data()[row : row+n] {
				sum += math.Exp(float64(v))
			}
			p := make([]float64, n)
			for i, v := range x.Data()[row : row+n] {
				p[i] = math.Exp(float64(v)) / sum
				wantY, wantLog = append(wantY, p[i]), append(wantLog, float64(v)-math.Log(sum))
			}
			for j := range n {
				d, dLog := 0.0, 0.0
				for i := range n {
					delta := 0.0
					if i == j {
						delta = 1
					}
					d += float64(dy.Data()[row+i]) * p[i] * (delta - p[j])
					dLog += float64(dy.Data()[row+i]) * (delta - p[j])
				}
				wantDx, wantDlog = append(wantDx, d), append(wantDlog, dLog)
			}
		}
		// The results, all below 16 in magnitude, are rounded to float32 once; the
		// gradients start from a rounded y.
		bound := make([]float64, x.Len())
		for i := range bound {
			bound[i] = 16 * 0x1p-23
		}
		checkWithin(t, "Softmax", widen(y), wantY, bound)
		checkWithin(t, "LogSoftmax", widen(log), wantLog, bound)
		checkWithin(t, "SoftmaxGrad", widen(dx), wantDx, bound)
		checkWithin(t, "LogSoftmaxGrad", widen(dlog), wantDlog, bound)
	}
}

// TestSoftmaxOfLargeValues checks that nothing overflows, and that a
// probability too small for a float32 keeps its logarithm.
func TestSoftmaxOfLargeValues(t *testing.T) {
	x := tensor.FromSlice([]float32{1e30, 1e30, -1e30, 0, -200, -300}, 2, 3)
	y, log := dirty(2, 3), dirty(2, 3)
	tensor.Softmax(y, x)
	tensor.LogSoftmax(log, x)
	checkEqual(t, "Softmax", y, tensor.FromSlice([]float32{0.5, 0.5, 0, 1, 0, 0}, 2, 3))
	checkEqual(t, "LogSoftmax", log, tensor.FromSlice([]float32{-math.Ln2, -math.Ln2, -2e30, 0, -200, -300}, 2, 3))
}
