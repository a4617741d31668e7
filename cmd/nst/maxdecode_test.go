package main

import (
	"image"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
)

// TestMaxDecode: every command that reads pictures takes the limit, its refusal names a
// limit that would do, and that one does.
func TestMaxDecode(t *testing.T) {
	_, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	m := image.NewNRGBA(image.Rect(0, 0, 800, 600))
	for i := range m.Pix {
		m.Pix[i] = uint8(i) | 128
	}
	writePNG(t, in("large.png"), m)
	writeTestFile(t, in("limit.toml"), []byte("max-decode = 1"))
	small := []string{"--weights", smallWeights, "--size", "40", "--iterations", "1"}
	mustRun(t, append(small, in("large.png"), style, "-o", in("painted.png"), "-q")...)
	advised := regexp.MustCompile(`, or give --max-decode (\d+) if there is that much memory`)
	for name, args := range map[string][]string{
		"content": append(small, in("large.png"), style, "-o", in("out.png")),
		"style":   append(small, style, in("large.png"), "-o", in("out.png")),
		"mask":    append(small, style, style, "--mask", "all:"+in("large.png"), "-o", in("out.png")),
		"start":   append(small, style, style, "--init", in("large.png"), "-o", in("out.png")),
		"config":  append(small, in("large.png"), style, "-o", in("out.png"), "--config", in("limit.toml")),
		"batch":   append([]string{"batch", "--contents", in("large.png"), "--styles", style, "--out-dir", in("out")}, small...),
		"sweep":   append([]string{"sweep", in("large.png"), style, "-o", in("sheet.png"), "--beta", "1,10"}, small...),
		"again":   {"again", in("painted.png"), "-o", in("again.png")},
		"cost":    {"cost", "--content", in("large.png"), "--image", in("large.png"), "--style", style, "--weights", smallWeights, "--size", "40", "--style-size", "40"},
		"styles":  {"cost", "--content", style, "--image", style, "--style", in("large.png"), "--weights", smallWeights, "--size", "40"},
		"result":  append(small, style, style, "-o", in("out.png"), "--init", in("large.png"), "--style-size", "700"),
	} {
		t.Run(name, func(t *testing.T) {
			limit := args
			if name != "config" {
				limit = append(args[:len(args):len(args)], "--max-decode=1")
			}
			if name == "mask" { // and the style, which is too large then
				limit = append(limit, "--style-size=40")
			}
			code, _, stderr := nstRun(t, limit...)
			said := advised.FindStringSubmatch(stderr)
			if code != commandline.ExitFailed || said == nil {
				t.Fatalf("exit %d, %q", code, stderr)
			}
			if name == "mask" {
				return // its proportions are not those of the style
			}
			mustRun(t, append(args[:len(args):len(args)], "--max-decode="+said[1])...)
		})
	}
	// A picture of a batch is there, whatever the limit was.
	again := append([]string{"batch", "--contents", in("large.png"), "--styles", style, "--out-dir", in("out"), "--max-decode", "4096"}, small...)
	if _, stderr := mustRun(t, again...); !strings.Contains(stderr, "0 painted, 1 there already") {
		t.Errorf("painted again with another limit: %q", stderr)
	}
	code, _, stderr := nstRun(t, "again", "--max-decode=0", in("painted.png"))
	if code != commandline.ExitUsage || !strings.Contains(stderr, "--max-decode is 0, but must be from 1 to ") {
		t.Errorf("exit %d, %q", code, stderr)
	}
}
