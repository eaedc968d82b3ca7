//! Test vectors for the format of the two files.

use super::*;

fn parse_both(config: &str, credentials: &str) -> Result<Profiles> {
    Profiles::parse(Some(("/c", config)), Some(("/k", credentials)))
}

/// Prints all profiles as `name{key=value,…}`; sso-sessions and services are marked.
fn show(profiles: &Profiles) -> String {
    let mut out = Vec::new();
    let kinds = [("", &profiles.profiles), ("sso:", &profiles.sso_sessions), ("services:", &profiles.services)];
    for (mark, sections) in kinds {
        for (name, section) in sections {
            let pairs: Vec<_> = section.iter().map(|(key, value)| format!("{key}={value}")).collect();
            out.push(format!("{mark}{name}{{{}}}", pairs.join(",")));
        }
    }
    out.join(" ")
}

#[test]
fn sections_and_properties_are_parsed_and_merged() {
    let check = |config: &str, credentials: &str, expect: &str| {
        let found = parse_both(config, credentials).map(|it| show(&it)).map_err(|it| it.to_string());
        assert_eq!(found.as_deref(), Ok(expect), "config {config:?}, credentials {credentials:?}");
    };
    check("", "", "");
    check("\u{feff}[default]\na=1", "", "default{a=1}");
    check("[default]\r\na = 1\r\nb=2 # c\r\n", "", "default{a=1,b=2}");
    check("# top\n; top\n[profile x] ; c\n\t\na=1#kept\nb = # gone", "", "x{a=1#kept,b=}");
    check("[profile x]#c\n[profile\ty];c\n[ profile  z ]", "", "x{} y{} z{}");
    check("[profile \"a b\"]\nk=1\n[profile 'c;d']\n[profile e\" \"f]", "", "a b{k=1} c;d{} e f{}");
    check("[profile \"a\\\"b\\\\\"]", "", "a\"b\\{}");
    // Not names: two words, open quote, no name, unknown keywords, no space after the keyword.
    check("[profile a b]\nk=1\n[profile \"a\" \"b\"]\n[profile \"a]\n[profile]\n[preview]\n[profilea]", "", "");
    check("[default] x\na=1", "", "default{a=1}");
    check(
        "[sso-session s]\nsso_region=r\n[services v]\ns3 =\n endpoint_url = u\n[profile s]",
        "",
        "s{} sso:s{sso_region=r} services:v{s3=\nendpoint_url = u}",
    );
    // Continuations keep what looks like a comment; comment lines are dropped.
    check("[default]\na = 1\n  2 # two\n # gone\n\t3\nb=4", "", "default{a=1\n2 # two\n3,b=4}");
    check("[default]\ns3 =\n # c\n Style = path\n\n x=\n", "", "default{s3=\nStyle = path\nx=}");
    // Keys are lower-cased; invalid keys are dropped with their continuations; the last value wins.
    check("[default]\nA=1\na=2\nin valid = 3\n more\nB.c-d_e = 4", "", "default{a=2,b.c-d_e=4}");
    check("[profile x]\na=1\nb=1\n[profile x]\na=2", "[x]\nb=3\nc=4", "x{a=2,b=3,c=4}");
    check("[default]\na=1\n[profile default]\nb=2\n[default]\nc=3", "[default]\nd=4", "default{b=2,d=4}");
    // The credentials file: bare names only, which may have spaces.
    check(
        "",
        "[ x ]\na=1\n[profile y]\n[z z]\n[\"q q\"]\n[services]\n[default]",
        "default{} q q{} services{} x{a=1} z z{}",
    );
    check("[profile some-thing:long/the_one%only.foo@bar+]", "", "some-thing:long/the_one%only.foo@bar+{}");
}

#[test]
fn syntax_errors_name_file_and_line() {
    let check = |config: &str, credentials: &str, expect: &str| match parse_both(config, credentials) {
        Ok(profiles) => {
            assert_eq!(profiles.faults().collect::<Vec<_>>(), [expect], "{config:?} {credentials:?}");
            let errors = profiles.profiles.values().filter_map(|it| it.check().err());
            for error in errors {
                assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Config, expect));
            }
        }
        Err(error) => assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Config, expect)),
    };
    check("\n[profile x", "", "/c, line 2: Profile definition must end with ']'");
    check("a=1", "", "/c, line 1: Expected a profile definition such as [default] first");
    check(" a=1", "", "/c, line 1: Expected a profile definition such as [default] first");
    check("[default]\na=1\n[profile x]\n b", "", "/c, line 4: Expected a property definition, found continuation");
    check("", "[default]\n= v", "/k, line 2: Property did not have a name");
    check("", "[default]\nkey secret", "/k, line 2: Expected an '=' sign defining a property");
    check("[default]\ns3 =\n v", "", "/c, line 3: Expected an '=' sign defining a sub-property");
    // Also in sections that are ignored.
    check("[preview]\nv", "", "/c, line 2: Expected an '=' sign defining a property");
}

#[test]
fn nested_blocks_have_values_and_locations() {
    let text = "[default]\nregion = r\ns3 =\n  Addressing_Style = path # why\n  x = 1\n # c\n\n  x = 2\n  empty =\n";
    let profiles = parse_both(text, "").expect("valid");
    let section = profiles.profile("default").expect("present");
    assert_eq!(section.nested("s3", "addressing_style"), Some("path"));
    assert_eq!(section.nested("s3", "x"), Some("2"));
    assert_eq!(section.nested("s3", "empty"), None);
    assert_eq!(section.nested("s3", "y"), None);
    assert_eq!(section.nested("region", "x"), None);
    assert_eq!(section.location_of("s3").map(ToString::to_string).as_deref(), Some("/c, line 3"));
    let location = |block, key| section.location_of_nested(block, key).map(|it| (it.path().to_owned(), it.line()));
    assert_eq!(location("s3", "addressing_style"), Some(("/c".to_owned(), 4)));
    // The last one, after a comment and a blank line, wins.
    assert_eq!(location("s3", "x"), Some(("/c".to_owned(), 8)));
    assert_eq!((location("s3", "y"), location("region", "x"), location("z", "x")), (None, None, None));
}

#[test]
fn near_misses_name_the_ignored_section_and_the_reason() {
    let check = |config: &str, credentials: &str, name: &str, expect: Option<&str>| {
        assert_eq!(parse_both(config, credentials).expect("valid").near_miss(name).as_deref(), expect);
    };
    check(
        "[dev]",
        "",
        "dev",
        Some("section [dev] at /c, line 1 is ignored: the config file names a profile as [profile NAME]"),
    );
    check(
        "",
        "[profile dev]",
        "dev",
        Some("section [profile dev] at /k, line 1 is ignored: the credentials file names a profile as [NAME]"),
    );
    check(
        "\n[profile my dev]",
        "",
        "my dev",
        Some("section [profile my dev] at /c, line 2 is ignored: a name with spaces must be in quotes"),
    );
    check("[dev]", "", "prod", None);
}

#[test]
fn debug_shows_no_values() {
    let profiles = parse_both("", "[x]\naws_secret_access_key = hidden").expect("valid");
    let text = format!("{profiles:?}");
    assert!(text.contains("aws_secret_access_key") && !text.contains("hidden"), "{text}");
}

/// What botocore 1.44.5 reads of these files (`configloader.py`, over Python's `configparser`); `load_config` of the config
/// file, `raw_config_parse` of the credentials file.
#[test]
fn files_that_botocore_reads_have_the_same_profiles() {
    let config = |text: &str, expect: &str| {
        let found = parse_both(text, "").map_err(|it| it.to_string()).expect(text);
        assert_eq!((show(&found).as_str(), found.faults().next()), (expect, None), "{text:?}");
    };
    // Indented properties: a line continues the one before only if it is indented more.
    config("[default]\n  region = x\n", "default{region=x}");
    config("[default]\n  region = x\n  output = y\n", "default{output=y,region=x}");
    config("[default]\n  region = x\n   more\n output = y\n", "default{output=y,region=x\nmore}");
    config("  [default]\n  region = x\n  [profile b]\n  region = y\n", "b{region=y} default{region=x}");
    config(
        "[default]\n\tregion = x\n\ts3 =\n\t\taddressing_style = path\n\toutput = json\n",
        "default{output=json,region=x,s3=\naddressing_style = path}",
    );
    config("[default]\nregion = x\n [profile b]\n", "default{region=x\n[profile b]}");
    config("[default]\n# c\n  ; d\n  a = 1\n # e\n  b = 2\n", "default{a=1,b=2}");
    config("[services v]\n  s3 =\n    endpoint_url = u\n", "services:v{s3=\nendpoint_url = u}");
    config("[sso-session s]\n  sso_region: r\n", "sso:s{sso_region=r}");
    // Text behind a section.
    config("[profile a] /* text */\nregion = x\n", "a{region=x}");
    config("[profile a] x\nregion = x\n", "a{region=x}");
    // A colon instead of an equals sign: the first of the two separates.
    config(
        "[default]\naws_access_key_id: AK\naws_secret_access_key : SK\n",
        "default{aws_access_key_id=AK,aws_secret_access_key=SK}",
    );
    config("[default]\nurl: http://h:1/a=b\nk=a:b\n", "default{k=a:b,url=http://h:1/a=b}");
    config("[default]\ncredential_process = C:\\x y:z\n", "default{credential_process=C:\\x y:z}");
    // Names are words of a shell.
    config("[profile a&b]\n[profile DOMAIN\\user]\n[profile a#b]\n", "DOMAINuser{} a#b{} a&b{}");
    config("[profile \"a b\"]\nregion=x\n[profile a b]\nregion=y\n[My Profile]\nregion = z\n", "a b{region=x}");
    config("[default]\na = \"x\"\n", "default{a=\"x\"}");
    config("[default]\na =\n  b = 1\n\n  c = 2\n", "default{a=\nb = 1\nc = 2}");
    let credentials = |text: &str, expect: &str| {
        let found = parse_both("", text).map_err(|it| it.to_string()).expect(text);
        assert_eq!((show(&found).as_str(), found.faults().next()), (expect, None), "{text:?}");
    };
    credentials("[My Profile]\naws_access_key_id = AK\n", "My Profile{aws_access_key_id=AK}");
    credentials("[o'brien]\naws_access_key_id = AK\n", "o'brien{aws_access_key_id=AK}");
    credentials("[a] text\naws_access_key_id = AK\n", "a{aws_access_key_id=AK}");
    credentials("[a@b.c/d&e]\naws_access_key_id: AK\n", "a@b.c/d&e{aws_access_key_id=AK}");
    credentials("[default]\n  a = AK\n  b =   SK  \n", "default{a=AK,b=SK}");
}

/// Random files of the characters that mean something, and of the words: parsing never panics, and every section, property
/// and fault has a line of the file.
#[test]
fn any_text_is_parsed_without_panic() {
    const PARTS: [&str; 24] = [
        "[",
        "]",
        "=",
        ":",
        "\n",
        "\r\n",
        " ",
        "\t",
        "#",
        ";",
        "\"",
        "'",
        "\\",
        "profile",
        "default",
        "sso-session",
        "services",
        "s3",
        "key",
        "\u{feff}",
        "\u{a0}",
        "ü",
        "\r",
        "\0",
    ];
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..20_000 {
        let text: String = (0..random.usize(..40)).map(|_| PARTS[random.usize(..PARTS.len())]).collect();
        let lines = text.lines().count();
        let Ok(profiles) = parse_both(&text, &text) else { continue };
        let sections = [&profiles.profiles, &profiles.sso_sessions, &profiles.services];
        for section in sections.into_iter().flat_map(Map::values) {
            let _ = (section.check(), section.nested("s3", "key"), section.location_of_nested("s3", "key"));
            let properties = section.properties.values().map(|it| it.location.line());
            assert!(properties.chain([section.location().line()]).all(|it| (1..=lines).contains(&it)), "{text:?}");
        }
        let _ = (profiles.faults().count(), profiles.near_miss("key"));
    }
}
