package statusline

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

func TestRender(t *testing.T) {
	texts := []string{"3 of 12, scale 2 of 4, 256x192: cost 1.234e+05", "3 of 12, cost 1.234e+05", "3 of 12", ""}
	s := State{Texts: texts, Bar: true, Part: 0.425, Left: 70 * time.Second, LeftKnown: true}
	for columns, want := range map[int]string{
		0: "", 1: "", 5: "42% ", 17: "42% 1m10s left", 25: "42% 1m10s left",
		26: "[###.....] 42% 1m10s left",
		30: "[#####.......] 42% 1m10s left",
		50: "3 of 12, cost 1.234e+05 [###.....] 42% 1m10s left",
		80: "3 of 12, scale 2 of 4, 256x192: cost 1.234e+05 [######.........] 42% 1m10s left",
	} {
		if got := s.Render(columns); got != want {
			t.Errorf("%d columns: %q, want %q", columns, got, want)
		}
	}
	for _, state := range []State{s, {Texts: texts}, {Texts: []string{"measuring ...", "m"}}, {Texts: []string{""}, Bar: true, Part: 1}, {Bar: true, Part: -3}, {}} {
		for columns := range 250 {
			got := state.Render(columns)
			if len(got) >= max(1, columns) {
				t.Errorf("%d columns: %q is as wide as the terminal", columns, got)
			}
			if strings.ContainsAny(got, "\n\r\x1b") {
				t.Errorf("%d columns: %q", columns, got)
			}
			if columns > 50 && state.Bar && strings.Count(got, "[") != 1 {
				t.Errorf("%d columns: %q has no bar", columns, got)
			}
		}
	}
	if got := s.Render(200); !strings.HasPrefix(got, texts[0]) || len(got) != 199 {
		t.Errorf("200 columns: %q", got)
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 400 * time.Millisecond: "0s", 59 * time.Second: "59s", 59900 * time.Millisecond: "1m00s", 185 * time.Second: "3m05s",
		2*time.Hour + 10*time.Minute: "2h10m", 76 * time.Hour: "3d4h",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

// TestLine: what is drawn is one line that ends where it began; it is drawn again for
// another width, and as time passes, but not otherwise.
func TestLine(t *testing.T) {
	var out bytes.Buffer
	width := 40
	l := newLine(&out, func() int { return width })
	written := func(after time.Duration) string {
		out.Reset()
		l.draw(l.since.Add(after))
		return out.String()
	}
	if got := written(0); got != "" {
		t.Errorf("nothing to show: %q", got)
	}
	l.Show(State{Texts: []string{"painting", ""}, Bar: true, Part: 0.5, Left: 10 * time.Second, LeftKnown: true})
	if got, want := written(0), "\x1b[?7l\rpainting [#######........] 50% 10s left\x1b[J\r\x1b[?7h"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := written(time.Second / 10); got != "" {
		t.Errorf("nothing has changed: %q", got)
	}
	if got := written(4 * time.Second); !strings.Contains(got, "50% 6s left") {
		t.Errorf("four seconds later: %q", got)
	}
	if got := written(time.Hour); !strings.Contains(got, "50% 0s left") {
		t.Errorf("an hour later: %q", got)
	}
	width = 24
	if got := written(time.Hour); !strings.Contains(got, "\r[####....") || strings.Contains(got, "painting") {
		t.Errorf("narrower: %q", got)
	}
	out.Reset()
	l.Clear()
	l.Clear()
	if got := out.String(); got != "\r\x1b[J" {
		t.Errorf("cleared: %q", got)
	}
	if got := written(0); got != "" {
		t.Errorf("after it was cleared: %q", got)
	}
}

// TestNoLine: where there is no terminal nothing is shown, and nothing fails.
func TestNoLine(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, l := range []*Line{New(f), New(&bytes.Buffer{})} {
		if l != nil {
			t.Fatal("a file is taken for a terminal")
		}
		l.Show(State{})
		l.Clear()
		l.Close()
	}
}
