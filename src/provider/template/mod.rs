//! Go templates, as far as configuration files use them (features 11.8).
//!
//! Actions, pipelines, variables, `if`, `with`, `range`, `define`, `template`, `block`, and the
//! functions of Go's `text/template` and of sprig that need neither network nor chance.
//! Bounded in steps, depth and output. Never here: files; the environment (it is handed in).

mod ast;
mod eval;
mod functions;
mod lexer;
mod parser;
mod print;
mod tokens;
mod value;

#[cfg(test)]
mod tests;

use std::fmt;

/// Where templates get what stands outside of the text.
pub(crate) trait World {
    /// The value of an environment variable.
    fn env(&self, name: &str) -> Option<String>;
}

/// A filled-in template.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    /// For each line of `text`, the line of the template that began it; both count from 1.
    pub(crate) lines: Vec<u32>,
}

/// Why a template cannot be filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TemplateFault {
    /// Line of the template, from 1.
    pub(crate) line: u32,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// True when the text holds anything to fill in.
pub(crate) fn is_template(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"{{").is_some()
}

/// Fills a template in.
pub(crate) fn render(text: &str, world: &dyn World) -> Result<Rendered, TemplateFault> {
    let program = parser::parse(text)?;
    eval::run(&program, world)
}

impl TemplateFault {
    fn new(line: u32, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
            hint: None,
        }
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.message)
    }
}
