/// Statuses as users list them: `404`, `500-599`, `500,502-504`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Statuses(Box<[(u16, u16)]>);

impl Statuses {
    /// # Errors
    /// The first text that is no status and no range of them.
    pub fn read(texts: &[String]) -> Result<Self, &str> {
        let mut ranges = Vec::new();
        for text in texts.iter().flat_map(|text| text.split(',')) {
            let code = |text: &str| {
                let code = text.trim().parse::<u16>().ok();
                code.filter(|code| (100..1000).contains(code))
            };
            let (from, to) = text.split_once('-').unwrap_or((text, text));
            match (code(from), code(to)) {
                (Some(from), Some(to)) if from <= to => ranges.push((from, to)),
                _ => return Err(text),
            }
        }
        Ok(Self(ranges.into()))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn contain(&self, status: u16) -> bool {
        self.0
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_stand_alone_or_in_ranges() {
        let texts = ["404", "500-502", "503, 510-511"].map(str::to_owned);
        let statuses = Statuses::read(&texts).unwrap();
        let all = (100..1000).filter(|status| statuses.contain(*status));
        let all: Vec<u16> = all.collect();
        assert_eq!(all, [404, 500, 501, 502, 503, 510, 511]);
        for wrong in ["", "x", "99", "1000", "502-500", "500-", "4o4", "404,"] {
            assert!(Statuses::read(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
