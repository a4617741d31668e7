#compdef nst
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
