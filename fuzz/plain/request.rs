//! Heads of requests, the plain way.

use std::net::Ipv6Addr;

use ringway::base::Page;
use ringway::base::network::Networks;
use ringway::wire::{
    BodyLength, Fault, ForwardedRules, HeadRules, Peer, Render, RequestHead, Step, Underscore,
    Version,
};

use super::lines::{self, Body, HOP_BY_HOP, Lines, OPTIONS_MAX, tokens, values};
use super::path;

const MANAGED: [&str; 13] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "x-forwarded-uri",
    "x-forwarded-method",
    "x-forwarded-prefix",
    "x-forwarded-tls-client-cert",
    "x-forwarded-tls-client-cert-info",
    "x-forwarded-scheme",
    "x-scheme",
];
const FRAMING: [&str; 4] = ["host", "content-length", "expect", "http2-settings"];

/// All that a head says.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "plain answers to plain questions"
)]
struct Plain {
    method: Vec<u8>,
    old: bool,
    host: Vec<u8>,
    canonical_host: Vec<u8>,
    port: Option<Vec<u8>>,
    path: Vec<u8>,
    routing_path: Vec<u8>,
    query: Option<Vec<u8>>,
    body: Body,
    keep_alive: bool,
    upgrade: Option<Vec<u8>>,
    continues: bool,
    head_bytes: usize,
    lines: Lines,
}

/// Reads a whole head; None when it is not complete or not to be passed on.
fn read(bytes: &[u8], rules: &HeadRules) -> Option<Plain> {
    let mut start = 0;
    while bytes[start..].starts_with(b"\r\n") {
        start += 2;
    }
    if start > 8 {
        return None;
    }
    let (first, mut lines, length) = lines::split(&bytes[start..])?;
    if length > rules.header_bytes_max {
        return None;
    }
    let (method, target, old) = first_line(&first)?;
    let underscored = lines.iter().any(|(name, _)| name.contains('_'));
    match rules.underscore {
        Underscore::Reject if underscored => return None,
        Underscore::Delete => lines.retain(|(name, _)| !name.contains('_')),
        Underscore::Keep | Underscore::Reject => {}
    }
    let told = match values(&lines, "host").as_slice() {
        [host] => host.to_vec(),
        [] if old => Vec::new(),
        _ => return None,
    };
    host(&told)?;
    let (authority, path, query) = target_parts(&method, &target)?;
    let told = authority.unwrap_or(told);
    let (name, port) = host(&told)?;
    let body = lines::framing(&lines, old)?;
    let expectations = values(&lines, "expect");
    let continues = match expectations.as_slice() {
        [] => false,
        _ if old => false,
        [one] if one.eq_ignore_ascii_case(b"100-continue") => true,
        _ => return None,
    };
    let options = tokens(&lines, "connection");
    let says = |option: &str| options.iter().any(|own| own == option.as_bytes());
    let known = ["close", "keep-alive", "upgrade"];
    let other = |own: &&Vec<u8>| !known.iter().any(|known| own.as_slice() == known.as_bytes());
    if options.iter().filter(other).count() > OPTIONS_MAX {
        return None;
    }
    let protocol = values(&lines, "upgrade")
        .iter()
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(lines::trim)
        .find(|protocol| is_protocol(protocol))
        .map(<[u8]>::to_vec);
    let may_upgrade = says("upgrade") && !old && body == Body::Nothing;
    let path = one_spelling(&path, rules.sanitize_path)?;
    Some(Plain {
        method,
        old,
        canonical_host: name.to_ascii_lowercase(),
        port,
        host: told,
        routing_path: path::for_routing(&path),
        path,
        query: query.map(|query| semicolons(&query, rules.encode_query_semicolons)),
        body,
        keep_alive: !says("close") && (!old || says("keep-alive")),
        upgrade: protocol.filter(|_| may_upgrade),
        continues,
        head_bytes: start + length,
        lines,
    })
}

/// Method, target, and whether the version is 1.0.
type FirstLine = (Vec<u8>, Vec<u8>, bool);

fn first_line(line: &[u8]) -> Option<FirstLine> {
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = parts.as_slice() else {
        return None;
    };
    let old = match *version {
        b"HTTP/1.1" => false,
        b"HTTP/1.0" => true,
        _ => return None,
    };
    let sound = target.iter().all(|byte| *byte > b' ' && *byte != 0x7f);
    let readable = std::str::from_utf8(target).is_ok();
    if !lines::is_token(method) || target.is_empty() || !sound || !readable {
        return None;
    }
    Some((method.to_vec(), target.to_vec(), old))
}

type Target = (Option<Vec<u8>>, Vec<u8>, Option<Vec<u8>>);

/// Authority, path and query.
fn target_parts(method: &[u8], target: &[u8]) -> Option<Target> {
    if method == b"CONNECT" || target.contains(&b'#') {
        return None;
    }
    if target == b"*" {
        return (method == b"OPTIONS").then(|| (None, b"*".to_vec(), None));
    }
    let (authority, rest) = if target[0] == b'/' {
        (None, target)
    } else {
        let lower = target.to_ascii_lowercase();
        let scheme = ["http://", "https://"]
            .into_iter()
            .find(|scheme| lower.starts_with(scheme.as_bytes()))?;
        let rest = &target[scheme.len()..];
        let end = rest.iter().position(|byte| b"/?".contains(byte));
        let (authority, rest) = rest.split_at(end.unwrap_or(rest.len()));
        if authority.is_empty() {
            return None;
        }
        (Some(authority.to_vec()), rest)
    };
    if rest.is_empty() && method == b"OPTIONS" {
        return Some((authority, b"*".to_vec(), None));
    }
    let mark = rest.iter().position(|byte| *byte == b'?');
    let path = &rest[..mark.unwrap_or(rest.len())];
    let query = mark.map(|mark| rest[mark + 1..].to_vec());
    let path: &[u8] = if path.is_empty() { b"/" } else { path };
    Some((authority, path.to_vec(), query))
}

/// Name without brackets, and port.
type Host = (Vec<u8>, Option<Vec<u8>>);

fn host(text: &[u8]) -> Option<Host> {
    let text = std::str::from_utf8(text).ok()?;
    let (name, port) = if let Some(rest) = text.strip_prefix('[') {
        let (name, port) = rest.split_once(']')?;
        name.parse::<Ipv6Addr>().ok()?;
        (name, port)
    } else {
        let name = text.split(':').next()?;
        if !name
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "-._~".contains(one))
        {
            return None;
        }
        (name, &text[name.len()..])
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        Some(digits) if !name.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse::<u16>().ok().filter(|_| digits.len() <= 5)?;
            Some(digits.as_bytes().to_vec())
        }
        _ => return None,
    };
    Some((name.as_bytes().to_vec(), port))
}

fn one_spelling(path: &[u8], sanitize: bool) -> Option<Vec<u8>> {
    if path == b"*" {
        return Some(path.to_vec());
    }
    let normal = path::normal(path)?;
    Some(if sanitize {
        path::sane(&normal)
    } else {
        normal
    })
}

fn semicolons(query: &[u8], encode: bool) -> Vec<u8> {
    let text = String::from_utf8(query.to_vec()).expect("looked at");
    text.replace(';', if encode { "%3B" } else { "&" })
        .into_bytes()
}

fn is_protocol(text: &[u8]) -> bool {
    let parts: Vec<&[u8]> = text.split(|byte| *byte == b'/').collect();
    let http = ["h2c", "h2", "h3", "http"];
    parts.len() <= 2
        && parts.iter().all(|part| lines::is_token(part))
        && !http
            .iter()
            .any(|http| parts[0].eq_ignore_ascii_case(http.as_bytes()))
}

impl Plain {
    /// The fields that middlewares see before anything is forwarded.
    fn seen(&self) -> Lines {
        let hidden = |name: &str| {
            ["host", "transfer-encoding", "http2-settings"]
                .iter()
                .any(|own| name.eq_ignore_ascii_case(own))
                || (self.old && name.eq_ignore_ascii_case("expect"))
                || (self.upgrade.is_none() && name.eq_ignore_ascii_case("upgrade"))
        };
        let seen = self.lines.iter().filter(|(name, _)| !hidden(name));
        seen.cloned().collect()
    }

    /// The fields that a server gets, Host left out.
    fn forwarded(&self, trusted: bool, tls: bool) -> Lines {
        let named = tokens(&self.lines, "connection");
        let mut out = self.seen();
        out.retain(|(name, _)| {
            let name = name.to_ascii_lowercase();
            let dashed = name.replace('_', "-");
            let is = |list: &[&str], name: &str| list.contains(&name);
            let guarded =
                is(&MANAGED, &dashed) || is(&HOP_BY_HOP, &dashed) || is(&FRAMING, &dashed);
            let alias = name.contains('_') && guarded;
            let dropped = named.iter().any(|own| own == name.as_bytes())
                && !is(&MANAGED, &name)
                && name != "content-length";
            let ours = is(&HOP_BY_HOP, &name) || name == "content-length";
            !(alias || dropped || ours || (is(&MANAGED, &name) && !trusted))
        });
        self.tell(&mut out, tls);
        let takes = tokens(&self.lines, "te").contains(&b"trailers".to_vec());
        if takes && !named.contains(&b"te".to_vec()) {
            out.push(("TE".to_owned(), b"trailers".to_vec()));
        }
        if let Some(protocol) = &self.upgrade {
            out.push(("Connection".to_owned(), b"Upgrade".to_vec()));
            out.push(("Upgrade".to_owned(), protocol.clone()));
        }
        match (self.body, self.method.as_slice()) {
            (Body::Length(length), _) => add(&mut out, "Content-Length", &length.to_string()),
            (Body::Chunked, _) => add(&mut out, "Transfer-Encoding", "chunked"),
            (Body::Nothing, b"POST" | b"PUT" | b"PATCH") => add(&mut out, "Content-Length", "0"),
            (Body::Nothing, _) => {}
        }
        out
    }

    fn tell(&self, out: &mut Lines, tls: bool) {
        let lacks = |out: &mut Lines, name: &str| {
            let empty = values(out, name)
                .first()
                .is_none_or(|value| value.is_empty());
            if empty {
                out.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
            }
            empty
        };
        let secure = values(out, "x-forwarded-proto")
            .first()
            .is_some_and(|proto| *proto == b"https" || *proto == b"wss");
        if lacks(out, "X-Real-Ip") {
            add(out, "X-Real-Ip", "192.0.2.7");
        }
        let upgrade = self.upgrade.as_deref().unwrap_or_default();
        let websocket = upgrade.eq_ignore_ascii_case(b"websocket");
        if lacks(out, "X-Forwarded-Proto") {
            let proto = match (websocket, tls) {
                (false, false) => "http",
                (false, true) => "https",
                (true, false) => "ws",
                (true, true) => "wss",
            };
            add(out, "X-Forwarded-Proto", proto);
        }
        if lacks(out, "X-Forwarded-Port") {
            let usual: &[u8] = if tls || secure { b"443" } else { b"80" };
            let port = self.port.clone().unwrap_or_else(|| usual.to_vec());
            out.push(("X-Forwarded-Port".to_owned(), port));
        }
        if !self.host.is_empty() && lacks(out, "X-Forwarded-Host") {
            out.push(("X-Forwarded-Host".to_owned(), self.host.clone()));
        }
        out.retain(|(name, _)| !name.eq_ignore_ascii_case("x-forwarded-server"));
        add(out, "X-Forwarded-Server", "edge");
        let mut way: Vec<Vec<u8>> = values(out, "x-forwarded-for")
            .iter()
            .filter(|value| !value.is_empty())
            .map(|value| value.to_vec())
            .collect();
        way.push(b"192.0.2.7".to_vec());
        out.retain(|(name, _)| !name.eq_ignore_ascii_case("x-forwarded-for"));
        out.push(("X-Forwarded-For".to_owned(), way.join(&b", "[..])));
    }

    fn first_line(&self) -> Vec<u8> {
        let mut line = [&self.method, &b" "[..], &self.path].concat();
        if let Some(query) = &self.query {
            line = [&line, &b"?"[..], query].concat();
        }
        [&line, &b" HTTP/1.1"[..]].concat()
    }
}

fn add(out: &mut Lines, name: &str, value: &str) {
    out.push((name.to_owned(), value.as_bytes().to_vec()));
}

/// The fast way, fed in pieces.
fn fast(bytes: &[u8], size: usize, rules: &HeadRules) -> Result<Option<RequestHead>, Fault> {
    let mut head = RequestHead::new();
    let mut page = Page::head();
    for piece in bytes.chunks(size) {
        page.append(piece);
        if head.parse(&mut page, rules)? == Step::Done {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

fn rules_of(choice: u8) -> HeadRules {
    HeadRules {
        header_bytes_max: if choice & 0x40 == 0 { 1 << 20 } else { 128 },
        underscore: match choice & 0b1100 {
            0b0100 => Underscore::Delete,
            0b1000 => Underscore::Reject,
            _ => Underscore::Keep,
        },
        sanitize_path: choice & 1 == 0,
        encode_query_semicolons: choice & 2 != 0,
    }
}

/// The first byte chooses the rules: `0` stands for Traefik's defaults.
pub(crate) fn check(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    let rules = rules_of(*choice);
    let whole = fast(bytes, bytes.len().max(1), &rules);
    let pieces = fast(bytes, usize::from(*choice & 7) + 1, &rules);
    let status = |outcome: &Result<Option<RequestHead>, Fault>| match outcome {
        Ok(head) => Ok(head.as_ref().map(RequestHead::head_bytes)),
        Err(fault) => Err(fault.status()),
    };
    if pieces.as_ref().is_ok_and(Option::is_none) {
        // Nonsense may be noticed later in pieces than in the whole, but not believed.
        assert!(!matches!(whole, Ok(Some(_))));
    } else {
        assert_eq!(status(&pieces), status(&whole));
    }
    let plain = read(bytes, &rules);
    let Ok(Some(head)) = whole else {
        assert!(plain.is_none(), "{:?} {plain:?}", status(&whole));
        return;
    };
    let plain = plain.unwrap_or_else(|| panic!("only the fast way takes this"));
    same(&head, &plain);
    for (trusted, tls) in [(false, false), (true, true)] {
        let pieces = fast(bytes, bytes.len(), &rules).ok().flatten();
        let mut head = pieces.expect("it was read before");
        forward(&mut head, &plain, trusted, tls);
    }
}

fn same(head: &RequestHead, plain: &Plain) {
    assert_eq!(head.method_text(), plain.method);
    assert_eq!(head.version() == Version::Http10, plain.old);
    assert_eq!(head.host(), plain.host);
    assert_eq!(head.canonical_host(), plain.canonical_host);
    assert_eq!(head.path(), plain.path);
    assert_eq!(head.routing_path(), plain.routing_path);
    assert_eq!(head.query(), plain.query.as_deref());
    assert_eq!(head.keep_alive(), plain.keep_alive);
    assert_eq!(head.upgrade(), plain.upgrade.as_deref());
    assert_eq!(head.expects_continue(), plain.continues);
    assert_eq!(head.head_bytes(), plain.head_bytes);
    assert_eq!(head.is_asterisk(), plain.path == b"*");
    let body = match plain.body {
        Body::Nothing => BodyLength::None,
        Body::Length(length) => BodyLength::Length(length),
        Body::Chunked => BodyLength::Chunked,
    };
    assert_eq!(head.body(), body);
    let seen: Lines = head
        .headers()
        .map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), value.to_vec()))
        .collect();
    assert_eq!(seen, plain.seen());
}

fn forward(head: &mut RequestHead, plain: &Plain, trusted: bool, tls: bool) {
    let all = Networks::parse(["0.0.0.0/0"].into_iter()).expect("a network");
    let rules = ForwardedRules {
        trusted: if trusted { all } else { Networks::default() },
        server: b"edge"[..].into(),
        ..ForwardedRules::default()
    };
    head.forward(&rules, &Peer::new([192, 0, 2, 7].into(), &rules), tls);
    let mut out = Page::head();
    head.render(&mut out, &Render::default());
    let (first, mut lines, length) = lines::split(out.as_slice()).expect("what we send is sound");
    assert_eq!(length, out.len(), "nothing stands behind the head");
    assert_eq!(first, plain.first_line());
    assert_eq!(values(&lines, "host"), [plain.host.as_slice()]);
    lines.retain(|(name, _)| !name.eq_ignore_ascii_case("host"));
    let expected = plain.forwarded(trusted, tls);
    assert_eq!(lines::sorted(&lines), lines::sorted(&expected));
}
