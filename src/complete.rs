//! Shell completion: a small script per shell that asks the program itself, so that it knows
//! every option and never grows old.

use crate::cli::Shell;
use crate::commands::{self, COMMANDS, CommandSpec};
use crate::config::statics;

/// The command by which the scripts ask.
pub(crate) const COMMAND: &str = "__complete";

const BASH: &str = r#"# Completion of ringway for bash. Use it now:   source <(ringway completion bash)
# For every shell:  ringway completion bash > /etc/bash_completion.d/ringway
_ringway() {
    local words current cut line
    read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
    [[ ${COMP_LINE:0:COMP_POINT} == *' ' ]] && words+=("")
    current="${words[-1]}"
    # bash ends words at = and :, so what stands before them must not be offered again.
    cut="${current%"${current##*[=:]}"}"
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("${line#"$cut"}")
    done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
    [[ ${COMPREPLY[0]} == *[.=] ]] && compopt -o nospace
}
complete -o default -F _ringway ringway
"#;

const ZSH: &str = r#"#compdef ringway
# Completion of ringway for zsh. Use it now:   source <(ringway completion zsh)
# For every shell: put it into a file `_ringway` in a folder of $fpath.
_ringway() {
    local -a found more done
    found=("${(@f)$(ringway __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    more=("${(@M)found:#*[.=]}")
    done=("${(@)found:#*[.=]}")
    (( $#more )) && compadd -Q -S '' -- "${more[@]}"
    (( $#done )) && [[ -n ${done[1]} ]] && compadd -Q -- "${done[@]}"
    (( $#found )) && [[ -n ${found[1]} ]] || _files
}
(( $+functions[compdef] )) && compdef _ringway ringway
"#;

const FISH: &str = r"# Completion of ringway for fish. Use it now:   ringway completion fish | source
# For every shell:  ringway completion fish > ~/.config/fish/completions/ringway.fish
complete -c ringway -a '(ringway __complete (commandline -opc)[2..-1] (commandline -ct))'
";

/// The script that the user's shell reads.
pub(crate) fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
    }
}

/// What may stand in place of the last of `words`.
pub(crate) fn candidates(words: &[String]) -> Vec<String> {
    let Some((current, before)) = words.split_last() else {
        return Vec::new();
    };
    let spec = before.first().and_then(|word| commands::command(word));
    if before.is_empty() && !current.starts_with('-') {
        let names = COMMANDS.iter().map(|spec| spec.name);
        return beginning(current, names);
    }
    let Some(spec) = spec.or_else(|| commands::command("run")) else {
        return Vec::new();
    };
    if let Some(flag) = before.last().filter(|word| word.starts_with('-'))
        && !current.starts_with('-')
        && let Some(values) = values_of(spec, flag, current)
    {
        return values;
    }
    if current.starts_with('-') {
        return flags(spec, current);
    }
    match spec.name {
        "completion" => beginning(current, ["bash", "zsh", "fish"].into_iter()),
        "help" => {
            let names = COMMANDS.iter().map(|spec| spec.name);
            beginning(current, names.chain(["options"]))
        }
        _ => Vec::new(),
    }
}

/// Values of the flag before the current word; `None` when it takes none.
fn values_of(spec: &CommandSpec, flag: &str, current: &str) -> Option<Vec<String>> {
    let name = flag.trim_start_matches('-');
    if let Some(switch) = spec.switch(name) {
        let is_choice = switch.value.contains('|');
        let words = switch.value.split('|').filter(|_| is_choice);
        return (!switch.value.is_empty()).then(|| beginning(current, words));
    }
    let takes = spec.takes_options && statics::wants_value(flag);
    takes.then(|| {
        let values = statics::values(name, current);
        values.into_iter().map(str::to_owned).collect()
    })
}

fn flags(spec: &CommandSpec, current: &str) -> Vec<String> {
    if let Some((flag, value)) = current.split_once('=')
        && let Some(values) = values_of(spec, flag, value)
    {
        return values
            .iter()
            .map(|value| format!("{flag}={value}"))
            .collect();
    }
    let switches: Vec<String> = spec
        .switches
        .iter()
        .map(|switch| {
            let end = if switch.value.is_empty() { "" } else { "=" };
            format!("--{}{end}", switch.name)
        })
        .chain(["--help".to_owned()])
        .collect();
    let mut found = beginning(current, switches.iter().map(String::as_str));
    if spec.takes_options && (current == "-" || current.starts_with("--")) {
        found.extend(statics::candidates(current));
    }
    found
}

fn beginning<'text>(current: &str, words: impl Iterator<Item = &'text str>) -> Vec<String> {
    let fits = |word: &&str| word.starts_with(current);
    words.filter(fits).map(str::to_owned).collect()
}
