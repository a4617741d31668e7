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
		{[]string{"sw"}, "sweep"},
		{[]string{"comp"}, "completion"},
		{[]string{"--be"}, "--beta"},
		{[]string{"photo.jpg", "--pre"}, "--preset --preview"},
		{[]string{"paint", "--color", ""}, "style content match"},
		{[]string{"--color", "m"}, "match"},
		{[]string{"--color=c"}, "--color=content"},
		{[]string{"--color", "=", "c"}, "content"},
		{[]string{"--color", "="}, "style content match"},
		{[]string{"--preset", ""}, "abstract faithful painterly"},
		{[]string{"batch", "--con"}, "--contents --content-layers --config"},
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
// words.
func TestCompletionInBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here")
	}
	dir := t.TempDir()
	script, _ := mustRun(t, "completion", "bash")
	program := "#!/bin/sh\n[ \"$1\" = complete ] && printf '%s\\tsome help\\n' --alpha --beta \"$#\"\n"
	if err := os.WriteFile(filepath.Join(dir, "nst"), []byte(program), 0o777); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(bash, "-c", "PATH="+dir+":$PATH\n"+script+`
COMP_WORDS=(nst photo.jpg --) COMP_CWORD=2
_nst
printf '%s\n' "${COMPREPLY[@]}"
complete -p nst`).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	// The program got complete, photo.jpg and --, three words.
	if want := "--alpha\n--beta\n3\n"; !strings.HasPrefix(string(out), want) || !strings.Contains(string(out), "-F _nst nst") {
		t.Errorf("bash offers %q, want %q", out, want)
	}
}
