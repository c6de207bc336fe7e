use super::{Outcome, Table, argument, as_text, bounded, count, int, list, text};
use crate::provider::template::World;
use crate::provider::template::print::{plain, printf, quote};
use crate::provider::template::value::Value;

pub(super) const TABLE: Table = &[
    ("print", |a, _| Ok(Value::text(print(a)))),
    ("println", |a, _| Ok(Value::text(spaced(a) + "\n"))),
    ("printf", |a, _| {
        let format = text(a, 0)?;
        Ok(Value::text(printf(&format, a.get(1..).unwrap_or_default())))
    }),
    ("trim", |a, _| Ok(Value::text(text(a, 0)?.trim()))),
    ("trimAll", |a, _| {
        let (set, of) = (text(a, 0)?, text(a, 1)?);
        Ok(Value::text(of.trim_matches(|c| set.contains(c))))
    }),
    ("trimPrefix", |a, _| {
        let (prefix, of) = (text(a, 0)?, text(a, 1)?);
        Ok(Value::text(of.strip_prefix(&prefix).unwrap_or(&of)))
    }),
    ("trimSuffix", |a, _| {
        let (suffix, of) = (text(a, 0)?, text(a, 1)?);
        Ok(Value::text(of.strip_suffix(&suffix).unwrap_or(&of)))
    }),
    ("upper", |a, _| Ok(Value::text(text(a, 0)?.to_uppercase()))),
    ("lower", |a, _| Ok(Value::text(text(a, 0)?.to_lowercase()))),
    ("title", |a, _| {
        Ok(Value::text(initials(&text(a, 0)?, true)))
    }),
    ("untitle", |a, _| {
        Ok(Value::text(initials(&text(a, 0)?, false)))
    }),
    ("repeat", |a, _| {
        let (times, of) = (count(a, 0)?, text(a, 1)?);
        bounded(of.len().saturating_mul(times))?;
        Ok(Value::text(of.repeat(times)))
    }),
    ("substr", |a, _| {
        substr(int(a, 0)?, int(a, 1)?, &text(a, 2)?)
    }),
    ("trunc", |a, _| {
        let (most, of) = (int(a, 0)?, text(a, 1)?);
        let length = i64::try_from(of.len()).unwrap_or(i64::MAX);
        let from = if most < 0 { (length + most).max(0) } else { 0 };
        let to = if most < 0 { length } else { most.min(length) };
        substr(from, to, &of)
    }),
    ("abbrev", |a, _| {
        let (most, of) = (count(a, 0)?, text(a, 1)?);
        if most < 4 || of.chars().count() <= most {
            return Ok(Value::text(of));
        }
        let start: String = of.chars().take(most - 3).collect();
        Ok(Value::text(start + "..."))
    }),
    ("nospace", |a, _| {
        let of = text(a, 0)?;
        Ok(Value::text(of.split_whitespace().collect::<String>()))
    }),
    ("initials", |a, _| {
        let of = text(a, 0)?;
        let firsts = of.split_whitespace().filter_map(|word| word.chars().next());
        Ok(Value::text(firsts.collect::<String>()))
    }),
    ("contains", |a, _| {
        Ok(Value::Bool(text(a, 1)?.contains(&text(a, 0)?)))
    }),
    ("hasPrefix", |a, _| {
        Ok(Value::Bool(text(a, 1)?.starts_with(&text(a, 0)?)))
    }),
    ("hasSuffix", |a, _| {
        Ok(Value::Bool(text(a, 1)?.ends_with(&text(a, 0)?)))
    }),
    ("quote", |a, _| Ok(Value::text(each(a, quote)))),
    ("squote", |a, _| {
        Ok(Value::text(each(a, |text| format!("'{text}'"))))
    }),
    ("cat", |a, _| {
        let words: Vec<_> = a
            .iter()
            .filter(|v| !matches!(v, Value::Nil))
            .map(plain)
            .collect();
        Ok(Value::text(words.join(" ")))
    }),
    ("indent", |a, _| indent(count(a, 0)?, &text(a, 1)?, "")),
    ("nindent", |a, _| indent(count(a, 0)?, &text(a, 1)?, "\n")),
    ("replace", |a, _| {
        let (from, to, of) = (text(a, 0)?, text(a, 1)?, text(a, 2)?);
        bounded(of.len().saturating_mul(to.len().max(1)))?;
        Ok(Value::text(of.replace(&from, &to)))
    }),
    ("plural", |a, _| {
        let is_one = int(a, 2)? == 1;
        Ok(Value::text(text(a, usize::from(!is_one))?))
    }),
    ("snakecase", |a, _| {
        Ok(Value::text(words(&text(a, 0)?).join("_")))
    }),
    ("kebabcase", |a, _| {
        Ok(Value::text(words(&text(a, 0)?).join("-")))
    }),
    ("camelcase", |a, _| {
        let words = words(&text(a, 0)?);
        Ok(Value::text(
            words.iter().map(|w| initials(w, true)).collect::<String>(),
        ))
    }),
    ("join", |a, _| {
        let between = text(a, 0)?;
        let joined = if let Value::List(items) = argument(a, 1)? {
            items.iter().map(as_text).collect::<Vec<_>>().join(&between)
        } else {
            text(a, 1)?
        };
        Ok(Value::text(joined))
    }),
    // Traefik gives `split` the arguments of Go's `strings.Split`: text first.
    ("split", |a, _| {
        Ok(Value::texts(pieces(&text(a, 1)?, &text(a, 0)?)))
    }),
    ("splitList", |a, _| {
        Ok(Value::texts(pieces(&text(a, 0)?, &text(a, 1)?)))
    }),
    ("toString", |a, _| Ok(Value::text(text(a, 0)?))),
    ("toStrings", |a, _| {
        Ok(Value::texts(list(a, 0)?.iter().map(as_text)))
    }),
    ("lines", |a, _| Ok(Value::texts(text(a, 0)?.lines()))),
    // Traefik's own: letters and digits stay, everything else becomes one minus.
    ("normalize", |a, _| {
        let of = text(a, 0)?;
        let words: Vec<_> = of
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        Ok(Value::text(words.join("-")))
    }),
    ("env", |a, scope| {
        Ok(Value::text(
            scope.world.env(&text(a, 0)?).unwrap_or_default(),
        ))
    }),
    ("expandenv", |a, scope| {
        let of = text(a, 0)?;
        Ok(Value::text(expand(&of, scope.world)))
    }),
    ("base", |a, _| Ok(Value::text(base(&text(a, 0)?)))),
    ("dir", |a, _| {
        let of = text(a, 0)?;
        Ok(Value::text(match of.rsplit_once('/') {
            Some(("", _)) => "/",
            Some((folder, _)) => folder,
            None => ".",
        }))
    }),
    ("ext", |a, _| {
        let of = text(a, 0)?;
        let name = base(&of);
        Ok(Value::text(
            name.rfind('.').and_then(|at| name.get(at..)).unwrap_or(""),
        ))
    }),
    ("fail", |a, _| Err(text(a, 0)?)),
];

/// Go's `Sprint`: a space between two neighbours that are both no texts.
fn print(values: &[Value]) -> String {
    let mut out = String::new();
    let mut was_text = true;
    for value in values {
        let is_text = matches!(value, Value::Text(_));
        if !out.is_empty() && !is_text && !was_text {
            out.push(' ');
        }
        out.push_str(&plain(value));
        was_text = is_text;
    }
    out
}

fn spaced(values: &[Value]) -> String {
    values.iter().map(plain).collect::<Vec<_>>().join(" ")
}

fn each(values: &[Value], f: impl Fn(&str) -> String) -> String {
    values
        .iter()
        .filter(|value| !matches!(value, Value::Nil))
        .map(|value| f(&plain(value)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Changes the first letter of each word.
fn initials(text: &str, upper: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut starts = true;
    for c in text.chars() {
        match (starts, upper) {
            (true, true) => out.extend(c.to_uppercase()),
            (true, false) => out.extend(c.to_lowercase()),
            (false, _) => out.push(c),
        }
        starts = c.is_whitespace();
    }
    out
}

/// Bytes `from` to `to`; a negative `to` is the end. Cut back to whole characters.
fn substr(from: i64, to: i64, text: &str) -> Outcome {
    let end = usize::try_from(to).unwrap_or(text.len()).min(text.len());
    let start = usize::try_from(from).unwrap_or(0).min(end);
    let start = text.floor_char_boundary(start);
    let end = text.floor_char_boundary(end);
    Ok(Value::text(text.get(start..end).unwrap_or_default()))
}

fn indent(spaces: usize, text: &str, before: &str) -> Outcome {
    let lines = text.matches('\n').count() + 1;
    bounded(spaces.saturating_mul(lines).saturating_add(text.len()))?;
    let pad = " ".repeat(spaces);
    let body = text.replace('\n', &format!("\n{pad}"));
    Ok(Value::text(format!("{before}{pad}{body}")))
}

/// Lower-case words of `someText`, `some-text`, `some_text`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut was_lower = false;
    let mut fresh = true;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            fresh = true;
            continue;
        }
        if fresh || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        fresh = false;
        was_lower = c.is_lowercase() || c.is_numeric();
    }
    words
}

/// Go's `strings.Split`: an empty separator gives the characters.
fn pieces(between: &str, text: &str) -> Vec<String> {
    if between.is_empty() {
        return text.chars().map(String::from).collect();
    }
    text.split(between).map(str::to_owned).collect()
}

fn base(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or_default()
}

/// Fills `$NAME` and `${NAME}` in.
fn expand(text: &str, world: &dyn World) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let behind = behind.get(1..).unwrap_or_default();
        let (name, after) = match behind.strip_prefix('{').and_then(|b| b.split_once('}')) {
            Some(found) => found,
            None => {
                let end = behind
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(behind.len());
                behind.split_at(end)
            }
        };
        if name.is_empty() {
            out.push('$');
        } else {
            out.push_str(&world.env(name).unwrap_or_default());
        }
        rest = after;
    }
    out + rest
}
