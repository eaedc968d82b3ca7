//! Copies from another region (RDS, Neptune, DocumentDB): the service there wants to see that the caller may read what is
//! copied, and is shown the same call signed for it. botocore signs it (`inject_presigned_url_rds`).

use super::{Fixup, add, input, note};
use crate::model::{Models, Special};

const REASON: &str = "a copy from another region is refused without a URL that makes the same call there; botocore adds it \
                      where SourceRegion is given, and does not send SourceRegion, which the service does not know";

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
    let special =
        Special::PresignedUrl { url: "PreSignedUrl".into(), source: "SourceRegion".into(), destination: None };
    operations.iter().fold(true, |all, operation| {
        let filled = "<p>Filled by the SDK when <code>SourceRegion</code> is given.</p>";
        let noted = note(input(models, operation), "PreSignedUrl", filled);
        add(models, operation, special.clone()) && noted && all
    })
}
