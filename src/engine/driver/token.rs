use crate::engine::socket::{Key, Socket};

/// What the kernel hands back with an event: `operation:8 | generation:24 | slot:32`.
/// An event whose generation is not the slot's present one is stale and is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::engine) struct Token(pub(in crate::engine) u64);

const GENERATION: u32 = 0x00FF_FFFF;

impl Token {
    pub(in crate::engine) fn new(operation: u8, slot: u32, generation: u32) -> Self {
        let generation = u64::from(generation & GENERATION);
        Self(u64::from(operation) << 56 | generation << 32 | u64::from(slot))
    }

    pub(in crate::engine) fn of(operation: u8, key: Key) -> Self {
        Self::new(operation, key.slot, key.generation)
    }

    pub(in crate::engine) const fn operation(self) -> u8 {
        (self.0 >> 56) as u8
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is the slot")]
    pub(in crate::engine) const fn slot(self) -> u32 {
        self.0 as u32
    }

    pub(in crate::engine) const fn names(self, socket: &Socket) -> bool {
        let generation = (self.0 >> 32) & GENERATION as u64;
        generation == (socket.generation & GENERATION) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gives_back_its_parts() {
        let token = Token::new(7, 0xFFFF_FFFF, 0x12AB_CDEF);
        assert_eq!((token.operation(), token.slot()), (7, 0xFFFF_FFFF));
        assert_eq!(token.0, 0x07AB_CDEF_FFFF_FFFF);
    }
}
