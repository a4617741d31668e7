package autodiff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestShapePanics: operands that do not fit panic with the operation and the
// shapes.
func TestShapePanics(t *testing.T) {
	tape := autodiff.NewTape()
	rng := rand.New(rand.NewPCG(1, 1))
	v := func(shape ...int) *autodiff.Var { return tape.Leaf(tensor.New(shape...)) }
	tests := []struct {
		f    func()
		want string // op and shapes, separated by |
	}{
		{func() { autodiff.Add(v(2, 3), v(2)) }, "Add|[2 3]|[2]"},
		{func() { autodiff.Sub(v(2, 3), v(3, 3)) }, "Sub|[2 3]|[3 3]"},
		{func() { autodiff.Mul(v(2), v(0)) }, "Mul|[2]|[0]"},
		{func() { autodiff.Div(v(2, 1, 4), v(3, 3)) }, "Div|[2 1 4]|[3 3]"},
		{func() { autodiff.MatMul(v(2, 3), v(2, 3)) }, "MatMul|[2 3]|[2 3]"},
		{func() { autodiff.MatMul(v(2, 3), v(3)) }, "MatMul|[2 3]|[3]"},
		{func() { autodiff.Reshape(v(2, 3), 4, -1) }, "Reshape|[2 3]|[4 -1]"},
		{func() { autodiff.Transpose(v(2, 3), 0, 0) }, "Transpose|[2 3]|[0 0]"},
		{func() { autodiff.Transpose(v(2, 3), 1) }, "Transpose|[2 3]|[1]"},
		{func() { autodiff.Transpose(v(2), 1, 0) }, "Transpose|[2]|[1 0]"},
		{func() { autodiff.Transpose(v(2, 3), 1, -1) }, "Transpose|[2 3]|[1 -1]"},
		{func() { autodiff.Concat(0) }, "Concat|nothing"},
		{func() { autodiff.Concat(2, v(2, 3)) }, "Concat|[2 3]|no dimension 2"},
		{func() { autodiff.Concat(-1, v(2, 3), v(3, 3)) }, "Concat|[2 3]|[3 3]"},
		{func() { autodiff.Concat(0, v(2, 3), v(3)) }, "Concat|[2 3]|[3]"},
		{func() { autodiff.SumAxes(v(2, 3), 0, 2) }, "SumAxes|3]|no dimension 2"},
		{func() { autodiff.MeanAxes(v(2, 3), -3) }, "Axes|[2 3]|no dimension -3"},
		{func() { autodiff.SquaredDistance(v(2, 3), v(3)) }, "SquaredDistance|[2 3]|[3]"},
		{func() { autodiff.MeanSquaredError(v(2, 3), v(3)) }, "SquaredDistance|[2 3]|[3]"},
		{func() { autodiff.BatchNorm(v(4), v(4), v(4), 1e-5) }, "BatchNorm|[4]"},
		{func() { autodiff.BatchNorm(v(2, 3), v(2), v(3), 1e-5) }, "BatchNorm|[2 3]|[2]|[3]"},
		{func() { autodiff.BatchNorm(v(2, 3), v(3), v(3, 1), 1e-5) }, "BatchNorm|[2 3]|[3]|[3 1]"},
		{func() { autodiff.BatchNorm(v(1, 1, 1, 3), v(3), v(3), 1e-5) }, "BatchNorm|[1 1 1 3]|has 1 values"},
		{func() { autodiff.BatchNorm(v(0, 3), v(3), v(3), 1e-5) }, "BatchNorm|[0 3]|has 0 values"},
		{func() { autodiff.Dropout(v(2, 3), 1, rng) }, "Dropout|probability 1 "},
		{func() { autodiff.Dropout(v(2, 3), -0.1, rng) }, "Dropout|probability -0.1 "},
		{func() { autodiff.Dropout(v(2, 3), math.NaN(), rng) }, "Dropout|probability NaN "},
		{func() { autodiff.Softmax(v()) }, "Softmax|rank 0"},
		{func() { autodiff.LogSoftmax(v()) }, "LogSoftmax|rank 0"},
		{func() { autodiff.CrossEntropy(v(2, 3), []int{0}) }, "CrossEntropy|[2 3]|1 labels"},
		{func() { autodiff.CrossEntropy(v(6), []int{0}) }, "CrossEntropy|[6]|1 labels"},
		{func() { autodiff.CrossEntropy(v(0, 6), nil) }, "CrossEntropy|[0 6]|0 labels"},
		{func() { autodiff.CrossEntropy(v(2, 3), []int{0, 3}) }, "CrossEntropy|[2 3]|label 3"},
		{func() { autodiff.CrossEntropy(v(2, 3), []int{-1, 0}) }, "CrossEntropy|[2 3]|label -1"},
		{func() { autodiff.Pad(v(2, 3), tensor.PadAll(1, tensor.PadZero)) }, "Pad|[2 3]"},
		{func() { autodiff.Pad(v(1, 2, 2, 1), tensor.Padding{Left: -1}) }, "Pad|[1 2 2 1]|Left:-1"},
		{func() { autodiff.Pad(v(1, 2, 3, 1), tensor.PadAll(2, tensor.PadReflect)) }, "Pad|2x3|Top:2"},
		{func() { autodiff.MaxPool2D(v(1, 2, 2, 1), tensor.Pool{KH: 3, KW: 2}) }, "Pool|[1 2 2 1]|KH:3"},
		{func() { autodiff.AvgPool2D(v(2, 2), tensor.Pool{KH: 2, KW: 2}) }, "Pool|[2 2]|KH:2"},
		{func() { autodiff.TotalVariation(v(2, 2)) }, "TotalVariation|[2 2]"},
		{func() { autodiff.Gram(v(2, 3, 3, 1)) }, "Gram|[2 3 3 1]"},
		{func() { autodiff.GuidedGram(v(1, 3, 2, 4), tensor.New(1, 2, 3, 1)) }, "GuidedGram|[1 3 2 4]|[1 2 3 1]"},
		{func() { autodiff.Covariance(v(1, 3, 2, 4), tensor.New(1, 3, 2)) }, "Covariance|[1 3 2 4]|[1 3 2]"},
		{func() { autodiff.Covariance(v(3, 2, 4), nil) }, "Covariance|[3 2 4]"},
		{func() { autodiff.Moments(v(2, 3, 2, 4), nil) }, "Moments|[2 3 2 4]"},
		{func() { autodiff.Moments(v(1, 3, 2, 4), tensor.New(1, 3, 2, 4)) }, "Moments|[1 3 2 4]|(1,H,W,1)"},
		{func() { autodiff.BuresDistance(v(3, 3), tensor.New(4, 4)) }, "BuresDistance|[3 3]|[4 4]"},
		{func() { autodiff.BuresDistance(v(3, 4), tensor.New(3, 4)) }, "BuresDistance|[3 4]"},
		{func() { autodiff.Normalize(v(1, 2, 2, 3), []float32{1}, []float32{1, 2, 3}) }, "Normalize|1 means|3 deviations|[1 2 2 3]"},
		{func() { autodiff.Normalize(v(), nil, nil) }, "Normalize|[]"},
		{func() { autodiff.Conv2D(v(1, 4, 4, 3), v(2, 3, 3, 4), nil, tensor.Conv{}) }, "Conv2D|[1 4 4 3]|[2 3 3 4]"},
		{func() { autodiff.Conv2D(v(1, 2, 2, 3), v(2, 3, 3, 3), nil, tensor.Conv{}) }, "Conv2D|[1 2 2 3]|[2 3 3 3]"},
		{func() { autodiff.Conv2DReLU(v(1, 4, 4, 3), v(2, 3, 3, 3), v(3), tensor.Conv{}) }, "Conv2D|[3]|2 output channels"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			defer func() {
				got := fmt.Sprint(recover())
				for _, want := range strings.Split(test.want, "|") {
					if !strings.Contains(got, want) {
						t.Errorf("panics with %q; want %q in it", got, want)
					}
				}
			}()
			test.f()
		})
	}
}
