use std::fmt;

/// One option of the static configuration, as the table knows it.
#[derive(Clone, Copy, Debug)]
pub struct OptionSpec {
    /// Canonical spelling; `*` stands for a name of the user's, `[]` for a place in a list.
    pub path: &'static str,
    pub kind: Kind,
    /// What holds when nobody says otherwise, in the option's own syntax; empty is "unset".
    pub default: &'static str,
    /// First version of Traefik that has it (`2.5` stands for that and all before it), or
    /// `ringway`.
    pub since: &'static str,
    /// Last minor version of Traefik that had it.
    pub gone: Option<&'static str>,
    pub state: State,
    /// One sentence for `help` and the reference page.
    pub help: &'static str,
}

/// What the value of an option looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A group of options that is on or off as a whole; any option inside turns it on.
    Block,
    Bool,
    /// A whole number, negative ones too.
    Int,
    /// A whole number from 0.
    Count,
    Float,
    /// `1m30s`; a bare number counts seconds.
    Duration,
    Text,
    /// A text that no log and no error shows.
    Secret,
    /// `a,b` or `[0]=a`.
    Texts,
    Floats,
    /// One of these words, in any case.
    Choice(&'static [&'static str]),
    /// Anything below this name, unchecked: somebody else's options.
    Free,
}

/// What Ringway does with an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It has the effect that its help says.
    Served,
    /// Read and checked, then named in a warning together with this text; has no effect.
    Warned(&'static str),
    /// Stops the start; the text says what to write instead.
    Refused(&'static str),
}

impl OptionSpec {
    /// Last version of Traefik that had the option; empty when it still has it.
    #[must_use]
    pub fn last(&self) -> &'static str {
        self.gone.unwrap_or_default()
    }

    /// `*` as `<name>`, the way help and documentation print it.
    #[must_use]
    pub fn shown(&self) -> String {
        self.path.replace('*', "<name>")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Block => "on/off",
            Self::Bool => "true/false",
            Self::Int | Self::Count => "number",
            Self::Float => "fraction",
            Self::Duration => "duration",
            Self::Text => "text",
            Self::Secret => "secret",
            Self::Texts => "list",
            Self::Floats => "list of fractions",
            Self::Choice(words) => return out.write_str(&words.join("/")),
            Self::Free => "anything",
        };
        out.write_str(word)
    }
}
