package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// againCmd is nst again.
type againCmd struct {
	File    string `arg:"" name:"picture" help:"Picture (.png) that nst has painted, or the record (.json) of its run."`
	Out     string `short:"o" placeholder:"FILE" help:"Picture to write (PICTURE-again.png in the current folder)."`
	Anyway  bool   `help:"Paint even if a picture or the weights have changed since."`
	Threads int    `default:"0" placeholder:"N" help:"Cores to use; 0 means all. The picture is the same to the bit for any number."`
	Quiet   bool   `short:"q" help:"Print nothing but errors and what differs."`
}

// Validate is called by kong.
func (a *againCmd) Validate() error {
	if a.Out != "" {
		if err := cmp.Or((picture.Options{}).Check(a.Out), distinctFiles([]string{a.Out}, []string{a.File})); err != nil {
			return err
		}
	}
	return checkThreads(a.Threads)
}

// Run is called by kong.
func (a *againCmd) Run(ctx context.Context, term terminal) error {
	wanted, err := readRecord(a.File)
	if err != nil {
		return err
	}
	if a.Out == "" {
		a.Out = stem(a.File) + "-again" + wanted.Format
	}
	settings, changed, err := wanted.find(filepath.Dir(a.File))
	if err != nil {
		return fmt.Errorf("%s: %w", a.File, err)
	}
	p, unknown, err := a.command(settings)
	if err != nil {
		return err
	}
	if err := distinctFiles([]string{a.Out}, append(p.inputFiles(), a.File)); err != nil {
		return err
	}
	if err := p.loadWeights(); err != nil {
		return err
	}
	if hash := p.weights.Hash(); hash != wanted.Weights {
		changed = append(changed, fmt.Sprintf("the weights have the SHA-256 %s, not %s", brief(hash), brief(wanted.Weights)))
	}
	if len(changed) > 0 && !a.Anyway {
		return fmt.Errorf("%s cannot be painted again: %s; --anyway paints with what is there", a.File, strings.Join(changed, "; "))
	}
	differences := slices.Concat(changed, unknown, wanted.Made.differences(thisBuild()))
	if wanted.Unfinished != "" {
		differences = append(differences, "that run was interrupted, at "+oneLine(wanted.Unfinished)+", and this one is not")
	}
	for _, d := range differences {
		fmt.Fprintf(term.stderr, "nst: the picture may differ: %s\n", d)
	}
	if err := p.Run(ctx, term); err != nil {
		return err
	}
	return a.compare(term, wanted, p.painted, differences)
}

// command returns nst paint with the given settings, and what of them it does not
// know.
func (a *againCmd) command(settings map[string]values) (p *paintCmd, unknown []string, err error) {
	args, names := commandLine(settings)
	for _, name := range names {
		unknown = append(unknown, fmt.Sprintf("this version knows no setting %s", oneLine(name)))
	}
	line := []string{"paint", "--out=" + a.Out, fmt.Sprintf("--threads=%d", a.Threads)}
	if a.Quiet {
		line = append(line, "--quiet")
	}
	c := &cli{}
	if err := parseSilently(c, append(line, args...)); err != nil {
		return nil, nil, fmt.Errorf("%s: this version cannot paint with the settings recorded: %s", a.File, oneLine(err.Error()))
	}
	return &c.Paint, unknown, nil
}

// compare says whether the picture is the one that was wanted.
func (a *againCmd) compare(term terminal, wanted, painted *record, differences []string) error {
	switch {
	case wanted.Picture == painted.Picture:
		if !a.Quiet {
			fmt.Fprintf(term.stdout, "%s is the same picture as that of %s, to the bit.\n", a.Out, a.File)
		}
		return nil
	case a.Anyway:
		fmt.Fprintf(term.stderr, "nst: %s is another picture than that of %s.\n", a.Out, a.File)
		return nil
	case len(differences) > 0:
		return fmt.Errorf("%s is another picture than that of %s: %s", a.Out, a.File, strings.Join(differences, "; "))
	}
	return fmt.Errorf("%s is another picture than that of %s, though everything recorded is as it was", a.Out, a.File)
}

// find looks for the inputs of a run where they were, and then in the folder of
// the record and under it. It returns the settings with the names under which
// they were found, and which have other contents than then. Missing inputs are
// an error.
func (r *record) find(folder string) (settings map[string]values, changed []string, err error) {
	settings = make(map[string]values)
	for name, v := range r.Settings {
		settings[name] = slices.Clone(v)
	}
	var missing []string
	for _, in := range r.Inputs {
		path, sum := in.Path, ""
		for _, candidate := range []string{in.Path, filepath.Join(folder, in.Path), filepath.Join(folder, filepath.Base(in.Path))} {
			s, err := fileSum(candidate)
			if err == nil && (sum == "" || s == in.SHA256) {
				path, sum = candidate, s
			}
			if s == in.SHA256 {
				break
			}
		}
		switch {
		case sum == "":
			missing = append(missing, oneLine(in.Path))
		case sum != in.SHA256:
			changed = append(changed, fmt.Sprintf("%s has changed: its SHA-256 is %s, not %s", oneLine(path), brief(sum), brief(in.SHA256)))
		}
		for _, name := range inputSettings {
			v := settings[name]
			for i := range v {
				v[i] = renamed(v[i], in.Path, path)
			}
		}
	}
	if len(missing) > 0 {
		return nil, nil, fmt.Errorf("missing: %s; put it where it was, or beside this file", strings.Join(missing, ", "))
	}
	if v := settings["weights"]; len(v) == 1 && !exists(v[0]) && exists(filepath.Join(folder, v[0])) {
		v[0] = filepath.Join(folder, v[0])
	}
	return settings, changed, nil
}

// renamed replaces the name of a file in the value of a setting, in which it
// stands alone, in front of a weight or on one side of a colon.
func renamed(value, from, to string) string {
	if rest, ok := strings.CutPrefix(value, from); ok && (rest == "" || rest[0] == '=' || rest[0] == ':') {
		return to + rest
	}
	if rest, ok := strings.CutSuffix(value, ":"+from); ok {
		return rest + ":" + to
	}
	return value
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// differences says how another build differs from the one that made a picture.
func (b build) differences(now build) []string {
	var all []string
	for _, d := range [][3]string{
		{"version", b.Version, now.Version},
		{"version of Go", b.Go, now.Go},
		{"platform", b.Platform, now.Platform},
		{"set of kernels", b.Implementation, now.Implementation},
	} {
		if d[1] != d[2] {
			all = append(all, fmt.Sprintf("it was made by the %s %s, and this is %s", d[0], oneLine(d[1]), d[2]))
		}
	}
	return all
}

// brief is the beginning of a SHA-256, enough to tell two apart.
func brief(sum string) string { return sum[:min(12, len(sum))] }
