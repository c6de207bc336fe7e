/// A header name, spelled as Go writes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeaderName(Box<str>);

/// A text that is no header name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NameFault;

impl HeaderName {
    pub fn new(text: &str) -> Result<Self, NameFault> {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if text.is_empty() || !text.bytes().all(token) {
            return Err(NameFault);
        }
        let mut upper = true;
        let spelled: String = text
            .chars()
            .map(|letter| {
                let spelled = if upper {
                    letter.to_ascii_uppercase()
                } else {
                    letter.to_ascii_lowercase()
                };
                upper = letter == '-';
                spelled
            })
            .collect();
        Ok(Self(spelled.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is(&self, name: &[u8]) -> bool {
        self.0.as_bytes().eq_ignore_ascii_case(name)
    }
}
