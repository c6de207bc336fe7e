//! The header fields of a head: numbers that point into the page they came in, and into an
//! arena for those that we add.

use memchr::memchr;

use super::bytes::{is_value, offset_in, small};
use super::fault::Fault;
use super::names::{HOP_BY_HOP, HeaderName, Id, NOTABLE, WEBSOCKET, id};
use crate::base::Page;
use crate::base::limits::{HEAD_SCRATCH_BYTES_MAX, HEADER_NAME_BYTES_MAX};

/// Bytes in the page or, with the top bit of `at` set, in the arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Span {
    pub(super) at: u32,
    pub(super) len: u32,
}

/// Marks a place as one in the arena.
const IN_ARENA: u32 = 1 << 31;

/// One field line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    name: u32,
    value: u32,
    value_len: u32,
    name_len: u16,
    pub(super) id: Id,
    pub(super) marks: Marks,
}

/// Fields that speak of one message: another one has its own.
const OF_MESSAGE: u128 = id::HOST.bit()
    | id::CONTENT_LENGTH.bit()
    | id::TRANSFER_ENCODING.bit()
    | id::EXPECT.bit()
    | id::HTTP2_SETTINGS.bit();

/// What is to be known of a field besides its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Marks(u8);

impl Marks {
    pub(super) const NONE: Self = Self(0);
    /// Removed: neither seen nor written.
    pub(super) const DEAD: Self = Self(1);
    /// Seen by middlewares, not written: it speaks about this connection only.
    pub(super) const HIDDEN: Self = Self(2);
    /// Its line is not `Name: value CR LF` byte for byte, or its name must be respelled: it is
    /// written anew rather than copied.
    pub(super) const ODD: Self = Self(4);
    /// Its name holds an underscore.
    pub(super) const UNDERSCORE: Self = Self(8);
    /// Not seen by middlewares, but written: Host, which they ask for otherwise.
    pub(super) const VEILED: Self = Self(16);

    const UNSEEN: Self = Self::DEAD.with(Self::VEILED);
    const UNWRITTEN: Self = Self::DEAD.with(Self::HIDDEN);

    pub(super) const fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The fields of one head, in the order in which they came, then those added.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) page: Page,
    arena: Vec<u8>,
    table: Vec<Field>,
    /// Places in the table of the fields that must be listened to.
    notable: Vec<u16>,
    /// Where the lines begin in the page.
    lines_at: u32,
    /// The known names that occur; a name that is not in here has no live field.
    present: u128,
    underscores: bool,
}

/// A state to come back to.
#[derive(Debug)]
pub(super) struct FieldsBefore {
    table: Box<[Field]>,
    arena_len: usize,
    present: u128,
}

impl Fields {
    /// Forgets everything, keeps the allocations.
    pub(super) fn clear(&mut self) {
        self.page = Page::empty();
        self.forget_lines();
        if self.arena.capacity() > HEAD_SCRATCH_BYTES_MAX {
            self.arena = Vec::new();
        }
    }

    /// The same fields, on a page of their own.
    pub(super) fn duplicate(&self) -> Self {
        Self {
            page: Page::copy_of(self.page.as_slice()),
            arena: self.arena.clone(),
            table: self.table.clone(),
            notable: self.notable.clone(),
            ..*self
        }
    }

    fn forget_lines(&mut self) {
        self.arena.clear();
        self.table.clear();
        self.notable.clear();
        self.present = 0;
        self.underscores = false;
    }

    /// Notes where the lines of a head are. `end` is where the head ends in `bytes`.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        lines: &[httparse::Header<'_>],
        end: usize,
    ) -> Result<(), Fault> {
        self.forget_lines();
        let blank = small(end).wrapping_sub(2);
        let first = lines
            .first()
            .map_or(blank, |line| offset_in(bytes, line.name.as_bytes()));
        if !ends_line(bytes, first) || !ends_line(bytes, small(end)) {
            return Err(Fault::LineEnd);
        }
        self.lines_at = first;
        let mut at = first;
        for (index, line) in lines.iter().enumerate() {
            let next = lines
                .get(index.wrapping_add(1))
                .map_or(blank, |next| offset_in(bytes, next.name.as_bytes()));
            if !ends_line(bytes, next) {
                return Err(Fault::LineEnd);
            }
            self.read_line(bytes, line, at, next)?;
            at = next;
        }
        Ok(())
    }

    #[inline]
    fn read_line(
        &mut self,
        bytes: &[u8],
        line: &httparse::Header<'_>,
        at: u32,
        next: u32,
    ) -> Result<(), Fault> {
        let name = line.name.as_bytes();
        if name.len() > HEADER_NAME_BYTES_MAX {
            return Err(Fault::HeadTooLarge);
        }
        let name_len = u16::try_from(name.len()).unwrap_or(u16::MAX);
        let value = offset_in(bytes, line.value);
        let value_len = small(line.value.len());
        let id = Id::of(name);
        let bit = id.bit();
        let mut marks = Marks::NONE;
        let tidy = value == at.wrapping_add(u32::from(name_len)).wrapping_add(2)
            && next == value.wrapping_add(value_len).wrapping_add(2)
            && byte_before(bytes, value) == b' ';
        if !tidy || (bit & WEBSOCKET != 0 && id.text().as_bytes() != name) {
            marks = marks.with(Marks::ODD);
        }
        if bit & HOP_BY_HOP != 0 {
            marks = marks.with(Marks::HIDDEN);
        }
        if id == Id::OTHER && memchr(b'_', name).is_some() {
            marks = marks.with(Marks::UNDERSCORE);
            self.underscores = true;
        }
        if bit & NOTABLE != 0 {
            self.notable
                .push(u16::try_from(self.table.len()).unwrap_or(u16::MAX));
        }
        self.present |= bit;
        self.table.push(Field {
            name: at,
            value,
            value_len,
            name_len,
            id,
            marks,
        });
        Ok(())
    }

    /// The `nth` field, of those that came in, that says something about the message.
    #[inline]
    pub(super) fn notable(&self, nth: usize) -> Option<(usize, Field)> {
        let index = usize::from(*self.notable.get(nth)?);
        Some((index, *self.table.get(index)?))
    }

    /// Whether any name holds an underscore.
    pub(super) const fn underscores(&self) -> bool {
        self.underscores
    }

    /// Whether a live field may have one of these names.
    pub(super) const fn may_have(&self, names: u128) -> bool {
        self.present & names != 0
    }

    pub(super) fn table(&self) -> &[Field] {
        &self.table
    }

    /// The bytes of a span.
    #[inline]
    pub(super) fn text(&self, span: Span) -> &[u8] {
        self.text_over(self.page.as_slice(), span)
    }

    /// The bytes of a span while the page is still elsewhere.
    #[inline]
    pub(super) fn text_over<'here>(&'here self, page: &'here [u8], span: Span) -> &'here [u8] {
        let (from, at) = if span.at & IN_ARENA == 0 {
            (page, span.at)
        } else {
            (self.arena.as_slice(), span.at & !IN_ARENA)
        };
        let end = at.saturating_add(span.len);
        from.get(at as usize..end as usize).unwrap_or_default()
    }

    pub(super) fn name_of(&self, field: &Field) -> &[u8] {
        self.text(field.name_span())
    }

    pub(super) fn value_of(&self, field: &Field) -> &[u8] {
        self.text(field.value_span())
    }

    /// The fields that middlewares see.
    pub(super) fn live(&self) -> impl Iterator<Item = &Field> {
        self.table
            .iter()
            .filter(|field| !field.marks.any(Marks::UNSEEN))
    }

    /// Name and value of the fields that middlewares see.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.live()
            .map(|field| (self.name_of(field), self.value_of(field)))
    }

    /// The values of all live fields of one name.
    pub(super) fn values<'here>(
        &'here self,
        name: &'here HeaderName,
    ) -> impl Iterator<Item = &'here [u8]> {
        let id = name.id();
        let absent = id != Id::OTHER && self.present & id.bit() == 0;
        let table = if absent { &[] } else { self.table.as_slice() };
        table
            .iter()
            .filter(move |field| {
                field.id == id
                    && !field.marks.any(Marks::UNSEEN)
                    && (id != Id::OTHER || name.is(self.name_of(field)))
            })
            .map(|field| self.value_of(field))
    }

    pub(super) fn values_of(&self, id: Id) -> impl Iterator<Item = &[u8]> {
        let absent = self.present & id.bit() == 0;
        let table = if absent { &[] } else { self.table.as_slice() };
        table
            .iter()
            .filter(move |field| field.id == id && !field.marks.any(Marks::UNSEEN))
            .map(|field| self.value_of(field))
    }

    /// Whether there is a live field of that known name.
    pub(super) fn has(&self, id: Id) -> bool {
        self.values_of(id).next().is_some()
    }

    pub(super) fn remove(&mut self, name: &HeaderName) {
        let id = name.id();
        if id == Id::OTHER {
            self.mark(Marks::DEAD, |fields, field| {
                field.id == id && name.is(fields.name_of(field))
            });
        } else {
            self.remove_known(id.bit());
        }
    }

    /// Removes the fields of all names in the set.
    pub(super) fn remove_known(&mut self, names: u128) {
        if self.present & names == 0 {
            return;
        }
        self.present &= !names;
        for field in &mut self.table {
            if field.id.bit() & names != 0 {
                field.marks = field.marks.with(Marks::DEAD);
            }
        }
    }

    /// Adds `marks` to the fields for which `which` holds.
    pub(super) fn mark(&mut self, marks: Marks, which: impl Fn(&Self, &Field) -> bool) {
        for index in 0..self.table.len() {
            let Some(field) = self.table.get(index) else {
                break;
            };
            if which(self, field)
                && let Some(field) = self.table.get_mut(index)
            {
                field.marks = field.marks.with(marks);
            }
        }
    }

    /// Adds to each live field the marks that `judge` gives it.
    pub(super) fn mark_named(&mut self, judge: impl Fn(&Self, &Field) -> Marks) {
        for index in 0..self.table.len() {
            let Some(field) = self.table.get(index) else {
                break;
            };
            let marks = judge(self, field);
            self.mark_at(index, marks);
        }
    }

    /// Adds `marks` to the field at `index`.
    pub(super) fn mark_at(&mut self, index: usize, marks: Marks) {
        if let Some(field) = self.table.get_mut(index) {
            field.marks = field.marks.with(marks);
        }
    }

    /// Adds a field line. Bytes that may not stand in a value become spaces, so that no text
    /// of a stranger can end the line. One that concerns the connection is not written: what
    /// becomes of the connection, and where a message ends, nobody decides by a field.
    pub(super) fn append(&mut self, name: &HeaderName, value: &[u8]) {
        self.append_line(name.id(), name.as_str(), value);
        if name.id().bit() & HOP_BY_HOP != 0
            && let Some(field) = self.table.last_mut()
        {
            field.marks = field.marks.with(Marks::HIDDEN);
        }
    }

    /// Adds what another head's fields say of its sender, but those named in `left_out`, which
    /// is a set of known names.
    pub(super) fn copy(&mut self, from: &Self, left_out: u128, wanted: impl Fn(&[u8]) -> bool) {
        let left_out = left_out | OF_MESSAGE;
        for field in from.live() {
            let name = from.name_of(field);
            // Credentials for a proxy pass on to whoever checks them (RFC 9110 11.7.2).
            let is_hidden = field.marks.any(Marks::HIDDEN) && field.id != id::PROXY_AUTHORIZATION;
            if !is_hidden && field.id.bit() & left_out == 0 && wanted(name) {
                let text = std::str::from_utf8(name).unwrap_or_default();
                self.append_line(field.id, text, from.value_of(field));
            }
        }
        self.underscores |= from.underscores;
    }

    /// Adds a field whose value is known to be sound.
    pub(super) fn append_known(&mut self, id: Id, value: &[u8]) {
        let at = self.begin_line(id);
        self.arena.extend_from_slice(value);
        self.end_line(id, at, small(value.len()));
    }

    /// Adds a field whose value is the text at `value`.
    pub(super) fn append_span(&mut self, id: Id, value: Span) {
        let at = self.begin_line(id);
        self.copy_into_arena(value);
        self.end_line(id, at, value.len);
    }

    /// Adds a whole sound line of a known name: `Name: value CR LF`.
    #[inline]
    pub(super) fn append_whole(&mut self, id: Id, line: &[u8]) {
        let start = self.arena_end();
        self.arena.extend_from_slice(line);
        let name_len = small(id.text().len());
        let around = name_len.wrapping_add(4);
        let name = Span {
            at: start,
            len: name_len,
        };
        let value = Span {
            at: start.wrapping_add(name_len).wrapping_add(2),
            len: small(line.len()).wrapping_sub(around),
        };
        self.note(id, name, value);
    }

    /// Returns where the value begins.
    fn begin_line(&mut self, id: Id) -> u32 {
        self.arena.extend_from_slice(id.text().as_bytes());
        self.arena.extend_from_slice(b": ");
        self.arena_end()
    }

    fn end_line(&mut self, id: Id, at: u32, len: u32) {
        self.arena.extend_from_slice(b"\r\n");
        let name_len = small(id.text().len());
        let name = Span {
            at: at.wrapping_sub(name_len).wrapping_sub(2),
            len: name_len,
        };
        self.note(id, name, Span { at, len });
    }

    fn append_line(&mut self, id: Id, name: &str, value: &[u8]) {
        let start = self.arena_end();
        self.arena.extend_from_slice(name.as_bytes());
        self.arena.extend_from_slice(b": ");
        let at = self.arena_end();
        if value.iter().all(|byte| is_value(*byte)) {
            self.arena.extend_from_slice(value);
        } else {
            let clean = value
                .iter()
                .map(|byte| if is_value(*byte) { *byte } else { b' ' });
            self.arena.extend(clean);
        }
        self.arena.extend_from_slice(b"\r\n");
        self.note(
            id,
            Span {
                at: start,
                len: small(name.len()),
            },
            Span {
                at,
                len: small(value.len()),
            },
        );
    }

    fn copy_into_arena(&mut self, text: Span) {
        let at = (text.at & !IN_ARENA) as usize;
        let range = at..at.saturating_add(text.len as usize);
        if text.at & IN_ARENA == 0 {
            let text = self.page.as_slice().get(range).unwrap_or_default();
            self.arena.extend_from_slice(text);
        } else if range.end <= self.arena.len() {
            self.arena.extend_from_within(range);
        }
    }

    fn note(&mut self, id: Id, name: Span, value: Span) {
        self.present |= id.bit();
        self.table.push(Field {
            name: name.at,
            value: value.at,
            value_len: value.len,
            name_len: u16::try_from(name.len).unwrap_or(u16::MAX),
            id,
            marks: Marks::NONE,
        });
    }

    /// Puts a text into the arena.
    pub(super) fn keep(&mut self, text: &[u8]) -> Span {
        self.keep_with(|arena| arena.extend_from_slice(text))
    }

    /// Puts what `write` appends into the arena.
    pub(super) fn keep_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Span {
        let at = self.arena_end();
        write(&mut self.arena);
        let len = self.arena_end().wrapping_sub(at);
        Span { at, len }
    }

    /// Puts the text at `span` into the arena in lower case; `page` is the head's page.
    pub(super) fn keep_lower(&mut self, page: &[u8], span: Span) -> Span {
        let at = self.arena_end();
        let start = self.arena.len();
        let from = (span.at & !IN_ARENA) as usize;
        let range = from..from.saturating_add(span.len as usize);
        if span.at & IN_ARENA == 0 {
            self.arena
                .extend_from_slice(page.get(range).unwrap_or_default());
        } else if range.end <= start {
            self.arena.extend_from_within(range);
        }
        if let Some(kept) = self.arena.get_mut(start..) {
            kept.make_ascii_lowercase();
        }
        Span { at, len: span.len }
    }

    fn arena_end(&self) -> u32 {
        small(self.arena.len()) | IN_ARENA
    }

    /// The first line of the head, which begins at `start`.
    pub(super) const fn first_line_from(&self, start: u32) -> Span {
        Span {
            at: start,
            len: self.lines_at.wrapping_sub(start),
        }
    }

    /// An upper bound of what [`Fields::write`] writes, but for odd lines.
    pub(super) fn size_hint(&self) -> usize {
        self.page.len().saturating_add(self.arena.len())
    }

    /// Writes the bytes at `first`, and the lines of all fields but the dead, the hidden and
    /// those named in `skip`. What stands side by side is one copy.
    pub(super) fn write(&self, out: &mut Page, first: Span, skip: u128) {
        let mut run = first;
        let skip = skip & self.present;
        for field in &self.table {
            if field.marks.any(Marks::UNWRITTEN) || (skip != 0 && field.id.bit() & skip != 0) {
                continue;
            }
            if field.marks.any(Marks::ODD) {
                out.append(self.text(run));
                run = Span::default();
                self.write_odd(out, field);
            } else if field.name == run.at.wrapping_add(run.len) {
                run.len = field.end().wrapping_sub(run.at);
            } else {
                out.append(self.text(run));
                run.at = field.name;
                run.len = field.end().wrapping_sub(field.name);
            }
        }
        out.append(self.text(run));
    }

    fn write_odd(&self, out: &mut Page, field: &Field) {
        if field.id.bit() & WEBSOCKET == 0 {
            out.append(self.name_of(field));
        } else {
            out.append(field.id.text().as_bytes());
        }
        out.append(b": ");
        out.append(self.value_of(field));
        out.append(b"\r\n");
    }

    pub(super) fn checkpoint(&self) -> FieldsBefore {
        FieldsBefore {
            table: self.table.as_slice().into(),
            arena_len: self.arena.len(),
            present: self.present,
        }
    }

    pub(super) fn restore(&mut self, before: &FieldsBefore) {
        self.table.clear();
        self.table.extend_from_slice(&before.table);
        self.arena.truncate(before.arena_len);
        self.present = before.present;
    }

    /// Takes the bytes behind the head out of the page; empty when there are none.
    /// Copies the smaller of the two sides.
    pub(super) fn take_rest(&mut self, head_bytes: usize) -> Page {
        let Some(rest) = self.page.len().checked_sub(head_bytes) else {
            return Page::empty();
        };
        if rest == 0 {
            return Page::empty();
        }
        split_off(&mut self.page, head_bytes)
    }
}

/// Leaves the first `count` bytes in `page` and returns the others, copying the smaller side.
pub(super) fn split_off(page: &mut Page, count: usize) -> Page {
    let (front, back) = page.as_slice().split_at_checked(count).unwrap_or_default();
    if back.len() <= front.len() {
        let rest = Page::copy_of(back);
        page.truncate(count);
        rest
    } else {
        let front = Page::copy_of(front);
        page.consume(count);
        std::mem::replace(page, front)
    }
}

impl Field {
    pub(super) fn name_span(&self) -> Span {
        Span {
            at: self.name,
            len: u32::from(self.name_len),
        }
    }

    pub(super) const fn value_span(&self) -> Span {
        Span {
            at: self.value,
            len: self.value_len,
        }
    }

    /// Where the line of a field that is not odd ends.
    const fn end(&self) -> u32 {
        self.value.wrapping_add(self.value_len).wrapping_add(2)
    }
}

#[inline]
fn ends_line(bytes: &[u8], end: u32) -> bool {
    bytes
        .get(..end as usize)
        .is_some_and(|before| before.ends_with(b"\r\n"))
}

#[inline]
fn byte_before(bytes: &[u8], at: u32) -> u8 {
    bytes
        .get(at.wrapping_sub(1) as usize)
        .copied()
        .unwrap_or_default()
}
