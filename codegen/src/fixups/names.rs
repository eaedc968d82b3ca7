//! Members that boto3 documents under another name than the model's. On the wire they keep the model's.

use super::{Fixup, input};
use crate::model::Models;

pub(super) const LOGS: &[Fixup] = &[Fixup {
    name: "logs-from-time",
    reason: "a setter or an argument named `from` would hide `From::from` and does not say that it is a time; boto3 \
             documents it as `fromTime` (`ParameterAlias`)",
    apply: |models| rename(models, "CreateExportTask", "from", "fromTime"),
}];

/// Renames a member of an operation's input, in the examples too; false if there is no such member, or the new name is
/// taken.
pub(super) fn rename(models: &mut Models, operation: &str, from: &str, to: &str) -> bool {
    let Some(structure) = input(models, operation) else { return false };
    if structure.members.contains_key(to) {
        return false;
    }
    let Some((index, _, mut member)) = structure.members.shift_remove_full(from) else { return false };
    member.location_name.get_or_insert_with(|| from.to_owned());
    structure.members.shift_insert(index, to.to_owned(), member);
    for name in structure.required.iter_mut().chain(&mut structure.payload).filter(|it| *it == from) {
        to.clone_into(name);
    }
    let examples = models.examples.examples.get_mut(operation).into_iter().flatten();
    for object in examples.filter_map(|it| it.input.as_mut()?.as_object_mut()) {
        if let Some(value) = object.remove(from) {
            object.insert(to.to_owned(), value);
        }
    }
    true
}
