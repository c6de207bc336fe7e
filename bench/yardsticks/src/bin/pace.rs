//! Paced load: a fixed number of requests per second, evenly spread, over kept connections.
//!
//! `pace SERVER RATE CONNECTIONS SECONDS [PATH]`. A request starts at its slot on the clock, on the
//! connection that has been idle longest, whether or not earlier ones are answered; its latency
//! counts from the slot, so a proxy that stalls cannot hide it. Prints one JSON line.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddrV4;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use yardsticks::SMALL_BYTES;
use yardsticks::sys::{self, Poller};

fn main() -> Result<(), String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let plan = Plan::read(&words)
        .ok_or("usage: pace 127.0.0.1:8000 RATE CONNECTIONS SECONDS [PATH]".to_owned())?;
    println!("{}", plan.run().map_err(|fault| fault.to_string())?);
    Ok(())
}

struct Plan {
    server: SocketAddrV4,
    rate: f64,
    connections: usize,
    time: Duration,
    request: Vec<u8>,
}

impl Plan {
    fn read(words: &[String]) -> Option<Self> {
        let server: SocketAddrV4 = words.first()?.parse().ok()?;
        let path = words.get(4).map_or("/", String::as_str);
        Some(Self {
            server,
            rate: words.get(1)?.parse().ok().filter(|rate| *rate > 0.0)?,
            connections: words.get(2)?.parse().ok().filter(|count| *count > 0)?,
            time: Duration::try_from_secs_f64(words.get(3)?.parse().ok()?).ok()?,
            request: format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n\r\n").into_bytes(),
        })
    }

    fn run(&self) -> io::Result<String> {
        sys::exact_timers()?;
        let mut poller = Poller::new(self.connections)?;
        let mut run = Run::default();
        for place in 0..self.connections {
            let socket = sys::connect(self.server)?;
            poller.add(socket.as_raw_fd(), place as u64)?;
            run.lines.push(Line {
                socket,
                due: Duration::ZERO,
                answer: Answer::default(),
            });
            run.idle.push_back(place);
        }
        // The handshakes are not part of the measurement.
        while poller.wait(Some(Duration::from_millis(50)))?.len() > 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.drive(&mut poller, &mut run)?;
        Ok(run.report(self.time))
    }

    fn drive(&self, poller: &mut Poller, run: &mut Run) -> io::Result<()> {
        let gap = Duration::from_secs_f64(1.0 / self.rate);
        let start = Instant::now();
        let mut slot = Duration::ZERO;
        loop {
            let now = start.elapsed();
            if now >= self.time {
                return Ok(());
            }
            while slot <= now {
                run.late.push_back(slot);
                slot += gap;
            }
            run.start(&self.request)?;
            let ready: Vec<usize> = poller
                .wait(Some(slot.saturating_sub(start.elapsed())))?
                .map(|(place, _)| place as usize)
                .collect();
            for place in ready {
                run.read(place, start)?;
            }
        }
    }
}

#[derive(Default)]
struct Run {
    lines: Vec<Line>,
    idle: VecDeque<usize>,
    /// Slots whose request has not started yet.
    late: VecDeque<Duration>,
    latencies: Vec<Duration>,
    errors: u64,
}

/// One connection, with at most one request in flight.
struct Line {
    socket: OwnedFd,
    due: Duration,
    answer: Answer,
}

impl Run {
    fn start(&mut self, request: &[u8]) -> io::Result<()> {
        while let (Some(&due), Some(&place)) = (self.late.front(), self.idle.front()) {
            let line = &mut self.lines[place];
            line.due = due;
            sys::send(line.socket.as_raw_fd(), request)?;
            self.late.pop_front();
            self.idle.pop_front();
        }
        Ok(())
    }

    fn read(&mut self, place: usize, start: Instant) -> io::Result<()> {
        let line = &mut self.lines[place];
        let mut room = [0; SMALL_BYTES];
        let count = match sys::recv(line.socket.as_raw_fd(), &mut room) {
            Ok(0) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Ok(count) => count,
            Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(fault) => return Err(fault),
        };
        if let Some(good) = line.answer.feed(&room[..count]) {
            self.latencies
                .push(start.elapsed().saturating_sub(line.due));
            self.errors += u64::from(!good);
            self.idle.push_back(place);
        }
        Ok(())
    }

    fn report(mut self, time: Duration) -> String {
        self.latencies.sort_unstable();
        let micros = |share: f64| {
            let last = self.latencies.len().saturating_sub(1);
            let place = (last as f64 * share).round() as usize;
            self.latencies
                .get(place)
                .map_or(0.0, |time| time.as_secs_f64() * 1e6)
        };
        format!(
            "{{\"requests\": {}, \"errors\": {}, \"unstarted\": {}, \"seconds\": {:.3}, \
             \"p50_us\": {:.1}, \"p90_us\": {:.1}, \"p99_us\": {:.1}, \"max_us\": {:.1}}}",
            self.latencies.len(),
            self.errors,
            self.late.len(),
            time.as_secs_f64(),
            micros(0.5),
            micros(0.9),
            micros(0.99),
            micros(1.0),
        )
    }
}

/// Reads one small answer with a Content-Length.
#[derive(Default)]
struct Answer {
    head: Vec<u8>,
    body_left: Option<usize>,
}

impl Answer {
    /// `Some(whether it was a 200)` when the answer is whole.
    fn feed(&mut self, bytes: &[u8]) -> Option<bool> {
        let mut body = bytes.len();
        if self.body_left.is_none() {
            let before = self.head.len();
            self.head.extend_from_slice(bytes);
            let end = self.head.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
            body = before + bytes.len() - end;
            self.body_left = Some(content_length(&self.head[..end]));
        }
        let left = self.body_left.map_or(0, |left| left.saturating_sub(body));
        self.body_left = Some(left);
        (left == 0).then(|| {
            let good = self.head.starts_with(b"HTTP/1.1 200");
            self.head.clear();
            self.body_left = None;
            good
        })
    }
}

fn content_length(head: &[u8]) -> usize {
    head.split(|byte| *byte == b'\n')
        .filter_map(|line| std::str::from_utf8(line).ok()?.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}
