// Demopictures draws the two pictures that ship inside nst, content.jpg and
// style.jpg, from nothing but noise and arithmetic:
//
//	go run ./cmd/demopictures -o cmd/internal/demo
//
// The content is a lake at dusk, a function from a point to a colour. The style
// is a painting, thousands of brush strokes laid along a field of swirls. Both
// are the same on every run.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"sync"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
)

func main() {
	dir := flag.String("o", ".", "the `folder` to write content.jpg and style.jpg into")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "demopictures: takes no arguments; the folder is given with -o")
		os.Exit(2)
	}
	if info, err := os.Stat(*dir); err != nil || !info.IsDir() {
		fmt.Fprintf(os.Stderr, "demopictures: -o: there is no folder %s; create it or give another\n", *dir)
		os.Exit(1)
	}
	for _, p := range pictures {
		if err := write(filepath.Join(*dir, p.name), p.draw()); err != nil {
			fmt.Fprintln(os.Stderr, "demopictures:", err)
			os.Exit(1)
		}
	}
}

var pictures = []struct {
	name string
	draw func() image.Image
}{
	{"content.jpg", landscape},
	{"style.jpg", painting},
}

// write encodes a picture as JPEG and writes it in one step.
func write(path string, m image.Image) error {
	data, err := encode(m)
	if err != nil {
		return err
	}
	return outfile.Write(path, data)
}

func encode(m image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92})
	return b.Bytes(), err
}

// render draws a picture of w x h pixels from a function of the point, in
// units of the height: y is 0..1 from top to bottom, x is 0..w/h. Each pixel is
// the mean of n x n points.
func render(w, h, n int, at func(x, y float64) colour) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	step := 1 / float64(h*n)
	var rows sync.WaitGroup
	for py := range h {
		rows.Go(func() {
			for px := range w {
				var sum colour
				for j := range n {
					for i := range n {
						x := (float64(px*n+i) + 0.5) * step
						y := (float64(py*n+j) + 0.5) * step
						sum = sum.add(at(x, y), 1/float64(n*n))
					}
				}
				m.SetRGBA(px, py, toRGBA(sum))
			}
		})
	}
	rows.Wait()
	return m
}

func toRGBA(c colour) color.RGBA {
	b := func(v float64) uint8 { return uint8(clamp(v, 0, 1)*255 + 0.5) }
	return color.RGBA{b(c[0]), b(c[1]), b(c[2]), 255}
}
