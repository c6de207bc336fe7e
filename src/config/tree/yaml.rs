use ahash::AHashMap;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::{Builder, Fault, Position, Sort, Tree, plain};

/// Reads the first document of a YAML text.
pub(super) fn read(text: &str) -> Result<Tree, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reading = Reading {
        parser: Parser::new_from_str(text),
        builder: Builder::new(),
        anchors: AHashMap::new(),
    };
    reading.document()?;
    reading.builder.finish()
}

/// Reads all documents of a YAML text.
pub(super) fn read_all(text: &str) -> Result<Vec<Tree>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reading = Reading {
        parser: Parser::new_from_str(text),
        builder: Builder::new(),
        anchors: AHashMap::new(),
    };
    let mut trees = Vec::new();
    while let Some(event) = reading.parser.next_event() {
        let (event, span) = event.map_err(|error| syntax(&error))?;
        if matches!(event, Event::DocumentEnd) {
            reading.anchors.clear();
            trees.push(std::mem::take(&mut reading.builder).finish()?);
        } else {
            reading.take(event, span)?;
        }
    }
    Ok(trees)
}

struct Reading<'text> {
    parser: Parser<'text, StrInput<'text>>,
    builder: Builder,
    /// Anchor number to the place of its value.
    anchors: AHashMap<usize, usize>,
}

impl Reading<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| syntax(&error))?;
            if matches!(event, Event::StreamEnd) {
                return Ok(());
            }
            if matches!(event, Event::DocumentEnd) {
                return self.behind_document();
            }
            self.take(event, span)?;
        }
        Ok(())
    }

    /// Builds what one event inside a document says.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamEnd => Ok(()),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                self.anchor(anchor);
                self.scalar(&text, style, tag.as_deref(), span)
            }
            Event::SequenceStart(anchor, _) => {
                self.anchor(anchor);
                self.builder.start_list(position(span.start))
            }
            Event::MappingStart(anchor, _) => {
                self.anchor(anchor);
                self.builder.start_map(position(span.start))
            }
            Event::SequenceEnd | Event::MappingEnd => self.builder.end(),
        }
    }

    /// Looks whether a second document follows. Faults in it are not ours: it is not read.
    fn behind_document(&mut self) -> Result<(), Fault> {
        if let Some(Ok((Event::DocumentStart(_), span))) = self.parser.next_event() {
            self.builder.surplus(position(span.start));
        }
        Ok(())
    }

    fn anchor(&mut self, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, self.builder.next_index());
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Fault> {
        let at = position(span.start);
        let Some(index) = self.anchors.get(&anchor).copied() else {
            return Err(Fault {
                at,
                message: "the alias names no anchor above it".to_owned(),
                hint: None,
            });
        };
        self.builder.repeat(index, at)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Fault> {
        let at = position(span.start);
        let as_text = match tag.filter(|tag| tag.is_yaml_core_schema()) {
            Some(tag) => tag.suffix == "str",
            None => style != ScalarStyle::Plain,
        };
        if self.builder.expects_key() {
            self.builder.key(text, at)?;
            if !as_text && text == "<<" {
                self.builder.merges();
            }
            return Ok(());
        }
        if as_text {
            return self.builder.scalar(text, Sort::Text, at);
        }
        match plain::resolve(text) {
            Some((sort, text)) => self.builder.scalar(&text, sort, at),
            None => self.builder.null(at),
        }
    }
}

fn position(mark: Marker) -> Position {
    Position {
        line: u32::try_from(mark.line()).unwrap_or(u32::MAX),
        column: u32::try_from(mark.col() + 1).unwrap_or(u32::MAX),
    }
}

fn syntax(error: &ScanError) -> Fault {
    let info = error.info();
    let hint = if info.contains("tab") {
        Some("YAML is indented with spaces, never with tabs".to_owned())
    } else if info.contains("mapping values") {
        Some("a text that holds \": \" must stand in quotes".to_owned())
    } else {
        None
    };
    Fault {
        at: position(*error.marker()),
        message: format!("this is not YAML: {info}"),
        hint,
    }
}
