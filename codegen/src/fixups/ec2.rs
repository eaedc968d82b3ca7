//! EC2: copies of snapshots, user data, console output, and filters with one name.

use super::{Fixup, add, input, names, note, output, user_data};
use crate::model::{Action, Models, Recoding, Request, Special};

pub(super) const FIXUPS: &[Fixup] = &[
    Fixup {
        name: "ec2-presigned-url",
        reason: "a snapshot of another region is copied only with a URL that makes the same call there; botocore adds it \
                 (`inject_presigned_url_ec2`), with the region of the call in DestinationRegion",
        apply: presigned_url,
    },
    Fixup {
        name: "ec2-user-data",
        reason: "RunInstances takes user data in base64; botocore encodes it, though not that of launch templates \
                 (`base64_encode_user_data`)",
        apply: |models| user_data::bytes(models, "RunInstances"),
    },
    Fixup {
        name: "ec2-console-output",
        reason: "the console's output comes in base64; botocore decodes it (`decode_console_output`)",
        apply: console_output,
    },
    Fixup {
        name: "ec2-filters",
        reason: "five operations call `Filter` what all others call `Filters`; boto3 documents them by that name too \
                 (`ParameterAlias`)",
        apply: filters,
    },
];

pub(super) const RESOURCES: &[Fixup] = &[Fixup {
    name: "ec2-instance-delete-tags",
    reason: "boto3 gives instances a `delete_tags` beside the `create_tags` of its description (`boto3/ec2/deletetags.py`)",
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
    let special = Special::PresignedUrl {
        url: "PresignedUrl".into(),
        source: "SourceRegion".into(),
        destination: Some("DestinationRegion".into()),
    };
    for member in ["PresignedUrl", "DestinationRegion"] {
        note(input(models, OPERATION), member, "<p>Filled by the SDK.</p>");
    }
    add(models, OPERATION, special)
}

fn console_output(models: &mut Models) -> bool {
    const OPERATION: &str = "GetConsoleOutput";
    note(output(models, OPERATION), "Output", "<p>The SDK decodes it.</p>");
    add(models, OPERATION, Special::Read(Recoding::Base64, "Output".into()))
}

fn filters(models: &mut Models) -> bool {
    const OPERATIONS: [&str; 5] = [
        "DescribeFlowLogs",
        "DescribeHostReservationOfferings",
        "DescribeHostReservations",
        "DescribeHosts",
        "DescribeNatGateways",
    ];
    OPERATIONS.map(|operation| names::rename(models, operation, "Filter", "Filters")).iter().all(|it| *it)
}
