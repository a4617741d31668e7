package statusline

import (
	"fmt"
	"strings"
	"time"
)

// State is what a line shows.
type State struct {
	// Texts say what is being done, in ASCII: the same at greater or smaller length, the
	// longest first. Of those that fit, the first is shown.
	Texts []string
	// Bar says whether there is a bar, and Part is what it shows, 0..1.
	Bar  bool
	Part float64
	// Left is the time left; it is shown with the bar if it is known.
	Left      time.Duration
	LeftKnown bool
}

// minBar is the least width of a bar: below, it would show less than the percentage.
const minBar = 10

// Render returns the line for a terminal of that many columns, which it is narrower
// than: a text, a bar, the percentage and the time left. Where there is no room for all,
// the text goes first, then the bar.
func (s State) Render(columns int) string {
	room := max(0, columns-1)
	if !s.Bar {
		return cut(s.longest(room), room)
	}
	part := min(max(s.Part, 0), 1)
	numbers := fmt.Sprintf("%d%%", int(100*part))
	if s.LeftKnown {
		numbers += " " + Duration(s.Left) + " left"
	}
	bar := room - len(numbers) - 1
	if bar < minBar {
		return cut(numbers, room)
	}
	text := s.longest(bar - minBar - 1)
	if len(text) > bar-minBar-1 {
		text = ""
	}
	if text != "" {
		bar -= len(text) + 1
		text += " "
	}
	inside := bar - 2
	full := int(part * float64(inside))
	return text + "[" + strings.Repeat("#", full) + strings.Repeat(".", inside-full) + "] " + numbers
}

// longest returns the first text that fits, or the last one.
func (s State) longest(room int) (text string) {
	for _, text = range s.Texts {
		if len(text) <= room {
			break
		}
	}
	return text
}

func cut(text string, room int) string { return text[:min(len(text), room)] }

// Duration returns a time left for people, as precisely as an estimate is: "42s",
// "3m05s", "2h10m", "3d4h".
func Duration(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 60*60:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 48*60*60:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%dh", s/86400, s/3600%24)
}
