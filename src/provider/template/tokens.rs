use std::rc::Rc;

use super::TemplateFault;
use super::lexer::Token;

/// The tokens of one action, read from the front.
pub(super) struct Tokens {
    tokens: Vec<Token>,
    next: usize,
    pub(super) line: u32,
}

impl Tokens {
    pub(super) fn new(tokens: Vec<Token>, line: u32) -> Self {
        Self {
            tokens,
            next: 0,
            line,
        }
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    pub(super) fn skip(&mut self) {
        self.next += 1;
    }

    pub(super) fn skip_space(&mut self) {
        while self.peek() == Some(&Token::Space) {
            self.skip();
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.tokens
            .iter()
            .skip(self.next)
            .all(|token| *token == Token::Space)
    }

    /// Takes a keyword, if one comes next.
    pub(super) fn keyword(&mut self) -> Option<&'static str> {
        const KEYWORDS: [&str; 10] = [
            "if", "else", "end", "range", "with", "define", "template", "block", "break",
            "continue",
        ];
        self.skip_space();
        let Some(Token::Word(word)) = self.peek() else {
            return None;
        };
        let found = KEYWORDS.into_iter().find(|known| *known == word.as_ref())?;
        self.skip();
        Some(found)
    }

    /// Takes the quoted name of a template.
    pub(super) fn name(&mut self) -> Result<Rc<str>, TemplateFault> {
        self.skip_space();
        match self.next() {
            Some(Token::Text(name)) => {
                self.skip_space();
                Ok(name)
            }
            _ => Err(self.fault("expected the template's name in quotes")),
        }
    }

    /// Takes `$a :=`, `$a, $b :=` or `$a =`, if that is what comes.
    pub(super) fn declaration(&mut self) -> Option<Declaration> {
        let before = self.next;
        let mut variables = Vec::new();
        loop {
            self.skip_space();
            match self.next() {
                Some(Token::Variable(name)) => variables.push(name),
                _ => break,
            }
            self.skip_space();
            match self.next() {
                Some(Token::Comma) => {}
                Some(Token::Declare) => {
                    return Some(Declaration {
                        variables,
                        declares: true,
                    });
                }
                Some(Token::Assign) => {
                    return Some(Declaration {
                        variables,
                        declares: false,
                    });
                }
                _ => break,
            }
        }
        self.next = before;
        None
    }

    pub(super) fn fault(&self, message: &str) -> TemplateFault {
        TemplateFault::new(self.line, message)
    }
}

/// The variables that a pipeline's value goes to.
#[derive(Debug)]
pub(super) struct Declaration {
    pub(super) variables: Vec<Rc<str>>,
    /// They are new; else they exist already.
    pub(super) declares: bool,
}
