//! Glacier: an account that goes without saying, the version in a header, hashes of what is uploaded.

use super::{Fixup, add, add_to_all, input, note, note_member};
use crate::model::{Models, Shape, Special};

pub(super) const FIXUPS: &[Fixup] = &[
    Fixup {
        name: "glacier-account",
        reason: "`-` stands for the account that signs; botocore fills it in (`inject_account_id`)",
        apply: account,
    },
    Fixup {
        name: "glacier-version",
        reason: "Glacier refuses requests that do not say which version of it they mean; botocore does \
                 (`add_glacier_version`)",
        apply: version,
    },
    Fixup {
        name: "glacier-tree-hash",
        reason: "uploads want the SHA-256 of the body and its tree hash in headers; botocore computes both \
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
            note_member(member, "<p>Default: <code>-</code>, the account whose credentials sign the request.</p>");
            structure.required.retain(|it| it != MEMBER);
        }
        changed |= add(models, &operation, Special::Default { member: MEMBER.into(), text: "-".into() });
    }
    changed
}

fn version(models: &mut Models) -> bool {
    let value = models.service.metadata.api_version.clone();
    add_to_all(models, &Special::Header { name: "x-amz-glacier-version".into(), value })
}

fn tree_hash(models: &mut Models) -> bool {
    ["UploadArchive", "UploadMultipartPart"].iter().all(|it| {
        note(input(models, it), "checksum", "<p>The SDK computes it, unless you give it.</p>")
            && add(models, it, Special::TreeHash)
    })
}
