//! The checksum algorithms and their names. Knows no streams, only slices.

use std::fmt;

use crc32fast::Hasher as IsoCrc;
use crc64fast_nvme::Digest as NvmeCrc;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use xxhash_rust::{xxh3::Xxh3, xxh64::Xxh64};

/// A checksum algorithm of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// CRC-32 of ISO 3309: the default for requests.
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// CRC-64/NVME.
    Crc64Nvme,
    /// MD5, for object stores that support nothing else.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
    /// XXH64.
    XxHash64,
    /// XXH3 with 64 bits.
    XxHash3,
    /// XXH3 with 128 bits.
    XxHash128,
}

use Algorithm::*;

const ALL: [Algorithm; 10] = [Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256, Sha512, XxHash64, XxHash3, XxHash128];

impl Algorithm {
    /// The order in which the checksums of a response are looked up, the fastest first. MD5 is not validated.
    pub const PREFERENCE: [Self; 9] = [XxHash128, XxHash3, Crc64Nvme, XxHash64, Crc32c, Crc32, Sha1, Sha256, Sha512];

    /// The algorithm with this name, such as `CRC32`, in upper or lower case.
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|it| it.name().eq_ignore_ascii_case(name))
    }

    /// The name, as in service models.
    pub fn name(self) -> &'static str {
        match self {
            Crc32 => "CRC32",
            Crc32c => "CRC32C",
            Crc64Nvme => "CRC64NVME",
            Md5 => "MD5",
            Sha1 => "SHA1",
            Sha256 => "SHA256",
            Sha512 => "SHA512",
            XxHash64 => "XXHASH64",
            XxHash3 => "XXHASH3",
            XxHash128 => "XXHASH128",
        }
    }

    /// The header that contains the checksum, in base64.
    pub fn header_name(self) -> &'static str {
        match self {
            Crc32 => "x-amz-checksum-crc32",
            Crc32c => "x-amz-checksum-crc32c",
            Crc64Nvme => "x-amz-checksum-crc64nvme",
            Md5 => "x-amz-checksum-md5",
            Sha1 => "x-amz-checksum-sha1",
            Sha256 => "x-amz-checksum-sha256",
            Sha512 => "x-amz-checksum-sha512",
            XxHash64 => "x-amz-checksum-xxhash64",
            XxHash3 => "x-amz-checksum-xxhash3",
            XxHash128 => "x-amz-checksum-xxhash128",
        }
    }

    /// The length of the checksum in bytes.
    pub fn digest_len(self) -> usize {
        match self {
            Crc32 | Crc32c => 4,
            Crc64Nvme | XxHash64 | XxHash3 => 8,
            Md5 | XxHash128 => 16,
            Sha1 => 20,
            Sha256 => 32,
            Sha512 => 64,
        }
    }

    /// The length of the checksum in base64, with padding.
    pub fn base64_len(self) -> usize {
        self.digest_len().div_ceil(3) * 4
    }

    /// Returns a hasher, which computes the checksum incrementally.
    pub fn hasher(self) -> Hasher {
        Hasher(match self {
            Crc32 => State::Crc32(IsoCrc::new()),
            Crc32c => State::Crc32c(0),
            Crc64Nvme => State::Crc64Nvme(NvmeCrc::new()),
            Md5 => State::Md5(Md5::new()),
            Sha1 => State::Sha1(Sha1::new()),
            Sha256 => State::Sha256(Sha256::new()),
            Sha512 => State::Sha512(Box::new(Sha512::new())),
            XxHash64 => State::XxHash64(Xxh64::new(0)),
            XxHash3 => State::XxHash3(Box::new(Xxh3::new())),
            XxHash128 => State::XxHash128(Box::new(Xxh3::new())),
        })
    }

    /// Computes the checksum of `bytes`.
    pub fn digest(self, bytes: &[u8]) -> Digest {
        let mut hasher = self.hasher();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Computes the checksum of `bytes` in base64, as in its header.
    pub fn digest_base64(self, bytes: &[u8]) -> String {
        self.digest(bytes).to_base64()
    }
}

/// Computes the CRC-32 of `bytes` as a number, for services that send it in decimal.
pub fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// An incremental checksum; created by [`Algorithm::hasher`].
pub struct Hasher(State);

enum State {
    Crc32(IsoCrc),
    Crc32c(u32),
    Crc64Nvme(NvmeCrc),
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Box<Sha512>),
    XxHash64(Xxh64),
    XxHash3(Box<Xxh3>),
    XxHash128(Box<Xxh3>),
}

impl Hasher {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Crc32(it) => it.update(bytes),
            State::Crc32c(it) => *it = crc32c::crc32c_append(*it, bytes),
            State::Crc64Nvme(it) => it.write(bytes),
            State::Md5(it) => it.update(bytes),
            State::Sha1(it) => it.update(bytes),
            State::Sha256(it) => it.update(bytes),
            State::Sha512(it) => it.update(bytes),
            State::XxHash64(it) => it.update(bytes),
            State::XxHash3(it) | State::XxHash128(it) => it.update(bytes),
        }
    }

    /// The checksum of all bytes added.
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Crc32(it) => Digest::new(&it.finalize().to_be_bytes()),
            State::Crc32c(it) => Digest::new(&it.to_be_bytes()),
            State::Crc64Nvme(it) => Digest::new(&it.sum64().to_be_bytes()),
            State::Md5(it) => Digest::new(&it.finalize()),
            State::Sha1(it) => Digest::new(&it.finalize()),
            State::Sha256(it) => Digest::new(&it.finalize()),
            State::Sha512(it) => Digest::new(&it.finalize()),
            State::XxHash64(it) => Digest::new(&it.digest().to_be_bytes()),
            State::XxHash3(it) => Digest::new(&it.digest().to_be_bytes()),
            State::XxHash128(it) => Digest::new(&it.digest128().to_be_bytes()),
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

/// A finished checksum: its bytes, most significant first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    bytes: [u8; 64],
    len: usize,
}

impl Digest {
    fn new(digest: &[u8]) -> Self {
        let mut bytes = [0; 64];
        bytes[..digest.len()].copy_from_slice(digest);
        Self { bytes, len: digest.len() }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// The bytes in base64.
    pub fn to_base64(self) -> String {
        base64_simd::STANDARD.encode_to_string(self.as_bytes())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The usual test input of CRC catalogues.
    const DIGITS: &[u8] = b"123456789";

    #[test]
    fn digests_equal_the_reference_values() {
        fn check(algorithm: Algorithm, of_digits: &str, of_empty: &str) {
            let hex = |digest: Digest| digest.as_bytes().iter().map(|it| format!("{it:02x}")).collect::<String>();
            assert_eq!(hex(algorithm.digest(DIGITS)), of_digits, "{algorithm:?}");
            assert_eq!(hex(algorithm.digest(b"")), of_empty, "{algorithm:?}");
            let mut hasher = algorithm.hasher();
            for byte in DIGITS {
                hasher.update(&[*byte]);
            }
            assert_eq!(hex(hasher.finish()), of_digits, "{algorithm:?} byte by byte");
            assert_eq!(algorithm.digest_len() * 2, of_digits.len());
            assert_eq!(algorithm.digest_base64(DIGITS).len(), algorithm.base64_len());
        }
        check(Crc32, "cbf43926", "00000000");
        check(Crc32c, "e3069283", "00000000");
        check(Crc64Nvme, "ae8b14860a799888", "0000000000000000");
        check(Md5, "25f9e794323b453885f5181f1b624d0b", "d41d8cd98f00b204e9800998ecf8427e");
        check(Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        check(
            Sha256,
            "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        );
        check(
            Sha512,
            "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a\
             d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
             47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        );
        check(XxHash64, "8cb841db40e6ae83", "ef46db3751d8e999");
        check(XxHash3, "72dcb18b67a17dff", "2d06800538d394c2");
        check(XxHash128, "33119477ede5dcd5e9716427681d5860", "99aa06d3014798d86001c324468d497f");
    }

    #[test]
    fn incremental_digests_equal_the_whole() {
        let input: Vec<u8> = (0..100_000u32).map(|it| (it * 7 % 251) as u8).collect();
        for algorithm in ALL {
            let mut hasher = algorithm.hasher();
            for piece in input.chunks(777) {
                hasher.update(piece);
            }
            assert_eq!(hasher.finish(), algorithm.digest(&input), "{algorithm:?}");
        }
    }

    #[test]
    fn names_are_parsed_in_any_case() {
        for algorithm in ALL {
            let name = algorithm.name();
            assert_eq!(Algorithm::from_name(name), Some(algorithm));
            assert_eq!(Algorithm::from_name(&name.to_lowercase()), Some(algorithm));
            assert_eq!(algorithm.header_name(), format!("x-amz-checksum-{}", name.to_lowercase()));
        }
        assert_eq!(Algorithm::from_name("CRC99"), None);
        assert_eq!(crc32(DIGITS), 0xcbf4_3926);
    }
}
