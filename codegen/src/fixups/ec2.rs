//! EC2: copies of snapshots, user data, console output, one name for filters, and `delete_tags` of instances.

use super::{Fixup, add, document, input, names, output, user_data};
use crate::model::{Action, Customization, Models, Recoding, Request};

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
];

pub(super) const RESOURCES: &[Fixup] = &[Fixup {
    name: "ec2-instance-delete-tags",
    reason: "boto3 adds `delete_tags` to instances, next to the `create_tags` of the model (`boto3/ec2/deletetags.py`)",
    apply: delete_tags,
}];

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
