/// The name that the writer most likely meant; `None` when nothing is near.
pub fn nearest<'names>(
    word: &str,
    names: impl Iterator<Item = &'names str>,
) -> Option<&'names str> {
    let word = word.to_ascii_lowercase();
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    names
        .map(|name| (distance(&word, &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A hint that names what the writer most likely meant.
pub(super) fn did_you_mean<'names>(
    word: &str,
    names: impl Iterator<Item = &'names str>,
) -> Option<String> {
    nearest(word, names).map(|name| format!("did you mean {name:?}?"))
}

/// How many letters must be added, taken away, replaced or swapped to get from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut above: Vec<usize> = vec![0; to.len() + 1];
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut last = None;
    for (line, letter) in from.chars().enumerate() {
        let two_above = std::mem::replace(&mut above, row);
        row = vec![line + 1];
        for (column, other) in to.iter().enumerate() {
            let at = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(0);
            let replaced = at(&above, column) + usize::from(letter != *other);
            let mut best = replaced
                .min(at(&above, column + 1) + 1)
                .min(at(&row, column) + 1);
            let swapped = column
                .checked_sub(1)
                .filter(|before| last == Some(*other) && to.get(*before) == Some(&letter));
            if let Some(before) = swapped {
                best = best.min(at(&two_above, before) + 1);
            }
            row.push(best);
        }
        last = Some(letter);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_near_and_strangers_are_not() {
        let names = ["entryPoints", "rule", "service", "middlewares", "tls"];
        let table = [
            ("entrypoint", Some("entryPoints")),
            ("rul", Some("rule")),
            ("ruel", Some("rule")),
            ("servcie", Some("service")),
            ("midlewares", Some("middlewares")),
            ("backend", None),
            ("", None),
        ];
        for (word, expected) in table {
            assert_eq!(nearest(word, names.into_iter()), expected, "{word}");
        }
    }
}
