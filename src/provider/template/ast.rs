use std::collections::HashMap;
use std::rc::Rc;

use super::functions::Function;
use super::value::Value;

/// A template that can be run.
#[derive(Debug)]
pub(super) struct Program<'text> {
    pub(super) main: Vec<Item<'text>>,
    /// What `define` and `block` named.
    pub(super) named: HashMap<Rc<str>, Vec<Item<'text>>>,
}

/// One part of a template.
#[derive(Debug)]
pub(super) enum Item<'text> {
    Text(&'text str, u32),
    Print(Pipeline),
    /// The arms of an `if`, in order; the last may have no condition.
    If(Vec<Arm<'text>>),
    /// As `If`, but the dot becomes the value.
    With(Vec<Arm<'text>>),
    Range {
        over: Pipeline,
        body: Vec<Self>,
        otherwise: Vec<Self>,
    },
    Template {
        name: Rc<str>,
        given: Option<Pipeline>,
        line: u32,
    },
    Break,
    Continue,
}

/// A condition, and what is done when it holds.
#[derive(Debug)]
pub(super) struct Arm<'text> {
    /// `None`: always.
    pub(super) condition: Option<Pipeline>,
    pub(super) body: Vec<Item<'text>>,
}

/// Commands, each handing its value to the next.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) line: u32,
    /// Variables that get the value; two only in `range`.
    pub(super) variables: Vec<Rc<str>>,
    pub(super) declares: bool,
    pub(super) commands: Vec<Command>,
}

/// A value, or a function and its arguments.
#[derive(Debug)]
pub(super) enum Command {
    Value(Operand),
    Call(Call, Vec<Operand>),
}

/// What is called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Call {
    /// These two look at no more arguments than they need.
    And,
    Or,
    Function(&'static str, Function),
}

/// Something that has a value, and the fields taken of it.
#[derive(Debug)]
pub(super) struct Operand {
    pub(super) base: Base,
    pub(super) fields: Vec<Rc<str>>,
}

#[derive(Debug)]
pub(super) enum Base {
    Dot,
    Variable(Rc<str>),
    Constant(Value),
    Pipe(Box<Pipeline>),
    Call(Call),
}
