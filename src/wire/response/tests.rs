use super::*;
use crate::wire::{Method, Step};

pub(super) const DATE: &[u8] = b"Sun, 06 Nov 1994 08:49:37 GMT";

fn to() -> AnswerTo<'static> {
    AnswerTo {
        version: Version::Http11,
        keep_alive: true,
        date: DATE,
        head: false,
    }
}

#[test]
fn a_plain_answer_is_passed_on_as_it_came() {
    let mut head = ResponseHead::new();
    let mut page = Page::copy_of(
        b"HTTP/1.1 200 OK\r\nServer: x\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
    );
    assert_eq!(head.parse(&mut page, Method::Get), Ok(Step::Done));
    assert_eq!(head.body(), BodyLength::Length(2));
    let mut out = Page::head();
    head.render(&mut out, &to());
    assert_eq!(
        String::from_utf8_lossy(out.as_slice()),
        "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
    );
    assert_eq!(head.release().as_slice(), b"ok");
}

#[test]
fn local_answers_have_the_right_length() {
    for answer in answer::ALL {
        let mut page = Page::head();
        answer.render(&mut page, &to());
        let mut head = ResponseHead::new();
        assert_eq!(
            head.parse(&mut page, Method::Get),
            Ok(Step::Done),
            "{answer:?}"
        );
        assert_eq!(head.status(), answer.status());
        assert_eq!(head.body(), BodyLength::Length(answer.body().len() as u64));
        assert_eq!(head.release().as_slice(), answer.body().as_bytes());
    }
}
