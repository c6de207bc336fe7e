use proptest::prelude::*;

use super::*;

/// Feeds a head in pieces of `size` bytes, as they would come from a socket.
fn fed(bytes: &[u8], size: usize, rules: &HeadRules) -> Result<Option<RequestHead>, Fault> {
    let mut head = RequestHead::new();
    let mut page = Page::head();
    for piece in bytes.chunks(size) {
        page.append(piece);
        let before = page.as_slice().to_vec();
        match head.parse(&mut page, rules)? {
            Step::Done => return Ok(Some(head)),
            Step::Partial => assert_eq!(page.as_slice(), before),
        }
    }
    Ok(None)
}

/// What can be told of an outcome, without what stands behind the head.
fn outcome(result: Result<Option<RequestHead>, Fault>) -> Result<Option<String>, u16> {
    match result {
        Ok(Some(mut head)) => {
            let (rules, peer) = stranger();
            let facts = format!(
                "{:?} {:?} {:?} {} {} {:?}",
                text(head.path()),
                head.query().map(text),
                head.body(),
                head.keep_alive(),
                head.head_bytes(),
                head.upgrade().map(text)
            );
            head.forward(&rules, &peer, false);
            let mut out = Page::head();
            head.render(&mut out, &Render::default());
            let bytes = String::from_utf8_lossy(out.as_slice()).into_owned();
            Ok(Some(facts + &bytes))
        }
        Ok(None) => Ok(None),
        Err(fault) => Err(fault.status()),
    }
}

#[test]
fn what_comes_behind_a_head_stays_behind_it() {
    let text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /";
    let mut head = read(text).unwrap();
    assert_eq!(head.take_rest().as_slice(), b"helloGET /");
    assert_eq!(head.take_rest().as_slice(), b"");
    assert_eq!(head.body(), BodyLength::Length(5));
    assert_eq!(head.host(), b"a");
}

#[test]
fn a_long_rest_leaves_the_head_readable() {
    let request = "GET /p HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut bytes = request.as_bytes().to_vec();
    bytes.extend([b'x'; 3000]);
    let mut head = read_with(&bytes, &HeadRules::default()).unwrap();
    assert_eq!(head.take_rest().len(), 3000);
    assert_eq!(text(head.path()), "/p");
    assert_eq!(rendered(&head, &Render::default()), request);
}

#[test]
fn a_cleared_head_knows_nothing_of_the_request_before() {
    let mut head = read(
        "POST http://b/x?y HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nA: b\r\n\
         Connection: close\r\n\r\n",
    )
    .unwrap();
    head.clear();
    let request = "GET / HTTP/1.1\r\nHost: c\r\n\r\n";
    let mut page = Page::copy_of(request.as_bytes());
    assert_eq!(head.parse(&mut page, &HeadRules::default()), Ok(Step::Done));
    assert!(head.keep_alive() && head.body() == BodyLength::None && head.query().is_none());
    assert_eq!(rendered(&head, &Render::default()), request);
}

#[test]
fn very_short_nonsense_waits_and_longer_nonsense_is_refused() {
    let rules = HeadRules::default();
    let mut head = RequestHead::new();
    let mut page = Page::copy_of(b"abcdefghi");
    assert_eq!(head.parse(&mut page, &rules), Ok(Step::Partial));
    page.append(b"\x01\x02");
    page.append(&[b'x'; 20]);
    assert_eq!(head.parse(&mut page, &rules), Err(Fault::RequestLine));
}

#[test]
fn nonsense_is_noticed_before_its_end() {
    let rules = HeadRules::default();
    let mut head = RequestHead::new();
    let mut page = Page::copy_of(b"GET / HTTP/1.1\r\nHost: a\r\n");
    assert_eq!(head.parse(&mut page, &rules), Ok(Step::Partial));
    let mut fault = None;
    for _ in 0..40 {
        page.append(b"b@d");
        fault = head.parse(&mut page, &rules).err();
        if fault.is_some() {
            break;
        }
    }
    assert_eq!(fault, Some(Fault::HeaderName));
}

/// Lines of heads, sound and not, out of which requests are thrown together.
const PARTS: &[&str] = &[
    "GET / HTTP/1.1\r\n",
    "GET /a/../b?c;d HTTP/1.1\r\n",
    "POST http://b:1/%2e HTTP/1.1\r\n",
    "PUT /\u{e4} HTTP/1.0\r\n",
    "OPTIONS * HTTP/1.1\r\n",
    "GET / HTTP/2.0\r\n",
    "GET /#\r\n",
    "Host: a\r\n",
    "Host: A:80\r\n",
    "host:\r\n",
    "Host: a@b\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 05\r\n",
    "Content-Length: x\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Connection: close, x\r\n",
    "Connection: Upgrade\r\n",
    "Upgrade: websocket\r\n",
    "X: y\r\n",
    "X_Y:  z \r\n",
    "x-forwarded-for: 1\r\n",
    "TE: trailers\r\n",
    "Expect: 100-continue\r\n",
    "Cookie: a=b\r\n",
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    "\0",
    ":",
    "rest",
];

fn thrown_together() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        12 => prop::sample::select(PARTS).prop_map(|part| part.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    let first = prop::sample::select(&PARTS[..6]);
    let likely = prop::collection::vec(part, 0..8);
    (first, likely, any::<bool>()).prop_map(|(first, parts, host)| {
        let mut bytes = first.as_bytes().to_vec();
        if host {
            bytes.extend_from_slice(b"Host: a\r\n");
        }
        for part in &parts {
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(b"\r\n\r\n");
        bytes
    })
}

fn sorted(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines
}

proptest! {
    #[test]
    fn pieces_give_the_same_as_the_whole(bytes in thrown_together(), size in 1_usize..9) {
        let rules = HeadRules { header_bytes_max: 200, ..HeadRules::default() };
        let whole = outcome(fed(&bytes, bytes.len(), &rules));
        prop_assert_eq!(&outcome(fed(&bytes, size, &rules)), &whole);
        prop_assert_eq!(&outcome(fed(&bytes, 1, &rules)), &whole);
    }

    #[test]
    fn what_is_sent_reads_as_what_was_meant(bytes in thrown_together()) {
        let Ok(Some(head)) = fed(&bytes, bytes.len(), &HeadRules::default()) else {
            return Ok(());
        };
        let mut out = Page::head();
        head.render(&mut out, &Render::default());
        let sent = out.as_slice().to_vec();
        let again = fed(&sent, sent.len(), &HeadRules::default()).unwrap().unwrap();
        prop_assert_eq!(again.head_bytes(), sent.len());
        prop_assert_eq!(again.method_text(), head.method_text());
        prop_assert_eq!(again.path(), head.path());
        prop_assert_eq!(again.routing_path(), head.routing_path());
        prop_assert_eq!(again.query(), head.query());
        prop_assert_eq!(again.host(), head.host());
        prop_assert_eq!(again.canonical_host(), head.canonical_host());
        prop_assert_eq!(again.upgrade(), head.upgrade());
        let empty = again.body().is_empty() && head.body().is_empty();
        prop_assert!(empty || again.body() == head.body());
        let mut twice = Page::head();
        again.render(&mut twice, &Render::default());
        prop_assert_eq!(sorted(twice.as_slice()), sorted(out.as_slice()), "one form only");
    }
}
