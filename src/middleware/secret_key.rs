use std::sync::OnceLock;

/// Bytes that only this process knows, and that change with it.
pub(super) fn secret_key() -> &'static [u8; 16] {
    static KEY: OnceLock<[u8; 16]> = OnceLock::new();
    KEY.get_or_init(|| {
        let state = ahash::RandomState::new();
        let (one, two) = (state.hash_one(1), state.hash_one(2));
        (u128::from(one) << 64 | u128::from(two)).to_le_bytes()
    })
}
