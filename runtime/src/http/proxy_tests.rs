use super::*;

fn from_variables(variables: &[(&str, &str)]) -> ProxySource {
    Proxies::from_environment(&Environment::from_iter(variables.iter().copied())).into()
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

#[test]
fn environment_variables_set_proxies() {
    fn check(variables: &[(&str, &str)], http: &str, https: &str) {
        let routes = Routes::new(&from_variables(variables)).expect("valid URLs");
        let proxy = |to: &str| routes.proxy_for(&url(to)).map(Proxy::redacted_url).unwrap_or_default();
        assert_eq!((&*proxy("http://h/"), &*proxy("https://h/")), (http, https), "{variables:?}");
    }
    check(&[], "", "");
    check(&[("HTTP_PROXY", "http://a:1")], "http://a:1", "");
    check(&[("https_proxy", "http://a:1")], "", "http://a:1");
    // Lower case wins; an empty variable counts as unset.
    check(&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:1")], "", "http://b:1");
    check(&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "")], "", "http://a:1");
    check(&[("ALL_PROXY", "a"), ("https_proxy", "https://b")], "http://a:80", "https://b:443");
    check(&[("ALL_PROXY", "socks5://a:1080"), ("https_proxy", "b")], "", "http://b:80");
    // In a CGI program, HTTP_PROXY is the client's header `Proxy`, not a setting.
    let cgi = ("REQUEST_METHOD", "GET");
    check(&[cgi, ("HTTP_PROXY", "http://a:1"), ("HTTPS_PROXY", "http://b:1")], "", "http://b:1");
    check(&[cgi, ("http_proxy", "http://a:1")], "http://a:1", "");
    check(&[("HTTPS_PROXY", "http://a:1"), ("no_proxy", "h")], "", "");
}

#[test]
fn proxy_urls_are_parsed_without_showing_passwords() {
    fn check(text: &str, expect: Result<(&str, Option<&str>), &str>) {
        let source = Proxies::all(text).into();
        match (Routes::new(&source), expect) {
            (Ok(routes), Ok((url, authorization))) => {
                let proxy = routes.https.expect("an https proxy");
                let found = proxy.authorization.as_ref().map(|it| it.to_str().expect("ASCII").to_owned());
                assert_eq!((&*proxy.redacted_url(), found.as_deref()), (url, authorization), "{text}");
                assert!(proxy.authorization.is_none_or(|it| it.is_sensitive()));
            }
            (Err(error), Err(expect)) => {
                let error = format!("{error} {error:?}");
                assert!(error.contains(expect) && !error.contains("hush"), "{text}: {error}");
                assert!(error.contains("the proxy for http "), "{error}");
            }
            (Ok(_), Err(_)) => panic!("{text} was accepted"),
            (Err(error), Ok(_)) => panic!("{text}: {error}"),
        }
        let debug = format!("{source:?}");
        assert!(!debug.contains("hush") && !debug.contains("aHVzaA"), "{debug}");
    }
    check("http://proxy.corp:3128", Ok(("http://proxy.corp:3128", None)));
    check("proxy.corp:3128", Ok(("http://proxy.corp:3128", None)));
    check(" //proxy.corp ", Ok(("http://proxy.corp:80", None)));
    check("https://proxy.corp/path?x", Ok(("https://proxy.corp:443", None)));
    check("http://[fd00::1]:3128", Ok(("http://[fd00::1]:3128", None)));
    check("http://me:hush@p:1", Ok(("http://***@p:1", Some("Basic bWU6aHVzaA=="))));
    check("me:s%40%3A%25hush@p", Ok(("http://***@p:80", Some("Basic bWU6c0A6JWh1c2g="))));
    check("http://me@p", Ok(("http://***@p:80", Some("Basic bWU6"))));
    check("http://me:hush@[", Err("it is malformed"));
    check("http://me:hu#sh@p", Err("its port is not a number"));
    check("socks5://me:hush@p", Err("its scheme is socks5, but only http and https are supported"));
    check("http://me:hush@p:70000", Err("its port is not a number from 0 to 65535"));
    check("http://", Err("it is malformed"));
    check("", Err("it is malformed"));
}

#[test]
fn no_proxy_hosts_are_reached_directly() {
    fn check(no_proxy: &str, direct: &[&str], proxied: &[&str]) {
        let routes = Routes::new(&Proxies::all("p").no_proxy(no_proxy).into()).expect("a valid URL");
        for (urls, is_direct) in [(direct, true), (proxied, false)] {
            for target in urls {
                assert_eq!(routes.proxy_for(&url(target)).is_none(), is_direct, "{no_proxy} {target}");
            }
        }
    }
    let all = ["http://h/", "https://sub.example.com/", "http://10.1.2.3/", "https://[fd00::1]/"];
    check("", &[], &all);
    check("*", &all, &[]);
    check(" , *,", &all, &[]);
    let (subdomains, others) =
        (["https://example.com/", "https://a.b.Example.COM:8443/"], ["https://badexample.com/", "https://com/"]);
    for entry in ["example.com", ".example.com", "*.example.com", "..EXAMPLE.com", "other.org , example.com"] {
        check(entry, &subdomains, &others);
    }
    check("example.com", &["https://example.com./"], &["https://example.com.evil.org/", "https://example.co/"]);
    check("example.com:8443", &["https://example.com:8443/"], &["https://example.com/", "http://example.com:80/"]);
    check("example.com:443", &["https://example.com/", "https://a.example.com:443/"], &["http://example.com/"]);
    check("example.com:http", &[], &subdomains);
    check("10.1.2.3", &["http://10.1.2.3/", "http://10.1.2.3:99/"], &["http://10.1.2.4/", "http://x.10.1.2.3.org/"]);
    check("10.1.2.3:99", &["http://10.1.2.3:99/"], &["http://10.1.2.3/"]);
    check("10.0.0.0/8", &["http://10.255.0.1/"], &["http://11.0.0.1/", "https://[fd00::1]/", "http://ten.org/"]);
    check("0.0.0.0/0", &["http://10.255.0.1/"], &["https://[fd00::1]/"]);
    check("192.168.1.7/31", &["http://192.168.1.6/", "http://192.168.1.7/"], &["http://192.168.1.8/"]);
    check("10.0.0.0/33", &[], &["http://10.0.0.0/"]);
    check("fd00::1", &["https://[fd00::1]/", "https://[FD00:0::1]:99/"], &["https://[fd00::2]/"]);
    check("[fd00::1]:443", &["https://[fd00::1]/"], &["https://[fd00::1]:99/"]);
    check("fd00::/8", &["https://[fdff::2]/"], &["https://[fe80::1]/", "http://10.0.0.1/"]);
}
