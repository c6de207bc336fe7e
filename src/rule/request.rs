use std::net::IpAddr;

use super::eval::Facts;
use crate::wire::{HeaderName, RequestHead, names};

/// What a rule may ask of a request that came over the wire.
#[derive(Clone, Copy)]
pub struct RequestFacts<'head> {
    pub head: &'head RequestHead,
    /// Where the connection comes from.
    pub client: IpAddr,
}

impl Facts for RequestFacts<'_> {
    fn canonical_host(&self) -> &[u8] {
        self.head.canonical_host()
    }

    fn routing_path(&self) -> &[u8] {
        self.head.routing_path()
    }

    fn method(&self) -> &[u8] {
        self.head.method_text()
    }

    fn some_header(&self, name: &HeaderName, test: impl FnMut(&[u8]) -> bool) -> bool {
        // Neither is among the headers that Go's server shows.
        let hidden = *name == names::HOST || *name == names::TRANSFER_ENCODING;
        !hidden && self.head.values(name).any(test)
    }

    fn query(&self) -> &[u8] {
        self.head.query().unwrap_or_default()
    }

    fn client_ip(&self) -> Option<IpAddr> {
        Some(self.client)
    }
}

impl std::fmt::Debug for RequestFacts<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "RequestFacts({})", self.client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Page;
    use crate::rule::{Syntax, eval, parse};
    use crate::wire::{HeadRules, Step};

    #[test]
    fn a_rule_reads_a_request_from_the_wire() {
        let text = b"GET /a%20b%2Fc?k=1 HTTP/1.1\r\nHost: Example.COM.:80\r\nX-One: a\r\n\r\n";
        let mut head = RequestHead::new();
        let step = head.parse(&mut Page::copy_of(text), &HeadRules::default());
        assert_eq!(step, Ok(Step::Done));
        let client = [10, 0, 0, 1].into();
        let facts = RequestFacts {
            head: &head,
            client,
        };
        let table = [
            (
                "Host(`example.com`) && HostRegexp(`^example\\.com\\.$`)",
                true,
            ),
            ("Path(`/a b%2Fc`) && PathPrefix(`/a b`)", true),
            (
                "Method(`get`) && Query(`k`, `1`) && ClientIP(`10.0.0.1`)",
                true,
            ),
            ("Header(`x-one`, `a`) && HeaderRegexp(`X-ONE`, `a`)", true),
            ("HeaderRegexp(`Host`, `.`)", false),
        ];
        for (rule, expected) in table {
            let tree = parse(rule, Syntax::V3).unwrap();
            assert_eq!(eval(&tree, &facts), expected, "{rule}");
        }
    }
}
