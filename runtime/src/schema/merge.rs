//! Combines two inputs as boto3's collections do (`merge_dicts` with `append_lists`): what a resource fills in, and
//! what its user sets. Knows no resource and no wire format.

use std::sync::Arc;

use super::copy::{copy, copy_value, equal_options};
use super::layout::{ListMut, ListView, MapMut, MapView, Open, SchemaType, Slot, StructureMut, StructureView, View};
use super::shape::{Kind, Member};

/// Lists, by the names of their members, all of whose elements get the members of the first element that was filled in.
///
/// botocore's target `MetricData[].MetricName` is one: every datum that a caller adds belongs to the metric.
pub type Each = &'static [&'static str];

/// Adds the members of `from` to `into`: lists are appended, maps and structures merged, and everything else is
/// replaced. Members that are absent in `from` stay as they are, and so do elements of a list that `from` repeats.
pub fn merge<T: SchemaType>(into: &mut T, mut from: T, each: Each) {
    let mut merged = T::default();
    combine(StructureView::new(into), StructureView::new(&from), each, StructureMut::new(&mut merged));
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

/// As [`merge`], for structures that only their description knows, into a third one; streams are left out.
pub fn combine(automatic: StructureView<'_>, explicit: StructureView<'_>, each: &[&str], mut to: StructureMut<'_>) {
    if to.shape().union {
        // A union has one member: the caller's, if there is one.
        let is_set = explicit.unknown().is_some() || explicit.members().next().is_some();
        return super::copy::copy_structure(if is_set { explicit } else { automatic }, to);
    }
    for member in to.shape().members.iter() {
        combine_member(member, automatic.get(member), explicit.get(member), each, &mut to);
    }
}

fn combine_member(
    member: &'static Member,
    automatic: Option<View<'_>>,
    explicit: Option<View<'_>>,
    each: &[&str],
    to: &mut StructureMut<'_>,
) {
    match (automatic, explicit) {
        (None, None) => {}
        (Some(value), None) | (None, Some(value)) => copy_value(value, to.slot(member)),
        (Some(automatic), Some(explicit)) => {
            combine_values(automatic, explicit, each.contains(&member.name), to.slot(member));
        }
    }
}

fn combine_values(automatic: View<'_>, explicit: View<'_>, each: bool, to: Slot<'_>) {
    match (automatic, explicit) {
        (View::Structure(automatic), View::Structure(explicit)) => {
            if let Open::Structure(to) = to.open() {
                combine(automatic, explicit, &[], to);
            }
        }
        (View::List(automatic), View::List(explicit)) => {
            if let Open::List(to) = to.open() {
                match automatic.get(0) {
                    Some(first) if each && !explicit.is_empty() => combine_each(first, explicit, to),
                    _ => combine_lists(automatic, explicit, to),
                }
            }
        }
        (View::Map(automatic), View::Map(explicit)) => {
            if let Open::Map(to) = to.open() {
                combine_maps(automatic, explicit, to);
            }
        }
        (_, explicit) => copy_value(explicit, to),
    }
}

fn combine_each(automatic: View<'_>, explicit: ListView<'_>, mut to: ListMut<'_>) {
    for element in explicit.iter() {
        let slot = to.push();
        if let Some(element) = element {
            combine_values(automatic, element, false, slot);
        }
    }
}

fn combine_lists(automatic: ListView<'_>, explicit: ListView<'_>, mut to: ListMut<'_>) {
    let is_repeated = |element: &Option<View<'_>>| explicit.iter().any(|it| equal_options(*element, it));
    for element in automatic.iter().filter(|it| !is_repeated(it)).chain(explicit.iter()) {
        let slot = to.push();
        if let Some(element) = element {
            copy_value(element, slot);
        }
    }
}

fn combine_maps(automatic: MapView<'_>, explicit: MapView<'_>, mut to: MapMut<'_>) {
    let done = automatic.try_each(|key, value| {
        if !explicit.contains(key) {
            let slot = to.insert(key.to_owned());
            if let Some(value) = value {
                copy_value(value, slot);
            }
        }
        Ok::<(), std::convert::Infallible>(())
    });
    done.unwrap_or_default();
    let done = explicit.try_each(|key, value| {
        let slot = to.insert(key.to_owned());
        match (automatic.get(key), value) {
            (Some(automatic), Some(value)) => combine_values(automatic, value, false, slot),
            (None, Some(value)) => copy_value(value, slot),
            (_, None) => {}
        }
        Ok::<(), std::convert::Infallible>(())
    });
    done.unwrap_or_default();
}

/// Members that a request still has when it is sent, whatever its caller set: each is merged with the caller's, as by
/// [`merge`].
#[derive(Clone)]
pub struct Kept(Arc<dyn Keep>);

trait Keep: Send + Sync {
    fn restore(&self, input: StructureMut<'_>);
    fn each(&self) -> Each;
}

struct Members<T> {
    input: T,
    each: Each,
}

impl Kept {
    /// Keeps the members that `input` has now.
    pub fn new<T: SchemaType + Send + Sync>(input: &T, each: Each) -> Self {
        Self(Arc::new(Members { input: copy(input), each }))
    }

    /// Merges the members into those of `input`.
    pub fn restore(&self, input: StructureMut<'_>) {
        self.0.restore(input);
    }

    /// The lists whose elements all get the members of the first.
    pub fn each(&self) -> Each {
        self.0.each()
    }
}

impl<T: SchemaType + Send + Sync> Keep for Members<T> {
    fn restore(&self, mut input: StructureMut<'_>) {
        let mut merged = T::default();
        let mut to = StructureMut::new(&mut merged);
        for (member, value) in StructureView::new(&self.input).members() {
            combine_member(member, Some(value), input.view().get(member), self.each, &mut to);
        }
        for (member, value) in StructureView::new(&merged).members() {
            input.clear(member);
            copy_value(value, input.slot(member));
        }
    }

    fn each(&self) -> Each {
        self.each
    }
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

    use super::*;
    use crate::generated::{plain_structure, streaming_structure};
    use crate::types::{ByteStream, List, Map};

    #[repr(C)]
    struct Inner {
        name: Option<String>,
        values: List<String>,
    }
    plain_structure!(Inner, unsafe { "Name:str; Values:*" }, [List<String>]);

    #[repr(C)]
    struct Input {
        key: Option<String>,
        filters: List<Inner>,
        tags: Map<String, String>,
        nested: Option<Inner>,
        body: Option<ByteStream>,
    }
    streaming_structure!(Input, unsafe { "Key:str; Filters:*; Tags:*; Nested:*; Body:stream? @payload" }, [List<Inner>, Map<String, String>, Option<Inner>]);

    fn inner(name: &str, values: &[&str]) -> Inner {
        Inner { name: Some(name.to_owned()), values: values.iter().map(|it| (*it).to_owned()).collect() }
    }

    fn tags(names: &[&str]) -> Map<String, String> {
        names.iter().map(|it| ((*it).to_owned(), (*it).to_uppercase())).collect()
    }

    #[tokio::test]
    async fn lists_are_appended_maps_merged_and_scalars_replaced() {
        let mut into = Input {
            key: Some("automatic".to_owned()),
            filters: [inner("vpc-id", &["vpc-1"])].into(),
            tags: tags(&["a", "b"]),
            nested: Some(inner("name", &["1"])),
            body: None,
        };
        let from = Input {
            key: Some("explicit".to_owned()),
            filters: [inner("state", &["running"])].into(),
            tags: tags(&["c"]),
            nested: Some(Inner { name: None, values: ["2".to_owned()].into() }),
            body: Some(ByteStream::from("content")),
        };
        merge(&mut into, from, &[]);
        assert_eq!(into.key.as_deref(), Some("explicit"));
        assert!(into.filters == [inner("vpc-id", &["vpc-1"]), inner("state", &["running"])]);
        assert_eq!(into.tags, tags(&["a", "b", "c"]));
        assert!(into.nested == Some(inner("name", &["1", "2"])));
        let body = into.body.expect("a body").collect().await.expect("bytes");
        assert_eq!(&*body.into_bytes(), b"content");
    }

    fn values<'a>(filters: &'a [Inner]) -> Vec<(Option<&'a str>, Vec<&'a str>)> {
        let values = |it: &'a Inner| it.values.iter().map(String::as_str).collect();
        filters.iter().map(|it| (it.name.as_deref(), values(it))).collect()
    }

    #[test]
    fn what_is_kept_is_merged_with_what_the_caller_set_instead() {
        #[track_caller]
        fn check(each: Each, explicit: Option<Vec<Inner>>, expect: &[(Option<&str>, &[&str])]) {
            let mut input = Input { key: Some("k".to_owned()), filters: [inner("n", &[])].into(), ..Input::default() };
            let kept = Kept::new(&input, each);
            input.filters = explicit.into();
            // A second time changes nothing: a call may be cloned and sent again.
            kept.restore(StructureMut::new(&mut input));
            kept.restore(StructureMut::new(&mut input));
            assert_eq!(input.key.as_deref(), Some("k"));
            let found = input.filters;
            let expect: Vec<_> = expect.iter().map(|(name, values)| (*name, values.to_vec())).collect();
            assert_eq!(values(&found), expect);
        }
        let unnamed = || Inner { name: None, values: ["v".to_owned()].into() };
        check(&[], None, &[(Some("n"), &[])]);
        check(&[], Some(vec![inner("n", &[])]), &[(Some("n"), &[])]);
        check(&[], Some(vec![inner("other", &["v"])]), &[(Some("n"), &[]), (Some("other"), &["v"])]);
        check(&[], Some(vec![unnamed()]), &[(Some("n"), &[]), (None, &["v"])]);
        check(&["Filters"], None, &[(Some("n"), &[])]);
        check(&["Filters"], Some(Vec::new()), &[(Some("n"), &[])]);
        check(&["Filters"], Some(vec![unnamed(), unnamed()]), &[(Some("n"), &["v"]), (Some("n"), &["v"])]);
        check(&["Filters"], Some(vec![inner("other", &["v"])]), &[(Some("other"), &["v"])]);
    }

    #[test]
    fn absent_members_change_nothing() {
        let mut into = Input { filters: [inner("vpc-id", &["vpc-1"])].into(), ..Input::default() };
        merge(&mut into, Input::default(), &[]);
        assert!(into.filters == [inner("vpc-id", &["vpc-1"])]);
        assert_eq!((into.key, into.tags.is_absent()), (None, true));
        assert!(into.nested.is_none());
        assert!(into.body.is_none());
    }

    #[test]
    fn a_list_that_is_present_and_empty_is_found() {
        assert_eq!(empty_list(&Input::default()), None);
        assert_eq!(empty_list(&Input { filters: [inner("a", &[])].into(), ..Input::default() }), None);
        assert_eq!(empty_list(&Input { filters: List::empty(), ..Input::default() }), Some("Filters"));
    }
}
