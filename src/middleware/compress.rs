use std::cmp::Ordering;

use crate::wire::{Coding, Method, RequestHead, ResponseHead, names};

use super::{Flow, MediaType, Slot};

/// Has bodies encoded for clients that can decode them (features 6, compress).
#[derive(Debug)]
pub struct Compress {
    /// In order of preference.
    pub codings: Box<[Coding]>,
    /// For clients that send no Accept-Encoding.
    pub default: Option<Coding>,
    pub types: Types,
    /// Shorter bodies are left alone.
    pub bytes_min: u64,
}

/// Which bodies are encoded. The texts are media types that can be read.
#[derive(Debug)]
pub enum Types {
    Except(Box<[Box<[u8]>]>),
    Only(Box<[Box<[u8]>]>),
}

/// What the way out must remember of the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accepted {
    coding: Coding,
    /// As in Traefik, gzip was chosen by `*` or by default and is not sent to a client that
    /// does not name it (features 15b.10).
    in_name_only: bool,
}

/// One element of Accept-Encoding, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Offer {
    Coding(Coding),
    Identity,
    Any,
}

impl Compress {
    pub(super) fn on_request(&self, head: &RequestHead, slot: &mut Slot) -> Flow {
        if head.method() != Method::Head
            && !self.is_spared(head)
            && let Some(coding) = self.choose(head)
        {
            let named = offers(head).any(|(offer, _)| offer == Offer::Coding(Coding::Gzip));
            let in_name_only = coding == Coding::Gzip && !named;
            *slot = Slot::Compress(Accepted {
                coding,
                in_name_only,
            });
        }
        Flow::Next
    }

    pub(super) fn on_response(&self, response: &mut ResponseHead, slot: &Slot) -> Flow {
        let Slot::Compress(accepted) = slot else {
            return Flow::Next;
        };
        let told = |value: &[u8]| {
            let mut names = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
            names.any(|name| name.eq_ignore_ascii_case(b"accept-encoding"))
        };
        if !response.values(&names::VARY).any(told) {
            response.append(&names::VARY, b"Accept-Encoding");
        }
        if !accepted.in_name_only && self.fits(response) {
            response.ask_for_coding(accepted.coding);
        }
        Flow::Next
    }

    /// A request whose own body is of an excluded type: gRPC, or what the user excludes.
    fn is_spared(&self, head: &RequestHead) -> bool {
        let excluded = match &self.types {
            Types::Except(excluded) => &**excluded,
            Types::Only(_) => &[],
        };
        let Some(asked) = head.value(&names::CONTENT_TYPE).and_then(MediaType::read) else {
            return false;
        };
        is_grpc(&asked) || excluded.iter().any(|known| is_covered(known, &asked))
    }

    /// The coding that the client likes best, ours first where it likes several alike.
    fn choose(&self, head: &RequestHead) -> Option<Coding> {
        let Some(first) = head.value(&names::ACCEPT_ENCODING) else {
            return self.default;
        };
        if first.is_empty() && head.values(&names::ACCEPT_ENCODING).count() == 1 {
            return None;
        }
        // The most permissive first, no coding at all last.
        let place = |offer: Offer| match offer {
            Offer::Any => Some(0),
            Offer::Coding(coding) => {
                let place = self.codings.iter().position(|known| *known == coding);
                place.map(|place| place + 1)
            }
            Offer::Identity => Some(usize::MAX),
        };
        let mut best: Option<(Offer, f64, usize)> = None;
        for (offer, weight) in offers(head) {
            let Some(place) = place(offer) else { continue };
            let is_better = best.is_none_or(|(_, q, at)| match weight.total_cmp(&q) {
                Ordering::Less => false,
                Ordering::Equal => place < at,
                Ordering::Greater => true,
            });
            if is_better {
                best = Some((offer, weight, place));
            }
        }
        match best?.0 {
            Offer::Coding(coding) => Some(coding),
            Offer::Any => self.default.or_else(|| self.codings.first().copied()),
            Offer::Identity => None,
        }
    }

    /// Whether the body is one to encode.
    fn fits(&self, response: &ResponseHead) -> bool {
        let too_short = response
            .announced_length()
            .is_some_and(|length| length < self.bytes_min);
        // A body of another's coding, a part of a body, one that somebody inside encodes already.
        let left_alone = response.status() == 206
            || response.value(&names::CONTENT_RANGE).is_some()
            || response
                .value(&names::CONTENT_ENCODING)
                .is_some_and(|coding| !coding.is_empty())
            || response.asked_coding().is_some();
        if response.body().is_empty() || too_short || left_alone {
            return false;
        }
        let told = response.value(&names::CONTENT_TYPE).unwrap_or_default();
        if told.is_empty() {
            return matches!(self.types, Types::Except(_));
        }
        let Some(kind) = MediaType::read(told) else {
            return false;
        };
        match &self.types {
            Types::Only(included) => included.iter().any(|known| is_covered(known, &kind)),
            Types::Except(excluded) => {
                !is_grpc(&kind) && !excluded.iter().any(|known| is_covered(known, &kind))
            }
        }
    }
}

fn is_covered(known: &[u8], kind: &MediaType<'_>) -> bool {
    MediaType::read(known).is_some_and(|known| known.covers(kind))
}

/// gRPC frames must reach the client one by one.
fn is_grpc(kind: &MediaType<'_>) -> bool {
    is_covered(b"application/grpc", kind)
}

/// What the client takes, with how much it likes it; what it refuses is left out.
fn offers(head: &RequestHead) -> impl Iterator<Item = (Offer, f64)> {
    let lines = head.values(&names::ACCEPT_ENCODING);
    lines
        .flat_map(|line| line.split(|byte| *byte == b','))
        .filter_map(offer)
}

fn offer(element: &[u8]) -> Option<(Offer, f64)> {
    let mut parts = element.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let name = parts.next()?;
    let known = [Coding::Gzip, Coding::Brotli, Coding::Zstd];
    let mut known = known.into_iter();
    let offer = if let Some(coding) =
        known.find(|coding| name.eq_ignore_ascii_case(coding.name().as_bytes()))
    {
        Offer::Coding(coding)
    } else if name.eq_ignore_ascii_case(b"identity") {
        Offer::Identity
    } else if name == b"*" {
        Offer::Any
    } else {
        return None;
    };
    let quality = parts.find_map(|part| {
        let (name, value) = part.split_at_checked(1)?;
        let value = value.trim_ascii_start().strip_prefix(b"=")?;
        name.eq_ignore_ascii_case(b"q").then_some(value)
    });
    let weight = quality.map_or(1.0, |value| {
        let text = std::str::from_utf8(value.trim_ascii()).unwrap_or_default();
        text.parse().unwrap_or(0.0)
    });
    (weight > 0.0).then_some((offer, weight))
}
