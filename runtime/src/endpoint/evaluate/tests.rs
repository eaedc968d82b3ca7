//! Tests with one small rule set that uses every opcode. The rules language itself is tested in the `tests` package,
//! which can compile rule sets.

use super::*;

/// Region (default us-east-1), Bucket, Flag (default false), List (default `["a"]`), Key (unread).
const TABLE: &str = r"1p{ok/pv(s&?)E.$g,s%oA)##-b%oQ'##Fl%oU'##[$&$s#ob&##-ir$:(pr#vr$Fbr%Tb.fr(Tt'$o$+r$$o;).dr($o,+%r#$oj$&P.[${'o^'$oL([.$og%80r##8To4*$oe%oG([%n${$oY'r$&+/3e9:)ar$:*@$.Rr)!=r*$i$t(.rr)$oi$r*$oi$.nr(&o?oDoLxoS:+cr$n#n&T:,ut%r+$o*$r,%oro|xp+&o9ohp-%#&>p5:-@#r&:.lr-hr#Tt).Sr.$o)&r#$o;$.Ar..Nr.##&pBpHpMepQ%p<pldisableDoubleEncodingsigningRegionAWS::RegionauthSchemessigningNameus-east-1https://x-regionbackend.fips.Bucketlevelsigv4FlagListdeepnameKeyS3s3 *";

fn resolve(rules: &RuleSet, values: &[(&str, Param<'_>)]) -> Result<Endpoint> {
    let mut params = rules.params();
    for (name, value) in values {
        params.set(rules.parameter(name).unwrap(), value.clone().into_owned()).unwrap();
    }
    rules.resolve(&params)
}

/// Parameters, and the expected URL or error message.
type Case = (&'static [(&'static str, Param<'static>)], std::result::Result<&'static str, &'static str>);

const CASES: &[Case] = {
    const fn string(it: &'static str) -> Param<'static> {
        Param::String(Cow::Borrowed(it))
    }
    const FLAG: (&str, Param<'static>) = ("Flag", Param::Boolean(true));
    &[
        (
            &[FLAG, ("Bucket", string("my-bucket")), ("Region", string("cn-north-1"))],
            Ok("https://my-bucket.fips.amazonaws.com.cn"),
        ),
        (&[FLAG, ("Bucket", string("my.bucket"))], Err("ket%2F")),
        (&[("Bucket", string("arn:aws:s3:r:a:b/c"))], Err("r c aws")),
        (&[("Bucket", string("arn:aws:s3:r:a:b/-"))], Err("b%2F-%2F")),
        (
            &[("Bucket", string("ä"))],
            Err(
                "no endpoint rule matches the parameters Region: \"us-east-1\", Bucket: \"ä\", Flag: false, List: [\"a\"]",
            ),
        ),
        (
            &[],
            Err(
                "no endpoint rule matches the parameters Region: \"us-east-1\", Bucket: unset, Flag: false, List: [\"a\"]",
            ),
        ),
    ]
};

#[test]
fn parameters_resolve_to_urls_or_errors() {
    let rules = RuleSet::decode(TABLE).unwrap();
    for (values, expect) in CASES {
        let found = resolve(&rules, values).map(|it| it.url).map_err(|it| it.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), *expect, "{values:?}");
    }
    let list = Param::from(vec!["http://127.0.0.1:80/a//b".to_owned(), "x".to_owned()]);
    assert_eq!(resolve(&rules, &[("List", list)]).unwrap(), Endpoint::new("http://us-east-1.127.0.0.1:80/a/b/"));
}

#[test]
fn endpoints_have_headers_auth_schemes_and_properties() {
    let rules = RuleSet::decode(TABLE).unwrap();
    let endpoint = resolve(&rules, CASES[0].0).unwrap();
    assert_eq!(endpoint.headers, [("x-region", vec!["cn-north-1".to_owned(), "*".to_owned()])]);
    let scheme = &endpoint.auth_schemes[0];
    assert_eq!(
        (&*scheme.name, scheme.signing_name.as_deref(), scheme.signing_region.as_deref()),
        ("sigv4", Some("s3"), Some("cn-north-1"))
    );
    assert_eq!(
        (scheme.disable_double_encoding, scheme.signing_region_set.as_deref(), scheme.other.len()),
        (Some(true), None, 0)
    );
    assert_eq!(endpoint.property("backend").and_then(Property::as_str), Some("S3"));
    let deep = Property::Map(vec![("deep", Property::String("my-bucket".into()))]);
    assert_eq!(endpoint.property("level"), Some(&Property::List(vec![Property::Integer(1), deep])));
}

#[test]
fn parameters_are_decoded_and_type_checked() {
    let rules = RuleSet::decode(TABLE).unwrap();
    let all: Vec<_> =
        rules.parameters().iter().map(|it| (it.name, it.index, it.required, it.read, it.built_in)).collect();
    let expect = [
        ("Region", 0, true, true, Some("AWS::Region")),
        ("Bucket", 1, false, true, None),
        ("Flag", 2, false, true, None),
        ("List", 3, false, true, None),
        ("Key", 4, false, false, None),
    ];
    assert_eq!(all, expect);
    let mut params = rules.params();
    let failure = params.set(rules.parameter("Flag").unwrap(), "true").unwrap_err();
    assert_eq!(
        failure.to_string(),
        "invalid type of the endpoint parameter `Flag`: expected a boolean, found a string"
    );
    params.set(rules.parameter("Key").unwrap(), "one").unwrap();
    let mut other = rules.params();
    other.set(rules.parameter("Key").unwrap(), "two").unwrap();
    assert_eq!(params, other);
    other.set(rules.parameter("Bucket").unwrap(), None::<&str>).unwrap();
    assert_eq!(params, other);
}

/// Damaged tables are errors or resolve to other endpoints, but never cause a panic or an endless evaluation.
#[test]
fn damaged_tables_never_panic() {
    let try_all = |table: &str| {
        let Ok(rules) = RuleSet::decode(Box::leak(table.to_owned().into_boxed_str())) else {
            return;
        };
        for (values, _) in CASES {
            let mut params = rules.params();
            for (name, value) in *values {
                if let Some(parameter) = rules.parameter(name) {
                    let _ = params.set(parameter, value.clone());
                }
            }
            let _ = rules.resolve(&params);
        }
    };
    for end in 0..TABLE.len() {
        try_all(&TABLE[..end]);
        try_all(&TABLE[end..]);
        for replacement in ["", "#", "$", "v", "r", "t", "{", "[", ":", "@", ".", ">", "~", "é", "}}}}"] {
            try_all(&format!("{}{replacement}{}", &TABLE[..end], &TABLE[end + 1..]));
        }
    }
}

/// 30 lists that each evaluate the one before twice would need 2^30 evaluations.
#[test]
fn evaluation_stops_after_the_maximum_of_steps() {
    let digit = |it: usize| char::from(b'#' + it as u8 + u8::from(it >= 57));
    let number = |it: usize| {
        if it < 75 {
            digit(it).to_string()
        } else {
            [digit(75 + (it - 75) / 91), digit((it - 75) % 91)].iter().collect()
        }
    };
    let mut code = number(0);
    let mut list = 0;
    for _ in 0..30 {
        let rule = code.len();
        code += &format!("{}>{}", number(0), number(list));
        list = code.len();
        code += &format!("{}{}{}", number(2), number(rule), number(rule));
    }
    let table = format!("1{}{}{}{}{}{code}", number(code.len()), number(0), number(0), number(list), number(0));
    let rules = RuleSet::decode(Box::leak(table.into_boxed_str())).unwrap();
    assert!(matches!(rules.resolve(&rules.params()), Err(EndpointError::MalformedRuleSet(_))));
}
