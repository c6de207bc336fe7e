//! The names of the matchers, and what to say about a name that is none.

use super::fault::ValueFault;
use super::parse::Syntax;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word {
    Host,
    HostRegexp,
    Path,
    PathPrefix,
    PathRegexp,
    Method,
    Header,
    HeaderRegexp,
    Query,
    QueryRegexp,
    ClientIp,
    HostSni,
    HostSniRegexp,
    Alpn,
}

type Words = &'static [(&'static str, Word)];

const HTTP_V3: Words = &[
    ("Host", Word::Host),
    ("HostRegexp", Word::HostRegexp),
    ("Path", Word::Path),
    ("PathPrefix", Word::PathPrefix),
    ("PathRegexp", Word::PathRegexp),
    ("Method", Word::Method),
    ("Header", Word::Header),
    ("HeaderRegexp", Word::HeaderRegexp),
    ("Query", Word::Query),
    ("QueryRegexp", Word::QueryRegexp),
    ("ClientIP", Word::ClientIp),
];

const HTTP_V2: Words = &[
    ("Host", Word::Host),
    ("HostHeader", Word::Host),
    ("HostRegexp", Word::HostRegexp),
    ("Path", Word::Path),
    ("PathPrefix", Word::PathPrefix),
    ("Method", Word::Method),
    ("Headers", Word::Header),
    ("HeadersRegexp", Word::HeaderRegexp),
    ("Query", Word::Query),
    ("ClientIP", Word::ClientIp),
];

const TCP: Words = &[
    ("HostSNI", Word::HostSni),
    ("HostSNIRegexp", Word::HostSniRegexp),
    ("ClientIP", Word::ClientIp),
    ("ALPN", Word::Alpn),
];

const fn words(syntax: Syntax) -> Words {
    match syntax {
        Syntax::V3 => HTTP_V3,
        Syntax::V2 => HTTP_V2,
        Syntax::TcpV3 | Syntax::TcpV2 => TCP,
    }
}

/// The matcher that `name` names, in one of the four spellings that count: as it is, all lower,
/// all upper, or all lower but the first letter.
pub(super) fn find(name: &str, syntax: Syntax) -> Result<(&'static str, Word), ValueFault> {
    let words = words(syntax);
    let found = words.iter().find(|(word, _)| spells(name, word));
    found.copied().ok_or_else(|| unknown(name, syntax, words))
}

fn spells(name: &str, word: &str) -> bool {
    if !name.eq_ignore_ascii_case(word) {
        return false;
    }
    let lower = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    let title = || {
        let (first, rest) = name.split_at(1);
        !lower(first) && lower(rest)
    };
    let upper = || name.bytes().all(|byte| byte.is_ascii_uppercase());
    name == word || lower(name) || upper() || title()
}

fn unknown(name: &str, syntax: Syntax, words: Words) -> ValueFault {
    let what = format!("there is no matcher `{name}`");
    if let Some((word, _)) = words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(name))
    {
        return ValueFault::new(what, format!("write it `{word}`"));
    }
    if let Some(hint) = elsewhere(name, syntax) {
        return ValueFault::new(what, hint);
    }
    let near = words
        .iter()
        .map(|(word, _)| (distance(name, word), word))
        .filter(|(far, word)| *far <= (word.len() / 3).max(2))
        .min_by_key(|(far, _)| *far);
    let instead = if let Some((_, word)) = near {
        format!("did you mean `{word}`?")
    } else {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("there are {}", all.join(", "))
    };
    ValueFault::new(what, instead)
}

/// A name that another syntax knows.
fn elsewhere(name: &str, syntax: Syntax) -> Option<String> {
    let knows = |words: Words| {
        words
            .iter()
            .any(|(word, _)| word.eq_ignore_ascii_case(name))
    };
    match syntax {
        Syntax::V3 if knows(HTTP_V2) => Some(match name.to_ascii_lowercase().as_str() {
            "hostheader" => "v3 calls it Host".to_owned(),
            "headers" => "v3 writes Header(`name`, `value`)".to_owned(),
            _ => "v3 writes HeaderRegexp(`name`, `pattern`)".to_owned(),
        }),
        Syntax::V2 if knows(HTTP_V3) => Some(format!(
            "`{name}` is of the v3 syntax, and this router reads v2 (ruleSyntax)"
        )),
        Syntax::V3 | Syntax::V2 if knows(TCP) => Some("it is for TCP routers".to_owned()),
        Syntax::TcpV3 | Syntax::TcpV2 if knows(HTTP_V3) => Some(
            "it is for HTTP routers; a TCP router has HostSNI, HostSNIRegexp, ClientIP and ALPN"
                .to_owned(),
        ),
        Syntax::V3 | Syntax::V2 | Syntax::TcpV3 | Syntax::TcpV2 => None,
    }
}

/// Letters to add, drop or change between two short names, case aside (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right = right.as_bytes();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.bytes().take(64).enumerate() {
        let mut corner = index;
        let mut last = index + 1;
        for (slot, to) in row.iter_mut().skip(1).zip(right) {
            let change = corner + usize::from(!from.eq_ignore_ascii_case(to));
            corner = *slot;
            last = change.min(corner + 1).min(last + 1);
            *slot = last;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
