use super::*;

fn body_of(lines: &str) -> Result<BodyLength, Fault> {
    read(&format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")).map(|head| head.body())
}

#[test]
fn the_length_of_a_body_is_read_from_one_field() {
    let table = [
        ("A: b", BodyLength::None),
        ("Content-Length: 0", BodyLength::Length(0)),
        ("content-length:5", BodyLength::Length(5)),
        ("Content-Length: \t 0005 ", BodyLength::Length(5)),
        (
            "Content-Length: 9223372036854775807",
            BodyLength::Length(u64::MAX >> 1),
        ),
        ("Transfer-Encoding: chunked", BodyLength::Chunked),
        ("tRANSFER-eNCODING: ChunKed", BodyLength::Chunked),
    ];
    for (lines, expected) in table {
        assert_eq!(body_of(lines), Ok(expected), "{lines}");
    }
}

#[test]
fn length_and_chunked_together_are_refused() {
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nA: b\r\ncontent-length: 0",
    ] {
        assert_eq!(body_of(lines), Err(Fault::FramingTwice), "{lines}");
    }
}

#[test]
fn a_content_length_that_is_no_plain_number_is_refused() {
    for value in [
        "",
        " ",
        "+5",
        "-5",
        "5 5",
        "5,5",
        "5, 5",
        "5,",
        ",5",
        "0x5",
        "5e1",
        "5.0",
        "5;",
        "\"5\"",
        "\u{966b}",
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999999",
        "1_0",
    ] {
        let lines = format!("Content-Length: {value}");
        assert_eq!(body_of(&lines), Err(Fault::ContentLength), "{value:?}");
    }
}

#[test]
fn a_second_content_length_is_refused() {
    for lines in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5\r\nA: b\r\ncontent-length: 5",
    ] {
        assert_eq!(body_of(lines), Err(Fault::ContentLength), "{lines}");
    }
}

#[test]
fn a_transfer_encoding_other_than_one_chunked_is_refused() {
    let table = [
        ("identity", Fault::TransferEncoding),
        ("", Fault::TransferEncoding),
        ("xchunked", Fault::TransferEncoding),
        ("chunkedx", Fault::TransferEncoding),
        ("chunked;", Fault::TransferEncoding),
        ("chunked;q=1", Fault::TransferEncoding),
        ("\"chunked\"", Fault::TransferEncoding),
        ("'chunked'", Fault::TransferEncoding),
        ("chunked,", Fault::TransferEncoding),
        (",chunked", Fault::TransferEncoding),
        ("chunked, chunked", Fault::TransferEncoding),
        ("chunked, identity", Fault::TransferEncoding),
        ("chunked gzip", Fault::TransferEncoding),
        ("gzip", Fault::TransferEncoding),
        ("gzip, chunked", Fault::TransferCoding),
        ("identity, chunked", Fault::TransferCoding),
    ];
    for (value, expected) in table {
        let lines = format!("Transfer-Encoding: {value}");
        assert_eq!(body_of(&lines), Err(expected), "{value:?}");
    }
}

#[test]
fn a_second_transfer_encoding_is_refused() {
    for (first, second) in [
        ("chunked", "chunked"),
        ("chunked", "identity"),
        ("identity", "chunked"),
        ("chunked", "gzip, chunked"),
        ("chunked", ""),
    ] {
        let lines = format!("Transfer-Encoding: {first}\r\nTransfer-Encoding: {second}");
        assert_eq!(body_of(&lines), Err(Fault::TransferEncoding), "{lines}");
    }
}

#[test]
fn a_hidden_transfer_encoding_is_refused_as_a_malformed_line() {
    for line in [
        "Transfer-Encoding : chunked",
        " Transfer-Encoding: chunked",
        "\tTransfer-Encoding: chunked",
        "Transfer-Encoding\t: chunked",
        "Transfer-Encoding\0: chunked",
        "Transfer-Encoding\u{b}: chunked",
        "Transfer-Encoding",
        "Transfer-Encoding: \u{b}chunked",
        "Transfer-Encoding: chunked\u{c}",
        "Transfer-Encoding: chunked\0",
        "Transfer-Encoding: \u{7f}chunked",
        "Transfer-Encoding:\r chunked",
        "Transfer-Encoding:\r\n chunked",
        "A: b\rTransfer-Encoding: chunked",
        "A: b\nTransfer-Encoding: chunked",
        "Transfer\u{131}-Encoding: chunked",
    ] {
        assert!(body_of(line).is_err(), "{line:?}");
    }
}

#[test]
fn chunked_is_not_for_http_1_0() {
    let text = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(fault(text), Some(Fault::TransferEncoding));
}

#[test]
fn the_framing_that_goes_out_is_written_by_us() {
    let framing = |lines: &str, how: &Render<'_>| -> Vec<String> {
        let head = read(&format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")).unwrap();
        rendered(&head, how)
            .split("\r\n")
            .filter(|line| line.starts_with("Content-Length") || line.starts_with("Transfer"))
            .map(str::to_owned)
            .collect()
    };
    let same = Render::default();
    let chunked = Render {
        body: Some(BodyLength::Chunked),
        ..same
    };
    let known = Render {
        body: Some(BodyLength::Length(7)),
        ..same
    };
    let te = "Transfer-Encoding: chunked";
    let table = [
        ("Content-Length: 5", &same, "Content-Length: 5"),
        ("Content-Length:  0005", &same, "Content-Length: 5"),
        ("Content-Length: 5", &chunked, te),
        ("Content-Length: 5", &known, "Content-Length: 7"),
        ("Transfer-Encoding: ChUnKeD", &same, te),
        ("Transfer-Encoding: chunked", &known, "Content-Length: 7"),
        ("A: b", &same, "Content-Length: 0"),
    ];
    for (lines, how, expected) in table {
        assert_eq!(framing(lines, how), [expected], "{lines}");
    }
}

#[test]
fn nobody_can_edit_the_framing() {
    let mut head = read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n").unwrap();
    head.set(&names::CONTENT_LENGTH, b"6");
    head.append(&names::CONTENT_LENGTH, b"7");
    head.append(&names::TRANSFER_ENCODING, b"chunked");
    assert_eq!(
        rendered(&head, &Render::default()),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
    );
}

#[test]
fn a_get_without_body_announces_none() {
    let text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(rendered(&read(text).unwrap(), &Render::default()), text);
}

#[test]
fn an_expectation_other_than_continue_is_refused() {
    let table = [
        ("Expect: 100-continue", None),
        ("Expect: 100-Continue", None),
        ("Expect: 100-continue, x", Some(Fault::Expectation)),
        ("Expect: 200-ok", Some(Fault::Expectation)),
        ("Expect: ", Some(Fault::Expectation)),
        ("Expect: y 100-continue", Some(Fault::Expectation)),
        (
            "Expect: 100-continue\r\nExpect: 100-continue",
            Some(Fault::Expectation),
        ),
        (
            "Expect: x\r\nExpect: 100-continue",
            Some(Fault::Expectation),
        ),
    ];
    for (lines, expected) in table {
        assert_eq!(fault_of_lines(lines), expected, "{lines}");
    }
}

#[test]
fn an_expectation_in_http_1_0_is_ignored() {
    let text = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
    let head = read(text).unwrap();
    assert!(!head.expects_continue());
    assert_eq!(head.value(&names::EXPECT), None);
    assert!(!rendered(&head, &Render::default()).contains("Expect"));
}
