use std::fmt::Write;
use std::sync::Arc;

use super::matcher::{HostPattern, Matcher};

/// A rule as a value. Made by [`super::parse`], or by a provider with the constructors below;
/// nobody pastes rule text together (features 15, CVE-2026-29777).
///
/// `All` and `Any` hold at least two parts, none of them of their own kind, and `Not` holds no
/// `Not`: the constructors see to it, so that a tree and its text name each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tree {
    /// `a && b && ...`
    All(Box<[Self]>),
    /// `a || b || ...`
    Any(Box<[Self]>),
    /// `!a`
    Not(Box<Self>),
    Is(Arc<Matcher>),
}

/// What the rendered names are: `Host` of a request or `HostSNI` of a connection.
#[derive(Clone, Copy)]
enum Layer {
    Http,
    Tcp,
}

impl Tree {
    /// Every part must hold. Of no parts: what always holds, ``Host(`*`)``.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Self {
        let flat = flat(parts, |part| match part {
            Self::All(inner) => Ok(inner),
            Self::Any(_) | Self::Not(_) | Self::Is(_) => Err(part),
        });
        match <[Self; 1]>::try_from(flat) {
            Ok([only]) => only,
            Err(none) if none.is_empty() => Self::always(),
            Err(parts) => Self::All(parts.into()),
        }
    }

    /// Some part must hold. Of no parts: what never holds.
    #[must_use]
    pub fn any(parts: Vec<Self>) -> Self {
        let flat = flat(parts, |part| match part {
            Self::Any(inner) => Ok(inner),
            Self::All(_) | Self::Not(_) | Self::Is(_) => Err(part),
        });
        match <[Self; 1]>::try_from(flat) {
            Ok([only]) => only,
            Err(none) if none.is_empty() => Self::not(Self::always()),
            Err(parts) => Self::Any(parts.into()),
        }
    }

    /// The part must not hold.
    #[expect(
        clippy::should_implement_trait,
        reason = "a constructor, like all and any"
    )]
    #[must_use]
    pub fn not(part: Self) -> Self {
        match part {
            Self::Not(inner) => *inner,
            Self::All(_) | Self::Any(_) | Self::Is(_) => Self::Not(Box::new(part)),
        }
    }

    /// ``Host(`*`)``
    #[must_use]
    pub fn always() -> Self {
        Matcher::Host(HostPattern::Any).into()
    }

    /// The rule as v3 text of an HTTP router; reading it gives an equal tree.
    /// Only v2's query matcher has no v3 word: it is written as `QueryRegexp`.
    #[must_use]
    pub fn render(&self) -> String {
        self.text(Layer::Http)
    }

    /// The rule as v3 text of a TCP router.
    #[must_use]
    pub fn render_tcp(&self) -> String {
        self.text(Layer::Tcp)
    }

    fn text(&self, layer: Layer) -> String {
        let mut text = String::new();
        self.write(layer, &mut text);
        text
    }

    fn write(&self, layer: Layer, text: &mut String) {
        match self {
            Self::All(parts) => join(parts, " && ", layer, text),
            Self::Any(parts) => join(parts, " || ", layer, text),
            Self::Not(part) => {
                text.push('!');
                part.write_inside(layer, text);
            }
            Self::Is(matcher) => write_matcher(matcher, layer, text),
        }
    }

    /// As [`Tree::write`], in parentheses where it stands inside another.
    fn write_inside(&self, layer: Layer, text: &mut String) {
        match self {
            Self::All(_) | Self::Any(_) => {
                text.push('(');
                self.write(layer, text);
                text.push(')');
            }
            Self::Not(_) | Self::Is(_) => self.write(layer, text),
        }
    }

    /// The hosts that `Host` (or `HostSNI`) names and no `!` stands before: for certificates and
    /// for TLS options. In order, without repeats.
    #[must_use]
    pub fn hosts(&self) -> Vec<&HostPattern> {
        let mut found = Vec::new();
        self.gather_hosts(false, &mut found);
        found
    }

    fn gather_hosts<'tree>(&'tree self, negated: bool, found: &mut Vec<&'tree HostPattern>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.gather_hosts(negated, found);
                }
            }
            Self::Not(part) => part.gather_hosts(!negated, found),
            Self::Is(matcher) => {
                if let Matcher::Host(host) = &**matcher
                    && !negated
                    && !found.contains(&host)
                {
                    found.push(host);
                }
            }
        }
    }
}

impl From<Matcher> for Tree {
    fn from(matcher: Matcher) -> Self {
        Self::Is(Arc::new(matcher))
    }
}

/// Lays the parts that `open` can open flat beside the others.
fn flat(parts: Vec<Tree>, open: impl Fn(Tree) -> Result<Box<[Tree]>, Tree>) -> Vec<Tree> {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match open(part) {
            Ok(inner) => flat.extend(inner),
            Err(part) => flat.push(part),
        }
    }
    flat
}

fn join(parts: &[Tree], word: &str, layer: Layer, text: &mut String) {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push_str(word);
        }
        part.write_inside(layer, text);
    }
}

fn write_matcher(matcher: &Matcher, layer: Layer, text: &mut String) {
    let (name, first, second) = match matcher {
        Matcher::Host(host) => (name(layer, "Host", "HostSNI"), host.to_string(), None),
        Matcher::HostRegexp(pattern) => {
            let name = name(layer, "HostRegexp", "HostSNIRegexp");
            (name, pattern.to_string(), None)
        }
        Matcher::Path(path) => ("Path", path.to_string(), None),
        Matcher::PathPrefix(path) => ("PathPrefix", path.to_string(), None),
        Matcher::PathRegexp(pattern) => ("PathRegexp", pattern.to_string(), None),
        Matcher::Method(method) => ("Method", method.to_string(), None),
        Matcher::Header { name, value } => {
            ("Header", name.as_str().to_owned(), Some(value.to_string()))
        }
        Matcher::HeaderRegexp { name, pattern } => {
            let pattern = Some(pattern.to_string());
            ("HeaderRegexp", name.as_str().to_owned(), pattern)
        }
        Matcher::Query { key, value } => {
            let value = Some(value.to_string()).filter(|value| !value.is_empty());
            ("Query", key.to_string(), value)
        }
        Matcher::QueryRegexp { key, pattern } | Matcher::QueryFirst { key, pattern } => {
            ("QueryRegexp", key.to_string(), Some(pattern.to_string()))
        }
        Matcher::ClientIp(client) => ("ClientIP", client.to_string(), None),
        Matcher::Alpn(protocol) => ("ALPN", protocol.to_string(), None),
    };
    text.push_str(name);
    text.push('(');
    quote(&first, text);
    if let Some(second) = second {
        text.push_str(", ");
        quote(&second, text);
    }
    text.push(')');
}

const fn name(layer: Layer, http: &'static str, tcp: &'static str) -> &'static str {
    match layer {
        Layer::Http => http,
        Layer::Tcp => tcp,
    }
}

/// In back-quotes; in double quotes what cannot stand in back-quotes.
fn quote(value: &str, text: &mut String) {
    if !value.contains(['`', '\r']) {
        text.push('`');
        text.push_str(value);
        text.push('`');
        return;
    }
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            control if control.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(control));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}
