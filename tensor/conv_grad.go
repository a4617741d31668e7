package tensor

import "fmt"

// Conv2DGradInput stores in dx (N,H,W,Cin) the gradient of the input of a
// convolution whose output has the gradient dy (N,P,Q,Cout), or, with
// accumulate, adds it:
//
//	dx[n,h,w,i] = sum over the outputs (p,q,o) and taps (kh,kw) that read x[n,h,w,i] of dy[n,p,q,o] * w[o,kh,kw,i]
//
// That is again a product of an im2col matrix, gathered from dy, with the
// filters; for stride 1 it is the convolution of dy with the flipped,
// transposed filters, and the same rule as for [Conv2D] says when it is
// computed by Winograd's method. Border pixels that a reflecting or replicating
// padding shows again get the gradients of those places too. It panics if the
// shapes do not fit.
func Conv2DGradInput(dx, dy, w *Tensor, c Conv, accumulate bool) {
	c.geometry("Conv2DGradInput", dx.shape, w.shape).gradInput("Conv2DGradInput", dx, dy, nil, w, accumulate)
}

// Conv2DReLUGradInput is Conv2DGradInput for Conv2DReLU: only those values of
// dy count whose bits in mask, which Conv2DReLU has made, are set.
func Conv2DReLUGradInput(dx, dy *Tensor, mask []uint8, w *Tensor, c Conv, accumulate bool) {
	mustHaveMask("Conv2DReLUGradInput", mask, dy)
	c.geometry("Conv2DReLUGradInput", dx.shape, w.shape).gradInput("Conv2DReLUGradInput", dx, dy, mask, w, accumulate)
}

// Conv2DReLUMaxPoolGradInput is Conv2DGradInput for Conv2DReLUMaxPool: dy is
// the gradient of the pooled output (N,P/2,Q/2,Cout), which goes to the pixels
// that taps names where mask has a bit set.
func Conv2DReLUMaxPoolGradInput(dx, dy *Tensor, taps, mask []uint8, w *Tensor, c Conv, accumulate bool) {
	const op = "Conv2DReLUMaxPoolGradInput"
	g := c.geometry(op, dx.shape, w.shape)
	g.checkPooled(op, dy, taps, mask)
	if len(dx.data) == 0 {
		return
	}
	if g.suitsWinograd() {
		g.winogradGradInput(dx.data, dy.data, taps, mask, w.data, accumulate)
		return
	}
	full := getScratch(g.n * g.p * g.q * g.cout)
	defer full.put()
	dfull := FromSlice(full.data, g.n, g.p, g.q, g.cout)
	ReLUMaxPool2DGrad(dfull, dy, taps, mask)
	g.gradInput(op, dx, dfull, nil, w, accumulate)
}

// ReLUMaxPool2DGrad stores in dx (N,P,Q,C) the gradient, before ReLU and
// pooling, of the output y (N,P/2,Q/2,C) of Conv2DReLUMaxPool, given that of y.
// It panics if the shapes do not fit.
func ReLUMaxPool2DGrad(dx, dy *Tensor, taps, mask []uint8) {
	const op = "ReLUMaxPool2DGrad"
	if s := dx.shape; len(s) != 4 || !dy.hasShape(s[0], s[1]/2, s[2]/2, s[3]) {
		panic(fmt.Sprintf("tensor: %s: wants dx (N,P,Q,C) and dy (N,P/2,Q/2,C), not %v and %v", op, s, dy.shape))
	}
	mustHaveTaps(op, taps, mask, dy)
	if len(dy.data) == 0 {
		dx.Fill(0)
		return
	}
	masked := getScratch(len(dy.data))
	defer masked.put()
	bytes := make([]uint8, len(dy.data))
	unpackTaps(bytes, taps)
	MaxPool2DGrad(dx, FromSlice(masked.data, dy.shape...).maskFrom(dy, mask), bytes, Pool{KH: 2, KW: 2})
}

func (g geometry) gradInput(op string, dx, dy *Tensor, mask []uint8, w *Tensor, accumulate bool) {
	g.checkOutput(op, dy)
	if len(dx.data) == 0 {
		return
	}
	if g.suitsWinograd() {
		g.winogradGradInput(dx.data, dy.data, nil, mask, w.data, accumulate)
		return
	}
	if mask != nil && !(g.fewChannels() && g.cout%8 == 0) {
		masked := getScratch(len(dy.data))
		defer masked.put()
		dy, mask = FromSlice(masked.data, dy.shape...).maskFrom(dy, mask), nil
	}
	if !g.fewChannels() {
		g.productGradInput(dx.data, dy, w, accumulate)
		return
	}
	if !accumulate {
		g.fewGradInput(dx, dy, mask, w)
		return
	}
	more := getScratch(len(dx.data))
	defer more.put()
	g.fewGradInput(FromSlice(more.data, dx.shape...), dy, mask, w)
	AddScaled(dx, 1, FromSlice(more.data, dx.shape...))
}

// productGradInput is the gradient of the input as a matrix product.
func (g *geometry) productGradInput(dx []float32, dy, w *Tensor, accumulate bool) {
	pad := g.Padding
	for group := range g.Groups {
		// Gather for the pixels of x only: with zero padding that is all.
		inside := g.gradColumns(dy, group, pad.Top, g.h, pad.Left, g.w)
		g.gradProduct(inside, w, group, dx, g.n*g.h*g.w, accumulate)
	}
	if !pad.repeats() {
		return
	}
	ring := g.newRing()
	defer ring.done()
	positions := ring.positions()
	for group := range g.Groups {
		s := g.gradColumns(dy, group, 0, pad.Top+g.h+pad.Bottom, 0, pad.Left+g.w+pad.Right)
		s.positions = positions
		g.gradProduct(s, w, group, ring.buffer.data, g.n*ring.size, false)
	}
	ring.fold(dx)
}

// gradColumns returns the matrix gathered from dy for a rectangle of the
// padded input.
func (g *geometry) gradColumns(dy *Tensor, group, top, h, left, w int) *im2col {
	return &im2col{
		x: dy.data, h: g.p, w: g.q, c: g.cout, channel: group * g.coutGroup, channels: g.coutGroup, kh: g.kh, kw: g.kw,
		rows: backwardTable(top, h, g.kh, g.StrideH, g.DilationH, g.p),
		cols: backwardTable(left, w, g.kw, g.StrideW, g.DilationW, g.q),
	}
}

// gradProduct multiplies a matrix from gradColumns, m rows, by the filters and
// stores the result in the channels of the group in dst (m,Cin), or adds it.
func (g *geometry) gradProduct(s *im2col, w *Tensor, group int, dst []float32, m int, accumulate bool) {
	of := *g // lets g stay on the caller's stack where there is no product
	prod := product{
		m: m, n: g.cinGroup, k: g.kh * g.kw * g.coutGroup,
		a: s, b: tapsByOutput{&of, w.data, group * g.coutGroup},
		c: dst[group*g.cinGroup:], ldc: g.cin, accumulate: accumulate,
	}
	prod.run()
}

// tapsByOutput is the matrix of filters that the gradient of the input is
// multiplied by: row (tap, o) holds the weights w[first+o, tap, :].
type tapsByOutput struct {
	g     *geometry
	w     []float32
	first int // first output channel of the group
}

func (s tapsByOutput) copyBlock(dst []float32, ld, r0, nr, c0, nc int) {
	taps := s.g.kh * s.g.kw
	for r := range nr {
		tap, o := (r0+r)/s.g.coutGroup, (r0+r)%s.g.coutGroup
		copy(dst[r*ld:][:nc], s.w[((s.first+o)*taps+tap)*s.g.cinGroup+c0:])
	}
}

// Conv2DGradWeight stores in dw (Cout,KH,KW,Cin/Groups) the gradient of the
// weight of a convolution of x whose output has the gradient dy:
//
//	dw[o,kh,kw,i] = sum over n,p,q of dy[n,p,q,o] * x[n, p*StrideH+kh*DilationH-Top, q*StrideW+kw*DilationW-Left, i]
//
// It is computed by Winograd's method where [Conv2D] is, or would be if a picture
// of fewer than eight channels had eight. Its error is then up to two and a half
// times that of a direct sum in float32 over 200 positions, no larger than that
// over 2000, and less over more. All others are the product dy^T im2col(x); see
// [MatMul] for its accuracy. It panics if the shapes do not fit.
func Conv2DGradWeight(dw, x, dy *Tensor, c Conv) {
	g := c.geometry("Conv2DGradWeight", x.shape, dw.shape)
	g.checkOutput("Conv2DGradWeight", dy)
	if len(dy.data) == 0 {
		dw.Fill(0)
		return
	}
	if g.suitsWinograd() {
		g.winogradGradWeight(dw.data, x.data, dy.data)
		return
	}
	if wide := g.widened(); g.cin < fewWide && wide.suitsWinograd() {
		g.fewGradWeight(dw.data, x.data, dy.data)
		return
	}
	for group := range g.Groups {
		out := g.weights(dw, group)
		prod := product{
			m: g.coutGroup, n: out.ld, k: g.n * g.p * g.q,
			a: &dense{dy.data[group*g.coutGroup:], g.cout}, transA: true,
			b: g.columns(x, group),
			c: out.data, ldc: out.ld,
		}
		prod.run()
	}
}

// Conv2DGradBias stores in db (Cout) the gradient of the bias: the sum of dy
// (N,P,Q,Cout) over all positions. It panics if the shapes do not fit.
func Conv2DGradBias(db, dy *Tensor) {
	if db.Rank() != 1 || dy.Rank() != 4 || db.shape[0] != dy.shape[3] {
		panic(fmt.Sprintf("tensor: Conv2DGradBias: db %v does not fit dy %v", db.shape, dy.shape))
	}
	sumRows(db.data, dy.data)
}
