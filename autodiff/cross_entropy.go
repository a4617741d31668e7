package autodiff

import (
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/tensor"
)

// CrossEntropy returns the mean negative log-likelihood of the labels, one in
// [0,K) for each row of logits x (N,K), as a scalar computed in float64. With
// p = Softmax(x):
//
//	y       = -1/N sum over n of log p[n,labels[n]]
//	dx[n,k] = dy/N (p[n,k] - (1 if k = labels[n], else 0))
//
// It panics if the shapes do not fit or a label is out of range.
func CrossEntropy(x *Var, labels []int) *Var {
	s := x.Shape()
	if len(s) != 2 || s[0] != len(labels) || len(labels) == 0 {
		panic(fmt.Sprintf("autodiff: CrossEntropy: x %v and %d labels are not (N,K) and N", s, len(labels)))
	}
	for _, label := range labels {
		if label < 0 || label >= s[1] {
			panic(fmt.Sprintf("autodiff: CrossEntropy: label %d is outside the %d columns of x %v", label, s[1], s))
		}
	}
	labels = slices.Clone(labels) // back reads them
	logProbability := LogSoftmax(x)
	sum := 0.0
	for n, label := range labels {
		sum += float64(logProbability.value.At(n, label))
	}
	rows := float64(len(labels))
	y := newScalar(-sum/rows, func(dy *tensor.Tensor) {
		logProbability.addGrad(func(d *tensor.Tensor) {
			d.Fill(0)
			for n, label := range labels {
				d.Set(float32(-float64(dy.Data()[0])/rows), n, label)
			}
		})
	}, logProbability).keeps()
	logProbability.Release()
	return y
}
