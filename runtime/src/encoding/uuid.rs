//! Random UUIDs, for idempotency tokens and invocation ids. Knows no source of randomness: the caller supplies the
//! bits.

use super::hex;

/// The version 4 UUID with the bits of `random`, hyphenated and in lower case. Six bits are replaced by version and
/// variant.
pub fn v4(random: u128) -> String {
    hyphenated(random & !(0xf000 << 64) & !(0xc000 << 48) | 0x4000 << 64 | 0x8000 << 48)
}

/// Formats a UUID, hyphenated and in lower case.
pub fn hyphenated(bits: u128) -> String {
    let mut out = [b'-'; 36];
    for (at, byte) in [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34].into_iter().zip(bits.to_be_bytes()) {
        out[at..at + 2].copy_from_slice(&hex::pair(byte));
    }
    str::from_utf8(&out).expect("digits are ASCII").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_variant_are_set() {
        assert_eq!(v4(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(v4(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(v4(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef), "01234567-89ab-4def-8123-456789abcdef");
    }
}
