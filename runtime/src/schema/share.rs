//! Copies the members that two structures have in common, by name and type: what one operation's input or output says,
//! for another operation that works on the same thing. Knows no operation.

use super::copy::copy_value;
use super::layout::{SchemaType, StructureMut, StructureView};
use super::shape::{Kind, Node};

/// Copies to `to` each member of `from` that is present, if `to` has a member of the same name and type. Members that `to`
/// has already are replaced; streams are left out, since they cannot be copied.
///
/// It makes the requests of a multipart upload out of one `PutObjectInput`, say, and goes on to do so when a new release of
/// the models adds a member to both.
pub fn copy_shared<A: SchemaType, B: SchemaType>(from: &A, to: &mut B) {
    let mut to = StructureMut::new(to);
    for (member, value) in StructureView::new(from).members() {
        let target = to.shape().members.iter().find(|it| it.name == member.name);
        if let Some(target) = target.filter(|it| is_same(&it.node, &member.node)) {
            to.clear(target);
            copy_value(value, to.slot(target));
        }
    }
}

/// A new value with the members that it shares with `from`, as [`copy_shared`] copies them.
pub fn shared_members<A: SchemaType, B: SchemaType + Default>(from: &A) -> B {
    let mut value = B::default();
    copy_shared(from, &mut value);
    value
}

/// Whether values of both nodes have the same type, and can be copied.
fn is_same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Stream | Kind::Events(_), _) => false,
        (Kind::Structure(a), Kind::Structure(b)) => std::ptr::eq(a.get(), b.get()),
        (Kind::List(a), Kind::List(b)) => is_same(&a.element, &b.element),
        (Kind::Map(a), Kind::Map(b)) => is_same(&a.value, &b.value),
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

#[cfg(test)]
mod tests {
    #![allow(unsafe_code, reason = "descriptions of the structures here")]

    use super::*;
    use crate::generated::streaming_structure;
    use crate::types::{ByteStream, Map};

    #[repr(C)]
    struct Put {
        body: Option<ByteStream>,
        key: Option<String>,
        tags: Map<String, String>,
        size: Option<i64>,
        only_here: Option<String>,
    }
    streaming_structure!(Put, unsafe { "Body:stream?; Key:str; Tags:{str}; Size:i64; OnlyHere:str" });

    #[repr(C)]
    struct Create {
        size: Option<i32>,
        tags: Map<String, String>,
        key: Option<String>,
        id: Option<String>,
        body: Option<ByteStream>,
    }
    streaming_structure!(Create, unsafe { "Size:i32; Tags:{str}; Key:str; Id:str; Body:stream?" });

    #[test]
    fn members_of_the_same_name_and_type_are_copied() {
        let put = Put {
            body: Some("text".into()),
            key: Some("a".into()),
            tags: Map::from([("x".into(), "y".into())]),
            size: Some(5),
            only_here: Some("b".into()),
        };
        let mut create = Create { key: Some("before".into()), id: Some("kept".into()), ..Create::default() };
        copy_shared(&put, &mut create);
        assert_eq!((create.key.as_deref(), create.id.as_deref()), (Some("a"), Some("kept")));
        assert_eq!(create.tags, put.tags);
        assert!(create.size.is_none() && create.body.is_none(), "another type, and a stream");
        copy_shared(&Put::default(), &mut create);
        assert_eq!(create.key.as_deref(), Some("a"), "what is absent replaces nothing");
    }
}
