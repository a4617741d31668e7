package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCmd is nst completion.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: ${enum}."`
}

// completionScripts ask nst complete for what may come next, and fall back on
// the names of files if it knows nothing.
var completionScripts = map[string]string{
	"bash": `# Completion of nst for bash. In ~/.bashrc:  source <(nst completion bash)
_nst() {
    local IFS=$'\n'
    COMPREPLY=($(nst complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o bashdefault -o default -F _nst nst
`,
	"zsh": `#compdef nst
# Completion of nst for zsh. In ~/.zshrc, after compinit:  source <(nst completion zsh)
_nst() {
    local -a found
    found=("${(@f)$(nst complete "${(@)words[2,CURRENT]}" 2>/dev/null | sed -e 's/:/\\:/g' -e 's/\t/:/')}")
    if [[ -n "$found" ]]; then _describe nst found; else _files; fi
}
compdef _nst nst
`,
	"fish": `# Completion of nst for fish. In ~/.config/fish/config.fish:  nst completion fish | source
function __nst_complete
    set -l found (nst complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
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

// complete returns what the last of the words may become. It knows commands,
// flags and the values of flags that are a choice of names; where a file or a
// number belongs it returns nothing.
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
			offerValues(flag.Value, "", offer)
			return found
		}
	}
	if name, value, joined := strings.Cut(word, "="); joined {
		if flag := flagNamed(command, name); flag != nil {
			word = name + "=" + value
			offerValues(flag.Value, name+"=", offer)
		}
		return found
	}
	if strings.HasPrefix(word, "-") {
		for _, flag := range append(slices.Clone(command.Flags), app.Flags...) {
			if !flag.Hidden {
				offer("--"+flag.Name, flag.Help)
			}
		}
		return found
	}
	if len(before) == 0 {
		for _, c := range app.Children {
			if !c.Hidden {
				offer(c.Name, c.Help)
			}
		}
	}
	if len(command.Positional) > len(before)-1 && len(before) == 1 {
		offerValues(command.Positional[0], "", offer)
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

func offerValues(v *kong.Value, prefix string, offer func(value, help string)) {
	for _, value := range v.EnumSlice() {
		if value != "" {
			offer(prefix+value, "")
		}
	}
}
