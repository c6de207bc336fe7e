use super::*;
use crate::wire::{BodyLength, Coding};

const ALL: [Coding; 3] = [Coding::Gzip, Coding::Brotli, Coding::Zstd];

/// Our encodings, the client's Accept-Encoding, what comes of them.
type Choice = (&'static [Coding], Option<&'static str>, Option<Coding>);

fn step(codings: &[Coding], default: Option<Coding>, types: Types) -> Compress {
    Compress {
        codings: codings.into(),
        default,
        types,
        bytes_min: 1024,
    }
}

fn except(types: Texts<'_>) -> Types {
    Types::Except(types.iter().map(|text| text.as_bytes().into()).collect())
}

fn only(types: Texts<'_>) -> Types {
    Types::Only(types.iter().map(|text| text.as_bytes().into()).collect())
}

/// The coding that a body of 2000 bytes is asked to get, and the Vary of its answer.
fn outcome(step: Compress, request_lines: &str, answer_lines: &str) -> (Option<Coding>, String) {
    let method = if request_lines.contains("HEAD") {
        "HEAD"
    } else {
        "GET"
    };
    let request_lines = request_lines.trim_start_matches("HEAD");
    let mut head = request(&format!(
        "{method} / HTTP/1.1\r\nHost: a\r\n{request_lines}\r\n"
    ));
    let lines = if answer_lines.contains("Length") || answer_lines.contains("chunked") {
        answer_lines.to_owned()
    } else {
        format!("Content-Length: 2000\r\n{answer_lines}")
    };
    let status = if answer_lines.contains("Content-Range") {
        206
    } else {
        200
    };
    let text = format!("HTTP/1.1 {status} OK\r\n{lines}\r\n");
    let mut response = ResponseHead::new();
    let mut page = Page::copy_of(text.as_bytes());
    assert_eq!(
        response.parse(&mut page, head.method()),
        Ok(Step::Done),
        "{text}"
    );
    let step = Middleware::Compress(step);
    let mut slot = Slot::default();
    assert!(matches!(
        step.on_request(&mut head, &PLAIN, &mut slot),
        Flow::Next
    ));
    leave(&step, &mut head, &mut response, &mut slot);
    let vary: Vec<&[u8]> = response.values(&names::VARY).collect();
    let vary = String::from_utf8(vary.join(&b"|"[..])).unwrap();
    (response.asked_coding(), vary)
}

#[test]
fn the_client_chooses_and_the_order_of_encodings_decides_between_equals() {
    let (gzip, brotli, zstd) = (Some(Coding::Gzip), Some(Coding::Brotli), Some(Coding::Zstd));
    let table: [Choice; 26] = [
        (&ALL, Some("gzip"), gzip),
        (&ALL, Some("br"), brotli),
        (&ALL, Some("zstd"), zstd),
        (&ALL, Some("GZIP"), gzip),
        (&ALL, Some("gzip, deflate, br, zstd"), gzip),
        (
            &[Coding::Zstd, Coding::Gzip],
            Some("gzip, deflate, br, zstd"),
            zstd,
        ),
        (&ALL, Some("gzip;q=0.5, br;q=0.8"), brotli),
        (&ALL, Some("gzip;q=0.5,br ; q=0.8, zstd;q=0.9"), zstd),
        (&ALL, Some("gzip;q=0, br"), brotli),
        (&ALL, Some("gzip;q=0"), None),
        (&ALL, Some("gzip;q=x"), None),
        (&ALL, Some("gzip;level=1;q=0.1, br;q=0.2"), brotli),
        (&ALL, Some(""), None),
        (&ALL, Some("identity"), None),
        (&ALL, Some("identity, gzip"), gzip),
        (&ALL, Some("identity;q=1, gzip;q=0.5"), None),
        (&ALL, Some("deflate, compress"), None),
        (&[Coding::Brotli], Some("gzip"), None),
        // 15b.10: `*` does nothing where it would mean gzip.
        (&ALL, Some("*"), None),
        (&[Coding::Brotli, Coding::Gzip], Some("*"), brotli),
        (&ALL, Some("gzip, *"), gzip),
        (&ALL, Some("br;q=1, *;q=0.5"), brotli),
        (&ALL, Some("*;q=0"), None),
        (&ALL, None, None),
        (&ALL, Some("br\r\nAccept-Encoding: gzip"), gzip),
        (&ALL, Some("\r\nAccept-Encoding: br"), brotli),
    ];
    for (codings, accept, expected) in table {
        let lines = accept.map_or(String::new(), |value| {
            format!("Accept-Encoding: {value}\r\n")
        });
        let (coding, _) = outcome(step(codings, None, except(&[])), &lines, "");
        assert_eq!(coding, expected, "{accept:?} of {codings:?}");
    }
}

#[test]
fn the_default_encoding_is_for_clients_that_say_nothing() {
    let table = [
        // 15b.10: gzip does nothing for a client that does not name it.
        (Coding::Gzip, "", None),
        (Coding::Brotli, "", Some(Coding::Brotli)),
        (Coding::Zstd, "", Some(Coding::Zstd)),
        (
            Coding::Brotli,
            "Accept-Encoding: *\r\n",
            Some(Coding::Brotli),
        ),
        (Coding::Gzip, "Accept-Encoding: *\r\n", None),
        (
            Coding::Brotli,
            "Accept-Encoding: gzip\r\n",
            Some(Coding::Gzip),
        ),
        (Coding::Brotli, "Accept-Encoding: \r\n", None),
    ];
    for (default, lines, expected) in table {
        let (coding, _) = outcome(step(&ALL, Some(default), except(&[])), lines, "");
        assert_eq!(coding, expected, "{default:?} for {lines:?}");
    }
}

#[test]
fn only_bodies_that_gain_by_it_are_encoded() {
    let gzip = "Accept-Encoding: gzip\r\n";
    let table: [(&str, &str, bool); 17] = [
        (gzip, "", true),
        (gzip, "Content-Length: 1023\r\n", false),
        (gzip, "Content-Length: 1024\r\n", true),
        // Its length is not known, so Traefik flushes it, and what is flushed is encoded.
        (gzip, "Transfer-Encoding: chunked\r\n", true),
        (gzip, "Content-Length: 0\r\n", false),
        (gzip, "Content-Encoding: br\r\n", false),
        (gzip, "Content-Range: bytes 0-1999/5000\r\n", false),
        (gzip, "Content-Type: application/grpc\r\n", false),
        (gzip, "Content-Type: application/grpc+proto\r\n", true),
        (gzip, "Content-Type: no type at all\r\n", false),
        (gzip, "Content-Type: text/html; charset=utf-8\r\n", true),
        (gzip, "Cache-Control: no-transform\r\n", true),
        (gzip, "ETag: \"a\"\r\n", true),
        ("HEADAccept-Encoding: gzip\r\n", "", false),
        (
            "Content-Type: application/grpc\r\nAccept-Encoding: gzip\r\n",
            "",
            false,
        ),
        (
            "Content-Type: text/plain\r\nAccept-Encoding: gzip\r\n",
            "",
            true,
        ),
        ("", "", false),
    ];
    for (asked, answered, expected) in table {
        let (coding, _) = outcome(step(&ALL, None, except(&[])), asked, answered);
        assert_eq!(coding.is_some(), expected, "{asked:?} {answered:?}");
    }
}

#[test]
fn types_are_listed_one_way_or_the_other() {
    let stream = "Content-Type: text/event-stream\r\n";
    let html = "Content-Type: Text/HTML; charset=utf-8\r\n";
    let table = [
        (except(&["text/event-stream"]), "", stream, false),
        (except(&["text/event-stream"]), "", html, true),
        // A request of an excluded type is left alone, too.
        (except(&["text/event-stream"]), stream, html, false),
        (except(&["text/html; charset=latin1"]), "", html, true),
        (except(&["text/html; charset=utf-8"]), "", html, false),
        (only(&["text/html"]), "", html, true),
        (only(&["text/html"]), "", stream, false),
        (only(&["text/html"]), stream, html, true),
        (only(&["text/html"]), "", "", false),
        (except(&["text/html"]), "", "", true),
        (
            only(&["application/grpc"]),
            "",
            "Content-Type: application/grpc\r\n",
            true,
        ),
    ];
    for (types, asked, answered, expected) in table {
        let told = format!("{types:?} {asked:?} {answered:?}");
        let lines = format!("Accept-Encoding: gzip\r\n{asked}");
        let (coding, _) = outcome(step(&ALL, None, types), &lines, answered);
        assert_eq!(coding.is_some(), expected, "{told}");
    }
}

#[test]
fn caches_are_told_that_answers_differ() {
    let table = [
        ("Accept-Encoding: gzip\r\n", "", "Accept-Encoding"),
        (
            "Accept-Encoding: gzip\r\n",
            "Content-Length: 5\r\n",
            "Accept-Encoding",
        ),
        ("Accept-Encoding: *\r\n", "", "Accept-Encoding"),
        (
            "Accept-Encoding: gzip\r\n",
            "Vary: Origin\r\n",
            "Origin|Accept-Encoding",
        ),
        (
            "Accept-Encoding: gzip\r\n",
            "Vary: Origin, accept-encoding\r\n",
            "Origin, accept-encoding",
        ),
        ("", "", ""),
        ("Accept-Encoding: identity\r\n", "", ""),
        ("HEADAccept-Encoding: gzip\r\n", "", ""),
    ];
    for (asked, answered, expected) in table {
        let (_, vary) = outcome(step(&ALL, None, except(&[])), asked, answered);
        assert_eq!(vary, expected, "{asked:?} {answered:?}");
    }
}

#[test]
fn an_encoded_answer_keeps_its_tag_and_loses_its_length() {
    let mut response = ResponseHead::new();
    let text =
        "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nAccept-Ranges: bytes\r\nContent-Length: 2000\r\n\r\n";
    let mut page = Page::copy_of(text.as_bytes());
    assert_eq!(
        response.parse(&mut page, crate::wire::Method::Get),
        Ok(Step::Done)
    );
    response.encode(Coding::Brotli);
    assert_eq!(
        answered(&response, b""),
        "200 OK\nETag: \"a\"\nContent-Encoding: br\nTransfer-Encoding: chunked\n\n"
    );
    assert_eq!(response.body(), BodyLength::Length(2000));
    assert_eq!(response.body_to(Version::Http10), BodyLength::UntilClose);
}
