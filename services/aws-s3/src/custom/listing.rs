//! Keys in listings: asked for in URL encoding, since XML cannot hold every key, and decoded again.

use aws_core::codegen::{Member, Open, Shape, StructureMut, Value, View, percent};

use super::input::{put, text};

const OPERATIONS: [&str; 3] = ["ListObjects", "ListObjectsV2", "ListObjectVersions"];

/// Members that hold a key or a part of one, in the answer itself and in the elements of its lists.
const KEYS: [&str; 8] =
    ["Key", "Prefix", "Delimiter", "Marker", "NextMarker", "KeyMarker", "NextKeyMarker", "StartAfter"];
const LISTS: [&str; 4] = ["Contents", "CommonPrefixes", "Versions", "DeleteMarkers"];

/// Asks for the encoding, unless the caller did: then decoding is theirs too.
pub(super) fn ask_for_encoding(operation: &str, input: &mut StructureMut<'_>) -> bool {
    OPERATIONS.contains(&operation)
        && text(input, "EncodingType").is_none()
        && put(input, "EncodingType", "url".to_owned())
}

/// Decodes, if the service did encode: some stores ignore the wish.
pub(super) fn decode(output: &mut StructureMut<'_>) {
    if text(output, "EncodingType").as_deref() != Some("url") {
        return;
    }
    decode_keys(output, &keys(output.shape()));
    for name in LISTS {
        let Some(member) = output.shape().member(name) else { continue };
        if output.view().get(member).is_none() {
            continue;
        }
        if let Open::List(mut list) = output.slot(member).open() {
            let mut members = None;
            for index in 0..list.len() {
                if let Some(Open::Structure(mut element)) = list.get(index).map(|it| it.open()) {
                    let members = members.get_or_insert_with(|| keys(element.shape()));
                    decode_keys(&mut element, members);
                }
            }
        }
    }
}

fn keys(shape: &'static Shape) -> Vec<&'static Member> {
    shape.members.iter().filter(|it| KEYS.contains(&it.name)).collect()
}

fn decode_keys(it: &mut StructureMut<'_>, keys: &[&'static Member]) {
    for key in keys {
        let decoded = match it.view().get(key) {
            Some(View::String(text)) if text.contains(['%', '+']) => percent::decode_form(text).into_owned(),
            _ => continue,
        };
        it.slot(key).put(Value::String(decoded));
    }
}
