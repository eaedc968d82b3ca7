//! Templates of request URIs (`/{Bucket}/{Key+}?list-type=2`) and host prefixes (`{AccountId}.`), taken apart at generation.
//! Knows no shapes: whether every label has its member is the reader's to check; values are encoded at run time.

/// A request URI with places for values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriTemplate {
    /// The path; its text begins with `/`.
    pub path: Vec<Piece>,
    /// The fixed query in order. A name without `=` (S3's `?uploads`) has no value.
    pub query: Vec<(String, Option<String>)>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text that stands as it is; never empty, never two in a row.
    Literal(String),
    /// `{Name}`: a member's value, with everything but unreserved characters encoded.
    Label(String),
    /// `{Name+}`: a member's value whose slashes stay slashes.
    Greedy(String),
}

impl Piece {
    /// The name of the label, if it is one.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Label(it) | Self::Greedy(it) => Some(it),
        }
    }
}

impl UriTemplate {
    /// The names of the labels, in order.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.path.iter().filter_map(Piece::label)
    }
}

/// Parses the `requestUri` of an operation.
///
/// # Errors
///
/// Everything wrong with it, one text a mistake.
pub fn parse(uri: &str) -> Result<UriTemplate, Vec<String>> {
    let mut mistakes = Vec::new();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    if !path.starts_with('/') {
        mistakes.push(format!("`{uri}` does not begin with `/`"));
    }
    let pieces = pieces(path, &mut mistakes, |it| it.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%".contains(it));
    if pieces.iter().filter(|it| matches!(it, Piece::Greedy(_))).count() > 1 {
        mistakes.push(format!("`{path}` has more than one greedy label; where the first ends would be open"));
    }
    let pairs = query.split('&').filter(|_| uri.contains('?')).map(|pair| {
        let (name, value) = pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value.to_owned())));
        if name.is_empty() {
            mistakes.push(format!("`?{query}` has a parameter without a name"));
        }
        if let Some(it) = pair.chars().find(|it| !it.is_ascii_alphanumeric() && !"-._~!$'()*+,;=:@/?%".contains(*it)) {
            mistakes.push(format!("`{it}` cannot stand in the query `?{query}`; it holds fixed text only"));
        }
        (name.to_owned(), value)
    });
    let query = pairs.collect();
    if mistakes.is_empty() { Ok(UriTemplate { path: pieces, query }) } else { Err(mistakes) }
}

/// Parses the `hostPrefix` of an operation's `endpoint`: text and labels, never greedy ones.
///
/// # Errors
///
/// Everything wrong with it, one text a mistake.
pub fn parse_host_prefix(prefix: &str) -> Result<Vec<Piece>, Vec<String>> {
    let mut mistakes = Vec::new();
    if prefix.is_empty() {
        mistakes.push("the host prefix is empty".to_owned());
    }
    let pieces = pieces(prefix, &mut mistakes, |it| it.is_ascii_alphanumeric() || it == '-' || it == '.');
    for piece in &pieces {
        if let Piece::Greedy(name) = piece {
            mistakes.push(format!("`{{{name}+}}` in `{prefix}`: a host has no slashes for a greedy label to keep"));
        }
    }
    if mistakes.is_empty() { Ok(pieces) } else { Err(mistakes) }
}

fn pieces(text: &str, mistakes: &mut Vec<String>, literal: impl Fn(char) -> bool) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first != '{' {
            let (plain, after) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
            if let Some(it) = plain.chars().find(|it| !literal(*it)) {
                mistakes.push(format!("`{it}` cannot stand in `{text}`"));
            }
            pieces.push(Piece::Literal(plain.to_owned()));
            rest = after;
            continue;
        }
        let Some((label, after)) = rest[1..].split_once('}') else {
            mistakes.push(format!("a label of `{text}` has no closing brace"));
            break;
        };
        rest = after;
        let (name, greedy) = label.strip_suffix('+').map_or((label, false), |it| (it, true));
        if name.is_empty() || !name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-') {
            mistakes.push(format!("`{{{label}}}` in `{text}` is no label: letters, digits, `_` and `-` make a name"));
        }
        if pieces.iter().any(|it| it.label() == Some(name)) {
            mistakes.push(format!("`{text}` has the label `{name}` twice"));
        }
        if pieces.last().is_some_and(|it| it.label().is_some()) {
            mistakes.push(format!("nothing separates the labels before and at `{{{label}}}` in `{text}`"));
        }
        pieces.push(if greedy { Piece::Greedy(name.to_owned()) } else { Piece::Label(name.to_owned()) });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces as text: labels in angle brackets, greedy ones with a plus.
    fn shown(pieces: &[Piece]) -> String {
        let one = |it: &Piece| match it {
            Piece::Literal(it) => it.clone(),
            Piece::Label(it) => format!("<{it}>"),
            Piece::Greedy(it) => format!("<{it}+>"),
        };
        pieces.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn uris() {
        let check = |uri: &str, path: &str, query: &[(&str, Option<&str>)]| {
            let template = parse(uri).unwrap();
            assert_eq!(shown(&template.path), path, "{uri}");
            let found: Vec<_> = template.query.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
            assert_eq!(found, query, "{uri}");
        };
        check("/", "/", &[]);
        check("/2021-01-01/a/b", "/2021-01-01/a/b", &[]);
        check("/{Bucket}", "/ <Bucket>", &[]);
        check(
            "/{Bucket}/{Key+}?select&select-type=2",
            "/ <Bucket> / <Key+>",
            &[("select", None), ("select-type", Some("2"))],
        );
        check("/{Bucket}?x=", "/ <Bucket>", &[("x", Some(""))]);
        check("/v1/{a-b}.json:run/$LATEST/@c", "/v1/ <a-b> .json:run/$LATEST/@c", &[]);
        check("/a?operation=stop", "/a", &[("operation", Some("stop"))]);
        assert_eq!(parse("/{a}/{b+}").unwrap().labels().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn mistakes() {
        let check = |uri: &str, expect: &str| {
            let mistakes = parse(uri).expect_err(uri);
            assert!(mistakes.iter().any(|it| it.contains(expect)), "{uri}: {mistakes:?}");
        };
        check("", "does not begin with `/`");
        check("a", "does not begin with `/`");
        check("/{a", "no closing brace");
        check("/a}", "`}` cannot stand");
        check("/{}", "is no label");
        check("/{+}", "is no label");
        check("/{a b}", "is no label");
        check("/{a{b}}", "is no label");
        check("/{a}/{a+}", "the label `a` twice");
        check("/{a}{b}", "nothing separates");
        check("/{a+}/{b+}", "more than one greedy");
        check("/a b", "` ` cannot stand");
        check("/ä", "`ä` cannot stand");
        check("/a#b", "`#` cannot stand");
        check("/a?", "without a name");
        check("/a?b&&c", "without a name");
        check("/a?=b", "without a name");
        check("/a?b={c}", "fixed text only");
        assert_eq!(parse("x/{a}{a}").unwrap_err().len(), 3);
    }

    #[test]
    fn host_prefixes() {
        let check = |prefix: &str, expect: &str| {
            assert_eq!(parse_host_prefix(prefix).map(|it| shown(&it)).as_deref(), Ok(expect), "{prefix}")
        };
        check("data-", "data-");
        check("{AccountId}.", "<AccountId> .");
        check("a.{b}-c.", "a. <b> -c.");
        for (prefix, expect) in [
            ("", "is empty"),
            ("{a+}.", "greedy"),
            ("a/b.", "`/` cannot stand"),
            ("{a", "closing brace"),
            ("a_b.", "`_` cannot stand"),
        ] {
            let mistakes = parse_host_prefix(prefix).expect_err(prefix);
            assert!(mistakes[0].contains(expect), "{prefix}: {mistakes:?}");
        }
    }
}
