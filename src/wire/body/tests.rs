use super::*;

/// What came out, and what stayed behind the end.
type Fed = (Vec<u8>, Vec<u8>);

/// Feeds pieces of one stream; returns what came out and what stayed behind the end.
fn feed(reader: &mut BodyReader, pieces: &[&[u8]]) -> Result<Fed, Fault> {
    let (mut out, mut behind) = (Vec::new(), Vec::new());
    for piece in pieces {
        let mut page = Page::copy_of(piece);
        out.extend_from_slice(reader.feed(&mut page)?.data.as_slice());
        behind.extend_from_slice(page.as_slice());
    }
    Ok((out, behind))
}

#[test]
fn a_body_of_known_length_ends_where_it_ends() {
    let mut reader = BodyReader::new(BodyLength::Length(7));
    let (out, behind) = feed(&mut reader, &[b"hel", b"lo woGET"]).unwrap();
    assert_eq!(
        (out.as_slice(), behind.as_slice()),
        (&b"hello w"[..], &b"oGET"[..])
    );
    assert!(reader.is_ended());
}

type Pieces = &'static [&'static [u8]];

#[test]
fn chunks_come_out_in_their_one_form() {
    let table: &[(Pieces, &[u8])] = &[
        (&[b"5\r\nhello\r\n0\r\n\r\n"], b"5\r\nhello\r\n0\r\n\r\n"),
        (
            &[b"5;a=b\r\nhello\r\n0\r\n\r\n"],
            b"5\r\nhello\r\n0\r\n\r\n",
        ),
        (
            &[b"005\r\nhello\r\n000\r\nA: b\r\n\r\n"],
            b"5\r\nhello\r\n0\r\n\r\n",
        ),
        (
            &[
                b"1",
                b"0\r",
                b"\n0123456789",
                b"abcdef\r",
                b"\n0\r\n",
                b"\r\n",
            ],
            b"10\r\n0123456789abcdef\r\n0\r\n\r\n",
        ),
    ];
    for (pieces, expected) in table {
        let mut reader = BodyReader::new(BodyLength::Chunked);
        let (out, behind) = feed(&mut reader, pieces).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&out),
            String::from_utf8_lossy(expected)
        );
        assert!(behind.is_empty() && reader.is_ended());
    }
}
