package painting

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/colour"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// sources are the bytes of the files and built-in pictures of a run, by name. Each is
// read once: it may be a pipe, and what becomes of it afterwards changes nothing.
type sources struct {
	ctx   context.Context // ends reading, which may take for ever
	limit picture.Limit
	data  map[string][]byte
	errs  map[string]error // of those that could not be read: a pipe would go on where that stopped
}

func newSources(ctx context.Context, r Reading) *sources {
	return &sources{ctx, cmp.Or(r.limit(), picture.DefaultLimit), maps.Clone(builtIn), make(map[string]error)}
}

// read returns the bytes of a picture. The error names it; it is ErrNoPicture if the
// context ends first.
func (s *sources) read(name string) ([]byte, error) {
	if data := s.data[name]; data != nil {
		return data, nil
	}
	if err := s.errs[name]; err != nil {
		return nil, err
	}
	var data []byte
	var err error
	done := make(chan bool)
	go func() {
		data, err = s.limit.Read(name)
		close(done)
	}()
	select {
	case <-s.ctx.Done():
		return nil, ErrNoPicture
	case <-done:
		s.data[name], s.errs[name] = data, nameLimit(err)
		return data, s.errs[name]
	}
}

// load returns a picture with its alpha plane, as picture.Decode does.
func (s *sources) load(name string, longest int) (colours, alpha *tensor.Tensor, err error) {
	return s.decode(name, func(data []byte) (colours, alpha *tensor.Tensor, err error) { return s.limit.Decode(data, longest) })
}

// loadTo returns a picture with its alpha plane, as picture.DecodeTo does.
func (s *sources) loadTo(name string, w, h int) (colours, alpha *tensor.Tensor, err error) {
	return s.decode(name, func(data []byte) (colours, alpha *tensor.Tensor, err error) { return s.limit.DecodeTo(data, w, h) })
}

func (s *sources) decode(name string, decode func([]byte) (colours, alpha *tensor.Tensor, err error)) (colours, alpha *tensor.Tensor, err error) {
	data, err := s.read(name)
	if err != nil {
		return nil, nil, err
	}
	if colours, alpha, err = decode(data); err != nil {
		err = nameLimit(fmt.Errorf("%s: %w", name, err))
	}
	return colours, alpha, err
}

// inputs returns the files that were read, sorted, with their SHA-256.
func (s *sources) inputs() (all []Input) {
	for _, name := range slices.Sorted(maps.Keys(s.data)) {
		if builtIn[name] == nil {
			all = append(all, Input{name, fmt.Sprintf("%x", sha256.Sum256(s.data[name]))})
		}
	}
	return all
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

// styles returns the styles for a content picture (1,H,W,3), with their longest sides made
// longest, or left as they are if that is 0. Pictures and masks are tensors as package nst
// has them. Every error names a file.
func (s *sources) styles(styles []Style, longest int, content *tensor.Tensor) ([]nst.Style, error) {
	var loaded []nst.Style
	for _, from := range styles {
		p, _, err := s.load(from.File, longest)
		if err != nil {
			return nil, err
		}
		style := nst.Style{Picture: p, Weight: from.Weight}
		if style.ContentMask, err = s.mask(from.Mask, content, "the content"); err != nil {
			return nil, err
		}
		if style.StyleMask, err = s.mask(from.StyleMask, p, from.File); err != nil {
			return nil, err
		}
		loaded = append(loaded, style)
	}
	return loaded, nil
}

// start returns the picture to start from, nil for the content.
func (s *sources) start(j *Job, content *tensor.Tensor) (*tensor.Tensor, error) {
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
		start, _, err = s.loadTo(j.Styles[0].File, w, h)
	default:
		if start, _, err = s.loadTo(j.Init, w, h); err != nil {
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

// mask returns the mask in a file, nil if path is empty, at the size of the
// picture that it belongs to, whose name is for an error. White is inside, and black
// or transparent is outside.
func (s *sources) mask(path string, p *tensor.Tensor, name string) (*tensor.Tensor, error) {
	if path == "" {
		return nil, nil
	}
	h, w := p.Dim(1), p.Dim(2)
	m, alpha, err := s.load(path, max(h, w))
	if err != nil {
		return nil, err
	}
	if slack := 1 + max(h, w)/100; max(m.Dim(1)-h, h-m.Dim(1)) > slack || max(m.Dim(2)-w, w-m.Dim(2)) > slack {
		return nil, fmt.Errorf("%s: a mask must have the proportions of its picture, but this one is %s where %s is %s",
			path, picture.Dimensions(m), name, picture.Dimensions(p))
	}
	if !tensor.SameShape(m, p) {
		if m, alpha, err = s.loadTo(path, w, h); err != nil {
			return nil, err
		}
	}
	mask := tensor.New(1, h, w, 1)
	for i := range mask.Data() {
		rgb := m.Data()[3*i:]
		inside := colour.Luma(rgb[0], rgb[1], rgb[2]) / 255
		if alpha != nil { // a mask may be painted on a transparent layer
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

// enlarged says which of the content and the styles are made larger than they are, "" for
// none. Their files have been read, and are sound.
func (s *sources) enlarged(j *Job) string {
	var all []string
	note := func(name string, longest int) {
		h, err := picture.DecodeHeader(s.data[name])
		if err != nil {
			return
		}
		w, ht, err := h.Fit(longest)
		text := fmt.Sprintf("%s from %dx%d to %dx%d", name, h.Width, h.Height, w, ht)
		if err == nil && (w > h.Width || ht > h.Height) && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	note(j.Content, j.Size)
	for _, style := range j.Styles {
		note(style.File, j.StyleSizing.size(j.Size))
	}
	if len(all) == 0 {
		return ""
	}
	return "enlarged, which adds no detail: " + strings.Join(all, ", ") + " (see --size and --style-scale)"
}
