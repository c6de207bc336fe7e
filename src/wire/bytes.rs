//! Small words about bytes that all parts of the room use.

/// A token character (RFC 9110 5.6.2).
pub(super) const fn is_token(byte: u8) -> bool {
    matches!(byte,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
        | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_'
        | b'`' | b'|' | b'~')
}

/// A byte that may stand in a field value: no control character but the tab (RFC 9110 5.5).
pub(super) const fn is_value(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The bytes without spaces and tabs at both ends.
pub(super) fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_blank(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_blank(*last)
    {
        text = rest;
    }
    text
}

/// The elements of a comma list, trimmed, without the empty ones (RFC 9110 5.6.1).
pub(super) fn elements(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == b',')
        .map(trimmed)
        .filter(|element| !element.is_empty())
}

/// A length or place inside of a page, which is under 2 GiB.
#[inline]
pub(super) fn small(count: usize) -> u32 {
    debug_assert!(count <= i32::MAX as usize, "a page is under 2 GiB");
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The decimal digits of `number`, written into `room`.
pub(super) fn decimal(mut number: u64, room: &mut [u8; 20]) -> &[u8] {
    let mut start = room.len();
    for (place, slot) in room.iter_mut().enumerate().rev() {
        // The remainder is below ten.
        *slot = b'0' | u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        start = place;
        if number == 0 {
            break;
        }
    }
    room.get(start..).unwrap_or_default()
}

/// Where `part` begins in `whole`; `part` is a slice of it.
#[inline]
pub(super) fn offset_in(whole: &[u8], part: &[u8]) -> u32 {
    let offset = part.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
    debug_assert!(offset <= whole.len(), "the part lies in the whole");
    small(offset)
}

/// The bytes at a place; none when it is outside.
#[inline]
pub(super) fn slice(bytes: &[u8], at: u32, len: u32) -> &[u8] {
    let end = at.saturating_add(len);
    bytes.get(at as usize..end as usize).unwrap_or_default()
}
