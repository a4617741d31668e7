package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

// sameTraining returns an error that names what differs if a checkpoint is of another
// training: with its weights, the rest of this one would be of neither. What the
// checkpoint does not note, as those of earlier versions, is not compared.
func (t *training) sameTraining(run runRecord) error {
	other := func(format string, v ...any) error {
		return fmt.Errorf("--out: %s holds the checkpoint of a training with %s; give this one a folder of its own",
			t.flags.Out, option.OneLine(fmt.Sprintf(format, v...)))
	}
	now := t.settings()
	for _, name := range slices.Sorted(maps.Keys(now)) {
		noted, ok := run.Settings[name]
		if got, want := fmt.Sprint(noted), fmt.Sprint(now[name]); ok && got != want {
			return other("another %s: %s, now %s", flagOf(name), short(got), short(want))
		}
	}
	for _, l := range []struct {
		flag        string
		noted, list []string
	}{{"--images", run.Images, t.images}, {"--styles", run.Styles, t.styles}} {
		if difference := compareLists(l.noted, l.list); difference != "" && run.Images != nil {
			return other("other pictures in %s: %s", l.flag, difference)
		}
	}
	return nil
}

// flagOf returns the name of a setting with the flag that it comes from, where that has
// another name.
func flagOf(setting string) string {
	if setting == "start" {
		return "start (--from)"
	}
	return setting
}

// short returns the beginning of a hash, and other texts as they are.
func short(text string) string {
	const hash = 64
	if len(text) == hash && strings.Trim(text, "0123456789abcdef") == "" {
		return text[:12]
	}
	return text
}

// compareLists returns what the first difference between two lists of pictures is, or ""
// if they have the same contents in the same order. Names do not matter: a folder may be
// moved.
func compareLists(before, now []string) string {
	split := func(list []string) (sums, names []string) {
		for _, line := range list {
			sum, name, _ := strings.Cut(line, "  ")
			sums, names = append(sums, sum), append(names, name)
		}
		return sums, names
	}
	sumsBefore, namesBefore := split(before)
	sums, names := split(now)
	for i := range max(len(before), len(now)) {
		switch {
		case i >= len(before):
			return names[i] + " is new"
		case i >= len(now):
			return namesBefore[i] + " is missing"
		case sums[i] == sumsBefore[i]:
		case names[i] == namesBefore[i]:
			return names[i] + " has changed"
		case !slices.Contains(sums, sumsBefore[i]):
			return namesBefore[i] + " is missing"
		case !slices.Contains(sumsBefore, sums[i]):
			return names[i] + " is new"
		default:
			return fmt.Sprintf("%s comes where %s was", names[i], namesBefore[i])
		}
	}
	return ""
}
