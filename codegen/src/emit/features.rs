//! The crate features of generated crates: those of the runtime, forwarded, so that a program chooses them where it names a
//! service. Knows nothing of what they do; `runtime/src/lib.rs` documents them.

/// The features of `aws-core` that are for programs, apart from `default` and `testing`.
pub(super) const FORWARDED: [&str; 12] = [
    "compression",
    "event-streams",
    "http2",
    "hyper",
    "login",
    "native-tls",
    "process",
    "reqwest",
    "rustls",
    "rustls-aws-lc",
    "sigv4a",
    "sso",
];

/// The table `[features]` of a manifest. Only a crate that sends events has HTTP/2 by default: nothing else needs it.
pub(super) fn table(sends_events: bool) -> String {
    let default = if sends_events { "\"aws-core/default\", \"aws-core/http2\"" } else { "\"aws-core/default\"" };
    let mut text = format!("[features]\ndefault = [{default}]\n");
    for feature in FORWARDED {
        text.push_str(&format!("{feature} = [\"aws-core/{feature}\"]\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A feature that is only in the runtime cannot be chosen by a program that names a service.
    #[test]
    fn every_feature_of_the_runtime_is_forwarded_and_documented() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime");
        let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).expect("a file of the runtime");
        let manifest = read("Cargo.toml").parse::<toml::Table>().expect("TOML");
        let declared = manifest["features"].as_table().expect("a table").keys().map(String::as_str);
        let is_for_programs = |it: &&str| !["default", "testing"].contains(it) && !it.starts_with("__");
        let mut declared: Vec<_> = declared.filter(is_for_programs).collect();
        declared.sort_unstable();
        assert_eq!(declared, FORWARDED);
        let documents = read("src/lib.rs");
        for feature in FORWARDED {
            assert!(documents.contains(&format!("//! | `{feature}` | ")), "{feature} is not in runtime/src/lib.rs");
            assert!(table(false).contains(&format!("\n{feature} = [\"aws-core/{feature}\"]\n")));
        }
    }
}
