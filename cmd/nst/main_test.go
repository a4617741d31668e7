package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

const smallWeights = "../../testdata/weights"

// nstRun runs a command line and returns its exit code and what it printed.
func nstRun(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(context.Background(), args, terminal{&out, &err})
	return code, out.String(), err.String()
}

// parse parses a command line that is not executed.
func parse(t *testing.T, args ...string) (c *cli, err error) {
	t.Helper()
	c = &cli{}
	if len(args) > 0 && args[0] == "sweep" {
		if args, err = c.Sweep.cutAxes(args); err != nil {
			return c, err
		}
	}
	_, err = silentParser(c).Parse(args)
	return c, err
}

// silentParser is newParser for a program that prints nothing.
func silentParser(c *cli) *kong.Kong {
	return newParser(c, terminal{io.Discard, io.Discard}, func(int) {})
}

// commandNamed returns the flags and arguments of a command.
func commandNamed(t testing.TB, name string) *kong.Node {
	t.Helper()
	for _, command := range silentParser(&cli{}).Model.Children {
		if command.Name == name {
			return command
		}
	}
	t.Fatalf("there is no command %s", name)
	return nil
}

// mustRun is nstRun for a command that has to succeed.
func mustRun(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := nstRun(t, args...)
	if code != commandline.ExitOK {
		t.Fatalf("nst %s: exit %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout, stderr
}

// lineHook is a writer that calls do once, when the text is first written to it.
type lineHook struct {
	bytes.Buffer
	text string
	do   func()
}

func (h *lineHook) Write(p []byte) (int, error) {
	if h.do != nil && bytes.Contains(p, []byte(h.text)) {
		h.do()
		h.do = nil
	}
	return h.Buffer.Write(p)
}

// drawPNG writes a picture of coloured stripes.
func drawPNG(t *testing.T, path string, w, h, period int) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(255 * (x / period % 2)), uint8(255 * (y / period % 2)), uint8(x * 255 / w), 255})
		}
	}
	writePNG(t, path, m)
}

func writePNG(t *testing.T, path string, m image.Image) {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, m); err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, path, buf.Bytes())
}

func writeTestFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func readTestFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pictures writes a content and a style picture and returns their names and
// that of a folder for results.
func pictures(t *testing.T) (content, style, dir string) {
	t.Helper()
	dir = t.TempDir()
	content, style = filepath.Join(dir, "photo.png"), filepath.Join(dir, "painting.png")
	drawPNG(t, content, 48, 36, 9)
	drawPNG(t, style, 40, 40, 3)
	return content, style, dir
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(readTestFile(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// samePicture fails unless two pictures have the same size and opaque colours.
func samePicture(t *testing.T, got, want image.Image, name string) {
	t.Helper()
	if got.Bounds().Size() != want.Bounds().Size() {
		t.Fatalf("%s: %v, want %v", name, got.Bounds(), want.Bounds())
	}
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			r, g, b, _ := got.At(x, y).RGBA()
			if r1, g1, b1, _ := want.At(x, y).RGBA(); r != r1 || g != g1 || b != b1 {
				t.Fatalf("%s: pixel %d, %d differs", name, x, y)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	stdout, _ := mustRun(t, "--version")
	b := painting.ThisBuild()
	for _, part := range []string{"nst " + b.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, asm.Implementation} {
		if !strings.Contains(stdout, part) {
			t.Errorf("nst --version prints %q, without %q", stdout, part)
		}
	}
	if strings.Count(stdout, "\n") != 1 {
		t.Errorf("nst --version prints %q, want one line", stdout)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{
		{"--help"}, {"paint", "--help"}, {"demo", "--help"}, {"cost", "--help"}, {"bench", "--help"}, {"batch", "--help"}, {"again", "--help"}, {"completion", "--help"},
		{"sweep", "--help"}, {"sweep", "--beta=1,2", "--help"}, {"sweep", "a.png", "b.png", "--beta", "1,2", "--help"},
	} {
		stdout, _ := mustRun(t, args...)
		if !strings.Contains(stdout, "Usage: nst") {
			t.Errorf("nst %v prints %q", args, stdout)
		}
	}
}
