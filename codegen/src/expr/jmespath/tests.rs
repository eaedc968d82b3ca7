use super::*;

#[test]
fn expressions_are_written_in_the_notation() {
    let check =
        |text: &str, expect: &str| assert_eq!(parse(text).map(|ast| notation(&ast)).as_deref(), Ok(expect), "{text}");
    check("NextToken", "NextToken");
    check("a.b_1.c", "a.b_1.c");
    check("\"a b\".c", "(. \"a b\" c)");
    check("\"a\\\"b\\u00e4\"", "\"a\\\"bä\"");
    check("\"null\"", "\"null\"");
    check("NextMarker || Contents[-1].Key", "(or NextMarker (. (at -1 Contents) Key))");
    check("a | b | c", "a.b.c");
    check("a[0][1]", "(at 1 (at 0 a))");
    check("a[1:].b", "(each (slice 1 _ _ a) b)");
    check("[::-2]", "(each (slice _ _ -2 @) @)");
    check("a[*].b.c", "(each a b.c)");
    check("a[*].b[*].c", "(each a (each b c))");
    check("a[] | [0]", "(. (each (flat a) @) (at 0 @))");
    check("a[].b[].c", "(each (flat (each (flat a) b)) c)");
    check("a.*.b", "(values a b)");
    check("*", "(values @ @)");
    check("a.*.b.c", "(. (values a b) c)");
    check("*.b.c", "(values @ b.c)");
    check("a[?b == 'x' && !c].d", "(where a (and (== b 'x') (not c)) d)");
    check("a[?b][]", "(each (flat (where a b @)) @)");
    check("a || b && c", "(or a (and b c))");
    check("(a || b) && c", "(and (or a b) c)");
    check("a < `1.5` || b >= `-2`", "(or (< a 1.5) (>= b -2))");
    check("length(a[?b != `null`]) == `0`", "(== (call length (where a (!= b null) @)) 0)");
    check("sort_by(a, &b.c)[0]", "(at 0 (call sort_by a (& b.c)))");
    check("a.[b, c].d", "(. a (list b c) d)");
    check("{a: b, \"c d\": @}", "(hash 'a' b 'c d' @)");
    check("`{\"a\": [1, \"x'y\\\\\", true]}`", "(object 'a' (array 1 'x\\'y\\\\' true))");
    check("'it\\'s'", "'it\\'s'");
    check("`plain`", "'plain'");
    check("`a\\`b`", "'a`b'");
    check("a.b.length(c)", "(. a.b (call length c))");
    check("foo[*].[a].b", "(. (each foo (list a)) b)");
}

#[test]
fn invalid_expressions_are_rejected_at_their_position() {
    let check = |text: &str, kind: ParseErrorKind, position: usize| {
        let error = parse(text).expect_err(text);
        assert_eq!((error.kind, error.position), (kind, position), "{text}: {error}");
    };
    for (text, position) in [
        ("", 0),
        ("a.", 2),
        (".a", 0),
        ("a..b", 2),
        ("a b", 2),
        ("a.1", 2),
        ("a[", 2),
        ("a]", 1),
        ("a[b]", 2),
        ("a[1", 3),
        ("a[1:2:3:4]", 7),
        ("a[*]b", 4),
        ("a[*]*", 4),
        ("*[", 2),
        ("f(", 2),
        ("abs(a b)", 6),
        ("abs(a,)", 6),
        ("\"abs\"(a)", 5),
        ("@(a)", 1),
        ("(a", 2),
        ("{a}", 2),
        ("{a: b,}", 6),
        ("{}", 1),
        ("[a,]", 3),
        ("a ||", 4),
        ("a = b", 2),
        ("a ^ b", 2),
        ("'a", 0),
        ("`\"a`", 0),
        ("`\"`", 0),
        ("\"\\u\"", 0),
        ("a[-]", 2),
        ("a[99999999999999999999]", 2),
        ("ä", 0),
    ] {
        check(text, ParseErrorKind::Syntax, position);
    }
    check("a.foo(b)", ParseErrorKind::UnknownFunction, 2);
    check("abs()", ParseErrorKind::InvalidArity, 0);
    check("abs(a, b)", ParseErrorKind::InvalidArity, 0);
    check("merge()", ParseErrorKind::InvalidArity, 0);
    check("a[::0]", ParseErrorKind::InvalidValue, 2);
    check("foo(abs(a[::0]))", ParseErrorKind::InvalidValue, 10);
    check("foo(abs(), a", ParseErrorKind::Syntax, 12);
    assert_eq!(parse("abs(a, b)").unwrap_err().to_string(), "invalid-arity at byte 0: `abs` takes 1 arguments, not 2");
}

#[test]
fn depth_is_limited() {
    for (open, inside, close) in [
        ("(", "a", ")"),
        ("!", "a", ""),
        ("[", "a", "]"),
        ("a.", "a", ""),
        ("", "a", "[*]"),
        ("", "a", "[0]"),
        ("abs(", "a", ")"),
        ("*.", "a", ""),
        ("", "a", " | a"),
    ] {
        let expression = |count| open.repeat(count) + inside + &close.repeat(count);
        assert!(parse(&expression(100)).is_ok(), "{open}{inside}{close}");
        let error = parse(&expression(100_000)).expect_err(open);
        assert!(error.message.contains("nested deeper"), "{error}");
    }
}

#[test]
fn only_chains_of_fields_are_paths() {
    assert_eq!(parse("a.b.\"c d\"").unwrap().path(), Some(vec!["a", "b", "c d"]));
    assert_eq!(parse("a[0].b").unwrap().path(), None);
}
