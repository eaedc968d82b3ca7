//! DynamoDB and its streams: the value of an attribute has one of ten types, and requests are retried sooner; the
//! models say neither.

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

const RETRIES: &str = "DynamoDB is expected to respond within milliseconds, so its requests are retried sooner and \
                       more often; botocore does so in code (`standard.py`) and in `_retry.json`";

const REASON: &str = "an `AttributeValue` has one data type, so exactly one member is set; the model has a plain \
                      structure, which would allow a value without a type or with several";

fn attribute_value(models: &mut Models) -> bool {
    match models.service.shapes.get_mut("AttributeValue").map(|it| &mut it.kind) {
        Some(ShapeKind::Structure(structure)) if !structure.union => {
            structure.union = true;
            true
        }
        _ => false,
    }
}
