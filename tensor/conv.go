package tensor

import (
	"fmt"

	"github.com/brushgrad/brushgrad/asm"
)

// Conv describes a two-dimensional convolution, in the sense of every
// deep-learning library a cross-correlation:
//
//	y[n,p,q,o] = bias[o] + sum over kh,kw,i of
//		x[n, p*StrideH + kh*DilationH - Top, q*StrideW + kw*DilationW - Left, i] * w[o,kh,kw,i]
//
// with the pixels outside x given by the padding, x of shape (N,H,W,Cin), w
// of shape (Cout,KH,KW,Cin/Groups) and y of shape (N,P,Q,Cout). Output channel
// o sees the input channels of its group only.
//
// The zero value has stride, dilation and groups of 1 and no padding.
type Conv struct {
	StrideH, StrideW     int // 0 means 1
	DilationH, DilationW int // 0 means 1
	Groups               int // 0 means 1
	Padding              Padding
}

func (c Conv) withDefaults() Conv {
	for _, v := range []*int{&c.StrideH, &c.StrideW, &c.DilationH, &c.DilationW, &c.Groups} {
		if *v == 0 {
			*v = 1
		}
	}
	return c
}

// OutputShape returns the shape (N,P,Q,Cout) of the convolution of x with w,
// with P = (H + Top + Bottom - DilationH*(KH-1) - 1)/StrideH + 1 and Q alike.
// It panics if the shapes do not fit.
func (c Conv) OutputShape(x, w *Tensor) []int {
	g := c.geometry("Conv2D", x.shape, w.shape)
	return []int{g.n, g.p, g.q, g.cout}
}

// geometry is a convolution with the sizes it is applied to.
type geometry struct {
	Conv
	n, h, w, cin        int
	kh, kw              int
	p, q, cout          int
	cinGroup, coutGroup int
}

func (c Conv) geometry(op string, x, w []int) geometry {
	c = c.withDefaults()
	fail := func(why string) {
		panic(fmt.Sprintf("tensor: %s: %s (x %v, w %v, %+v)", op, why, x, w, c))
	}
	if len(x) != 4 || len(w) != 4 {
		fail("wants x (N,H,W,Cin) and w (Cout,KH,KW,Cin/groups)")
	}
	if min(c.StrideH, c.StrideW, c.DilationH, c.DilationW, c.Groups) < 1 {
		fail("stride, dilation and groups must be positive")
	}
	g := geometry{Conv: c, n: x[0], h: x[1], w: x[2], cin: x[3], kh: w[1], kw: w[2], cout: w[0], cinGroup: w[3], coutGroup: w[0] / c.Groups}
	if g.cin != g.cinGroup*c.Groups {
		fail(fmt.Sprintf("input has %d channels, weight wants %d", g.cin, g.cinGroup*c.Groups))
	}
	if g.cout%c.Groups != 0 {
		fail(fmt.Sprintf("%d output channels do not divide into %d groups", g.cout, c.Groups))
	}
	if min(g.kh, g.kw, g.cinGroup, g.cout) < 1 {
		fail("weight is empty")
	}
	c.Padding.check(op, g.h, g.w)
	spanH := g.h + c.Padding.Top + c.Padding.Bottom - c.DilationH*(g.kh-1) - 1
	spanW := g.w + c.Padding.Left + c.Padding.Right - c.DilationW*(g.kw-1) - 1
	if spanH < 0 || spanW < 0 {
		fail("filter is larger than the padded input")
	}
	g.p, g.q = spanH/c.StrideH+1, spanW/c.StrideW+1
	return g
}

// columns returns the im2col matrix of x for one group.
func (g *geometry) columns(x *Tensor, group int) *im2col {
	return &im2col{
		x: x.data, h: g.h, w: g.w, c: g.cin, channel: group * g.cinGroup, channels: g.cinGroup, kh: g.kh, kw: g.kw,
		rows: forwardTable(g.p, g.kh, g.StrideH, g.DilationH, g.Padding.Top, g.h, g.Padding.Mode),
		cols: forwardTable(g.q, g.kw, g.StrideW, g.DilationW, g.Padding.Left, g.w, g.Padding.Mode),
	}
}

// weights returns the filters of one group as a matrix, a row for each.
func (g *geometry) weights(w *Tensor, group int) *dense {
	k := g.kh * g.kw * g.cinGroup
	return &dense{w.data[group*g.coutGroup*k:], k}
}

// Conv2D stores the convolution of x with w in y, which must not overlap them.
// bias is (Cout) or nil. It panics if the shapes do not fit.
//
// With up to four input channels it is computed directly, and large 3x3
// convolutions of stride 1, of channels in multiples of 8, by Winograd's method.
// Its error is up to twice that of a direct sum in float32, for fewer than 64
// channels up to 3.5 times, which is less than that of a direct sum over many.
// All others are the matrix product im2col(x) w^T; see [MatMul] for its accuracy.
func Conv2D(y, x, w, bias *Tensor, c Conv) {
	c.geometry("Conv2D", x.shape, w.shape).forward("Conv2D", y, nil, x, w, bias, false)
}

// Conv2DReLU stores max(Conv2D(x, w, bias), 0) in y, rectified as its blocks
// are finished, which saves a pass over memory. mask, if not nil, has [MaskLen]
// bytes and gets a bit for each value of y, bit e%8 of byte e/8 for element e,
// set where y is positive: all that the gradient needs. It panics if the shapes
// do not fit.
func Conv2DReLU(y *Tensor, mask []uint8, x, w, bias *Tensor, c Conv) {
	if mask != nil {
		mustHaveMask("Conv2DReLU", mask, y)
	}
	c.geometry("Conv2DReLU", x.shape, w.shape).forward("Conv2DReLU", y, mask, x, w, bias, true)
}

// FewChannels reports whether the convolution of x with w is computed by the
// kernels for up to four input channels, the only ones that [Conv2DReLURows]
// can compute some rows with.
func (c Conv) FewChannels(x, w *Tensor) bool {
	g := c.geometry("FewChannels", x.shape, w.shape)
	return g.fewChannels()
}

// Conv2DReLURows stores rows [lo,hi) of the result of Conv2DReLU in y
// (N,hi-lo,Q,Cout), to the bit. It panics if the shapes do not fit, or
// [Conv.FewChannels] says no.
func Conv2DReLURows(y *Tensor, lo, hi int, x, w, bias *Tensor, c Conv) {
	const op = "Conv2DReLURows"
	g := c.geometry(op, x.shape, w.shape)
	if !g.fewChannels() || lo < 0 || hi > g.p || lo > hi {
		panic(fmt.Sprintf("tensor: %s: cannot compute rows %d to %d of the convolution of x %v with w %v, %+v", op, lo, hi, x.shape, w.shape, g.Conv))
	}
	if !y.hasShape(g.n, hi-lo, g.q, g.cout) {
		panic(fmt.Sprintf("tensor: %s: rows %d to %d are %v, not %v", op, lo, hi, []int{g.n, hi - lo, g.q, g.cout}, y.shape))
	}
	g.fewRows(y.data, nil, x, w, g.biases(op, bias), true, lo, hi)
}

// Conv2DReLUMaxPool stores in y (N,P/2,Q/2,Cout) the largest value of each
// window of 2x2 pixels of ReLU(Conv2D(x, w, bias)), which by Winograd's method is
// never stored as a whole. taps, of [TapsLen] bytes, gets for each value of y the
// pixel of the window it came from, and mask, of [MaskLen] bytes, whether it is
// positive: the two together are what the gradient needs. It panics if the shapes
// do not fit.
func Conv2DReLUMaxPool(y *Tensor, taps, mask []uint8, x, w, bias *Tensor, c Conv) {
	const op = "Conv2DReLUMaxPool"
	g := c.geometry(op, x.shape, w.shape)
	g.checkPooled(op, y, taps, mask)
	biases := g.biases(op, bias)
	if len(y.data) == 0 {
		return
	}
	if biases == nil {
		biases = make([]float32, g.cout)
	}
	if g.suitsWinograd() {
		g.winogradForwardPooled(y.data, taps, mask, x.data, w.data, biases)
		return
	}
	scratch := getScratch(g.n * g.p * g.q * g.cout)
	defer scratch.put()
	full := FromSlice(scratch.data, g.n, g.p, g.q, g.cout)
	bytes := make([]uint8, len(y.data))
	g.forward(op, full, nil, x, w, bias, true)
	MaxPool2D(y, bytes, full, Pool{KH: 2, KW: 2})
	packTaps(taps, bytes)
	positiveMask(mask, y.data)
}

// checkPooled panics unless y is the pooled output, with its taps and mask.
func (g *geometry) checkPooled(op string, y *Tensor, taps, mask []uint8) {
	if !y.hasShape(g.n, g.p/2, g.q/2, g.cout) {
		panic(fmt.Sprintf("tensor: %s: pooled output of x (%d,%d,%d,%d) is %v, not %v", op, g.n, g.h, g.w, g.cin, []int{g.n, g.p / 2, g.q / 2, g.cout}, y.shape))
	}
	mustHaveTaps(op, taps, mask, y)
}

// biases returns the elements of a bias, which may be nil.
func (g *geometry) biases(op string, bias *Tensor) []float32 {
	if bias == nil {
		return nil
	}
	if bias.Rank() != 1 || bias.shape[0] != g.cout {
		panic(fmt.Sprintf("tensor: %s: bias %v does not match %d output channels", op, bias.shape, g.cout))
	}
	return bias.data
}

func (g geometry) forward(op string, y *Tensor, mask []uint8, x, w, bias *Tensor, relu bool) {
	g.checkOutput(op, y)
	biases := g.biases(op, bias)
	if len(y.data) == 0 {
		return
	}
	switch {
	case g.fewChannels():
		if g.cout%8 == 0 {
			g.fewForward(y.data, mask, x, w, biases, relu)
			return
		}
		g.fewForward(y.data, nil, x, w, biases, relu)
	case g.suitsWinograd():
		g.winogradForward(y.data, mask, x.data, w.data, biases, relu)
		return
	default:
		g.productForward(y.data, x, w, biases, relu)
	}
	if mask != nil {
		positiveMask(mask, y.data)
	}
}

// productForward is the convolution as a matrix product.
func (g *geometry) productForward(y []float32, x, w *Tensor, bias []float32, relu bool) {
	if bias == nil && relu {
		bias = make([]float32, g.cout)
	}
	for group := range g.Groups {
		first := group * g.coutGroup
		prod := product{
			m: g.n * g.p * g.q, n: g.coutGroup, k: g.kh * g.kw * g.cinGroup,
			a: g.columns(x, group), b: g.weights(w, group), transB: true,
			c: y[first:], ldc: g.cout,
		}
		switch {
		case relu:
			prod.epilogue = func(row []float32, col int) { asm.BiasReLU(row, bias[first+col:][:len(row)]) }
		case bias != nil:
			prod.epilogue = func(row []float32, col int) { asm.Axpy(1, bias[first+col:][:len(row)], row) }
		}
		prod.run()
	}
}

func (g *geometry) checkOutput(op string, y *Tensor) {
	if !y.hasShape(g.n, g.p, g.q, g.cout) {
		panic(fmt.Sprintf("tensor: %s: output of x (%d,%d,%d,%d) is %v, not %v", op, g.n, g.h, g.w, g.cin, []int{g.n, g.p, g.q, g.cout}, y.shape))
	}
}
