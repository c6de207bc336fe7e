use ahash::AHashSet;

use super::{Fault, Form, Position, Raw, Sort, Tree};
use crate::base::limits;

/// The key that pulls the entries of another map in.
const MERGE_KEY: &str = "<<";
/// Maps up to this size are searched for double keys by comparing all with all.
const SMALL_MAP_ENTRIES: usize = 16;

/// Makes a tree from a walk over it: containers open, hold, and end.
///
/// In a map, keys and values alternate. Depth and size are bounded here, so every format is.
#[derive(Debug, Default)]
pub struct Builder {
    tree: Tree,
    open: Vec<Frame>,
    alias_nodes: usize,
}

/// A container that has not ended yet.
#[derive(Debug)]
struct Frame {
    index: usize,
    /// Children so far; in a map, keys count too.
    children: usize,
    height: u8,
    is_map: bool,
    merges: bool,
}

impl Builder {
    pub fn new() -> Self {
        Self::default()
    }

    /// A scalar, as value or (in a map, by turns) as key.
    pub fn scalar(&mut self, text: &str, sort: Sort, at: Position) -> Result<(), Fault> {
        let start = self.tree.text.len();
        self.tree.text.push_str(text);
        let (Ok(first), Ok(second)) = (u32::try_from(start), u32::try_from(text.len())) else {
            return Err(too_large(at));
        };
        self.push(Raw {
            first,
            second,
            form: Form::Scalar(sort),
            height: 0,
            ..raw_at(at)
        })
    }

    /// The key of the entry whose value comes next.
    pub fn key(&mut self, text: &str, at: Position) -> Result<(), Fault> {
        self.scalar(text, Sort::Text, at)
    }

    /// A value that is not there.
    pub fn null(&mut self, at: Position) -> Result<(), Fault> {
        if self.expects_key() {
            return self.key("null", at);
        }
        self.push(Raw {
            form: Form::Null,
            ..raw_at(at)
        })
    }

    pub fn start_map(&mut self, at: Position) -> Result<(), Fault> {
        self.start(Form::Map, at)
    }

    pub fn start_list(&mut self, at: Position) -> Result<(), Fault> {
        self.start(Form::List, at)
    }

    /// Ends the container that was opened last.
    pub fn end(&mut self) -> Result<(), Fault> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        if frame.is_map {
            if frame.merges {
                self.merge(frame.index)?;
            }
            self.refuse_double_keys(frame.index)?;
        }
        let end = self.tree.raws.len();
        if let Some(raw) = self.tree.raws.get_mut(frame.index) {
            raw.height = frame.height;
        }
        self.set_span(frame.index, end)?;
        if let Some(outer) = self.open.last_mut() {
            outer.height = outer.height.max(frame.height.saturating_add(1));
        }
        Ok(())
    }

    /// Marks that the key just written pulls another map in.
    pub(super) fn merges(&mut self) {
        if let Some(frame) = self.open.last_mut() {
            frame.merges = true;
        }
    }

    /// True when the next scalar is a key.
    pub(super) fn expects_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|frame| frame.is_map && frame.children.is_multiple_of(2))
    }

    /// Where the next value will stand: what an anchor has to remember.
    pub(super) fn next_index(&self) -> usize {
        self.tree.raws.len()
    }

    /// Repeats the value at `index` here.
    pub(super) fn repeat(&mut self, index: usize, at: Position) -> Result<(), Fault> {
        if self.open.iter().any(|frame| frame.index == index) {
            return Err(fault(at, "an alias stands inside the value that it names"));
        }
        let Some(source) = self.tree.raws.get(index).copied() else {
            return Err(fault(at, "the alias names nothing"));
        };
        self.alias_nodes += source.span();
        if self.alias_nodes > limits::CONFIG_ALIAS_NODES_MAX {
            return Err(fault(at, "the aliases make the file too large"));
        }
        if self.open.len() + usize::from(source.height) >= limits::CONFIG_DEPTH_MAX {
            return Err(too_deep(at));
        }
        let here = self.next_index();
        self.push(source)?;
        let inside = index + 1..index + source.span();
        self.tree.raws.extend_from_within(inside);
        if let Some(raw) = self.tree.raws.get_mut(here) {
            raw.line = at.line;
            raw.column = raw_at(at).column;
        }
        if let Some(frame) = self.open.last_mut() {
            frame.height = frame.height.max(source.height.saturating_add(1));
        }
        Ok(())
    }

    pub(super) fn surplus(&mut self, at: Position) {
        self.tree.surplus = Some(at);
    }

    /// The finished tree; containers left open are ended.
    pub fn finish(mut self) -> Result<Tree, Fault> {
        while !self.open.is_empty() {
            self.end()?;
        }
        Ok(self.tree)
    }

    fn start(&mut self, form: Form, at: Position) -> Result<(), Fault> {
        if self.open.len() >= limits::CONFIG_DEPTH_MAX {
            return Err(too_deep(at));
        }
        let index = self.next_index();
        self.push(Raw { form, ..raw_at(at) })?;
        self.open.push(Frame {
            index,
            children: 0,
            height: 1,
            is_map: form == Form::Map,
            merges: false,
        });
        Ok(())
    }

    fn push(&mut self, raw: Raw) -> Result<(), Fault> {
        if self.tree.raws.len() >= limits::CONFIG_NODES_MAX {
            return Err(too_large(raw.at()));
        }
        if self.expects_key() && !matches!(raw.form, Form::Scalar(_)) {
            return Err(fault(raw.at(), "a key must be a plain text"));
        }
        if let Some(frame) = self.open.last_mut() {
            frame.children += 1;
        }
        self.tree.raws.push(raw);
        Ok(())
    }

    /// Writes how far the container at `index` reaches, and how many it holds.
    fn set_span(&mut self, index: usize, end: usize) -> Result<(), Fault> {
        let count = self.children(index, end).count();
        let Some(raw) = self.tree.raws.get_mut(index) else {
            return Ok(());
        };
        let count = if raw.form == Form::Map {
            count / 2
        } else {
            count
        };
        let (Ok(span), Ok(count)) = (u32::try_from(end - index), u32::try_from(count)) else {
            return Err(too_large(raw.at()));
        };
        raw.first = span;
        raw.second = count;
        Ok(())
    }

    /// Where the children of the container at `index` begin; in a map, keys and values by turns.
    fn children(&self, index: usize, end: usize) -> impl Iterator<Item = usize> {
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let here = next;
            if here >= end {
                return None;
            }
            next += self.tree.raws.get(here).map_or(1, |raw| raw.span());
            Some(here)
        })
    }

    fn refuse_double_keys(&self, index: usize) -> Result<(), Fault> {
        let keys = || {
            self.children(index, self.tree.raws.len())
                .step_by(2)
                .filter_map(|key| self.tree.raws.get(key).copied())
        };
        let count = keys().count();
        let mut seen_small: [&str; SMALL_MAP_ENTRIES] = [""; SMALL_MAP_ENTRIES];
        let mut seen_large = AHashSet::new();
        for (number, key) in keys().enumerate() {
            let text = self.tree.text_of(key);
            let double = if count <= SMALL_MAP_ENTRIES {
                let double = seen_small.iter().take(number).any(|seen| *seen == text);
                if let Some(seat) = seen_small.get_mut(number) {
                    *seat = text;
                }
                double
            } else {
                !seen_large.insert(text)
            };
            if double {
                return Err(self.double_key(index, key));
            }
        }
        Ok(())
    }

    fn double_key(&self, index: usize, key: Raw) -> Fault {
        let text = self.tree.text_of(key);
        let first = self
            .children(index, self.tree.raws.len())
            .step_by(2)
            .filter_map(|other| self.tree.raws.get(other))
            .find(|other| self.tree.text_of(**other) == text)
            .map_or(0, |other| other.line);
        Fault {
            at: key.at(),
            message: format!("the key {text:?} comes twice"),
            hint: Some(format!("it stands already in line {first}")),
        }
    }

    /// Replaces the merge keys of the map at `index` by the entries they name. What the map says
    /// itself wins; of several merged maps, the earlier.
    fn merge(&mut self, index: usize) -> Result<(), Fault> {
        let end = self.tree.raws.len();
        let children: Vec<usize> = self.children(index, end).collect();
        let (mut own, mut pulled) = (Vec::new(), Vec::new());
        for pair in children.chunks_exact(2) {
            let &[key, value] = pair else { continue };
            if self.key_text(key) == MERGE_KEY {
                self.collect_merged(value, &mut pulled)?;
            } else {
                own.push((key, value));
            }
        }
        let mut known: AHashSet<String> = own
            .iter()
            .map(|(key, _)| self.key_text(*key).to_owned())
            .collect();
        for (key, value) in pulled {
            if known.insert(self.key_text(key).to_owned()) {
                own.push((key, value));
            }
        }
        let mut inside = Vec::new();
        for (key, value) in own {
            let span = self.tree.raws.get(value).map_or(1, |raw| raw.span());
            inside.extend(self.tree.raws.get(key));
            inside.extend_from_slice(self.tree.raws.get(value..value + span).unwrap_or_default());
        }
        self.tree.raws.truncate(index + 1);
        self.tree.raws.extend_from_slice(&inside);
        Ok(())
    }

    /// The entries of the map at `value`, or of the maps in the list there.
    fn collect_merged(&self, value: usize, out: &mut Vec<(usize, usize)>) -> Result<(), Fault> {
        let Some(raw) = self.tree.raws.get(value).copied() else {
            return Ok(());
        };
        let children: Vec<usize> = self.children(value, value + raw.span()).collect();
        match raw.form {
            Form::Map => {
                for pair in children.chunks_exact(2) {
                    if let &[key, value] = pair {
                        out.push((key, value));
                    }
                }
                Ok(())
            }
            Form::List => children
                .into_iter()
                .try_for_each(|map| self.collect_merged(map, out)),
            Form::Null | Form::Scalar(_) => Err(fault(
                raw.at(),
                "a merge key (<<) needs a map or a list of maps",
            )),
        }
    }

    fn key_text(&self, key: usize) -> &str {
        self.tree
            .raws
            .get(key)
            .map_or("", |raw| self.tree.text_of(*raw))
    }
}

fn raw_at(at: Position) -> Raw {
    Raw {
        first: 0,
        second: 0,
        line: at.line,
        column: u16::try_from(at.column).unwrap_or(u16::MAX),
        form: Form::Null,
        height: 0,
    }
}

fn fault(at: Position, message: &str) -> Fault {
    Fault {
        at,
        message: message.to_owned(),
        hint: None,
    }
}

fn too_deep(at: Position) -> Fault {
    let depth = limits::CONFIG_DEPTH_MAX;
    fault(at, &format!("more than {depth} levels inside each other"))
}

fn too_large(at: Position) -> Fault {
    fault(at, "the file holds too much")
}
