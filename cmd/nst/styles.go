package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/colour"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/cmd/nst/demo"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// styleFlags choose the styles.
type styleFlags struct {
	Styles     []string `name:"style" sep:"none" placeholder:"FILE[=WEIGHT]" help:"Style picture; repeat it to blend several by weight."`
	Masks      []string `name:"mask" sep:"none" placeholder:"MASK[:STYLEMASK]" help:"Where the style is wanted, white inside, black outside, grey for soft edges; the first for the first style, and so on. STYLEMASK says likewise which part of the style picture to take. The word all stands for no mask: the style has what the masks of the others leave."`
	StyleScale float64  `default:"1" placeholder:"FACTOR" help:"Size of the style pictures relative to the content (${default}): smaller gives finer strokes."`
	StyleSize  int      `default:"0" placeholder:"PIXELS" help:"Longest side of the style pictures, in place of --style-scale."`
}

// everything stands for no mask, in place of a file (which ./all would be).
const everything = "all"

// styleSource is a style as the command line names it.
type styleSource struct {
	file                   string
	weight                 float64
	contentMask, styleMask string // empty for none
}

// sources returns the styles in order, first the picture that is named without a
// flag, unless that is empty.
func (f *styleFlags) sources(first string) ([]styleSource, error) {
	var all []styleSource
	if first != "" {
		all = append(all, styleSource{file: first, weight: 1})
	}
	for _, text := range f.Styles {
		s, err := parseStyle(text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if len(f.Masks) > len(all) {
		return nil, fmt.Errorf("%d --mask for %d styles; the first mask belongs to the first style, and so on", len(f.Masks), len(all))
	}
	for i, text := range f.Masks {
		var err error
		if all[i].contentMask, all[i].styleMask, err = parseMask(text); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// parseStyle parses "painting.jpg=2". What is the name of a file as a whole is
// one.
func parseStyle(text string) (styleSource, error) {
	file, number, weighted := cutLast(text, "=")
	if text == "" || file == "" {
		return styleSource{}, fmt.Errorf("--style %q: a picture is missing; write for example --style painting.jpg=2", text)
	}
	if !weighted || isFile(text) {
		return styleSource{file: text, weight: 1}, nil
	}
	weight, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return styleSource{}, fmt.Errorf("--style %s: the weight %q is not a number; write for example --style painting.jpg=2", text, number)
	}
	if !(weight > 0) || math.IsInf(weight, 1) {
		return styleSource{}, fmt.Errorf("--style %s: the weight is %v, but must be a number above 0", text, weight)
	}
	return styleSource{file: file, weight: weight}, nil
}

// parseMask parses "sky.png:clouds.png".
func parseMask(text string) (content, style string, err error) {
	content, style = text, everything
	if colons := separators(text, runtime.GOOS == "windows"); len(colons) > 0 && !isFile(text) {
		last := colons[len(colons)-1]
		content, style = text[:last], text[last+1:]
	}
	if content == "" || style == "" {
		return "", "", fmt.Errorf("--mask %q: a picture is missing; write for example --mask sky.png, --mask sky.png:clouds.png or --mask all:clouds.png", text)
	}
	if content == everything {
		content = ""
	}
	if style == everything {
		style = ""
	}
	return content, style, nil
}

// separators returns where in a text colons may stand between two names. On
// Windows a name may begin with a drive, whose colon is none of these:
// C:\sky.png:D:\clouds.png has one.
func separators(text string, windows bool) (colons []int) {
	name := 0 // where the latest one begins
	for i, r := range text {
		if r == ':' && !(windows && i == name+1) {
			colons = append(colons, i)
			name = i + 1
		}
	}
	return colons
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// validate returns an error for flags that make no sense; first is the style
// that is named without a flag, or empty.
func (f *styleFlags) validate(first string) error {
	switch {
	case !(f.StyleScale > 0) || math.IsInf(f.StyleScale, 1):
		return fmt.Errorf("--style-scale is %v, but must be a number above 0", f.StyleScale)
	case f.StyleSize < 0:
		return fmt.Errorf("--style-size is %d, but must be a number of pixels", f.StyleSize)
	case f.StyleSize > 0 && f.StyleScale != 1:
		return fmt.Errorf("--style-size and --style-scale both say how large the styles are; give one of them")
	}
	_, err := f.sources(first)
	return err
}

// styleInputs returns the names of all pictures of the styles.
func (f *styleFlags) styleInputs(first string) []string {
	sources, _ := f.sources(first)
	var names []string
	for _, s := range sources {
		names = append(names, s.file, s.contentMask, s.styleMask)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// size returns the longest side of the styles for that of the content, which may
// be 0 for sizes as they are.
func (f *styleFlags) size(content int) int {
	if f.StyleSize > 0 {
		return f.StyleSize
	}
	if content == 0 {
		return 0
	}
	// What is too large by far is left to whoever reads the picture.
	return max(1, int(min(math.Round(float64(content)*f.StyleScale), math.MaxInt32)))
}

// load returns the styles for a content picture whose longest side is size, or 0
// if it was left as it is.
func (f *styleFlags) load(first string, content *tensor.Tensor, size int) ([]nst.Style, error) {
	sources, err := f.sources(first)
	if err != nil {
		return nil, err
	}
	longest := f.size(size)
	var styles []nst.Style
	for _, s := range sources {
		p, err := picture.Load(s.file, longest)
		if err != nil {
			return nil, err
		}
		style := nst.Style{Picture: p, Weight: s.weight}
		if style.ContentMask, err = loadMask(s.contentMask, content, "the content"); err != nil {
			return nil, err
		}
		if style.StyleMask, err = loadMask(s.styleMask, p, s.file); err != nil {
			return nil, err
		}
		styles = append(styles, style)
	}
	return styles, nil
}

// loadMask returns a mask at the size of the picture that it belongs to, whose
// name is for an error; nil if path is empty. What is white is inside, and what is
// black or transparent is not.
func loadMask(path string, of *tensor.Tensor, name string) (*tensor.Tensor, error) {
	if path == "" {
		return nil, nil
	}
	h, w := of.Dim(1), of.Dim(2)
	m, err := picture.Load(path, max(h, w))
	if err != nil {
		return nil, err
	}
	if slack := 1 + max(h, w)/100; max(m.Dim(1)-h, h-m.Dim(1)) > slack || max(m.Dim(2)-w, w-m.Dim(2)) > slack {
		return nil, fmt.Errorf("%s: a mask must have the proportions of its picture, but this one is %s where %s is %s",
			path, dimensions(m), name, dimensions(of))
	}
	if !tensor.SameShape(m, of) {
		if m, err = picture.LoadTo(path, w, h); err != nil {
			return nil, err
		}
	}
	alpha, err := picture.Alpha(path, w, h) // a mask may be painted on a transparent layer
	if err != nil {
		return nil, err
	}
	mask := tensor.New(1, h, w, 1)
	for p := range mask.Data() {
		rgb := m.Data()[3*p:]
		inside := colour.Luma(rgb[0], rgb[1], rgb[2]) / 255
		if alpha != nil {
			inside *= alpha.Data()[p] / 255
		}
		mask.Data()[p] = min(max(inside, 0), 1) // rounding must not lead out of it
	}
	if tensor.Sum(mask) == 0 {
		return nil, fmt.Errorf("%s: the mask is black or transparent all over, which leaves no region; white is inside", path)
	}
	return mask, nil
}

// overlap returns the part of the content, 0..1, in which more than one mask wants
// its style, as far as it does.
func overlap(styles []nst.Style) float64 {
	var sum *tensor.Tensor
	for _, s := range styles {
		switch {
		case s.ContentMask == nil:
		case sum == nil:
			sum = s.ContentMask.Clone()
		default:
			tensor.Add(sum, sum, s.ContentMask)
		}
	}
	if sum == nil {
		return 0
	}
	tensor.Map(sum, sum, func(v float32) float32 { return min(max(v-1, 0), 1) })
	return tensor.Sum(sum) / float64(sum.Len())
}

// inputFiles returns the names of all pictures that are read.
func (p *paintCmd) inputFiles() []string {
	return append(p.styleInputs(p.StyleFile), p.ContentFile, p.initFile())
}

// styles returns the styles of a painting for its content.
func (p *paintCmd) styles(content *tensor.Tensor) ([]nst.Style, error) {
	if !p.demo() {
		return p.load(p.StyleFile, content, p.Size)
	}
	style, err := picture.Decode(demo.Style, p.size(p.Size))
	return []nst.Style{{Picture: style}}, err
}

// validateStyles is a part of Validate.
func (p *paintCmd) validateStyles() error {
	if p.NormalizeGradients && p.Optimizer == "lbfgs" {
		return fmt.Errorf("--normalize-gradients gives L-BFGS no cost to compare; add --optimizer adam")
	}
	if p.ContentFile == "" && len(p.Styles)+len(p.Masks) > 0 {
		return fmt.Errorf("there is a --style or --mask, but no CONTENT to paint")
	}
	if p.ContentFile != "" && p.StyleFile == "" && len(p.Styles) == 0 {
		return fmt.Errorf("painting takes two pictures, CONTENT and STYLE, but there is only %s; without any, a demo is painted", p.ContentFile)
	}
	return p.validate(p.StyleFile)
}

// firstStyle returns the name of the first style picture.
func (p *paintCmd) firstStyle() string {
	if names := p.styleFiles(); len(names) > 0 {
		return names[0]
	}
	return ""
}

func (p *paintCmd) styleFiles() []string {
	sources, _ := p.sources(p.StyleFile)
	var names []string
	for _, s := range sources {
		names = append(names, s.file)
	}
	return names
}

// styleNames returns the names of the styles without folders and suffixes.
func (p *paintCmd) styleNames(separator string) string {
	names := p.styleFiles()
	for i, n := range names {
		names[i] = stem(n)
	}
	return strings.Join(names, separator)
}
