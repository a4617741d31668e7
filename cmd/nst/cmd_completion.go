package main

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// completionCmd is nst completion.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: ${enum}."`
}

// completionScripts are the files nst.bash and so on. They ask nst complete for what may
// come next, add the names of files where it says so, and fall back on these if it
// knows nothing.
//
//go:embed completion
var completionScripts embed.FS

// Run is called by kong.
func (c *completionCmd) Run(term terminal) error {
	script, err := completionScripts.ReadFile("completion/nst." + c.Shell)
	if err == nil {
		_, err = term.stdout.Write(script)
	}
	return err
}

// completeCmd is nst complete, which the scripts call: it prints what the last
// word may become, one a line, with a tab and a description after it.
type completeCmd struct {
	Words []string `arg:"" optional:"" help:"The words after nst, the last of which is to be completed."`
}

// Run is called by kong.
func (c *completeCmd) Run(term terminal, app *kong.Kong) error {
	for _, word := range complete(app.Model.Node, c.Words) {
		if _, err := fmt.Fprintln(term.stdout, word); err != nil {
			return err
		}
	}
	return nil
}

// filesToo ends a list of words that is not complete without the names of files.
const filesToo = "<files>"

// complete returns what the last of the words may become. It knows commands,
// flags and the values of flags that are a choice of names, and adds filesToo
// where a file may stand instead; where only a file or a number belongs it
// returns nothing.
func complete(app *kong.Node, words []string) (found []string) {
	if len(words) == 0 {
		return nil
	}
	before, word := words[:len(words)-1], words[len(words)-1]
	command := app.DefaultCmd
	for _, c := range app.Children {
		if len(before) > 0 && c.Name == before[0] {
			command = c
		}
	}
	prefix := "" // of the word, which stays as it is
	if name, value, joined := strings.Cut(word, "="); joined && strings.HasPrefix(name, "--") {
		before, word, prefix = append(slices.Clone(before), name), value, name+"="
	} else if n := len(before); n > 1 && before[n-1] == "=" { // bash has split --flag=value into three words
		before = before[:n-1]
	} else if n > 0 && word == "=" {
		word = ""
	}
	offer := func(value, help string) {
		if strings.HasPrefix(value, word) {
			found = append(found, strings.TrimSuffix(prefix+value+"\t"+help, "\t"))
		}
	}
	var flag *kong.Flag
	if len(before) > 0 {
		flag = flagNamed(command, before[len(before)-1])
	}
	files := false
	switch {
	case flag != nil && (prefix != "" || !flag.IsBool()):
		for _, value := range valuesOf(command, flag, word) {
			offer(value, "")
		}
		files = flag.Name == "init"
	case strings.HasPrefix(word, "-"):
		for _, flag := range slices.Concat(command.Flags, app.Flags) {
			if !flag.Hidden {
				offer("--"+flag.Name, flag.Help)
			}
		}
	case len(before) == 0: // a command, or the content of the default one
		for _, c := range app.Children {
			if !c.Hidden {
				offer(c.Name, c.Help)
			}
		}
		files = true
	case len(before) == 1 && len(command.Positional) > 0:
		for _, value := range command.Positional[0].EnumSlice() {
			offer(value, "")
		}
	}
	if files && len(found) > 0 {
		found = append(found, filesToo)
	}
	return found
}

func flagNamed(command *kong.Node, word string) *kong.Flag {
	for _, flag := range command.Flags {
		if word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short) {
			return flag
		}
	}
	return nil
}

// valuesOf returns the values that a flag may have, of which typed has been typed. In
// a list it is the last one that is to be completed.
func valuesOf(command *kong.Node, flag *kong.Flag, typed string) (all []string) {
	values, list := flag.EnumSlice(), command.Name == "sweep"
	switch flag.Name {
	case "init":
		values = painting.Starts
	case "content-layers", "style-layers":
		values, list = painting.LayerNames(), true
	}
	before := ""
	if list {
		before = typed[:strings.LastIndex(typed, ",")+1]
	}
	for _, value := range values {
		if value != "" {
			all = append(all, before+value)
		}
	}
	return all
}
