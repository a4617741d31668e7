package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Gram returns the Gram matrix (C,C) of the activations x (1,H,W,C), divided
// by the number of positions. With A the unrolling of x, (H W, C):
//
//	G  = A^T A / (H W)
//	dA = A (dG + dG^T) / (H W)
//
// G[i,j] says how strongly channels i and j respond at the same places,
// whatever those places are: style without layout (Gatys, Ecker and Bethge,
// "A Neural Algorithm of Artistic Style", 2015). It panics unless x is one
// picture.
//
// The gradient needs the activations. Where these are quick to compute again,
// as those of VGG19's first layer, the largest of all, they are not kept.
func Gram(x *Var) *Var { return gram("Gram", x, nil, nil) }

// gram is the Gram matrix of m (x - mean); both may be nil.
func gram(op string, x *Var, mask, mean *tensor.Tensor) *Var {
	mustBeOnePicture(op, x, mask)
	s := x.Shape()
	scale := 1 / float32(s[1]*s[2])
	if mask != nil {
		scale = float32(1 / tensor.SquaredNorm(mask))
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
