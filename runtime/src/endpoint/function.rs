//! The functions of the rules language that test or convert single strings. Knows no rule and no table.

/// Whether the string is a label of a host name: 1 to 63 letters, digits and dashes, no dash at either end. With
/// `subdomains`, also several labels joined by dots.
pub(super) fn is_host_label(text: &str, subdomains: bool) -> bool {
    let is_label = |label: &str| {
        matches!(label.len(), 1..=63)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
    };
    if subdomains { text.split('.').all(is_label) } else { is_label(text) }
}

/// Whether a bucket of this name can be part of a host name.
pub(super) fn is_virtual_hostable_bucket(name: &str, subdomains: bool) -> bool {
    name.len() >= 3
        && !name.bytes().any(|it| it.is_ascii_uppercase())
        && is_host_label(name, subdomains)
        && !is_ipv4(name)
}

/// Whether the string is four numbers of one to three digits, joined by dots.
pub(super) fn is_ipv4(text: &str) -> bool {
    let mut parts = 0;
    text.split('.').all(|part| {
        parts += 1;
        matches!(part.len(), 1..=3) && part.bytes().all(|it| it.is_ascii_digit())
    }) && parts == 4
}

/// The characters from `start` up to `stop`, counted from the end if `reverse`. `None` unless the string is ASCII and
/// has at least `stop` characters.
pub(super) fn substring(text: &str, start: usize, stop: usize, reverse: bool) -> Option<std::ops::Range<usize>> {
    if start >= stop || text.len() < stop || !text.is_ascii() {
        return None;
    }
    Some(if reverse { text.len() - stop..text.len() - start } else { start..stop })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_labels_are_recognized() {
        let check = |text: &str, single: bool, subdomains: bool| {
            assert_eq!((is_host_label(text, false), is_host_label(text, true)), (single, subdomains), "{text}")
        };
        check("a", true, true);
        check("3aws4", true, true);
        check("a-b", true, true);
        check("a.b", false, true);
        check(&"a".repeat(63), true, true);
        for invalid in ["", "-a", "a-", "a b", "a_b", "ä", &"a".repeat(64), "a..b", ".a", "a.", "a.-b"] {
            check(invalid, false, false);
        }
    }

    #[test]
    fn virtual_hostable_buckets_are_recognized() {
        let check = |text: &str, single: bool, subdomains: bool| {
            assert_eq!(
                (is_virtual_hostable_bucket(text, false), is_virtual_hostable_bucket(text, true)),
                (single, subdomains),
                "{text}"
            )
        };
        check("bucket-1", true, true);
        check("a.bucket", false, true);
        check("1.2.3", false, true);
        for invalid in ["", "aa", "Bucket", "a_b", "1.2.3.4", "192.168.5.4", "-ab", "ab-", ".ab", "ab.", "ä-bucket"] {
            check(invalid, false, false);
        }
    }

    #[test]
    fn substrings_are_counted_from_both_ends() {
        let check = |text: &str, start, stop, reverse, expect: Option<&str>| {
            assert_eq!(substring(text, start, stop, reverse).map(|it| &text[it]), expect, "{text}")
        };
        check("abcdef", 0, 2, false, Some("ab"));
        check("abcdef", 0, 2, true, Some("ef"));
        check("abcdef", 1, 3, true, Some("de"));
        check("abcdef", 0, 6, false, Some("abcdef"));
        check("abcdef", 0, 7, false, None);
        check("abcdef", 2, 2, false, None);
        check("abcdef", 3, 2, false, None);
        check("äbc", 0, 1, false, None);
        check("", 0, 1, true, None);
    }
}
