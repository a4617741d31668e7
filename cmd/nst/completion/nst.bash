# Completion of nst for bash. In ~/.bashrc:  source <(nst completion bash)
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
