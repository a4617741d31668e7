package main

import (
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/cmd/nst/demo"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// startFlags choose the picture to start from.
type startFlags struct {
	Init      string  `default:"content" placeholder:"PICTURE" help:"Picture to start from: content, style, noise, grey, or a file, which is scaled to the content's size (${default})."`
	InitNoise float64 `default:"0" placeholder:"SHARE" help:"Share of noise in the start, 0 to 1 (${default})."`
	Seed      uint64  `default:"0" placeholder:"N" help:"Seed of the noise (${default})."`
}

// Validate returns an error for a flag with a value that makes no sense.
func (f *startFlags) Validate() error {
	if !(f.InitNoise >= 0 && f.InitNoise <= 1) {
		return fmt.Errorf("--init-noise is %v, but must be a share from 0 to 1", f.InitNoise)
	}
	return nil
}

// starts are the values of --init that are no files.
var starts = []string{"content", "style", "noise", "grey"}

// initFile returns the file that --init names, "" if it is none.
func (f *startFlags) initFile() string {
	if slices.Contains(starts, f.Init) {
		return ""
	}
	return f.Init
}

// start returns the picture to start from, nil for the content.
func (p *paintCmd) start(content *tensor.Tensor) (*tensor.Tensor, error) {
	h, w := content.Dim(1), content.Dim(2)
	var start *tensor.Tensor
	var err error
	switch {
	case p.Init == "content" && p.InitNoise == 0:
		return nil, nil
	case p.Init == "content":
		start = content.Clone()
	case p.Init == "noise":
		return nst.Noise(h, w, p.Seed), nil
	case p.Init == "grey":
		start = tensor.New(1, h, w, 3)
		start.Fill(127.5)
	case p.Init == "style" && p.demo():
		start, err = picture.DecodeTo(demo.Style, w, h)
	case p.Init == "style":
		start, err = picture.LoadTo(p.firstStyle(), w, h)
	default:
		if start, err = picture.LoadTo(p.Init, w, h); err != nil {
			err = fmt.Errorf("--init is content, style, noise, grey or a file: %w", err)
		}
	}
	if err != nil {
		return nil, err
	}
	if share := float32(p.InitNoise); share > 0 {
		tensor.Scale(start, start, 1-share)
		tensor.AddScaled(start, share, nst.Noise(h, w, p.Seed))
	}
	return start, nil
}
