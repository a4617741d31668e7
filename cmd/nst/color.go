package main

import (
	"github.com/brushgrad/brushgrad/cmd/internal/colour"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// coloring is --color: what is done to the pictures before painting, and to
// what has been painted. See package colour.
type coloring struct {
	mode    string         // style, content or match
	content *tensor.Tensor // in its own colours
}

// before returns the content and the styles that are to be painted with, and
// changes neither of those given. A start that shows a style is matched like a style.
func (c coloring) before(content, start *tensor.Tensor, styles []nst.Style, startIsStyle bool) (*tensor.Tensor, *tensor.Tensor, []nst.Style) {
	match := colour.Match
	switch c.mode {
	case "style":
		return content, start, styles
	case "content":
		match = colour.MatchLuma
		content = colour.Grey(content)
	}
	matched := make([]nst.Style, len(styles))
	for i, s := range styles {
		matched[i] = s
		matched[i].Picture = match(s.Picture, c.content)
	}
	if startIsStyle {
		start = match(start, c.content)
	}
	return content, start, matched
}

// after returns what is to be seen of a painted picture of the content's size.
func (c coloring) after(painted *tensor.Tensor) *tensor.Tensor {
	if c.mode != "content" {
		return painted
	}
	return colour.Keep(painted, c.content)
}
