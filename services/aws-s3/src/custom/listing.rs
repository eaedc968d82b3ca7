//! Keys in listings: asked for in URL encoding, since XML cannot hold every key, and decoded again.

use aws_core::codegen::{Open, StructureMut, Value, percent};

use super::input::{put, text};

const OPERATIONS: [&str; 3] = ["ListObjects", "ListObjectsV2", "ListObjectVersions"];

/// Members that hold a key or a part of one, in the answer itself and in the elements of its lists.
const KEYS: [&str; 8] =
    ["Key", "Prefix", "Delimiter", "Marker", "NextMarker", "KeyMarker", "NextKeyMarker", "StartAfter"];
const LISTS: [&str; 4] = ["Contents", "CommonPrefixes", "Versions", "DeleteMarkers"];

/// Asks for the encoding, unless the caller did: then decoding is theirs too.
pub(super) fn ask_for_encoding(operation: &str, input: &mut StructureMut<'_>) -> bool {
    OPERATIONS.contains(&operation) && text(input, "EncodingType").is_none() && put(input, "EncodingType", "url".to_owned())
}

/// Decodes, if the service did encode: some stores ignore the wish.
pub(super) fn decode(output: &mut StructureMut<'_>) {
    if text(output, "EncodingType").as_deref() != Some("url") {
        return;
    }
    decode_keys(output);
    for name in LISTS {
        let Some(member) = output.shape().member(name) else { continue };
        if output.view().get(member).is_none() {
            continue;
        }
        if let Open::List(mut list) = output.slot(member).open() {
            for index in 0..list.len() {
                if let Some(Open::Structure(mut element)) = list.get(index).map(|it| it.open()) {
                    decode_keys(&mut element);
                }
            }
        }
    }
}

fn decode_keys(it: &mut StructureMut<'_>) {
    for name in KEYS {
        let Some(encoded) = text(it, name).filter(|it| it.contains(['%', '+'])) else { continue };
        if let Some(member) = it.shape().member(name) {
            it.slot(member).put(Value::String(percent::decode_form(&encoded).into_owned()));
        }
    }
}
