//! Copies from another region (RDS, Neptune, DocumentDB): the request carries a presigned URL of the same operation in
//! the source region, which proves that the caller may read the source there. botocore adds it
//! (`inject_presigned_url_rds`).

use super::{Fixup, add, document, input};
use crate::model::{Customization, Models};

const REASON: &str = "a copy from another region is rejected without a presigned URL of the same operation there; \
                      botocore adds it if SourceRegion is set, and does not send SourceRegion, which the service does \
                      not know";

pub(super) const RDS: &[Fixup] = &[Fixup {
    name: "rds-presigned-url",
    reason: REASON,
    apply: |models| {
        const OPERATIONS: [&str; 5] = [
            "CopyDBClusterSnapshot",
            "CopyDBSnapshot",
            "CreateDBCluster",
            "CreateDBInstanceReadReplica",
            "StartDBInstanceAutomatedBackupsReplication",
        ];
        presign(models, &OPERATIONS)
    },
}];

pub(super) const NEPTUNE: &[Fixup] =
    &[Fixup { name: "neptune-presigned-url", reason: REASON, apply: |models| presign(models, &CLUSTERS) }];

pub(super) const DOCDB: &[Fixup] =
    &[Fixup { name: "docdb-presigned-url", reason: REASON, apply: |models| presign(models, &CLUSTERS) }];

const CLUSTERS: [&str; 2] = ["CopyDBClusterSnapshot", "CreateDBCluster"];

fn presign(models: &mut Models, operations: &[&str]) -> bool {
    let customization =
        Customization::PresignedUrl { url: "PreSignedUrl".into(), source: "SourceRegion".into(), destination: None };
    operations.iter().fold(true, |all, operation| {
        let html = "<p>Filled by the SDK if <code>SourceRegion</code> is set.</p>";
        let documented = document(input(models, operation), "PreSignedUrl", html);
        add(models, operation, customization.clone()) && documented && all
    })
}
