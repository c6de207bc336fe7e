//! Middlewares that concern bodies and escapes, from their configuration (features 6).

use crate::config::decode::Choice;
use crate::config::dynamic::middleware as options;
use crate::middleware::{Compress, EncodedCharacters, MediaType, Middleware, Types};
use crate::wire::Coding;
use crate::wire::path::{DeniedEscapes, Escape};

use super::services::Flaw;

/// `minResponseBodyBytes` where it is not given.
const BYTES_MIN: u64 = 1024;

pub(super) fn compress(options: &options::Compress) -> Result<Middleware, Flaw> {
    let codings = options.encodings.iter().map(coding);
    let codings: Vec<Coding> = codings.collect::<Result<_, _>>()?;
    if codings.is_empty() {
        let hint = "name gzip, br or zstd, or leave the option out for all three";
        return Err(Flaw::new("compress.encodings", "there is none", hint));
    }
    let default = Some(&options.default_encoding).filter(|name| !name.is_empty());
    let default = default.map(|name| {
        let mut all = codings.iter();
        all.find(|coding| coding.name() == name)
            .copied()
            .ok_or_else(|| {
                let message = format!("`{name}` is none of encodings");
                let hint = "name one that encodings lists";
                Flaw::new("compress.defaultEncoding", message, hint)
            })
    });
    let bytes_min = options.min_response_body_bytes.map(|bytes| {
        u64::try_from(bytes).map_err(|_| {
            let field = "compress.minResponseBodyBytes";
            Flaw::new(
                field,
                "must not be negative",
                "write 0 for bodies of any size",
            )
        })
    });
    Ok(Middleware::Compress(Compress {
        default: default.transpose()?,
        types: types(options)?,
        bytes_min: bytes_min.transpose()?.unwrap_or(BYTES_MIN),
        codings: codings.into(),
    }))
}

fn coding(choice: &Choice<options::Encoding>) -> Result<Coding, Flaw> {
    match choice {
        Choice::Known(options::Encoding::Gzip) => Ok(Coding::Gzip),
        Choice::Known(options::Encoding::Brotli) => Ok(Coding::Brotli),
        Choice::Known(options::Encoding::Zstd) => Ok(Coding::Zstd),
        Choice::Unknown(name) => {
            let message = format!("`{name}` is no encoding");
            Err(Flaw::new(
                "compress.encodings",
                message,
                "it can be gzip, br, zstd",
            ))
        }
    }
}

fn types(options: &options::Compress) -> Result<Types, Flaw> {
    let read = |field: &str, texts: &[String]| {
        let all = texts.iter().map(|text| {
            let text: Box<[u8]> = text.as_bytes().into();
            if MediaType::read(&text).is_some() {
                return Ok(text);
            }
            let message = format!("`{}` is no media type", String::from_utf8_lossy(&text));
            Err(Flaw::new(field, message, "write one such as text/html"))
        });
        all.collect::<Result<Box<[_]>, _>>()
    };
    let except = read(
        "compress.excludedContentTypes",
        &options.excluded_content_types,
    )?;
    let only = read(
        "compress.includedContentTypes",
        &options.included_content_types,
    )?;
    match (except.is_empty(), only.is_empty()) {
        (_, true) => Ok(Types::Except(except)),
        (true, false) => Ok(Types::Only(only)),
        (false, false) => Err(Flaw::new(
            "compress.includedContentTypes",
            "does not go together with excludedContentTypes",
            "leave one of them out",
        )),
    }
}

pub(super) fn encoded_characters(options: &options::EncodedCharacters) -> Middleware {
    let table = [
        (options.allow_encoded_slash, Escape::Slash),
        (options.allow_encoded_back_slash, Escape::BackSlash),
        (options.allow_encoded_null_character, Escape::Null),
        (options.allow_encoded_semicolon, Escape::Semicolon),
        (options.allow_encoded_percent, Escape::Percent),
        (options.allow_encoded_question_mark, Escape::QuestionMark),
        (options.allow_encoded_hash, Escape::Hash),
    ];
    let refused = table.into_iter().filter(|(allowed, _)| !allowed);
    let refused = refused.fold(DeniedEscapes::default(), |all, (_, one)| all.with(one));
    Middleware::EncodedCharacters(EncodedCharacters::new(refused))
}

/// It only matters over HTTP/2, which is not served yet: without it browsers get no answer that
/// they could read.
pub(super) fn grpc_web() -> Flaw {
    let message = "grpcWeb needs HTTP/2 towards the server, which is not served yet";
    let hint = "take it off the router, or keep that router on Traefik";
    Flaw::new("grpcWeb", message, hint)
}
