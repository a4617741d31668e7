package main

import (
	"image"
	"image/draw"
	"math"
	"math/rand/v2"
	"sync"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/gofont/gosmallcapsitalic"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

const (
	side   = 28 // of a picture, in pixels
	digits = 10
)

// outline is the shape of a digit, with its middle at (0,0), y down, in units
// of its height.
type outline []sfnt.Segment

const outlineUnit = 1 << 12 // of a coordinate: as many are 1

// outlines returns the digits of every font.
var outlines = sync.OnceValue(func() (all [][digits]outline) {
	for _, ttf := range [][]byte{
		goregular.TTF, goitalic.TTF, gobold.TTF, gobolditalic.TTF, gomedium.TTF, gomediumitalic.TTF, gomono.TTF,
		gomonoitalic.TTF, gomonobold.TTF, gomonobolditalic.TTF, gosmallcaps.TTF, gosmallcapsitalic.TTF,
	} {
		f, err := opentype.Parse(ttf)
		if err != nil {
			panic(err) // these fonts are part of the program
		}
		var of [digits]outline
		for d := range digits {
			of[d] = loadOutline(f, rune('0'+d))
		}
		all = append(all, of)
	}
	return all
})

func loadOutline(f *opentype.Font, r rune) outline {
	var buffer sfnt.Buffer
	index, err := f.GlyphIndex(&buffer, r)
	if err != nil {
		panic(err)
	}
	segments, err := f.LoadGlyph(&buffer, index, fixed.I(1000), nil)
	if err != nil {
		panic(err)
	}
	b := segments.Bounds()
	height := float64(b.Max.Y - b.Min.Y)
	centred := make(outline, len(segments))
	for i, s := range segments {
		for k, p := range s.Args {
			s.Args[k] = fixed.Point26_6{
				X: fixed.Int26_6(math.Round(float64(2*p.X-b.Min.X-b.Max.X) / 2 / height * outlineUnit)),
				Y: fixed.Int26_6(math.Round(float64(2*p.Y-b.Min.Y-b.Max.Y) / 2 / height * outlineUnit)),
			}
		}
		centred[i] = s
	}
	return centred
}

// affine maps (x,y) to (xx x + xy y + x0, yx x + yy y + y0).
type affine struct{ xx, xy, x0, yx, yy, y0 float64 }

func (a affine) apply(p fixed.Point26_6) (x, y float32) {
	u, v := float64(p.X)/outlineUnit, float64(p.Y)/outlineUnit
	return float32(a.xx*u + a.xy*v + a.x0), float32(a.yx*u + a.yy*v + a.y0)
}

// ink returns how much of each pixel of a square of n x n is inside the outline,
// 0..255, after a map to pixels.
func (o outline) ink(n int, a affine) []uint8 {
	z := vector.NewRasterizer(n, n)
	for _, s := range o {
		x0, y0 := a.apply(s.Args[0])
		x1, y1 := a.apply(s.Args[1])
		x2, y2 := a.apply(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			z.ClosePath()
			z.MoveTo(x0, y0)
		case sfnt.SegmentOpLineTo:
			z.LineTo(x0, y0)
		case sfnt.SegmentOpQuadTo:
			z.QuadTo(x0, y0, x1, y1)
		case sfnt.SegmentOpCubeTo:
			z.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	z.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, n, n))
	z.DrawOp = draw.Src
	z.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	return mask.Pix
}

// drawBatch returns pictures (n,side,side,1) of digits, of values from about 0 to
// 1, and which digits they are. A picture follows from the seed and its number
// alone: its digit, font, place, size, slant, brightness and noise are random.
func drawBatch(seed uint64, numbers []int) (pictures *tensor.Tensor, labels []int) {
	pictures, labels = tensor.New(len(numbers), side, side, 1), make([]int, len(numbers))
	outlines()
	parallel.For(len(numbers), func(i int) {
		rng := rand.New(rand.NewPCG(seed, uint64(numbers[i])))
		labels[i] = drawDigit(rng, pictures.Data()[i*side*side:][:side*side])
	})
	return pictures, labels
}

// drawHeldOut returns n pictures that are not for training.
func drawHeldOut(seed uint64, n int) (pictures *tensor.Tensor, labels []int) {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return drawBatch(^seed, numbers)
}

func drawDigit(rng *rand.Rand, pixels []float32) (label int) {
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }
	label = rng.IntN(digits)
	shape := outlines()[rng.IntN(len(outlines()))][label]
	height := between(13, 22)
	width := height * between(0.75, 1.25) // for a height of that
	sin, cos := math.Sincos(between(-0.35, 0.35))
	slant := between(-0.25, 0.25)
	shift := (side - height) / 2 * 0.7
	ink := shape.ink(side, affine{
		xx: width * cos, xy: height * (slant*cos - sin), x0: side/2 + between(-shift, shift),
		yx: width * sin, yy: height * (slant*sin + cos), y0: side/2 + between(-shift, shift),
	})
	paper, contrast, noise := between(0, 0.2), between(0.4, 0.8), between(0, 0.15)
	for i, v := range ink {
		pixels[i] = float32(paper + contrast*float64(v)/255 + noise*rng.NormFloat64())
	}
	return label
}
