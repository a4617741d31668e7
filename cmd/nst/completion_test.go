package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string // the values, joined with blanks
	}{
		{[]string{"sw"}, "sweep <files>"},
		{[]string{"comp"}, "completion <files>"},
		{[]string{"photo"}, ""},
		{[]string{""}, "paint demo sweep batch again cost bench completion <files>"},
		{[]string{"--init", "n"}, "noise <files>"},
		{[]string{"--init=g"}, "--init=grey <files>"},
		{[]string{"--init", "sketch"}, ""},
		{[]string{"--style-layers", "conv1"}, "conv1_1 conv1_2"},
		{[]string{"--style-layers=conv1_1,conv2_"}, "--style-layers=conv1_1,conv2_1 --style-layers=conv1_1,conv2_2"},
		{[]string{"sweep", "--color", "style,m"}, "style,match"},
		{[]string{"--color", "style,m"}, ""},
		{[]string{"--be"}, "--beta"},
		{[]string{"photo.jpg", "--pre"}, "--preset --preview"},
		{[]string{"paint", "--color", ""}, "style content match"},
		{[]string{"--color", "m"}, "match"},
		{[]string{"--color=c"}, "--color=content"},
		{[]string{"--color", "=", "c"}, "content"},
		{[]string{"--color", "="}, "style content match"},
		{[]string{"--preset", ""}, "abstract classic faithful ink oil poster watercolour"},
		{[]string{"batch", "--con"}, "--contents --content-layers --content-cost --config"},
		{[]string{"batch", "--plo"}, ""},
		{[]string{"completion", ""}, "bash zsh fish"},
		{[]string{"--weights", ""}, ""},
		{[]string{"--quiet", "pho"}, ""},
		{[]string{"--hel"}, "--help"},
		{nil, ""},
	} {
		stdout, _ := mustRun(t, append([]string{"complete"}, c.words...)...)
		var got []string
		for line := range strings.Lines(stdout) {
			value, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			got = append(got, value)
		}
		sortedWant := strings.Fields(c.want)
		if len(got) != len(sortedWant) {
			t.Errorf("%q: %q, want %q", c.words, got, sortedWant)
			continue
		}
		for _, w := range sortedWant {
			if !strings.Contains(" "+strings.Join(got, " ")+" ", " "+w+" ") {
				t.Errorf("%q: %q lacks %s", c.words, got, w)
			}
		}
	}
}

// TestCompletionInBash runs the script in bash, with a program nst that counts its
// words and, behind --init, wants the names of files as well.
func TestCompletionInBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here")
	}
	dir := t.TempDir()
	script, _ := mustRun(t, "completion", "bash")
	program := `#!/bin/sh
[ "$1" = complete ] || exit 1
case "$*" in
*init*) printf 'noise\n<files>\n' ;;
*) printf '%s\tsome help\n' --alpha --beta "$#" ;;
esac
`
	if err := os.WriteFile(filepath.Join(dir, "nst"), []byte(program), 0o777); err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, filepath.Join(dir, "my notes.png"), nil)
	complete := func(words, word string) string {
		out, err := exec.Command(bash, "-c", "cd "+dir+"; PATH="+dir+":$PATH\n"+script+"COMP_WORDS=("+words+`)
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_nst nst "`+word+`" 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
complete -p nst`).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		found, registered, _ := strings.Cut(string(out), "complete ")
		if !strings.Contains(registered, "-F _nst nst") {
			t.Errorf("bash has no completion of nst, but %q", registered)
		}
		return found
	}
	// The program got complete, photo.jpg and --, three words.
	if got, want := complete("nst photo.jpg --", "--"), "--alpha\n--beta\n3\n"; got != want {
		t.Errorf("bash offers %q, want %q", got, want)
	}
	if got, want := complete("nst --init n", "m"), "noise\nmy notes.png\n"; got != want {
		t.Errorf("bash offers %q, want %q", got, want)
	}
}

// TestCompletionScripts has each shell that is there read its script.
func TestCompletionScripts(t *testing.T) {
	scripts, err := completionScripts.ReadDir("completion")
	if err != nil || len(scripts) != 3 {
		t.Fatalf("%d scripts, %v, want 3", len(scripts), err)
	}
	for _, file := range scripts {
		shell := strings.TrimPrefix(filepath.Ext(file.Name()), ".")
		path, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		script, _ := mustRun(t, "completion", shell)
		check := exec.Command(path, "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
	}
}
