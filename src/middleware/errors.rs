use std::time::Duration;

use crate::base::limits::ERROR_PAGE_S;
use crate::wire::path::escape_query;
use crate::wire::{HeaderName, RequestHead, ResponseHead, reason_of};

use super::redirect::url;
use super::{Around, Call, Flow, Reply, Slot, StatusRanges, error, plain};

/// Shows a page of another service in the place of an error (features 6, errors).
#[derive(Debug, Default)]
pub struct Errors {
    pub caught: StatusRanges,
    /// Statuses that become others; the first that fits counts.
    pub rewrites: Box<[(StatusRanges, u16)]>,
    /// Path and query of the page, with `{status}`, `{originalStatus}` and `{url}` in them.
    pub query: Box<str>,
    /// The fields of the request that the service sees; None: all of them.
    pub request_fields: Option<Box<[HeaderName]>>,
}

/// What the way out must remember of the answer that is replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caught {
    /// The status that the client sees.
    status: u16,
}

impl Errors {
    pub(super) fn on_response(
        &self,
        head: &RequestHead,
        response: &ResponseHead,
        around: &Around,
        slot: &mut Slot,
    ) -> Flow {
        let came = response.status();
        // What switched protocols is no answer any more.
        if came < 200 || !self.caught.contain(came) {
            return Flow::Next;
        }
        let mut rewrites = self.rewrites.iter();
        let rewritten = rewrites.find(|(ranges, _)| ranges.contain(came));
        let status = rewritten.map_or(came, |(_, status)| *status);
        *slot = Slot::Errors(Caught { status });
        Flow::Call(Box::new(Call {
            head: self.request(head, around, (came, status)),
            with_body: false,
            timeout: Duration::from_secs(ERROR_PAGE_S),
            reply_bytes_max: None,
        }))
    }

    pub(super) fn on_reply(reply: Reply<'_>, slot: &Slot) -> Flow {
        let Slot::Errors(Caught { status }) = *slot else {
            return Flow::Next;
        };
        match reply {
            // No body may follow these.
            Reply::Answered(_) if matches!(status, 204 | 304) => {
                Flow::Answer(plain(status), b"".into())
            }
            Reply::Answered(head) => {
                head.set_status(status);
                Flow::Relay
            }
            // The page is an error itself, and its text tells which.
            Reply::Failed(_) => Flow::Answer(error(status), reason_of(502).as_bytes().into()),
        }
    }

    fn request(&self, head: &RequestHead, around: &Around, codes: (u16, u16)) -> RequestHead {
        let target = self.target(head, around, codes);
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.as_bytes())),
            None => (&*target, None),
        };
        let mut page = RequestHead::new();
        page.new_request(b"GET", head.host(), path.as_bytes());
        page.set_query(query);
        let listed = |name: &[u8]| match &self.request_fields {
            None => true,
            Some(names) => names.iter().any(|known| known.is(name)),
        };
        page.copy_fields(head, true, listed);
        page.forward_as(head);
        page
    }

    /// Begins with a slash.
    fn target(&self, head: &RequestHead, around: &Around, (came, status): (u16, u16)) -> String {
        let slash = if self.query.starts_with('/') { "" } else { "/" };
        let mut target = format!("{slash}{}", self.query)
            .replace("{status}", &status.to_string())
            .replace("{originalStatus}", &came.to_string());
        if target.contains("{url}") {
            let scheme: &[u8] = if around.secure { b"https" } else { b"http" };
            let url = escape_query(&url(scheme, &[head.host()], head));
            target = target.replace("{url}", &url);
        }
        target
    }
}
