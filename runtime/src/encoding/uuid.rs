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
    let mut out = String::with_capacity(36);
    for digit in 0..32_u32 {
        if matches!(digit, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(hex::digit((bits >> (124 - 4 * digit)) as u8 & 15));
    }
    out
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
