//! DynamoDB and its streams: a value of an item is one of ten kinds, and calls are repeated sooner, which the models do not say.

use super::{Fixup, retries};
use crate::model::{Models, ShapeKind};

pub(super) const FIXUPS: &[Fixup] = &[
    Fixup { name: "dynamodb-attribute-value", reason: REASON, apply: attribute_value },
    Fixup {
        name: "dynamodb-retries",
        reason: RETRIES,
        apply: |models| {
            let legacy = "legacy-codes=ReplicatedWriteConflictException";
            retries(models, &["attempts=4", "base=25", "legacy-attempts=10", "legacy-base=50", legacy])
        },
    },
];

pub(super) const STREAMS: &[Fixup] = &[
    Fixup { name: "dynamodbstreams-attribute-value", reason: REASON, apply: attribute_value },
    Fixup {
        name: "dynamodbstreams-retries",
        reason: RETRIES,
        apply: |models| retries(models, &["attempts=4", "base=25"]),
    },
];

const RETRIES: &str = "DynamoDB is expected to answer within milliseconds, so it is asked again sooner and more often; botocore \
                       has that in its code (`standard.py`) and in `_retry.json`";

const REASON: &str = "an `AttributeValue` is a value of one data type, so exactly one member is set; the model has a plain \
                      structure, which would let a value be of none or of several types";

fn attribute_value(models: &mut Models) -> bool {
    match models.service.shapes.get_mut("AttributeValue").map(|it| &mut it.kind) {
        Some(ShapeKind::Structure(it)) if !it.union => {
            it.union = true;
            true
        }
        _ => false,
    }
}
