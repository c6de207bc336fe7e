//! As Go reads such expressions: `||` binds least, then `&&`, then comparisons, then `!`.

use crate::base::limits::{EXPRESSION_BYTES_MAX, EXPRESSION_DEPTH_MAX};

use super::lex::{Token, token};
use super::{Call, Expression, ExpressionFault, Function, Node, Operand, Yields};

struct Parser<'text> {
    text: &'text str,
    /// Where the token at hand begins, and where the one behind it may.
    at: usize,
    next: usize,
    token: Token<'text>,
    functions: &'text [Function],
    calls: Vec<Call>,
    depth: usize,
}

pub(super) fn expression(
    text: &str,
    functions: &[Function],
) -> Result<Expression, ExpressionFault> {
    let mut parser = Parser {
        text,
        at: 0,
        next: 0,
        token: Token::End,
        functions,
        calls: Vec::new(),
        depth: 0,
    };
    if text.len() > EXPRESSION_BYTES_MAX {
        return Err(parser.fault(format!("it is longer than {EXPRESSION_BYTES_MAX} bytes")));
    }
    parser.step()?;
    let root = parser.either()?;
    if parser.token != Token::End {
        return Err(parser.fault("expected `&&`, `||` or the end"));
    }
    Ok(Expression {
        root,
        calls: parser.calls.into(),
    })
}

impl<'text> Parser<'text> {
    fn either(&mut self) -> Result<Node, ExpressionFault> {
        let mut node = self.both()?;
        while self.token == Token::Or {
            self.step()?;
            node = Node::Or(Box::new(node), Box::new(self.both()?));
        }
        Ok(node)
    }

    fn both(&mut self) -> Result<Node, ExpressionFault> {
        let mut node = self.term()?;
        while self.token == Token::And {
            self.step()?;
            node = Node::And(Box::new(node), Box::new(self.term()?));
        }
        Ok(node)
    }

    fn term(&mut self) -> Result<Node, ExpressionFault> {
        if self.depth == EXPRESSION_DEPTH_MAX {
            return Err(self.fault("it is nested too deep"));
        }
        self.depth += 1;
        let node = match self.token {
            Token::Not => {
                self.step()?;
                Node::Not(Box::new(self.term()?))
            }
            Token::Open => {
                self.step()?;
                let inner = self.either()?;
                self.expect(Token::Close, "`)`")?;
                inner
            }
            Token::Name(_)
            | Token::Number(_)
            | Token::Order(_)
            | Token::And
            | Token::Or
            | Token::Close
            | Token::Comma
            | Token::End => self.comparison()?,
        };
        self.depth -= 1;
        Ok(node)
    }

    fn comparison(&mut self) -> Result<Node, ExpressionFault> {
        let at = self.at;
        let left = self.operand()?;
        let Token::Order(order) = self.token else {
            return match left {
                Operand::Call(call) if self.yields(call) == Yields::Truth => Ok(Node::Is(call)),
                Operand::Call(_) | Operand::Number(_) => {
                    Err(fault(at, "compare it with something, as in `> 0.5`"))
                }
            };
        };
        self.step()?;
        let right_at = self.at;
        let right = self.operand()?;
        for (operand, at) in [(left, at), (right, right_at)] {
            if let Operand::Call(call) = operand
                && self.yields(call) == Yields::Truth
            {
                return Err(fault(at, "it is true or false, and can't be compared"));
            }
        }
        if let (Operand::Number(_), Operand::Number(_)) = (left, right) {
            return Err(fault(at, "it calls no function"));
        }
        Ok(Node::Compare(left, order, right))
    }

    fn operand(&mut self) -> Result<Operand, ExpressionFault> {
        match self.token {
            Token::Number(number) => {
                self.step()?;
                Ok(Operand::Number(number))
            }
            Token::Name(name) => self.call(name).map(Operand::Call),
            Token::Order(_)
            | Token::And
            | Token::Or
            | Token::Not
            | Token::Open
            | Token::Close
            | Token::Comma
            | Token::End => Err(self.fault("expected a function or a number")),
        }
    }

    fn call(&mut self, name: &str) -> Result<usize, ExpressionFault> {
        let at = self.at;
        let known = self
            .functions
            .iter()
            .position(|function| function.name == name);
        let function = known.ok_or_else(|| {
            let names: Vec<_> = self.functions.iter().map(|known| known.name).collect();
            let names = names.join(", ");
            self.fault(format!("unknown function `{name}`, known are {names}"))
        })?;
        self.step()?;
        self.expect(Token::Open, "`(`")?;
        let mut arguments = Vec::new();
        while self.token != Token::Close {
            if !arguments.is_empty() {
                self.expect(Token::Comma, "`,` or `)`")?;
            }
            let Token::Number(number) = self.token else {
                return Err(self.fault("expected a number"));
            };
            arguments.push(number);
            self.step()?;
        }
        self.step()?;
        let wanted = self
            .functions
            .get(function)
            .map_or(0, |known| known.arguments);
        if arguments.len() != wanted {
            return Err(fault(at, format!("{name} takes {wanted} numbers")));
        }
        let call = Call {
            function,
            arguments: arguments.into(),
        };
        let place = self.calls.iter().position(|known| *known == call);
        Ok(place.unwrap_or_else(|| {
            self.calls.push(call);
            self.calls.len() - 1
        }))
    }

    fn yields(&self, call: usize) -> Yields {
        let function = self
            .calls
            .get(call)
            .and_then(|call| self.functions.get(call.function));
        function.map_or(Yields::Number, |function| function.yields)
    }

    fn expect(&mut self, wanted: Token<'_>, title: &str) -> Result<(), ExpressionFault> {
        if self.token == wanted {
            self.step()
        } else {
            Err(self.fault(format!("expected {title}")))
        }
    }

    fn step(&mut self) -> Result<(), ExpressionFault> {
        let rest = &self.text[self.next..];
        let (token, blanks, length) = token(rest).map_err(|fault| ExpressionFault {
            column: fault.column + self.next,
            ..fault
        })?;
        self.token = token;
        self.at = self.next + blanks;
        self.next = self.at + length;
        Ok(())
    }

    fn fault(&self, message: impl Into<String>) -> ExpressionFault {
        fault(self.at, message)
    }
}

fn fault(at: usize, message: impl Into<String>) -> ExpressionFault {
    ExpressionFault {
        column: at + 1,
        message: message.into(),
    }
}
