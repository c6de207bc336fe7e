//! Names and values -> matchers, in the syntax of v3 and of v2.

use super::fault::ValueFault;
use super::matcher::Matcher;
use super::regex::quote;
use super::template::{self, Subject};
use super::tree::Tree;
use super::words::Word;

/// A value and the byte where it stands.
pub(super) type Value = (String, usize);

type Made = Result<Matcher, ValueFault>;

/// The tree of one call, or what is wrong and at which byte.
pub(super) type Built = Result<Tree, (ValueFault, usize)>;

pub(super) fn v3(word: Word, values: &[Value]) -> Built {
    let Some((first, at)) = values.first() else {
        return Err((ValueFault::new("no value", "give it a value"), 0));
    };
    let second = values.get(1);
    let made = match (word, second) {
        (Word::Host, _) => Matcher::host(first),
        (Word::HostRegexp | Word::HostSniRegexp, _) => Matcher::host_regexp(first),
        (Word::Path, _) => Matcher::path(first),
        (Word::PathPrefix, _) => Matcher::path_prefix(first),
        (Word::PathRegexp, _) => Matcher::path_regexp(first),
        (Word::Method, _) => Matcher::method(first),
        (Word::Header, Some((value, _))) => Matcher::header(first, value),
        (Word::HeaderRegexp, Some((value, _))) => Matcher::header_regexp(first, value),
        (Word::Query, Some((value, _))) => Matcher::query(first, value),
        (Word::QueryRegexp, Some((value, _))) => Matcher::query_regexp(first, value),
        (Word::Query | Word::QueryRegexp | Word::Header | Word::HeaderRegexp, None) => {
            Matcher::query_empty(first)
        }
        (Word::ClientIp, _) => Matcher::client_ip(first),
        (Word::HostSni, _) => Matcher::sni(first),
        (Word::Alpn, _) => Matcher::alpn(first),
    };
    // Of two values it is the pattern that goes wrong, if not the header's name.
    let header = matches!(word, Word::Header | Word::HeaderRegexp);
    let name_is_wrong = header && Matcher::header(first, "x").is_err();
    let at = second.filter(|_| !name_is_wrong).map_or(*at, |(_, at)| *at);
    made.map(Tree::from).map_err(|fault| (fault, at))
}

pub(super) fn v2(word: Word, values: &[Value]) -> Built {
    match word {
        Word::Host => each(values, host_v2),
        Word::HostRegexp => each(values, |value| {
            Matcher::host_regexp_of(value, template::pattern(value, Subject::Host)?)
        }),
        Word::HostSniRegexp => each(values, |value| {
            Matcher::host_regexp_of(value, template::pattern(value, Subject::ServerName)?)
        }),
        Word::Path
            if values
                .iter()
                .any(|(value, _)| template::has_variable(value)) =>
        {
            each(values, |value| path_v2(value, Subject::Path))
        }
        Word::Path => each(values, Matcher::path),
        Word::PathPrefix
            if values
                .iter()
                .any(|(value, _)| template::has_variable(value)) =>
        {
            each(values, |value| path_v2(value, Subject::PathPrefix))
        }
        Word::PathPrefix => each(values, Matcher::path_prefix),
        Word::PathRegexp => each(values, Matcher::path_regexp),
        Word::Method => each(values, Matcher::method),
        Word::ClientIp => each(values, Matcher::client_ip),
        Word::HostSni => each(values, Matcher::sni),
        Word::Alpn => each(values, Matcher::alpn),
        Word::Header => headers_v2(values, Matcher::header),
        Word::HeaderRegexp => headers_v2(values, Matcher::header_regexp),
        Word::Query | Word::QueryRegexp => query_v2(values),
    }
}

/// One matcher for each value; one of them must hold.
fn each(values: &[Value], make: impl Fn(&str) -> Made) -> Built {
    let made = values
        .iter()
        .map(|(value, at)| make(value).map(Tree::from).map_err(|fault| (fault, *at)));
    made.collect::<Result<_, _>>().map(Tree::any)
}

/// v2 knows no wildcards in `Host`: a `*` there means itself.
fn host_v2(value: &str) -> Made {
    if !value.contains('*') {
        return Matcher::host(value);
    }
    let lower = value.to_ascii_lowercase();
    let host = lower.strip_suffix('.').unwrap_or(&lower);
    Matcher::host_regexp(&format!("^{}\\.?$", quote(host)))
}

fn path_v2(value: &str, subject: Subject) -> Made {
    Matcher::path(value)?;
    template::pattern(value, subject).map(Matcher::PathRegexp)
}

/// All pairs must hold; of two pairs with one name the later counts.
fn headers_v2(values: &[Value], make: fn(&str, &str) -> Made) -> Built {
    let mut parts = Vec::new();
    let (pairs, _) = values.as_chunks::<2>();
    for (index, [(name, at), (value, _)]) in pairs.iter().enumerate() {
        let later = pairs.iter().skip(index + 1);
        let part = make(name, value).map_err(|fault| (fault, *at))?;
        if !later.clone().any(|[(other, _), _]| other == name) {
            parts.push(part.into());
        }
    }
    Ok(Tree::all(parts))
}

/// Each `key=template`; all must hold.
fn query_v2(values: &[Value]) -> Built {
    let mut words: Vec<(&str, usize)> = Vec::new();
    for (value, at) in values {
        words.extend(value.splitn(2, '=').map(|word| (word, *at)));
    }
    let (pairs, odd) = words.as_chunks::<2>();
    if let Some((word, at)) = odd.first() {
        let what = format!("`{word}` has no value");
        return Err((ValueFault::new(what, "write `key=value`"), *at));
    }
    let mut parts = Vec::new();
    for [(key, at), (value, _)] in pairs {
        if key.is_empty() || template::has_variable(key) {
            let what = format!("`{key}` is no name of a query parameter");
            return Err((ValueFault::new(what, "write `key=value`"), *at));
        }
        let pattern = template::pattern(value, Subject::Query).map_err(|fault| (fault, *at))?;
        let key = (*key).into();
        parts.push(Matcher::QueryFirst { key, pattern }.into());
    }
    Ok(Tree::all(parts))
}
