package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// squaredMask returns the weight of each position in the region of a mask, nil
// for nil.
func squaredMask(mask *tensor.Tensor) *tensor.Tensor {
	if mask == nil {
		return nil
	}
	weight := tensor.New(mask.Shape()...)
	tensor.Mul(weight, mask, mask)
	return weight
}

// mustBeOnePicture panics unless x is (1,H,W,C) and the mask nil or (1,H,W,1).
func mustBeOnePicture(op string, x *Var, mask *tensor.Tensor) {
	s := x.Shape()
	if len(s) != 4 || s[0] != 1 {
		panic(fmt.Sprintf("autodiff: %s: x has shape %v, want one picture (1,H,W,C)", op, s))
	}
	if mask == nil {
		return
	}
	if m := mask.Shape(); len(m) != 4 || m[0] != 1 || m[1] != s[1] || m[2] != s[2] || m[3] != 1 {
		panic(fmt.Sprintf("autodiff: %s: x has shape %v and the mask %v, want a mask (1,H,W,1) of its size", op, s, m))
	}
}
