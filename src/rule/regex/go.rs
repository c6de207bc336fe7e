//! Go's regular expressions (RE2 with Perl's classes) written anew for `regex-syntax`, whose
//! `\d`, `\b`, `[` inside of classes, `{`, and flags mean something else.

use super::class;
use crate::rule::fault::ValueFault;

/// A repetition may ask for this many at most, as in Go.
const REPEAT_MAX: u32 = 1000;

pub(super) fn translate(text: &str) -> Result<String, ValueFault> {
    let mut translator = Translator {
        input: Input { text, at: 0 },
        out: String::with_capacity(text.len() * 2),
        repeated: false,
    };
    while let Some(letter) = translator.input.next() {
        translator.step(letter)?;
    }
    Ok(translator.out)
}

struct Translator<'text> {
    input: Input<'text>,
    out: String,
    /// The last thing written was a repetition: no other may follow.
    repeated: bool,
}

impl Translator<'_> {
    fn step(&mut self, letter: char) -> Result<(), ValueFault> {
        let after_repeat = std::mem::take(&mut self.repeated);
        match letter {
            '*' | '+' | '?' => {
                self.out.push(letter);
                return self.end_repeat(after_repeat);
            }
            '{' => match self.input.repeat() {
                Some(repeat) => {
                    self.write_repeat(repeat)?;
                    return self.end_repeat(after_repeat);
                }
                None => literal('{', &mut self.out),
            },
            '(' => self.group()?,
            '[' => class::translate(&mut self.input, &mut self.out)?,
            '\\' => self.escape()?,
            ')' | '|' | '^' | '$' | '.' => self.out.push(letter),
            other => literal(other, &mut self.out),
        }
        Ok(())
    }

    fn end_repeat(&mut self, after_repeat: bool) -> Result<(), ValueFault> {
        if after_repeat {
            return Err(self.input.fault(
                "a repetition is repeated",
                "put the inner one in a group: (?:a*)*",
            ));
        }
        if self.input.eat("?") {
            self.out.push('?');
        }
        self.repeated = true;
        Ok(())
    }

    fn write_repeat(&mut self, repeat: Repeat) -> Result<(), ValueFault> {
        let (text, min, max) = match repeat {
            Repeat::Exactly(count) => (format!("{{{count}}}"), count, count),
            Repeat::AtLeast(min) => (format!("{{{min},}}"), min, min),
            Repeat::Between(min, max) => (format!("{{{min},{max}}}"), min, max),
        };
        if max > REPEAT_MAX || max < min {
            return Err(self.input.fault(
                "a bad count of repetitions",
                "write {n}, {n,} or {n,m} with n <= m <= 1000",
            ));
        }
        self.out.push_str(&text);
        Ok(())
    }

    /// Behind a `(`. Names are dropped: nobody asks what a group held.
    fn group(&mut self) -> Result<(), ValueFault> {
        if !self.input.eat("?") {
            self.out.push_str("(?:");
            return Ok(());
        }
        for (start, what) in [("=", "(?="), ("!", "(?!"), ("<=", "(?<="), ("<!", "(?<!")] {
            if self.input.eat(start) {
                let what = format!("look-around, `{what}`, is not supported");
                let instead = "match in linear time cannot look around; use `!` of the rule";
                return Err(self.input.fault(&what, instead));
            }
        }
        if self.input.eat("P<") || self.input.eat("<") {
            let name = self.input.until(">").unwrap_or_default();
            let good = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            if name.is_empty() || !name.chars().all(good) {
                return Err(self.input.fault("a bad group name", "write (?P<name>...)"));
            }
            self.out.push_str("(?:");
            return Ok(());
        }
        self.flags()
    }

    fn flags(&mut self) -> Result<(), ValueFault> {
        self.out.push_str("(?");
        while let Some(flag) = self.input.next() {
            match flag {
                'i' | 'm' | 's' | 'U' | '-' => self.out.push(flag),
                ':' | ')' => {
                    self.out.push(flag);
                    return Ok(());
                }
                other => {
                    let what = format!("`(?{other}` is not supported");
                    let instead = "groups are (...), (?:...), (?P<name>...), and flags i, m, s, U";
                    return Err(self.input.fault(&what, instead));
                }
            }
        }
        Err(self.input.fault("a `(` is not closed", "write `)`"))
    }

    /// Behind a `\`.
    fn escape(&mut self) -> Result<(), ValueFault> {
        if self.input.eat("Q") {
            let quoted = self.input.until("\\E").unwrap_or_else(|| self.input.all());
            for letter in quoted.chars() {
                literal(letter, &mut self.out);
            }
            return Ok(());
        }
        match self.input.peek() {
            Some(letter @ ('A' | 'z')) => {
                self.input.skip();
                self.out.extend(['\\', letter]);
            }
            Some(letter @ ('b' | 'B')) => {
                self.input.skip();
                self.out.push_str("(?-u:\\");
                self.out.extend([letter, ')']);
            }
            _ if class::shorthand(&mut self.input, &mut self.out)? => {}
            _ => {
                let escaped = self.input.escaped()?;
                literal(escaped, &mut self.out);
            }
        }
        Ok(())
    }
}

/// `{n}`, `{n,}`, `{n,m}`
#[derive(Clone, Copy)]
enum Repeat {
    Exactly(u32),
    AtLeast(u32),
    Between(u32, u32),
}

/// A letter that means itself.
fn literal(letter: char, out: &mut String) {
    if regex_syntax::is_meta_character(letter) {
        out.push('\\');
    }
    out.push(letter);
}

/// The text that is read, and how far.
pub(super) struct Input<'text> {
    text: &'text str,
    at: usize,
}

impl<'text> Input<'text> {
    fn rest(&self) -> &'text str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The letters to come.
    pub(super) fn ahead(&self) -> impl Iterator<Item = char> + 'text {
        self.rest().chars()
    }

    /// True before `[:...:]`; a `[:` without its end is two letters.
    pub(super) fn starts_posix(&self) -> bool {
        let inner = self.rest().strip_prefix("[:");
        inner.is_some_and(|inner| inner.contains(":]"))
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    pub(super) fn skip(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    /// Steps over `text` if it comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// What stands before `end`; steps over both. Nothing is taken when `end` does not come.
    pub(super) fn until(&mut self, end: &str) -> Option<&'text str> {
        let (before, _) = self.rest().split_once(end)?;
        self.at += before.len() + end.len();
        Some(before)
    }

    fn all(&mut self) -> &'text str {
        let rest = self.rest();
        self.at = self.text.len();
        rest
    }

    /// Behind a `{`: the counts of `{n}`, `{n,}`, `{n,m}`. Anything else is no repetition.
    fn repeat(&mut self) -> Option<Repeat> {
        let (inner, _) = self.rest().split_once('}')?;
        let counts = match inner.split_once(',') {
            None => Repeat::Exactly(count(inner)?),
            Some((min, "")) => Repeat::AtLeast(count(min)?),
            Some((min, max)) => Repeat::Between(count(min)?, count(max)?),
        };
        self.at += inner.len() + 1;
        Some(counts)
    }

    /// Behind a `\`: an escape that stands for one letter.
    pub(super) fn escaped(&mut self) -> Result<char, ValueFault> {
        let Some(letter) = self.next() else {
            return Err(self.fault("a `\\` at the end", "write `\\\\` for a backslash"));
        };
        match letter {
            'a' => Ok('\x07'),
            'f' => Ok('\x0C'),
            't' => Ok('\t'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            'v' => Ok('\x0B'),
            'x' => self.hex(),
            '0'..='7' => self.octal(letter),
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => Ok(other),
            other => {
                let what = format!("the escape `\\{other}` is not known");
                Err(self.fault(&what, "Go's regular expressions (RE2) know others"))
            }
        }
    }

    fn hex(&mut self) -> Result<char, ValueFault> {
        let digits = if self.eat("{") {
            self.until("}")
        } else {
            let digits = self.rest().get(..2);
            self.at += digits.map_or(0, str::len);
            digits
        };
        digits
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32)
            .ok_or_else(|| self.fault("a bad `\\x`", "write \\x7F or \\x{10FFFF}"))
    }

    /// `\0`, `\12`, `\123`: up to three octal digits. One digit that is not 0 would refer back.
    fn octal(&mut self, first: char) -> Result<char, ValueFault> {
        let mut value = first.to_digit(8).unwrap_or_default();
        let mut count = 1;
        while let Some(digit) = self.peek().and_then(|letter| letter.to_digit(8))
            && count < 3
        {
            value = value * 8 + digit;
            self.skip();
            count += 1;
        }
        if count == 1 && first != '0' {
            let what = format!("the back-reference `\\{first}` is not supported");
            return Err(self.fault(&what, "match in linear time cannot refer back"));
        }
        char::from_u32(value).ok_or_else(|| self.fault("a bad octal escape", ""))
    }

    pub(super) fn fault(&self, what: &str, instead: &str) -> ValueFault {
        let shown: String = self.text.chars().take(80).collect();
        let what = format!("the regular expression `{shown}` does not compile: {what}");
        ValueFault::new(what, instead)
    }
}

/// Digits without a needless zero before them.
fn count(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let padded = digits.len() > 1 && digits.starts_with('0');
    if digits.is_empty() || !plain || padded {
        return None;
    }
    // What does not fit is a repetition that asks for too much.
    Some(digits.parse().unwrap_or(u32::MAX))
}
