//! Glacier: a default account, the API version in a header, hashes of uploads.

use super::{Fixup, add, add_to_all, document, document_member, input};
use crate::model::{Customization, Models, Shape};

pub(super) const FIXUPS: &[Fixup] = &[
    Fixup {
        name: "glacier-account",
        reason: "`-` stands for the account whose credentials sign; botocore fills it in (`inject_account_id`)",
        apply: account,
    },
    Fixup {
        name: "glacier-version",
        reason: "Glacier rejects requests without its API version in a header; botocore sends it \
                 (`add_glacier_version`)",
        apply: version,
    },
    Fixup {
        name: "glacier-tree-hash",
        reason: "uploads require the SHA-256 of the body and its tree hash in headers; botocore computes both \
                 (`add_glacier_checksums`)",
        apply: tree_hash,
    },
];

fn account(models: &mut Models) -> bool {
    const MEMBER: &str = "accountId";
    let inputs: Vec<(String, String)> = models
        .service
        .operations
        .iter()
        .filter_map(|(name, operation)| Some((name.clone(), operation.input.as_ref()?.shape.clone())))
        .collect();
    let mut changed = false;
    for (operation, shape) in inputs {
        let structure = models.service.shapes.get_mut(&shape).and_then(Shape::structure_mut);
        let Some(structure) = structure else { continue };
        let Some(member) = structure.members.get_mut(MEMBER) else { continue };
        if structure.required.iter().any(|it| it == MEMBER) {
            document_member(member, "<p>Default: <code>-</code>, the account whose credentials sign the request.</p>");
            structure.required.retain(|it| it != MEMBER);
        }
        changed |= add(models, &operation, Customization::Default { member: MEMBER.into(), value: "-".into() });
    }
    changed
}

fn version(models: &mut Models) -> bool {
    let value = models.service.metadata.api_version.clone();
    add_to_all(models, &Customization::Header { name: "x-amz-glacier-version".into(), value })
}

fn tree_hash(models: &mut Models) -> bool {
    ["UploadArchive", "UploadMultipartPart"].iter().all(|operation| {
        document(input(models, operation), "checksum", "<p>Computed by the SDK if not set.</p>")
            && add(models, operation, Customization::TreeHash)
    })
}
