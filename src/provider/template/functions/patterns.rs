use regex_automata::meta::Regex;
use regex_automata::util::interpolate;

use super::{Outcome, Table, bounded, int, text};
use crate::provider::template::value::Value;

/// Bytes that a compiled pattern may take.
const PATTERN_BYTES_MAX: usize = 1024 * 1024;

pub(super) const TABLE: Table = &[
    ("regexMatch", |a, _| matches(&text(a, 0)?, &text(a, 1)?)),
    ("mustRegexMatch", |a, _| matches(&text(a, 0)?, &text(a, 1)?)),
    ("regexFind", |a, _| {
        let of = text(a, 1)?;
        let found = regex(&text(a, 0)?)?.find(&of);
        Ok(Value::text(
            found.and_then(|at| of.get(at.range())).unwrap_or(""),
        ))
    }),
    ("regexFindAll", |a, _| {
        let (regex, of, most) = (regex(&text(a, 0)?)?, text(a, 1)?, int(a, 2)?);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let found = regex.find_iter(&of).take(most);
        Ok(Value::texts(found.filter_map(|at| of.get(at.range()))))
    }),
    ("regexReplaceAll", |a, _| {
        replaced(&text(a, 0)?, &text(a, 1)?, &text(a, 2)?, true)
    }),
    ("mustRegexReplaceAll", |a, _| {
        replaced(&text(a, 0)?, &text(a, 1)?, &text(a, 2)?, true)
    }),
    ("regexReplaceAllLiteral", |a, _| {
        replaced(&text(a, 0)?, &text(a, 1)?, &text(a, 2)?, false)
    }),
    ("regexSplit", |a, _| {
        let (regex, of, most) = (regex(&text(a, 0)?)?, text(a, 1)?, int(a, 2)?);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(Value::texts(parts(&regex, &of, most)))
    }),
    ("regexQuoteMeta", |a, _| {
        Ok(Value::text(regex_syntax::escape(&text(a, 0)?)))
    }),
];

fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::builder()
        .configure(Regex::config().nfa_size_limit(Some(PATTERN_BYTES_MAX)))
        .build(pattern)
        .map_err(|_| format!("{pattern:?} is no regular expression"))
}

fn matches(pattern: &str, text: &str) -> Outcome {
    Ok(Value::Bool(regex(pattern)?.is_match(text)))
}

fn replaced(pattern: &str, of: &str, by: &str, expands: bool) -> Outcome {
    let regex = regex(pattern)?;
    let mut out = String::new();
    let mut end = 0;
    for found in regex.captures_iter(of) {
        let Some(at) = found.get_match() else {
            continue;
        };
        out.push_str(of.get(end..at.start()).unwrap_or_default());
        end = at.end();
        if expands {
            interpolate::string(
                by,
                |group, out| {
                    let span = found.get_group(group);
                    out.push_str(
                        span.and_then(|span| of.get(span.range()))
                            .unwrap_or_default(),
                    );
                },
                |name| regex.group_info().to_index(at.pattern(), name),
                &mut out,
            );
        } else {
            out.push_str(by);
        }
        bounded(out.len())?;
    }
    out.push_str(of.get(end..).unwrap_or_default());
    Ok(Value::text(out))
}

/// At most `most` parts; the last holds the rest.
fn parts<'of>(regex: &Regex, of: &'of str, most: usize) -> Vec<&'of str> {
    if most == 0 {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut end = 0;
    for found in regex.find_iter(of) {
        if parts.len() + 1 >= most {
            break;
        }
        parts.push(of.get(end..found.start()).unwrap_or_default());
        end = found.end();
    }
    parts.push(of.get(end..).unwrap_or_default());
    parts
}
