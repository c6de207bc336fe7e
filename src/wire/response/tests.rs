use super::*;
use crate::wire::{Fault, Method, Step, http_date, names};

const DATE: &[u8] = b"Sun, 06 Nov 1994 08:49:37 GMT";

fn to() -> AnswerTo<'static> {
    AnswerTo {
        version: Version::Http11,
        keep_alive: true,
        date: DATE,
        head: false,
    }
}

fn read(text: &str) -> Result<ResponseHead, Fault> {
    read_of(text, Method::Get)
}

fn read_of(text: &str, asked: Method) -> Result<ResponseHead, Fault> {
    let mut head = ResponseHead::new();
    let mut page = Page::copy_of(text.as_bytes());
    match head.parse(&mut page, asked)? {
        Step::Done => Ok(head),
        Step::Partial => panic!("partial: {text:?}"),
    }
}

fn rendered(head: &ResponseHead, to: &AnswerTo<'_>) -> String {
    let mut out = Page::head();
    head.render(&mut out, to);
    String::from_utf8_lossy(out.as_slice()).into_owned()
}

/// The lines of an answer as the client gets them, without the first and without Date.
fn passed(lines: &str) -> Vec<String> {
    let text = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n");
    rendered(&read(&text).unwrap(), &to())
        .split("\r\n")
        .skip(1)
        .filter(|line| !line.is_empty() && !line.starts_with("Date: "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_plain_answer_is_passed_on_as_it_came() {
    let text = "HTTP/1.1 200 OK\r\nServer: x\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\
                \r\nok";
    let mut head = read(text).unwrap();
    assert_eq!(head.body(), BodyLength::Length(2));
    assert_eq!(
        rendered(&head, &to()),
        "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
    );
    assert_eq!(head.release().as_slice(), b"ok");
    assert_eq!(head.status(), 0);
}

#[test]
fn malformed_status_lines_are_refused() {
    for line in [
        "garbage",
        "<html>",
        "HTTP/1.1",
        "HTTP/1.1 ",
        "HTTP/1.1 20",
        "HTTP/1.1 2x0 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 099 OK",
        "HTTP/1.1  200 OK",
        "HTTP/1.1\t200 OK",
        " HTTP/1.1 200 OK",
        "HTTP/2.0 200 OK",
        "HTTP/2 200 OK",
        "HTTP/1.2 200 OK",
        "HTTP/11 200 OK",
        "http/1.1 200 OK",
        "ICY 200 OK",
        "HTTP/1.1 200 O\0K",
        "HTTP/1.1 200 O\u{7f}K",
        "HTTP/1.1 -20 OK",
        "\r\nHTTP/1.1 200 OK",
    ] {
        let fault = read(&format!("{line}\r\n\r\n")).err();
        assert_eq!(fault, Some(Fault::StatusLine), "{line:?}");
    }
}

#[test]
fn malformed_lines_of_servers_are_refused() {
    for text in [
        "HTTP/1.1 200 OK\nA: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n\n",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\r\n\r\n",
    ] {
        assert!(read(text).is_err(), "{text:?}");
    }
}

#[test]
fn the_reason_may_be_anything_or_nothing() {
    let table = [
        ("HTTP/1.1 200 OK", "HTTP/1.1 200 OK"),
        ("HTTP/1.1 200 All is well", "HTTP/1.1 200 All is well"),
        ("HTTP/1.1 200 \u{e4}", "HTTP/1.1 200 \u{e4}"),
        ("HTTP/1.1 200 ", "HTTP/1.1 200 "),
        ("HTTP/1.1 200", "HTTP/1.1 200 "),
        ("HTTP/1.0 200 OK", "HTTP/1.1 200 OK"),
        ("HTTP/1.1 999 Go away", "HTTP/1.1 999 Go away"),
    ];
    for (line, expected) in table {
        let head = read(&format!("{line}\r\n\r\n")).unwrap();
        let sent = rendered(&head, &to());
        assert_eq!(sent.split("\r\n").next(), Some(expected));
    }
}

#[test]
fn the_length_of_an_answer_is_known_or_it_is_refused() {
    let table = [
        ("A: b", Ok(BodyLength::UntilClose)),
        ("Content-Length: 0", Ok(BodyLength::Length(0))),
        ("Content-Length: 7", Ok(BodyLength::Length(7))),
        ("Transfer-Encoding: Chunked", Ok(BodyLength::Chunked)),
        ("Content-Length: x", Err(Fault::ContentLength)),
        ("Content-Length: -1", Err(Fault::ContentLength)),
        ("Content-Length: 5, 5", Err(Fault::ContentLength)),
        (
            "Content-Length: 5\r\nContent-Length: 5",
            Err(Fault::ContentLength),
        ),
        (
            "Content-Length: 5\r\nContent-Length: 6",
            Err(Fault::ContentLength),
        ),
        (
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            Err(Fault::FramingTwice),
        ),
        (
            "Transfer-Encoding: gzip, chunked",
            Err(Fault::TransferCoding),
        ),
        ("Transfer-Encoding: gzip", Err(Fault::TransferEncoding)),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            Err(Fault::TransferEncoding),
        ),
    ];
    for (lines, expected) in table {
        let text = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n");
        assert_eq!(read(&text).map(|head| head.body()), expected, "{lines}");
    }
    let old = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(read(old).err(), Some(Fault::TransferEncoding));
}

#[test]
fn some_answers_have_no_body_whatever_they_say() {
    // Status, method, what the client reads of the length.
    let table = [
        (200, Method::Head, Some("Content-Length: 5")),
        (304, Method::Get, Some("Content-Length: 5")),
        (204, Method::Get, None),
        (101, Method::Get, None),
    ];
    for (status, asked, length) in table {
        let text = format!("HTTP/1.1 {status} x\r\nContent-Length: 5\r\n\r\n");
        let head = read_of(&text, asked).unwrap();
        assert_eq!(head.body(), BodyLength::None, "{status}");
        let sent = rendered(&head, &to());
        let line = sent.split("\r\n").find(|line| line.starts_with("Content"));
        assert_eq!(line, length, "{status}");
    }
    for status in [204, 304] {
        let text = format!("HTTP/1.1 {status} x\r\nTransfer-Encoding: chunked\r\n\r\n");
        let head = read(&text).unwrap();
        assert_eq!(head.body(), BodyLength::None);
        assert!(!rendered(&head, &to()).contains("Transfer"));
    }
}

#[test]
fn interim_answers_pass_without_framing() {
    let text = "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nConnection: close\r\n\r\n\
                HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let mut head = read(text).unwrap();
    assert!(head.is_interim());
    assert_eq!(
        rendered(&head, &to()),
        "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
    );
    let mut rest = head.release();
    assert_eq!(head.parse(&mut rest, Method::Get), Ok(Step::Done));
    assert!(!head.is_interim());
    assert_eq!(head.status(), 200);
}

#[test]
fn a_change_of_protocols_names_the_protocol() {
    let text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\
                sec-websocket-accept: x\r\n\r\nframes";
    let mut head = read(text).unwrap();
    assert!(!head.is_interim());
    assert_eq!(head.upgrade(), Some(&b"websocket"[..]));
    let sent = rendered(&head, &to());
    assert!(sent.contains("\r\nSec-WebSocket-Accept: x\r\n"), "{sent}");
    assert!(sent.contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"));
    assert_eq!(head.release().as_slice(), b"frames");
    let other = "HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n";
    let head = read(other).unwrap();
    assert_eq!(head.upgrade(), None);
    assert!(!rendered(&head, &to()).contains("pgrade"));
}

#[test]
fn what_concerns_the_servers_connection_does_not_reach_the_client() {
    let lines = "Connection: close, X-Secret, content-length\r\nKeep-Alive: timeout=5\r\n\
                 Proxy-Connection: x\r\nProxy-Authenticate: x\r\nTrailer: x\r\nTE: x\r\n\
                 Upgrade: h2\r\nx-secret: 1\r\nX-SECRET: 2\r\nA: b\r\nContent-Length: 5";
    assert_eq!(passed(lines), ["A: b", "Content-Length: 5"]);
}

#[test]
fn a_server_names_only_so_many_options() {
    use crate::base::limits::CONNECTION_OPTIONS_MAX;
    let options = vec!["a"; CONNECTION_OPTIONS_MAX + 1].join(",");
    let text = format!("HTTP/1.1 200 OK\r\nConnection: {options}\r\n\r\n");
    assert_eq!(read(&text).err(), Some(Fault::HeadersTooMany));
}

#[test]
fn a_server_connection_is_used_again_only_when_it_may() {
    let table = [
        ("1.1", "Content-Length: 0", true),
        ("1.1", "Transfer-Encoding: chunked", true),
        ("1.1", "Content-Length: 0\r\nConnection: close", false),
        ("1.1", "Content-Length: 0\r\nConnection: x, CLOSE", false),
        ("1.1", "A: b", false),
        ("1.0", "Content-Length: 0", false),
        ("1.0", "Content-Length: 0\r\nConnection: keep-alive", true),
    ];
    for (version, lines, expected) in table {
        let head = read(&format!("HTTP/{version} 200 OK\r\n{lines}\r\n\r\n")).unwrap();
        assert_eq!(head.keep_alive(), expected, "{version} {lines}");
    }
}

/// Lines of a server; for whom; lines that go on.
type Row<'row> = (&'row str, &'row AnswerTo<'row>, &'row [&'row str]);

#[test]
fn an_answer_is_framed_for_its_client() {
    let close = AnswerTo {
        keep_alive: false,
        ..to()
    };
    let old = AnswerTo {
        version: Version::Http10,
        ..to()
    };
    let old_close = AnswerTo {
        keep_alive: false,
        ..old
    };
    let chunked = "Transfer-Encoding: chunked";
    let table: &[Row<'_>] = &[
        (chunked, &to(), &[chunked]),
        (chunked, &close, &["Connection: close", chunked]),
        (chunked, &old_close, &[]),
        ("A: b", &to(), &["A: b", chunked]),
        ("A: b", &old_close, &["A: b"]),
        ("content-length:  007", &to(), &["Content-Length: 7"]),
        (
            "Content-Length: 7",
            &old,
            &["Content-Length: 7", "Connection: keep-alive"],
        ),
    ];
    for (lines, to, expected) in table {
        let head = read(&format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n")).unwrap();
        let sent = rendered(&head, to);
        let lines: Vec<_> = sent
            .split("\r\n")
            .skip(1)
            .filter(|line| !line.is_empty() && !line.starts_with("Date"))
            .collect();
        assert_eq!(lines, *expected);
    }
}

#[test]
fn a_date_is_added_only_where_there_is_none() {
    let own = "Date: Thu, 01 Jan 1970 00:00:00 GMT";
    let count = |lines: &str| {
        let text = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n");
        rendered(&read(&text).unwrap(), &to())
            .matches("Date: ")
            .count()
    };
    assert_eq!(count(own), 1);
    assert_eq!(count("A: b"), 1);
    assert_eq!(count(&format!("{own}\r\nConnection: date")), 1);
    assert_eq!(http_date(0), own.as_bytes()[6..]);
}

#[test]
fn an_answer_can_be_edited_but_not_its_framing() {
    let mut head = read(
        "HTTP/1.1 200 OK\r\nServer: x\r\nSet-Cookie: a\r\nContent-Length: 3\r\n\
         Set-Cookie: b\r\nDate: d\r\n\r\n",
    )
    .unwrap();
    head.remove(&names::SERVER);
    head.set(&names::CONTENT_LENGTH, b"9");
    head.append(&names::TRANSFER_ENCODING, b"chunked");
    head.append(&names::SET_COOKIE, b"c\r\nX: y");
    head.set_status(404);
    assert_eq!(
        rendered(&head, &to()),
        "HTTP/1.1 404 Not Found\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nDate: d\r\n\
         Set-Cookie: c  X: y\r\nContent-Length: 3\r\n\r\n"
    );
    let cookies: Vec<_> = head.values(&names::SET_COOKIE).collect();
    assert_eq!(cookies, [&b"a"[..], b"b", b"c  X: y"]);
}

#[test]
fn a_body_of_another_length_is_announced_so() {
    let mut head = read("HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 3\r\n\r\n").unwrap();
    head.set_body(BodyLength::Length(10));
    let sent = rendered(&head, &to());
    assert_eq!(
        sent,
        "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 10\r\n\r\n"
    );
    head.set_body(BodyLength::Chunked);
    let sent = rendered(&head, &to());
    assert_eq!(
        sent,
        "HTTP/1.1 200 OK\r\nDate: d\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
}

#[test]
fn an_answer_of_our_own_is_written_like_others() {
    let mut head = ResponseHead::new();
    head.new_answer(302);
    head.set(&names::LOCATION, b"https://a/");
    assert_eq!(
        rendered(&head, &to()),
        "HTTP/1.1 302 Found\r\nLocation: https://a/\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"
    );
}

#[test]
fn local_answers_have_the_right_length() {
    for answer in answer::ALL {
        let mut page = Page::head();
        answer.render(&mut page, &to());
        let mut head = ResponseHead::new();
        let read = head.parse(&mut page, Method::Get);
        assert_eq!(read, Ok(Step::Done), "{answer:?}");
        assert_eq!(head.status(), answer.status());
        assert_eq!(head.body(), BodyLength::Length(answer.body().len() as u64));
        assert_eq!(head.release().as_slice(), answer.body().as_bytes());
    }
}

#[test]
fn local_answers_are_worded_as_traefik_words_them() {
    let whole = |answer: Answer, to: &AnswerTo<'_>| {
        let mut page = Page::head();
        answer.render(&mut page, to);
        String::from_utf8(page.as_slice().to_vec()).unwrap()
    };
    let not_found = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\
                     X-Content-Type-Options: nosniff\r\nContent-Length: 19\r\n\
                     Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n404 page not found\n";
    assert_eq!(whole(Answer::NOT_FOUND, &to()), not_found);
    let head = AnswerTo { head: true, ..to() };
    assert_eq!(
        whole(Answer::NOT_FOUND, &head),
        not_found.trim_end_matches("404 page not found\n")
    );
    let close = AnswerTo {
        keep_alive: false,
        ..to()
    };
    let sent = whole(Answer::NO_SERVER, &close);
    assert!(sent.ends_with("Connection: close\r\n\r\nno available server\n"));
    assert_eq!(Answer::BAD_GATEWAY.body(), "Bad Gateway");
    assert_eq!(Answer::GATEWAY_TIMEOUT.body(), "Gateway Timeout");
}

#[test]
fn a_text_of_our_own_is_answered_whole() {
    let mut page = Page::head();
    Answer::render_text(&mut page, 429, "text/plain", b"slow down", &to());
    assert_eq!(
        String::from_utf8_lossy(page.as_slice()),
        "HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nslow down"
    );
}

#[test]
fn an_answer_may_come_in_pieces() {
    let text = "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nok";
    for size in 1..text.len() {
        let mut head = ResponseHead::new();
        let mut page = Page::head();
        let mut step = Step::Partial;
        for piece in text.as_bytes().chunks(size) {
            if step == Step::Done {
                break;
            }
            page.append(piece);
            step = head.parse(&mut page, Method::Get).unwrap();
        }
        assert_eq!(step, Step::Done);
        assert_eq!(head.body(), BodyLength::Length(2));
        assert_eq!(head.head_bytes(), text.len() - 2);
    }
}

#[test]
fn an_endless_head_of_a_server_is_refused() {
    use crate::base::limits::RESPONSE_HEAD_BYTES_MAX;
    let mut head = ResponseHead::new();
    let mut page = Page::copy_of(b"HTTP/1.1 200 OK\r\nA: ");
    page.append(&vec![b'b'; RESPONSE_HEAD_BYTES_MAX]);
    assert_eq!(head.parse(&mut page, Method::Get), Err(Fault::HeadTooLarge));
}
