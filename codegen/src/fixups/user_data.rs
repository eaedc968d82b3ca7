//! User data of instances: arbitrary bytes, encoded in base64 on the wire, although the models declare a string.

use super::{Fixup, document, input};
use crate::model::{Blob, Models, ShapeKind};

pub(super) const AUTOSCALING: &[Fixup] = &[Fixup {
    name: "autoscaling-user-data",
    reason: "launch configurations expect user data in base64; botocore encodes it (`base64_encode_user_data`)",
    apply: |models| bytes(models, "CreateLaunchConfiguration"),
}];

/// The new shape of the member. The model's shape stays a string, since outputs use it too, and those are not decoded.
const NAME: &str = "UserDataBytes";

/// Changes `UserData` of the operation's input from a string to bytes; false if it is no string.
pub(super) fn bytes(models: &mut Models, operation: &str) -> bool {
    let warning = "<p><b>The SDK encodes this value in base64. Do not encode it yourself.</b></p>";
    let named = input(models, operation).and_then(|it| it.members.get("UserData")).map(|it| it.shape.clone());
    let Some(mut shape) = named.and_then(|it| models.service.shapes.get(&it).cloned()) else { return false };
    if !matches!(shape.kind, ShapeKind::String(_)) || models.service.shapes.contains_key(NAME) {
        return false;
    }
    shape.name = NAME.to_owned();
    shape.kind = ShapeKind::Blob(Blob::default());
    models.service.shapes.insert(NAME.to_owned(), shape);
    if let Some(member) = input(models, operation).and_then(|it| it.members.get_mut("UserData")) {
        member.shape = NAME.to_owned();
    }
    document(input(models, operation), "UserData", warning)
}
