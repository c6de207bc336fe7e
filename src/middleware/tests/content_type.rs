use super::*;

const BODIES: [(&[u8], &str); 60] = [
    (b"", "text/plain; charset=utf-8"),
    (b" \n\t", "text/plain; charset=utf-8"),
    (b"hello", "text/plain; charset=utf-8"),
    (b"{\"a\": 1}", "text/plain; charset=utf-8"),
    (b"\x1b[0m", "text/plain; charset=utf-8"),
    (b"caf\xc3\xa9", "text/plain; charset=utf-8"),
    (b"a\x00b", "application/octet-stream"),
    (b"\x01\x02\x03", "application/octet-stream"),
    (b"<!DOCTYPE html><p>", "text/html; charset=utf-8"),
    (b" \r\n<hTmL>", "text/html; charset=utf-8"),
    (b"<html lang=en>", "text/html; charset=utf-8"),
    (b"<html", "text/plain; charset=utf-8"),
    (b"<htmlx>", "text/plain; charset=utf-8"),
    (b"<head>", "text/html; charset=utf-8"),
    (b"<script>", "text/html; charset=utf-8"),
    (b"<iframe >", "text/html; charset=utf-8"),
    (b"<h1>", "text/html; charset=utf-8"),
    (b"<h2>", "text/plain; charset=utf-8"),
    (b"<div>", "text/html; charset=utf-8"),
    (b"<font >", "text/html; charset=utf-8"),
    (b"<table>", "text/html; charset=utf-8"),
    (b"<a href=x>", "text/html; charset=utf-8"),
    (b"<style>", "text/html; charset=utf-8"),
    (b"<title>", "text/html; charset=utf-8"),
    (b"<b>", "text/html; charset=utf-8"),
    (b"<body>", "text/html; charset=utf-8"),
    (b"<br>", "text/html; charset=utf-8"),
    (b"<p>", "text/html; charset=utf-8"),
    (b"<!-- x -->", "text/html; charset=utf-8"),
    (b"\n<?xml version='1.0'?>", "text/xml; charset=utf-8"),
    (b"<?XML", "text/plain; charset=utf-8"),
    (b"%PDF-1.7", "application/pdf"),
    (b" %PDF-1.7", "text/plain; charset=utf-8"),
    (b"%!PS-Adobe-3.0", "application/postscript"),
    (b"\xfe\xff\x00a", "text/plain; charset=utf-16be"),
    (b"\xff\xfea\x00", "text/plain; charset=utf-16le"),
    (b"\xef\xbb\xbfa", "text/plain; charset=utf-8"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"BMx", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a...", "image/gif"),
    (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "image/webp"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff\xe0", "image/jpeg"),
    (b"FORM\x00\x00\x00\x01AIFF", "audio/aiff"),
    (b"ID3\x03", "audio/mpeg"),
    (b"OggS\x00\x02", "application/ogg"),
    (b"MThd\x00\x00\x00\x06\x00", "audio/midi"),
    (b"RIFF1234AVI ", "video/avi"),
    (b"RIFF1234WAVEfmt ", "audio/wave"),
    (
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
        "video/mp4",
    ),
    (
        b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00iso2avc1",
        "application/octet-stream",
    ),
    (
        b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp41avc1",
        "video/mp4",
    ),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"\x00\x01\x00\x00\x00", "font/ttf"),
    (b"wOF2\x00", "font/woff2"),
    (b"\x1f\x8b\x08\x00", "application/x-gzip"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!\x1a\x07\x01\x00", "application/x-rar-compressed"),
    (b"\x00asm\x01", "application/wasm"),
];

#[test]
fn a_body_is_what_go_takes_it_for() {
    for (bytes, expected) in BODIES {
        let told = String::from_utf8_lossy(bytes);
        assert_eq!(detect_type(bytes), expected, "{told}");
    }
    let font = [&[0; 34], &b"LP"[..], &[0; 10]].concat();
    assert_eq!(detect_type(&font), "application/vnd.ms-fontobject");
    // Only the beginning counts.
    let long = [&[b'a'; 512], &b"\x00"[..]].concat();
    assert_eq!(detect_type(&long), "text/plain; charset=utf-8");
}

#[test]
fn a_type_is_asked_for_only_where_there_is_none() {
    let table = [
        ("Content-Length: 2\r\n", true),
        ("Transfer-Encoding: chunked\r\n", true),
        ("Content-Length: 0\r\n", false),
        ("Content-Length: 2\r\nContent-Type: a/b\r\n", false),
        ("Content-Length: 2\r\nContent-Type:\r\n", false),
        ("Content-Length: 2\r\nContent-Encoding: gzip\r\n", false),
    ];
    for (lines, expected) in table {
        let mut head = get("/");
        let mut response = ResponseHead::new();
        let text = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        let mut page = Page::copy_of(text.as_bytes());
        assert_eq!(response.parse(&mut page, head.method()), Ok(Step::Done));
        let step = Middleware::ContentType(ContentType);
        leave(&step, &mut head, &mut response, &mut Slot::default());
        assert_eq!(response.asks_for_type(), expected, "{lines}");
    }
}
