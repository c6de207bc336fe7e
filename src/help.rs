//! What `help` says: every command with its flags and examples, and every option of the table.

use std::fmt::Write;

use crate::commands::{COMMANDS, CommandSpec};
use crate::config::statics::option::{Kind, OptionSpec, State};
use crate::config::statics::table;

/// What help is wanted on.
#[derive(Clone, Debug)]
pub enum Topic {
    All,
    Command(&'static CommandSpec),
    /// The static options whose names begin so.
    Options(String),
}

/// True when some static option's name begins so, and with a whole word.
pub(crate) fn has_options(beginning: &str) -> bool {
    let root = beginning.split('.').next().unwrap_or_default();
    options(beginning)
        .iter()
        .filter_map(|spec| spec.path.split('.').next())
        .any(|name| name.eq_ignore_ascii_case(root))
}

/// The text on a topic, with its line end.
pub(crate) fn text(topic: &Topic) -> String {
    match topic {
        Topic::All => overview(),
        Topic::Command(spec) => on_command(spec),
        Topic::Options(beginning) if beginning.is_empty() => all_options(),
        Topic::Options(beginning) => some_options(beginning),
    }
}

fn overview() -> String {
    let mut text = String::from(
        "Ringway is an edge router that reads what Traefik reads.\n\n\
         Usage:\n  ringway [<command>] [<flags>]\n\nCommands:\n",
    );
    for spec in &COMMANDS {
        push(
            &mut text,
            format_args!("  {:<12} {}\n", spec.name, spec.summary),
        );
    }
    text.push_str("\nExamples:\n");
    for (line, purpose) in [
        ("ringway demo", "See it work: a ready example on port 8000."),
        (
            "ringway check --configFile=traefik.yml",
            "What is wrong with my files?",
        ),
        ("ringway --configFile=traefik.yml", "Serve what they say."),
        (
            "ringway help run",
            "Where configuration comes from, and who wins.",
        ),
        ("ringway help options", "Every option there is."),
    ] {
        push(&mut text, format_args!("  {line:<40} {purpose}\n"));
    }
    text.push_str(
        "\nExit codes:\n\
         \x20 0  all is well, or the program was told to stop\n\
         \x20 1  the configuration is wrong, a check failed, or a port could not be had\n\
         \x20 2  the command line was not understood\n",
    );
    text
}

fn on_command(spec: &CommandSpec) -> String {
    let space = if spec.usage.is_empty() { "" } else { " " };
    let mut text = format!(
        "{}.\n\nUsage:\n  ringway {}{space}{}\n",
        spec.summary, spec.name, spec.usage
    );
    if !spec.about.is_empty() {
        push(&mut text, format_args!("\n{}\n", spec.about));
    }
    if !spec.switches.is_empty() {
        text.push_str("\nFlags:\n");
    }
    for switch in spec.switches {
        let short = match switch.short {
            "" => String::new(),
            short => format!("-{short}, "),
        };
        let value = match switch.value {
            "" => String::new(),
            value if value.contains('|') => format!("={value}"),
            value => format!("=<{value}>"),
        };
        let flag = format!("{short}--{}{value}", switch.name);
        push(&mut text, format_args!("  {flag:<26} {}\n", switch.help));
    }
    if spec.takes_options {
        text.push_str("\nStatic options are flags too: see `ringway help options`.\n");
    }
    if !spec.examples.is_empty() {
        text.push_str("\nExamples:\n");
    }
    for (line, purpose) in spec.examples {
        push(&mut text, format_args!("  {line}\n      {purpose}\n"));
    }
    text
}

/// Options whose names begin with `beginning`, those that are gone left out.
fn options(beginning: &str) -> Vec<&'static OptionSpec> {
    let wanted = beginning.trim_start_matches('-').to_ascii_lowercase();
    let mut rows = table::sorted();
    rows.retain(|spec| !matches!(spec.state, State::Refused(_)) && is_below(spec, &wanted));
    rows
}

/// `entrypoints.web.address` is below `entryPoints.*`, and so is `entrypoints.w`.
fn is_below(spec: &OptionSpec, wanted: &str) -> bool {
    let mut steps = spec.path.split('.');
    let mut parts = wanted.split('.').peekable();
    while let Some(part) = parts.next() {
        let Some(step) = steps.next() else {
            return false;
        };
        let step = step.to_ascii_lowercase();
        let fits = match parts.peek() {
            _ if step == "*" => true,
            None => step.starts_with(part),
            Some(_) => step == part,
        };
        if !fits {
            return false;
        }
    }
    true
}

fn all_options() -> String {
    let mut text = String::from(
        "Every static option: as flag --<name>=<value>, in files as nested keys, in the\n\
         environment as RINGWAY_<NAME> or TRAEFIK_<NAME> with _ for each dot.\n\
         `!` marks those that are known but not served yet. More on some of them:\n\
         ringway help options <beginning of a name>\n\n",
    );
    for spec in options("") {
        let mark = if spec.state == State::Served {
            ' '
        } else {
            '!'
        };
        let default = match spec.default {
            "" => String::new(),
            default => format!(" ({})", shortened(default)),
        };
        push(
            &mut text,
            format_args!("{mark} {} <{}>{default}\n", spec.shown(), spec.kind),
        );
    }
    text
}

fn some_options(beginning: &str) -> String {
    let rows = options(beginning);
    if rows.is_empty() {
        return format!("No option begins with `{beginning}`. All of them: ringway help options\n");
    }
    let mut text = String::new();
    for spec in rows {
        let since = match spec.since {
            "ringway" => "Ringway's own".to_owned(),
            "2.5" => "Traefik".to_owned(),
            since => format!("Traefik {since}"),
        };
        push(
            &mut text,
            format_args!("--{} <{}>\n", spec.shown(), spec.kind),
        );
        push(&mut text, format_args!("    {}\n", spec.help));
        let default = match spec.default {
            "" => String::new(),
            default => format!("default {default}; "),
        };
        push(&mut text, format_args!("    {default}{since}\n"));
        if let State::Warned(why) = spec.state {
            push(&mut text, format_args!("    No effect yet: {why}.\n"));
        }
    }
    text
}

/// The reference page of the static options, in Markdown.
#[must_use]
pub fn reference_page() -> String {
    let mut text = String::from(
        "# Static options\n\n\
         Made from the table in `src/config/statics/table/`; change it there and run\n\
         `UPDATE_GOLDEN=1 cargo test --test cli`.\n\n\
         Names match in any case. `<name>` is yours to choose, `[]` is a place in a list. Files\n\
         nest them, flags write `--name=value`, the environment `TRAEFIK_NAME` or `RINGWAY_NAME`\n\
         with `_` for each dot. *Since* is the first version of Traefik that has the option.\n\n\
         | Option | Value | Default | Since | Meaning |\n|---|---|---|---|---|\n",
    );
    for spec in options("") {
        let effect = match spec.state {
            State::Served | State::Refused(_) => String::new(),
            State::Warned(why) => format!(" **No effect yet**: {why}."),
        };
        let default = match spec.default {
            "" => String::new(),
            default => format!("`` {default} ``"),
        };
        let kind = spec.kind.to_string().replace('/', ", ");
        push(
            &mut text,
            format_args!(
                "| `{}` | {kind} | {default} | {} | {}{effect} |\n",
                spec.shown(),
                spec.since,
                spec.help
            ),
        );
    }
    text.push_str(
        "\n## Gone\n\nTraefik has these no more; each stops the start with its hint.\n\n\
         | Option | Last in | Instead |\n|---|---|---|\n",
    );
    let gone = table::sorted();
    for spec in gone.iter().filter(|spec| spec.kind == Kind::Free) {
        if let State::Refused(hint) = spec.state {
            push(
                &mut text,
                format_args!("| `{}` | {} | {hint} |\n", spec.shown(), spec.last()),
            );
        }
    }
    text
}

/// The beginning of a long default.
fn shortened(default: &str) -> String {
    const SHOWN_CHARS: usize = 40;
    if default.len() <= SHOWN_CHARS {
        return default.to_owned();
    }
    let shown: String = default.chars().take(SHOWN_CHARS).collect();
    format!("{shown}...")
}

/// A `String` takes all that is written to it.
fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).ok();
}
