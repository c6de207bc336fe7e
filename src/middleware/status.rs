/// Ranges of status codes, such as `404` and `500-599`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusRanges(Box<[(u16, u16)]>);

impl StatusRanges {
    /// Reads items that may each hold several ranges with commas between them.
    ///
    /// # Errors
    /// The item that is none.
    pub fn read<'text>(items: impl Iterator<Item = &'text str>) -> Result<Self, &'text str> {
        let mut ranges = Vec::new();
        for item in items {
            for range in item.split(',') {
                ranges.push(read_range(range).ok_or(item)?);
            }
        }
        Ok(Self(ranges.into()))
    }

    #[must_use]
    pub fn contain(&self, status: u16) -> bool {
        let mut ranges = self.0.iter();
        ranges.any(|(first, last)| (*first..=*last).contains(&status))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn read_range(text: &str) -> Option<(u16, u16)> {
    let code = |text: &str| {
        let code = text.trim().parse().ok();
        code.filter(|code| (100..1000).contains(code))
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (code(first)?, code(last)?),
        None => (code(text)?, code(text)?),
    };
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_asked() {
        let all = StatusRanges::read(["404", "500-503,505"].into_iter()).unwrap();
        let found: Vec<u16> = (100..1000).filter(|code| all.contain(*code)).collect();
        assert_eq!(found, [404, 500, 501, 502, 503, 505]);
        for wrong in ["", "5xx", "99", "503-500", "-", "400-", "4 4"] {
            assert_eq!(
                StatusRanges::read([wrong].into_iter()),
                Err(wrong),
                "{wrong}"
            );
        }
    }
}
