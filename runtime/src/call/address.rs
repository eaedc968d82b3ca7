//! The stage that finds the address: the parameters of the endpoint rule set, from settings, from the operation and from
//! its input, and the endpoint that they lead to. Knows no request.

use std::sync::Arc;

use super::bucket;
use super::client_state::ClientState;
use super::context::Context;
use super::deadline::Deadline;
use super::options::Options;
use crate::BoxFuture;
use crate::config::{
    AccountIdEndpointMode, Config, ContextParam, RegionalEndpoint, check_region, check_url, fips_region,
};
use crate::credentials::ProvideCredentials;
use crate::endpoint::{Endpoint, Param, Parameter, ParameterKind, Params, RuleSet};
use crate::error::{Error, ErrorKind, Result};
use crate::jmespath::Node;
use crate::operation::OperationPlan;
use crate::schema::tree::TypedTree;
use crate::schema::{StructureView, View};

/// The endpoint of a call, and what is needed to redirect the call.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) endpoint: Arc<Endpoint>,
    /// Whether the endpoint URL is an explicit setting.
    pub(crate) explicit_url: bool,
    /// What is needed to redirect the call to another region; `None` if the service does not redirect it.
    pub(crate) redirect: Option<RedirectContext>,
}

/// The endpoint parameters of a call, to resolve the endpoint in the region that a response reports.
#[derive(Debug)]
pub(crate) struct RedirectContext {
    params: Arc<Params<'static>>,
    bucket: String,
    explicit_url: bool,
}

/// The pseudo-region for a whole partition, in botocore and in the rule sets of services with one endpoint for all
/// regions.
const GLOBAL: &str = "aws-global";

/// Region, endpoint URL and credentials in the options of one call, which override the settings.
#[derive(Clone, Copy, Debug, Default)]
struct CallOverrides<'a> {
    region: Option<&'a str>,
    url: Option<&'a str>,
    credentials: Option<&'a dyn ProvideCredentials>,
}

impl<'a> CallOverrides<'a> {
    fn from_options(options: &'a Options) -> Result<Self> {
        let invalid = |what, why| Error::new(ErrorKind::Validation, format!("invalid {what}: {why}"));
        if let Some(region) = &options.region {
            let check = check_region(region);
            check.map_err(|it| invalid("region in `Options::region`", format!("{region:?}: expected {it}")))?;
            if let Some(real) = fips_region(region) {
                let why =
                    format!("{region:?} is a FIPS pseudo-region: expected {real}, and `use_fips` in the settings");
                return Err(invalid("region in `Options::region`", why));
            }
        }
        if let Some(url) = &options.endpoint_url {
            check_url(url).map_err(|it| invalid("endpoint URL in `Options::endpoint_url`", it))?;
        }
        let credentials = options.credentials.as_deref();
        Ok(Self { region: options.region.as_deref(), url: options.endpoint_url.as_deref(), credentials })
    }
}

/// Resolves the endpoint of a call.
pub(super) fn resolve(cx: Context<'_>, input: StructureView<'_>) -> Result<Address> {
    let Context { client, plan, options, .. } = cx;
    let rules = client.service.rules.get()?;
    let overrides = CallOverrides::from_options(options)?;
    let mut params = parameters(client, rules, plan, input, overrides)?;
    let explicit_url = overrides.url.is_some() || has_url(client)?;
    let bucket = bucket::redirectable(bucket::from_input(plan, input));
    if let Some(region) = bucket.and_then(|it| client.cached_region(it))
        && !lacks_region(rules, &params)
    {
        set_region(rules, &mut params, region)?;
    }
    let (params, endpoint) = evaluate(client, rules, params, explicit_url)?;
    let redirect = bucket.map(|it| RedirectContext { params, bucket: it.to_owned(), explicit_url });
    Ok(Address { endpoint, explicit_url, redirect })
}

/// Resolves the endpoint of the same call in another region.
pub(super) fn in_region(cx: Context<'_>, input: StructureView<'_>, region: &str) -> Result<Arc<Endpoint>> {
    let Context { client, plan, options, .. } = cx;
    let rules = client.service.rules.get()?;
    let overrides = CallOverrides { region: None, ..CallOverrides::from_options(options)? };
    let mut params = parameters(client, rules, plan, input, overrides)?;
    set_region(rules, &mut params, region.to_owned())?;
    let explicit_url = overrides.url.is_some() || has_url(client)?;
    evaluate(client, rules, params, explicit_url).map(|it| it.1)
}

/// Resolves the endpoint of a bucket, without a call.
pub(crate) fn of_bucket(client: &ClientState, bucket: &str) -> Result<Arc<Endpoint>> {
    let rules = client.service.rules.get()?;
    let mut params = config_params(client, rules, bucket::path_style_override_for(bucket), CallOverrides::default())?;
    if let Some(parameter) = rules.parameter("Bucket") {
        params.set(parameter, bucket).map_err(Error::from)?;
    }
    if let Some(region) = bucket::redirectable(Some(bucket)).and_then(|it| client.cached_region(it))
        && !lacks_region(rules, &params)
    {
        set_region(rules, &mut params, region)?;
    }
    evaluate(client, rules, params, has_url(client)?).map(|it| it.1)
}

/// Resolves the endpoint of a client, without a call.
pub(crate) fn of_client(client: &ClientState) -> Result<Arc<Endpoint>> {
    let rules = client.service.rules.get()?;
    let params = config_params(client, rules, None, CallOverrides::default())?;
    evaluate(client, rules, params, has_url(client)?).map(|it| it.1)
}

fn has_url(client: &ClientState) -> Result<bool> {
    Ok(client.endpoint_url()?.is_some())
}

/// Evaluates the rule set. Without a region, services with one endpoint for all regions are called at that endpoint, as
/// in botocore: their rule sets have the global pseudo-region, and name the region to sign for.
fn evaluate(
    client: &ClientState,
    rules: &RuleSet,
    mut params: Params<'_>,
    explicit_url: bool,
) -> Result<(Arc<Params<'static>>, Arc<Endpoint>)> {
    let (params, mut endpoint) = if lacks_region(rules, &params) {
        set_region(rules, &mut params, GLOBAL.to_owned())?;
        let global = client.endpoint(rules, params).map_err(|it| no_region().with_source(it))?;
        if global.1.auth_schemes.iter().all(|it| it.signing_region.is_none()) {
            return Err(no_region());
        }
        global
    } else {
        client.endpoint(rules, params)?
    };
    // Rule sets only return https URLs.
    if !explicit_url
        && !client.config()?.use_ssl
        && let Some(rest) = endpoint.url.strip_prefix("https://")
    {
        let url = format!("http://{rest}");
        Arc::make_mut(&mut endpoint).url = url;
    }
    Ok((params, endpoint))
}

fn parameters<'a>(
    client: &'a ClientState,
    rules: &RuleSet,
    plan: &OperationPlan,
    input: StructureView<'a>,
    overrides: CallOverrides<'a>,
) -> Result<Params<'a>> {
    let mut params = config_params(client, rules, bucket::path_style_override(plan, input), overrides)?;
    operation_params(rules, plan, input, &mut params)?;
    Ok(params)
}

/// The parameters that the settings determine.
fn config_params<'a>(
    client: &'a ClientState,
    rules: &RuleSet,
    path_style_override: Option<bool>,
    overrides: CallOverrides<'a>,
) -> Result<Params<'a>> {
    let config = client.config()?;
    let url = match overrides.url {
        Some(url) => Some(url),
        None => client.endpoint_url()?,
    };
    let mut params = rules.params();
    for parameter in rules.parameters() {
        let value = match parameter.built_in {
            Some("AWS::Region") if overrides.region.is_some() => overrides.region.map(Param::from),
            Some("AWS::Auth::AccountId") if config.account_id_endpoint_mode != AccountIdEndpointMode::Disabled => {
                account_id(client, overrides.credentials).map(Param::from)
            }
            Some("AWS::UseDualStack") => Some((url.is_none() && is_dual_stack(config, rules)).into()),
            Some(name) => built_in_param(config, name, url, path_style_override),
            // No built-in in the rules, but a setting everywhere, also in botocore (`regions.py`).
            None if parameter.name == "DisableS3ExpressSessionAuth" => {
                config.s3.disable_express_session_auth.map(Param::from)
            }
            None => None,
        };
        if let Some(value) = client_context_param(config, parameter).or(value) {
            params.set(parameter, value).map_err(Error::from)?;
        }
    }
    Ok(params)
}

/// The value in `client_context_params`, by the parameter's name or by botocore's snake case form of it.
fn client_context_param<'a>(config: &'a Config, parameter: &Parameter) -> Option<Param<'a>> {
    let letters = |name: &'a str| name.chars().filter(|it| *it != '_').map(|it| it.to_ascii_lowercase());
    let is_same = |name: &'a str| letters(name).eq(letters(parameter.name));
    let (_, value) = config.client_context_params.iter().find(|it| is_same(it.0))?;
    Some(match value {
        ContextParam::Bool(value) => Param::from(*value),
        ContextParam::String(value) => Param::from(value.as_str()),
        ContextParam::List(value) => Param::from(value.as_slice()),
    })
}

/// Whether to use dual-stack endpoints. S3 and S3 Control, whose rule sets alone have S3 parameters, have a setting of
/// their own, which takes precedence.
fn is_dual_stack(config: &Config, rules: &RuleSet) -> bool {
    let mut built_ins = rules.parameters().iter().filter_map(|it| it.built_in);
    let s3_setting = config.s3.use_dualstack_endpoint.filter(|_| built_ins.any(|it| it.starts_with("AWS::S3")));
    s3_setting.or(config.use_dual_stack).unwrap_or(false)
}

impl RedirectContext {
    /// Resolves the endpoint of the call before the redirect.
    pub(crate) fn original_endpoint(&self, client: &ClientState) -> Result<Arc<Endpoint>> {
        let rules = client.service.rules.get()?;
        evaluate(client, rules, Params::clone(&self.params), self.explicit_url).map(|it| it.1)
    }

    /// The bucket of the call.
    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Resolves the endpoint of the same call in another region.
    pub(crate) fn endpoint_in_region(&self, client: &ClientState, region: &str) -> Result<Arc<Endpoint>> {
        let rules = client.service.rules.get()?;
        let mut params = Params::clone(&self.params);
        set_region(rules, &mut params, region.to_owned())?;
        evaluate(client, rules, params, self.explicit_url).map(|it| it.1)
    }
}

fn set_region(rules: &RuleSet, params: &mut Params<'_>, region: String) -> Result<()> {
    match rules.parameters().iter().find(|it| it.built_in == Some("AWS::Region")) {
        Some(parameter) => params.set(parameter, region).map_err(Error::from),
        None => Ok(()),
    }
}

/// The value of a built-in parameter from the settings, as botocore binds them (`args.py`).
fn built_in_param<'a>(
    config: &'a Config,
    name: &str,
    url: Option<&'a str>,
    path_style_override: Option<bool>,
) -> Option<Param<'a>> {
    let s3 = &config.s3;
    let accelerate = s3.use_accelerate_endpoint.unwrap_or(false);
    match name {
        "AWS::Region" => config.region.as_deref().map(Param::from),
        "SDK::Endpoint" => url.map(Param::from),
        // An explicit URL cannot be combined with FIPS, nor with dual-stack.
        "AWS::UseFIPS" => Some((url.is_none() && config.use_fips.unwrap_or(false)).into()),
        "AWS::S3::Accelerate" => Some(accelerate.into()),
        "AWS::S3::ForcePathStyle" => {
            Some(path_style_override.unwrap_or_else(|| bucket::path_style(s3, url.is_some())).into())
        }
        "AWS::S3::UseGlobalEndpoint" => Some((s3.us_east_1_regional_endpoint == Some(RegionalEndpoint::Legacy)).into()),
        // The rule set knows which regions used the global host only.
        "AWS::STS::UseGlobalEndpoint" => Some((config.sts_regional_endpoints == RegionalEndpoint::Legacy).into()),
        "AWS::S3::UseArnRegion" => Some(s3.use_arn_region.unwrap_or(true).into()),
        "AWS::S3Control::UseArnRegion" => Some(s3.use_arn_region.unwrap_or(false).into()),
        "AWS::S3::DisableMultiRegionAccessPoints" => Some(s3.disable_multiregion_access_points.unwrap_or(false).into()),
        "AWS::Auth::AccountIdEndpointMode" => Some(config.account_id_endpoint_mode.as_str().into()),
        _ => None,
    }
}

/// Sets the parameters that the operation fixes and those of its input. Fixed values win, as in botocore
/// (`regions.py`).
fn operation_params<'a>(
    rules: &RuleSet,
    plan: &OperationPlan,
    input: StructureView<'a>,
    params: &mut Params<'a>,
) -> Result<()> {
    for member in &input.shape().members {
        if let Some(parameter) = member.context.and_then(|it| rules.parameter(it))
            && let Some(value) = input.get(member)
        {
            match value {
                View::String(value) => params.set(parameter, value),
                View::Bool(value) => params.set(parameter, value),
                _ => Ok(()),
            }
            .map_err(Error::from)?;
        }
    }
    for (name, expression) in &plan.input_params {
        if let Some(parameter) = rules.parameter(name) {
            let found = expression.evaluate(TypedTree::from_structure(input)).map_err(|it| {
                let why = format!("cannot read endpoint parameter {name} from the input");
                Error::new(ErrorKind::Endpoint, why).with_source(it)
            })?;
            params.set(parameter, param_from_node(&found)).map_err(Error::from)?;
        }
    }
    for (name, text) in &plan.static_params {
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
    Ok(())
}

/// The result of an expression as a parameter: a list of strings, a string or a bool. Anything else is unset.
fn param_from_node<'a>(found: &Node<'_, TypedTree<'_>>) -> Param<'a> {
    if let Some(flag) = found.as_bool() {
        return flag.into();
    }
    match found.array_len() {
        Some(len) => {
            let string = |index| found.element(index)?.as_str().map(str::to_owned);
            (0..len).map(string).collect::<Option<Vec<String>>>().into()
        }
        None => found.as_str().map(str::to_owned).into(),
    }
}

/// Fetches the credentials if the endpoint depends on their account ID; `None` if it does not, or if they are there. Endpoint resolution does
/// not wait, so it uses cached credentials; an error of the provider is reported when the call is signed.
///
/// Without a region there is no endpoint: the call fails for that reason, and nothing is fetched for it.
pub(crate) fn prefetch_account_id<'a>(
    client: &'a ClientState,
    options: &'a Options,
    deadline: Deadline,
) -> Option<BoxFuture<'a, Result<()>>> {
    let rules = client.service.rules.get().ok()?;
    let config = client.config().ok()?;
    options.region.as_ref().or(config.region.as_ref())?;
    let is_needed = rules.parameters().iter().any(|it| it.built_in == Some("AWS::Auth::AccountId"))
        && config.account_id_endpoint_mode != AccountIdEndpointMode::Disabled
        && options.endpoint_url.is_none()
        && client.endpoint_url().is_ok_and(|it| it.is_none());
    let provider = options.credentials_provider(client).ok().filter(|it| is_needed && it.cached().is_none())?;
    Some(Box::pin(async move { deadline.credentials(provider).await.map(drop) }))
}

/// The account ID of the cached credentials: those of the call, else of the session.
fn account_id(client: &ClientState, of_call: Option<&dyn ProvideCredentials>) -> Option<String> {
    let provider = match of_call {
        Some(provider) => provider,
        None => &**client.session.credentials().ok()?,
    };
    (!provider.is_anonymous()).then(|| provider.cached())??.account_id().map(str::to_owned)
}

fn lacks_region(rules: &RuleSet, params: &Params<'_>) -> bool {
    let region = rules.parameters().iter().find(|it| it.built_in == Some("AWS::Region"));
    region.is_some_and(|it| matches!(params.get(it), Param::Unset))
}

fn no_region() -> Error {
    Error::new(
        ErrorKind::Config,
        "no region: set it with `Session::builder().region(..)`, the environment variable `AWS_REGION`, or `region` in the \
         profile",
    )
}
