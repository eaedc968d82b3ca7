//! EC2: copies of snapshots, user data, console output, one name for filters, limits, EC2-Classic, and tags of
//! resources.

use super::{Fixup, add, document, input, max_elements, names, output, user_data};
use crate::model::{
    Action, Constant, Customization, Deprecation, IdentifierSource, IdentifierTarget, Models, ParameterSource,
    Recoding, Request, RequestParameter, ResponseResource,
};

pub(super) const FIXUPS: &[Fixup] = &[
    Fixup {
        name: "ec2-presigned-url",
        reason: "copying a snapshot from another region requires a presigned URL of the same operation there; botocore \
                 adds it (`inject_presigned_url_ec2`), with the client's region in DestinationRegion",
        apply: presigned_url,
    },
    Fixup {
        name: "ec2-user-data",
        reason: "RunInstances expects user data in base64; botocore encodes it, but not that of launch templates \
                 (`base64_encode_user_data`)",
        apply: |models| user_data::bytes(models, "RunInstances"),
    },
    Fixup {
        name: "ec2-console-output",
        reason: "console output is returned in base64; botocore decodes it (`decode_console_output`)",
        apply: console_output,
    },
    Fixup {
        name: "ec2-filters",
        reason: "five operations have a member `Filter` that all others name `Filters`; boto3 documents it as \
                 `Filters` (`ParameterAlias`)",
        apply: filters,
    },
    Fixup {
        name: "ec2-batch-limit",
        reason: "a request may name 1,000 instances or resources, which the model says in prose only (TerminateInstances: \
                 \"Up to 1000 instance IDs\", CreateTags: \"Up to 1000 resource IDs\")",
        apply: |models| {
            max_elements(models, "InstanceIdStringList", 1000) && max_elements(models, "ResourceIdList", 1000)
        },
    },
    Fixup {
        name: "ec2-classic",
        reason: "the operations of EC2-Classic are deprecated, which the model says in prose only; AWS retired it on \
                 2022-08-15 (\"EC2-Classic Networking is Retiring\", AWS News Blog)",
        apply: classic_operations,
    },
];

pub(super) const RESOURCES: &[Fixup] = &[
    Fixup {
        name: "ec2-instance-delete-tags",
        reason: "boto3 adds `delete_tags` to instances, next to the `create_tags` of the model \
                 (`boto3/ec2/deletetags.py`)",
        apply: delete_tags,
    },
    Fixup {
        name: "ec2-create-tags",
        reason: "`create_tags` of the service returns a tag for each resource and tag of the request; boto3 does so in \
                 code (`boto3/ec2/createtags.py`)",
        apply: create_tags,
    },
    Fixup {
        name: "ec2-tag-of-resource",
        reason: "a tag is loaded by its key and value only, so its data may belong to a tag of another resource",
        apply: tag_of_resource,
    },
    Fixup {
        name: "ec2-classic-address",
        reason: "there have been no addresses of EC2-Classic since AWS retired it on 2022-08-15",
        apply: classic_address,
    },
];

/// What users of EC2-Classic read.
fn classic() -> Deprecation {
    Deprecation { message: Some("AWS retired EC2-Classic on 2022-08-15.".to_owned()), since: None }
}

fn classic_operations(models: &mut Models) -> bool {
    const OPERATIONS: [&str; 12] = [
        "AttachClassicLinkVpc",
        "DescribeClassicLinkInstances",
        "DescribeMovingAddresses",
        "DescribeVpcClassicLink",
        "DescribeVpcClassicLinkDnsSupport",
        "DetachClassicLinkVpc",
        "DisableVpcClassicLink",
        "DisableVpcClassicLinkDnsSupport",
        "EnableVpcClassicLink",
        "EnableVpcClassicLinkDnsSupport",
        "MoveAddressToVpc",
        "RestoreAddressToClassic",
    ];
    let mut deprecate = |name| {
        let operation = models.service.operations.get_mut(name);
        operation.is_some_and(|it| it.deprecated.replace(classic()).is_none())
    };
    OPERATIONS.map(&mut deprecate).iter().all(|new| *new)
}

fn classic_address(models: &mut Models) -> bool {
    let address = models.resources.as_mut().and_then(|it| it.resources.get_mut("ClassicAddress"));
    address.is_some_and(|it| it.deprecated.replace(classic()).is_none())
}

fn create_tags(models: &mut Models) -> bool {
    let Some(resources) = &mut models.resources else { return false };
    let Some(action) = resources.service.actions.get_mut("CreateTags") else { return false };
    let identifier = |target: &str, path: &str| IdentifierTarget {
        target: target.to_owned(),
        source: IdentifierSource::RequestParameter(path.to_owned()),
    };
    let identifiers = vec![
        identifier("ResourceId", "Resources[]"),
        identifier("Key", "Tags[].Key"),
        identifier("Value", "Tags[].Value"),
    ];
    let tags = ResponseResource { kind: "Tag".to_owned(), identifiers, path: None };
    action.resource.replace(tags).is_none()
}

fn tag_of_resource(models: &mut Models) -> bool {
    let tag = models.resources.as_mut().and_then(|it| it.resources.get_mut("Tag"));
    let Some(load) = tag.and_then(|it| it.load.as_mut()) else { return false };
    let parameter = |target: &str, source| RequestParameter { target: target.to_owned(), source };
    let name = ParameterSource::Constant(Constant::String("resource-id".to_owned()));
    let parameters = &mut load.request.parameters;
    let new = parameters.iter().all(|it| it.source != name);
    if new {
        parameters.push(parameter("Filters[2].Name", name));
        let id = ParameterSource::Identifier("ResourceId".to_owned());
        parameters.push(parameter("Filters[2].Values[0]", id));
    }
    new
}

fn delete_tags(models: &mut Models) -> bool {
    let instance = models.resources.as_mut().and_then(|it| it.resources.get_mut("Instance"));
    let Some(actions) = instance.map(|it| &mut it.actions) else { return false };
    let Some(parameters) = actions.get("CreateTags").map(|it| it.request.parameters.clone()) else { return false };
    let request = Request { operation: "DeleteTags".to_owned(), parameters };
    let new = !actions.contains_key("DeleteTags");
    actions.entry("DeleteTags".to_owned()).or_insert(Action { request, resource: None, path: None });
    new
}

fn presigned_url(models: &mut Models) -> bool {
    const OPERATION: &str = "CopySnapshot";
    let customization = Customization::PresignedUrl {
        url: "PresignedUrl".into(),
        source: "SourceRegion".into(),
        destination: Some("DestinationRegion".into()),
    };
    for member in ["PresignedUrl", "DestinationRegion"] {
        document(input(models, OPERATION), member, "<p>Filled by the SDK.</p>");
    }
    add(models, OPERATION, customization)
}

fn console_output(models: &mut Models) -> bool {
    const OPERATION: &str = "GetConsoleOutput";
    document(output(models, OPERATION), "Output", "<p>The SDK decodes the base64.</p>");
    add(models, OPERATION, Customization::ReadAs(Recoding::Base64, "Output".into()))
}

fn filters(models: &mut Models) -> bool {
    const OPERATIONS: [&str; 5] = [
        "DescribeFlowLogs",
        "DescribeHostReservationOfferings",
        "DescribeHostReservations",
        "DescribeHosts",
        "DescribeNatGateways",
    ];
    OPERATIONS.map(|operation| names::rename(models, operation, "Filter", "Filters")).iter().all(|renamed| *renamed)
}
