//! What whoami says, as traefik/whoami does.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::{Map, Value, json};

use super::Options;
use super::facts;
use super::query;

/// What a server knows about itself; one for all its shards.
#[derive(Debug)]
pub(super) struct Identity {
    name: String,
    verbose: bool,
    hostname: String,
    addresses: Vec<IpAddr>,
    /// What `/health` answers; a POST changes it.
    health: AtomicU16,
}

/// Name and value of a header field.
pub(super) type Field<'head> = (&'head [u8], &'head [u8]);

/// As [`Field`], the name in the spelling that Go gives it.
type Spelled<'head> = (Vec<u8>, &'head [u8]);

/// A request as it came.
#[derive(Debug)]
pub(super) struct Seen<'head> {
    pub(super) peer: SocketAddr,
    pub(super) method: &'head [u8],
    pub(super) path: &'head [u8],
    pub(super) query: Option<&'head [u8]>,
    pub(super) host: &'head [u8],
    /// All but `Host`, names as they came.
    pub(super) headers: Vec<Field<'head>>,
    pub(super) body: &'head [u8],
}

/// What to say.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Answer {
    Text(Vec<u8>),
    Json(Vec<u8>),
    /// A status and no body.
    Status(u16),
    /// So many bytes, perhaps as a file to save.
    Data {
        bytes: u64,
        attachment: bool,
    },
    /// Become a WebSocket, if the client asked for one.
    Echo,
}

impl Identity {
    pub(super) fn new(options: Options) -> Self {
        Self {
            name: options.name,
            verbose: options.verbose,
            hostname: facts::hostname(),
            addresses: facts::addresses(),
            health: AtomicU16::new(200),
        }
    }

    pub(super) const fn is_verbose(&self) -> bool {
        self.verbose
    }

    pub(super) fn answer(&self, seen: &Seen<'_>) -> Answer {
        match seen.path {
            b"/bench" => Answer::Text(b"1".to_vec()),
            b"/api" => Answer::Json(self.json(seen)),
            b"/health" => Answer::Status(self.health(seen)),
            b"/echo" => Answer::Echo,
            b"/data" => {
                let query = seen.query.unwrap_or_default();
                Answer::Data {
                    bytes: query::data_bytes(query),
                    attachment: query::parameter(query, "attachment").as_deref() == Some(b"true"),
                }
            }
            _ => Answer::Text(self.text(seen)),
        }
    }

    fn health(&self, seen: &Seen<'_>) -> u16 {
        if seen.method != b"POST" {
            return self.health.load(Ordering::Relaxed);
        }
        let told = std::str::from_utf8(seen.body).ok();
        let status = told.and_then(|text| text.trim().parse().ok());
        match status.filter(|status| (200..=599).contains(status)) {
            Some(status) => {
                self.health.store(status, Ordering::Relaxed);
                200
            }
            None => 400,
        }
    }

    fn text(&self, seen: &Seen<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        let mut line = |parts: &[&[u8]]| {
            out.extend(parts.iter().copied().flatten());
            out.push(b'\n');
        };
        if !self.name.is_empty() {
            line(&[b"Name: ", self.name.as_bytes()]);
        }
        line(&[b"Hostname: ", self.hostname.as_bytes()]);
        for address in &self.addresses {
            line(&[b"IP: ", address.to_string().as_bytes()]);
        }
        line(&[b"RemoteAddr: ", seen.peer.to_string().as_bytes()]);
        line(&[seen.method, b" ", &seen.target(), b" HTTP/1.1\r"]);
        line(&[b"Host: ", seen.host, b"\r"]);
        for (name, value) in seen.sorted_headers() {
            line(&[&name, b": ", value, b"\r"]);
        }
        line(&[b"\r"]);
        out.extend_from_slice(seen.body);
        out
    }

    fn json(&self, seen: &Seen<'_>) -> Vec<u8> {
        let text = |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes));
        let mut headers = Map::new();
        for (name, value) in seen.sorted_headers() {
            let name = String::from_utf8_lossy(&name).into_owned();
            let values = headers.entry(name).or_insert_with(|| json!([]));
            if let Value::Array(values) = values {
                values.push(text(value));
            }
        }
        let addresses: Vec<_> = self.addresses.iter().map(IpAddr::to_string).collect();
        let mut object = json!({
            "hostname": self.hostname,
            "ip": addresses,
            "headers": headers,
            "url": text(&seen.target()),
            "host": text(seen.host),
            "method": text(seen.method),
        });
        if !self.name.is_empty() {
            object["name"] = self.name.as_str().into();
        }
        object["remoteAddr"] = seen.peer.to_string().into();
        let mut out = object.to_string().into_bytes();
        out.push(b'\n');
        out
    }
}

impl Seen<'_> {
    fn target(&self) -> Vec<u8> {
        match self.query {
            Some(query) => [self.path, b"?", query].concat(),
            None => self.path.to_vec(),
        }
    }

    /// In the order in which Go writes a request: who asks and how long first, then by name.
    fn sorted_headers(&self) -> Vec<Spelled<'_>> {
        const FIRST: [&[u8]; 3] = [b"User-Agent", b"Content-Length", b"Transfer-Encoding"];
        let named = |(name, value): &(&[u8], _)| (canonical(name), *value);
        let mut all: Vec<_> = self.headers.iter().map(named).collect();
        let rank = |name: &[u8]| {
            let first = FIRST.iter().position(|first| *first == name);
            first.unwrap_or(FIRST.len())
        };
        all.sort_by(|(one, _), (other, _)| (rank(one), one).cmp(&(rank(other), other)));
        all
    }
}

/// `x-forwarded-for` -> `X-Forwarded-For`.
fn canonical(name: &[u8]) -> Vec<u8> {
    let mut upper = true;
    let spelled = |byte: &u8| {
        let shown = if upper {
            byte.to_ascii_uppercase()
        } else {
            byte.to_ascii_lowercase()
        };
        upper = *byte == b'-';
        shown
    };
    name.iter().map(spelled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str) -> Identity {
        Identity {
            name: name.to_owned(),
            verbose: false,
            hostname: "host".to_owned(),
            addresses: vec![IpAddr::from([127, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])],
            health: AtomicU16::new(200),
        }
    }

    fn seen(
        method: &'static str,
        path: &'static str,
        query: Option<&'static str>,
    ) -> Seen<'static> {
        Seen {
            peer: SocketAddr::from(([10, 0, 0, 1], 4711)),
            method: method.as_bytes(),
            path: path.as_bytes(),
            query: query.map(str::as_bytes),
            host: b"example.org",
            headers: vec![
                (b"x-b", b"2"),
                (b"accept", b"*/*"),
                (b"X-B", b"1"),
                (b"user-agent", b"curl/8"),
            ],
            body: b"",
        }
    }

    #[test]
    fn the_text_reads_as_that_of_traefiks_whoami() {
        let answer = identity("a").answer(&seen("GET", "/x/y", Some("z=1")));
        let wanted = "Name: a\nHostname: host\nIP: 127.0.0.1\nIP: 10.0.0.2\n\
            RemoteAddr: 10.0.0.1:4711\nGET /x/y?z=1 HTTP/1.1\r\nHost: example.org\r\n\
            User-Agent: curl/8\r\nAccept: */*\r\nX-B: 2\r\nX-B: 1\r\n\r\n";
        assert_eq!(answer, Answer::Text(wanted.into()));
    }

    #[test]
    fn the_json_has_the_same_facts() {
        let Answer::Json(text) = identity("").answer(&seen("PUT", "/api", Some("a"))) else {
            panic!("no JSON");
        };
        let wanted = "{\"hostname\":\"host\",\"ip\":[\"127.0.0.1\",\"10.0.0.2\"],\
            \"headers\":{\"User-Agent\":[\"curl/8\"],\"Accept\":[\"*/*\"],\"X-B\":[\"2\",\"1\"]},\
            \"url\":\"/api?a\",\"host\":\"example.org\",\"method\":\"PUT\",\
            \"remoteAddr\":\"10.0.0.1:4711\"}\n";
        assert_eq!(String::from_utf8(text).unwrap(), wanted);
    }

    #[test]
    fn the_health_is_what_a_post_makes_it() {
        let identity = identity("");
        let post = |body: &'static str| {
            identity.answer(&Seen {
                body: body.as_bytes(),
                ..seen("POST", "/health", None)
            })
        };
        let get = || identity.answer(&seen("GET", "/health", None));
        assert_eq!(get(), Answer::Status(200));
        assert_eq!(post("503\n"), Answer::Status(200));
        assert_eq!(get(), Answer::Status(503));
        for nonsense in ["", "x", "99", "600", "70000"] {
            assert_eq!(post(nonsense), Answer::Status(400));
        }
        assert_eq!(get(), Answer::Status(503));
    }

    #[test]
    fn each_path_has_its_answer() {
        let table = [
            ("/bench", None, Answer::Text(b"1".to_vec())),
            ("/echo", None, Answer::Echo),
            (
                "/data",
                Some("size=2&unit=KB&attachment=true"),
                Answer::Data {
                    bytes: 2048,
                    attachment: true,
                },
            ),
        ];
        for (path, query, answer) in table {
            assert_eq!(identity("").answer(&seen("GET", path, query)), answer);
        }
    }
}
