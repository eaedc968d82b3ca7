//! Checksums of parts, and those of whole objects that follow from them. Knows no request.

use std::fmt;

use aws_s3::types::ChecksumAlgorithm;
use crc_fast::{CrcAlgorithm, Digest};

use crate::{Error, ErrorKind, Result};

/// How the bytes of an upload are protected, from the source to what S3 stores.
///
/// The three CRCs are computed part by part while the source is read; the value of the whole object follows from them, is
/// sent with the request that completes the upload, and is stored with the object (`FULL_OBJECT`). All others protect each
/// part (`COMPOSITE`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Checksum {
    /// CRC-64/NVME at AWS, which stores it with each object anyway; none at other stores, which have rejected it, unless
    /// the session's `request_checksum_calculation` is `when_supported`.
    #[default]
    Auto,
    /// None beside what the service requires.
    None,
    /// CRC-64/NVME.
    Crc64Nvme,
    /// CRC-32.
    Crc32,
    /// CRC-32C.
    Crc32c,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
    /// MD5.
    Md5,
    /// XXH64.
    XxHash64,
    /// XXH3 with 64 bits.
    XxHash3,
    /// XXH3 with 128 bits.
    XxHash128,
}

impl Checksum {
    /// The algorithms, by the names that S3 has for them.
    const ALGORITHMS: [(Self, &str); 10] = [
        (Self::Crc64Nvme, "CRC64NVME"),
        (Self::Crc32, "CRC32"),
        (Self::Crc32c, "CRC32C"),
        (Self::Sha1, "SHA1"),
        (Self::Sha256, "SHA256"),
        (Self::Sha512, "SHA512"),
        (Self::Md5, "MD5"),
        (Self::XxHash64, "XXHASH64"),
        (Self::XxHash3, "XXHASH3"),
        (Self::XxHash128, "XXHASH128"),
    ];

    /// The name of the algorithm; empty if there is none, or if it is not decided yet.
    pub(crate) fn name(self) -> &'static str {
        Self::ALGORITHMS.iter().find(|it| it.0 == self).map_or("", |it| it.1)
    }

    pub(crate) fn algorithm(self) -> Option<ChecksumAlgorithm> {
        Some(self.name()).filter(|it| !it.is_empty()).map(Into::into)
    }

    /// The checksum of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALGORITHMS.iter().find(|it| it.1 == name).map(|it| it.0)
    }

    /// The checksum that a request sets, if it sets one.
    pub(crate) fn set_by(algorithm: Option<&ChecksumAlgorithm>) -> Result<Option<Self>> {
        let Some(algorithm) = algorithm else { return Ok(None) };
        let unknown = || Error::new(ErrorKind::Settings, format!("unknown checksum algorithm {algorithm}"));
        Self::from_name(algorithm.as_str()).map(Some).ok_or_else(unknown)
    }

    /// The CRC that this is, if it is one.
    pub(crate) fn crc(self) -> Option<Crc> {
        Crc::ALL.into_iter().find(|it| it.checksum() == self)
    }
}

/// A cyclic redundancy check: sums of parts combine to that of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crc {
    Crc64Nvme,
    Crc32,
    Crc32c,
}

impl Crc {
    pub(crate) const ALL: [Self; 3] = [Self::Crc64Nvme, Self::Crc32c, Self::Crc32];

    pub(crate) fn checksum(self) -> Checksum {
        match self {
            Self::Crc64Nvme => Checksum::Crc64Nvme,
            Self::Crc32 => Checksum::Crc32,
            Self::Crc32c => Checksum::Crc32c,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.checksum().name()
    }

    fn algorithm(self) -> CrcAlgorithm {
        match self {
            Self::Crc64Nvme => CrcAlgorithm::Crc64Nvme,
            Self::Crc32 => CrcAlgorithm::Crc32IsoHdlc,
            Self::Crc32c => CrcAlgorithm::Crc32Iscsi,
        }
    }

    /// The polynomial, as the algorithm has it: with the highest power in the lowest bit, and without that of the width.
    fn polynomial(self) -> u64 {
        match self {
            Self::Crc64Nvme => 0x9a6c_9329_ac4b_c9b5,
            Self::Crc32 => 0xedb8_8320,
            Self::Crc32c => 0x82f6_3b78,
        }
    }

    /// The product of two polynomials, modulo that of the algorithm.
    fn multiply(self, left: u64, mut right: u64) -> u64 {
        let mut product = 0;
        for bit in (0..8 * self.len()).rev() {
            product ^= right & ((left >> bit) & 1).wrapping_neg();
            right = (right >> 1) ^ (self.polynomial() & (right & 1).wrapping_neg());
        }
        product
    }

    /// What a value becomes by `len` zero bytes: its product with x to the power of their bits. crc_fast has it as a part of
    /// `checksum_combine`, which multiplies matrices and takes some 50 times as long, 4 % of what a transfer costs.
    fn append_zeros(self, mut value: u64, mut len: u64) -> u64 {
        let mut power = 1 << (8 * self.len() - 1 - 8);
        while len > 0 {
            if len & 1 == 1 {
                value = self.multiply(power, value);
            }
            power = self.multiply(power, power);
            len >>= 1;
        }
        value
    }

    fn len(self) -> usize {
        match self {
            Self::Crc64Nvme => 8,
            Self::Crc32 | Self::Crc32c => 4,
        }
    }

    pub(crate) fn hasher(self) -> Hasher {
        Hasher { crc: self, digest: Digest::new(self.algorithm()), len: 0 }
    }

    pub(crate) fn of(self, bytes: &[u8]) -> Sum {
        let mut hasher = self.hasher();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The sum with this value in base64 of `len` bytes; `None` if it is no such value.
    pub(crate) fn parse(self, base64: &str, len: u64) -> Option<Sum> {
        let bytes = base64_simd::STANDARD.decode_to_vec(base64.trim()).ok()?;
        if bytes.len() != self.len() {
            return None;
        }
        let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        Some(Sum { crc: self, value, len })
    }
}

/// The CRC of a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) crc: Crc,
    value: u64,
    pub(crate) len: u64,
}

impl Sum {
    /// The sum of these bytes followed by those of `next`, which must be of the same kind.
    pub(crate) fn then(self, next: Self) -> Self {
        // The ones that each value begins and ends with cancel each other out.
        let value = self.crc.append_zeros(self.value, next.len) ^ next.value;
        Self { value, len: self.len + next.len, ..self }
    }

    /// The sum of all of `sums`, in order; `None` if there are none or one is missing.
    pub(crate) fn of_all(sums: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let mut sums = sums.into_iter();
        let first = sums.next()??;
        sums.try_fold(first, |all, next| Some(all.then(next?)))
    }
}

/// The value in base64, as in its header.
impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.value.to_be_bytes();
        f.write_str(&base64_simd::STANDARD.encode_to_string(&bytes[bytes.len() - self.crc.len()..]))
    }
}

/// A CRC that is computed piece by piece.
pub(crate) struct Hasher {
    crc: Crc,
    digest: Digest,
    len: u64,
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.len += bytes.len() as u64;
    }

    pub(crate) fn finish(&self) -> Sum {
        Sum { crc: self.crc, value: self.digest.finalize(), len: self.len }
    }
}

/// A structure with a member for the value of each algorithm.
pub(crate) trait ChecksumMembers {
    /// The members, by the names of their algorithms.
    fn members(&self) -> [(&'static str, &Option<String>); 10];
    fn members_mut(&mut self) -> [(&'static str, &mut Option<String>); 10];

    fn crc(&self, crc: Crc) -> Option<&str> {
        self.members().into_iter().find(|it| it.0 == crc.name())?.1.as_deref()
    }

    fn set_crc(&mut self, crc: Crc, value: String) {
        if let Some((_, member)) = self.members_mut().into_iter().find(|it| it.0 == crc.name()) {
            *member = Some(value);
        }
    }

    fn clear_checksums(&mut self) {
        self.members_mut().into_iter().for_each(|(_, member)| *member = None);
    }

    /// The names of the algorithms whose members are set.
    fn value_names(&self) -> Vec<&'static str> {
        self.members().into_iter().filter_map(|(name, member)| member.is_some().then_some(name)).collect()
    }
}

macro_rules! members {
    ($structure:ident, $($borrow:tt)+) => {
        [
            ("CRC32", $($borrow)+ $structure.checksum_crc32),
            ("CRC32C", $($borrow)+ $structure.checksum_crc32_c),
            ("CRC64NVME", $($borrow)+ $structure.checksum_crc64_nvme),
            ("SHA1", $($borrow)+ $structure.checksum_sha1),
            ("SHA256", $($borrow)+ $structure.checksum_sha256),
            ("SHA512", $($borrow)+ $structure.checksum_sha512),
            ("MD5", $($borrow)+ $structure.checksum_md5),
            ("XXHASH64", $($borrow)+ $structure.checksum_xxhash64),
            ("XXHASH3", $($borrow)+ $structure.checksum_xxhash3),
            ("XXHASH128", $($borrow)+ $structure.checksum_xxhash128),
        ]
    };
}

macro_rules! checksum_members {
    ($($structure:ty),* $(,)?) => {$(
        impl ChecksumMembers for $structure {
            fn members(&self) -> [(&'static str, &Option<String>); 10] {
                members!(self, &)
            }

            fn members_mut(&mut self) -> [(&'static str, &mut Option<String>); 10] {
                members!(self, &mut)
            }
        }
    )*};
}

checksum_members! {
    aws_s3::operation::PutObjectInput,
    aws_s3::operation::UploadPartInput,
    aws_s3::operation::CompleteMultipartUploadInput,
    aws_s3::operation::CompleteMultipartUploadOutput,
    aws_s3::operation::GetObjectOutput,
    aws_s3::operation::HeadObjectOutput,
    aws_s3::types::CompletedPart,
    aws_s3::types::Part,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_catalogue() {
        fn check(crc: Crc, expect: &str) {
            let sum = crc.of(b"123456789");
            assert_eq!((sum.to_string().as_str(), sum.len), (expect, 9));
            assert_eq!(crc.parse(expect, 9), Some(sum));
            assert_eq!(crc.parse("AA==", 9), None);
            assert_eq!(crc.parse("not base64", 9), None);
        }
        check(Crc::Crc32, "y/Q5Jg==");
        check(Crc::Crc32c, "4waSgw==");
        check(Crc::Crc64Nvme, "rosUhgp5mIg=");
    }

    #[test]
    fn sums_of_parts_combine_to_that_of_the_whole() {
        let all: Vec<u8> = (0..50_000_u32).map(|it| (it * 7 % 251) as u8).collect();
        for crc in Crc::ALL {
            for size in [1, 999, 16_384, 50_000] {
                let parts = all.chunks(size).map(|it| Some(crc.of(it)));
                assert_eq!(Sum::of_all(parts), Some(crc.of(&all)), "{crc:?} {size}");
            }
            assert_eq!(Sum::of_all([Some(crc.of(b"a")), None]), None);
            assert_eq!(crc.of(b"a").then(crc.of(b"")), crc.of(b"a"));
        }
        assert_eq!(Sum::of_all([]), None);
    }

    #[test]
    fn sums_combine_as_those_of_crc_fast_do() {
        let mut random = fastrand::Rng::with_seed(7);
        for crc in Crc::ALL {
            for bits in 0..50 {
                let mut sum = || {
                    let value = random.u64(..) >> (64 - 8 * crc.len());
                    Sum { crc, value, len: random.u64(..1 << bits) }
                };
                let (first, next) = (sum(), sum());
                let expect = crc_fast::checksum_combine(crc.algorithm(), first.value, next.value, next.len);
                assert_eq!(first.then(next).value, expect, "{first:?} {next:?}");
            }
        }
    }

    #[test]
    fn names_are_those_of_s3() {
        for name in
            ["CRC64NVME", "CRC32", "CRC32C", "SHA1", "SHA256", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"]
        {
            let checksum = Checksum::from_name(name).unwrap();
            assert_eq!(checksum.algorithm().unwrap(), *name);
            let crc = Crc::ALL.into_iter().find(|it| it.name() == name);
            assert_eq!((checksum.crc(), crc.is_some()), (crc, name.starts_with("CRC")), "{name}");
        }
        assert_eq!(Checksum::from_name("ADLER"), None);
    }
}
