//! User data of instances: any bytes, which travel in base64, though the models say that it is text.

use super::{Fixup, input, note};
use crate::model::{Blob, Models, ShapeKind};

pub(super) const AUTOSCALING: &[Fixup] = &[Fixup {
    name: "autoscaling-user-data",
    reason: "launch configurations take user data in base64; botocore encodes it (`base64_encode_user_data`)",
    apply: |models| bytes(models, "CreateLaunchConfiguration"),
}];

/// The shape that the member gets: that of the model is one of answers too, which are handed out as they come.
const NAME: &str = "UserDataBytes";

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
    note(input(models, operation), "UserData", warning)
}
