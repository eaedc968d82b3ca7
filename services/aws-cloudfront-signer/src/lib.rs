//! Signed URLs and signed cookies of Amazon CloudFront: access to private files for a limited time, with canned and custom
//! policies, as botocore's `CloudFrontSigner` makes them.
//!
//! ```no_run
//! # #[cfg(feature = "keys")]
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use aws_cloudfront_signer::{Policy, Signer};
//! use aws_core::Timestamp;
//!
//! let signer = Signer::from_pem("K2JCJMDEHXQW5F", &std::fs::read_to_string("private_key.pem")?)?;
//! let in_an_hour = Timestamp::now().checked_add(Duration::from_secs(3600)).ok_or("the clock is wrong")?;
//!
//! // One file, by a canned policy.
//! let url = signer.sign_url("https://d111111abcdef8.cloudfront.net/report.pdf", in_an_hour)?;
//!
//! // All files of a folder for one network, as cookies.
//! let policy = Policy::new("https://d111111abcdef8.cloudfront.net/films/*", in_an_hour).ip_range("192.0.2.0/24");
//! for (name, value) in &signer.sign_cookies_with(&policy)?.iter().collect::<Vec<_>>() {
//!     println!("Set-Cookie: {name}={value}; Secure; HttpOnly; Path=/films");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The key is one of your own, whose public half is in a key group of the distribution; AWS credentials are not needed, and
//! nothing is sent. So this is a crate beside the runtime, and not a method of a client. Keys:
//!
//! * With the feature `keys`, `Signer::from_pem` reads an RSA key, or an ECDSA key of the curve P-256, whose URLs are shorter.
//!   It brings the crates rsa and p256.
//! * [`Signer::new`] takes a closure that signs, with any library or device.
//!
//! | botocore | here |
//! |---|---|
//! | `CloudFrontSigner(key_id, rsa_signer)` | [`Signer::new(key_id, rsa_signer)`](Signer::new) |
//! | `signer.generate_presigned_url(url, date_less_than=t)` | [`signer.sign_url(url, t)`](Signer::sign_url) |
//! | `signer.build_policy(resource, t, date_greater_than=s, ip_address=a)` | [`Policy::new(resource, t).starts(s).ip_range(a)`](Policy) |
//! | `signer.generate_presigned_url(url, policy=p)` | [`signer.sign_url_with(url, &p)`](Signer::sign_url_with) |
//! | – | [`signer.sign_cookies(url, t)`](Signer::sign_cookies), [`signer.sign_cookies_with(&p)`](Signer::sign_cookies_with) |

#[cfg(feature = "keys")]
mod keys;
mod policy;
mod signer;

pub use policy::Policy;
pub use signer::{Cookies, HashAlgorithm, Signer};
