//! Reads private keys from PEM files, and signs with them. No error shows any of a key.

use std::error::Error as StdError;
use std::sync::Arc;

use aws_core::Result;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey;
use rsa::PrivateKey as RsaKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::policy::invalid;
use crate::signer::{HashAlgorithm, Signer};

/// The length of the RSA keys that CloudFront accepts, in bytes. Source: "Specify signers" of its developer guide.
const RSA_BYTES: usize = 2048 / 8;

enum Key {
    Rsa(Box<RsaKey>),
    P256(SigningKey),
}

impl Signer {
    /// A signer with the private key in a PEM file: an RSA key of 2048 bits (`RSA PRIVATE KEY` or `PRIVATE KEY`), or an
    /// ECDSA key of the curve P-256 (`EC PRIVATE KEY` or `PRIVATE KEY`). `key_pair_id` is the id of the public key in
    /// CloudFront.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](aws_core::ErrorKind::Validation) if the file has no such key; the message says what it has
    /// instead, and nothing of the key.
    pub fn from_pem(key_pair_id: impl Into<String>, pem: &str) -> Result<Self> {
        let key = read(pem).map_err(|why| invalid(format!("cannot read the private key for CloudFront: {why}")))?;
        Ok(Self::from_sign(key_pair_id.into(), Arc::new(move |message: &[u8], hash| sign(&key, message, hash))))
    }
}

fn read(pem: &str) -> Result<Key, String> {
    const BEGIN: &str = "-----BEGIN ";
    // OpenSSL writes the name of the curve before a key that it generates.
    let blocks = pem.match_indices(BEGIN).map(|(at, _)| &pem[at..]);
    let Some(block) = blocks.into_iter().find(|it| !it.starts_with("-----BEGIN EC PARAMETERS")) else {
        return Err("it is no PEM: expected -----BEGIN PRIVATE KEY-----, RSA PRIVATE KEY or EC PRIVATE KEY".to_owned());
    };
    let label = block[BEGIN.len()..].split("-----").next().unwrap_or_default();
    let malformed = || format!("what follows -----BEGIN {label}----- is malformed or not a key of that kind");
    let key = match label {
        _ if label.starts_with("ENCRYPTED") || block.contains("Proc-Type: 4,ENCRYPTED") => {
            return Err("it is encrypted: decrypt it first, with `openssl pkcs8 -in FILE`".to_owned());
        }
        "RSA PRIVATE KEY" => Key::Rsa(Box::new(RsaKey::from_pkcs1_pem(block).map_err(|_| malformed())?)),
        "EC PRIVATE KEY" => {
            let key = p256::SecretKey::from_sec1_pem(block).map_err(|_| {
                "it has an EC key, which is malformed or of another curve: CloudFront accepts P-256".to_owned()
            })?;
            Key::P256(key.into())
        }
        "PRIVATE KEY" => match SigningKey::from_pkcs8_pem(block) {
            Ok(key) => Key::P256(key),
            Err(_) => Key::Rsa(Box::new(RsaKey::from_pkcs8_pem(block).map_err(|_| {
                "it is malformed, or neither an RSA key nor an ECDSA key of the curve P-256".to_owned()
            })?)),
        },
        "OPENSSH PRIVATE KEY" => {
            return Err("it has the format of OpenSSH: convert it with `ssh-keygen -p -m PEM -f FILE`".to_owned());
        }
        // A label is chosen by the writer of the file.
        _ if label.ends_with("PUBLIC KEY") || label.ends_with("CERTIFICATE") => {
            return Err("it has a public key: expected the private key of the pair".to_owned());
        }
        _ => return Err("it has no private key that CloudFront accepts: expected RSA or P-256".to_owned()),
    };
    match &key {
        Key::Rsa(key) if key.size() != RSA_BYTES => {
            Err(format!("the RSA key has {} bits: CloudFront accepts keys of 2048 bits", key.size() * 8))
        }
        _ => Ok(key),
    }
}

fn sign(key: &Key, message: &[u8], hash: HashAlgorithm) -> Result<Vec<u8>, Box<dyn StdError + Send + Sync>> {
    Ok(match (key, hash) {
        (Key::Rsa(key), HashAlgorithm::Sha1) => key.pkcs1v15_sign::<Sha1>(message)?,
        (Key::Rsa(key), HashAlgorithm::Sha256) => key.pkcs1v15_sign::<Sha256>(message)?,
        (Key::P256(key), HashAlgorithm::Sha1) => ecdsa(key, &Sha1::digest(message))?,
        (Key::P256(key), HashAlgorithm::Sha256) => ecdsa(key, &Sha256::digest(message))?,
    })
}

fn ecdsa(key: &SigningKey, hash: &[u8]) -> Result<Vec<u8>, Box<dyn StdError + Send + Sync>> {
    let signature: Signature = key.sign_prehash(hash)?;
    Ok(DerSignature::from(signature).as_bytes().to_vec())
}
