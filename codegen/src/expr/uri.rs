//! Parser of request URI templates (`/{Bucket}/{Key+}?list-type=2`) and host prefixes (`{AccountId}.`), run at
//! generation. Knows no shapes: the caller checks that every label has its member. Values are encoded at run time.

/// A request URI with labels for values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriTemplate {
    /// The path; it begins with `/`.
    pub path: Vec<Piece>,
    /// The fixed query parameters in order. A name without `=` (S3's `?uploads`) has no value.
    pub query: Vec<(String, Option<String>)>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Literal text; never empty, never two in a row.
    Literal(String),
    /// `{Name}`: a member's value, percent-encoded except for unreserved characters.
    Label(String),
    /// `{Name+}`: a member's value, encoded likewise except for its slashes.
    Greedy(String),
}

impl Piece {
    /// The name of the label, if it is one.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Label(name) | Self::Greedy(name) => Some(name),
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
/// All problems with it, one message each.
pub fn parse(uri: &str) -> Result<UriTemplate, Vec<String>> {
    let mut problems = Vec::new();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    if !path.starts_with('/') {
        problems.push(format!("`{uri}` does not begin with `/`"));
    }
    let pieces = pieces(path, &mut problems, |it| it.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%".contains(it));
    if pieces.iter().filter(|it| matches!(it, Piece::Greedy(_))).count() > 1 {
        problems.push(format!("`{path}` has more than one greedy label; the end of the first would be ambiguous"));
    }
    let pairs = query.split('&').filter(|_| uri.contains('?')).map(|pair| {
        let (name, value) = pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value.to_owned())));
        if name.is_empty() {
            problems.push(format!("`?{query}` has a parameter without a name"));
        }
        let is_allowed = |it: char| it.is_ascii_alphanumeric() || "-._~!$'()*+,;=:@/?%".contains(it);
        if let Some(wrong) = pair.chars().find(|it| !is_allowed(*it)) {
            problems.push(format!("`{wrong}` is not allowed in the query `?{query}`, which holds fixed text only"));
        }
        (name.to_owned(), value)
    });
    let query = pairs.collect();
    if problems.is_empty() { Ok(UriTemplate { path: pieces, query }) } else { Err(problems) }
}

/// Parses the `hostPrefix` of an operation's `endpoint`: literal text and labels that are not greedy.
///
/// # Errors
///
/// All problems with it, one message each.
pub fn parse_host_prefix(prefix: &str) -> Result<Vec<Piece>, Vec<String>> {
    let mut problems = Vec::new();
    if prefix.is_empty() {
        problems.push("the host prefix is empty".to_owned());
    }
    let pieces = pieces(prefix, &mut problems, |it| it.is_ascii_alphanumeric() || it == '-' || it == '.');
    for piece in &pieces {
        if let Piece::Greedy(name) = piece {
            problems.push(format!(
                "`{{{name}+}}` in `{prefix}`: greedy labels are not allowed in a host, which has no slashes"
            ));
        }
    }
    if problems.is_empty() { Ok(pieces) } else { Err(problems) }
}

fn pieces(text: &str, problems: &mut Vec<String>, is_literal: impl Fn(char) -> bool) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first != '{' {
            let (plain, after) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
            if let Some(wrong) = plain.chars().find(|it| !is_literal(*it)) {
                problems.push(format!("`{wrong}` is not allowed in `{text}`"));
            }
            pieces.push(Piece::Literal(plain.to_owned()));
            rest = after;
            continue;
        }
        let Some((label, after)) = rest[1..].split_once('}') else {
            problems.push(format!("a label of `{text}` has no closing brace"));
            break;
        };
        rest = after;
        let (name, greedy) = label.strip_suffix('+').map_or((label, false), |name| (name, true));
        if name.is_empty() || !name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-') {
            problems.push(format!("invalid label `{{{label}}}` in `{text}`: expected letters, digits, `_` and `-`"));
        }
        if pieces.iter().any(|it| it.label() == Some(name)) {
            problems.push(format!("`{text}` has the label `{name}` twice"));
        }
        if pieces.last().is_some_and(|it| it.label().is_some()) {
            problems.push(format!("nothing separates the labels before and at `{{{label}}}` in `{text}`"));
        }
        pieces.push(if greedy { Piece::Greedy(name.to_owned()) } else { Piece::Label(name.to_owned()) });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces as a string: labels in angle brackets, greedy ones with a plus.
    fn print(pieces: &[Piece]) -> String {
        let print = |piece: &Piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Label(name) => format!("<{name}>"),
            Piece::Greedy(name) => format!("<{name}+>"),
        };
        pieces.iter().map(print).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn request_uris_are_parsed() {
        let check = |uri: &str, path: &str, query: &[(&str, Option<&str>)]| {
            let template = parse(uri).unwrap();
            assert_eq!(print(&template.path), path, "{uri}");
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
    fn malformed_request_uris_are_rejected() {
        let check = |uri: &str, expect: &str| {
            let problems = parse(uri).expect_err(uri);
            assert!(problems.iter().any(|it| it.contains(expect)), "{uri}: {problems:?}");
        };
        check("", "does not begin with `/`");
        check("a", "does not begin with `/`");
        check("/{a", "no closing brace");
        check("/a}", "`}` is not allowed");
        check("/{}", "invalid label");
        check("/{+}", "invalid label");
        check("/{a b}", "invalid label");
        check("/{a{b}}", "invalid label");
        check("/{a}/{a+}", "the label `a` twice");
        check("/{a}{b}", "nothing separates");
        check("/{a+}/{b+}", "more than one greedy");
        check("/a b", "` ` is not allowed");
        check("/ä", "`ä` is not allowed");
        check("/a#b", "`#` is not allowed");
        check("/a?", "without a name");
        check("/a?b&&c", "without a name");
        check("/a?=b", "without a name");
        check("/a?b={c}", "fixed text only");
        assert_eq!(parse("x/{a}{a}").unwrap_err().len(), 3);
    }

    #[test]
    fn host_prefixes_are_parsed_or_rejected() {
        let check = |prefix: &str, expect: &str| {
            assert_eq!(parse_host_prefix(prefix).map(|it| print(&it)).as_deref(), Ok(expect), "{prefix}")
        };
        check("data-", "data-");
        check("{AccountId}.", "<AccountId> .");
        check("a.{b}-c.", "a. <b> -c.");
        for (prefix, expect) in [
            ("", "is empty"),
            ("{a+}.", "greedy"),
            ("a/b.", "`/` is not allowed"),
            ("{a", "closing brace"),
            ("a_b.", "`_` is not allowed"),
        ] {
            let problems = parse_host_prefix(prefix).expect_err(prefix);
            assert!(problems[0].contains(expect), "{prefix}: {problems:?}");
        }
    }
}
