package painting

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

// TestJobComesBackFromJSON: with every option off its default, and with every option
// at zero where that is a value it may have.
func TestJobComesBackFromJSON(t *testing.T) {
	check := func(name string, want Job) {
		t.Helper()
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got Job
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v in %s", name, err, text)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%+v, want\n%+v\nfrom %s", name, got, want, text)
		}
	}
	check("unusual", unusual(t))
	fields := option.Fields(reflect.TypeFor[Job]())
	if len(fields) < 35 {
		t.Fatalf("only %d options", len(fields))
	}
	for _, f := range fields {
		j := unusual(t)
		v := reflect.ValueOf(&j).Elem().FieldByIndex(f.Index)
		v.SetZero()
		if v.Kind() == reflect.Slice || option.CheckBounds(v, f.Tag.Get) != nil {
			continue
		}
		check("--"+option.Name(f)+" zero", j)
	}
}

// TestJobWithoutKeysHasTheDefaults: also where a job had other values before.
func TestJobWithoutKeysHasTheDefaults(t *testing.T) {
	j := unusual(t)
	if err := json.Unmarshal([]byte(`{"content": "photo.png", "styles": [{"file": "painting.png", "weight": 1}]}`), &j); err != nil {
		t.Fatal(err)
	}
	if want := valid(); !reflect.DeepEqual(j, want) {
		t.Errorf("got\n%+v, want\n%+v", j, want)
	}
	if err := j.Check(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	want := Layers{{Name: "conv3_2", Weight: 1}, {Name: "conv4_2", Weight: 1}}
	if j.Size != 512 || j.Range != 0.1 || !reflect.DeepEqual(j.ContentLayers, want) || j.FrameEvery != 10 {
		t.Errorf("the defaults are %+v", j)
	}
	before := unusual(t)
	if err := json.Unmarshal([]byte(`{"size": "large"}`), &before); err == nil || !reflect.DeepEqual(before, unusual(t)) {
		t.Errorf("a job that cannot be decoded leaves %+v, %v", before, err)
	}
}

// TestCheckOfJSON: Check stands alone where no parser of flags has seen the values.
func TestCheckOfJSON(t *testing.T) {
	for _, c := range []struct{ options, want string }{
		{`"size": 4096`, ""},
		{`"size": -5`, "--size is -5, but must be 1 or more"},
		{`"size": 0`, "--size is 0, but must be 1 or more"},
		{`"alpha": -1`, "--alpha is -1, but must be 0 or more"},
		{`"alpha": 0, "beta": 0`, "--alpha and --beta are both 0"},
		{`"strength": 100.5`, "--strength is 100.5, but must be from 0 to 100"},
		{`"strength": -1`, "--strength is -1, but must be from 0 to 100"},
		{`"strength": 100`, ""},
		{`"content-cost": "both"`, `--content-cost must be one of "relative","absolute" but got "both"`},
		{`"self-similarity": -1`, "--self-similarity is -1, but must be 0 or more"},
		{`"style-sizes": 0`, "--style-sizes is 0, but must be from 1 to 8"},
		{`"style-sizes": 9`, "--style-sizes is 9, but must be from 1 to 8"},
		{`"iterations": 0`, "--iterations is 0, but must be from 1 to 100000000"},
		{`"iterations": 100000001`, "--iterations is 100000001, but must be from 1 to 100000000"},
		{`"scales": -1`, "--scales is -1, but must be 0 or more"},
		{`"history": 1001`, "--history is 1001, but must be from 1 to 1000"},
		{`"learning-rate": 0`, "--learning-rate is 0, but must be above 0"},
		{`"average-decay": 1`, "--average-decay is 1, but must be from 0 to below 1"},
		{`"init-noise": 1.5`, "--init-noise is 1.5, but must be from 0 to 1"},
		{`"style-scale": 0`, "--style-scale is 0, but must be above 0"},
		{`"style-scale": 2, "style-size": 9`, "--style-size and --style-scale both say"},
		{`"threads": 1025`, "--threads is 1025, but must be from 0 to 1024"},
		{`"quality": 0`, "--quality is 0, but must be from 1 to 100"},
		{`"dpi": 65536`, "--dpi is 65536, but must be from 0 to 65535"},
		{`"bits": 12, "out": "x.png"`, "x.png: a PNG cannot have 12 bits a channel; it has 8 or 16"},
		{`"bits": 17`, "--bits is 17, but must be from 0 to 16"},
		{`"bits": 16, "out": "x.jpg"`, "x.jpg: a JPEG cannot have 16 bits"},
		{`"frame-every": 0`, "--frame-every is 0, but must be 1 or more"},
		{`"color": "purple"`, `--color must be one of "style","content","match" but got "purple"`},
		{`"color": ""`, `--color must be one of`},
		{`"optimizer": "sgd"`, `--optimizer must be one of "lbfgs","adam" but got "sgd"`},
		{`"pooling": "MAX"`, `--pooling must be one of`},
		{`"style-cost": "entropy"`, `--style-cost must be one of ` + list(StyleCosts) + ` but got "entropy"`},
		{`"style-cost": "${style_costs}"`, `--style-cost must be one of`},
		{`"content-layers": "conv9_1"`, `--content-layers: unknown layer "conv9_1"; the layers are rgb, conv1_1, conv1_2`},
		{`"style-layers": "conv1_1=-1,conv2_1=2"`, "--style-layers: "},
		{`"style-layers": "conv1_1=NaN"`, "--style-layers: "},
		{`"style-layers": "conv1_1=0"`, "--style-layers: "},
		{`"style-layers": null`, "--style-layers is empty; name at least one layer"},
		{`"normalize-gradients": true`, "--normalize-gradients does not work with L-BFGS"},
		{`"normalize-gradients": true, "optimizer": "adam"`, ""},
		{`"init": ""`, "--init is empty; give content, style"},
		{`"content": ""`, "there is no CONTENT to paint"},
		{`"styles": []`, "painting takes two pictures, CONTENT and STYLE, but there is only photo.png"},
		{`"styles": null`, "painting takes two pictures"},
		{`"styles": [{"file": "a.png", "weight": 0}]`, "--style a.png: the weight is 0, but must be a number above 0"},
		{`"styles": [{"file": "a.png"}]`, "--style a.png: the weight is 0"},
		{`"styles": [{"file": "a.png", "weight": 1}, {"file": "b.png", "weight": -2}]`, "--style b.png: the weight is -2"},
		{`"styles": [{"file": "", "weight": 1}]`, "--style: a picture is missing"},
		{`"out": "x.webp"`, "x.webp"},
		{`"out": "./painting.png"`, "would overwrite a picture that is read"},
		{`"out": "x.png", "plot": "./x.png"`, "x.png would be written twice"},
		{`"init": "start.png", "out": "start.png"`, "start.png would overwrite"},
		{`"styles": [{"file": "a.png", "weight": 1, "mask": "m.png", "style-mask": "n.png"}], "trace": "n.png"`, "n.png would overwrite"},
		{`"plot": "x.jpg"`, "--plot writes .png only, not x.jpg"},
		{`"record": "x.txt"`, "--record writes .json only, not x.txt"},
		{`"preview": "x.gif"`, "--preview: "},
		{`"timelapse": "x.mp4"`, "--timelapse writes .gif, .png or .apng, not x.mp4"},
		{`"out": "x.TIFF", "plot": "p.PNG", "record": "r.JSON", "timelapse": "t.GIF", "preview": "v.jpg"`, ""},
	} {
		text := `{"styles": [{"file": "painting.png", "weight": 1}], ` + c.options + "}"
		if strings.Contains(c.options, `"styles"`) {
			text = "{" + c.options + "}"
		}
		if !strings.Contains(c.options, `"content"`) {
			text = `{"content": "photo.png", ` + text[1:]
		}
		var j Job
		if err := json.Unmarshal([]byte(text), &j); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		err := j.Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v, want %q", c.options, err, c.want)
		}
	}
}

// TestNoJob: values that a job cannot even hold.
func TestNoJob(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"size": "big"}`, "size"},
		{`{"size": 1.5}`, "size"},
		{`{"seed": -1}`, "seed"},
		{`{"alpha": 1e999}`, "alpha"},
		{`{"content-layers": ""}`, "the name of a layer is missing"},
		{`{"content-layers": ["conv1_1"]}`, "content-layers"},
		{`{"content-layers": "conv1_1=much"}`, `the weight "much" is not a number`},
		{`{"styles": [{"file": 7}]}`, "file"},
		{`[]`, "array"},
	} {
		var j Job
		if err := json.Unmarshal([]byte(c.text), &j); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
}

// TestCheckOfLayers: a program, other than a text, can leave out all layers.
func TestCheckOfLayers(t *testing.T) {
	for want, change := range map[string]func(*Job){
		"--content-layers is empty; name at least one": func(j *Job) { j.ContentLayers = nil },
		"--style-layers is empty; name at least one":   func(j *Job) { j.StyleLayers = Layers{} },
	} {
		j := valid()
		change(&j)
		if err := j.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestLayersComeBackFromText: with weights of any number of digits.
func TestLayersComeBackFromText(t *testing.T) {
	var l, back Layers
	if err := l.UnmarshalText([]byte("conv1_1=0.1, conv2_1,conv3_1=1e-300")); err != nil {
		t.Fatal(err)
	}
	if want := (Layers{{Name: "conv1_1", Weight: 0.1}, {Name: "conv2_1", Weight: 1}, {Name: "conv3_1", Weight: 1e-300}}); !reflect.DeepEqual(l, want) {
		t.Errorf("%v, want %v", l, want)
	}
	text, err := l.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	if err := back.UnmarshalText(text); err != nil || !reflect.DeepEqual(l, back) {
		t.Errorf("%v came back from %s as %v, %v", l, text, back, err)
	}
}

// TestApply: a preset sets what it has and what was not given.
func TestApply(t *testing.T) {
	p := Preset{"beta": "7", "init": "noise", "content-layers": "conv3_1=2"}
	j := valid()
	j.Beta, j.TV = 3, 0.5
	if err := j.Apply(map[string]bool{"beta": true, "init": false}, p); err != nil {
		t.Fatal(err)
	}
	want := valid()
	want.Beta, want.TV, want.Init, want.ContentLayers = 3, 0.5, "noise", Layers{{Name: "conv3_1", Weight: 2}}
	if !reflect.DeepEqual(j, want) {
		t.Errorf("got\n%+v, want\n%+v", j, want)
	}
	if err := j.Apply(nil); err != nil || !reflect.DeepEqual(j, want) {
		t.Errorf("no preset: %v, and the job is\n%+v", err, j)
	}
	for want, p := range map[string]Preset{
		"there is no option --betta":        {"betta": "7"},
		`--beta: "much" is not a number`:    {"beta": "much"},
		"--color must be one of":            {"color": "purple"},
		"--style-layers: \"\": the name of": {"style-layers": ""},
	} {
		if err := j.Apply(nil, p); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: %v, want %q", p, err, want)
		}
	}
}

// TestPresetsAreOptions: each preset passes Check, and makes a difference.
func TestPresetsAreOptions(t *testing.T) {
	all := []Preset{Demo}
	for _, p := range Presets {
		all = append(all, p)
	}
	for i, p := range all {
		j := valid()
		if err := j.Apply(nil, p); err != nil {
			t.Errorf("%v: %v", p, err)
		}
		if err := j.Check(); err != nil {
			t.Errorf("%v: %v", p, err)
		}
		if reflect.DeepEqual(j, valid()) {
			t.Errorf("preset %d, %v, changes nothing", i, p)
		}
	}
}

// TestVaries: an option of one number or word that has an influence.
func TestVaries(t *testing.T) {
	for _, name := range []string{"beta", "size", "color", "weights", "init", "seed", "style-cost"} {
		if !Varies(name) {
			t.Errorf("--%s does not vary", name)
		}
	}
	for _, name := range []string{"content-layers", "normalize-gradients", "out", "quality", "plot", "content", "style", "preset", ""} {
		if Varies(name) {
			t.Errorf("--%s varies", name)
		}
	}
}

// TestInputs: the pictures of a job are files, but for words and built-in pictures.
func TestInputs(t *testing.T) {
	j := New()
	j.Content, j.Init = "content", "content" // a file, and a word
	j.Styles = []Style{{DemoStyle, 1, "m.png", ""}, {"noise", 1, "", "n.png"}}
	var got []string
	for _, path := range j.inputs() {
		got = append(got, *path)
	}
	if want := []string{"content", "m.png", "noise", "n.png"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	j.Init = "./content"
	if n := len(j.inputs()); n != 5 {
		t.Errorf("%d inputs with a file to start from, want 5", n)
	}
}

// FuzzJob: whatever JSON holds, it is a job or an error of one line, and never a panic.
// A job that passes Check comes back from its JSON.
func FuzzJob(f *testing.F) {
	text, err := json.Marshal(valid())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(text), `null`, `[]`, `{}`, `{"size": "big\nbad"}`, `{"seed": 18446744073709551615, "beta": 1e308}`,
		`{"content": "a", "styles": [{"file": "b", "weight": 1, "mask": "all"}, null], "init": "noise", "out": "a.png"}`,
		`{"content": "builtin:lake", "styles": [{"file": "builtin:sun", "weight": 2}], "content-layers": "conv1_1=NaN,,x"}`,
		`{"styles": {"file": 1}, "Size": 5, "color": "\u0000"}`, `{"timelapse": "a.gif", "frames": "/", "record": "r.json", "trace": "-"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var j Job
		if err := json.Unmarshal(text, &j); err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: several lines: %q", text, err)
			}
			return
		}
		again, err := json.Marshal(j)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := j.Check(); err != nil {
			// The name of a file may have two lines, and then so has an error that names it.
			if strings.Contains(err.Error(), "\n") && !strings.Contains(string(again), `\n`) {
				t.Errorf("%q: several lines: %q", text, err)
			}
			return
		}
		var back Job
		if err := json.Unmarshal(again, &back); err != nil {
			t.Fatalf("%s is written as %s: %v", text, again, err)
		}
		if !reflect.DeepEqual(j, back) {
			t.Errorf("%s comes back as %+v", again, back)
		}
	})
}
