//! `/echo`: says back what a WebSocket says.

use std::io;

use super::connection::idle_end;
use super::websocket::{self, Event, Kind, Reader};
use crate::base::Page;
use crate::base::limits::UNSENT_BYTES_MAX;
use crate::engine::{Room, TcpStream};
use crate::wire::{Method, RequestHead};

/// The header fields of the answer that accepts, or those of the one that refuses: 400 when
/// there are none, else 426 (RFC 6455 4.2).
pub(super) fn accept(head: &RequestHead) -> Result<String, &'static str> {
    let value = |wanted: &str| {
        let mut all = head.headers();
        all.find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()))
            .map(|(_, value)| value)
    };
    let asks = head
        .upgrade()
        .is_some_and(|token| token.eq_ignore_ascii_case(b"websocket"));
    let (true, Method::Get, Some(key)) = (asks, head.method(), value("sec-websocket-key")) else {
        return Err("");
    };
    if value("sec-websocket-version") != Some(b"13") {
        return Err("Sec-WebSocket-Version: 13\r\n");
    }
    if !is_key(key) {
        return Err("");
    }
    let accept = websocket::accept_key(key);
    Ok(format!(
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
    ))
}

/// 16 bytes in base64.
fn is_key(key: &[u8]) -> bool {
    let engine = &base64::engine::general_purpose::STANDARD;
    base64::Engine::decode(engine, key).is_ok_and(|bytes| bytes.len() == 16)
}

/// Echoes until the client closes or breaks the rules.
pub(super) async fn talk(stream: TcpStream, already: Page) -> io::Result<()> {
    let mut reader = Reader::default();
    let mut page = already;
    loop {
        reader.push(page.as_slice());
        drop(page);
        loop {
            match reader.next() {
                Ok(Some(Event::Message(kind, text))) => say(&stream, kind, &text),
                Ok(Some(Event::Ping(payload))) => say(&stream, Kind::Pong, &payload),
                Ok(Some(Event::Pong)) => {}
                Ok(Some(Event::Close(payload))) => return end(stream, &payload).await,
                Ok(None) => break,
                Err(fault) => return end(stream, &fault.payload()).await,
            }
            if stream.unsent() > UNSENT_BYTES_MAX {
                stream.drained(UNSENT_BYTES_MAX / 2, idle_end()).await?;
            }
        }
        page = stream.recv(Room::Bulk, idle_end()).await?;
        if page.is_empty() {
            return Ok(());
        }
    }
}

fn say(stream: &TcpStream, kind: Kind, payload: &[u8]) {
    stream.send_more(Page::copy_of(&websocket::frame_head(kind, payload.len())));
    stream.send(Page::copy_of(payload));
}

async fn end(stream: TcpStream, payload: &[u8]) -> io::Result<()> {
    say(&stream, Kind::Close, payload);
    stream.close_gently(idle_end()).await;
    Ok(())
}
