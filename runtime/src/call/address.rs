//! Where a call goes: parameters of the endpoint rules from settings, from the operation and from its input.

use std::sync::Arc;

use super::bucket;
use super::core::Core;
use super::execute::credentials;
use super::options::Options;
use crate::config::{
    AccountIdEndpointMode, AddressingStyle, Config, ContextParam, RegionalEndpoint, check_region, check_url,
};
use crate::endpoint::{AuthScheme, Endpoint, Param, Parameter, ParameterKind, Params, RuleSet};
use crate::error::{Error, ErrorKind, Result};
use crate::http::BoxFuture;
use crate::jmespath::Node;
use crate::operation::Plan;
use crate::schema::tree::Seen;
use crate::schema::{StructureView, View};

/// Where a call goes, and what that was found by.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) endpoint: Arc<Endpoint>,
    /// Whether the endpoint was given as a URL instead of found by the rules.
    pub(crate) given_url: bool,
    /// What it takes to go elsewhere, for services whose answers may say where.
    pub(crate) way: Option<Way>,
}

/// The parameters of an endpoint, kept to find another for a region that an answer tells.
#[derive(Debug)]
pub(crate) struct Way {
    params: Params<'static>,
    bucket: String,
    given_url: bool,
}

/// The region that stands for a partition as a whole, in botocore and in the rules of services that have one endpoint for it.
const GLOBAL: &str = "aws-global";

/// What one call says of where it goes, in place of the settings.
#[derive(Clone, Copy, Debug, Default)]
struct Wish<'a> {
    region: Option<&'a str>,
    url: Option<&'a str>,
}

impl<'a> Wish<'a> {
    fn of(options: &'a Options) -> Result<Self> {
        let wrong = |what: &str, why| Error::new(ErrorKind::Validation, format!("{what} of the options {why}"));
        if let Some(region) = &options.region {
            check_region(region).map_err(|it| wrong("the region", format!("is {region:?}: expected {it}")))?;
        }
        if let Some(url) = &options.endpoint_url {
            check_url(url).map_err(|it| wrong("the endpoint URL", format!("is none: {it}")))?;
        }
        Ok(Self { region: options.region.as_deref(), url: options.endpoint_url.as_deref() })
    }
}

/// The endpoint of a call.
pub(crate) fn resolve(core: &Core, plan: &Plan, input: StructureView<'_>, options: &Options) -> Result<Address> {
    let rules = core.service.rules.get()?;
    let wish = Wish::of(options)?;
    let mut params = parameters(core, rules, plan, input, wish)?;
    let given_url = wish.url.is_some() || has_url(core)?;
    let mut way = None;
    if let Some(bucket) = bucket::place(bucket::of(plan, input)) {
        if let Some(region) = core.learned_region(bucket)
            && !lacks_region(rules, &params)
        {
            set_region(rules, &mut params, region)?;
        }
        way = Some(Way { params: params.clone().into_owned(), bucket: bucket.to_owned(), given_url });
    }
    let mut endpoint = find(core, rules, params, given_url)?;
    if let Some(region) = wish.region {
        sign_for(&mut endpoint, region);
    }
    Ok(Address { endpoint, given_url, way })
}

/// The endpoint of the same call in another region.
pub(crate) fn elsewhere(core: &Core, plan: &Plan, input: StructureView<'_>, region: &str) -> Result<Arc<Endpoint>> {
    let rules = core.service.rules.get()?;
    let mut params = parameters(core, rules, plan, input, Wish::default())?;
    set_region(rules, &mut params, region.to_owned())?;
    find(core, rules, params, has_url(core)?)
}

/// The endpoint of a bucket, without a call.
pub(crate) fn of_bucket(core: &Core, bucket: &str) -> Result<Arc<Endpoint>> {
    let rules = core.service.rules.get()?;
    let mut params = settings(core, rules, bucket::path_style_of(bucket), Wish::default())?;
    if let Some(parameter) = rules.parameter("Bucket") {
        params.set(parameter, bucket).map_err(Error::from)?;
    }
    without_express_sessions(rules, &mut params)?;
    if let Some(region) = bucket::place(Some(bucket)).and_then(|it| core.learned_region(it))
        && !lacks_region(rules, &params)
    {
        set_region(rules, &mut params, region)?;
    }
    find(core, rules, params, has_url(core)?)
}

fn has_url(core: &Core) -> Result<bool> {
    Ok(core.config()?.endpoint_url(core.service.id)?.is_some())
}

/// What the rules say. Without a region, services with one endpoint for all regions are called there, as in botocore: their
/// rules know the global region, and by which one it signs.
fn find(core: &Core, rules: &RuleSet, mut params: Params<'_>, given_url: bool) -> Result<Arc<Endpoint>> {
    let mut endpoint = if lacks_region(rules, &params) {
        set_region(rules, &mut params, GLOBAL.to_owned())?;
        let found = core.endpoint(rules, params).map_err(|it| no_region().with_source(it))?;
        if found.auth_schemes.iter().all(|it| it.signing_region.is_none()) {
            return Err(no_region());
        }
        found
    } else {
        core.endpoint(rules, params)?
    };
    // The rules know no other scheme.
    if !given_url
        && !core.config()?.use_ssl
        && let Some(rest) = endpoint.url.strip_prefix("https://")
    {
        let url = format!("http://{rest}");
        Arc::make_mut(&mut endpoint).url = url;
    }
    Ok(endpoint)
}

/// Says by which region to sign, where the rules leave it to the settings.
fn sign_for(endpoint: &mut Arc<Endpoint>, region: &str) {
    if endpoint.auth_schemes.is_empty() {
        let scheme = AuthScheme { name: "sigv4".into(), ..AuthScheme::default() };
        Arc::make_mut(endpoint).auth_schemes.push(scheme);
    }
    if endpoint.auth_schemes.iter().any(|it| it.signing_region.is_none()) {
        for scheme in &mut Arc::make_mut(endpoint).auth_schemes {
            scheme.signing_region.get_or_insert_with(|| region.to_owned().into());
        }
    }
}

fn parameters<'a>(
    core: &'a Core,
    rules: &RuleSet,
    plan: &Plan,
    input: StructureView<'a>,
    wish: Wish<'a>,
) -> Result<Params<'a>> {
    let mut params = settings(core, rules, bucket::path_style(plan, input), wish)?;
    operation_params(rules, plan, input, &mut params)?;
    Ok(params)
}

/// The parameters that the settings give.
fn settings<'a>(core: &'a Core, rules: &RuleSet, path_style: Option<bool>, wish: Wish<'a>) -> Result<Params<'a>> {
    let config = core.config()?;
    let url = match wish.url {
        Some(url) => Some(url),
        None => config.endpoint_url(core.service.id)?,
    };
    let mut params = rules.params();
    for parameter in rules.parameters() {
        let value = match parameter.built_in {
            Some("AWS::Region") if wish.region.is_some() => wish.region.map(Param::from),
            Some("AWS::UseDualStack") => Some((url.is_none() && is_dual_stack(config, rules)).into()),
            Some(name) => built_in(core, config, name, url, path_style),
            None => None,
        };
        if let Some(value) = of_context_params(config, parameter).or(value) {
            params.set(parameter, value).map_err(Error::from)?;
        }
    }
    Ok(params)
}

/// What `client_context_params` say, by the parameter's name or by botocore's form of it, in snake case.
fn of_context_params<'a>(config: &'a Config, parameter: &Parameter) -> Option<Param<'a>> {
    let letters = |name: &'a str| name.chars().filter(|it| *it != '_').map(|it| it.to_ascii_lowercase());
    let same = |name: &'a str| letters(name).eq(letters(parameter.name));
    let (_, value) = config.client_context_params.iter().find(|it| same(it.0))?;
    Some(match value {
        ContextParam::Bool(value) => Param::from(*value),
        ContextParam::String(value) => Param::from(value.as_str()),
        ContextParam::List(value) => Param::from(value.as_slice()),
    })
}

/// S3 and S3 Control, whose rules alone have parameters of S3, have a setting of their own that goes first.
fn is_dual_stack(config: &Config, rules: &RuleSet) -> bool {
    let is_s3 = || rules.parameters().iter().any(|it| it.built_in.is_some_and(|it| it.starts_with("AWS::S3")));
    let of_s3 = config.s3.use_dualstack_endpoint.filter(|_| is_s3());
    of_s3.or(config.use_dual_stack).unwrap_or(false)
}

impl Way {
    /// The endpoint of the call as it was.
    pub(crate) fn here(&self, core: &Core) -> Result<Arc<Endpoint>> {
        find(core, core.service.rules.get()?, self.params.clone(), self.given_url)
    }

    /// The endpoint of the same call in another region, which is remembered for the calls to come.
    pub(crate) fn elsewhere(&self, core: &Core, region: &str) -> Result<Arc<Endpoint>> {
        let rules = core.service.rules.get()?;
        let mut params = self.params.clone();
        set_region(rules, &mut params, region.to_owned())?;
        core.learn_region(&self.bucket, region);
        find(core, rules, params, self.given_url)
    }
}

fn set_region(rules: &RuleSet, params: &mut Params<'_>, region: String) -> Result<()> {
    match rules.parameters().iter().find(|it| it.built_in == Some("AWS::Region")) {
        Some(parameter) => params.set(parameter, region).map_err(Error::from),
        None => Ok(()),
    }
}

/// What the settings give to a built-in parameter, as botocore binds them (`args.py`).
fn built_in<'a>(
    core: &Core,
    config: &'a Config,
    name: &str,
    url: Option<&'a str>,
    path_style: Option<bool>,
) -> Option<Param<'a>> {
    let s3 = &config.s3;
    let accelerate = s3.use_accelerate_endpoint.unwrap_or(false);
    match name {
        "AWS::Region" => config.region.as_deref().map(Param::from),
        "SDK::Endpoint" => url.map(Param::from),
        // A URL that is given cannot be combined with it, nor with dual-stack.
        "AWS::UseFIPS" => Some((url.is_none() && config.use_fips.unwrap_or(false)).into()),
        "AWS::S3::Accelerate" => Some(accelerate.into()),
        "AWS::S3::ForcePathStyle" => Some(Param::from(match s3.addressing_style {
            _ if path_style.is_some() => path_style == Some(true),
            _ if accelerate => false,
            Some(AddressingStyle::Path) => true,
            Some(AddressingStyle::Virtual) => false,
            Some(AddressingStyle::Auto) | None => url.is_some(),
        })),
        "AWS::S3::UseGlobalEndpoint" => Some((s3.us_east_1_regional_endpoint == Some(RegionalEndpoint::Legacy)).into()),
        // The rules know which regions had but the global host.
        "AWS::STS::UseGlobalEndpoint" => Some((config.sts_regional_endpoints == RegionalEndpoint::Legacy).into()),
        "AWS::S3::UseArnRegion" => Some(s3.use_arn_region.unwrap_or(true).into()),
        "AWS::S3Control::UseArnRegion" => Some(s3.use_arn_region.unwrap_or(false).into()),
        "AWS::S3::DisableMultiRegionAccessPoints" => Some(s3.disable_multiregion_access_points.unwrap_or(false).into()),
        "AWS::Auth::AccountId" if config.account_id_endpoint_mode != AccountIdEndpointMode::Disabled => {
            account_id(core).map(Param::from)
        }
        "AWS::Auth::AccountIdEndpointMode" => Some(config.account_id_endpoint_mode.as_str().into()),
        _ => None,
    }
}

/// What the operation fixes and what its input gives: fixed values come first, as in botocore (`regions.py`).
fn operation_params<'a>(rules: &RuleSet, plan: &Plan, input: StructureView<'a>, params: &mut Params<'a>) -> Result<()> {
    for member in &input.shape().members {
        if let Some(parameter) = member.context.and_then(|it| rules.parameter(it))
            && let Some(value) = input.get(member)
        {
            match value {
                View::String(text) => params.set(parameter, text),
                View::Bool(flag) => params.set(parameter, flag),
                _ => Ok(()),
            }
            .map_err(Error::from)?;
        }
    }
    for (name, expression) in &plan.params {
        if let Some(parameter) = rules.parameter(name) {
            let found = expression.evaluate(Seen::structure(input)).map_err(|it| {
                let why = format!("the endpoint parameter {name} cannot be read from the input");
                Error::new(ErrorKind::Endpoint, why).with_source(it)
            })?;
            params.set(parameter, param(&found)).map_err(Error::from)?;
        }
    }
    for (name, text) in &plan.statics {
        if let Some(parameter) = rules.parameter(name) {
            let value = match (*text, parameter.kind) {
                (text, ParameterKind::StringList) => {
                    Param::from(text.split('|').map(str::to_owned).collect::<Vec<_>>())
                }
                ("true", _) => Param::from(true),
                ("false", _) => Param::from(false),
                (text, _) => Param::from(text),
            };
            params.set(parameter, value).map_err(Error::from)?;
        }
    }
    without_express_sessions(rules, params)
}

/// Sessions of S3 Express are not made; its buckets then take ordinary signatures.
fn without_express_sessions(rules: &RuleSet, params: &mut Params<'_>) -> Result<()> {
    match rules.parameter("DisableS3ExpressSessionAuth") {
        Some(parameter) => params.set(parameter, true).map_err(Error::from),
        None => Ok(()),
    }
}

/// What an expression found, as a parameter: lists of texts, text, truth values. Anything else is as good as nothing.
fn param<'a>(found: &Node<'_, Seen<'_>>) -> Param<'a> {
    if let Some(flag) = found.as_bool() {
        return flag.into();
    }
    match found.array_len() {
        Some(len) => {
            let text = |at| found.element(at)?.as_str().map(str::to_owned);
            (0..len).map(text).collect::<Option<Vec<String>>>().into()
        }
        None => found.as_str().map(str::to_owned).into(),
    }
}

/// Fetches the credentials, where the endpoint depends on the account that they belong to. An endpoint is found without
/// waiting, by credentials at hand; what keeps them from being had shows when the call is signed.
pub(crate) fn account(core: &Core) -> Option<BoxFuture<'_, ()>> {
    let rules = core.service.rules.get().ok()?;
    let config = core.config().ok()?;
    let wanted = rules.parameters().iter().any(|it| it.built_in == Some("AWS::Auth::AccountId"))
        && config.account_id_endpoint_mode != AccountIdEndpointMode::Disabled
        && config.endpoint_url(core.service.id).is_ok_and(|it| it.is_none());
    wanted.then(|| {
        Box::pin(async move {
            let _ = credentials(core).await;
        }) as BoxFuture<'_, ()>
    })
}

/// The account of the credentials at hand.
fn account_id(core: &Core) -> Option<String> {
    let provider = core.provider.credentials().ok().filter(|it| !it.is_anonymous())?;
    provider.cached()?.account_id().map(str::to_owned)
}

fn lacks_region(rules: &RuleSet, params: &Params<'_>) -> bool {
    let region = rules.parameters().iter().find(|it| it.built_in == Some("AWS::Region"));
    region.is_some_and(|it| matches!(params.get(it), Param::Unset))
}

fn no_region() -> Error {
    Error::new(
        ErrorKind::Config,
        "no region: give one to Session::builder().region(..), in AWS_REGION, or as `region` of the profile",
    )
}
