//! Combines two inputs as boto3's collections do (`merge_dicts` with `append_lists`): what a resource fills in, and
//! what its user sets. Knows no resource and no wire format.

use super::copy::{copy, copy_structure, copy_value};
use super::layout::{SchemaType, StructureMut, StructureView, View};
use super::shape::Kind;

/// Adds the members of `from` to `into`: lists are appended, maps and structures merged, and everything else is
/// replaced. Members that are absent in `from` stay as they are.
pub fn merge<T: SchemaType>(into: &mut T, mut from: T) {
    let mut merged = copy(into);
    append(StructureView::new(&from), StructureMut::new(&mut merged));
    let mut target = StructureMut::new(&mut from);
    for (member, value) in StructureView::new(&merged).members() {
        // A stream cannot be copied; it stays in `from`, since a resource fills in none.
        if !matches!(member.node.kind, Kind::Stream | Kind::Events(_)) {
            target.clear(member);
            copy_value(value, target.slot(member));
        }
    }
    *into = from;
}

/// As [`merge`], for structures that only their description knows; streams are left out.
pub fn append(from: StructureView<'_>, into: StructureMut<'_>) {
    copy_structure(from, into);
}

/// The first list of a structure that is present and empty, by the name of its member.
///
/// In a request that lists, an empty list of ids or filters does not narrow anything: the service takes it for an
/// absent one and returns everything.
pub fn empty_list<T: SchemaType>(input: &T) -> Option<&'static str> {
    let is_empty = |value| matches!(value, View::List(list) if list.is_empty());
    StructureView::new(input).members().find(|(_, value)| is_empty(*value)).map(|(member, _)| member.name)
}

#[cfg(test)]
mod tests {
    #![allow(unsafe_code, reason = "descriptions of the structures here")]

    use std::collections::BTreeMap;

    use super::*;
    use crate::generated::{plain_structure, streaming_structure};
    use crate::types::ByteStream;

    #[repr(C)]
    struct Inner {
        name: Option<String>,
        values: Option<Vec<String>>,
    }
    plain_structure!(Inner, unsafe { "Name:str; Values:*" }, [Option<Vec<String>>]);

    #[repr(C)]
    struct Input {
        key: Option<String>,
        filters: Option<Vec<Inner>>,
        tags: Option<BTreeMap<String, String>>,
        nested: Option<Inner>,
        body: Option<ByteStream>,
    }
    streaming_structure!(Input, unsafe { "Key:str; Filters:*; Tags:*; Nested:*; Body:stream? @payload" }, [Option<Vec<Inner>>, Option<BTreeMap<String, String>>, Option<Inner>]);

    fn inner(name: &str, values: &[&str]) -> Inner {
        Inner { name: Some(name.to_owned()), values: Some(values.iter().map(|it| (*it).to_owned()).collect()) }
    }

    fn tags(names: &[&str]) -> Option<BTreeMap<String, String>> {
        Some(names.iter().map(|it| ((*it).to_owned(), (*it).to_uppercase())).collect())
    }

    #[tokio::test]
    async fn lists_are_appended_maps_merged_and_scalars_replaced() {
        let mut into = Input {
            key: Some("automatic".to_owned()),
            filters: Some(vec![inner("vpc-id", &["vpc-1"])]),
            tags: tags(&["a", "b"]),
            nested: Some(inner("name", &["1"])),
            body: None,
        };
        let from = Input {
            key: Some("explicit".to_owned()),
            filters: Some(vec![inner("state", &["running"])]),
            tags: tags(&["c"]),
            nested: Some(Inner { name: None, values: Some(vec!["2".to_owned()]) }),
            body: Some(ByteStream::from("content")),
        };
        merge(&mut into, from);
        assert_eq!(into.key.as_deref(), Some("explicit"));
        assert!(into.filters == Some(vec![inner("vpc-id", &["vpc-1"]), inner("state", &["running"])]));
        assert_eq!(into.tags, tags(&["a", "b", "c"]));
        assert!(into.nested == Some(inner("name", &["1", "2"])));
        let body = into.body.expect("a body").collect().await.expect("bytes");
        assert_eq!(&*body.into_bytes(), b"content");
    }

    #[test]
    fn absent_members_change_nothing() {
        let mut into = Input { filters: Some(vec![inner("vpc-id", &["vpc-1"])]), ..Input::default() };
        merge(&mut into, Input::default());
        assert!(into.filters == Some(vec![inner("vpc-id", &["vpc-1"])]));
        assert_eq!((into.key, into.tags), (None, None));
        assert!(into.nested.is_none());
        assert!(into.body.is_none());
    }

    #[test]
    fn a_list_that_is_present_and_empty_is_found() {
        assert_eq!(empty_list(&Input::default()), None);
        assert_eq!(empty_list(&Input { filters: Some(vec![inner("a", &[])]), ..Input::default() }), None);
        assert_eq!(empty_list(&Input { filters: Some(Vec::new()), ..Input::default() }), Some("Filters"));
    }
}
