package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Mean returns the mean of the n elements of x as a scalar, computed in
// float64; NaN if there are none:
//
//	y  = sum x[i] / n
//	dx = dy / n, everywhere
func Mean(x *Var) *Var {
	n := float64(x.value.Len())
	return newScalar(tensor.Sum(x.value)/n, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { dx.Fill(float32(float64(dy.Data()[0]) / n)) })
	}, x).keeps()
}

// MeanAxes returns the mean of x over the given dimensions, which stay in the
// shape with size 1 as for [SumAxes]. It panics if x has no such dimension.
func MeanAxes(x *Var, axes ...int) *Var {
	sum := SumAxes(x, axes...)
	defer sum.Release()
	return Scale(sum, float32(float64(sum.value.Len())/float64(x.value.Len())))
}
