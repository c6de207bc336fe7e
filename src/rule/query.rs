//! The query as matchers see it (Go's `url.ParseQuery`).

/// The parameters of a raw query in order, still escaped. `;` separates like `&`, because that is
/// what an unescaped one becomes (features 2.13). A parameter with a broken escape is left out.
pub fn pairs(query: &[u8]) -> impl Iterator<Item = (Escaped<'_>, Escaped<'_>)> {
    query
        .split(|byte| matches!(byte, b'&' | b';'))
        .filter(|part| !part.is_empty())
        .map(|part| {
            let cut = memchr::memchr(b'=', part).unwrap_or(part.len());
            let (key, value) = part.split_at(cut);
            (Escaped(key), Escaped(value.get(1..).unwrap_or_default()))
        })
        .filter(|(key, value)| key.is_sound() && value.is_sound())
}

/// A part of a query before `%` and `+` are resolved.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'query>(&'query [u8]);

impl<'query> Escaped<'query> {
    fn is_sound(self) -> bool {
        memchr::memchr(b'%', self.0).is_none() || self.steps().all(|byte| byte.is_some())
    }

    /// True when it resolves to `plain`.
    #[must_use]
    pub fn is(self, plain: &[u8]) -> bool {
        if memchr::memchr2(b'%', b'+', self.0).is_none() {
            return self.0 == plain;
        }
        self.steps().eq(plain.iter().copied().map(Some))
    }

    /// The resolved bytes; in `store` when they differ from the raw ones.
    pub fn resolve<'out>(self, store: &'out mut Vec<u8>) -> &'out [u8]
    where
        'query: 'out,
    {
        if memchr::memchr2(b'%', b'+', self.0).is_none() {
            return self.0;
        }
        store.clear();
        store.extend(self.steps().flatten());
        store
    }

    /// The resolved bytes one by one; `None` is a broken escape.
    fn steps(self) -> impl Iterator<Item = Option<u8>> + 'query {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (first, behind) = rest.split_first()?;
            rest = behind;
            match first {
                b'+' => Some(Some(b' ')),
                b'%' => {
                    let (digits, behind) = behind.split_at_checked(2).unwrap_or((&[], behind));
                    rest = behind;
                    Some(hex(digits))
                }
                other => Some(Some(*other)),
            }
        })
    }
}

fn hex(digits: &[u8]) -> Option<u8> {
    let &[high, low] = digits else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = &'static [(&'static str, &'static str)];

    #[test]
    fn a_query_reads_as_go_reads_it() {
        let table: [(&str, Pairs); 8] = [
            ("", &[]),
            ("a", &[("a", "")]),
            ("a=", &[("a", "")]),
            ("a=1&&b=2", &[("a", "1"), ("b", "2")]),
            ("a=1;b=2=3", &[("a", "1"), ("b", "2=3")]),
            ("a+b=%41%2b+", &[("a b", "A+ ")]),
            ("%61=1&b=%4&%zz=1&c", &[("a", "1"), ("c", "")]),
            ("=x", &[("", "x")]),
        ];
        for (query, expected) in table {
            let mut seen = Vec::new();
            for (key, value) in pairs(query.as_bytes()) {
                let (mut left, mut right) = (Vec::new(), Vec::new());
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let pair = (
                    text(key.resolve(&mut left)),
                    text(value.resolve(&mut right)),
                );
                assert!(key.is(pair.0.as_bytes()) && value.is(pair.1.as_bytes()));
                seen.push(pair);
            }
            let seen: Vec<_> = seen.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            assert_eq!(seen, expected, "{query}");
        }
    }
}
