// Package painting makes pictures from descriptions: a Job says what to paint, how,
// and what to write, and a Painter runs it. Every command that paints builds jobs,
// whatever its command line looks like; the record inside a picture is a job, too.
//
// The fields of a job are options, as package option describes them: a name, which is
// the key in JSON and the flag of the commands, and tags that hold the default, the
// possible values and the help text. A new option is a field, and the line that uses
// it. Errors name options as flags.
package painting

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/animation"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/vgg"
)

// Job describes a painting and the files that it is written to. Start from New, which
// fills in the defaults. As JSON it is one object with the names of all options as
// keys; a key that is missing stands for the default.
type Job struct {
	Content string  `json:"content"` // file or built-in picture that says what to paint
	Styles  []Style `json:"styles"`  // how to paint it: one or more
	Options
	Format
	Outputs
}

// New returns a job without pictures and files, and with the default of every option.
func New() (j Job) {
	option.SetDefaults(&j)
	return j
}

// UnmarshalJSON decodes a job; options that the text does not have get their defaults, or
// those that go with its style cost.
func (j *Job) UnmarshalJSON(text []byte) error { return j.decode(text, New().StyleCost) }

// decode is UnmarshalJSON for a text that means this style cost if it has none.
func (j *Job) decode(text []byte, styleCost string) error {
	defaults := New()
	cost := struct {
		StyleCost string `json:"style-cost"`
	}{styleCost}
	if json.Unmarshal(text, &cost) == nil && StyleCosts[cost.StyleCost] != nil {
		if err := defaults.Apply(nil, Preset{"style-cost": cost.StyleCost}); err != nil {
			return err
		}
	}
	type plain Job // without this method
	p := plain(defaults)
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	*j = Job(p)
	return nil
}

// Check returns an error for options that make no sense by themselves or together,
// and for names of files that collide. It opens no file.
func (j *Job) Check() error {
	if err := cmp.Or(option.Check(j), j.Costs.Check(), j.StyleSizing.Check(), j.checkStyles(), j.checkOutputs()); err != nil {
		return err
	}
	switch {
	case j.Init == "":
		return errors.New("--init is empty; give content, style, noise, grey or a file")
	case j.NormalizeGradients && j.Optimizer == "lbfgs":
		return errors.New("--normalize-gradients does not work with L-BFGS, which compares costs; add --optimizer adam")
	}
	return j.files().CheckNames()
}

// checkOutputs returns an error for a name whose extension does not suit the file,
// or a format that cannot be had.
func (j *Job) checkOutputs() error {
	for _, o := range []struct{ flag, path, extension string }{{"--plot", j.Plot, ".png"}, {"--record", j.Record, ".json"}} {
		if o.path != "" && !strings.EqualFold(filepath.Ext(o.path), o.extension) {
			return fmt.Errorf("%s writes %s only, not %s", o.flag, o.extension, o.path)
		}
	}
	if j.Preview != "" {
		if err := (picture.Options{}).Check(j.Preview); err != nil {
			return fmt.Errorf("--preview: %w", err)
		}
	}
	if j.Timelapse != "" {
		if err := animation.CheckName(j.Timelapse); err != nil {
			return fmt.Errorf("--timelapse %w", err)
		}
	}
	if j.Out == "" {
		return nil
	}
	return j.Format.Picture().Check(j.Out)
}

// Check returns an error for costs that make no sense together, or layers that do not
// exist.
func (c *Costs) Check() error {
	if c.Alpha == 0 && c.Beta == 0 {
		return errors.New("--alpha and --beta are both 0, which leaves nothing to paint; give at least one above 0")
	}
	if math.IsInf(c.weightOfStyle(), 1) {
		return fmt.Errorf("--beta %g at --strength %g is more than a number can hold; give less of one of them", c.Beta, c.Strength)
	}
	if _, ok := StyleCosts[c.StyleCost]; !ok {
		return fmt.Errorf("--style-cost must be one of %s but got %q", list(StyleCosts), c.StyleCost)
	}
	return cmp.Or(
		c.ContentLayers.check("--content-layers", nst.Costs{ContentLayers: c.ContentLayers}),
		c.StyleLayers.check("--style-layers", nst.Costs{StyleLayers: c.StyleLayers}),
	)
}

// LayerNames returns the layers that a cost can name: the picture and those of VGG19.
func LayerNames() []string { return slices.Insert(vgg.LayerNames(), 0, vgg.Picture) }

// check returns an error unless these are layers that the costs can be made of.
func (l Layers) check(flag string, costs nst.Costs) error {
	if len(l) == 0 {
		return fmt.Errorf("%s is empty; name at least one layer", flag)
	}
	known := LayerNames()
	for _, layer := range l {
		if !slices.Contains(known, layer.Name) {
			return fmt.Errorf("%s: unknown layer %q; the layers are %s", flag, layer.Name, strings.Join(known, ", "))
		}
	}
	if err := costs.Check(); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}

// files returns all files of the job.
func (j *Job) files() *outfile.Set {
	s := &outfile.Set{}
	for _, path := range j.inputs() {
		s.Read(*path)
	}
	s.File("--preview", j.Preview)
	s.File("--timelapse", j.Timelapse)
	s.File("", j.Out)
	s.Stream("--trace", j.Trace)
	s.File("--plot", j.Plot)
	s.File("--record", j.Record)
	s.Folder("--frames", j.Frames)
	return s
}

// inputs returns where the job names the picture files that it reads. A picture that
// is read twice may be there twice.
func (j *Job) inputs() (paths []*string) {
	all := []*string{&j.Content, &j.Init}
	for i := range j.Styles {
		all = append(all, &j.Styles[i].File, &j.Styles[i].Mask, &j.Styles[i].StyleMask)
	}
	for _, path := range all {
		isWord := path == &j.Init && slices.Contains(Starts, j.Init)
		if *path != "" && builtIn[*path] == nil && !isWord {
			paths = append(paths, path)
		}
	}
	return paths
}

// StyleNames returns the names of the styles, without folders and extensions, with a
// separator between them.
func (j *Job) StyleNames(separator string) string {
	var names []string
	for _, s := range j.Styles {
		names = append(names, Stem(s.File))
	}
	return strings.Join(names, separator)
}

// Name returns the name of the result without an extension: that of the content and
// those of the styles, or nst-demo.
func (j *Job) Name() string {
	if j.Content == DemoContent {
		return "nst-demo"
	}
	return Stem(j.Content) + "-" + j.StyleNames("-")
}

// Stem returns the name of a file without folders and extension; "stdin" for "-", the
// standard input.
func Stem(path string) string {
	if path == "-" {
		return "stdin"
	}
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// Apply sets the options of presets, and the defaults that go with the style cost,
// except for options that were given otherwise. Of two presets that have an option, the
// last one counts. It is an error if an option has no such value.
func (j *Job) Apply(given map[string]bool, presets ...Preset) error {
	return apply(j, j.StyleCost, given, presets...)
}

// ApplyDefaults sets the defaults that go with a style cost, that of c if it was given or
// else one that is named, except for options that were given.
func (c *Costs) ApplyDefaults(given map[string]bool, styleCost string) error {
	return apply(c, c.StyleCost, given, Preset{"style-cost": styleCost})
}

// apply is Apply for a struct of options of which the style cost is the one named.
func apply(target any, styleCost string, given map[string]bool, presets ...Preset) error {
	all := Preset{}
	for _, p := range presets {
		if p["style-size"] != "" {
			delete(all, "style-scale") // which says the same
		}
		maps.Copy(all, p)
	}
	if given["style-size"] {
		delete(all, "style-scale")
	}
	if named, ok := all["style-cost"]; ok && !given["style-cost"] {
		styleCost = named
	}
	for name, value := range defaultsOf[styleCost] {
		if _, ok := all[name]; !ok && option.Has(target, name) {
			all[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !given[name] {
			if err := option.Set(target, name, all[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Effort returns a number that grows with the time that the job takes, in proportion for
// jobs that differ in --size and --iterations alone.
func (j *Job) Effort() float64 {
	return float64(j.Size) * float64(j.Size) * float64(j.Iterations)
}

// Varies reports whether there is an option of this name, other than a file to write
// and its format, that is a single number or word: one that a sweep can vary.
func Varies(name string) bool {
	f, ok := option.Find(reflect.TypeFor[Options](), name)
	return ok && f.Type.Kind() != reflect.Slice && f.Type.Kind() != reflect.Bool
}

// weightOfStyle returns the weight that --beta and --strength give to the style.
func (c *Costs) weightOfStyle() float64 { return c.Beta * math.Pow(10, (c.Strength-50)/25) }

// Engine returns the costs that the options stand for.
func (c *Costs) Engine() nst.Costs {
	return nst.Costs{
		Alpha: c.Alpha, Beta: c.weightOfStyle(), TV: c.TV,
		Range:         cmp.Or(c.Range, -1), // in the engine, 0 means the default
		ContentLayers: c.ContentLayers, RelativeContent: c.ContentCost == "relative", SelfSimilarity: c.SelfSimilarity,
		StyleLayers: c.StyleLayers, StyleSizes: c.StyleSizes, StyleCost: StyleCosts[c.StyleCost],
	}
}

// engine returns the options of the engine.
func (o *Options) engine() nst.Options {
	opt := nst.Options{
		Costs: o.Costs.Engine(), Iterations: o.Iterations, CoarseShare: o.CoarseShare, Scales: o.Scales, MinSize: o.MinSize, Margin: o.Margin,
		History: o.History, LearningRate: o.LearningRate,
		AverageDecay: cmp.Or(o.AverageDecay, -1), // in the engine, 0 means the default
	}
	opt.Costs.NormalizeGradients = o.NormalizeGradients
	if o.Optimizer == "adam" {
		opt.Optimizer = nst.Adam
	}
	return opt
}
