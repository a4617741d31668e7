package icc

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A golden is a profile, and what littlecms makes of colours: see testdata/littlecms.py.
type golden struct {
	name    string
	profile []byte
	colours [][4]float64
	want    [][3]float64
}

func goldens(t testing.TB) (all []golden) {
	t.Helper()
	z, err := zip.OpenReader("testdata/littlecms.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	read := func(name string) []byte {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".icc")
		if !ok {
			continue
		}
		g := golden{name: name, profile: read(f.Name)}
		for line := range strings.Lines(string(read(name + ".txt"))) {
			v := numbers(t, line)
			var colour [4]float64
			n := copy(colour[:], v[:len(v)-3])
			g.colours = append(g.colours, colour)
			g.want = append(g.want, [3]float64(v[n:]))
		}
		all = append(all, g)
	}
	if len(all) < 50 {
		t.Fatalf("%d profiles", len(all))
	}
	return all
}

func numbers(t testing.TB, line string) (v []float64) {
	for _, word := range strings.Fields(line) {
		x, err := strconv.ParseFloat(word, 64)
		if err != nil {
			t.Fatal(err)
		}
		v = append(v, x)
	}
	return v
}

// worst returns the largest difference in levels of 256.
func worst(t *Transform, colours [][4]float64, want [][3]float64) (largest float64, where string) {
	for i, c := range colours {
		r, g, b := t.ToSRGB(c)
		for k, v := range []float64{r, g, b} {
			if d := 255 * math.Abs(v-unit(want[i][k])); !(d <= largest) {
				largest, where = d, fmt.Sprintf("%.4f becomes %.4f %.4f %.4f, want %.4f", c, r, g, b, want[i])
			}
		}
	}
	return largest, where
}

// tolerance is in levels of 256. littlecms keeps curves in 16 bits, and a step of those is
// 0.05 levels in the shadows of sRGB, 0.3 where it is one of XYZ.
const tolerance = 0.35

func TestGoldens(t *testing.T) {
	for _, g := range goldens(t) {
		p, err := Parse(g.profile)
		if err != nil {
			t.Errorf("%s: %v", g.name, err)
			continue
		}
		largest, where := worst(p, g.colours, g.want)
		if largest > tolerance {
			t.Errorf("%s: differs by %.3f levels: %s", g.name, largest, where)
		}
		t.Logf("%-35s %.3f", g.name, largest)
		var c CodePoints
		if _, err := fmt.Sscanf(g.name, "code points %d %d", &c.Primaries, &c.Transfer); err == nil {
			coded, err := Coded(c)
			if err != nil {
				t.Errorf("%s: %v", g.name, err)
			} else if largest, where := worst(coded, g.colours, g.want); largest > tolerance {
				t.Errorf("%s, without a profile: differs by %.3f levels: %s", g.name, largest, where)
			}
		}
		sRGB := 0.0 // how far the profile is from that
		for i, w := range g.want {
			for k := range w {
				sRGB = max(sRGB, 255*math.Abs(w[k]-g.colours[i][min(k, p.channels-1)]))
			}
		}
		if p.IsSRGB() != (p.channels < 4 && sRGB < 0.5) {
			t.Errorf("%s: IsSRGB is %v, but colours change by up to %.3f levels", g.name, p.IsSRGB(), sRGB)
		}
	}
}

// TestLittleCMS compares with littlecms as it is installed: the profiles of the goldens,
// with other colours, and those of the system.
func TestLittleCMS(t *testing.T) {
	if _, err := exec.LookPath("transicc"); err != nil {
		missing(t, "the program transicc (package liblcms2-utils) is not installed")
	}
	dir := t.TempDir()
	var files []string
	for i, g := range goldens(t) {
		name := filepath.Join(dir, fmt.Sprintf("%02d %s.icc", i, g.name))
		if err := os.WriteFile(name, g.profile, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	system := 0
	filepath.WalkDir("/usr/share/color/icc", func(path string, d fs.DirEntry, err error) error {
		if ext := strings.ToLower(filepath.Ext(path)); err == nil && (ext == ".icc" || ext == ".icm") {
			files = append(files, path)
			system++
		}
		return nil
	})
	if system < 20 {
		missing(t, "the profiles of the packages icc-profiles-free and colord-data are not installed")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range files {
		profile, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Parse(profile)
		if err != nil {
			t.Logf("%-45s %v", filepath.Base(name), err)
			continue
		}
		colours := make([][4]float64, 300)
		for i := range colours {
			for c := range p.channels {
				colours[i][c] = rng.Float64()
				if i < 40 { // neutral
					colours[i][c] = float64(i) / 39
				}
			}
		}
		want, err := transicc(t, name, p.channels, colours)
		if err != nil {
			t.Errorf("%s: littlecms refuses the profile: %v", name, err)
			continue
		}
		largest, where := worst(p, colours, want)
		if largest > tolerance {
			t.Errorf("%s: differs by %.3f levels: %s", name, largest, where)
		}
		t.Logf("%-45s %.3f", filepath.Base(name), largest)
	}
}

// transicc returns the red, green and blue of colours in the space of a profile.
func transicc(t testing.TB, profile string, channels int, colours [][4]float64) (out [][3]float64, err error) {
	var in, stdout bytes.Buffer
	full := 255.0
	if channels == 4 {
		full = 100
	}
	for _, c := range colours {
		for _, v := range c[:channels] {
			fmt.Fprintf(&in, "%.9g ", full*v)
		}
		fmt.Fprintln(&in)
	}
	cmd := exec.Command("transicc", "-i", profile, "-o", "*sRGB", "-t", "1", "-b", "-n", "-c", "0")
	cmd.Stdin, cmd.Stdout = &in, &stdout
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	for line := range strings.Lines(stdout.String()) {
		if v := numbers(t, line); len(v) == 3 {
			out = append(out, [3]float64{v[0] / 255, v[1] / 255, v[2] / 255})
		}
	}
	if len(out) != len(colours) {
		return nil, fmt.Errorf("%d colours for %d", len(out), len(colours))
	}
	return out, nil
}

// missing skips a test, and fails it in CI, which installs what it needs.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}
