//! Glacier: a default account, also of resources, the API version in a header, hashes of uploads.

use super::{Fixup, add, add_to_all, document, document_member, input};
use crate::model::{Customization, IdentifierSource, IdentifierTarget, Models, ResponseResource, Shape};

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

pub(super) const RESOURCES: &[Fixup] = &[Fixup {
    name: "glacier-default-account",
    reason: "`create_vault` and `vaults` of the service are those of the account `-`, whose credentials sign; so are the \
             resources that it creates from identifiers. Those of another account are created from its `Account`",
    apply: default_account,
}];

fn default_account(models: &mut Models) -> bool {
    const IDENTIFIER: &str = "AccountId";
    let Some(resources) = &mut models.resources else { return false };
    let mut changed = false;
    for (name, resource) in &resources.resources {
        if resource.identifiers.iter().all(|it| it.name != IDENTIFIER) || resources.service.has.contains_key(name) {
            continue;
        }
        let identifiers = resource.identifiers.iter().map(|identifier| IdentifierTarget {
            target: identifier.name.clone(),
            source: match identifier.name.as_str() {
                IDENTIFIER => IdentifierSource::Constant("-".to_owned()),
                _ => IdentifierSource::Input,
            },
        });
        let described = ResponseResource { kind: name.clone(), identifiers: identifiers.collect(), path: None };
        resources.service.has.insert(name.clone(), described);
        changed = true;
    }
    changed
}

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
