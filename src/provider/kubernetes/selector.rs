//! Label selectors, for manifests: an API server selects by itself.

use super::objects::custom::Words;

/// All of its terms must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Selector {
    terms: Vec<Term>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Term {
    Has(String),
    HasNot(String),
    In(String, Vec<String>),
    /// Also where the label is missing.
    NotIn(String, Vec<String>),
}

impl Selector {
    /// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k`; `Err` holds the term that is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let end = term_end(rest);
            let (term, behind) = rest.split_at(end);
            rest = behind.strip_prefix(',').unwrap_or(behind).trim_start();
            terms.push(parse_term(term.trim()).ok_or_else(|| term.trim().to_owned())?);
        }
        Ok(Self { terms })
    }

    pub(super) fn holds(&self, labels: &Words) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Has(key) => labels.contains_key(key),
            Term::HasNot(key) => !labels.contains_key(key),
            Term::In(key, values) => labels.get(key).is_some_and(|value| values.contains(value)),
            Term::NotIn(key, values) => labels.get(key).is_none_or(|value| !values.contains(value)),
        })
    }
}

/// The next comma outside of parentheses.
fn term_end(text: &str) -> usize {
    let mut is_inside = false;
    for (at, c) in text.char_indices() {
        match c {
            '(' => is_inside = true,
            ')' => is_inside = false,
            ',' if !is_inside => return at,
            _ => {}
        }
    }
    text.len()
}

fn parse_term(term: &str) -> Option<Term> {
    if let Some((key, value)) = term.split_once("!=") {
        return Some(Term::NotIn(key_of(key)?, vec![value.trim().to_owned()]));
    }
    if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        return Some(Term::In(key_of(key)?, vec![value.trim().to_owned()]));
    }
    if let Some(list) = term.strip_suffix(')') {
        let (head, list) = list.split_once('(')?;
        let values = list
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect();
        let (key, word) = head.trim().rsplit_once(char::is_whitespace)?;
        return match word {
            "in" => Some(Term::In(key_of(key)?, values)),
            "notin" => Some(Term::NotIn(key_of(key)?, values)),
            _ => None,
        };
    }
    match term.strip_prefix('!') {
        Some(key) => Some(Term::HasNot(key_of(key)?)),
        None => Some(Term::Has(key_of(term)?)),
    }
}

fn key_of(text: &str) -> Option<String> {
    let key = text.trim();
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    (!key.is_empty() && key.chars().all(is_key)).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_holds_when_all_of_it_does() {
        let labels: Words = [("app", "web"), ("tier", "front")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        let table = [
            ("", Some(true)),
            ("app=web", Some(true)),
            ("app == web , tier!=back", Some(true)),
            ("app=api", Some(false)),
            ("app in (api, web),tier", Some(true)),
            ("app notin (api),!zone", Some(true)),
            ("zone notin (a)", Some(true)),
            ("zone in (a)", Some(false)),
            ("zone", Some(false)),
            ("!app", Some(false)),
            ("app like (x)", None),
            ("a b", None),
            ("=x", None),
        ];
        for (text, expected) in table {
            let found = Selector::parse(text)
                .ok()
                .map(|selector| selector.holds(&labels));
            assert_eq!(found, expected, "{text}");
        }
    }
}
