use std::collections::HashMap;
use std::rc::Rc;

use super::ast::{Arm, Base, Call, Command, Item, Operand, Pipeline, Program};
use super::functions;
use super::lexer::{Piece, Token, pieces};
use super::tokens::Tokens;
use super::{TemplateFault, value::Value};
use crate::base::limits;

pub(super) fn parse(text: &str) -> Result<Program<'_>, TemplateFault> {
    let mut parser = Parser {
        pieces: pieces(text)?.into_iter(),
        named: HashMap::new(),
        depth: 0,
        loops: 0,
        scopes: vec![Rc::from("")],
    };
    let (main, end) = parser.items()?;
    if let Some(end) = end {
        let word = end.word();
        return Err(TemplateFault::new(
            end.line,
            format!("{{{{ {word} }}}} closes nothing"),
        ));
    }
    Ok(Program {
        main,
        named: parser.named,
    })
}

struct Parser<'text> {
    pieces: std::vec::IntoIter<Piece<'text>>,
    named: HashMap<Rc<str>, Vec<Item<'text>>>,
    depth: usize,
    loops: usize,
    /// Variables in sight.
    scopes: Vec<Rc<str>>,
}

/// What ended a run of items: `end`, or `else` with what follows it.
struct End {
    line: u32,
    /// Tokens behind `else`; `None` for `end`.
    otherwise: Option<Tokens>,
}

impl End {
    fn word(&self) -> &'static str {
        if self.otherwise.is_some() {
            "else"
        } else {
            "end"
        }
    }
}

type Body<'text> = (Vec<Item<'text>>, Option<End>);

impl<'text> Parser<'text> {
    /// Items up to the `end` or `else` that closes them, or to the end of the text.
    fn items(&mut self) -> Result<Body<'text>, TemplateFault> {
        self.depth += 1;
        let mut items = Vec::new();
        while let Some(piece) = self.pieces.next() {
            let (tokens, line) = match piece {
                Piece::Text(text, line) => {
                    items.push(Item::Text(text, line));
                    continue;
                }
                Piece::Action(tokens, line) => (tokens, line),
            };
            if self.depth > limits::TEMPLATE_DEPTH_MAX {
                return Err(TemplateFault::new(
                    line,
                    "too many actions inside each other",
                ));
            }
            let mut tokens = Tokens::new(tokens, line);
            match tokens.keyword() {
                Some("end") => {
                    self.depth -= 1;
                    let end = End {
                        line,
                        otherwise: None,
                    };
                    return Ok((items, Some(end)));
                }
                Some("else") => {
                    self.depth -= 1;
                    let end = End {
                        line,
                        otherwise: Some(tokens),
                    };
                    return Ok((items, Some(end)));
                }
                Some(word) => {
                    if let Some(item) = self.keyword(word, tokens)? {
                        items.push(item);
                    }
                }
                None => items.push(Item::Print(self.pipeline(&mut tokens)?)),
            }
        }
        self.depth -= 1;
        Ok((items, None))
    }

    fn keyword(
        &mut self,
        word: &str,
        mut tokens: Tokens,
    ) -> Result<Option<Item<'text>>, TemplateFault> {
        let seen = self.scopes.len();
        let item = match word {
            "if" => Item::If(self.arms("if", tokens)?),
            "with" => Item::With(self.arms("with", tokens)?),
            "range" => self.range(tokens)?,
            "template" => return self.template(tokens).map(Some),
            "define" => {
                let name = tokens.name()?;
                let body = self.named_body(tokens.line)?;
                self.named.insert(name, body);
                return Ok(None);
            }
            "block" => {
                let line = tokens.line;
                let name = tokens.name()?;
                let given = self.pipeline(&mut tokens)?;
                let body = self.named_body(line)?;
                self.named.entry(Rc::clone(&name)).or_insert(body);
                Item::Template {
                    name,
                    given: Some(given),
                    line,
                }
            }
            _ if self.loops == 0 => {
                return Err(tokens.fault(&format!("{{{{ {word} }}}} stands outside of a range")));
            }
            "break" => Item::Break,
            _ => Item::Continue,
        };
        self.scopes.truncate(seen);
        Ok(Some(item))
    }

    fn template(&mut self, mut tokens: Tokens) -> Result<Item<'text>, TemplateFault> {
        let line = tokens.line;
        let name = tokens.name()?;
        let given = if tokens.is_done() {
            None
        } else {
            Some(self.pipeline(&mut tokens)?)
        };
        Ok(Item::Template { name, given, line })
    }

    /// The body of a `define`: it sees no variable but `$`.
    fn named_body(&mut self, line: u32) -> Result<Vec<Item<'text>>, TemplateFault> {
        let outer = std::mem::replace(&mut self.scopes, vec![Rc::from("")]);
        let loops = std::mem::take(&mut self.loops);
        let (body, end) = self.items()?;
        self.scopes = outer;
        self.loops = loops;
        self.closed(end, line, "define")?;
        Ok(body)
    }

    fn arms(&mut self, word: &str, mut tokens: Tokens) -> Result<Vec<Arm<'text>>, TemplateFault> {
        let line = tokens.line;
        let mut arms = Vec::new();
        let mut condition = Some(self.pipeline(&mut tokens)?);
        loop {
            let seen = self.scopes.len();
            let (body, end) = self.items()?;
            self.scopes.truncate(seen);
            let is_last = condition.is_none();
            arms.push(Arm {
                condition: condition.take(),
                body,
            });
            let Some(end) = end else {
                return Err(unclosed(line, word));
            };
            let Some(mut otherwise) = end.otherwise else {
                return Ok(arms);
            };
            if is_last {
                return Err(TemplateFault::new(end.line, "a second {{ else }}"));
            }
            match otherwise.keyword() {
                None if otherwise.is_done() => {}
                Some(again) if again == word => condition = Some(self.pipeline(&mut otherwise)?),
                _ => return Err(otherwise.fault(&format!("expected `else` or `else {word}`"))),
            }
        }
    }

    fn range(&mut self, mut tokens: Tokens) -> Result<Item<'text>, TemplateFault> {
        let line = tokens.line;
        let over = self.pipeline(&mut tokens)?;
        self.loops += 1;
        let (body, end) = self.items()?;
        self.loops -= 1;
        let Some(end) = end else {
            return Err(unclosed(line, "range"));
        };
        let otherwise = if let Some(rest) = end.otherwise {
            if !rest.is_done() {
                return Err(rest.fault("nothing may follow the `else` of a range"));
            }
            let (body, end) = self.items()?;
            self.closed(end, line, "range")?;
            body
        } else {
            Vec::new()
        };
        Ok(Item::Range {
            over,
            body,
            otherwise,
        })
    }

    #[expect(clippy::unused_self, reason = "reads as the other steps do")]
    fn closed(&self, end: Option<End>, line: u32, word: &str) -> Result<(), TemplateFault> {
        match end {
            Some(end) if end.otherwise.is_none() => Ok(()),
            Some(end) => Err(TemplateFault::new(end.line, "an {{ else }} too many")),
            None => Err(unclosed(line, word)),
        }
    }

    fn pipeline(&mut self, tokens: &mut Tokens) -> Result<Pipeline, TemplateFault> {
        let mut pipeline = Pipeline {
            line: tokens.line,
            variables: Vec::new(),
            declares: false,
            commands: Vec::new(),
        };
        if let Some(declaration) = tokens.declaration() {
            pipeline.variables = declaration.variables;
            pipeline.declares = declaration.declares;
        }
        loop {
            tokens.skip_space();
            let command = self.command(tokens)?;
            pipeline.commands.push(command);
            tokens.skip_space();
            match tokens.peek() {
                Some(Token::Pipe) => tokens.skip(),
                None | Some(Token::Close) => break,
                Some(_) => return Err(tokens.fault("this is not understood here")),
            }
        }
        for name in &pipeline.variables {
            if pipeline.declares {
                self.scopes.push(Rc::clone(name));
            } else if !self.scopes.contains(name) {
                return Err(tokens.fault(&format!("the variable ${name} is not declared")));
            }
        }
        self.check_chain(&pipeline)?;
        Ok(pipeline)
    }

    /// Only functions can take the value of the command before.
    #[expect(clippy::unused_self, reason = "reads as the other steps do")]
    fn check_chain(&self, pipeline: &Pipeline) -> Result<(), TemplateFault> {
        let values = pipeline.commands.iter().skip(1);
        for command in values {
            if let Command::Value(_) = command {
                let message = "what follows | must be a function";
                return Err(TemplateFault::new(pipeline.line, message));
            }
        }
        Ok(())
    }

    fn command(&mut self, tokens: &mut Tokens) -> Result<Command, TemplateFault> {
        let first = self.operand(tokens)?;
        let mut given = Vec::new();
        loop {
            tokens.skip_space();
            match tokens.peek() {
                None | Some(Token::Pipe | Token::Close) => break,
                Some(_) => given.push(self.operand(tokens)?),
            }
        }
        match first {
            Operand {
                base: Base::Call(call),
                fields,
            } if fields.is_empty() => Ok(Command::Call(call, given)),
            value if given.is_empty() => Ok(Command::Value(value)),
            _ => Err(tokens.fault("only a function can be given arguments")),
        }
    }

    fn operand(&mut self, tokens: &mut Tokens) -> Result<Operand, TemplateFault> {
        let Some(token) = tokens.next() else {
            return Err(tokens.fault("a value is missing"));
        };
        let mut fields = Vec::new();
        let base = match token {
            Token::Dot => Base::Dot,
            Token::Field(name) => {
                fields.push(name);
                Base::Dot
            }
            Token::Variable(name) => {
                if !self.scopes.contains(&name) {
                    return Err(tokens.fault(&format!("the variable ${name} is not declared")));
                }
                Base::Variable(name)
            }
            Token::Text(text) => Base::Constant(Value::Text(text)),
            Token::Int(number) => Base::Constant(Value::Int(number)),
            Token::Float(number) => Base::Constant(Value::Float(number)),
            Token::Word(word) => word_operand(&word, tokens.line)?,
            Token::Open => self.parenthesis(tokens)?,
            Token::Close
            | Token::Pipe
            | Token::Comma
            | Token::Declare
            | Token::Assign
            | Token::Space => return Err(tokens.fault("a value is missing")),
        };
        while let Some(Token::Field(name)) = tokens.peek() {
            fields.push(Rc::clone(name));
            tokens.skip();
        }
        Ok(Operand { base, fields })
    }

    fn parenthesis(&mut self, tokens: &mut Tokens) -> Result<Base, TemplateFault> {
        self.depth += 1;
        if self.depth > limits::TEMPLATE_DEPTH_MAX {
            return Err(tokens.fault("too many parentheses inside each other"));
        }
        let inner = self.pipeline(tokens)?;
        self.depth -= 1;
        if tokens.next() != Some(Token::Close) {
            return Err(tokens.fault("a parenthesis is not closed"));
        }
        Ok(Base::Pipe(Box::new(inner)))
    }
}

fn word_operand(word: &str, line: u32) -> Result<Base, TemplateFault> {
    Ok(match word {
        "true" => Base::Constant(Value::Bool(true)),
        "false" => Base::Constant(Value::Bool(false)),
        "nil" => Base::Constant(Value::Nil),
        "and" => Base::Call(Call::And),
        "or" => Base::Call(Call::Or),
        _ => match functions::find(word) {
            Some((name, function)) => Base::Call(Call::Function(name, function)),
            None => {
                let mut fault =
                    TemplateFault::new(line, format!("there is no template function {word:?}"));
                fault.hint = functions::hint(word);
                return Err(fault);
            }
        },
    })
}

fn unclosed(line: u32, word: &str) -> TemplateFault {
    TemplateFault::new(
        line,
        format!("{{{{ {word} }}}} is not closed by {{{{ end }}}}"),
    )
}
