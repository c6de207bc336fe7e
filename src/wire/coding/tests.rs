use std::io::Read;

use super::*;
use crate::base::limits::ENCODER_BYTES_MAX;

const ALL: [Coding; 3] = [Coding::Gzip, Coding::Brotli, Coding::Zstd];

fn decoded(coding: Coding, bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    match coding {
        Coding::Gzip => {
            let mut reader = flate2::read::GzDecoder::new(bytes);
            reader.read_to_end(&mut text).unwrap();
        }
        Coding::Brotli => {
            let mut reader = brotli::Decompressor::new(bytes, 4096);
            reader.read_to_end(&mut text).unwrap();
        }
        Coding::Zstd => {
            let mut room = vec![0; 8 * 1024 * 1024];
            let count = zstd_safe::decompress(room.as_mut_slice(), bytes).unwrap();
            text.extend_from_slice(&room[..count]);
        }
    }
    text
}

/// Compressible, but not into nothing.
fn text(length: usize) -> Vec<u8> {
    let mut seed: u32 = 1;
    let word = |seed: &mut u32| {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        format!("{:x} ", *seed >> 20)
    };
    let words = std::iter::repeat_with(|| word(&mut seed)).flat_map(String::into_bytes);
    words.take(length).collect()
}

#[test]
fn what_goes_in_comes_out_again_however_it_is_cut() {
    for coding in ALL {
        for (length, cut) in [
            (0, 1),
            (1, 1),
            (5000, 1),
            (70_000, 999),
            (3_000_000, 32_768),
        ] {
            let text = text(length);
            let mut encoder = Encoder::take(coding).unwrap();
            let mut out = Page::empty();
            for piece in text.chunks(cut) {
                encoder.push(piece, Push::More, &mut out).unwrap();
            }
            encoder.push(b"", Push::End, &mut out).unwrap();
            assert!(
                decoded(coding, out.as_slice()) == text,
                "{coding:?} of {length} by {cut}"
            );
            if length > 1000 {
                assert!(out.len() < length * 2 / 3, "{coding:?}: {}", out.len());
            }
        }
    }
}

#[test]
fn a_flush_brings_all_out_at_once() {
    for coding in ALL {
        let mut encoder = Encoder::take(coding).unwrap();
        let mut out = Page::empty();
        assert!(!encoder.holds_back());
        for number in 0..5 {
            let event = format!("data: {number}\n\n");
            let before = out.len();
            encoder
                .push(event.as_bytes(), Push::More, &mut out)
                .unwrap();
            assert!(encoder.holds_back());
            encoder.push(b"", Push::Flush, &mut out).unwrap();
            assert!(!encoder.holds_back() && out.len() > before, "{coding:?}");
        }
        // What has come out so far can be read without the end.
        let mut seen = [0; 45];
        match coding {
            Coding::Gzip => flate2::read::GzDecoder::new(out.as_slice()).read_exact(&mut seen),
            Coding::Brotli => brotli::Decompressor::new(out.as_slice(), 4096).read_exact(&mut seen),
            Coding::Zstd => {
                let mut context = zstd_safe::DCtx::create();
                let mut to = OutBuffer::around(&mut seen[..]);
                let mut from = InBuffer::around(out.as_slice());
                context.decompress_stream(&mut to, &mut from).unwrap();
                assert_eq!(to.pos(), 45);
                Ok(())
            }
        }
        .unwrap();
        assert!(seen.ends_with(b"data: 4\n\n"), "{coding:?}");
    }
}

#[test]
fn an_encoder_is_used_again_as_if_it_were_new() {
    for coding in ALL {
        let encode = |text: &[u8], end: Push| {
            let mut encoder = Encoder::take(coding).unwrap();
            let mut out = Page::empty();
            encoder.push(text, end, &mut out).unwrap();
            out.as_slice().to_vec()
        };
        let first = encode(b"one two three one two three", Push::End);
        // Dropped in the middle of a body.
        drop(encode(&text(100_000), Push::More));
        assert_eq!(encode(b"one two three one two three", Push::End), first);
    }
}

#[test]
fn a_shard_has_only_so_many_encoders() {
    for coding in ALL {
        let all: Vec<Encoder> = std::iter::from_fn(|| Encoder::take(coding)).collect();
        assert_eq!(all.len(), ENCODER_BYTES_MAX / coding.bytes(), "{coding:?}");
        drop(all);
        assert!(Encoder::take(coding).is_some());
    }
}
