package nst

import (
	"math"
	"sync"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Sliced is the style cost that compares whole distributions of activations, not only
// their means and covariances: a sliced Wasserstein distance. The activations of a layer
// at P positions are projected on n_K fixed directions d_k: as many as there are channels,
// orthogonal to each other, or, for three channels, the axes and diagonals of a cube. Along
// each, the sorted values of G are compared with the quantiles of S at the same ranks:
//
//	W^2 = 1/(n_K P) sum over k, p of (d_k . a_G[p] - T_k[p])^2
//	J   = sqrt(W^2 / v_S + 1e-6)
//
// T_k[p] is the quantile of d_k . a_S at the rank that position p has in G, and v_S the
// mean variance of S along the directions, with a hundredth of the mean square, so that a
// style of one colour has one. (Rabin, Peyré, Delon and Bernot, "Wasserstein
// Barycenter and Its Application to Texture Mixing", SSVM 2011; as a style cost in Heitz,
// Vanhoey, Chambon and Belcour, "A Sliced Wasserstein Loss for Neural Texture Synthesis",
// CVPR 2021, with new random directions at each step, which L-BFGS could not follow.) J is
// a distance, not its square, in units of the style's deviation. So it means the same at
// each layer and for each network and style, and goes on to pull when most of it is done.
//
// In a region, positions count by the mask. A blend has the quantiles sum w_k T_k of its
// styles with the shares w_k: along each direction, their barycentre.
type Sliced struct{}

const (
	// quantileLevels is the number of quantiles that a style is known by, along each
	// direction.
	quantileLevels = 1024
	// slicedEpsilon is added below the root, whose slope at 0 is infinite.
	slicedEpsilon = 1e-6
)

// Measure appends the projections (K,H W) of a (1,H,W,C) on K directions and, in a region,
// the weights of positions, which are the mask (1,H,W,1). It panics if the shapes are
// others.
func (Sliced) Measure(dst []*autodiff.Var, a *autodiff.Var, mask *tensor.Tensor) []*autodiff.Var {
	dst = append(dst, autodiff.Project(a, directions(a.Shape()[3])))
	if mask != nil {
		dst = append(dst, a.Tape().Constant(mask))
	}
	return dst
}

// Target returns the quantiles of a blend (K,1024) and the variance that distances are
// divided by, a scalar.
func (Sliced) Target(styles []Measured) []*tensor.Tensor {
	rows := styles[0].Statistics[0].Dim(0)
	quantiles, one := tensor.New(rows, quantileLevels), tensor.New(rows, quantileLevels)
	for _, s := range styles {
		tensor.Quantiles(one, s.Statistics[0], weightsOf(s.Statistics))
		tensor.AddScaled(quantiles, float32(s.Share), one)
	}
	variance := 0.0
	for k := range rows {
		row := tensor.FromSlice(quantiles.Data()[k*quantileLevels:][:quantileLevels], quantileLevels)
		mean, square := tensor.Sum(row)/quantileLevels, tensor.SquaredNorm(row)/quantileLevels
		variance += (1.01*square - mean*mean) / float64(rows)
	}
	return []*tensor.Tensor{quantiles, tensor.Full(float32(max(variance, 1e-8)))} // 0 if a layer sees nothing
}

// Compare appends the distance from the target.
func (Sliced) Compare(dst []autodiff.Term, measured []*autodiff.Var, target []*tensor.Tensor) []autodiff.Term {
	var weights *tensor.Tensor // of positions; none without a mask
	if len(measured) > 1 {
		weights = measured[1].Value()
	}
	squared := autodiff.QuantileDistance(measured[0], target[0], weights)
	variance := target[1].At()
	distance := autodiff.Sqrt(autodiff.AddScalar(squared, slicedEpsilon*variance))
	return append(dst, autodiff.Term{Of: distance, Weight: 1 / math.Sqrt(float64(variance))})
}

// weightsOf returns the weights of positions among what Measure has appended, nil if there
// are none.
func weightsOf(statistics []*tensor.Tensor) *tensor.Tensor {
	if len(statistics) > 1 {
		return statistics[1]
	}
	return nil
}

// directionsOf holds the directions that were computed so far, by the number of channels.
var directionsOf sync.Map

// directions returns the directions of Sliced: those of a cube for the three channels of a
// picture, an orthonormal basis (C,C) otherwise.
func directions(channels int) *tensor.Tensor {
	if channels == 3 {
		return cube
	}
	if d, ok := directionsOf.Load(channels); ok {
		return d.(*tensor.Tensor)
	}
	d := cosines(channels)
	directionsOf.Store(channels, d)
	return d
}

// diagonal is the part that a diagonal of the cube has of each axis.
const diagonal = 0.57735026918962576450914878 // sqrt(1/3)

// cube are directions (7,3) in the space of colours: its axes and diagonals. Three would
// say too little about which values of red, green and blue go together.
var cube = tensor.FromSlice([]float32{
	1, 0, 0,
	0, 1, 0,
	0, 0, 1,
	diagonal, diagonal, diagonal,
	diagonal, diagonal, -diagonal,
	diagonal, -diagonal, diagonal,
	-diagonal, diagonal, diagonal,
}, 7, 3)

// cosines returns the basis of the discrete cosine transform, in which each vector has a
// part of all channels:
//
//	d[k,c] = sqrt(2/C) cos(pi k (c + 1/2) / C),   sqrt(1/C) for k = 0
//
// The order of channels means nothing, so that this is as good as a random rotation, and
// every program can compute it.
func cosines(channels int) *tensor.Tensor {
	n := float64(channels)
	d := tensor.New(channels, channels)
	for k := range channels {
		length := math.Sqrt(2 / n)
		if k == 0 {
			length = math.Sqrt(1 / n)
		}
		for c := range channels {
			d.Set(float32(length*math.Cos(math.Pi*float64(k)*(float64(c)+0.5)/n)), k, c)
		}
	}
	return d
}
