package outfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var kills = flag.Int("kills", 20, "how many processes to kill")

// nst runs the program nst.
type nst struct {
	t    *testing.T
	path string
	dir  string // that it runs in
}

// buildNst builds the program and draws two pictures and two paintings to run it with.
func buildNst(t *testing.T) *nst {
	t.Helper()
	n := &nst{t: t, path: filepath.Join(t.TempDir(), "nst.exe"), dir: t.TempDir()}
	if text, err := exec.Command("go", "build", "-o", n.path, "github.com/brushgrad/brushgrad/cmd/nst").CombinedOutput(); errors.Is(err, exec.ErrNotFound) {
		t.Skip(err)
	} else if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, folder := range []string{"photos", "paintings"} {
		if err := os.Mkdir(filepath.Join(n.dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			m := image.NewGray(image.Rect(0, 0, 48, 48))
			for p := range m.Pix {
				m.Pix[p] = uint8(rand.IntN(256))
			}
			m.Set(i, 0, color.White)
			var data bytes.Buffer
			if err := png.Encode(&data, m); err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(n.dir, folder, fmt.Sprintf("%d.png", i)), data.String())
		}
	}
	return n
}

func (n *nst) command(args []string) *exec.Cmd {
	c := exec.Command(n.path, args...)
	c.Dir = n.dir
	return c
}

// run runs a command line to its end and returns how long that took.
func (n *nst) run(args []string) time.Duration {
	n.t.Helper()
	start := time.Now()
	if text, err := n.command(args).CombinedOutput(); err != nil {
		n.t.Fatalf("nst %q: %v: %s", args, err, text)
	}
	return time.Since(start)
}

// kill runs a command line and kills it within a time. It reports whether that was
// before its end.
func (n *nst) kill(args []string, within time.Duration) bool {
	n.t.Helper()
	c := n.command(args)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		n.t.Fatal(err)
	}
	time.Sleep(rand.N(within))
	_ = c.Process.Kill() // it may have come to its end
	err := c.Wait()
	if stderr.Len() > 0 {
		n.t.Fatalf("nst %q: %v: %s", args, err, &stderr)
	}
	return err != nil
}

// picture returns the pixels of a PNG in the folder, and "" if there is no file. A part
// of a PNG is an error.
func (n *nst) picture(name string) string {
	n.t.Helper()
	data, err := os.ReadFile(filepath.Join(n.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		n.t.Fatalf("%s: %v", name, err)
	}
	var pixels bytes.Buffer
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			fmt.Fprint(&pixels, m.At(x, y))
		}
	}
	return pixels.String()
}

// leftovers returns the files in a folder that are not among the expected. All of them
// must be temporary files.
func (n *nst) leftovers(dir string, expected ...string) (names []string) {
	n.t.Helper()
	entries, err := os.ReadDir(filepath.Join(n.dir, dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		n.t.Fatal(err)
	}
	for _, e := range entries {
		switch {
		case isTemp(e.Name()):
			names = append(names, e.Name())
		case !slices.Contains(expected, e.Name()):
			n.t.Errorf("left: %s, which is no temporary file of this package", e.Name())
		}
	}
	return names
}

// removed lists the temporary files in a folder, and fails unless RemoveStale removes
// them.
func (n *nst) removed(dir string, expected ...string) {
	n.t.Helper()
	n.t.Logf("left in %s: %q", dir, n.leftovers(dir, expected...))
	if err := RemoveStale(filepath.Join(n.dir, dir)); err != nil {
		n.t.Error(err)
	}
	if left := n.leftovers(dir, expected...); len(left) > 0 {
		n.t.Errorf("not removed: %q", left)
	}
}

// TestKillPaint: whenever nst paint is killed, each of its files is a whole one, of this
// run or of the one before.
func TestKillPaint(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no dozens of processes")
	}
	n := buildNst(t)
	if err := os.Mkdir(filepath.Join(n.dir, "out"), 0o777); err != nil {
		t.Fatal(err)
	}
	args := func(i int) []string {
		return []string{
			"photos/0.png", "paintings/0.png", "-o", "out/out.png", "--size", "48", "--iterations", fmt.Sprint(2 + i), "--quiet",
			"--record", "out/out.json", "--plot", "out/plot.png", "--preview", "out/now.png", "--timelapse", "out/out.gif",
		}
	}
	files := []string{"out.png", "out.json", "plot.png", "now.png", "out.gif"}
	took := n.run(args(0))
	pictures := []string{n.picture("out/out.png")}
	n.run(args(1))
	pictures = append(pictures, n.picture("out/out.png"))
	if pictures[0] == pictures[1] {
		t.Fatal("the pictures of the two runs are the same")
	}
	killed := 0
	for i := 0; killed < *kills; i++ {
		if n.kill(args(i%2), took) {
			killed++
		}
		if !slices.Contains(pictures, n.picture("out/out.png")) {
			t.Errorf("after %d kills: out.png is neither of the two pictures", killed)
		}
		for _, name := range []string{"out/plot.png", "out/now.png"} {
			if n.picture(name) == "" {
				t.Errorf("%s is gone", name)
			}
		}
		if text := readFile(t, filepath.Join(n.dir, "out", "out.json")); !json.Valid([]byte(text)) {
			t.Errorf("out.json: %q", text)
		}
		if _, err := gif.DecodeAll(bytes.NewReader([]byte(readFile(t, filepath.Join(n.dir, "out", "out.gif"))))); err != nil {
			t.Errorf("out.gif: %v", err)
		}
		n.leftovers("out", files...)
	}
	t.Logf("%d killed, %v for one that is not", killed, took)
	n.removed("out", files...)
}

// TestKillBatch: whenever nst batch is killed, each picture is a whole one or missing,
// and the same command in the end completes the folder.
func TestKillBatch(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no dozens of processes")
	}
	n := buildNst(t)
	args := func(out string) []string {
		return []string{"batch", "--contents", "photos", "--styles", "paintings", "--out-dir", out, "--size", "48", "--iterations", "2", "--quiet"}
	}
	took := n.run(args("whole"))
	files := []string{"0-0.png", "0-1.png", "1-0.png", "1-1.png"}
	killed, folder := 0, 0
	for killed < *kills {
		out := fmt.Sprintf("out%d", folder)
		ended := !n.kill(args(out), took)
		for _, name := range files {
			if got := n.picture(filepath.Join(out, name)); (got != "" || ended) && got != n.picture(filepath.Join("whole", name)) {
				t.Errorf("after %d kills: %s is another picture", killed, name)
			}
		}
		if !ended {
			killed++
			continue
		}
		n.removed(out, files...)
		folder++
	}
	out := fmt.Sprintf("out%d", folder)
	n.run(args(out))
	n.removed(out, files...)
	t.Logf("%d killed, %d came to their end, %v for one", killed, folder, took)
}
