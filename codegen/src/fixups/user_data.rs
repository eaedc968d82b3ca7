//! User data of instances, which travel in base64 and which people write as text.

use super::{Fixup, add, input, note};
use crate::model::{Models, Recoding, Special};

pub(super) const AUTOSCALING: &[Fixup] = &[Fixup {
    name: "autoscaling-user-data",
    reason: "launch configurations take user data in base64; botocore encodes it (`base64_encode_user_data`)",
    apply: |models| encode(models, "CreateLaunchConfiguration"),
}];

pub(super) fn encode(models: &mut Models, operation: &str) -> bool {
    let warning = "<p><b>The SDK encodes this value in base64. Do not encode it yourself.</b></p>";
    note(input(models, operation), "UserData", warning)
        && add(models, operation, Special::Sent(Recoding::Base64, "UserData".into()))
}
