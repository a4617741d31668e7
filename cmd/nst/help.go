package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/alecthomas/kong"
)

// flagGroups are the headings of --help and the flags below them. A flag that
// is not listed comes first, without a heading of its own.
var flagGroups = []struct {
	title string
	flags []string
}{
	{"Pictures in and out:", []string{"contents", "styles", "out-dir", "out", "content", "style", "size", "quality", "bits", "dpi", "record", "image", "gradient", "features"}},
	{"What is painted:", []string{"preset", "config", "alpha", "beta", "tv", "range", "content-layers", "style-layers", "style-cost", "normalize-gradients"}},
	{"Style and colour:", []string{"color", "style-scale", "style-size", "mask"}},
	{"How it is painted:", []string{"init", "init-noise", "seed", "scales", "min-size", "iterations", "optimizer", "history", "learning-rate", "average-decay"}},
	{"Network:", []string{"weights", "pooling", "threads"}},
	{"See it happen:", []string{"preview", "frames", "timelapse", "frame-every", "trace", "plot", "quiet", "json"}},
}

// ungrouped are commands with too few flags for headings.
var ungrouped = map[string]bool{"again": true, "bench": true, "completion": true}

// grouped puts the flags of commands under their headings, and leaves out those
// that a command has only because it embeds another.
func grouped(k *kong.Kong) error {
	of, place := make(map[string]*kong.Group), make(map[string]int)
	for i, g := range flagGroups {
		group := &kong.Group{Key: fmt.Sprint(i), Title: g.title}
		for _, name := range g.flags {
			of[name], place[name] = group, len(place)+1
		}
	}
	for _, command := range k.Model.Children {
		if ungrouped[command.Name] {
			continue
		}
		for _, flag := range command.Flags {
			flag.Group = of[flag.Name]
		}
		slices.SortStableFunc(command.Flags, func(a, b *kong.Flag) int { return place[a.Name] - place[b.Name] })
		adapt(command)
	}
	return nil
}

// reworded are the helps of flags and pictures of paint that mean something else to
// another command.
var reworded = map[string]map[string]string{
	"sweep": {
		"content": "Picture that says what to paint. Without pictures, two that are built in are painted.",
		"out":     "Sheet to write, .png, .jpg or .tiff (CONTENT-STYLE-sweep.png in the current folder).",
		"size":    fmt.Sprintf("Longest side of each picture on the sheet (%d). Styles are scaled to the same, see --style-scale.", sweepSize),
	},
	"cost": {
		"range":               "Has a say for no picture from a file, whose values are all in 0..255.",
		"normalize-gradients": "In --gradient, let each layer pull with a strength of its weight, whatever its cost, as in neural-style. The costs are the same.",
	},
	"batch": {
		"style": "Further style picture, blended with each of --styles; may be given several times.",
		"size":  "Longest side of the results (512). Styles are scaled to the same, see --style-scale.",
	},
}

// adapt makes the help of a sweep or a batch, which embed paint, their own, and
// leaves out of it what they do not take.
func adapt(command *kong.Node) {
	for _, v := range command.Positional {
		v.Help = cmp.Or(reworded[command.Name][v.Name], v.Help)
	}
	for _, flag := range command.Flags {
		flag.Help = cmp.Or(reworded[command.Name][flag.Name], flag.Help)
	}
	refused := map[string][]string{"sweep": sweepRefuses, "batch": batchRefuses}[command.Name]
	for _, flag := range command.Flags {
		for _, name := range refused {
			flag.Hidden = flag.Hidden || flag.Name == name
		}
	}
	if command.Name == "batch" {
		command.Positional = nil
	}
}

// printHelp is kong's, except that nst --help shows the arguments and flags of
// painting, which is what nst without a command does.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if app := ctx.Model; ctx.Selected() == nil && app.DefaultCmd != nil {
		app.Positional = app.DefaultCmd.Positional
		app.Flags = append(app.Flags, app.DefaultCmd.Flags...)
	}
	return kong.DefaultHelpPrinter(options, ctx)
}
