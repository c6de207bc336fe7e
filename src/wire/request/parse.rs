//! From bytes to a request head, or to the reason why not.

use std::mem::{MaybeUninit, take};

use memchr::memchr;

use super::super::Step;
use super::super::body::BodyLength;
use super::super::bytes::{self, elements, offset_in, small};
use super::super::fault::Fault;
use super::super::fields::{Marks, Span};
use super::super::framing::Framing;
use super::super::names::id;
use super::super::path::{self, Look};
use super::super::scan::fault_of;
use super::{Facts, HeadRules, Method, RequestHead, Underscore, Version, host};
use crate::base::Page;
use crate::base::limits::{CONNECTION_OPTIONS_MAX, EMPTY_LINES_MAX, HEADER_COUNT_MAX};

/// The first line and where the head ends, as found by httparse.
struct Found {
    end: usize,
    method: Span,
    target: Span,
    version: Version,
}

/// What the fields of a head say together.
#[derive(Default)]
struct Said {
    framing: Framing,
    hosts: u32,
    host: Span,
    expects: u32,
    continues: u32,
    /// Of Connection and TE.
    tokens: Facts,
    protocol: Option<Span>,
    options: usize,
}

impl RequestHead {
    /// Reads a head from the beginning of `page`. `Done`: the head has taken the page.
    /// `Partial`: the page is as it was; append what comes next and ask again.
    ///
    /// # Errors
    /// Why this is no request that can be passed on in one unambiguous form. The page is as it
    /// was, and nothing behind the fault has been looked at.
    pub fn parse(&mut self, page: &mut Page, rules: &HeadRules) -> Result<Step, Fault> {
        let bytes = page.as_slice();
        let skipped = empty_lines(bytes)?;
        let from_line = bytes.get(skipped..).unwrap_or_default();
        if from_line.is_empty() || from_line == b"\r" {
            return Ok(Step::Partial);
        }
        let longest = rules.header_bytes_max.min(from_line.len());
        let window = from_line.get(..longest).unwrap_or_default();
        if !self.progress.worth_parsing(window) && longest == from_line.len() {
            return Ok(Step::Partial);
        }
        let bytes = bytes
            .get(..skipped.saturating_add(longest))
            .unwrap_or_default();
        match self.read(bytes, skipped, rules) {
            Ok(Step::Done) => {
                self.fields.page = take(page);
                Ok(Step::Done)
            }
            Ok(Step::Partial) if longest < rules.header_bytes_max => Ok(Step::Partial),
            Ok(Step::Partial) => Err(if memchr(b'\n', window).is_none() {
                Fault::TargetTooLong
            } else {
                Fault::HeadTooLarge
            }),
            Err(fault) => Err(fault),
        }
    }

    fn read(&mut self, bytes: &[u8], skipped: usize, rules: &HeadRules) -> Result<Step, Fault> {
        let mut lines = [const { MaybeUninit::uninit() }; HEADER_COUNT_MAX];
        let mut request = httparse::Request::new(&mut []);
        let window = bytes.get(skipped..).unwrap_or_default();
        let end = match request.parse_with_uninit_headers(window, &mut lines) {
            Ok(httparse::Status::Complete(end)) => end.saturating_add(skipped),
            Ok(httparse::Status::Partial) => return Ok(Step::Partial),
            Err(error) => return first_line_fault(window, error),
        };
        let (Some(method), Some(target)) = (request.method, request.path) else {
            return Err(Fault::RequestLine);
        };
        let found = Found {
            end,
            method: span_of(bytes, method.as_bytes()),
            target: span_of(bytes, target.as_bytes()),
            version: if request.version == Some(0) {
                Version::Http10
            } else {
                Version::Http11
            },
        };
        self.method = Method::of(method.as_bytes());
        self.fields.read(bytes, request.headers, end)?;
        self.settle(bytes, &found, rules)?;
        Ok(Step::Done)
    }

    /// Draws the conclusions from what httparse found.
    fn settle(&mut self, bytes: &[u8], found: &Found, rules: &HeadRules) -> Result<(), Fault> {
        self.head_bytes = found.end;
        self.version = found.version;
        self.method_text = found.method;
        self.target = found.target;
        self.aim.facts = match found.version {
            Version::Http10 => Facts::default(),
            Version::Http11 => Facts::LINE_KEPT,
        };
        if self.method == Method::Connect {
            return Err(Fault::Connect);
        }
        if self.fields.underscores() {
            self.settle_underscores(rules.underscore)?;
        }
        let said = self.listen(bytes)?;
        self.settle_host(bytes, &said)?;
        self.settle_target(bytes, rules)?;
        self.body = said.framing.of_request(self.version)?;
        if said.tokens.has(Facts::LENGTH_KEPT) {
            self.aim.facts.set(Facts::LENGTH_KEPT);
        }
        self.settle_expect(&said)?;
        self.settle_connection(&said);
        Ok(())
    }

    fn settle_underscores(&mut self, fate: Underscore) -> Result<(), Fault> {
        match fate {
            Underscore::Keep => Ok(()),
            Underscore::Reject => Err(Fault::HeaderUnderscore),
            Underscore::Delete => {
                self.fields
                    .mark(Marks::DEAD, |_, field| field.marks.any(Marks::UNDERSCORE));
                Ok(())
            }
        }
    }

    /// Reads the values of the fields that concern the connection and the framing.
    fn listen(&mut self, bytes: &[u8]) -> Result<Said, Fault> {
        let mut said = Said::default();
        let mut nth = 0_usize;
        while let Some((index, field)) = self.fields.notable(nth) {
            nth = nth.saturating_add(1);
            let span = field.value_span();
            let value = self.fields.text_over(bytes, span);
            match field.id {
                id::HOST => {
                    said.hosts = said.hosts.saturating_add(1);
                    said.host = span;
                    self.fields.mark_at(index, Marks::VEILED);
                }
                id::CONTENT_LENGTH => {
                    said.framing.length(value)?;
                    if value == b"0" || !value.starts_with(b"0") {
                        said.tokens.set(Facts::LENGTH_KEPT);
                    }
                }
                id::TRANSFER_ENCODING => {
                    said.framing.coding(value)?;
                    self.fields.mark_at(index, Marks::DEAD);
                }
                id::CONNECTION => said.connection(value)?,
                id::EXPECT => said.expect(value),
                id::UPGRADE => said.upgrade_to(bytes, value),
                id::TE => said.te(value),
                id::HTTP2_SETTINGS => self.fields.mark_at(index, Marks::DEAD),
                _ => {}
            }
        }
        Ok(said)
    }

    fn settle_host(&mut self, bytes: &[u8], said: &Said) -> Result<(), Fault> {
        match (said.hosts, self.version) {
            (0, Version::Http11) => return Err(Fault::HostMissing),
            (0, Version::Http10) | (1, _) => {}
            _ => return Err(Fault::HostDuplicate),
        }
        if said.hosts == 1 {
            self.aim.facts.set(Facts::HOST_KEPT);
        }
        // The Host field must be sound even where the target will replace it.
        self.read_host(bytes, said.host)
    }

    /// Makes the text at `span` the host.
    fn read_host(&mut self, bytes: &[u8], span: Span) -> Result<(), Fault> {
        let text = self.fields.text_over(bytes, span);
        let host = host::read(text)?;
        let upper = host.upper;
        self.aim.host = span;
        self.aim.port = host.port.map(|port| sub_span(text, span, port));
        self.aim.canonical_host = sub_span(text, span, host.name);
        if upper {
            self.aim.canonical_host = self.fields.keep_lower(bytes, self.aim.canonical_host);
        }
        Ok(())
    }

    /// As [`RequestHead::read_host`], when the head has its page.
    pub(super) fn aim_host(&mut self, span: Span) {
        let page = take(&mut self.fields.page);
        // The caller has looked: it is a host.
        let read = self.read_host(page.as_slice(), span);
        debug_assert!(read.is_ok(), "a host that was looked at");
        self.fields.page = page;
    }

    fn settle_target(&mut self, bytes: &[u8], rules: &HeadRules) -> Result<(), Fault> {
        let target = bytes::slice(bytes, self.target.at, self.target.len);
        let mut at = self.target;
        match target.first() {
            Some(b'/') => {}
            Some(b'*') if target == b"*" && self.method == Method::Options => {
                self.aim_asterisk(at);
                return Ok(());
            }
            _ => at = self.settle_authority(bytes, target)?,
        }
        let target = bytes::slice(bytes, at.at, at.len);
        if memchr(b'#', target).is_some() {
            return Err(Fault::TargetFragment);
        }
        let mark = memchr(b'?', target);
        let path_len = mark.unwrap_or(target.len());
        let path = Span {
            at: at.at,
            len: small(path_len),
        };
        self.aim.query = mark.map(|mark| {
            let skip = small(mark).wrapping_add(1);
            Span {
                at: at.at.wrapping_add(skip),
                len: at.len.wrapping_sub(skip),
            }
        });
        if let Some(query) = self.aim.query {
            self.settle_query(bytes, query, rules);
        }
        if path.len == 0 {
            if mark.is_none() && self.method == Method::Options {
                // RFC 9112 3.2.4: an absolute-form OPTIONS without a path becomes `*`.
                let star = self.fields.keep(b"*");
                self.aim_asterisk(star);
            } else {
                let root = self.fields.keep(b"/");
                self.aim.path = root;
                self.aim.routing_path = root;
            }
            return Ok(());
        }
        self.settle_path(bytes, path, rules.sanitize_path)
    }

    fn aim_asterisk(&mut self, star: Span) {
        self.aim.facts.set(Facts::ASTERISK);
        self.aim.path = star;
        self.aim.routing_path = star;
        self.aim.query = None;
    }

    /// Absolute form: `http://authority[path][?query]`. Returns what stands behind the
    /// authority, which becomes the host.
    fn settle_authority(&mut self, bytes: &[u8], target: &[u8]) -> Result<Span, Fault> {
        let scheme = [b"http://".as_slice(), b"https://"]
            .into_iter()
            .find(|scheme| starts_with_ignore_case(target, scheme))
            .ok_or(Fault::TargetForm)?;
        let rest = target.get(scheme.len()..).unwrap_or_default();
        let end = rest
            .iter()
            .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
            .unwrap_or(rest.len());
        if end == 0 {
            return Err(Fault::TargetForm);
        }
        let (authority, behind) = rest.split_at_checked(end).unwrap_or_default();
        let (authority, behind) = (span_of(bytes, authority), span_of(bytes, behind));
        self.aim.facts.unset(Facts::HOST_KEPT);
        self.aim.facts.unset(Facts::LINE_KEPT);
        self.read_host(bytes, authority)?;
        Ok(behind)
    }

    /// Features 2.13: what servers take for a separator, or not, must not depend on the server.
    fn settle_query(&mut self, bytes: &[u8], query: Span, rules: &HeadRules) {
        let text = bytes::slice(bytes, query.at, query.len);
        if memchr(b';', text).is_none() {
            return;
        }
        let instead: &[u8] = if rules.encode_query_semicolons {
            b"%3B"
        } else {
            b"&"
        };
        self.aim.facts.unset(Facts::LINE_KEPT);
        self.aim.query = Some(self.fields.keep_with(|arena| {
            for byte in text {
                if *byte == b';' {
                    arena.extend_from_slice(instead);
                } else {
                    arena.push(*byte);
                }
            }
        }));
    }

    fn settle_path(&mut self, bytes: &[u8], raw: Span, sanitize: bool) -> Result<(), Fault> {
        let text = bytes::slice(bytes, raw.at, raw.len);
        let look = Look::at(text);
        self.aim.path = raw;
        self.aim.routing_path = raw;
        if look.is_plain() {
            return Ok(());
        }
        self.aim.facts.unset(Facts::LINE_KEPT);
        self.scratch.clear();
        path::normalize(text, &mut self.scratch)?;
        let normal = self.scratch.as_slice();
        self.aim.path = if sanitize {
            self.fields.keep_with(|arena| path::sanitize(normal, arena))
        } else {
            self.fields.keep(normal)
        };
        self.settle_routing_path(bytes);
        Ok(())
    }

    /// Makes the routing path from the path.
    fn settle_routing_path(&mut self, bytes: &[u8]) {
        self.aim.routing_path = self.aim.path;
        self.aim.facts.unset(Facts::ESCAPED);
        let path = self.fields.text_over(bytes, self.aim.path);
        if memchr(b'%', path).is_some() {
            self.aim.facts.set(Facts::ESCAPED);
            self.scratch.clear();
            path::decode_for_routing(path, &mut self.scratch);
            self.aim.routing_path = self.fields.keep(&self.scratch);
        }
    }

    /// Makes the text at `path` the path, when the head has its page.
    pub(super) fn aim_at(&mut self, path: Span) {
        let page = take(&mut self.fields.page);
        self.aim.path = path;
        self.aim.facts.unset(Facts::ASTERISK);
        self.settle_routing_path(page.as_slice());
        self.fields.page = page;
    }

    fn settle_expect(&mut self, said: &Said) -> Result<(), Fault> {
        if said.expects == 0 {
            return Ok(());
        }
        if self.version == Version::Http10 {
            // RFC 9110 10.1.1: a server ignores it in HTTP/1.0.
            self.fields.remove_known(id::EXPECT.bit());
            return Ok(());
        }
        if said.expects != 1 || said.continues != 1 {
            return Err(Fault::Expectation);
        }
        self.aim.facts.set(Facts::EXPECTS_CONTINUE);
        Ok(())
    }

    fn settle_connection(&mut self, said: &Said) {
        let keep = match self.version {
            Version::Http10 => said.tokens.has(Facts::SAYS_KEEP_ALIVE),
            Version::Http11 => true,
        };
        if keep && !said.tokens.has(Facts::SAYS_CLOSE) {
            self.aim.facts.set(Facts::KEEP_ALIVE);
        }
        if said.options > 0 {
            self.aim.facts.set(Facts::NAMES_FIELDS);
        }
        if said.tokens.has(Facts::TAKES_TRAILERS) && !said.tokens.has(Facts::NAMES_TE) {
            self.aim.facts.set(Facts::TAKES_TRAILERS);
        }
        let may = said.tokens.has(Facts::SAYS_UPGRADE)
            && self.version == Version::Http11
            && self.body == BodyLength::None;
        self.upgrade = said.protocol.filter(|_| may);
        if self.upgrade.is_none() {
            self.fields.remove_known(id::UPGRADE.bit());
        }
    }
}

impl Said {
    fn connection(&mut self, value: &[u8]) -> Result<(), Fault> {
        for token in elements(value) {
            if token.eq_ignore_ascii_case(b"keep-alive") {
                self.tokens.set(Facts::SAYS_KEEP_ALIVE);
            } else if token.eq_ignore_ascii_case(b"close") {
                self.tokens.set(Facts::SAYS_CLOSE);
            } else if token.eq_ignore_ascii_case(b"upgrade") {
                self.tokens.set(Facts::SAYS_UPGRADE);
            } else {
                self.options = self.options.saturating_add(1);
                if token.eq_ignore_ascii_case(b"te") {
                    self.tokens.set(Facts::NAMES_TE);
                }
            }
        }
        if self.options > CONNECTION_OPTIONS_MAX {
            return Err(Fault::HeadersTooMany);
        }
        Ok(())
    }

    fn expect(&mut self, value: &[u8]) {
        self.expects = self.expects.saturating_add(1);
        if value.eq_ignore_ascii_case(b"100-continue") {
            self.continues = self.continues.saturating_add(1);
        }
    }

    /// Remembers the first protocol that is no spelling of HTTP/2.
    fn upgrade_to(&mut self, bytes: &[u8], value: &[u8]) {
        for token in elements(value) {
            if self.protocol.is_none() && is_protocol(token) {
                self.protocol = Some(span_of(bytes, token));
            }
        }
    }

    fn te(&mut self, value: &[u8]) {
        if elements(value).any(|token| token.eq_ignore_ascii_case(b"trailers")) {
            self.tokens.set(Facts::TAKES_TRAILERS);
        }
    }
}

/// `token[/token]`, and none that would carry HTTP itself past the middlewares.
fn is_protocol(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| *byte == b'/');
    let name = parts.next().unwrap_or_default();
    let version = parts.next();
    let is_token = |text: &[u8]| !text.is_empty() && text.iter().all(|byte| bytes::is_token(*byte));
    let http = [b"h2c".as_slice(), b"h2", b"h3", b"http"]
        .iter()
        .any(|http| name.eq_ignore_ascii_case(http));
    !http && is_token(name) && version.is_none_or(is_token) && parts.next().is_none()
}

/// Appends a path, beginning with a slash, with those bytes escaped that would end it.
pub(super) fn keep_path(text: &[u8], out: &mut Vec<u8>) {
    // An empty path stays empty for who adds to it; it is sent as a slash.
    if text.first().is_some_and(|first| *first != b'/') {
        out.push(b'/');
    }
    for byte in text {
        if matches!(byte, b'!'..=b'"' | b'$'..=b'>' | b'@'..=b'~') {
            out.push(*byte);
        } else {
            path::push_escape(*byte, out);
        }
    }
}

/// Appends a query, with those bytes escaped that would end it.
pub(super) fn keep_query(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        if matches!(byte, b'!'..=b'"' | b'$'..=b'~') {
            out.push(*byte);
        } else {
            path::push_escape(*byte, out);
        }
    }
}

/// Counts the bytes of the empty lines that stand before the request line.
fn empty_lines(bytes: &[u8]) -> Result<usize, Fault> {
    let mut rest = bytes;
    let mut lines = 0_usize;
    loop {
        match rest {
            [b'\r', b'\n', behind @ ..] => rest = behind,
            [b'\r', _, ..] | [b'\n', ..] => return Err(Fault::LineEnd),
            _ => return Ok(lines.saturating_mul(2)),
        }
        lines = lines.saturating_add(1);
        if lines > EMPTY_LINES_MAX {
            return Err(Fault::EmptyLines);
        }
    }
}

/// What is wrong with a first line. `Partial` when it may become a version that we do not
/// speak: httparse complains before it has seen all of it.
#[cold]
fn first_line_fault(line: &[u8], error: httparse::Error) -> Result<Step, Fault> {
    const PATTERN: &[u8; 8] = b"HTTP/#.#";
    if error != httparse::Error::Version {
        return Err(fault_of(error).unwrap_or(Fault::RequestLine));
    }
    let version = line.splitn(3, |byte| *byte == b' ').nth(2);
    let version = version.unwrap_or_default();
    let fits = version
        .iter()
        .zip(PATTERN)
        .all(|(byte, wanted)| byte == wanted || (*wanted == b'#' && byte.is_ascii_digit()));
    match (fits, version.len() < PATTERN.len()) {
        (false, _) => Err(Fault::RequestLine),
        (true, true) => Ok(Step::Partial),
        (true, false) => Err(Fault::Version),
    }
}

fn starts_with_ignore_case(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len())
        .is_some_and(|front| front.eq_ignore_ascii_case(start))
}

fn span_of(bytes: &[u8], part: &[u8]) -> Span {
    Span {
        at: offset_in(bytes, part),
        len: small(part.len()),
    }
}

/// The span of `part`, a slice of the text at `span`.
fn sub_span(text: &[u8], span: Span, part: &[u8]) -> Span {
    Span {
        at: span.at.wrapping_add(offset_in(text, part)),
        len: small(part.len()),
    }
}
