use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use super::PATIENCE;

/// A client that sends what it is told, byte by byte.
pub(crate) struct Client {
    stream: TcpStream,
    /// Came and was not looked at.
    came: Vec<u8>,
}

/// An answer as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and fields, without the empty line.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// How a connection ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Closed,
    Reset,
    /// It did not end in time.
    Open,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream,
            came: Vec::new(),
        }
    }

    /// Sends all of it. A router that has closed already is no surprise here.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        match self.stream.write_all(bytes.as_ref()) {
            Ok(()) => self,
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
                ) =>
            {
                self
            }
            Err(error) => panic!("cannot send: {error}"),
        }
    }

    /// Sends each byte in a packet of its own.
    pub(crate) fn dribble(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        for byte in bytes.as_ref() {
            self.send([*byte]);
        }
        self
    }

    /// Sends a request without a body, and reads the answer.
    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
        self.answer()
    }

    /// The next answer, interim ones included.
    pub(crate) fn answer(&mut self) -> Answer {
        self.answer_to("GET")
    }

    /// The head of the next answer alone.
    pub(crate) fn answer_head(&mut self) -> Answer {
        self.answer_to("HEAD")
    }

    /// The next chunk of a body; empty at its end.
    pub(crate) fn chunk(&mut self) -> Vec<u8> {
        let size = usize::from_str_radix(&self.line(), 16).unwrap();
        let chunk = self.exactly(size);
        assert_eq!(self.line(), "", "no line end behind a chunk");
        chunk
    }

    /// As [`Client::answer`], where the method says whether a body follows.
    pub(crate) fn answer_to(&mut self, method: &str) -> Answer {
        let head = self.head();
        let status: u16 = head
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or_else(|| panic!("no status line: {head:?}"));
        let mut answer = Answer {
            status,
            head,
            body: Vec::new(),
        };
        if method == "HEAD" || status < 200 || status == 204 || status == 304 {
            return answer;
        }
        answer.body = if answer.header("Transfer-Encoding") == Some("chunked") {
            self.chunked()
        } else if let Some(length) = answer.header("Content-Length") {
            let length = length.parse().unwrap();
            self.exactly(length)
        } else {
            self.until_end().0
        };
        answer
    }

    /// Bytes until the empty line, which is not part of it.
    fn head(&mut self) -> String {
        loop {
            if let Some(end) = find(&self.came, b"\r\n\r\n") {
                let head: Vec<_> = self.came.drain(..end + 4).take(end).collect();
                return String::from_utf8(head).unwrap();
            }
            assert!(
                self.more() == End::Open,
                "ended inside a head: {:?}",
                String::from_utf8_lossy(&self.came)
            );
        }
    }

    pub(crate) fn exactly(&mut self, count: usize) -> Vec<u8> {
        while self.came.len() < count {
            assert!(
                self.more() == End::Open,
                "ended after {} of {count} bytes",
                self.came.len()
            );
        }
        self.came.drain(..count).collect()
    }

    fn chunked(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = self.line();
            let size = usize::from_str_radix(&line, 16);
            let size = size.unwrap_or_else(|_| panic!("no chunk size: {line:?}"));
            body.extend(self.exactly(size));
            assert_eq!(self.line(), "", "no line end behind a chunk");
            if size == 0 {
                return body;
            }
        }
    }

    fn line(&mut self) -> String {
        loop {
            if let Some(end) = find(&self.came, b"\r\n") {
                let line: Vec<_> = self.came.drain(..end + 2).take(end).collect();
                return String::from_utf8(line).unwrap();
            }
            assert!(self.more() == End::Open, "ended inside a chunked body");
        }
    }

    /// All bytes until the connection ends, and how it did.
    pub(crate) fn until_end(&mut self) -> (Vec<u8>, End) {
        loop {
            let end = self.more();
            if end != End::Open {
                return (std::mem::take(&mut self.came), end);
            }
        }
    }

    /// Whether the router closes this connection now; bytes that come first are a surprise.
    pub(crate) fn is_closed(&mut self) -> bool {
        let (bytes, _) = self.until_end();
        assert!(bytes.is_empty(), "{:?}", String::from_utf8_lossy(&bytes));
        true
    }

    /// Sends FIN.
    pub(crate) fn finish(&mut self) -> &mut Self {
        // The router may have closed already.
        drop(self.stream.shutdown(Shutdown::Write));
        self
    }

    /// Waits for more bytes; `Open` when some came.
    fn more(&mut self) -> End {
        let mut piece = [0; 64 * 1024];
        match self.stream.read(&mut piece) {
            Ok(0) => End::Closed,
            Ok(count) => {
                self.came.extend_from_slice(&piece[..count]);
                End::Open
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => End::Reset,
            Err(error) => panic!(
                "waited in vain for bytes ({error}); came: {:?}",
                String::from_utf8_lossy(&self.came)
            ),
        }
    }
}

impl Answer {
    /// The value of the first field of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.head.split("\r\n").skip(1);
        fields.filter_map(move |line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
