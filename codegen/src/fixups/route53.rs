//! Route 53: ids, which responses return with a path prefix and requests require without it.

use super::{Fixup, add, input};
use crate::model::{Customization, Models, Recoding};

pub(super) const FIXUPS: &[Fixup] = &[Fixup {
    name: "route53-ids",
    reason: "responses return a zone's id as `/hostedzone/Z1`, and request URIs require `Z1`; botocore sends only what \
             follows the last slash, so that ids of responses can be used in requests (`fix_route53_ids`)",
    apply: ids,
}];

fn ids(models: &mut Models) -> bool {
    let operations: Vec<String> = models.service.operations.keys().cloned().collect();
    let mut changed = false;
    for operation in operations {
        let members: Vec<String> = input(models, &operation)
            .into_iter()
            .flat_map(|it| &it.members)
            .filter(|(_, member)| matches!(member.shape.as_str(), "ResourceId" | "DelegationSetId" | "ChangeId"))
            .map(|(name, _)| name.clone())
            .collect();
        for member in members {
            changed |= add(models, &operation, Customization::SendAs(Recoding::Tail, member));
        }
    }
    changed
}
