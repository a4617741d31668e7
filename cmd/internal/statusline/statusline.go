// Package statusline keeps a line at the bottom of a terminal that says how far a
// program is: what it does, a bar and the time that is left.
package statusline

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// Line is the line of a terminal. Make one with New. Its methods may be called from
// several goroutines. A nil Line shows nothing: its Show and Clear do nothing.
//
// The line is drawn anew when the width of the terminal changes, and it is never as wide
// as that, since a terminal breaks what is. When it is drawn the cursor goes back to its
// beginning: a terminal that becomes narrower breaks the old line in two and leaves the
// cursor where the first part begins, so all parts of it are behind the cursor, and are
// erased with the next.
type Line struct {
	out   io.Writer
	width func() int // of the terminal, in columns
	stop  chan struct{}

	mu    sync.Mutex
	state State
	since time.Time // of the state
	drawn string    // empty for nothing
	at    int       // the width for which it was drawn
}

// refresh is how often a line looks at the width and the clock.
const refresh = 200 * time.Millisecond

// New returns the line of a terminal; nil if out is no terminal, or one that does not
// obey escape sequences. Close it in the end.
func New(out io.Writer) *Line {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" || !obeysEscapes(f) {
		return nil
	}
	l := newLine(out, func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width < 1 {
			return 80
		}
		return width
	})
	go l.keep()
	return l
}

func newLine(out io.Writer, width func() int) *Line {
	return &Line{out: out, width: width, stop: make(chan struct{})}
}

// keep draws the line anew as time passes and the terminal changes.
func (l *Line) keep() {
	ticker := time.NewTicker(refresh)
	defer ticker.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-ticker.C:
			l.mu.Lock()
			l.draw(time.Now())
			l.mu.Unlock()
		}
	}
}

// Show says what the line shows from now on. It appears within a fraction of a second,
// and its time left passes by itself.
func (l *Line) Show(s State) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state, l.since = s, time.Now()
}

// Clear removes the line until the next Show, so that others can print where it was.
func (l *Line) Clear() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = State{}
	l.erase()
}

// Close removes the line for good.
func (l *Line) Close() {
	if l == nil {
		return
	}
	close(l.stop)
	l.Clear()
}

const (
	erase = "\r\x1b[J" // from the beginning of the line to the end of the terminal
	// A line of another width than that of the terminal, which may change at any time, is
	// cut rather than broken.
	dontWrap, wrap = "\x1b[?7l", "\x1b[?7h"
)

// draw shows the state if that is not what is drawn already. A terminal that is gone is
// no reason to stop whatever the line is about.
func (l *Line) draw(now time.Time) {
	if l.state.Texts == nil {
		return
	}
	s := l.state
	if s.Left > 0 {
		s.Left = max(0, s.Left-now.Sub(l.since))
	}
	width := l.width()
	text := s.Render(width)
	if text == l.drawn && width == l.at {
		return
	}
	l.drawn, l.at = text, width
	fmt.Fprint(l.out, dontWrap+"\r"+text+"\x1b[J\r"+wrap)
}

func (l *Line) erase() {
	if l.drawn != "" {
		fmt.Fprint(l.out, erase)
		l.drawn = ""
	}
}
