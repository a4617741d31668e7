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

// filters returns the weights of one group as a matrix, a row per filter.
func (g *geometry) filters(w *Tensor, group int) dense {
	k := g.kh * g.kw * g.cinGroup
	return dense{w.data[group*g.coutGroup*k:], k}
}

// Conv2D stores the convolution of x with w in y, which must not overlap them.
// bias is (Cout) or nil. With relu set, y is rectified as its blocks are
// finished, which saves a pass over memory. It panics if the shapes do not fit.
//
// It is the matrix product im2col(x) w^T; see [MatMul] for its accuracy. Few
// input channels have a kernel of their own.
func Conv2D(y, x, w, bias *Tensor, c Conv, relu bool) {
	g := c.geometry("Conv2D", x.shape, w.shape)
	g.checkOutput("Conv2D", y)
	if bias != nil && (bias.Rank() != 1 || bias.shape[0] != g.cout) {
		panic(fmt.Sprintf("tensor: Conv2D: bias %v does not match %d output channels", bias.shape, g.cout))
	}
	if len(y.data) == 0 {
		return
	}
	if g.fewChannels() {
		var biases []float32
		if bias != nil {
			biases = bias.data
		}
		g.fewForward(y.data, nil, x, w, biases, relu)
		return
	}
	for group := range g.Groups {
		first := group * g.coutGroup
		prod := product{
			m: g.n * g.p * g.q, n: g.coutGroup, k: g.kh * g.kw * g.cinGroup,
			a: g.columns(x, group), b: g.filters(w, group), transB: true,
			c: y.data[first:], ldc: g.cout,
		}
		var biases []float32
		switch {
		case bias != nil:
			biases = bias.data[first:][:g.coutGroup]
		case relu:
			biases = make([]float32, g.coutGroup)
		}
		switch {
		case relu:
			prod.epilogue = func(row []float32, col int) { asm.BiasReLU(row, biases[col:][:len(row)]) }
		case bias != nil:
			prod.epilogue = func(row []float32, col int) { asm.Axpy(1, biases[col:][:len(row)], row) }
		}
		prod.run()
	}
}

func (g *geometry) checkOutput(op string, y *Tensor) {
	if want := (&Tensor{shape: []int{g.n, g.p, g.q, g.cout}}); !SameShape(y, want) {
		panic(fmt.Sprintf("tensor: %s: output of x (%d,%d,%d,%d) is %v, not %v", op, g.n, g.h, g.w, g.cin, want.shape, y.shape))
	}
}
