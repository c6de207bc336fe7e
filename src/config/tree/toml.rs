use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use super::{Builder, Fault, Position, Sort, Tree};

/// Reads a TOML text.
pub(super) fn read(text: &str) -> Result<Tree, Fault> {
    let lines = Lines::of(text);
    let document = Document::parse(text).map_err(|error| Fault {
        at: lines.position(error.span()),
        message: format!("this is not TOML: {}", error.message().replace('\n', ", ")),
        hint: None,
    })?;
    let mut walk = Walk {
        builder: Builder::new(),
        lines,
    };
    if !document.as_table().is_empty() {
        walk.table(document.as_table(), Position { line: 1, column: 1 })?;
    }
    walk.builder.finish()
}

struct Walk<'text> {
    builder: Builder,
    lines: Lines<'text>,
}

impl Walk<'_> {
    fn table(&mut self, table: &dyn TableLike, at: Position) -> Result<(), Fault> {
        self.builder.start_map(at)?;
        for (name, item) in table.iter() {
            let span = table
                .key(name)
                .and_then(|key| key.span())
                .or_else(|| item.span());
            let key_at = span.map_or(at, |span| self.lines.position(Some(span)));
            self.builder.key(name, key_at)?;
            self.item(item, key_at)?;
        }
        self.builder.end()
    }

    /// `near` is where the item's key stands: the place of what has no place of its own.
    fn item(&mut self, item: &Item, near: Position) -> Result<(), Fault> {
        match item {
            Item::None => self.builder.null(near),
            Item::Value(value) => self.value(value, near),
            Item::Table(table) => self.table(table, near),
            Item::ArrayOfTables(tables) => {
                self.builder.start_list(near)?;
                for table in tables {
                    let at = table
                        .span()
                        .map_or(near, |span| self.lines.position(Some(span)));
                    self.table(table, at)?;
                }
                self.builder.end()
            }
        }
    }

    fn value(&mut self, value: &Value, near: Position) -> Result<(), Fault> {
        let at = value
            .span()
            .map_or(near, |span| self.lines.position(Some(span)));
        match value {
            Value::String(text) => self.builder.scalar(text.value(), Sort::Text, at),
            Value::Integer(number) => {
                let text = number.value().to_string();
                self.builder.scalar(&text, Sort::Integer, at)
            }
            Value::Float(number) => {
                let text = number.value().to_string();
                self.builder.scalar(&text, Sort::Float, at)
            }
            Value::Boolean(truth) => {
                let text = if *truth.value() { "true" } else { "false" };
                self.builder.scalar(text, Sort::Bool, at)
            }
            Value::Datetime(time) => self
                .builder
                .scalar(&time.value().to_string(), Sort::Text, at),
            Value::Array(items) => {
                self.builder.start_list(at)?;
                for item in items {
                    self.value(item, at)?;
                }
                self.builder.end()
            }
            Value::InlineTable(table) => self.table(table, at),
        }
    }
}

/// Turns byte offsets into lines and columns.
struct Lines<'text> {
    text: &'text str,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl<'text> Lines<'text> {
    fn of(text: &'text str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        Self {
            text,
            starts: std::iter::once(0).chain(breaks.map(|at| at + 1)).collect(),
        }
    }

    fn position(&self, span: Option<Range<usize>>) -> Position {
        let Some(offset) = span.map(|span| span.start) else {
            return Position::default();
        };
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|index| self.starts.get(index))
            .copied()
            .unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
        }
    }
}
