package painting

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/cmd/internal/colour"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// load is picture.Load for files and built-in pictures.
func load(name string, longest int) (*tensor.Tensor, error) {
	if data := builtIn[name]; data != nil {
		return picture.Decode(data, longest)
	}
	return picture.Load(name, longest)
}

// loadTo is picture.LoadTo for files and built-in pictures.
func loadTo(name string, w, h int) (*tensor.Tensor, error) {
	if data := builtIn[name]; data != nil {
		return picture.DecodeTo(data, w, h)
	}
	return picture.LoadTo(name, w, h)
}

// size returns the longest side of the styles for that of the content, which may
// be 0 for sizes as they are.
func (z StyleSizing) size(content int) int {
	if z.StyleSize > 0 {
		return z.StyleSize
	}
	if content == 0 {
		return 0
	}
	// What is too large by far is left to whoever reads the picture.
	return max(1, int(min(math.Round(float64(content)*z.StyleScale), math.MaxInt32)))
}

// LoadStyles returns the styles for a content picture (1,H,W,3) whose longest side
// was made size, or 0 if it was left as it is. Pictures and masks are tensors as
// package nst has them. Every error names a file.
func LoadStyles(styles []Style, sizing StyleSizing, content *tensor.Tensor, size int) ([]nst.Style, error) {
	longest := sizing.size(size)
	var loaded []nst.Style
	for _, s := range styles {
		p, err := load(s.File, longest)
		if err != nil {
			return nil, err
		}
		style := nst.Style{Picture: p, Weight: s.Weight}
		if style.ContentMask, err = loadMask(s.Mask, content, "the content"); err != nil {
			return nil, err
		}
		if style.StyleMask, err = loadMask(s.StyleMask, p, s.File); err != nil {
			return nil, err
		}
		loaded = append(loaded, style)
	}
	return loaded, nil
}

// start returns the picture to start from, nil for the content.
func (j *Job) start(content *tensor.Tensor) (*tensor.Tensor, error) {
	h, w := content.Dim(1), content.Dim(2)
	var start *tensor.Tensor
	var err error
	switch {
	case j.Init == "content" && j.InitNoise == 0:
		return nil, nil
	case j.Init == "content":
		start = content.Clone()
	case j.Init == "noise":
		return nst.Noise(h, w, j.Seed), nil
	case j.Init == "grey":
		start = tensor.New(1, h, w, 3)
		start.Fill(127.5)
	case j.Init == "style":
		start, err = loadTo(j.Styles[0].File, w, h)
	default:
		if start, err = loadTo(j.Init, w, h); err != nil {
			err = fmt.Errorf("--init is content, style, noise, grey or a file: %w", err)
		}
	}
	if err != nil {
		return nil, err
	}
	if share := float32(j.InitNoise); share > 0 {
		tensor.Scale(start, start, 1-share)
		tensor.AddScaled(start, share, nst.Noise(h, w, j.Seed))
	}
	return start, nil
}

// loadMask returns the mask in a file, nil if path is empty, at the size of the
// picture that it belongs to, whose name is for an error. White is inside, and black
// or transparent is outside.
func loadMask(path string, p *tensor.Tensor, name string) (*tensor.Tensor, error) {
	if path == "" {
		return nil, nil
	}
	h, w := p.Dim(1), p.Dim(2)
	m, err := picture.Load(path, max(h, w))
	if err != nil {
		return nil, err
	}
	if slack := 1 + max(h, w)/100; max(m.Dim(1)-h, h-m.Dim(1)) > slack || max(m.Dim(2)-w, w-m.Dim(2)) > slack {
		return nil, fmt.Errorf("%s: a mask must have the proportions of its picture, but this one is %s where %s is %s",
			path, picture.Dimensions(m), name, picture.Dimensions(p))
	}
	if !tensor.SameShape(m, p) {
		if m, err = picture.LoadTo(path, w, h); err != nil {
			return nil, err
		}
	}
	alpha, err := picture.Alpha(path, w, h) // a mask may be painted on a transparent layer
	if err != nil {
		return nil, err
	}
	mask := tensor.New(1, h, w, 1)
	for i := range mask.Data() {
		rgb := m.Data()[3*i:]
		inside := colour.Luma(rgb[0], rgb[1], rgb[2]) / 255
		if alpha != nil {
			inside *= alpha.Data()[i] / 255
		}
		mask.Data()[i] = min(max(inside, 0), 1) // rounding must not lead out of it
	}
	if tensor.Sum(mask) == 0 {
		return nil, fmt.Errorf("%s: the mask is black or transparent all over, which leaves no region; white is inside", path)
	}
	return mask, nil
}

// overlap returns the part of the content, 0..1, that more than one mask claims for
// its style, as far as they do.
func overlap(styles []nst.Style) float64 {
	var sum *tensor.Tensor
	for _, s := range styles {
		if m := s.ContentMask; m != nil && sum == nil {
			sum = m.Clone()
		} else if m != nil {
			tensor.Add(sum, sum, m)
		}
	}
	if sum == nil {
		return 0
	}
	tensor.Map(sum, sum, func(v float32) float32 { return min(max(v-1, 0), 1) })
	return tensor.Sum(sum) / float64(sum.Len())
}
