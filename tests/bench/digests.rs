//! What the digests cost that a request may need: the SHA-256 of a signed body, and the checksums, of 256 MiB each, which is
//! the length of the file that `cargo xtask bench put256m` sends. Prints times; enforces no limit.

mod measure;

use std::hint::black_box;

use aws_core::internals::checksum::Algorithm::{Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256, Sha512, XxHash3};

const ROUNDS: usize = 5;
/// As large as the pieces that a file is read in, so that they stay in the cache of the processor.
const PIECE: usize = 256 * 1024;
const PIECES: usize = 1024;

fn main() {
    println!("digests of 256 MiB, {ROUNDS} rounds");
    let piece: Vec<u8> = (0..PIECE).map(|index| (index * 7) as u8).collect();
    let mut tasks = [Sha256, Sha512, Sha1, Md5, XxHash3, Crc64Nvme, Crc32c, Crc32].map(|algorithm| {
        let piece = &piece;
        let digest = move || {
            let mut hasher = algorithm.hasher();
            (0..PIECES).for_each(|_| hasher.update(piece));
            black_box(hasher.finish());
        };
        (algorithm.name(), digest)
    });
    let mut tasks: Vec<(&str, &mut dyn FnMut())> = tasks.iter_mut().map(|(name, it)| (*name, it as _)).collect();
    measure::alternating(ROUNDS, &mut tasks);
}
