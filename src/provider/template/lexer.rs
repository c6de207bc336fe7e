use std::rc::Rc;

use super::TemplateFault;

/// A piece of an action.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    /// A function or keyword.
    Word(Rc<str>),
    /// `$name`; `$` alone is the empty name.
    Variable(Rc<str>),
    /// `.name`, directly behind what it belongs to or on its own.
    Field(Rc<str>),
    /// `.` alone.
    Dot,
    Text(Rc<str>),
    Int(i64),
    Float(f64),
    Open,
    Close,
    Pipe,
    Comma,
    /// `:=`
    Declare,
    /// `=`
    Assign,
    /// White space, which parts arguments.
    Space,
}

/// A run of text, or one action.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Piece<'text> {
    Text(&'text str, u32),
    Action(Vec<Token>, u32),
}

/// Cuts a template into texts and actions, and trims around `{{-` and `-}}`.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, TemplateFault> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    let mut trim = false;
    while let Some(start) = rest.find("{{") {
        let (before, action) = rest.split_at(start);
        let mut inside = action.get(2..).unwrap_or_default();
        let trim_before = marks_trim(inside);
        push_text(&mut found, before, line, (trim, trim_before));
        line += newlines(before);
        if trim_before {
            inside = inside.get(1..).unwrap_or_default();
        }
        let action = if inside.trim_start().starts_with("/*") {
            comment(inside, line)?
        } else {
            Scanner::new(inside, line).action()?
        };
        if !action.tokens.is_empty() {
            found.push(Piece::Action(action.tokens, line));
        }
        line += newlines(inside) - newlines(action.rest);
        (rest, trim) = (action.rest, action.trim);
    }
    push_text(&mut found, rest, line, (trim, false));
    Ok(found)
}

/// `{{- `: the minus needs a white space behind it, else it belongs to a number.
fn marks_trim(inside: &str) -> bool {
    inside
        .strip_prefix('-')
        .is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '\n']))
}

fn push_text<'text>(
    found: &mut Vec<Piece<'text>>,
    text: &'text str,
    line: u32,
    (trim_start, trim_end): (bool, bool),
) {
    let mut shown = text;
    let mut line = line;
    if trim_start {
        shown = shown.trim_start();
        line += newlines(text) - newlines(shown);
    }
    if trim_end {
        shown = shown.trim_end();
    }
    if !shown.is_empty() {
        found.push(Piece::Text(shown, line));
    }
}

fn newlines(text: &str) -> u32 {
    let count = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What an action holds, and the text behind it.
struct Scanned<'text> {
    tokens: Vec<Token>,
    rest: &'text str,
    trim: bool,
}

fn comment(inside: &str, line: u32) -> Result<Scanned<'_>, TemplateFault> {
    let end = inside
        .find("*/")
        .ok_or_else(|| TemplateFault::new(line, "the comment does not end"))?;
    let behind = inside.get(end + 2..).unwrap_or_default();
    let (rest, trim) = close(behind.trim_start(), behind)
        .ok_or_else(|| TemplateFault::new(line, "a comment must fill its action"))?;
    Ok(Scanned {
        tokens: Vec::new(),
        rest,
        trim,
    })
}

/// The text behind `}}`, and whether it is trimmed. `spaced` still has its leading space.
fn close<'text>(bare: &'text str, spaced: &'text str) -> Option<(&'text str, bool)> {
    if let Some(rest) = bare.strip_prefix("}}") {
        return Some((rest, false));
    }
    let rest = bare.strip_prefix("-}}")?;
    (bare.len() < spaced.len()).then_some((rest, true))
}

/// Reads the tokens of one action.
struct Scanner<'text> {
    rest: &'text str,
    line: u32,
    tokens: Vec<Token>,
}

impl<'text> Scanner<'text> {
    fn new(rest: &'text str, line: u32) -> Self {
        Self {
            rest,
            line,
            tokens: Vec::new(),
        }
    }

    fn action(mut self) -> Result<Scanned<'text>, TemplateFault> {
        loop {
            let bare = self.rest.trim_start();
            if let Some((rest, trim)) = close(bare, self.rest) {
                while self.tokens.last() == Some(&Token::Space) {
                    self.tokens.pop();
                }
                return Ok(Scanned {
                    tokens: self.tokens,
                    rest,
                    trim,
                });
            }
            if bare.len() < self.rest.len() {
                self.rest = bare;
                if !self.tokens.is_empty() {
                    self.tokens.push(Token::Space);
                }
            }
            if self.rest.is_empty() {
                return Err(self.fault("the action {{ does not end with }}"));
            }
            let token = self.token()?;
            self.tokens.push(token);
        }
    }

    fn token(&mut self) -> Result<Token, TemplateFault> {
        let Some(first) = self.rest.chars().next() else {
            return Err(self.fault("the action does not end"));
        };
        let second = self.rest.chars().nth(1).unwrap_or(' ');
        match first {
            '(' => Ok(self.take(1, Token::Open)),
            ')' => Ok(self.take(1, Token::Close)),
            '|' => Ok(self.take(1, Token::Pipe)),
            ',' => Ok(self.take(1, Token::Comma)),
            ':' if second == '=' => Ok(self.take(2, Token::Declare)),
            '=' => Ok(self.take(1, Token::Assign)),
            '"' => self.quoted(),
            '`' => self.raw(),
            '\'' => self.character(),
            '$' => {
                self.rest = self.rest.get(1..).unwrap_or_default();
                Ok(Token::Variable(self.name().into()))
            }
            '.' if second.is_ascii_digit() => self.number(),
            '.' => {
                self.rest = self.rest.get(1..).unwrap_or_default();
                let name = self.name();
                Ok(if name.is_empty() {
                    Token::Dot
                } else {
                    Token::Field(name.into())
                })
            }
            '+' | '-' | '0'..='9' => self.number(),
            _ => {
                let name = self.name();
                if name.is_empty() {
                    return Err(self.fault(&format!("{first:?} is not understood here")));
                }
                Ok(Token::Word(name.into()))
            }
        }
    }

    fn take(&mut self, bytes: usize, token: Token) -> Token {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
        token
    }

    fn name(&mut self) -> &'text str {
        let end = self
            .rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name
    }

    fn number(&mut self) -> Result<Token, TemplateFault> {
        let end = self
            .rest
            .char_indices()
            .find(|(at, c)| {
                let sign = matches!(c, '+' | '-')
                    && (*at == 0
                        || self
                            .rest
                            .get(..*at)
                            .is_some_and(|b| b.ends_with(['e', 'E'])));
                !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_') || sign)
            })
            .map_or(self.rest.len(), |(at, _)| at);
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        let clean = text.replace('_', "");
        let whole = match clean.get(..2) {
            Some("0x" | "0X") => i64::from_str_radix(clean.get(2..).unwrap_or_default(), 16).ok(),
            Some("0o" | "0O") => i64::from_str_radix(clean.get(2..).unwrap_or_default(), 8).ok(),
            Some("0b" | "0B") => i64::from_str_radix(clean.get(2..).unwrap_or_default(), 2).ok(),
            _ => clean.parse().ok(),
        };
        match whole {
            Some(whole) => Ok(Token::Int(whole)),
            None => clean
                .parse()
                .map(Token::Float)
                .map_err(|_| self.fault(&format!("{text:?} is no number"))),
        }
    }

    fn raw(&mut self) -> Result<Token, TemplateFault> {
        let inside = self.rest.get(1..).unwrap_or_default();
        let Some((text, rest)) = inside.split_once('`') else {
            return Err(self.fault("the text in back-quotes does not end"));
        };
        self.rest = rest;
        Ok(Token::Text(text.into()))
    }

    fn quoted(&mut self) -> Result<Token, TemplateFault> {
        let text = self.until('"')?;
        Ok(Token::Text(text.into()))
    }

    fn character(&mut self) -> Result<Token, TemplateFault> {
        let text = self.until('\'')?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => Ok(Token::Int(i64::from(u32::from(only)))),
            _ => Err(self.fault("a character stands alone between ' and '; texts need \"")),
        }
    }

    /// The text up to the closing quote, its escapes resolved.
    fn until(&mut self, quote: char) -> Result<String, TemplateFault> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.rest = self.rest.get(at + c.len_utf8()..).unwrap_or_default();
                return Ok(text);
            }
            if c == '\n' {
                break;
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            let escaped = chars.next().map_or(' ', |(_, c)| c);
            let code = match escaped {
                'n' => Some('\n'),
                't' => Some('\t'),
                'r' => Some('\r'),
                '\\' | '"' | '\'' => Some(escaped),
                'x' => hex(&mut chars, 2),
                'u' => hex(&mut chars, 4),
                'U' => hex(&mut chars, 8),
                _ => None,
            };
            match code {
                Some(code) => text.push(code),
                None => return Err(self.fault(&format!("\\{escaped} is no escape"))),
            }
        }
        Err(self.fault("the text in quotes does not end"))
    }

    fn fault(&self, message: &str) -> TemplateFault {
        TemplateFault::new(self.line, message)
    }
}

fn hex(chars: &mut impl Iterator<Item = (usize, char)>, digits: usize) -> Option<char> {
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + chars.next()?.1.to_digit(16)?;
    }
    char::from_u32(code)
}
