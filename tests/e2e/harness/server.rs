use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::PATIENCE;
use super::client::find;

/// A server that follows a script, and tells what it heard.
pub(crate) struct Server {
    address: SocketAddr,
    heard: Receiver<Heard>,
}

/// What a server heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Heard {
    Connection,
    /// A whole request as it came, its body included.
    Request(String),
    /// Bytes that are no whole request, when their connection ended.
    Rest(String),
}

/// A connection to a server, from the server's side.
pub(crate) struct Peer {
    stream: TcpStream,
    came: Vec<u8>,
    heard: Sender<Heard>,
    /// Which connection of this server it is, from zero.
    pub(crate) number: usize,
}

impl Server {
    /// Runs `script` for each connection, each on a thread of its own.
    pub(crate) fn start(script: impl Fn(&mut Peer) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, hears) = mpsc::channel();
        let script = Arc::new(script);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { return };
                let mut peer = Peer::new(stream, heard.clone(), number);
                if heard.send(Heard::Connection).is_err() {
                    return;
                }
                let script = Arc::clone(&script);
                thread::spawn(move || {
                    script(&mut peer);
                    peer.tell_rest();
                });
            }
        });
        Self {
            address,
            heard: hears,
        }
    }

    /// Answers each request with the same bytes and goes on.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |peer| {
            while peer.request().is_some() {
                peer.send(&answer);
            }
        })
    }

    /// Answers each request with `ok`.
    pub(crate) fn ok() -> Self {
        Self::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }

    /// Answers each request with this text.
    pub(crate) fn naming(name: &str) -> Self {
        Self::answering(with_text(200, name))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next thing that this server hears.
    pub(crate) fn hears(&self) -> Heard {
        self.heard.recv_timeout(PATIENCE).unwrap()
    }

    /// The next request, connections and what else was heard before it left out.
    pub(crate) fn hears_request(&self) -> String {
        loop {
            if let Heard::Request(text) = self.hears() {
                return text;
            }
        }
    }

    /// All that was heard so far and not asked for.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.try_iter().collect()
    }
}

/// A whole answer.
pub(crate) fn with_text(status: u16, text: &str) -> String {
    let length = text.len();
    format!("HTTP/1.1 {status} Some\r\nContent-Length: {length}\r\n\r\n{text}")
}

impl Peer {
    fn new(stream: TcpStream, heard: Sender<Heard>, number: usize) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream,
            came: Vec::new(),
            heard,
            number,
        }
    }

    /// The next whole request as it came; `None` when the connection ended.
    pub(crate) fn request(&mut self) -> Option<String> {
        let head = self.head()?;
        let body = self.body(&head)?;
        let text = format!("{head}{}", String::from_utf8_lossy(&body));
        self.tell(Heard::Request(text.clone()));
        Some(text)
    }

    /// The next head alone, its empty line included.
    pub(crate) fn head(&mut self) -> Option<String> {
        loop {
            if let Some(end) = find(&self.came, b"\r\n\r\n") {
                let head: Vec<_> = self.came.drain(..end + 4).collect();
                return Some(String::from_utf8_lossy(&head).into_owned());
            }
            self.more()?;
        }
    }

    fn body(&mut self, head: &str) -> Option<Vec<u8>> {
        let value = |name: &str| {
            let mut fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
            let found = fields.find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim().to_owned())
        };
        let end = if value("Transfer-Encoding").is_some() {
            loop {
                if let Some(end) = find(&self.came, b"0\r\n\r\n") {
                    break end + 5;
                }
                self.more()?;
            }
        } else {
            value("Content-Length").map_or(0, |length| length.parse().unwrap())
        };
        while self.came.len() < end {
            self.more()?;
        }
        Some(self.came.drain(..end).collect())
    }

    /// Waits for more bytes; `None` when the connection ended.
    pub(crate) fn more(&mut self) -> Option<()> {
        let mut piece = [0; 64 * 1024];
        match self.stream.read(&mut piece) {
            Ok(0) | Err(_) => None,
            Ok(count) => {
                self.came.extend_from_slice(&piece[..count]);
                Some(())
            }
        }
    }

    /// Takes what has come and was not used.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.came)
    }

    /// Sends all of it; a router that has gone is no surprise here.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        match self.stream.write_all(bytes.as_ref()) {
            Ok(()) => {}
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
                ),
                "cannot send: {error}"
            ),
        }
        self
    }

    /// Sends FIN.
    pub(crate) fn finish(&self) {
        // The router may have gone.
        drop(self.stream.shutdown(Shutdown::Write));
    }

    /// Waits until the router ends the connection.
    pub(crate) fn wait_for_end(&mut self) {
        while self.more().is_some() {}
    }

    /// Tells the test something that no router has sent.
    pub(crate) fn say(&self, text: &str) {
        self.tell(Heard::Rest(text.to_owned()));
    }

    fn tell(&self, heard: Heard) {
        // The test may be over.
        drop(self.heard.send(heard));
    }

    fn tell_rest(&self) {
        if !self.came.is_empty() {
            let text = String::from_utf8_lossy(&self.came).into_owned();
            self.tell(Heard::Rest(text));
        }
    }
}
