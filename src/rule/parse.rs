//! Tokens -> [`Tree`].

use super::build::{self, Value};
use super::fault::{Fault, ValueFault};
use super::lex::{Lexer, Token};
use super::tree::Tree;
use super::words::{self, Word};
use crate::base::limits::{RULE_BYTES_MAX, RULE_DEPTH_MAX, RULE_MATCHERS_MAX};

/// Which matchers a rule may name and what their values mean (features 4.1, 4.2, 7.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syntax {
    /// HTTP, the default since v3.
    V3,
    /// HTTP, `ruleSyntax: v2`.
    V2,
    TcpV3,
    TcpV2,
}

impl Syntax {
    const fn is_v2(self) -> bool {
        match self {
            Self::V2 | Self::TcpV2 => true,
            Self::V3 | Self::TcpV3 => false,
        }
    }
}

/// Reads a rule.
///
/// # Errors
/// The first thing that is wrong, where, and what would be right.
pub fn parse(text: &str, syntax: Syntax) -> Result<Tree, Fault> {
    if text.len() > RULE_BYTES_MAX {
        let what = format!("the rule is longer than {RULE_BYTES_MAX} bytes");
        return Err(ValueFault::new(what, "split it into several routers").at(text, 0));
    }
    let mut lexer = Lexer::new(text);
    let ahead = lexer.next()?;
    let mut parser = Parser {
        text,
        syntax,
        lexer,
        ahead,
        depth: 0,
        matchers: 0,
    };
    if parser.ahead.0 == Token::End {
        return Err(ValueFault::new("the rule is empty", "write a matcher").at(text, 0));
    }
    let tree = parser.any()?;
    match parser.ahead.0 {
        Token::End => Ok(tree),
        Token::Close => Err(parser.unexpected("there is no `(` that it would close")),
        Token::Name(_)
        | Token::Text(_)
        | Token::And
        | Token::Or
        | Token::Not
        | Token::Open
        | Token::Comma => Err(parser.unexpected("join matchers with `&&` or `||`")),
    }
}

struct Parser<'text> {
    text: &'text str,
    syntax: Syntax,
    lexer: Lexer<'text>,
    ahead: (Token, usize),
    depth: usize,
    matchers: usize,
}

impl Parser<'_> {
    /// `all || all || ...`
    fn any(&mut self) -> Result<Tree, Fault> {
        let mut parts = vec![self.all()?];
        while self.ahead.0 == Token::Or {
            self.advance()?;
            parts.push(self.all()?);
        }
        Ok(Tree::any(parts))
    }

    /// `one && one && ...`
    fn all(&mut self) -> Result<Tree, Fault> {
        let mut parts = vec![self.one()?];
        while self.ahead.0 == Token::And {
            self.advance()?;
            parts.push(self.one()?);
        }
        Ok(Tree::all(parts))
    }

    /// A matcher, `!one`, or `(any)`.
    fn one(&mut self) -> Result<Tree, Fault> {
        match &self.ahead.0 {
            Token::Name(_) => self.matcher(),
            Token::Not => {
                self.deeper()?;
                let part = self.one()?;
                self.depth -= 1;
                Ok(Tree::not(part))
            }
            Token::Open => {
                self.deeper()?;
                let part = self.any()?;
                if self.ahead.0 != Token::Close {
                    return Err(self.unexpected("a `(` before it is not closed: write `)`"));
                }
                self.advance()?;
                self.depth -= 1;
                Ok(part)
            }
            Token::Text(_) => {
                Err(self.unexpected("a string stands in a matcher, as in Host(`example.com`)"))
            }
            Token::And | Token::Or | Token::Close | Token::Comma | Token::End => {
                Err(self.unexpected("a matcher is expected here, as in Host(`example.com`)"))
            }
        }
    }

    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > RULE_DEPTH_MAX {
            let what = format!("more than {RULE_DEPTH_MAX} parentheses and `!` in one another");
            return Err(ValueFault::new(what, "simplify the rule").at(self.text, self.ahead.1));
        }
        self.advance().map(drop)
    }

    fn advance(&mut self) -> Result<(Token, usize), Fault> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    fn unexpected(&self, instead: &str) -> Fault {
        let what = format!("{} is not expected here", self.ahead.0.title());
        ValueFault::new(what, instead).at(self.text, self.ahead.1)
    }

    /// `Name(value, ...)`
    fn matcher(&mut self) -> Result<Tree, Fault> {
        let (token, at) = self.advance()?;
        let Token::Name(name) = token else {
            return Err(self.unexpected("a matcher is expected here"));
        };
        let text = self.text;
        let (name, word) = words::find(&name, self.syntax).map_err(|fault| fault.at(text, at))?;
        if self.ahead.0 != Token::Open {
            return Err(self.unexpected(&format!("write {name}(`...`)")));
        }
        self.advance()?;
        let values = self.values(name)?;
        self.matchers += values.len().max(1);
        if self.matchers > RULE_MATCHERS_MAX {
            let what = format!("more than {RULE_MATCHERS_MAX} matchers in one rule");
            let fault = ValueFault::new(what, "split it into several routers");
            return Err(fault.at(text, at));
        }
        if let Some(fault) = wrong_count(name, word, self.syntax, &values) {
            return Err(fault.at(text, at));
        }
        if let Some((_, at)) = values.iter().find(|(value, _)| value.is_empty()) {
            let what = format!("an empty value in {name}");
            return Err(ValueFault::new(what, "give it a value").at(text, *at));
        }
        let built = if self.syntax.is_v2() {
            build::v2(word, &values)
        } else {
            build::v3(word, &values)
        };
        built.map_err(|(fault, at)| fault.at(text, at))
    }

    /// The values up to and with the `)`; a comma may follow the last, as in Go.
    fn values(&mut self, name: &str) -> Result<Vec<Value>, Fault> {
        let mut values = Vec::new();
        while self.ahead.0 != Token::Close {
            if let Token::Name(bare) = &self.ahead.0 {
                let instead = format!("put the value in quotes: {name}(`{bare}`)");
                return Err(self.unexpected(&instead));
            }
            if !matches!(self.ahead.0, Token::Text(_)) {
                return Err(self.unexpected("a value in quotes, or `)`, is expected here"));
            }
            if let (Token::Text(value), at) = self.advance()? {
                values.push((value, at));
            }
            if self.ahead.0 == Token::Comma {
                self.advance()?;
            } else if self.ahead.0 != Token::Close {
                return Err(self.unexpected("write `,` or `)` here"));
            }
        }
        self.advance()?;
        Ok(values)
    }
}

/// How many values a matcher takes, when these are too many or too few.
fn wrong_count(name: &str, word: Word, syntax: Syntax, values: &[Value]) -> Option<ValueFault> {
    let given = values.len();
    let pair = matches!(word, Word::Header | Word::HeaderRegexp);
    let (fits, takes) = match word {
        _ if syntax.is_v2() && pair => (given > 0 && given.is_multiple_of(2), "pairs of values"),
        _ if syntax.is_v2() => (given > 0, "one value or more"),
        Word::Header | Word::HeaderRegexp => (given == 2, "two values"),
        Word::Query | Word::QueryRegexp => (given == 1 || given == 2, "one value or two"),
        Word::Host
        | Word::HostRegexp
        | Word::Path
        | Word::PathPrefix
        | Word::PathRegexp
        | Word::Method
        | Word::ClientIp
        | Word::HostSni
        | Word::HostSniRegexp
        | Word::Alpn => (given == 1, "one value"),
    };
    if fits {
        return None;
    }
    let instead = match values {
        [(first, _), (second, _), ..] if !pair && !syntax.is_v2() => {
            format!("for several, write {name}(`{first}`) || {name}(`{second}`)")
        }
        _ if pair => format!("write {name}(`name`, `value`)"),
        _ => format!("write {name}(`...`)"),
    };
    let what = format!("{name} takes {takes}, here are {given}");
    Some(ValueFault::new(what, instead))
}
