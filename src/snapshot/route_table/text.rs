use std::fmt;

/// Bytes that live in place when they are few, so that a look-up touches no other memory.
#[derive(Clone)]
pub(super) enum Text<const ROOM: usize> {
    Here { length: u8, bytes: [u8; ROOM] },
    Elsewhere(Box<[u8]>),
}

impl<const ROOM: usize> Text<ROOM> {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut bytes = [0; ROOM];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(here), Ok(length)) => {
                here.copy_from_slice(text);
                Self::Here { length, bytes }
            }
            _ => Self::Elsewhere(text.into()),
        }
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Here { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Elsewhere(bytes) => bytes,
        }
    }
}

impl<const ROOM: usize> fmt::Debug for Text<ROOM> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", String::from_utf8_lossy(self.as_bytes()))
    }
}
