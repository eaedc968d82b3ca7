//! `parseURL` of the rules language: splits an endpoint URL into its parts. Knows no rule.

use super::function::is_ipv4;
use crate::encoding::percent;
use std::borrow::Cow;
use std::net::Ipv6Addr;
use std::ops::Range;

/// The parts of an `http` or `https` URL, as ranges of its string.
#[derive(Clone, Debug)]
pub(super) struct Url<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) scheme: Range<usize>,
    /// Host and port, with user information if there is any.
    pub(super) authority: Range<usize>,
    /// The path as written, without query (which must be empty) and fragment.
    pub(super) path: Range<usize>,
    /// Whether the host is an IPv4 or IPv6 address.
    pub(super) is_ip: bool,
}

impl<'a> Url<'a> {
    /// `None` unless the string is an `http` or `https` URL with a host, without a query, and with a valid port if any.
    pub(super) fn parse(text: Cow<'a, str>) -> Option<Self> {
        let scheme = 0..text.find(':')?;
        let name = &text[scheme.clone()];
        if !name.eq_ignore_ascii_case("https") && !name.eq_ignore_ascii_case("http") {
            return None;
        }
        if text.contains(|it: char| it.is_ascii_control()) {
            return None;
        }
        text[scheme.end + 1..].strip_prefix("//")?;
        let start = scheme.end + 3;
        let end = text[start..].find(['/', '?', '#']).map_or(text.len(), |it| start + it);
        let path_end = text[end..].find(['?', '#']).map_or(text.len(), |it| end + it);
        let query = text[path_end..].strip_prefix('?').map(|it| it.split('#').next().unwrap_or_default());
        if query.is_some_and(|it| !it.is_empty()) {
            return None;
        }
        let is_ip = is_ip(&text[start..end])?;
        // Scheme names are compared and returned in lower case.
        let text = if text[scheme.clone()].bytes().any(|it| it.is_ascii_uppercase()) {
            Cow::Owned(text[scheme.clone()].to_ascii_lowercase() + &text[scheme.end..])
        } else {
            text
        };
        Some(Self { text, scheme, authority: start..end, path: end..path_end, is_ip })
    }

    /// The path with `.`, `..` and empty segments removed, and a slash at both ends.
    pub(super) fn normalized_path(&self) -> String {
        let mut segments: Vec<&str> = Vec::new();
        for segment in self.text.get(self.path.clone()).unwrap_or_default().split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop();
                }
                _ => segments.push(segment),
            }
        }
        let mut path = String::from("/");
        for segment in segments {
            // Existing percent escapes stay unchanged.
            for (index, piece) in segment.split('%').enumerate() {
                let escape = index > 0 && piece.len() >= 2 && piece.bytes().take(2).all(|it| it.is_ascii_hexdigit());
                if index > 0 {
                    path.push_str(if escape { "%" } else { "%25" });
                }
                percent::push(&mut path, piece);
            }
            path.push('/');
        }
        path
    }
}

/// Whether the host of the authority is an IP address; `None` if there is no host, or host or port are malformed.
fn is_ip(authority: &str) -> Option<bool> {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (ip, port) = match host.strip_prefix('[') {
        Some(host) => {
            let (address, port) = host.split_once(']')?;
            // A zone can follow the address, with its percent sign encoded or not.
            let (address, zone) =
                address.split_once('%').map_or((address, None), |(address, zone)| (address, Some(zone)));
            if address.parse::<Ipv6Addr>().is_err() || zone.is_some_and(str::is_empty) {
                return None;
            }
            (true, port.strip_prefix(':').or(port.is_empty().then_some("")))
        }
        None => {
            let (host, port) = host.split_once(':').unwrap_or((host, ""));
            if host.is_empty() || host.contains(['[', ']']) {
                return None;
            }
            (is_ipv4(host), Some(port))
        }
    };
    let port = port?;
    (port.is_empty() || (port.bytes().all(|it| it.is_ascii_digit()) && port.parse::<u16>().is_ok())).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_into_their_parts() {
        let check = |text: &str, expect: Option<[&str; 4]>, ip: bool| {
            let url = Url::parse(Cow::Borrowed(text));
            let normal = url.as_ref().map(Url::normalized_path);
            let parts = url.as_ref().zip(normal.as_deref()).map(|(it, normal)| {
                [&it.text[it.scheme.clone()], &it.text[it.authority.clone()], &it.text[it.path.clone()], normal]
            });
            assert_eq!(parts, expect, "{text}");
            assert_eq!(url.is_some_and(|it| it.is_ip), ip, "{text}");
        };
        check("https://example.com", Some(["https", "example.com", "", "/"]), false);
        check("HTTP://Example.com/", Some(["http", "Example.com", "/", "/"]), false);
        check("http://h:8000/a/b", Some(["http", "h:8000", "/a/b", "/a/b/"]), false);
        check("http://h/a//./b/../c d", Some(["http", "h", "/a//./b/../c d", "/a/c%20d/"]), false);
        check(
            "http://h/a//./b/../c%20d/ä%zz/",
            Some(["http", "h", "/a//./b/../c%20d/ä%zz/", "/a/c%20d/%C3%A4%25zz/"]),
            false,
        );
        check("http://h/..", Some(["http", "h", "/..", "/"]), false);
        check("http://u:p@127.0.0.1:1/x?#f?g", Some(["http", "u:p@127.0.0.1:1", "/x", "/x/"]), true);
        check("https://[::1]:443/", Some(["https", "[::1]:443", "/", "/"]), true);
        check("https://[fe80::1%25eth0]", Some(["https", "[fe80::1%25eth0]", "", "/"]), true);
        check("https://999.999.abc", Some(["https", "999.999.abc", "", "/"]), false);
        check("https://h:", Some(["https", "h:", "", "/"]), false);
        for invalid in [
            "",
            "https",
            "https:",
            "https:/x",
            "https://",
            "https:///x",
            "ftp://h",
            "http://h?q",
            "http://h/?q#f",
            "http://h:x",
            "http://h:65536",
            "http://h:1:2",
            "http://[::1",
            "http://[x]",
            "http://[::1]x",
            "http://::1]",
            "http://h\n",
            "http://h:+1",
            "http://[::1%]",
        ] {
            check(invalid, None, false);
        }
    }
}
