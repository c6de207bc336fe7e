//! Rule text -> tokens, each with the byte where it starts.

use super::fault::{Fault, ValueFault};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    Name(String),
    Text(String),
    And,
    Or,
    Not,
    Open,
    Close,
    Comma,
    End,
}

impl Token {
    /// What the token is called in a message.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Text(_) => "a string".to_owned(),
            Self::And => "`&&`".to_owned(),
            Self::Or => "`||`".to_owned(),
            Self::Not => "`!`".to_owned(),
            Self::Open => "`(`".to_owned(),
            Self::Close => "`)`".to_owned(),
            Self::Comma => "`,`".to_owned(),
            Self::End => "the end of the rule".to_owned(),
        }
    }
}

/// Reads one token after the other.
pub(super) struct Lexer<'text> {
    text: &'text str,
    at: usize,
}

impl<'text> Lexer<'text> {
    pub(super) const fn new(text: &'text str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token and the byte where it starts.
    pub(super) fn next(&mut self) -> Result<(Token, usize), Fault> {
        let rest = self.rest().trim_start_matches([' ', '\t', '\r', '\n']);
        self.at = self.text.len() - rest.len();
        let start = self.at;
        let bytes = rest.as_bytes();
        let token = match bytes.first() {
            None => Token::End,
            Some(b'(') => self.take(1, Token::Open),
            Some(b')') => self.take(1, Token::Close),
            Some(b',') => self.take(1, Token::Comma),
            Some(b'!') if bytes.get(1) != Some(&b'=') => self.take(1, Token::Not),
            Some(b'&') if bytes.get(1) == Some(&b'&') => self.take(2, Token::And),
            Some(b'|') if bytes.get(1) == Some(&b'|') => self.take(2, Token::Or),
            Some(b'`') => self.raw()?,
            Some(b'"') => self.quoted()?,
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => self.name(),
            Some(byte) => return Err(stray(rest, *byte).at(self.text, start)),
        };
        Ok((token, start))
    }

    fn rest(&self) -> &'text str {
        self.text.get(self.at..).unwrap_or_default()
    }

    const fn take(&mut self, count: usize, token: Token) -> Token {
        self.at += count;
        token
    }

    fn name(&mut self) -> Token {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.take(name.len(), Token::Name(name.to_owned()))
    }

    /// A string in back-quotes: all as it stands, but for carriage returns, which Go drops.
    fn raw(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let rest = self.rest().get(1..).unwrap_or_default();
        let Some(end) = rest.find('`') else {
            let fault = ValueFault::new("this string has no end", "close it with a back-quote `");
            return Err(fault.at(self.text, start));
        };
        let value = rest.get(..end).unwrap_or_default().replace('\r', "");
        Ok(self.take(end + 2, Token::Text(value)))
    }

    /// A string in double quotes, with Go's escapes.
    fn quoted(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let mut value = Vec::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next() else {
                let fault = ValueFault::new("this string has no end", "close it with a quote \"");
                return Err(fault.at(self.text, start));
            };
            match next {
                '"' => break,
                '\\' => self.escape(&mut value)?,
                '\n' => {
                    let fault = ValueFault::new(
                        "a string in double quotes ends before its line does",
                        "write \\n, or use back-quotes",
                    );
                    return Err(fault.at(self.text, self.at));
                }
                other => {
                    value.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                    self.at += other.len_utf8();
                }
            }
        }
        self.at += 1;
        String::from_utf8(value).map(Token::Text).map_err(|_| {
            let fault = ValueFault::new(
                "the escapes of this string do not give UTF-8",
                "write the characters themselves, or \\u escapes",
            );
            fault.at(self.text, start)
        })
    }

    fn escape(&mut self, value: &mut Vec<u8>) -> Result<(), Fault> {
        let rest = self.rest().as_bytes();
        let (kind, digits) = match rest.get(1) {
            Some(b'x') => (16, rest.get(2..4)),
            Some(b'u') => (16, rest.get(2..6)),
            Some(b'U') => (16, rest.get(2..10)),
            Some(b'0'..=b'7') => (8, rest.get(1..4)),
            Some(letter) => {
                let byte = simple_escape(*letter).ok_or_else(|| self.bad_escape())?;
                value.push(byte);
                self.at += 2;
                return Ok(());
            }
            None => return Err(self.bad_escape()),
        };
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let number = digits
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .and_then(|digits| u32::from_str_radix(digits, kind).ok())
            .ok_or_else(|| self.bad_escape())?;
        let length = digits.map_or(0, str::len);
        if length > 3 {
            let letter = char::from_u32(number).ok_or_else(|| self.bad_escape())?;
            value.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            value.push(u8::try_from(number).map_err(|_| self.bad_escape())?);
        }
        self.at += length + if kind == 8 { 1 } else { 2 };
        Ok(())
    }

    fn bad_escape(&self) -> Fault {
        let fault = ValueFault::new(
            "this escape is not known in a string in double quotes",
            "double the backslash, or put the string in back-quotes, where nothing is escaped",
        );
        fault.at(self.text, self.at)
    }
}

const fn simple_escape(letter: u8) -> Option<u8> {
    Some(match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0B,
        b'\\' => b'\\',
        b'"' => b'"',
        _ => return None,
    })
}

fn stray(rest: &str, byte: u8) -> ValueFault {
    match byte {
        b'&' => ValueFault::new("a single `&`", "write `&&`"),
        b'|' => ValueFault::new("a single `|`", "write `||`"),
        b'\'' => ValueFault::new(
            "a string in single quotes",
            "put it in back-quotes or double quotes",
        ),
        _ => {
            let found: String = rest.chars().take(1).collect();
            ValueFault::new(
                format!("`{found}` has no place in a rule"),
                "a rule is made of matchers such as Host(`example.com`), `&&`, `||`, `!` \
                 and parentheses",
            )
        }
    }
}
