package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// paintingFlags are the flags of every command that paints.
type paintingFlags struct {
	configFlags `group:"What is painted:"`
	painting.Options
	painting.Format `group:"Pictures in and out:"`
	memory.Guard    `group:"How it is painted:"`
}

// painter returns the painter of a command.
func (f *paintingFlags) painter() *painting.Painter { return &painting.Painter{Guard: f.Guard} }

// job returns the job of painting a content in some styles. Without a content it is
// that of the demo. What the command line and --config do not give comes from
// --preset, then from defaults, then from those of the style cost, then from those of the
// demo. What varied has counts more than all of them.
func (f *paintingFlags) job(ctx *kong.Context, content string, styles []painting.Style, defaults, varied painting.Preset) (painting.Job, error) {
	job := painting.New()
	job.Content, job.Styles, job.Options, job.Format = content, styles, f.Options, f.Format
	preset, known := painting.Presets[f.Preset]
	if !known && f.Preset != "" {
		return job, fmt.Errorf("--preset is %q, but must be one of %s", f.Preset, painting.Vars()["presets"])
	}
	given := givenFlags(ctx)
	for name := range varied {
		delete(given, name)
	}
	if content == "" {
		job.Content, job.Styles = painting.DemoContent, []painting.Style{{File: painting.DemoStyle, Weight: 1}}
		if err := job.Apply(given, painting.Demo); err != nil { // first, so that the defaults of a style cost count more
			return job, err
		}
	}
	return job, job.Apply(given, defaults, preset, varied)
}

// givenFlags returns the names of the flags on the command line and in --config.
func givenFlags(ctx *kong.Context) map[string]bool {
	given := make(map[string]bool)
	for _, p := range ctx.Path {
		if p.Flag != nil {
			given[p.Flag.Name] = true
		}
	}
	return given
}

// checkEffects returns an error for a flag on the command line that has no effect in any
// of the jobs, which are those of the command. Further flags are given by their names. A
// --config or --preset, which serves many command lines, may have such a flag.
func checkEffects(ctx *kong.Context, jobs []painting.Job, further ...string) error {
	names := further
	for _, p := range ctx.Path {
		if p.Flag != nil && !p.Resolved {
			names = append(names, p.Flag.Name)
		}
	}
	for _, name := range names {
		var err error
		for _, job := range jobs {
			if err = option.CheckEffect(&job, name); err == nil {
				break
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// styleFlags choose the styles.
type styleFlags struct {
	Styles []string `name:"style" sep:"none" placeholder:"FILE[=WEIGHT]" group:"Pictures in and out:" help:"${style=Style picture; repeat it to blend several by weight.}"`
	Masks  []string `name:"mask" sep:"none" placeholder:"MASK[:STYLEMASK]" group:"Style and colour:" help:"Where the style is wanted: white inside, black outside, grey for soft edges. The first mask belongs to the first style, and so on. STYLEMASK selects a part of the style picture in the same way. The word all stands for no mask; such a style fills what the other masks leave."`
}

// parse returns the styles, beginning with those whose files are named without a flag.
func (f *styleFlags) parse(first ...string) ([]painting.Style, error) {
	isFile := func(text string) bool { return slices.Contains(first, text) || outfile.Exists(text) }
	return painting.ParseStyles(append(first, f.Styles...), f.Masks, isFile)
}

// pictureFlags name the pictures of a command that paints one content.
type pictureFlags struct {
	Content string `arg:"" optional:"" help:"Picture that says what to paint. Without pictures, two built-in ones are painted."`
	Style   string `arg:"" optional:"" help:"Picture that says how; --style adds further ones."`
	styleFlags
}

// pictures returns the content and the styles; none for the demo.
func (f *pictureFlags) pictures() (content string, styles []painting.Style, err error) {
	if f.Content == "" && len(f.Styles)+len(f.Masks) > 0 {
		return "", nil, errors.New("there is a --style or --mask, but no CONTENT to paint")
	}
	var first []string
	if f.Style != "" {
		first = append(first, f.Style)
	}
	styles, err = f.parse(first...)
	return f.Content, styles, err
}
