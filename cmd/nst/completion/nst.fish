# Completion of nst for fish. In ~/.config/fish/config.fish:  nst completion fish | source
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
