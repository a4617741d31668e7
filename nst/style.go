package nst

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/tensor"
)

// Style is a picture whose style is wanted, all over the result or in a region.
type Style struct {
	Picture *tensor.Tensor // (1,H,W,3), RGB values in 0..255, of any size
	// Weight is its share where there are several styles: only the proportions
	// of weights matter. It must not be negative; 0 means 1.
	Weight float64
	// ContentMask says where in the result the style is wanted: (1,H,W,1) of the
	// content's height and width, 1 inside, 0 outside, and between for soft edges.
	// Nil means everywhere or, where other styles have masks, all that they leave.
	ContentMask *tensor.Tensor
	// StyleMask says, likewise, which part of Picture shows the style: (1,H,W,1)
	// of its size. Nil means all of it.
	StyleMask *tensor.Tensor
}

// weight returns the weight with its default.
func (s Style) weight() float64 {
	if s.Weight == 0 {
		return 1
	}
	return s.Weight
}

// check returns an error for a weight or a mask that makes no sense. It panics
// if a mask has another size than its picture.
func (s Style) check(content *tensor.Tensor) error {
	if !(s.Weight >= 0) || math.IsInf(s.Weight, 1) {
		return fmt.Errorf("style: weight %v, but weights must be numbers not below 0", s.Weight)
	}
	if err := checkMask("content", s.ContentMask, content); err != nil {
		return err
	}
	return checkMask("style", s.StyleMask, s.Picture)
}
