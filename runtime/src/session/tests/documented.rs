//! The documented table of settings matches the code, in both directions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::Session;
use crate::config::Environment;

const TABLES: &str = include_str!("../../config/settings.md");

/// The rows of the table whose header starts with `header`, each as its cells.
fn rows(header: &str) -> Vec<Vec<&'static str>> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect();
    let lines = TABLES.lines().skip_while(|it| !it.starts_with(header)).skip(2);
    lines.take_while(|it| it.starts_with('|')).map(cells).collect()
}

/// The strings in backquotes.
fn backquoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_documented_settings_are_those_of_the_code() {
    let bare = Session::builder().environment(Environment::from_iter([("HOME", "~")])).build().expect("valid");
    let found: Vec<_> = bare.explain().expect("resolved").iter().cloned().collect();
    let documented = rows("| name |");
    let names = |rows: &[Vec<&str>]| rows.iter().map(|cells| backquoted(cells[0]).join(" ")).collect::<Vec<_>>();
    assert_eq!(found.iter().map(|it| it.name.to_string()).collect::<Vec<_>>(), names(&documented));
    for (setting, cells) in found.iter().zip(&documented) {
        let [name, _, variables, keys, default, values, meaning] = cells[..] else { panic!("{cells:?}") };
        assert_eq!(backquoted(variables), setting.variables, "variables of {name}");
        assert_eq!(backquoted(keys), setting.keys, "keys of {name}");
        let value = setting.value.as_deref().map_or("-".to_owned(), |it| format!("`{it}`"));
        assert_eq!(default, value, "default of {name}");
        assert!(!values.is_empty() && meaning.ends_with(['.', ')']), "{name} has no description");
    }
}

/// Every setting of botocore 1.44.5: its 37 session variables, 7 of S3, 3 of proxies, and the 30 options of its
/// `Config`, some of which are the same.
const BOTOCORE: &str = "
    profile region data_path config_file ca_bundle api_versions credentials_file metadata_service_timeout
    metadata_service_num_attempts ec2_metadata_service_endpoint ec2_metadata_service_endpoint_mode ec2_metadata_v1_disabled
    imds_use_ipv6 use_dualstack_endpoint use_fips_endpoint ignore_configured_endpoint_urls parameter_validation csm_enabled
    csm_host csm_port csm_client_id endpoint_discovery_enabled sts_regional_endpoints retry_mode defaults_mode max_attempts
    user_agent_appid request_min_compression_size_bytes disable_request_compression sigv4a_signing_region_set
    request_checksum_calculation response_checksum_validation account_id_endpoint_mode disable_host_prefix_injection
    auth_scheme_preference tcp_keepalive s3_disable_express_session_auth

    s3.addressing_style s3.use_accelerate_endpoint s3.use_dualstack_endpoint s3.payload_signing_enabled s3.use_arn_region
    s3.us_east_1_regional_endpoint s3_disable_multiregion_access_points

    proxies_config.proxy_ca_bundle proxies_config.proxy_client_cert proxies_config.proxy_use_forwarding_for_https

    region_name signature_version user_agent user_agent_extra connect_timeout read_timeout max_pool_connections proxies
    client_cert inject_host_prefix client_context_params

    api_version use_ssl verify endpoint_url aws_access_key_id aws_secret_access_key aws_session_token aws_account_id
";

#[test]
fn every_setting_of_botocore_exists_or_is_omitted_with_a_reason() {
    let settings = rows("| name |");
    let omitted = rows("| in boto3 | why not");
    let exists = |name: &str| {
        settings.iter().any(|cells| {
            let boto3 = backquoted(cells[1]);
            backquoted(cells[0]).contains(&name) || boto3.iter().any(|it| it.split(['=', '[']).next() == Some(name))
        })
    };
    let is_omitted = |name: &str| omitted.iter().any(|cells| backquoted(cells[0]).contains(&name));
    for name in BOTOCORE.split_whitespace() {
        assert!(exists(name) != is_omitted(name), "{name}: a setting {}, omitted {}", exists(name), is_omitted(name));
    }
    assert!(omitted.iter().all(|it| it[1].ends_with('.')));
    let names: BTreeSet<_> = BOTOCORE.split_whitespace().collect();
    assert_eq!(
        BOTOCORE.split("\n\n").map(|group| group.split_whitespace().count()).collect::<Vec<_>>(),
        [37, 7, 3, 11, 8]
    );
    assert_eq!(names.len(), 37 + 7 + 3 + 11 + 8);
}

/// Collects the variables that the source files of this crate name, except in tests.
fn collect_variables(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|it| it.expect("an entry").path()) {
        let name = entry.file_name().and_then(|it| it.to_str()).unwrap_or_default().to_owned();
        if entry.is_dir() && name != "tests" && name != "testing" {
            collect_variables(&entry, found);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&entry).expect("a source");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let strings = code
                .lines()
                .filter(|it| !it.trim_start().starts_with("//") && !it.contains("env!("))
                .flat_map(|it| it.split('"').skip(1).step_by(2));
            let starts = strings.map(|it| it.split('{').next().unwrap_or_default());
            found.extend(starts.filter(|it| is_variable(it)).map(str::to_owned));
        }
    }
}

fn is_variable(text: &str) -> bool {
    let starts = ["AWS_", "BOTO", "_X_AMZN", "REQUESTS_", "HOME", "USERPROFILE"];
    let is_name = text.len() > 3 && text.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_');
    is_name && (text.ends_with("_PROXY") || starts.iter().any(|it| text.starts_with(it)))
}

#[test]
fn the_documented_variables_are_those_that_are_read() {
    let mut read = BTreeSet::new();
    collect_variables(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"), &mut read);
    let tables = [rows("| name |"), rows("| variable |")].concat();
    let documented: BTreeSet<_> = tables.iter().flatten().flat_map(|it| backquoted(it)).collect();
    assert!(read.len() > 40, "{read:?}");
    for name in &read {
        let is_documented =
            documented.iter().any(|it| it == name || it.split_once('<').is_some_and(|(start, _)| start == name));
        assert!(is_documented, "{name} is read and not documented");
    }
    // And vice versa.
    for name in documented.into_iter().filter(|it| is_variable(it.split('<').next().unwrap_or_default())) {
        let start = name.split('<').next().unwrap_or_default();
        assert!(read.contains(start), "{name} is documented and not read");
    }
}
