//! DynamoDB and its streams: a value of an item is one of ten kinds, which the models do not say.

use super::Fixup;
use crate::model::{Models, ShapeKind};

pub(super) const FIXUPS: &[Fixup] =
    &[Fixup { name: "dynamodb-attribute-value", reason: REASON, apply: attribute_value }];

pub(super) const STREAMS: &[Fixup] =
    &[Fixup { name: "dynamodbstreams-attribute-value", reason: REASON, apply: attribute_value }];

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
