//! The templates of the v2 syntax, `/users/{id:[0-9]+}`, as regular expressions.

use super::fault::ValueFault;
use super::regex::{Pattern, quote};

/// What a template is matched against: decides what a variable without pattern may hold, and
/// where the expression is bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Subject {
    Host,
    /// A server name: as `Host`, in any case.
    ServerName,
    Path,
    PathPrefix,
    Query,
}

/// The regular expression of a template.
pub(super) fn pattern(template: &str, subject: Subject) -> Result<Pattern, ValueFault> {
    let default = match subject {
        Subject::Host | Subject::ServerName => "[^.]+",
        Subject::Path | Subject::PathPrefix => "[^/]+",
        Subject::Query => ".*",
    };
    let case = match subject {
        Subject::ServerName => "(?i)",
        Subject::Host | Subject::Path | Subject::PathPrefix | Subject::Query => "",
    };
    let mut text = format!("{case}^");
    let mut rest = template;
    while let Some((raw, variable, behind)) = next_variable(rest, template)? {
        text.push_str(&quote(raw));
        let (name, pattern) = variable.split_once(':').unwrap_or((variable, default));
        if name.is_empty() || pattern.is_empty() {
            return Err(ValueFault::new(
                format!("`{{{variable}}}` lacks its name or its pattern"),
                "write `{name}` or `{name:pattern}`",
            ));
        }
        // On its own first: `a)(b` must not close the group that is put around it.
        Pattern::new(pattern)?;
        text.push_str(&format!("({pattern})"));
        rest = behind;
    }
    text.push_str(&quote(rest));
    if subject == Subject::Query && template.is_empty() {
        text.push_str(default);
    }
    if subject != Subject::PathPrefix {
        text.push('$');
    }
    Pattern::new(&text)
}

/// True when the template has a variable.
pub(super) fn has_variable(template: &str) -> bool {
    template.contains(['{', '}'])
}

type Split<'text> = (&'text str, &'text str, &'text str);

/// What stands before the next variable, what stands in its braces, and what follows.
fn next_variable<'text>(
    rest: &'text str,
    template: &str,
) -> Result<Option<Split<'text>>, ValueFault> {
    let unbalanced = || {
        ValueFault::new(
            format!("the braces of `{template}` do not pair"),
            "each variable is written `{name}` or `{name:pattern}`",
        )
    };
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'{' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            b'}' => {
                depth = depth.checked_sub(1).ok_or_else(unbalanced)?;
                if depth == 0 {
                    let (raw, inner) = rest.split_at(start);
                    let (inner, behind) = inner.split_at(at - start);
                    let strip = |text: &'text str| text.get(1..).unwrap_or_default();
                    return Ok(Some((raw, strip(inner), strip(behind))));
                }
            }
            _ => {}
        }
    }
    if depth == 0 {
        Ok(None)
    } else {
        Err(unbalanced())
    }
}
