//! The auth schemes, one file and one line each, and the choice among them. Knows how no scheme signs.

mod bearer;
mod s3express;
mod sigv2;
mod sigv4;
mod sigv4a;

pub(crate) use sigv4::signing_for;

use super::scheme::{Facts, Scheme, Signing, rejected};
use crate::error::{Result, requires_feature};
use crate::operation::Auth;

/// All schemes.
const SCHEMES: [&dyn Scheme; 5] =
    [&sigv4::Scheme, &sigv4a::Scheme, &s3express::Scheme, &sigv2::Scheme, &bearer::Scheme];

/// Chooses the scheme of requests to an address. `None` if they are not signed.
///
/// The schemes of the endpoint take precedence over those of the operation, as in botocore; of several, the first that the
/// settings prefer, or else the first that the program has.
///
/// # Errors
/// [`ErrorKind::Signing`](crate::ErrorKind::Signing) if the operation or the endpoint has only schemes that the program
/// does not have.
pub(crate) fn choose(facts: &Facts<'_>) -> Result<Option<Signing>> {
    let of_endpoint = facts.endpoint.auth_schemes.iter().map(|it| &*it.name);
    let scheme: &'static dyn Scheme = match facts.auth {
        Auth::None => return Ok(None),
        Auth::Sigv4 | Auth::UnsignedBody if facts.prefers_token => &bearer::Scheme,
        Auth::Sigv2 => &sigv2::Scheme,
        Auth::Bearer => &bearer::Scheme,
        Auth::Sigv4 | Auth::UnsignedBody | Auth::Other(_) if of_endpoint.len() > 0 => {
            first(of_endpoint, facts.preference, || format!("schemes of endpoint {}", facts.endpoint.url))?
        }
        Auth::Sigv4 | Auth::UnsignedBody => {
            first(facts.schemes.iter().copied(), facts.preference, || "scheme of the operation".to_owned())?
        }
        Auth::Other(name) => first([name].into_iter(), &[], || "scheme of the operation".to_owned())?,
    };
    scheme.signing(facts).map(Some)
}

/// The first of these schemes that the settings prefer, or else that the program has. `whose` is for the error.
fn first<'n>(
    names: impl Iterator<Item = &'n str> + Clone,
    preference: &[String],
    whose: impl FnOnce() -> String,
) -> Result<&'static dyn Scheme> {
    let known = |name: &str| SCHEMES.into_iter().find(|it| it.name() == name);
    let usable = |name: &str| known(name).filter(|it| it.missing_feature().is_none());
    let preferred = || preference.iter().filter(|it| names.clone().any(|name| name == **it)).find_map(|it| usable(it));
    if let Some(scheme) = preferred().or_else(|| names.clone().find_map(usable)) {
        return Ok(scheme);
    }
    let list = names.clone().collect::<Vec<_>>().join(", ");
    let missing = names.clone().find_map(|it| Some((it, known(it)?.missing_feature()?)));
    let expected = match missing {
        Some((name, feature)) => requires_feature(name, &[feature]),
        None => "expected sigv4".to_owned(),
    };
    Err(rejected(format!("unsupported auth {}: {list}; {expected}", whose())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{AuthScheme, Endpoint};

    /// The chosen scheme with its regions, or the error.
    fn chosen(of_endpoint: &[&'static str], schemes: &'static [&'static str], preference: &[&str]) -> String {
        let schemes_of_endpoint = of_endpoint.iter().map(|it| AuthScheme {
            name: (*it).into(),
            signing_region_set: (*it == "sigv4a").then(|| vec!["us-*".into(), "eu-west-1".into()]),
            ..AuthScheme::default()
        });
        let endpoint = Endpoint {
            url: "https://a.example".to_owned(),
            headers: Vec::new(),
            auth_schemes: schemes_of_endpoint.collect(),
            properties: Vec::new(),
        };
        let preference: Vec<_> = preference.iter().map(|it| (*it).to_owned()).collect();
        let facts = Facts {
            auth: Auth::Sigv4,
            schemes,
            preference: &preference,
            prefers_token: false,
            signing_name: "service",
            s3: false,
            region: Some("us-west-2"),
            region_set: &[],
            endpoint: &endpoint,
        };
        match choose(&facts) {
            Ok(Some(signing)) => format!("{} {}", signing.scheme.name(), signing.region),
            Ok(None) => "none".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn endpoints_precede_operations_and_preferences_order_both() {
        assert_eq!(chosen(&[], &["sigv4"], &[]), "sigv4 us-west-2");
        assert_eq!(chosen(&["sigv9", "sigv4"], &["sigv4a"], &[]), "sigv4 us-west-2");
        assert_eq!(chosen(&["sigv4a", "sigv4"], &[], &["sigv4"]), "sigv4 us-west-2");
        // A preference for what is not offered changes nothing.
        assert_eq!(chosen(&["sigv4"], &[], &["sigv4a"]), "sigv4 us-west-2");
        let expect = "unsupported auth schemes of endpoint https://a.example: sigv8, sigv9; expected sigv4";
        assert_eq!(chosen(&["sigv8", "sigv9"], &["sigv4"], &[]), expect);
        assert_eq!(chosen(&[], &["sigv9"], &[]), "unsupported auth scheme of the operation: sigv9; expected sigv4");
    }

    #[cfg(feature = "sigv4a")]
    #[test]
    fn version_4a_signs_for_the_regions_of_the_endpoint() {
        assert_eq!(chosen(&["sigv4a", "sigv4"], &[], &[]), "sigv4a us-*,eu-west-1");
        assert_eq!(chosen(&["sigv4", "sigv4a"], &[], &["sigv4a"]), "sigv4a us-*,eu-west-1");
        assert_eq!(chosen(&[], &["sigv4a", "sigv4"], &[]), "sigv4a us-west-2");
    }

    #[cfg(not(feature = "sigv4a"))]
    #[test]
    fn without_its_feature_version_4a_is_left_out_or_named() {
        assert_eq!(chosen(&["sigv4a", "sigv4"], &[], &["sigv4a"]), "sigv4 us-west-2");
        let remedy = requires_feature("sigv4a", &["sigv4a"]);
        let expect = format!("unsupported auth schemes of endpoint https://a.example: sigv4a; {remedy}");
        assert_eq!(chosen(&["sigv4a"], &["sigv4"], &[]), expect);
        assert_eq!(
            chosen(&[], &["sigv4a"], &[]),
            format!("unsupported auth scheme of the operation: sigv4a; {remedy}")
        );
    }
}
