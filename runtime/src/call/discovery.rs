//! Endpoint discovery: a service is asked for the endpoint of an operation where its model says so. Timestream requires it,
//! DynamoDB offers it. Decides which calls take part, what the endpoint depends on, and which responses are believed. Knows
//! no service; what was found is kept in `discovered`.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::address::Address;
use super::client_state::ClientState;
use super::context::{Context, Purpose};
use super::discovered::{Failure, Found, Key};
use super::options::Options;
use crate::BoxFuture;
use crate::config::EndpointDiscovery;
use crate::endpoint::Partition;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Url;
use crate::operation::OperationPlan;
use crate::schema::dynamic::{Link, Schema, Value};
use crate::schema::{Shape, StructureView, View};

/// How long asking may take, retries included. Our choice, that of fetching credentials: several calls wait for the same
/// response, so the timeout of one of them does not apply.
const ASK_TIMEOUT: Duration = Duration::from_secs(60);

/// For how long an endpoint is used, in minutes, whatever the service reports. Our choice: not asked more than once a minute,
/// as after a failure, and at least once in a week; AWS's services report a day.
const MINUTES: std::ops::RangeInclusive<i64> = 1..=7 * 24 * 60;

/// The status by which a server rejects requests for a host that is not its own (RFC 9110, 15.5.20).
const MISDIRECTED: u16 = 421;
/// The code of the same. Both are botocore's (`discovery.py`).
const INVALID_ENDPOINT: &str = "InvalidEndpointException";

/// The part of a call that asks for its endpoint.
#[derive(Debug)]
pub(crate) struct Discovery {
    /// The operation that is asked with.
    operation: &'static OperationPlan,
    is_required: bool,
    key: Key,
    /// The discovered endpoint that the request is sent to; `None` for that of the rule set.
    url: Option<Arc<str>>,
}

/// Decides whether a call takes part in endpoint discovery. As in botocore, it does not if there is an endpoint URL in the
/// settings or the options, nor if a stub or a replay responds, and by default only if it must. A presigned URL takes part only
/// if it must, since a discovered endpoint may be gone before the URL expires; so do calls to FIPS endpoints, since a service
/// may report one that is none.
///
/// # Errors
/// [`ErrorKind::Config`] if it must, and the settings forbid it.
pub(super) fn plan(cx: Context<'_>, address: &Address, input: StructureView<'_>) -> Result<Option<Box<Discovery>>> {
    let Some(discovery) = &cx.plan.discovery else { return Ok(None) };
    if address.explicit_url || cx.client.is_stubbed(&cx.options.hooks) {
        return Ok(None);
    }
    let config = cx.client.config()?;
    match config.endpoint_discovery_enabled {
        EndpointDiscovery::Disabled if discovery.required => {
            let why = "the operation requires endpoint discovery, which the setting `endpoint_discovery_enabled` turns off: \
                       expected auto or true, or an endpoint URL";
            return Err(Error::new(ErrorKind::Config, why));
        }
        EndpointDiscovery::Auto | EndpointDiscovery::Enabled if discovery.required => {}
        EndpointDiscovery::Enabled if cx.purpose == Purpose::Send && config.use_fips != Some(true) => {}
        _ => return Ok(None),
    }
    let Some(operation) = cx.client.service.discovery.plan(*SHAPES) else { return Ok(None) };
    let ids = discovery.ids.iter().filter_map(|path| {
        let name = path.rsplit('.').next().unwrap_or(path);
        Some((name, string_at(input, path)?))
    });
    let ids: Vec<_> = ids.collect();
    let ids = (!ids.is_empty()).then_some((cx.plan.name, ids));
    let key = Key { regional: address.endpoint.url.clone(), access_key_id: None, ids };
    Ok(Some(Box::new(Discovery { operation, is_required: discovery.required, key, url: None })))
}

/// The string that a path of members leads to.
fn string_at(within: StructureView<'_>, path: &str) -> Option<String> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    match (within.get(within.shape().member(name)?)?, rest) {
        (View::Structure(inner), Some(rest)) => string_at(inner, rest),
        (View::String(value), None) => Some(value.to_owned()),
        _ => None,
    }
}

impl Discovery {
    /// The endpoint to send the request to; `None` if it is sent there already.
    pub(super) async fn find(&mut self, cx: Context<'_>) -> Result<Option<Arc<str>>> {
        if let Some(provider) = &cx.options.credentials {
            let credentials = cx.deadline.credentials(&**provider).await?;
            self.key.access_key_id = credentials.map(|it| it.access_key_id().to_owned());
        }
        let clock = cx.client.session.clock();
        let found = async {
            let endpoints = cx.client.discovered();
            let found = endpoints.find(&self.key, &clock, self.is_required, || self.ask(cx)).await;
            found.map_err(|it| self.explain(it))
        };
        let waiting = || format!(" while it waited for {}", self.operation.name);
        let found = cx.deadline.limit_with(found, waiting).await?;
        // The regional endpoint again, if a discovered one was rejected.
        let url = found.clone().or_else(|| self.url.as_ref().map(|_| self.key.regional.as_str().into()));
        self.url = found;
        Ok(url)
    }

    /// Forgets the discovered endpoint if it rejected the request. Whether it did, so that another one may accept it.
    pub(super) fn forget_rejected(&self, client: &ClientState, failure: &Error) -> bool {
        let Some(url) = &self.url else { return false };
        let is_rejected = failure.status() == Some(MISDIRECTED) || failure.code() == Some(INVALID_ENDPOINT);
        if is_rejected {
            client.discovered().forget(&self.key, url);
        }
        is_rejected
    }

    fn explain(&self, error: Arc<Error>) -> Error {
        let need = if self.is_required { "requires" } else { "supports" };
        let why = format!(
            "endpoint discovery failed, which the operation {need} (setting `endpoint_discovery_enabled`): {error}"
        );
        Error::new(ErrorKind::Endpoint, why).with_source(error)
    }

    /// Asks the service, with the region and the credentials of the call.
    fn ask(&self, cx: Context<'_>) -> BoxFuture<'static, Result<Found, Failure>> {
        let mut options = Options::new().total_timeout(ASK_TIMEOUT);
        options.credentials.clone_from(&cx.options.credentials);
        options.region.clone_from(&cx.options.region);
        let input = match &self.key.ids {
            None => vec![Value::Absent, Value::Absent],
            Some((operation, ids)) => {
                let ids = ids.iter().map(|(name, id)| ((*name).to_owned(), Value::String(id.clone())));
                vec![Value::String((*operation).to_owned()), Value::Map(ids.collect())]
            }
        };
        let hosts = Hosts::new(cx, &self.key.regional);
        let (clock, name) = (cx.client.session.clock(), self.operation.name);
        tracing::debug!(operation = cx.plan.name, "asking for the endpoint by {name}");
        let call = (cx.make_call)(Arc::clone(cx.client), self.operation, input, options);
        Box::pin(async move {
            let output = call.await.map_err(|it| Failure::Unavailable(Arc::new(it)))?;
            let unusable = |why| {
                let error = Error::new(ErrorKind::Endpoint, format!("the response to {name} {why}"));
                Failure::Unusable(Arc::new(error))
            };
            let (url, period) = hosts.read(output).map_err(unusable)?;
            Ok(Found::new(&url, clock.now(), period))
        })
    }
}

/// Shapes that the operations of all services have, by the Smithy trait `aws.api#clientEndpointDiscovery`: input and output.
static SHAPES: LazyLock<[&'static Shape; 2]> = LazyLock::new(|| {
    let mut schema = Schema::new();
    schema.define("Endpoint", "Address:str; CachePeriodInMinutes:i64", &[]);
    schema.define("Input", "Operation:str; Identifiers:*", &[Link::Map(Box::new(Link::Scalar("str")))]);
    schema.define("Output", "Endpoints:*", &[Link::List(Box::new(Link::Structure("Endpoint".to_owned())))]);
    ["Input", "Output"].map(|it| schema.shape(it).expect("just defined"))
});

/// The hosts that a service may report: it is the host of the rule set, or, below the same partition's DNS suffixes and the
/// same region, one whose label before the region is the service's. `ingest.timestream.us-east-1.amazonaws.com` may report
/// `ingest-cell1.timestream.us-east-1.amazonaws.com`, and not `x.execute-api.us-east-1.amazonaws.com`, which is a customer's.
///
/// A request is signed for whichever host it is sent to, so a host that is not the service's would get a valid signature and
/// the data of the call.
struct Hosts {
    region: String,
    signing_name: &'static str,
    regional_host: String,
    scheme: &'static str,
}

impl Hosts {
    fn new(cx: Context<'_>, regional: &str) -> Self {
        let config = cx.client.config().ok();
        let region = cx.options.region.as_deref().or(config.and_then(|it| it.region.as_deref())).unwrap_or_default();
        let regional_host = Url::parse(regional).map(|it| it.host().to_owned()).unwrap_or_default();
        let scheme = if regional.starts_with("http://") { "http" } else { "https" };
        let signing_name = cx.client.service.signing_name;
        Self { region: region.to_owned(), signing_name, regional_host, scheme }
    }

    /// The URL and the period in the members of an output. As in botocore, the first endpoint is used.
    fn read(&self, output: Vec<Value>) -> Result<(String, Duration), String> {
        let Some(Value::List(endpoints)) = output.into_iter().next() else {
            return Err("has no endpoints".to_owned());
        };
        let Some(Value::Structure(endpoint)) = endpoints.into_iter().next() else {
            return Err("has no endpoint".to_owned());
        };
        let mut members = endpoint.into_iter();
        let (Some(Value::String(address)), minutes) = (members.next(), members.next()) else {
            return Err("has an endpoint without an address".to_owned());
        };
        let host = self.host(&address).ok_or_else(|| {
            let (region, service) = (&self.region, self.signing_name);
            let suffix = Partition::for_region(region).dns_suffix;
            format!(
                "has the endpoint {address:?}: expected a host of the service, as below {service}.{region}.{suffix}"
            )
        })?;
        let minutes = if let Some(Value::I64(it)) = minutes { it } else { *MINUTES.start() };
        let minutes = minutes.clamp(*MINUTES.start(), *MINUTES.end()).unsigned_abs();
        Ok((format!("{}://{host}", self.scheme), Duration::from_secs(minutes * 60)))
    }

    /// The host in an address, which is a host name with or without a scheme, if it is one of the service.
    fn host(&self, address: &str) -> Option<String> {
        let host = match address.split_once("://") {
            Some((scheme, host)) if scheme.eq_ignore_ascii_case(self.scheme) => host,
            Some(_) => return None,
            None => address,
        };
        let host = host.strip_suffix('/').unwrap_or(host).to_ascii_lowercase();
        let is_label = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        if host == self.regional_host {
            return Some(host);
        }
        let label = self.service_label(&host).filter(|_| host.split('.').all(is_label))?;
        let is_service = label == self.signing_name
            || label.strip_prefix(self.signing_name).is_some_and(|it| it.starts_with('-'))
            || Some(label) == self.service_label(&self.regional_host);
        is_service.then_some(host)
    }

    /// The label before the region: `timestream` of `ingest.timestream.us-east-1.amazonaws.com`.
    fn service_label<'a>(&self, host: &'a str) -> Option<&'a str> {
        let partition = Partition::for_region(&self.region);
        let before = |suffix: &str| -> Option<&'a str> {
            let above = host.strip_suffix(suffix)?.strip_suffix('.')?;
            above.strip_suffix(self.region.as_str())?.strip_suffix('.')
        };
        let labels = before(partition.dns_suffix).or_else(|| before(partition.dual_stack_dns_suffix))?;
        labels.rsplit('.').next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(service: &'static str, regional: &str, region: &str) -> Hosts {
        Hosts { region: region.to_owned(), signing_name: service, regional_host: regional.to_owned(), scheme: "https" }
    }

    #[test]
    fn only_hosts_of_the_service_in_the_region_are_believed() {
        let check = |service, regional: &str, region: &str, address: &str, expect: Option<&str>| {
            assert_eq!(hosts(service, regional, region).host(address).as_deref(), expect, "{address}");
        };
        let timestream = |address: &str, expect: Option<&str>| {
            check("timestream", "ingest.timestream.us-east-1.amazonaws.com", "us-east-1", address, expect);
        };
        for address in [
            "ingest.timestream.us-east-1.amazonaws.com",
            "ingest-cell1.timestream.us-east-1.amazonaws.com",
            "ingest-cell1.timestream-fips.us-east-1.amazonaws.com",
            "query-cell2.timestream.us-east-1.api.aws",
        ] {
            for written in [address.to_owned(), format!("https://{address}"), format!("HTTPS://{address}/")] {
                timestream(&written, Some(address));
            }
            timestream(&address.to_uppercase(), Some(address));
        }
        for foreign in [
            "",
            "timestream",
            "evil.com",
            "ingest-cell1.timestream.us-east-1.amazonaws.com.evil.com",
            "evil.com/.timestream.us-east-1.amazonaws.com",
            "evil.com?.timestream.us-east-1.amazonaws.com",
            "evil.com#.timestream.us-east-1.amazonaws.com",
            "evil.com:443.timestream.us-east-1.amazonaws.com",
            "me@cell.timestream.us-east-1.amazonaws.com",
            "http://ingest-cell1.timestream.us-east-1.amazonaws.com",
            "ftp://ingest-cell1.timestream.us-east-1.amazonaws.com",
            "ingest-cell1.timestream.us-east-1.amazonaws.com:8443",
            "ingest-cell1.timestream.us-east-1.amazonaws.com/path",
            "ingest-cell1..timestream.us-east-1.amazonaws.com",
            ".timestream.us-east-1.amazonaws.com",
            "ingest-cell1.timestream.us-west-2.amazonaws.com",
            "ingest-cell1.timestream.us-east-1.amazonaws.com.cn",
            "ingest-cell1.eviltimestream.us-east-1.amazonaws.com",
            "ingest-cell1.timestream2.us-east-1.amazonaws.com",
            "x.execute-api.us-east-1.amazonaws.com",
            "timestream.s3.us-east-1.amazonaws.com",
            "ec2-3-80-0-1.compute-1.amazonaws.com",
            "192.168.0.1",
            "[::1]",
        ] {
            timestream(foreign, None);
        }
        let account = "123456789012.ddb.eu-west-1.amazonaws.com";
        check(
            "dynamodb",
            account,
            "eu-west-1",
            "dynamodb.eu-west-1.amazonaws.com",
            Some("dynamodb.eu-west-1.amazonaws.com"),
        );
        check("dynamodb", account, "eu-west-1", "2.ddb.eu-west-1.amazonaws.com", Some("2.ddb.eu-west-1.amazonaws.com"));
        let china = "dynamodb.cn-north-1.amazonaws.com.cn";
        check(
            "dynamodb",
            china,
            "cn-north-1",
            "dynamodb-a.cn-north-1.amazonaws.com.cn",
            Some("dynamodb-a.cn-north-1.amazonaws.com.cn"),
        );
        check("dynamodb", china, "cn-north-1", "dynamodb.cn-north-1.amazonaws.com", None);
    }

    #[test]
    fn a_response_is_an_endpoint_with_a_bounded_period_or_an_error_that_says_why() {
        let check = |output: Vec<Value>, expect: Result<(&str, u64), &str>| {
            let read = hosts("dynamodb", "dynamodb.us-east-1.amazonaws.com", "us-east-1").read(output);
            let read = read.map(|(url, period)| (url, period.as_secs() / 60));
            assert_eq!(read, expect.map(|(url, it)| (url.to_owned(), it)).map_err(str::to_owned));
        };
        let endpoint = |address: &str, minutes: Value| {
            let endpoint = Value::Structure(vec![Value::String(address.to_owned()), minutes]);
            vec![Value::List(vec![endpoint, Value::Absent])]
        };
        let (host, url) = ("dynamodb.us-east-1.amazonaws.com", "https://dynamodb.us-east-1.amazonaws.com");
        check(endpoint(host, Value::I64(1440)), Ok((url, 1440)));
        for shortest in [Value::I64(1), Value::I64(0), Value::I64(-5), Value::I64(i64::MIN), Value::Absent] {
            check(endpoint(host, shortest), Ok((url, 1)));
        }
        check(endpoint(host, Value::I64(i64::MAX)), Ok((url, 10_080)));
        check(vec![], Err("has no endpoints"));
        check(vec![Value::Absent], Err("has no endpoints"));
        check(vec![Value::List(vec![])], Err("has no endpoint"));
        check(vec![Value::List(vec![Value::Structure(vec![])])], Err("has an endpoint without an address"));
        let why = "has the endpoint \"evil.com\": expected a host of the service, as below \
                   dynamodb.us-east-1.amazonaws.com";
        check(endpoint("evil.com", Value::I64(5)), Err(why));
    }
}
