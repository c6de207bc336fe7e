//! Conditions such as `ResponseCodeRatio(500, 600, 0, 600) > 0.25 || NetworkErrorRatio() > 0.1`
//! (features 6, circuitBreaker and buffering): numbers that functions tell, compared and joined.

mod lex;
mod parse;

use std::fmt;

/// A function that expressions of one kind may call.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub name: &'static str,
    /// Numbers in its parentheses.
    pub arguments: usize,
    pub yields: Yields,
}

/// What a function tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Yields {
    /// To be compared with a number.
    Number,
    /// To stand by itself.
    Truth,
}

/// An expression, ready to be asked as often as one likes.
#[derive(Clone, PartialEq, Debug)]
pub struct Expression {
    root: Node,
    calls: Box<[Call]>,
}

/// One call in an expression; equal ones stand there once.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// Its place in the list of functions.
    pub function: usize,
    pub arguments: Box<[f64]>,
}

/// Why a text is no expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpressionFault {
    /// Counted from one.
    pub column: usize,
    pub message: String,
}

#[derive(Clone, PartialEq, Debug)]
enum Node {
    Or(Box<Self>, Box<Self>),
    And(Box<Self>, Box<Self>),
    Not(Box<Self>),
    /// The number of a call that tells a truth.
    Is(usize),
    Compare(Operand, Order, Operand),
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Operand {
    Number(f64),
    /// The number of a call.
    Call(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Expression {
    /// # Errors
    /// The text calls something else than `functions`, or compares what cannot be compared.
    pub fn read(text: &str, functions: &[Function]) -> Result<Self, ExpressionFault> {
        parse::expression(text, functions)
    }

    /// What it calls; [`Expression::holds`] asks by the place here.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Whether it is true when the calls tell these values; a truth is 1 or 0.
    pub fn holds(&self, value: impl Fn(usize) -> f64) -> bool {
        holds(&self.root, &value)
    }
}

fn holds(node: &Node, value: &impl Fn(usize) -> f64) -> bool {
    match node {
        Node::Or(one, other) => holds(one, value) || holds(other, value),
        Node::And(one, other) => holds(one, value) && holds(other, value),
        Node::Not(inner) => !holds(inner, value),
        Node::Is(call) => value(*call) > 0.5,
        Node::Compare(left, order, right) => {
            let number = |operand: &Operand| match operand {
                Operand::Number(number) => *number,
                Operand::Call(call) => value(*call),
            };
            order.holds(number(left), number(right))
        }
    }
}

impl Order {
    #[expect(
        clippy::float_cmp,
        reason = "`ResponseCode() == 502` compares whole numbers, and is what users ask for"
    )]
    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
        }
    }
}

impl fmt::Display for ExpressionFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "column {}: {}", self.column, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTIONS: [Function; 3] = [
        Function {
            name: "Ratio",
            arguments: 0,
            yields: Yields::Number,
        },
        Function {
            name: "Codes",
            arguments: 2,
            yields: Yields::Number,
        },
        Function {
            name: "Broken",
            arguments: 0,
            yields: Yields::Truth,
        },
    ];

    /// `Ratio()` tells 0.5, `Codes(a, b)` a + b, and `Broken()` is true.
    fn ask(text: &str) -> bool {
        let expression = Expression::read(text, &FUNCTIONS).unwrap_or_else(|f| panic!("{f}"));
        let value = |number: usize| {
            let call = &expression.calls()[number];
            match call.function {
                0 => 0.5,
                1 => call.arguments.iter().sum(),
                _ => 1.0,
            }
        };
        expression.holds(value)
    }

    #[test]
    fn numbers_are_compared_and_joined() {
        let table = [
            ("Ratio() > 0.4", true),
            ("Ratio() > 0.5", false),
            ("Ratio() >= 0.5", true),
            ("Ratio()<1", true),
            ("Ratio() <= 0.25", false),
            ("Ratio() == .5", true),
            ("Ratio() != 5e-1", false),
            ("0.4 < Ratio()", true),
            ("Codes(1, 2.5) == 3.5", true),
            ("Codes(-1,1) == 0", true),
            ("Broken()", true),
            ("!Broken()", false),
            ("!!Broken()", true),
            ("!Broken() || Ratio() == 0.5", true),
            ("!(Broken() || Ratio() == 0.5)", false),
            // `&&` binds more tightly.
            ("Broken() || Broken() && Ratio() > 1", true),
            ("(Broken() || Broken()) && Ratio() > 1", false),
            ("Ratio() > 1 && Broken() || Broken()", true),
            ("  ( ( Broken ( ) ) )\n", true),
        ];
        for (text, expected) in table {
            assert_eq!(ask(text), expected, "{text}");
        }
    }

    #[test]
    fn equal_calls_are_asked_once() {
        let text = "Codes(1, 2) > 1 || Codes(1,2.0) < 0 || Codes(2, 1) > 0";
        let expression = Expression::read(text, &FUNCTIONS).unwrap();
        assert_eq!(expression.calls().len(), 2);
    }

    #[test]
    fn what_is_no_expression_is_told_with_its_column() {
        let table = [
            ("", 1, "expected"),
            ("Ratio()", 1, "compare"),
            ("Broken() > 1", 1, "compared"),
            ("Ratio() > ", 11, "expected"),
            ("Ratio > 1", 7, "expected `(`"),
            (
                "Nothing() > 1",
                1,
                "unknown function `Nothing`, known are Ratio, Codes, Broken",
            ),
            ("Codes(1) > 1", 1, "takes 2 numbers"),
            ("Codes(1, x) > 1", 10, "expected a number"),
            ("Ratio() > 1 && ", 16, "expected"),
            (
                "Ratio() > 1 Ratio() > 1",
                13,
                "expected `&&`, `||` or the end",
            ),
            ("(Ratio() > 1", 13, "expected `)`"),
            ("Ratio() = 1", 9, "`=`"),
            ("Ratio() > 1 & Broken()", 13, "`&`"),
            ("Ratio() > 1..2", 11, "no number"),
            ("1 > 2", 1, "calls no function"),
            ("Ratio() > 'a'", 11, "`'`"),
        ];
        for (text, column, part) in table {
            let fault = Expression::read(text, &FUNCTIONS).unwrap_err();
            assert_eq!(fault.column, column, "{text}: {fault}");
            assert!(fault.message.contains(part), "{text}: {fault}");
        }
        let deep = format!("{}Broken(){}", "(".repeat(500), ")".repeat(500));
        let fault = Expression::read(&deep, &FUNCTIONS).unwrap_err();
        assert!(fault.message.contains("deep"), "{fault}");
        let long = vec!["Broken()"; 2000].join(" || ");
        let fault = Expression::read(&long, &FUNCTIONS).unwrap_err();
        assert!(fault.message.contains("longer"), "{fault}");
    }
}
