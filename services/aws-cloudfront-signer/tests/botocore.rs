//! URLs and policies beside those of botocore's `CloudFrontSigner`, and signatures beside Python's cryptography, with keys
//! made for the test. Both are in the Python that moto runs in.
#![cfg(feature = "keys")]

use std::process::Command;
use std::sync::OnceLock;

use aws_cloudfront_signer::{HashAlgorithm, Policy, Signer};
use aws_core::Timestamp;
use serde_json::{Value, json};

/// Reads what is to be done as JSON from the arguments, and prints JSON.
const ORACLE: &str = r#"
import base64, datetime, json, sys
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
task = json.loads(sys.argv[1])
if task["do"] == "keys":
    pem = lambda key, form: key.private_bytes(s.Encoding.PEM, form, s.NoEncryption()).decode()
    public = lambda key: key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode()
    rsa_key, ec_key = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    locked = rsa_key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(b"x")).decode()
    locked_old = rsa_key.private_bytes(s.Encoding.PEM, s.PrivateFormat.TraditionalOpenSSL, s.BestAvailableEncryption(b"x"))
    print(json.dumps({
        "rsa1": pem(rsa_key, s.PrivateFormat.TraditionalOpenSSL), "rsa8": pem(rsa_key, s.PrivateFormat.PKCS8),
        "ec1": pem(ec_key, s.PrivateFormat.TraditionalOpenSSL), "ec8": pem(ec_key, s.PrivateFormat.PKCS8),
        "rsa_public": public(rsa_key), "locked": locked, "locked_old": locked_old.decode(),
        "ssh": pem(rsa_key, s.PrivateFormat.OpenSSH),
        "small": pem(rsa.generate_private_key(65537, 1024), s.PrivateFormat.PKCS8),
        "p384": pem(ec.generate_private_key(ec.SECP384R1()), s.PrivateFormat.TraditionalOpenSSL),
        "p384_8": pem(ec.generate_private_key(ec.SECP384R1()), s.PrivateFormat.PKCS8)}))
if task["do"] == "urls":
    key = s.load_pem_private_key(task["pem"].encode(), None)
    signer = CloudFrontSigner(task["id"], lambda m: key.sign(m, padding.PKCS1v15(), hashes.SHA1()))
    time = lambda it: None if it is None else datetime.datetime.fromtimestamp(it, datetime.timezone.utc)
    out = []
    for url, end, start, ip in task["cases"]:
        policy = signer.build_policy(url, time(end), time(start), ip)
        out.append([signer.generate_presigned_url(url, date_less_than=time(end)),
                    signer.generate_presigned_url(url, policy=policy), policy])
    print(json.dumps(out))
if task["do"] == "verify":
    key = s.load_pem_private_key(task["pem"].encode(), None).public_key()
    hash = {"SHA1": hashes.SHA1(), "SHA256": hashes.SHA256()}[task["hash"]]
    signature = base64.b64decode(task["signature"].replace("-", "+").replace("_", "=").replace("~", "/"))
    args = [padding.PKCS1v15(), hash] if isinstance(key, rsa.RSAPublicKey) else [ec.ECDSA(hash)]
    key.verify(signature, task["message"].encode(), *args)
    print("true")
"#;

fn ask(task: &Value) -> Value {
    let python = moto::python().expect("Python with botocore");
    let output = Command::new(python).args(["-c", ORACLE, &task.to_string()]).output().expect("a process");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn key(name: &str) -> &'static str {
    static KEYS: OnceLock<Value> = OnceLock::new();
    KEYS.get_or_init(|| ask(&json!({ "do": "keys" })))[name].as_str().expect("a key")
}

const ID: &str = "K2JCJMDEHXQW5F";
const URL: &str = "https://d111111abcdef8.cloudfront.net/a%20b/report.pdf";

#[test]
fn urls_and_policies_are_equal_to_those_of_botocore() {
    const END: i64 = 1_800_000_000;
    type Case = (&'static str, i64, Option<i64>, Option<&'static str>);
    let cases: [Case; 5] = [
        (URL, END, None, None),
        ("http://www.example.com/i.jpg?size=large&x=%C3%BC", END, None, None),
        ("https://d111111abcdef8.cloudfront.net/films/part?.ts", END, Some(1_790_000_000), None),
        ("https://d111111abcdef8.cloudfront.net/films/*", END, Some(1), Some("192.0.2.10")),
        ("https://d111111abcdef8.cloudfront.net/*", END, None, Some("192.0.2.0/24")),
    ];
    let expected = ask(&json!({ "do": "urls", "pem": key("rsa8"), "id": ID, "cases": cases }));
    for name in ["rsa1", "rsa8"] {
        let signer = Signer::from_pem(ID, key(name)).expect("a key");
        for ((url, end, start, range), expect) in cases.iter().zip(expected.as_array().expect("a list")) {
            // Half a second is cut off.
            let end = Timestamp::from_parts(*end, 500_000_000);
            let mut policy = Policy::new(*url, end);
            if let Some(start) = start {
                policy = policy.starts(Timestamp::from_secs(*start));
            }
            if let Some(range) = range {
                policy = policy.ip_range(*range);
            }
            assert_eq!(policy.to_json().expect("a policy"), expect[2].as_str().expect("text"));
            assert_eq!(signer.sign_url(url, end).expect("a URL"), expect[0].as_str().expect("text"));
            assert_eq!(signer.sign_url_with(url, &policy).expect("a URL"), expect[1].as_str().expect("text"));
            let json = Policy::from_json(expect[2].as_str().expect("text"));
            assert_eq!(signer.sign_url_with(url, &json).expect("a URL"), expect[1].as_str().expect("text"));
            // Cookies have the same values.
            for (cookies, url) in [
                (signer.sign_cookies(url, end).expect("cookies"), &expect[0]),
                (signer.sign_cookies_with(&policy).expect("cookies"), &expect[1]),
            ] {
                let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{}={value}", &name[11..])).collect();
                assert!(url.as_str().expect("text").ends_with(&pairs.join("&")), "{pairs:?}");
                assert_eq!(cookies.get("CloudFront-Key-Pair-Id"), Some(ID));
            }
        }
    }
}

#[test]
fn signatures_of_every_key_and_hash_are_verified_by_python() {
    let end = Timestamp::from_secs(1_800_000_000);
    let message = Policy::new(URL, end).to_json().expect("a policy");
    let with_parameters =
        format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{}", key("ec1"));
    for pem in [key("rsa1"), key("rsa8"), key("ec1"), key("ec8"), &with_parameters] {
        for (hash, name) in [(HashAlgorithm::Sha1, "SHA1"), (HashAlgorithm::Sha256, "SHA256")] {
            let signer = Signer::from_pem(ID, pem).expect("a key").hash(hash);
            let (cookies, url) =
                (signer.sign_cookies(URL, end).expect("cookies"), signer.sign_url(URL, end).expect("a URL"));
            let signature = cookies.get("CloudFront-Signature").expect("a signature");
            let task = json!({ "do": "verify", "pem": key(if pem.contains("RSA") || pem == key("rsa8") { "rsa8" } else { "ec8" }),
                               "hash": name, "signature": signature, "message": message });
            assert_eq!(ask(&task), true);
            let named = Some("SHA256").filter(|_| hash == HashAlgorithm::Sha256);
            assert_eq!(cookies.get("CloudFront-Hash-Algorithm"), named);
            assert_eq!(url.ends_with("&Hash-Algorithm=SHA256"), named.is_some());
        }
    }
}

#[test]
fn keys_that_cannot_be_used_are_errors_without_the_key() {
    let rsa = key("rsa8");
    let mut cut = rsa.to_owned();
    cut.truncate(rsa.len() / 2);
    let lines = |pem: &str| {
        pem.lines().filter(|it| it.len() > 20 && !it.starts_with("--")).map(str::to_owned).collect::<Vec<_>>()
    };
    for (pem, expect) in [
        ("", "it is no PEM: expected -----BEGIN PRIVATE KEY-----"),
        ("private_key.pem", "it is no PEM"),
        (&cut, "it is malformed, or neither an RSA key nor an ECDSA key"),
        (&key("rsa1").replace("MII", "AAA"), "what follows -----BEGIN RSA PRIVATE KEY----- is malformed"),
        (key("locked"), "it is encrypted: decrypt it first"),
        (key("locked_old"), "it is encrypted: decrypt it first"),
        (key("rsa_public"), "it has a public key: expected the private key of the pair"),
        (key("ssh"), "it has the format of OpenSSH: convert it"),
        (key("small"), "the RSA key has 1024 bits: CloudFront accepts keys of 2048 bits"),
        (key("p384"), "of another curve: CloudFront accepts P-256"),
        (key("p384_8"), "it is malformed, or neither an RSA key nor an ECDSA key of the curve P-256"),
        ("-----BEGIN MY SECRET-----\nhidden\n-----END MY SECRET-----", "it has no private key that CloudFront accepts"),
    ] {
        let error = Signer::from_pem(ID, pem).expect_err("an error");
        let text = format!("{error} {error:?}");
        assert!(text.contains(expect), "{text}");
        assert!(!text.contains("hidden") && !lines(pem).iter().any(|line| text.contains(line)), "{text}");
    }
    let signer = Signer::from_pem(ID, rsa).expect("a key");
    assert_eq!(format!("{signer:?}"), "Signer { key_pair_id: \"K2JCJMDEHXQW5F\", hash: Sha1, .. }");
}
