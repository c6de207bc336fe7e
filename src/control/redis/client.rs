//! One connection to a Redis server: the few commands that a token bucket needs, spoken as
//! Redis has always spoken (RESP 2).

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};

use crate::base::limits::REDIS_REPLY_BYTES_MAX;
use crate::middleware::RedisStore;

/// Takes a token from the bucket KEYS[1], which is the time (microseconds, of Redis' own clock)
/// at which it was, or will be, empty. ARGV: microseconds between two tokens, those in which an
/// empty bucket fills, and the longest wait. Says the wait, with `-` before it when it is too
/// long and no token was taken. The key is gone once the bucket would be full.
const TAKE: &str = "\
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, fill, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local empty = tonumber(redis.call('GET', KEYS[1]) or '0')
if empty < now - fill then empty = now - fill end
empty = empty + interval
local wait = empty - now
local text = string.format('%.0f', math.max(0, math.ceil(wait)))
if wait > longest then return '-' .. text end
local kept = string.format('%.0f', math.ceil((wait + fill) / 1000) + 1)
redis.call('SET', KEYS[1], string.format('%.3f', empty), 'PX', kept)
return text";

pub(super) struct Client {
    stream: BufReader<TcpStream>,
    /// The name that the server has given to the script.
    script: Vec<u8>,
}

/// Why Redis said nothing of use.
#[derive(Debug)]
pub(super) enum ClientFault {
    Io(io::Error),
    /// An error that Redis told.
    Told(String),
    /// It speaks otherwise than Redis does.
    Nonsense,
}

/// One bucket to take a token from: key, interval, fill, longest wait.
pub(super) type Take<'text> = (&'text [u8], [f64; 3]);

/// What came of it: microseconds to wait, and whether a token was taken.
pub(super) type Taken = (u64, bool);

impl Client {
    /// Connects, says who it is, chooses the database, and leaves the script there.
    pub(super) fn connect(store: &RedisStore) -> Result<Self, ClientFault> {
        let mut fault = io::Error::from(io::ErrorKind::NotFound);
        for address in (*store.endpoint).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, store.dial_timeout) {
                Ok(stream) => return Self::begin(stream, store),
                Err(error) => fault = error,
            }
        }
        Err(fault.into())
    }

    fn begin(stream: TcpStream, store: &RedisStore) -> Result<Self, ClientFault> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(store.read_timeout))?;
        stream.set_write_timeout(Some(store.write_timeout))?;
        let mut client = Self {
            stream: BufReader::new(stream),
            script: Vec::new(),
        };
        let password = store.password.expose().as_bytes();
        match (&*store.username, password) {
            ("", b"") => {}
            ("", _) => client.ask(&[b"AUTH", password])?,
            (user, _) => client.ask(&[b"AUTH", user.as_bytes(), password])?,
        }
        if store.database != 0 {
            client.ask(&[b"SELECT", store.database.to_string().as_bytes()])?;
        }
        client.load()?;
        Ok(client)
    }

    /// Takes tokens, all in one go.
    pub(super) fn take(&mut self, wanted: &[Take<'_>]) -> Result<Vec<Taken>, ClientFault> {
        match self.try_take(wanted) {
            // Somebody has flushed its scripts: nothing was taken.
            Err(ClientFault::Told(text)) if text.starts_with("NOSCRIPT") => {
                self.load()?;
                self.try_take(wanted)
            }
            other => other,
        }
    }

    fn try_take(&mut self, wanted: &[Take<'_>]) -> Result<Vec<Taken>, ClientFault> {
        let mut out = Vec::new();
        for (key, numbers) in wanted {
            let [interval, fill, longest] = numbers.map(|number| format!("{number:.4}"));
            let words: [&[u8]; 7] = [
                b"EVALSHA",
                &self.script,
                b"1",
                key,
                interval.as_bytes(),
                fill.as_bytes(),
                longest.as_bytes(),
            ];
            command(&mut out, &words);
        }
        self.stream.get_mut().write_all(&out)?;
        // All answers are read, whatever the first one says: the next question needs them gone.
        let answers: Vec<_> = wanted.iter().map(|_| self.answer()).collect();
        answers
            .into_iter()
            .map(|answer| taken(&answer?).ok_or(ClientFault::Nonsense))
            .collect()
    }

    fn load(&mut self) -> Result<(), ClientFault> {
        self.send(&[b"SCRIPT", b"LOAD", TAKE.as_bytes()])?;
        self.script = self.answer()?;
        Ok(())
    }

    fn ask(&mut self, words: &[&[u8]]) -> Result<(), ClientFault> {
        self.send(words)?;
        self.answer().map(drop)
    }

    fn send(&mut self, words: &[&[u8]]) -> io::Result<()> {
        let mut out = Vec::new();
        command(&mut out, words);
        self.stream.get_mut().write_all(&out)
    }

    /// One text, number, or error.
    fn answer(&mut self) -> Result<Vec<u8>, ClientFault> {
        let line = self.line()?;
        let (kind, text) = line.split_first().ok_or(ClientFault::Nonsense)?;
        match kind {
            b'+' | b':' => Ok(text.to_vec()),
            b'-' => Err(ClientFault::Told(
                String::from_utf8_lossy(text).into_owned(),
            )),
            b'$' => self.bulk(text),
            _ => Err(ClientFault::Nonsense),
        }
    }

    fn bulk(&mut self, length: &[u8]) -> Result<Vec<u8>, ClientFault> {
        let length = std::str::from_utf8(length).ok();
        let length = length
            .and_then(|length| length.parse::<usize>().ok())
            .filter(|length| *length <= REDIS_REPLY_BYTES_MAX)
            .ok_or(ClientFault::Nonsense)?;
        let mut text = vec![0; length + 2];
        self.stream.read_exact(&mut text)?;
        if !text.ends_with(b"\r\n") {
            return Err(ClientFault::Nonsense);
        }
        text.truncate(length);
        Ok(text)
    }

    fn line(&mut self) -> Result<Vec<u8>, ClientFault> {
        let mut line = Vec::new();
        let limit = REDIS_REPLY_BYTES_MAX as u64;
        let mut limited = self.stream.by_ref().take(limit);
        limited.read_until(b'\n', &mut line)?;
        match line.strip_suffix(b"\r\n") {
            Some(text) => Ok(text.to_vec()),
            None if (line.len() as u64) < limit => {
                Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
            }
            None => Err(ClientFault::Nonsense),
        }
    }
}

/// Adds a command as an array of texts.
fn command(out: &mut Vec<u8>, words: &[&[u8]]) {
    out.extend(format!("*{}\r\n", words.len()).bytes());
    for word in words {
        out.extend(format!("${}\r\n", word.len()).bytes());
        out.extend(*word);
        out.extend(b"\r\n");
    }
}

/// `12` -> 12 microseconds with a token, `-12` -> without.
fn taken(text: &[u8]) -> Option<Taken> {
    let text = std::str::from_utf8(text).ok()?;
    let (number, taken) = match text.strip_prefix('-') {
        Some(number) => (number, false),
        None => (text, true),
    };
    Some((number.parse().ok()?, taken))
}

impl From<io::Error> for ClientFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for ClientFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(out, "{error}"),
            Self::Told(text) => out.write_str(text),
            Self::Nonsense => out.write_str("it does not speak as Redis does"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::net::TcpListener;
    use std::time::Duration;

    use crate::config::Secret;

    use super::*;

    #[test]
    fn commands_and_replies_are_those_of_redis() {
        let mut out = Vec::new();
        command(&mut out, &[b"AUTH", b"a b"]);
        assert_eq!(out, b"*2\r\n$4\r\nAUTH\r\n$3\r\na b\r\n");
        assert_eq!(taken(b"12"), Some((12, true)));
        assert_eq!(taken(b"-120"), Some((120, false)));
        assert_eq!(taken(b"x"), None);
    }

    /// What a client makes of a server that says this at once.
    fn hears(said: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            io::copy(&mut Cursor::new(said), &mut stream).unwrap();
            // Until the client has heard enough.
            drop(io::copy(&mut stream, &mut io::sink()));
        });
        let store = RedisStore {
            endpoint: endpoint.into(),
            username: "".into(),
            password: Secret::default(),
            database: 3,
            connections_min: 0,
            connections_max: 1,
            dial_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_millis(300),
            write_timeout: Duration::from_secs(10),
        };
        let found = match Client::connect(&store) {
            Ok(client) => String::from_utf8(client.script).unwrap(),
            Err(ClientFault::Io(_)) => "io".to_owned(),
            Err(fault) => fault.to_string(),
        };
        server.join().unwrap();
        found
    }

    #[test]
    fn what_is_no_redis_is_found_out() {
        const NONSENSE: &str = "it does not speak as Redis does";
        let table: [(&'static [u8], &str); 8] = [
            (b"+OK\r\n$4\r\nabcd\r\n", "abcd"),
            (
                b"-ERR DB index is out of range\r\n",
                "ERR DB index is out of range",
            ),
            (b"+OK\r\n$99999999999\r\n", NONSENSE),
            (b"+OK\r\n$-1\r\n", NONSENSE),
            (b"+OK\r\n$2\r\nabcd\r\n", NONSENSE),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", NONSENSE),
            (&[b'+'; 2 * REDIS_REPLY_BYTES_MAX], NONSENSE),
            (b"+OK\r\n", "io"),
        ];
        for (said, expected) in table {
            assert_eq!(hears(said), expected, "{:?}", said.get(..20));
        }
    }
}
