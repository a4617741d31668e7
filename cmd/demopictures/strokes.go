package main

import (
	"image"
	"math"
)

// canvas is a painting under the brush: colour and the thickness of the paint,
// which the light will graze at the end. Positions are in units of its height.
type canvas struct {
	w, h   int
	paint  []colour
	relief []float64
	// For the stroke at hand: which pixels it touches, and where along and
	// across the brush each of them lies.
	touched      []int32
	along, cross []float64
	strokes      int32
}

// newCanvas returns a canvas of w x h pixels covered with an underpainting.
func newCanvas(w, h int, under func(x, y float64) colour) *canvas {
	n := w * h
	c := &canvas{w: w, h: h, paint: make([]colour, n), relief: make([]float64, n),
		touched: make([]int32, n), along: make([]float64, n), cross: make([]float64, n)}
	for i := range c.paint {
		c.paint[i] = under((float64(i%w)+0.5)/float64(h), (float64(i/w)+0.5)/float64(h))
	}
	return c
}

// stroke is one touch of a flat brush of bristles that follows the field.
type stroke struct {
	x, y          float64 // where it begins
	width, length float64
	first, second colour // two paints that the brush picked up, side by side
	thickness     float64
	seed          uint32
}

// draw lays a stroke: it traces the path, finds for every pixel near it the
// place under the brush, and blends.
func (c *canvas) draw(s stroke) {
	c.strokes++
	box := c.trace(s)
	for py := box.Min.Y; py < box.Max.Y; py++ {
		for i := py*c.w + box.Min.X; i < py*c.w+box.Max.X; i++ {
			if c.touched[i] == c.strokes {
				c.blend(i, s, c.along[i], c.cross[i])
			}
		}
	}
}

// trace marks the pixels of a stroke with their place along it (0..1) and
// across it (-1..1), and returns the box that holds them.
func (c *canvas) trace(s stroke) image.Rectangle {
	scale := float64(c.h)
	step := 0.3 * s.width
	steps := max(2, int(s.length/step))
	var box image.Rectangle
	x, y := s.x, s.y
	for k := range steps {
		dx, dy := flow(x, y)
		nx, ny := x+step*dx, y+step*dy
		half := s.width/2 + step
		r := image.Rect(int((x-half)*scale), int((y-half)*scale), int((x+half)*scale)+2, int((y+half)*scale)+2).
			Intersect(image.Rect(0, 0, c.w, c.h))
		box = box.Union(r)
		for py := r.Min.Y; py < r.Max.Y; py++ {
			for px := r.Min.X; px < r.Max.X; px++ {
				ox, oy := (float64(px)+0.5)/scale-x, (float64(py)+0.5)/scale-y
				t := ox*dx + oy*dy
				d := (oy*dx - ox*dy) / (s.width / 2)
				if t < 0 || t > step*1.35 || math.Abs(d) > 1 {
					continue
				}
				i := py*c.w + px
				if c.touched[i] == c.strokes && math.Abs(c.cross[i]) < math.Abs(d) {
					continue // on the inside of a bend: the nearer part wins
				}
				c.touched[i] = c.strokes
				c.along[i] = (float64(k) + t/step) / float64(steps)
				c.cross[i] = d
			}
		}
		x, y = nx, ny
	}
	return box
}

// blend lays paint on one pixel. Bristles leave streaks along the stroke; the
// brush is full at the beginning and runs dry towards the end.
func (c *canvas) blend(i int, s stroke, along, cross float64) {
	run := along * s.length / s.width
	bristle := noise(2.6*cross, 0.22*run, s.seed) + 0.55*noise(6*cross, 0.3*run, s.seed+1)
	dry := along + 0.30*bristle
	cover := smoothstep(1.0, 0.74, math.Abs(cross)-0.22*bristle)
	rounded := 0.45 * (1 - math.Sqrt(1-cross*cross)) // the ends of a stroke bulge
	cover *= smoothstep(0, 0.10, run-rounded+0.10*bristle) * smoothstep(1.04, 0.84, dry+rounded*s.width/s.length)
	if cover <= 0 {
		return
	}
	paint := s.first.mix(s.second, smoothstep(-0.35, 0.45, bristle+0.5*cross)).scale(1 + 0.13*bristle)
	c.paint[i] = c.paint[i].mix(paint, cover)
	// Paint is pushed to the sides of the brush and stands in ridges there.
	edge := smoothstep(0.45, 0.85, math.Abs(cross)) * smoothstep(1.05, 0.85, math.Abs(cross))
	body := s.thickness * (0.45 + 0.75*bristle + 0.55*edge + 0.3*smoothstep(0.6, 0.9, along))
	c.relief[i] = lerp(c.relief[i], 0.35*c.relief[i]+body, cover)
}

// lit returns the painting as it looks under a lamp at the upper left: the
// flanks of the paint that face it are brighter, those that turn away darker,
// and wet ridges glint. n x n pixels of the canvas make one of the picture.
func (c *canvas) lit(n int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, c.w/n, c.h/n))
	at := func(x, y int) float64 {
		return c.relief[min(max(y, 0), c.h-1)*c.w+min(max(x, 0), c.w-1)]
	}
	for py := range c.h / n {
		for px := range c.w / n {
			var sum colour
			for j := range n {
				for i := range n {
					x, y := px*n+i, py*n+j
					slope := (at(x+1, y) - at(x-1, y)) + (at(x, y+1) - at(x, y-1))
					light := clamp(0.21*slope, -0.34, 0.34)
					glint := sq(max(0, light-0.08))
					p := c.paint[y*c.w+x].scale(1+light).add(colour{1, 0.97, 0.9}, 2.2*glint)
					sum = sum.add(p, 1/float64(n*n))
				}
			}
			m.SetRGBA(px, py, toRGBA(sum))
		}
	}
	return m
}
