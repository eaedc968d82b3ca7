//! Endpoint resolution: from a service's compiled endpoint rule set and its parameters to the URL, headers and auth
//! schemes of a call. Knows no service, and not where parameters get their values.

mod evaluate;
mod failure;
mod function;
mod parameter;
mod params;
mod partition;
mod partition_table;
mod partitions;
mod rule_set;
mod url;
mod value;

pub use failure::EndpointError;
pub use parameter::{Parameter, ParameterKind};
pub use params::{Param, Params};
pub use partition::Partition;
pub use rule_set::RuleSet;

use std::borrow::Cow;

/// A resolved endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, authority and path; the operation's path is appended to it.
    pub url: String,
    /// Headers to add to the request, in the order of the rules, each with its values.
    pub headers: Vec<(&'static str, Vec<String>)>,
    /// The auth schemes, in order of preference. If empty, those of the operation or the service apply.
    pub auth_schemes: Vec<AuthScheme>,
    /// The endpoint's other properties, such as S3's `backend`.
    pub properties: Vec<(&'static str, Property)>,
}

/// An auth scheme. For what is `None`, the service's own values apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthScheme {
    /// `sigv4`, `sigv4a`, `sigv4-s3express`, …
    pub name: Cow<'static, str>,
    /// The service name to sign with.
    pub signing_name: Option<Cow<'static, str>>,
    /// The region to sign for (`sigv4`).
    pub signing_region: Option<Cow<'static, str>>,
    /// The regions to sign for (`sigv4a`), `*` for all.
    pub signing_region_set: Option<Vec<Cow<'static, str>>>,
    /// Whether the path is signed as it is sent, without encoding it a second time.
    pub disable_double_encoding: Option<bool>,
    /// The scheme's other properties.
    pub other: Vec<(&'static str, Property)>,
}

/// A property of an endpoint: JSON with its templates filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    /// A boolean.
    Boolean(bool),
    /// An unsigned integer.
    Integer(u32),
    /// A string.
    String(Cow<'static, str>),
    /// A list.
    List(Vec<Property>),
    /// An object, in the order of the rules.
    Map(Vec<(&'static str, Property)>),
}

impl Endpoint {
    /// An endpoint with only a URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), headers: Vec::new(), auth_schemes: Vec::new(), properties: Vec::new() }
    }

    /// A property other than `authSchemes`.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|it| it.0 == name).map(|it| &it.1)
    }
}

impl Property {
    /// The string, if the property is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(it) => Some(it),
            _ => None,
        }
    }
}

impl AuthScheme {
    /// Reads an entry of `authSchemes`; `None` if it has no name.
    fn from_fields(fields: &[(&'static str, Property)]) -> Option<Self> {
        let mut scheme = Self {
            name: Cow::Borrowed(""),
            signing_name: None,
            signing_region: None,
            signing_region_set: None,
            disable_double_encoding: None,
            other: Vec::new(),
        };
        for (key, value) in fields {
            match (*key, value) {
                ("name", Property::String(it)) => scheme.name = it.clone(),
                ("signingName", Property::String(it)) => scheme.signing_name = Some(it.clone()),
                ("signingRegion", Property::String(it)) => scheme.signing_region = Some(it.clone()),
                ("disableDoubleEncoding", Property::Boolean(it)) => scheme.disable_double_encoding = Some(*it),
                ("signingRegionSet", Property::List(list)) if list.iter().all(|it| it.as_str().is_some()) => {
                    let regions = list
                        .iter()
                        .filter_map(|it| if let Property::String(region) = it { Some(region.clone()) } else { None });
                    scheme.signing_region_set = Some(regions.collect());
                }
                _ => scheme.other.push((key, value.clone())),
            }
        }
        (!scheme.name.is_empty()).then_some(scheme)
    }

    /// Reads the property `authSchemes`; `None` if any entry is not a valid scheme.
    fn list_from_property(property: &Property) -> Option<Vec<Self>> {
        let Property::List(list) = property else { return None };
        list.iter().map(|it| if let Property::Map(fields) = it { Self::from_fields(fields) } else { None }).collect()
    }
}
