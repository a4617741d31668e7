package painting

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"
)

// Style is a picture whose style is wanted.
type Style struct {
	File      string  `json:"file"`                 // or a built-in picture
	Weight    float64 `json:"weight"`               // its share among several styles, above 0; only proportions matter
	Mask      string  `json:"mask,omitempty"`       // file that is white where the style is wanted; empty for where no other mask is
	StyleMask string  `json:"style-mask,omitempty"` // file that is white where the picture shows the style; empty for everywhere
}

// Check returns an error for options that make no sense together.
func (z StyleSizing) Check() error {
	if z.StyleSize > 0 && z.StyleScale != 1 {
		return errors.New("--style-size and --style-scale both say how large the styles are; give one of them")
	}
	return nil
}

// checkStyles returns an error for pictures or weights that make no sense.
func (j *Job) checkStyles() error {
	switch {
	case j.Content == "":
		return errors.New("there is no CONTENT to paint")
	case len(j.Styles) == 0:
		return fmt.Errorf("painting takes two pictures, CONTENT and STYLE, but there is only %s", j.Content)
	}
	for _, s := range j.Styles {
		if s.File == "" {
			return errors.New("--style: a picture is missing")
		}
		if !(s.Weight > 0) || math.IsInf(s.Weight, 1) {
			return fmt.Errorf("--style %s: the weight is %v, but must be a number above 0", s.File, s.Weight)
		}
	}
	return nil
}

// ParseStyles parses styles and their masks, the first mask for the first style and so
// on: "painting.jpg=2", a file with a weight, and "sky.png:clouds.png", a mask of the
// content and one of the style. In place of a mask, "all" stands for none. A text that
// is the name of a file as a whole, as isFile says, is just that; and a colon that has
// names of files on both sides separates them, rather than one that has not.
func ParseStyles(styles, masks []string, isFile func(string) bool) ([]Style, error) {
	all := make([]Style, len(styles))
	for i, text := range styles {
		var err error
		if all[i], err = parseStyle(text, isFile); err != nil {
			return nil, err
		}
	}
	if len(masks) > len(all) {
		return nil, fmt.Errorf("%d --mask for %d styles; the first mask belongs to the first style, and so on", len(masks), len(all))
	}
	for i, text := range masks {
		var err error
		if all[i].Mask, all[i].StyleMask, err = parseMask(text, isFile); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func parseStyle(text string, isFile func(string) bool) (Style, error) {
	equals := strings.LastIndex(text, "=")
	if text == "" || equals == 0 {
		return Style{}, fmt.Errorf("--style %q: a picture is missing; write for example --style painting.jpg=2", text)
	}
	if equals < 0 || isFile(text) {
		return Style{File: text, Weight: 1}, nil
	}
	file, number := text[:equals], text[equals+1:]
	weight, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return Style{}, fmt.Errorf("--style %s: the weight %q is not a number; write for example --style painting.jpg=2", text, number)
	}
	return Style{File: file, Weight: weight}, nil
}

// everything stands for no mask, in place of a file (which ./all would be).
const everything = "all"

// parseMask splits "MASK:STYLEMASK". File names may have colons, too: a text that is
// the name of a file as a whole is a MASK; otherwise the colon is the one between two
// names of files. Where there is none, as when a name is misspelt, it is the last one.
func parseMask(text string, isFile func(string) bool) (content, style string, err error) {
	if content, style, err = cutMask(text, isFile); err != nil {
		return "", "", err
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

func cutMask(text string, isFile func(string) bool) (content, style string, err error) {
	if isFile(text) {
		return text, everything, nil
	}
	names := func(text string) bool { return text == everything || isFile(text) }
	for i, c := range text {
		if c != ':' || !names(text[:i]) || !names(text[i+1:]) {
			continue
		}
		if content != "" {
			return "", "", fmt.Errorf("--mask %q: this can be the files %q and %q, or %q and %q; rename one of them",
				text, content, style, text[:i], text[i+1:])
		}
		content, style = text[:i], text[i+1:]
	}
	if content != "" {
		return content, style, nil
	}
	if colon := separator(text, runtime.GOOS == "windows"); colon >= 0 {
		return text[:colon], text[colon+1:], nil
	}
	return text, everything, nil
}

// separator returns where the last colon in a text is that stands between two names, or
// -1. On Windows a name may begin with a drive, whose colon is none of these:
// C:\sky.png:D:\clouds.png has one.
func separator(text string, windows bool) int {
	last := -1
	for i, r := range text {
		if r == ':' && !(windows && i == last+2) {
			last = i
		}
	}
	return last
}
