package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// GuidedGram returns the Gram matrix (C,C) of a region of the activations x
// (1,H,W,C): that of the activations times the mask m (1,H,W,1), 0 outside the
// region and 1 inside, divided by the sum of the squared mask. With M the
// diagonal matrix of m and A the unrolling of x, (H W, C):
//
//	G  = (M A)^T (M A) / sum m^2
//	dA = M M A (dG + dG^T) / sum m^2
//
// (Gatys, Ecker, Bethge, Hertzmann and Shechtman, "Controlling Perceptual
// Factors in Neural Style Transfer", CVPR 2017). A mask of ones gives the same as
// [Gram], to the bit. It panics unless x is one picture and the mask has its size,
// and gives NaN for a mask of zeros.
//
// What is kept for the gradient is x, as in Gram; the product with the mask is
// formed again, some rows at a time.
func GuidedGram(x *Var, mask *tensor.Tensor) *Var {
	return gram("GuidedGram", x, mask, nil)
}
