package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/vgg"
)

// completionCmd is nst completion.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: ${enum}."`
}

// completionScripts ask nst complete for what may come next. They add the names of
// files where it says so, and fall back on them if it knows nothing.
var completionScripts = map[string]string{
	"bash": `# Completion of nst for bash. In ~/.bashrc:  source <(nst completion bash)
_nst() {
    local IFS=$'\n' found
    found=$(nst complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)
    COMPREPLY=(${found%'<files>'})
    if [[ $found == *'<files>' ]]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY+=($(compgen -f -- "$2"))
    fi
}
complete -o bashdefault -o default -F _nst nst
`,
	"zsh": `#compdef nst
# Completion of nst for zsh. In ~/.zshrc, after compinit:  source <(nst completion zsh)
_nst() {
    local -a found choices
    found=("${(@f)$(nst complete "${(@)words[2,CURRENT]}" 2>/dev/null | sed -e 's/:/\\:/g' -e $'s/\t/:/')}")
    choices=("${(@)found:#<files>}")
    [[ -n "$choices" ]] && _describe nst choices
    if [[ -z "$choices" || "$choices" != "$found" ]]; then
        compset -P '--*='
        _files
    fi
}
compdef _nst nst
`,
	"fish": `# Completion of nst for fish. In ~/.config/fish/config.fish:  nst completion fish | source
function __nst_complete
    set -l word (commandline -ct)
    set -l found (nst complete (commandline -opc)[2..-1] $word 2>/dev/null)
    string match -v -- '<files>' $found
    if test (count $found) -eq 0; or contains -- '<files>' $found
        set -l flag (string match -r -- '^--[a-z-]+=' $word)
        for file in (__fish_complete_path (string replace -r -- '^--[a-z-]+=' '' $word))
            echo "$flag$file"
        end
    end
end
complete -c nst -f -a '(__nst_complete)'
`,
}

// Run is called by kong.
func (c *completionCmd) Run(term terminal) error {
	_, err := fmt.Fprint(term.stdout, completionScripts[c.Shell])
	return err
}

// completeCmd is nst complete, which the scripts call: it prints what the last
// word may become, one a line, with a tab and a description behind it.
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
	offer := func(value, help string) {
		if !strings.HasPrefix(value, word) {
			return
		}
		if help != "" {
			value += "\t" + help
		}
		found = append(found, value)
	}
	command := app.DefaultCmd
	if len(before) > 0 {
		for _, c := range app.Children {
			if c.Name == before[0] {
				command = c
			}
		}
	}
	// bash has split --flag=value into three words.
	if n := len(before); n > 1 && before[n-1] == "=" {
		before = before[:n-1]
	} else if n > 0 && word == "=" {
		word = ""
	}
	if n := len(before); n > 0 {
		if flag := flagNamed(command, before[n-1]); flag != nil && !flag.IsBool() {
			offerValues(command, flag, "", word, offer)
			return andFiles(found, flag.Name == "init")
		}
	}
	if name, value, joined := strings.Cut(word, "="); joined {
		flag := flagNamed(command, name)
		if flag == nil {
			return nil
		}
		offerValues(command, flag, name+"=", value, offer)
		return andFiles(found, flag.Name == "init")
	}
	if strings.HasPrefix(word, "-") {
		for _, flag := range append(slices.Clone(command.Flags), app.Flags...) {
			if !flag.Hidden {
				offer("--"+flag.Name, flag.Help)
			}
		}
		return found
	}
	if len(before) == 0 { // a command, or the content of the default one
		for _, c := range app.Children {
			if !c.Hidden {
				offer(c.Name, c.Help)
			}
		}
		return andFiles(found, true)
	}
	if len(before) == 1 && len(command.Positional) > 0 {
		for _, value := range command.Positional[0].EnumSlice() {
			offer(value, "")
		}
	}
	return found
}

// andFiles adds that files are possible too, unless there is nothing to add to.
func andFiles(found []string, too bool) []string {
	if too && len(found) > 0 {
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

// offerValues offers the values of a flag, of which typed has been typed behind
// the prefix. In a list it is the last one that is to be completed.
func offerValues(command *kong.Node, flag *kong.Flag, prefix, typed string, offer func(value, help string)) {
	values := flag.EnumSlice()
	list := command.Name == "sweep"
	switch flag.Name {
	case "init":
		values = starts
	case "content-layers", "style-layers":
		values, list = vgg.LayerNames(), true
	}
	if list {
		prefix += typed[:strings.LastIndex(typed, ",")+1]
	}
	for _, value := range values {
		if value != "" {
			offer(prefix+value, "")
		}
	}
}
