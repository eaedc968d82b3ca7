//! The HTTP settings of code and environment reach the HTTP client.

use std::time::Duration;

use super::Home;
use crate::config::Environment;
use crate::http::{HttpConfig, Proxies, ProxySource};
use crate::session::SessionBuilder;

fn http_config(builder: SessionBuilder) -> HttpConfig {
    builder.build().expect("valid").http_config().expect("resolved")
}

#[test]
fn each_setter_changes_the_http_config() {
    let profile = "[default]\nproxy_ca_bundle = /from-profile\nproxy_client_cert = /from-profile\n\
                   proxy_use_forwarding_for_https = true\ntcp_keepalive = false\n";
    let home = Home::new(profile, "");
    let base = http_config(home.builder(&[]));
    let check = |set: fn(SessionBuilder) -> SessionBuilder, change: fn(&mut HttpConfig)| {
        let mut expect = base.clone();
        change(&mut expect);
        assert_eq!(http_config(set(home.builder(&[]))), expect);
    };
    check(|it| it, |_| {});
    check(|it| it.proxies(Proxies::all("p")), |it| it.proxy = Proxies::all("p").into());
    check(|it| it.proxy_ca_bundle("/ca"), |it| it.proxy_ca_bundle = Some("/ca".into()));
    check(|it| it.proxy_client_certificate(("/c", "/k")), |it| it.proxy_client_certificate = Some(("/c", "/k").into()));
    check(|it| it.proxy_use_forwarding_for_https(false), |it| it.proxy_use_forwarding_for_https = false);
    check(|it| it.client_certificate("/c"), |it| it.client_certificate = Some("/c".into()));
    check(|it| it.danger_accept_invalid_certs(true), |it| it.danger_accept_invalid_certs = true);
    check(|it| it.max_pool_connections(7), |it| it.pool_max_idle_per_host = 7);
    check(|it| it.max_connections(9), |it| it.max_connections = Some(9));
    check(|it| it.http2(true), |it| it.http2 = true);
    check(|it| it.expect_continue(false), |it| it.expect_continue = false);
    check(|it| it.pool_idle_timeout(None), |it| it.pool_idle_timeout = None);
    let seconds = Duration::from_secs;
    check(|it| it.pool_idle_timeout(Duration::from_secs(5)), |it| it.pool_idle_timeout = Some(Duration::from_secs(5)));
    check(|it| it.tcp_keepalive(Duration::from_secs(5)), |it| it.tcp_keepalive = Some(Duration::from_secs(5)));
    let probing = home.builder(&[("BOTOCORE_TCP_KEEPALIVE", "true")]);
    assert_eq!(http_config(probing.clone()).tcp_keepalive, Some(seconds(15)));
    assert_eq!(http_config(probing.tcp_keepalive(None)).tcp_keepalive, None);
}

#[test]
fn proxies_and_ca_bundle_come_from_the_environment_of_the_session() {
    let home = Home::new("", "");
    let variables = [("HTTPS_PROXY", "http://me:hush@p"), ("NO_PROXY", "h"), ("REQUESTS_CA_BUNDLE", "/requests")];
    let builder = home.builder(&variables);
    let found = http_config(builder.clone());
    assert_eq!(found.proxy, Proxies::from_environment(&Environment::from_iter(variables)).into());
    assert_eq!(found.ca_bundle, Some("/requests".into()));
    assert!(!format!("{found:?}").contains("hush"));
    assert_eq!(http_config(builder.clone().proxies(ProxySource::None)).proxy, ProxySource::None);
    // NO_PROXY does not apply to proxies that are set in code.
    assert_eq!(http_config(builder.clone().proxies(Proxies::all("q"))).proxy, Proxies::all("q").into());
    assert_eq!(http_config(builder.clone().ca_bundle("/code")).ca_bundle, Some("/code".into()));
    let found = http_config(home.builder(&[variables[2], ("AWS_CA_BUNDLE", "/own")]));
    assert_eq!(found.ca_bundle, Some("/own".into()));
    assert_eq!(http_config(builder.danger_accept_invalid_certs(true)).ca_bundle, None);
    assert_eq!(http_config(home.builder(&[])).proxy, ProxySource::None, "not the proxy of the process");
}
