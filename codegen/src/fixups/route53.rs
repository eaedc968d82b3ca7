//! Route 53: ids, which its answers give with a path before them and its requests want without.

use super::{Fixup, add, input};
use crate::model::{Models, Recoding, Special};

pub(super) const FIXUPS: &[Fixup] = &[Fixup {
    name: "route53-ids",
    reason: "answers name a zone `/hostedzone/Z1`, and the URI of a request wants `Z1`; botocore cuts ids at their last \
             slash, so that one answer can be the next request (`fix_route53_ids`)",
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
            changed |= add(models, &operation, Special::Sent(Recoding::Tail, member));
        }
    }
    changed
}
