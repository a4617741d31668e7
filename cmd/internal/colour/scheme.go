package colour

import (
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// Scheme decides on the colours of the result: what is done to the pictures before
// painting, and to what has been painted.
type Scheme struct {
	Mode    string         // style, content or match, as --color has them
	Content *tensor.Tensor // (1,H,W,3) in its own colours
}

// Before returns the content, the start and the styles that are to be painted with, and
// changes none of those given. A start that shows a style is matched like a style.
func (s Scheme) Before(content, start *tensor.Tensor, styles []nst.Style, startIsStyle bool) (*tensor.Tensor, *tensor.Tensor, []nst.Style) {
	match := Match
	switch s.Mode {
	case "style":
		return content, start, styles
	case "content":
		match = MatchLuma
		content = Grey(content)
	}
	matched := make([]nst.Style, len(styles))
	for i, style := range styles {
		matched[i] = style
		matched[i].Picture = match(style.Picture, s.Content)
	}
	if startIsStyle {
		start = match(start, s.Content)
	}
	return content, start, matched
}

// After returns a painted picture of the content's size, in the colours that it is to
// have in the end.
func (s Scheme) After(painted *tensor.Tensor) *tensor.Tensor {
	if s.Mode != "content" {
		return painted
	}
	return Keep(painted, s.Content)
}
