//! Where a call goes: parameters of the endpoint rules from settings, from the operation and from its input.

use std::sync::Arc;

use super::core::Core;
use crate::config::{AddressingStyle, Config, RegionalEndpoint};
use crate::endpoint::{Endpoint, Param, Params, RuleSet};
use crate::error::{Error, ErrorKind, Result};
use crate::operation::Plan;
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
    place: String,
}

/// The endpoint of a call.
pub(crate) fn resolve(core: &Core, plan: &Plan, input: StructureView<'_>) -> Result<Address> {
    let rules = core.service.rules.get()?;
    let config = core.config()?;
    let url = config.endpoint_url(core.service.id)?;
    let custom = core.service.custom;
    let path_style = custom.and_then(|it| it.path_style(plan.name, input));
    let mut params = rules.params();
    for parameter in rules.parameters() {
        if let Some(name) = parameter.built_in
            && let Some(value) = built_in(name, config, url, path_style)
        {
            params.set(parameter, value).map_err(Error::from)?;
        }
    }
    operation_params(rules, plan, input, &mut params)?;
    if params_lack_region(rules, &params) {
        return Err(no_region());
    }
    let mut way = None;
    if let Some(place) = custom.and_then(|it| it.place(input)) {
        if let Some(region) = core.learned_region(&place) {
            set_region(rules, &mut params, region)?;
        }
        way = Some(Way { params: params.clone().into_owned(), place });
    }
    Ok(Address { endpoint: core.endpoint(rules, params)?, given_url: url.is_some(), way })
}

impl Way {
    /// The endpoint of the same call in another region, which is remembered for the calls to come.
    pub(crate) fn elsewhere(&self, core: &Core, region: &str) -> Result<Arc<Endpoint>> {
        let rules = core.service.rules.get()?;
        let mut params = self.params.clone();
        set_region(rules, &mut params, region.to_owned())?;
        core.learn_region(&self.place, region);
        core.endpoint(rules, params)
    }
}

fn set_region(rules: &RuleSet, params: &mut Params<'_>, region: String) -> Result<()> {
    match rules.parameters().iter().find(|it| it.built_in == Some("AWS::Region")) {
        Some(parameter) => params.set(parameter, region).map_err(Error::from),
        None => Ok(()),
    }
}

/// What the settings give to a built-in parameter, as botocore binds them (`args.py`).
fn built_in<'a>(name: &str, config: &'a Config, url: Option<&'a str>, path_style: Option<bool>) -> Option<Param<'a>> {
    let s3 = &config.s3;
    let accelerate = s3.use_accelerate_endpoint.unwrap_or(false);
    match name {
        "AWS::Region" => config.region.as_deref().map(Param::from),
        "SDK::Endpoint" => url.map(Param::from),
        // A URL that is given cannot be combined with either.
        "AWS::UseFIPS" => Some((url.is_none() && config.use_fips.unwrap_or(false)).into()),
        "AWS::UseDualStack" => {
            let s3 = s3.use_dualstack_endpoint.unwrap_or(false);
            Some((url.is_none() && config.use_dual_stack.unwrap_or(s3)).into())
        }
        "AWS::S3::Accelerate" => Some(accelerate.into()),
        "AWS::S3::ForcePathStyle" => Some(Param::from(match s3.addressing_style {
            _ if path_style.is_some() => path_style == Some(true),
            _ if accelerate => false,
            Some(AddressingStyle::Path) => true,
            Some(AddressingStyle::Virtual) => false,
            Some(AddressingStyle::Auto) | None => url.is_some(),
        })),
        "AWS::S3::UseGlobalEndpoint" => Some((s3.us_east_1_regional_endpoint == Some(RegionalEndpoint::Legacy)).into()),
        "AWS::S3::UseArnRegion" | "AWS::S3Control::UseArnRegion" => Some(s3.use_arn_region.unwrap_or(true).into()),
        "AWS::S3::DisableMultiRegionAccessPoints" => Some(s3.disable_multiregion_access_points.unwrap_or(false).into()),
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
    for (name, text) in &plan.statics {
        if let Some(parameter) = rules.parameter(name) {
            let value = match *text {
                "true" => Param::from(true),
                "false" => Param::from(false),
                text => Param::from(text),
            };
            params.set(parameter, value).map_err(Error::from)?;
        }
    }
    // Sessions of S3 Express are not made; its buckets then take ordinary signatures.
    if let Some(parameter) = rules.parameter("DisableS3ExpressSessionAuth") {
        params.set(parameter, true).map_err(Error::from)?;
    }
    Ok(())
}

fn params_lack_region(rules: &RuleSet, params: &Params<'_>) -> bool {
    let region = rules.parameters().iter().find(|it| it.built_in == Some("AWS::Region"));
    region.is_some_and(|it| matches!(params.get(it), Param::Unset))
}

fn no_region() -> Error {
    Error::new(
        ErrorKind::Config,
        "no region: give one to Session::builder().region(..), in AWS_REGION, or as `region` of the profile",
    )
}
