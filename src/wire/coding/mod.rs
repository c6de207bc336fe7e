//! Content codings (RFC 9110 8.4.1): a body's bytes in, fewer bytes out, piece by piece. An
//! encoder is large, so there are only so many of them for each shard, and they are used again.

mod pool;
#[cfg(test)]
mod tests;

use std::fmt;

use brotli::enc::StandardAlloc;
use brotli::enc::encode::{
    BrotliEncoderOperation as BrotliStep, BrotliEncoderParameter as BrotliParameter,
    BrotliEncoderStateStruct as Brotli,
};
use flate2::{Compress as Gzip, Compression, FlushCompress, Status};
use zstd_safe::zstd_sys::ZSTD_EndDirective as ZstdStep;
use zstd_safe::{CCtx as Zstd, CParameter, InBuffer, OutBuffer, ResetDirective};

use crate::base::Page;
use crate::base::limits::{
    BROTLI_ENCODER_BYTES, ENCODED_ROOM_BYTES, GZIP_ENCODER_BYTES, ZSTD_ENCODER_BYTES,
};

/// A way to make a body smaller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

/// Levels at which text shrinks to about a quarter: more would cost much and gain little.
const GZIP_LEVEL: u32 = 5;
const BROTLI_QUALITY: u32 = 4;
const ZSTD_LEVEL: i32 = 3;
/// 32 KiB.
const GZIP_WINDOW_BITS: u8 = 15;
/// 256 KiB: a larger window would be memory of each stream.
const BROTLI_WINDOW_BITS: u32 = 18;
/// 128 KiB.
const ZSTD_WINDOW_BITS: u32 = 17;

impl Coding {
    /// As Content-Encoding and Accept-Encoding write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Memory of one encoder, rounded up.
    const fn bytes(self) -> usize {
        match self {
            Self::Gzip => GZIP_ENCODER_BYTES,
            Self::Brotli => BROTLI_ENCODER_BYTES,
            Self::Zstd => ZSTD_ENCODER_BYTES,
        }
    }
}

/// What is to come out for what goes in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Push {
    /// What the encoder sees fit.
    More,
    /// All, so that the other side can read it at once.
    Flush,
    /// All, and the end of the body.
    End,
}

/// The encoder of one body. Dropped, it goes back to the shard's pool.
pub struct Encoder {
    coding: Coding,
    /// None only while it is dropped.
    engine: Option<Engine>,
    /// Something went in and did not come out yet.
    holds_back: bool,
}

enum Engine {
    Gzip(Box<Gzip>),
    Brotli(Box<Brotli<StandardAlloc>>),
    Zstd(Zstd<'static>),
}

/// The encoder failed, which is a fault of ours: no input can make it fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EncoderFault;

impl Encoder {
    /// None when the shard's share of memory for encoders is used up.
    #[must_use]
    pub fn take(coding: Coding) -> Option<Self> {
        let engine = pool::take(coding)?;
        Some(Self {
            coding,
            engine: Some(engine),
            holds_back: false,
        })
    }

    #[must_use]
    pub const fn coding(&self) -> Coding {
        self.coding
    }

    /// Whether a [`Push::Flush`] would bring something out.
    #[must_use]
    pub const fn holds_back(&self) -> bool {
        self.holds_back
    }

    /// Takes all of `input`, and appends what comes out of it to `out`.
    ///
    /// # Errors
    /// When the encoder is broken; the body can't be finished then.
    pub fn push(&mut self, input: &[u8], push: Push, out: &mut Page) -> Result<(), EncoderFault> {
        self.holds_back = push == Push::More && (self.holds_back || !input.is_empty());
        let mut rest = input;
        loop {
            out.grow(ENCODED_ROOM_BYTES);
            let (taken, given, done) = self.step(rest, push, out.spare())?;
            out.filled(given);
            rest = rest.get(taken..).unwrap_or_default();
            if rest.is_empty() && done {
                return Ok(());
            }
        }
    }

    /// One step: how much went in, how much came out, and whether nothing more waits to.
    fn step(
        &mut self,
        input: &[u8],
        push: Push,
        room: &mut [u8],
    ) -> Result<(usize, usize, bool), EncoderFault> {
        match self.engine.as_mut() {
            Some(Engine::Gzip(gzip)) => gzip_step(gzip, input, push, room),
            Some(Engine::Brotli(brotli)) => brotli_step(brotli, input, push, room),
            Some(Engine::Zstd(zstd)) => zstd_step(zstd, input, push, room),
            None => Err(EncoderFault),
        }
    }
}

fn gzip_step(
    gzip: &mut Gzip,
    input: &[u8],
    push: Push,
    room: &mut [u8],
) -> Result<(usize, usize, bool), EncoderFault> {
    let how = match push {
        Push::More => FlushCompress::None,
        Push::Flush => FlushCompress::Sync,
        Push::End => FlushCompress::Finish,
    };
    let (before_in, before_out) = (gzip.total_in(), gzip.total_out());
    let status = gzip.compress(input, room, how).map_err(|_| EncoderFault)?;
    let count = |now: u64, before: u64| usize::try_from(now.wrapping_sub(before)).unwrap_or(0);
    let taken = count(gzip.total_in(), before_in);
    let given = count(gzip.total_out(), before_out);
    let done = match push {
        Push::End => status == Status::StreamEnd,
        // Room is left, so nothing waits for it.
        Push::More | Push::Flush => given < room.len(),
    };
    Ok((taken, given, done))
}

fn brotli_step(
    brotli: &mut Brotli<StandardAlloc>,
    input: &[u8],
    push: Push,
    room: &mut [u8],
) -> Result<(usize, usize, bool), EncoderFault> {
    let how = match push {
        Push::More => BrotliStep::BROTLI_OPERATION_PROCESS,
        Push::Flush => BrotliStep::BROTLI_OPERATION_FLUSH,
        Push::End => BrotliStep::BROTLI_OPERATION_FINISH,
    };
    let (mut in_left, mut taken) = (input.len(), 0);
    let (mut room_left, mut given) = (room.len(), 0);
    let sound = brotli.compress_stream(
        how,
        &mut in_left,
        input,
        &mut taken,
        &mut room_left,
        room,
        &mut given,
        &mut None,
        &mut |_, _, _, _| (),
    );
    if !sound {
        return Err(EncoderFault);
    }
    let done = !brotli.has_more_output() && (push != Push::End || brotli.is_finished());
    Ok((taken, given, done))
}

fn zstd_step(
    zstd: &mut Zstd<'static>,
    input: &[u8],
    push: Push,
    room: &mut [u8],
) -> Result<(usize, usize, bool), EncoderFault> {
    let how = match push {
        Push::More => ZstdStep::ZSTD_e_continue,
        Push::Flush => ZstdStep::ZSTD_e_flush,
        Push::End => ZstdStep::ZSTD_e_end,
    };
    let mut from = InBuffer::around(input);
    let mut to = OutBuffer::around(room);
    let left = zstd
        .compress_stream2(&mut to, &mut from, how)
        .map_err(|_| EncoderFault)?;
    // Of `continue` the number is only a hint of what to give next.
    Ok((from.pos(), to.pos(), push == Push::More || left == 0))
}

impl Engine {
    /// A new one; None where the library refuses, which only a lack of memory can make it do.
    fn new(coding: Coding) -> Option<Self> {
        match coding {
            Coding::Gzip => {
                let level = Compression::new(GZIP_LEVEL);
                let gzip = Gzip::new_gzip(level, GZIP_WINDOW_BITS);
                Some(Self::Gzip(Box::new(gzip)))
            }
            Coding::Brotli => {
                let mut brotli = Box::new(Brotli::new(StandardAlloc::default()));
                let set = [
                    (BrotliParameter::BROTLI_PARAM_QUALITY, BROTLI_QUALITY),
                    (BrotliParameter::BROTLI_PARAM_LGWIN, BROTLI_WINDOW_BITS),
                ];
                for (parameter, value) in set {
                    brotli.set_parameter(parameter, value);
                }
                Some(Self::Brotli(brotli))
            }
            Coding::Zstd => {
                let mut zstd = Zstd::try_create()?;
                let level = CParameter::CompressionLevel(ZSTD_LEVEL);
                zstd.set_parameter(level).ok()?;
                let window = CParameter::WindowLog(ZSTD_WINDOW_BITS);
                zstd.set_parameter(window).ok()?;
                Some(Self::Zstd(zstd))
            }
        }
    }

    /// As new; None for one that can't be used again.
    fn again(self) -> Option<Self> {
        match self {
            Self::Gzip(mut gzip) => {
                gzip.reset();
                Some(Self::Gzip(gzip))
            }
            Self::Brotli(_) => None,
            Self::Zstd(mut zstd) => {
                zstd.reset(ResetDirective::SessionOnly).ok()?;
                Some(Self::Zstd(zstd))
            }
        }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        pool::give_back(self.coding, self.engine.take());
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Encoder({})", self.coding.name())
    }
}
