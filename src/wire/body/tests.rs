use proptest::prelude::*;

use super::*;
use crate::base::limits::{CHUNK_EXCESS_BYTES_MAX, CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX};

/// What came out, and what stayed behind the end.
type Split = (Vec<u8>, Vec<u8>);

/// Feeds pieces of one stream.
fn feed<'bytes>(
    reader: &mut BodyReader,
    pieces: impl IntoIterator<Item = &'bytes [u8]>,
) -> Result<Split, Fault> {
    let (mut out, mut behind) = (Vec::new(), Vec::new());
    for piece in pieces {
        let mut page = Page::copy_of(piece);
        let piece = reader.feed(&mut page)?;
        assert_eq!(piece.ended, reader.is_ended());
        assert!(
            piece.ended || page.is_empty(),
            "all is taken before the end"
        );
        out.extend_from_slice(piece.data.as_slice());
        behind.extend_from_slice(page.as_slice());
    }
    Ok((out, behind))
}

/// The fault of a chunked body, or None; every way of cutting it in two must agree.
fn fault(bytes: &[u8]) -> Option<Fault> {
    let whole = feed(&mut BodyReader::new(BodyLength::Chunked), [bytes]).err();
    for cut in 0..bytes.len().min(100) {
        let (one, two) = bytes.split_at(cut);
        let parts = feed(&mut BodyReader::new(BodyLength::Chunked), [one, two]).err();
        assert_eq!(parts, whole, "cut at {cut}");
    }
    whole
}

#[test]
fn a_body_of_known_length_ends_where_it_ends() {
    let mut reader = BodyReader::new(BodyLength::Length(7));
    let (out, behind) = feed(&mut reader, [&b"hel"[..], b"lo woGET"]).unwrap();
    assert_eq!((&out[..], &behind[..]), (&b"hello w"[..], &b"oGET"[..]));
    assert_eq!(reader.decoded_bytes(), 7);
    assert_eq!(reader.end_of_stream(), Ok(()));
}

#[test]
fn a_body_without_bytes_is_ended_at_once() {
    for length in [BodyLength::None, BodyLength::Length(0)] {
        let mut reader = BodyReader::new(length);
        assert!(reader.is_ended());
        let (out, behind) = feed(&mut reader, [&b"GET"[..]]).unwrap();
        assert_eq!((&out[..], &behind[..]), (&b""[..], &b"GET"[..]));
    }
}

#[test]
fn a_body_until_close_takes_all() {
    let mut reader = BodyReader::new(BodyLength::UntilClose);
    let (out, behind) = feed(&mut reader, [&b"a"[..], b"bc"]).unwrap();
    assert_eq!((&out[..], &behind[..]), (&b"abc"[..], &b""[..]));
    assert!(!reader.is_ended());
    assert_eq!(reader.end_of_stream(), Ok(()));
}

#[test]
fn a_body_cut_short_is_not_complete() {
    let mut reader = BodyReader::new(BodyLength::Length(3));
    feed(&mut reader, [&b"ab"[..]]).unwrap();
    assert_eq!(reader.end_of_stream(), Err(Fault::Truncated));
    for cut in ["", "1", "1\r\n", "1\r\na", "1\r\na\r\n", "0\r\n", "0\r\n\r"] {
        let mut reader = BodyReader::new(BodyLength::Chunked);
        feed(&mut reader, [cut.as_bytes()]).unwrap();
        assert_eq!(reader.end_of_stream(), Err(Fault::Truncated), "{cut:?}");
    }
}

/// Chunked bodies as they come, as they go on, and their payload.
const CHUNKED: &[(&str, &str, &str)] = &[
    ("0\r\n\r\n", "0\r\n\r\n", ""),
    (
        "5\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "hello",
    ),
    (
        "A\r\n0123456789\r\n0\r\n\r\n",
        "A\r\n0123456789\r\n0\r\n\r\n",
        "0123456789",
    ),
    (
        "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
        "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
        "abc",
    ),
    (
        "5;a=b\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "hello",
    ),
    (
        "5 ; a=\"b\" \r\nhello\r\n0;x\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "hello",
    ),
    (
        "5\t;\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "hello",
    ),
    (
        "005\r\nhello\r\n000\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "hello",
    ),
    (
        "5\r\nhello\r\n0\r\nA: b\r\nC:\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "hello",
    ),
    (
        "1\r\na\r\n02\r\nbc\r\n1\r\nd\r\n0\r\n\r\n",
        "1\r\na\r\n2\r\nbc\r\n1\r\nd\r\n0\r\n\r\n",
        "abcd",
    ),
    ("2\r\n\r\n\r\n0\r\n\r\n", "2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
];

#[test]
fn chunks_come_out_in_their_one_form_however_they_are_cut() {
    for (sent, wire, payload) in CHUNKED {
        let bytes = format!("{sent}GET /");
        for size in 1..=bytes.len() {
            let mut reader = BodyReader::new(BodyLength::Chunked);
            let (out, behind) = feed(&mut reader, bytes.as_bytes().chunks(size)).unwrap();
            // The first hexadecimal digits keep their case only where nothing was cut.
            let out = String::from_utf8(out).unwrap().to_ascii_lowercase();
            assert_eq!(out, wire.to_ascii_lowercase(), "{sent:?} by {size}");
            assert_eq!(behind, b"GET /");
            assert_eq!(reader.decoded_bytes(), payload.len() as u64);

            let mut reader = BodyReader::of_payload(BodyLength::Chunked);
            let (out, behind) = feed(&mut reader, bytes.as_bytes().chunks(size)).unwrap();
            assert_eq!(
                String::from_utf8_lossy(&out),
                *payload,
                "{sent:?} by {size}"
            );
            assert_eq!(behind, b"GET /");
        }
    }
}

#[test]
fn plain_chunks_are_passed_on_without_a_copy() {
    let mut page = Page::copy_of(b"5\r\nhello\r\n3\r\nab");
    let before = page.as_slice().as_ptr();
    let mut reader = BodyReader::new(BodyLength::Chunked);
    let piece = reader.feed(&mut page).unwrap();
    assert_eq!(piece.data.as_slice(), b"5\r\nhello\r\n3\r\nab");
    assert_eq!(piece.data.as_slice().as_ptr(), before);
}

#[test]
fn malformed_chunk_lines_are_refused() {
    for line in [
        "\r\n",
        "x\r\n",
        "g\r\n",
        "-1\r\n",
        "+1\r\n",
        "0x1\r\n",
        " 1\r\n",
        "\t1\r\n",
        "1 \r\n",
        "1\t\r\n",
        "1 2\r\n",
        "1\n",
        "1\r",
        "1\ra",
        "1;a\n",
        "1;a\rb\r\n",
        "1;\0\r\n",
        "1;\x01\r\n",
        "1;\x7f\r\n",
        "\n1\r\n",
        "1\0\r\n",
        "1,2\r\n",
        "1:\r\n",
    ] {
        let body = format!("{line}a\r\n0\r\n\r\n");
        assert_eq!(fault(body.as_bytes()), Some(Fault::ChunkSize), "{line:?}");
    }
}

#[test]
fn bytes_behind_a_chunk_that_are_no_line_end_are_refused() {
    for end in [
        "\n", "\r", "", "x", "xx\r\n", "\n\r", " \r\n", "\r\r\n", "\0\r\n",
    ] {
        let body = format!("1\r\na{end}0\r\n\r\n");
        assert_eq!(fault(body.as_bytes()), Some(Fault::ChunkEnd), "{end:?}");
    }
}

#[test]
fn a_chunk_size_cannot_overflow() {
    let table = [
        ("7fffffffffffffff", None),
        ("00000000000000000000001", None),
        ("8000000000000000", Some(Fault::ChunkSizeOverflow)),
        ("ffffffffffffffff", Some(Fault::ChunkSizeOverflow)),
        ("10000000000000000", Some(Fault::ChunkSizeOverflow)),
        ("100000000000000000000005", Some(Fault::ChunkSizeOverflow)),
    ];
    for (size, expected) in table {
        assert_eq!(fault(format!("{size}\r\n").as_bytes()), expected, "{size}");
    }
}

#[test]
fn a_chunk_line_is_bounded() {
    let line = |len: usize| format!("1;{}\r\n", "x".repeat(len - 4));
    assert_eq!(fault(line(CHUNK_LINE_BYTES_MAX).as_bytes()), None);
    let longer = line(CHUNK_LINE_BYTES_MAX + 1);
    assert_eq!(fault(longer.as_bytes()), Some(Fault::ChunkOverhead));
}

#[test]
fn extensions_cannot_cost_much_more_than_their_payload() {
    let extended = format!("1;{}\r\na\r\n", "x".repeat(100));
    let allowed = usize::try_from(CHUNK_EXCESS_BYTES_MAX / (104 - 18)).unwrap();
    assert_eq!(fault(extended.repeat(allowed).as_bytes()), None);
    let more = extended.repeat(allowed + 1);
    assert_eq!(fault(more.as_bytes()), Some(Fault::ChunkOverhead));
    let small = "1\r\na\r\n".repeat(20_000);
    let outcome = feed(
        &mut BodyReader::new(BodyLength::Chunked),
        [small.as_bytes()],
    );
    assert!(outcome.is_ok(), "small chunks are slow, not hostile");
}

#[test]
fn malformed_trailers_are_refused() {
    for trailer in [
        "A\r\n",
        "A b: c\r\n",
        "A : b\r\n",
        ": b\r\n",
        " A: b\r\n",
        "A: b\n",
        "A: b\rc\r\n",
        "A: b\0\r\n",
        "A: b\r\n folded\r\n",
        "\n",
        "\rx",
        "A\0: b\r\n",
    ] {
        let body = format!("0\r\n{trailer}\r\n");
        assert_eq!(fault(body.as_bytes()), Some(Fault::Trailer), "{trailer:?}");
    }
}

#[test]
fn trailers_are_bounded() {
    let body = |len: usize| format!("0\r\nA: {}\r\n\r\n", "b".repeat(len - 7));
    assert_eq!(fault(body(TRAILER_BYTES_MAX).as_bytes()), None);
    let longer = body(TRAILER_BYTES_MAX + 1);
    assert_eq!(fault(longer.as_bytes()), Some(Fault::TrailersTooLarge));
}

#[test]
fn trailers_with_underscores_are_refused_where_the_entry_point_says_so() {
    for (fate, expected) in [
        (Underscore::Keep, None),
        (Underscore::Delete, None),
        (Underscore::Reject, Some(Fault::HeaderUnderscore)),
    ] {
        for trailer in ["A_b: c", "_: c"] {
            let body = format!("0\r\n{trailer}\r\n\r\n");
            let mut reader = BodyReader::new(BodyLength::Chunked).with_underscores(fate);
            assert_eq!(feed(&mut reader, [body.as_bytes()]).err(), expected);
        }
    }
}

#[test]
fn nothing_of_a_malformed_end_goes_on() {
    let mut reader = BodyReader::new(BodyLength::Chunked);
    let (out, _) = feed(&mut reader, [&b"1\r\na\r\n0\r\nA: "[..]]).unwrap();
    assert_eq!(out, b"1\r\na\r\n", "the last chunk is held back");
    assert!(feed(&mut reader, [&b"\0"[..]]).is_err());
}

#[test]
fn a_chunk_can_be_written() {
    let table = [
        (1, "1\r\n"),
        (255, "ff\r\n"),
        (u64::MAX, "ffffffffffffffff\r\n"),
    ];
    for (size, line) in table {
        let mut page = Page::head();
        write_chunk_size(&mut page, size);
        assert_eq!(String::from_utf8_lossy(page.as_slice()), line);
    }
    let mut page = Page::head();
    write_chunk_size(&mut page, 5);
    page.append(b"hello");
    close_chunk(&mut page);
    page.append(CHUNK_END);
    assert_eq!(page.as_slice(), b"5\r\nhello\r\n0\r\n\r\n");
}

/// What a chunk may look like; some are not.
fn chunks() -> impl Strategy<Value = Vec<u8>> {
    let data = prop::collection::vec(any::<u8>(), 0..40);
    let zeros = prop::sample::select(vec!["", "", "", "0", "00"]);
    let extension = prop::sample::select(vec!["", "", "", "", ";", ";a=b", " ;a", " "]);
    let end = prop::sample::select(vec!["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", ""]);
    let chunk = (data, zeros, extension, end).prop_map(|(data, zeros, extension, end)| {
        let mut bytes = format!("{zeros}{:x}{extension}\r\n", data.len()).into_bytes();
        bytes.extend_from_slice(&data);
        bytes.extend_from_slice(end.as_bytes());
        bytes
    });
    let last = prop::sample::select(vec![
        "0\r\n\r\n",
        "0\r\nA: b\r\n\r\n",
        "0\r\n",
        "0;\r\n\r\nnext",
    ]);
    (prop::collection::vec(chunk, 0..6), last).prop_map(|(chunks, last)| {
        let mut bytes = chunks.concat();
        bytes.extend_from_slice(last.as_bytes());
        bytes
    })
}

proptest! {
    #[test]
    fn pieces_give_the_same_as_the_whole(bytes in chunks(), size in 1_usize..20) {
        for payload in [false, true] {
            let reader = || if payload {
                BodyReader::of_payload(BodyLength::Chunked)
            } else {
                BodyReader::new(BodyLength::Chunked)
            };
            let whole = feed(&mut reader(), [&bytes[..]]);
            let pieces = feed(&mut reader(), bytes.chunks(size));
            prop_assert_eq!(&pieces, &whole);
        }
    }

    #[test]
    fn what_goes_on_has_the_same_payload(bytes in chunks()) {
        let Ok((wire, _)) = feed(&mut BodyReader::new(BodyLength::Chunked), [&bytes[..]]) else {
            return Ok(());
        };
        let payload = |bytes: &[u8]| {
            feed(&mut BodyReader::of_payload(BodyLength::Chunked), [bytes]).map(|(out, _)| out)
        };
        prop_assert_eq!(payload(&wire), payload(&bytes));
        let again = feed(&mut BodyReader::new(BodyLength::Chunked), [&wire[..]]).unwrap();
        prop_assert_eq!(again.0, wire);
    }
}
