package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

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

// Covariance returns the covariance matrix (C,C) of the activations x (1,H,W,C)
// over all positions, or in the region of a mask m (1,H,W,1) as for
// [GuidedGram]; a nil mask means everywhere. With the mean mu of each channel,
// weighted by m^2, and A' = A - mu:
//
//	S  = (M A')^T (M A') / sum m^2
//	dA = M M A' (dS + dS^T) / sum m^2
//
// (A change of mu changes nothing about S to first order, because the rows of
// M M A' add up to 0.) Since the mean is taken off first, S has no
// negative eigenvalues beyond those of rounding. It panics like GuidedGram.
func Covariance(x *Var, mask *tensor.Tensor) *Var {
	mustBeOnePicture("Covariance", x, mask)
	mean := tensor.New(x.Shape()[3])
	narrow(mean, tensor.WeightedMoments(x.value, squaredMask(mask)).Mean)
	return gram("Covariance", x, mask, mean)
}

// gram is the Gram matrix of m (x - mean); both may be nil.
func gram(op string, x *Var, mask, mean *tensor.Tensor) *Var {
	mustBeOnePicture(op, x, mask)
	s := x.Shape()
	scale := 1 / float32(s[1]*s[2])
	if mask != nil {
		scale = float32(1 / tensor.SquaredDistance(mask, tensor.New(mask.Shape()...)))
	}
	o := gramOf{x, mask, mean, scale}
	g := newVar([]int{s[3], s[3]}, func(dg *tensor.Tensor) { o.back(dg) }, x)
	if x.again != nil {
		g.keeps()
	} else {
		g.keeps(x)
	}
	if o.plain() {
		tensor.Gram(g.value, x.value, scale)
		return g
	}
	a := x.tape.lend(s)
	o.prepare(a, x.value, 0, s[1])
	tensor.Gram(g.value, a, scale)
	x.tape.giveBack(a)
	return g
}

// gramOf is a Gram matrix on the tape.
type gramOf struct {
	x          *Var
	mask, mean *tensor.Tensor // nil for none
	scale      float32
}

func (o gramOf) plain() bool { return o.mask == nil && o.mean == nil }

// prepare stores m (x - mean) in dst, for rows [lo,hi) of x.
func (o gramOf) prepare(dst, x *tensor.Tensor, lo, hi int) {
	if o.mean != nil {
		tensor.Sub(dst, x, o.mean)
		x = dst
	}
	if o.mask != nil {
		m := rowsOf(o.mask, lo, hi)
		tensor.Mul(dst, x, &m)
	}
}

func (o gramOf) back(dg *tensor.Tensor) {
	o.x.accumulateGrad(func(dx *tensor.Tensor, add bool) {
		if o.plain() && o.x.again == nil {
			tensor.GramGrad(dx, o.x.value, dg, o.scale, add)
			return
		}
		const bandPixels = 1 << 15
		h, w := dx.Dim(1), dx.Dim(2)
		rows := min(h, max(1, bandPixels/max(1, w)))
		for lo := 0; lo < h; lo += rows {
			d := rowsOf(dx, lo, min(h, lo+rows))
			o.backRows(&d, dg, lo, min(h, lo+rows), add)
		}
	})
}

// backRows is back for rows [lo,hi), whose gradient is d.
func (o gramOf) backRows(d, dg *tensor.Tensor, lo, hi int, add bool) {
	t := o.x.tape
	a := t.lend(d.Shape())
	defer t.giveBack(a)
	x := a
	if o.x.again != nil {
		o.x.again(a, lo, hi)
	} else {
		rows := rowsOf(o.x.value, lo, hi)
		x = &rows
	}
	o.prepare(a, x, lo, hi)
	if o.mask == nil {
		tensor.GramGrad(d, a, dg, o.scale, add)
		return
	}
	da := t.lend(d.Shape())
	defer t.giveBack(da)
	tensor.GramGrad(da, a, dg, o.scale, false)
	m := rowsOf(o.mask, lo, hi)
	if !add {
		tensor.Mul(d, da, &m)
		return
	}
	tensor.Mul(da, da, &m)
	tensor.AddScaled(d, 1, da)
}

// rowsOf returns rows [lo,hi) of x (1,H,W,C), a view.
func rowsOf(x *tensor.Tensor, lo, hi int) tensor.Tensor {
	w, c := x.Dim(2), x.Dim(3)
	return tensor.Over(x.Data()[lo*w*c:hi*w*c], []int{1, hi - lo, w, c})
}

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
		panic(fmt.Sprintf("autodiff: %s: wants one picture (1,H,W,C), not %v", op, s))
	}
	if mask == nil {
		return
	}
	if m := mask.Shape(); len(m) != 4 || m[0] != 1 || m[1] != s[1] || m[2] != s[2] || m[3] != 1 {
		panic(fmt.Sprintf("autodiff: %s: wants a mask (1,H,W,1) of the size of x %v, not %v", op, s, m))
	}
}
