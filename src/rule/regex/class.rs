//! Classes: `[a-z]`, `\d`, `\pL`, `[:alpha:]`.

use std::fmt::Write;

use super::go::Input;
use crate::rule::fault::ValueFault;

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// Behind a `[`: writes the class for `regex-syntax`, in which `[`, `&&`, `--` and `~~` would
/// mean something: every letter is written by its number.
pub(super) fn translate(input: &mut Input<'_>, out: &mut String) -> Result<(), ValueFault> {
    out.push('[');
    if input.eat("^") {
        out.push('^');
    }
    let mut first = true;
    loop {
        if !first && input.eat("]") {
            break;
        }
        first = false;
        if posix(input, out)? {
            continue;
        }
        if input.eat("\\") {
            if shorthand(input, out)? {
                continue;
            }
            let low = input.escaped()?;
            range(low, input, out)?;
        } else if let Some(low) = input.next() {
            range(low, input, out)?;
        } else {
            return Err(input.fault("a `[` is not closed", "write `]`, or `\\[` for itself"));
        }
    }
    out.push(']');
    Ok(())
}

/// `low`, or `low-high` when a `-` and another letter follow.
fn range(low: char, input: &mut Input<'_>, out: &mut String) -> Result<(), ValueFault> {
    let mut high = low;
    let mut ahead = input.ahead();
    if ahead.next() == Some('-') && ahead.next().is_some_and(|letter| letter != ']') {
        input.skip();
        high = match input.next() {
            Some('\\') => input.escaped()?,
            Some(letter) => letter,
            None => low,
        };
        if high < low {
            let what = format!("the range `{low}-{high}` runs backwards");
            return Err(input.fault(&what, "write the smaller letter first"));
        }
    }
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "\\x{{{:X}}}-\\x{{{:X}}}",
        u32::from(low),
        u32::from(high)
    );
    Ok(())
}

/// `[:alpha:]` inside of a class.
fn posix(input: &mut Input<'_>, out: &mut String) -> Result<bool, ValueFault> {
    if !input.starts_posix() {
        return Ok(false);
    }
    input.eat("[:");
    let name = input.until(":]").unwrap_or_default();
    if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
        let what = format!("there is no class `[:{name}:]`");
        return Err(input.fault(&what, &format!("there are {}", POSIX.join(", "))));
    }
    let _ = write!(out, "[:{name}:]");
    Ok(true)
}

/// Behind a `\`: a class of one letter, ASCII as in Go, or a Unicode property.
pub(super) fn shorthand(input: &mut Input<'_>, out: &mut String) -> Result<bool, ValueFault> {
    let class = match input.peek() {
        Some('d') => "[0-9]",
        Some('D') => "[^0-9]",
        Some('s') => "[\\t\\n\\f\\r\\x20]",
        Some('S') => "[^\\t\\n\\f\\r\\x20]",
        Some('w') => "[0-9A-Za-z_]",
        Some('W') => "[^0-9A-Za-z_]",
        Some('p' | 'P') => {
            property(input, out)?;
            return Ok(true);
        }
        _ => return Ok(false),
    };
    input.skip();
    out.push_str(class);
    Ok(true)
}

/// `pL`, `p{Greek}`, `p{^Greek}`, and `P`, which turns them around.
fn property(input: &mut Input<'_>, out: &mut String) -> Result<(), ValueFault> {
    let mut negated = input.next() == Some('P');
    let mut letter = [0; 4];
    let name: &str = if input.eat("{") {
        input.until("}").unwrap_or_default()
    } else {
        let next = input.next().unwrap_or('}');
        next.encode_utf8(&mut letter)
    };
    let name = match name.strip_prefix('^') {
        Some(name) => {
            negated = !negated;
            name
        }
        None => name,
    };
    let good = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if name.is_empty() || !name.chars().all(good) {
        return Err(input.fault("a bad Unicode class", "write \\pL or \\p{Greek}"));
    }
    let _ = write!(out, "\\{}{{{name}}}", if negated { 'P' } else { 'p' });
    Ok(())
}
