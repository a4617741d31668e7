package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// withCost returns the options of painting with the defaults of a style cost.
func withCost(t *testing.T, styleCost string) painting.Options {
	t.Helper()
	j := painting.New()
	if err := j.Apply(nil, painting.Preset{"style-cost": styleCost}); err != nil {
		t.Fatal(err)
	}
	return j.Options
}

// TestDefaultsFollowTheStyleCost: on the command line, in a file and in a preset. What is
// given counts more, also where it is the default of the other cost.
func TestDefaultsFollowTheStyleCost(t *testing.T) {
	sliced, gram := withCost(t, "sliced"), withCost(t, "gram")
	if !reflect.DeepEqual(sliced, painting.New().Options) || gram.Alpha == sliced.Alpha || gram.Iterations == sliced.Iterations {
		t.Fatalf("the defaults are\n%+v and\n%+v", sliced, gram)
	}
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		writeTestFile(t, path, []byte(text))
		return path
	}
	gramFile, gramPreset := file("gram.toml", "style-cost = 'gram'"), file("classic.toml", "preset = 'classic'")
	betaFile := file("beta.json", `{"beta": 7, "style-cost": "gram", "preset": "abstract"}`)
	abstract := withPreset(t, "abstract").Options

	gramIn := func(change func(o *painting.Options)) painting.Options {
		o := gram
		change(&o)
		return o
	}
	for _, c := range []struct {
		args string
		want painting.Options
	}{
		{"", sliced},
		{"--style-cost sliced", sliced},
		{"--style-cost gram", gram},
		{"--style-cost mean-std", withCost(t, "mean-std")},
		{"--style-cost wasserstein", withCost(t, "wasserstein")},
		{"--preset classic", gram},
		{"--config " + gramFile, gram},
		{"--config " + gramPreset, gram},
		{"--config " + gramFile + " --style-cost sliced", sliced},
		{"--config " + gramPreset + " --style-cost sliced", sliced},
		{"--preset classic --style-cost sliced", sliced},
		{"--preset classic --style-cost wasserstein", withCost(t, "wasserstein")},
		{"--style-cost gram --beta 7", gramIn(func(o *painting.Options) { o.Beta = 7 })},
		{"--preset classic --tv 0.5", gramIn(func(o *painting.Options) { o.TV = 0.5 })},
		{"--config " + gramFile + " --iterations 9", gramIn(func(o *painting.Options) { o.Iterations = 9 })},
		{"--style-cost gram --style-sizes 3 --content-cost relative --self-similarity 1", gramIn(func(o *painting.Options) {
			o.StyleSizes, o.ContentCost, o.SelfSimilarity = 3, "relative", 1 // as with sliced
		})},
		{"--config " + betaFile, gramIn(func(o *painting.Options) { // of which the preset has some
			o.Beta, o.Init, o.Strength, o.SelfSimilarity = 7, abstract.Init, abstract.Strength, abstract.SelfSimilarity
		})},
	} {
		got, err := parsePaint(t, strings.Fields(c.args)...)
		if err != nil || !reflect.DeepEqual(got.job.Options, c.want) {
			t.Errorf("%s: %v, got\n%+v, want\n%+v", c.args, err, got.job.Options, c.want)
		}
	}

	got, err := parse(t, "demo", "--style-cost", "gram")
	want := gram
	want.Size = 400
	if err != nil || !reflect.DeepEqual(got.Demo.job.Options, want) {
		t.Errorf("the demo: %v, got\n%+v, want\n%+v", err, got.Demo.job.Options, want)
	}
}

// TestDocsHaveTheDefaults: the table in docs/options.md has a row for each flag of which
// the default depends on the style cost, and no other.
func TestDocsHaveTheDefaults(t *testing.T) {
	_, table, found := strings.Cut(string(readTestFile(t, "../../docs/options.md")), "| | `sliced` | others |\n| --- | --- | --- |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if !found {
		t.Fatal("docs/options.md has no table of defaults")
	}
	sliced, gram := painting.Job{Options: withCost(t, "sliced")}, painting.Job{Options: withCost(t, "gram")}
	same := sliced
	same.StyleCost = "gram"
	for line := range strings.Lines(table) {
		var words []string
		for word := range strings.SplitSeq(line, "|") {
			words = append(words, strings.Trim(word, " `\n"))
		}
		if len(words) != 5 {
			t.Fatalf("row %q", line)
		}
		name := strings.TrimPrefix(words[1], "--")
		trial := sliced
		if err := option.Set(&trial, name, words[2]); err != nil || !reflect.DeepEqual(trial, sliced) {
			t.Errorf("%s is not the default of --%s: %v", words[2], name, err)
		}
		trial = gram
		if err := option.Set(&trial, name, words[3]); err != nil || !reflect.DeepEqual(trial, gram) {
			t.Errorf("%s is not the classical default of --%s: %v", words[3], name, err)
		}
		if err := option.Set(&same, name, words[3]); err != nil {
			t.Error(err)
		}
	}
	if !reflect.DeepEqual(same, gram) {
		t.Errorf("the table makes\n%+v, want\n%+v", same, gram)
	}
}

// TestSweepOfStyleCosts: each picture has the defaults of its own cost.
func TestSweepOfStyleCosts(t *testing.T) {
	in := func(styleCost string, change func(o *painting.Options)) painting.Options {
		o := withCost(t, styleCost)
		o.Size = 256
		if change != nil {
			change(&o)
		}
		return o
	}
	beta := func(beta float64) func(o *painting.Options) { return func(o *painting.Options) { o.Beta = beta } }
	faithful := withPreset(t, "faithful")
	asFaithful := func(o *painting.Options) { o.Strength, o.ContentLayers = faithful.Strength, faithful.ContentLayers }
	path := filepath.Join(t.TempDir(), "x.toml")
	writeTestFile(t, path, []byte("style-cost = 'wasserstein'\nbeta = 7\n"))
	for _, c := range []struct {
		args string
		want []painting.Options
	}{
		{"--style-cost gram,sliced", []painting.Options{in("gram", nil), in("sliced", nil)}},
		{"--style-cost sliced,gram --beta 7", []painting.Options{in("sliced", beta(7)), in("gram", beta(7))}},
		{"--style-cost gram,sliced --config " + path, []painting.Options{in("gram", beta(7)), in("sliced", beta(7))}},
		{"--style-cost gram,sliced --beta 1,2", []painting.Options{in("gram", beta(1)), in("gram", beta(2)), in("sliced", beta(1)), in("sliced", beta(2))}},
		{"--style-cost gram --beta 1,2", []painting.Options{in("gram", beta(1)), in("gram", beta(2))}},
		{"--style-cost gram,sliced --preset faithful", []painting.Options{in("gram", asFaithful), in("sliced", asFaithful)}},
		{"--preset classic,faithful", []painting.Options{in("gram", nil), in("sliced", asFaithful)}},
		{"--preset classic,faithful --style-cost mean-std", []painting.Options{in("mean-std", nil), in("mean-std", asFaithful)}},
		{"--preset classic --style-cost sliced,mean-std", []painting.Options{in("sliced", nil), in("mean-std", nil)}},
		{"--preset classic --strength 25,75", []painting.Options{
			in("gram", func(o *painting.Options) { o.Strength = 25 }), in("gram", func(o *painting.Options) { o.Strength = 75 }),
		}},
	} {
		got, err := parse(t, append([]string{"sweep", "a.png", "b.png"}, strings.Fields(c.args)...)...)
		if err != nil || len(got.Sweep.cells) != len(c.want) {
			t.Errorf("%s: %v, %d pictures, want %d", c.args, err, len(got.Sweep.cells), len(c.want))
			continue
		}
		for i, cell := range got.Sweep.cells {
			if !reflect.DeepEqual(cell.job.Options, c.want[i]) {
				t.Errorf("%s, %s: got\n%+v, want\n%+v", c.args, cell.name, cell.job.Options, c.want[i])
			}
		}
	}
}

// TestClassicIsGram: two names of one job, which paint one picture.
func TestClassicIsGram(t *testing.T) {
	content, style, dir := pictures(t)
	classic, _ := paintedBy(t, dir, "classic.png", content, style, "--preset", "classic")
	gram, _ := paintedBy(t, dir, "gram.png", content, style, "--style-cost", "gram")
	if !sameFiles(t, classic, gram) { // with their records
		t.Error("--preset classic and --style-cost gram paint different pictures")
	}
	plain, _ := paintedBy(t, dir, "plain.png", content, style)
	if sameFiles(t, plain, gram) {
		t.Error("--style-cost gram changes nothing")
	}
}

// TestDefaultsOfCost: nst cost prints the classical cost, unless another is asked for. The
// strength is in beta.
func TestDefaultsOfCost(t *testing.T) {
	content, style, dir := pictures(t)
	image := filepath.Join(dir, "image.png")
	drawPNG(t, image, 48, 36, 5)
	cost := func(flags ...string) (text string, r costReport) {
		t.Helper()
		text, _ = mustRun(t, append([]string{"cost", "--content", content, "--style", style, "--image", image, "--weights", smallWeights, "--json"}, flags...)...)
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		return text, r
	}
	plain, gram := cost()
	if same, _ := cost("--style-cost", "gram"); plain != same {
		t.Errorf("nst cost prints %s, with --style-cost gram it prints %s", plain, same)
	}
	if gram.Alpha != 10 || gram.Beta != 40 || gram.TV != nil {
		t.Errorf("nst cost has other weights than the classical: %s", plain)
	}

	text, sliced := cost("--style-cost", "sliced")
	costs := painting.New().Costs
	if sliced.TV == nil || sliced.Alpha != costs.Alpha || sliced.Beta != costs.Beta || len(sliced.Style) != len(costs.StyleLayers) {
		t.Fatalf("--style-cost sliced prints %s, want the weights %+v", text, costs)
	}
	sum, weights := 0.0, 0.0
	for _, l := range costs.StyleLayers {
		sum += l.Weight * sliced.Style[l.Name]
		weights += l.Weight
	}
	if want := total(costs, sliced.Content, sum/weights, 0, *sliced.TV); math.Abs(sliced.Total-want) > 1e-9*want {
		t.Errorf("the total is %v, but its terms add up to %v: %s", sliced.Total, want, text)
	}
	if _, r := cost("--style-cost", "sliced", "--beta", "7", "--tv", "0"); r.Beta != 7 || r.TV != nil || r.Alpha != costs.Alpha {
		t.Errorf("what is given does not count more than the defaults: %+v", r)
	}
	if _, r := cost("--style-cost", "wasserstein"); r.Alpha != 10 || r.Beta != 40 || r.TV != nil {
		t.Errorf("--style-cost wasserstein has other weights than the classical: %+v", r)
	}

	if same, _ := cost("--strength", "50"); same != plain {
		t.Errorf("nst cost prints %s, with --strength 50 it prints %s", plain, same)
	}
	_, strong := cost("--strength", "75")
	if want := gram.Total + 9*(gram.Total-10*gram.Content); math.Abs(strong.Beta-400) > 1e-9 || math.Abs(strong.Total-want) > 1e-9*want {
		t.Errorf("--strength 75 gives beta %v and a total of %v, want 400 and %v", strong.Beta, strong.Total, want)
	}
	if _, same := cost("--beta", "400"); math.Abs(same.Total-strong.Total) > 1e-9*same.Total {
		t.Errorf("--strength 75 gives a total of %v, ten times beta one of %v", strong.Total, same.Total)
	}
}

// TestStrength: 50 paints what no strength does, 75 what ten times beta does.
func TestStrength(t *testing.T) {
	content, style, dir := pictures(t)
	paint := func(flags ...string) string {
		path, _ := paintedBy(t, dir, strings.Join(append(flags, "out.tiff"), ""), append(flags, content, style)...) // a TIFF holds no record
		return path
	}
	plain := paint()
	if !sameFiles(t, plain, paint("--strength=50")) {
		t.Error("--strength 50 changes the picture")
	}
	strong := paint("--strength=75")
	if sameFiles(t, plain, strong) {
		t.Error("--strength 75 changes nothing")
	}
	beta, err := json.Marshal(10 * painting.New().Beta)
	if err != nil {
		t.Fatal(err)
	}
	if !sameFiles(t, strong, paint("--beta="+string(beta))) {
		t.Error("--strength 75 does not paint what ten times beta does")
	}
	for _, args := range [][]string{{content, style}, {"cost", "--content", content, "--style", style, "--image", content}} {
		for _, wrong := range []string{"-1", "100.5", "NaN"} {
			code, stdout, stderr := nstRun(t, append(args, "--strength", wrong)...)
			if want := "--strength is " + wrong + ", but must be from 0 to 100"; code != commandline.ExitUsage || !strings.Contains(stderr, want) || stdout != "" {
				t.Errorf("%v --strength %s: exit %d, %q, want %d and %q", args, wrong, code, stderr, commandline.ExitUsage, want)
			}
		}
	}
}

// TestDocsHaveThePresets: the table in docs/options.md has each preset with what it sets.
func TestDocsHaveThePresets(t *testing.T) {
	_, table, found := strings.Cut(string(readTestFile(t, "../../docs/options.md")), "| `--preset` | sets |\n| --- | --- |\n")
	table, _, ended := strings.Cut(table, "\n\n")
	if !found || !ended {
		t.Fatal("docs/options.md has no table of presets")
	}
	documented := make(map[string]painting.Preset)
	for row := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(row, "|")
		words := strings.Fields(strings.Trim(cells[2], " `"))
		preset := painting.Preset{}
		for i := 0; i+1 < len(words); i += 2 {
			preset[strings.TrimPrefix(words[i], "--")] = words[i+1]
		}
		documented[strings.Trim(cells[1], " `")] = preset
	}
	if !reflect.DeepEqual(documented, painting.Presets) {
		t.Errorf("docs/options.md has the presets %v, want %v", documented, painting.Presets)
	}
}
