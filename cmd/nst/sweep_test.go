package main

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// TestSweepSurvivesABrokenInput: of 12 runs, four are told to load a network
// that is damaged. The other eight are on the sheet as nst paint paints them.
func TestSweepSurvivesABrokenInput(t *testing.T) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	broken := in("broken")
	if err := os.CopyFS(broken, os.DirFS(smallWeights)); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(broken, "conv1_1.weight.npy"), 100); err != nil {
		t.Fatal(err)
	}
	copied := in("copied")
	if err := os.CopyFS(copied, os.DirFS(smallWeights)); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := nstRun(t, "sweep", content, style, "--weights", smallWeights+","+broken+","+copied, "--beta=1,10,100,1000",
		"--size", "64", "--iterations", "1", "-o", in("sheet.png"))
	if code != commandline.ExitFailed || !strings.Contains(stderr, "4 of 12 runs failed") || !strings.Contains(stderr, "conv1_1.weight.npy") {
		t.Errorf("exit %d and %q, want %d and how many failed and why", code, stderr, commandline.ExitFailed)
	}
	sheet := readPNG(t, in("sheet.png"))
	for i, p := range []struct{ weights, beta string }{{smallWeights, "1"}, {smallWeights, "1000"}, {copied, "10"}} {
		mustRun(t, content, style, "--weights", p.weights, "--beta", p.beta, "--size", "64", "--iterations", "1", "-q", "-o", in("one.png"))
		if at := find(sheet, readPNG(t, in("one.png"))); at.X < 0 {
			t.Errorf("the picture of %v, number %d, is not on the sheet", p, i)
		}
	}
	failed := color.RGBA{0xff, 0xe4, 0xdc, 0xff} // behind an error, see package contactsheet
	pale := 0
	for i := range sheet.Bounds().Dx() * sheet.Bounds().Dy() {
		if sheet.At(i%sheet.Bounds().Dx(), i/sheet.Bounds().Dx()) == failed {
			pale++
		}
	}
	if pale < 4*128*128/2 || pale > 4*160*160 {
		t.Errorf("%d pixels have the colour of failed cells: want four of these", pale)
	}
}

// find returns where on the sheet a picture is, or -1, -1.
func find(sheet, p image.Image) image.Point {
	b := p.Bounds()
	for y := range sheet.Bounds().Dy() - b.Dy() + 1 {
		for x := range sheet.Bounds().Dx() - b.Dx() + 1 {
			same := true
			for k := 0; same && k < b.Dx()*b.Dy(); k++ {
				r, g, bl, _ := sheet.At(x+k%b.Dx(), y+k/b.Dx()).RGBA()
				r1, g1, b1, _ := p.At(k%b.Dx(), k/b.Dx()).RGBA()
				same = r == r1 && g == g1 && bl == b1
			}
			if same {
				return image.Pt(x, y)
			}
		}
	}
	return image.Pt(-1, -1)
}

// TestSweepOfOneFlag: pictures of several sizes in one row, in the folder where
// it runs; a run that fails with its value, not its files, is on the sheet too.
func TestSweepOfOneFlag(t *testing.T) {
	content, style, dir := pictures(t)
	weights, err := filepath.Abs(smallWeights)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	code, _, stderr := nstRun(t, "sweep", content, style, "--size", "140,9,150", "--weights", weights, "--iterations", "1", "--preset", "faithful", "-q")
	if code != commandline.ExitFailed || !strings.Contains(stderr, "1 of 3 runs failed") || !strings.Contains(stderr, "--size 9") {
		t.Errorf("exit %d, %q", code, stderr)
	}
	sheet := readPNG(t, "photo-painting-sweep.png")
	if size := sheet.Bounds().Size(); size.X < 3*150 || size.X > 3*150+60 || size.Y < 128 || size.Y > 200 {
		t.Errorf("the sheet is %v, want a row of three", size)
	}
}

// TestSweepSheet: the flags of the file are the sheet's, and the help says so.
func TestSweepSheet(t *testing.T) {
	content, style, dir := pictures(t)
	size := func(quality string) int64 {
		out := filepath.Join(dir, "sheet.jpg")
		mustRun(t, "sweep", content, style, "-o", out, "--beta", "1,2", "--weights", smallWeights, "--size", "40", "--iterations", "1", "-q", "--quality", quality)
		info, err := os.Stat(out)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if coarse, fine := size("20"), size("95"); coarse >= fine {
		t.Errorf("%d bytes with quality 20, %d with 95", coarse, fine)
	}
	help, _ := mustRun(t, "sweep", "--help")
	for _, want := range []string{"--strength 25,50,75", "(256)", "-sweep.png"} {
		if !strings.Contains(help, want) {
			t.Errorf("the help lacks %s:\n%s", want, help)
		}
	}
}

func TestSweepUsage(t *testing.T) {
	content, style, dir := pictures(t)
	out := filepath.Join(dir, "sheet.png")
	for want, flags := range map[string][]string{
		"a sweep varies a flag or two":                                      {"--beta", "10"},
		"one flag or two, not 3":                                            {"--beta", "1,2", "--alpha", "1,2", "--tv", "1,2"},
		"a comma without a value":                                           {"--beta", "1,,2"},
		"--beta is given twice":                                             {"--beta", "1,2", "--beta=3,4"},
		`--beta: "much" is not a number`:                                    {"--beta", "1,much"},
		"--beta is -1, but must be 0 or more":                               {"--beta", "1,-1"},
		`--color must be one of "style","content","match" but got "purple"`: {"--color", "style,purple"},
		"unknown flag --plot":                                               {"--beta", "1,2", "--plot", filepath.Join(dir, "plot.png")},
		"unknown flag --frobnicate":                                         {"--frobnicate", "1,2"},
		`--preset is "nonsense", but must be one of abstract,classic,faithful,ink,oil,poster,watercolour`: {"--preset", "faithful,nonsense"},
		"would overwrite a picture":                   {"--beta", "1,2", "-o", content},
		`unknown layer "conv1_9"`:                     {"--beta", "1,2", "--style-layers", "conv1_1,conv1_9"},
		"unexpected argument too-many":                {"--beta", "1,2", "too-many"},
		"must be one of \"lbfgs\",\"adam\"":           {"--optimizer=lbfgs,newton"},
		"--history is -1, but must be from 1 to 1000": {"--history=5,-1"},
	} {
		code, stdout, stderr := nstRun(t, append([]string{"sweep", content, style, "-o", out, "--weights", smallWeights}, flags...)...)
		if code != commandline.ExitUsage || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
			t.Errorf("%v: exit %d, stdout %q, stderr %q, want %d and %q", flags, code, stdout, stderr, commandline.ExitUsage, want)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("there is a sheet")
	}
}

// TestSweepOfPresets: a preset is a value like any other. What is given otherwise, or
// varies itself, counts more than the preset, and that more than a sweep's own size.
func TestSweepOfPresets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.toml")
	writeTestFile(t, path, []byte("strength = 7\npreset = \"abstract\"\niterations = 20\n"))
	type want struct {
		strength   float64
		init       string
		layers     int // that compare the content
		iterations int
	}
	wantOf := func(j painting.Job) want { return want{j.Strength, j.Init, len(j.ContentLayers), j.Iterations} }
	p, f, a := wantOf(painting.New()), wantOf(withPreset(t, "faithful")), wantOf(withPreset(t, "abstract"))
	if f.strength == a.strength || f.init == a.init {
		t.Fatalf("the presets do not differ enough: %+v, %+v", f, a)
	}
	for _, c := range []struct {
		args string
		want []want
	}{
		{"a.png b.png --preset faithful,abstract", []want{f, a}},
		{"a.png b.png --preset faithful,abstract --strength 3", []want{{3, f.init, f.layers, f.iterations}, {3, a.init, a.layers, a.iterations}}},
		{"a.png b.png --preset=faithful,abstract --config " + path, []want{{7, f.init, f.layers, 20}, {7, a.init, a.layers, 20}}},
		{"a.png b.png --preset faithful,abstract --config " + path + " --iterations 9 --init style", []want{{7, "style", f.layers, 9}, {7, "style", a.layers, 9}}},
		{"a.png b.png --preset abstract --strength 2,40", []want{{2, a.init, a.layers, a.iterations}, {40, a.init, a.layers, a.iterations}}},
		{"a.png b.png --strength 2,40 --config " + path, []want{{2, a.init, a.layers, 20}, {40, a.init, a.layers, 20}}},
		{"a.png b.png --strength 2,40 --preset faithful,abstract", []want{
			{2, f.init, f.layers, f.iterations}, {2, a.init, a.layers, a.iterations}, {40, f.init, f.layers, f.iterations}, {40, a.init, a.layers, a.iterations},
		}},
		{"--preset faithful,abstract", []want{{f.strength, f.init, f.layers, 50}, {a.strength, a.init, a.layers, 50}}}, // the built-in pictures
		{"--iterations 9,350", []want{{p.strength, p.init, p.layers, 9}, {p.strength, p.init, p.layers, 350}}},
	} {
		got, err := parse(t, append([]string{"sweep"}, strings.Fields(c.args)...)...)
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		var cells []want
		for _, c := range got.Sweep.cells {
			j := c.job
			cells = append(cells, wantOf(j))
			if j.Size != 256 || j.Out != "" {
				t.Errorf("%s: size %d and output %q, want 256 and none", c.name, j.Size, j.Out)
			}
		}
		if !slices.Equal(cells, c.want) {
			t.Errorf("%s: %+v, want %+v", c.args, cells, c.want)
		}
	}
	writeTestFile(t, path, []byte("size = 300"))
	got, err := parse(t, "sweep", "a.png", "b.png", "--beta", "1,2", "--config", path)
	if err != nil || got.Sweep.cells[1].job.Size != 300 {
		t.Errorf("a file says how large the pictures are: %+v, %v", got.Sweep.cells, err)
	}
}

// TestSweepsOfAPresetAreItsPictures: the same that nst paint makes.
func TestSweepsOfAPresetAreItsPictures(t *testing.T) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	args := []string{content, style, "--weights", smallWeights, "--size", "40", "--iterations", "1", "-q"}
	mustRun(t, append([]string{"sweep", "--preset", "faithful,abstract", "-o", in("sheet.png")}, args...)...)
	sheet := readPNG(t, in("sheet.png"))
	for _, preset := range []string{"faithful", "abstract"} {
		mustRun(t, append(args, "--preset", preset, "-o", in("one.png"))...)
		if at := find(sheet, readPNG(t, in("one.png"))); at.X < 0 {
			t.Errorf("the picture of --preset %s is not on the sheet", preset)
		}
	}
}
