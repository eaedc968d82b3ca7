//! `make!` and setters: what they accept makes the structure that the long literal makes.

use std::collections::{BTreeMap, HashMap};

use aws_core::{ByteStream, Bytes, List, Map, make};
use aws_dynamodb::item;
use aws_dynamodb::types::{self, AttributeValue, KeySchemaElement, KeysAndAttributes, TransactWriteItem};
use aws_s3::types::{Delete, LifecycleRule, ObjectIdentifier, StorageClass, Tag, Tagging};

use super::session;

fn tag(key: &str, value: Option<&str>) -> Tag {
    Tag { key: Some(key.to_owned()), value: value.map(str::to_owned), ..Default::default() }
}

#[test]
fn a_literal_is_the_structure_written_at_length() {
    let (key, value) = ("a".to_owned(), Some("b"));
    assert_eq!(make!(Tag { key: "a", value: "b" }), tag("a", Some("b")));
    assert_eq!(make!(Tag { key: &key, value }), tag("a", Some("b")));
    assert_eq!(make!(Tag { key, value: None::<String> }), tag("a", None));
    assert_eq!(make!(aws_s3::types::Tag { value: "b", ..tag("a", None) }), tag("a", Some("b")));
    assert_eq!(make!(Tag {}), Tag::default());
    let expect = Tagging { tag_set: [tag("a", Some("b")), tag("c", None)].into(), ..Default::default() };
    assert_eq!(make!(Tagging { tag_set: [Tag { key: "a", value: "b" }, Tag { key: "c" }] }), expect);
    assert_eq!(make!(Tagging { tag_set: [tag("a", value), make!(Tag { key: "c" })] }), expect);
    let tags = vec![tag("a", value), tag("c", None)];
    assert_eq!(make!(Tagging { tag_set: &tags }), expect);
    assert_eq!(make!(Tagging { tag_set: tags.into_iter().filter(|it| it.key.is_some()) }), expect);
    assert!(make!(Tagging { tag_set: None::<Vec<Tag>> }).tag_set.is_absent());
    assert!(!make!(Tagging { tag_set: [] }).tag_set.is_absent());
}

#[test]
fn literals_nest_as_deeply_as_structures_do() {
    let rule = make!(LifecycleRule {
        id: "logs",
        status: "Enabled",
        filter: aws_s3::types::LifecycleRuleFilter { prefix: "logs/", object_size_greater_than: 5_000_000_000 },
        transitions: [aws_s3::types::Transition { days: 30, storage_class: StorageClass::GLACIER.as_str() }],
        expiration: aws_s3::types::LifecycleExpiration { days: 365 },
    });
    let filter = rule.filter.expect("a filter");
    assert_eq!((filter.prefix.as_deref(), filter.object_size_greater_than), (Some("logs/"), Some(5_000_000_000)));
    assert_eq!(rule.transitions[0].days, Some(30));
    assert_eq!(rule.expiration.and_then(|it| it.days), Some(365));
    let names: Vec<String> = (0..300).map(|it| it.to_string()).collect();
    let delete = make!(Delete {
        objects: names.iter().map(|it| make!(aws_s3::types::ObjectIdentifier { key: it })),
        quiet: true,
    });
    assert_eq!(delete.objects.len(), 300);
}

#[test]
fn unions_and_maps_of_unions_are_written_plainly() {
    assert_eq!(make!(AttributeValue::S("a")), AttributeValue::S("a".to_owned()));
    assert_eq!(
        make!(AttributeValue::L(["a", 5])),
        AttributeValue::from(["a".into(), AttributeValue::from(5)].to_vec())
    );
    let write = make!(TransactWriteItem {
        put: types::Put {
            table_name: "t",
            item: { "id" => "a", "n" => 5, "deep" => { "list" => ["x", 1.5, true, ()], "bytes" => b"b" } },
        },
    });
    let put = write.put.expect("a put");
    let n = |text: &str| AttributeValue::N(text.to_owned());
    let list = vec!["x".into(), n("1.5"), AttributeValue::Bool(true), AttributeValue::Null(true)];
    let deep = Map::from([
        ("bytes".to_owned(), AttributeValue::from(b"b")),
        ("list".to_owned(), AttributeValue::L(list.into())),
    ]);
    let expect = [("id", "a".into()), ("n", n("5")), ("deep", AttributeValue::M(deep))];
    assert_eq!(put.item, Map::from(expect.map(|(key, value)| (key.to_owned(), value))));
    let keys = make!(KeysAndAttributes { keys: [item! { "id" => 1 }, item! { "id" => 2 }] });
    assert_eq!(keys.keys[1]["id"].as_number(), Some(2));
}

#[test]
fn setters_take_what_callers_have_and_none_leaves_the_member_out() {
    let s3 = aws_s3::Client::new(&session());
    let prefix = "p".to_owned();
    let set = |value: Option<String>| s3.list_objects_v2("b").prefix(value).as_ref().input().prefix.clone();
    assert_eq!((set(None), set(Some("p".to_owned()))), (None, Some("p".to_owned())));
    let optional = Some(prefix.clone());
    for request in [
        s3.list_objects_v2("b").prefix("p"),
        s3.list_objects_v2("b").prefix(&prefix),
        s3.list_objects_v2("b").prefix(prefix.clone()),
        s3.list_objects_v2("b").prefix(Some("p")),
        s3.list_objects_v2("b").prefix(Some(&prefix)),
        s3.list_objects_v2("b").prefix(&optional),
        s3.list_objects_v2("b").prefix(std::borrow::Cow::from("p")),
    ] {
        assert_eq!(request.as_ref().input().prefix.as_deref(), Some("p"));
    }
    assert_eq!(s3.list_objects_v2("b").max_keys(5).max_keys(None::<i32>).as_ref().input().max_keys, None);
    assert_eq!(s3.list_objects_v2("b").max_keys(Some(5)).as_ref().input().max_keys, Some(5));
    let put = |request: aws_s3::Request<aws_s3::operation::PutObject>| request.as_ref().input().storage_class.clone();
    for request in [
        s3.put_object("b", "k").storage_class("GLACIER"),
        s3.put_object("b", "k").storage_class(StorageClass::GLACIER),
        s3.put_object("b", "k").storage_class(Some("GLACIER")),
        s3.put_object("b", "k").storage_class(Some(StorageClass::GLACIER)),
        s3.put_object("b", "k").storage_class("GLACIER".to_owned()),
    ] {
        assert_eq!(put(request), Some(StorageClass::GLACIER));
    }
    for request in [
        s3.put_object("b", "k").metadata([("a", "1"), ("b", "2")]),
        s3.put_object("b", "k").metadata(HashMap::from([("a", 1), ("b", 2)]).iter().map(|(k, v)| (*k, v.to_string()))),
        s3.put_object("b", "k").metadata(BTreeMap::from([("a".to_owned(), "1"), ("b".to_owned(), "2")])),
        s3.put_object("b", "k").metadata(Some(vec![("a", "1"), ("b", "2")])),
    ] {
        assert_eq!(request.as_ref().input().metadata["b"], "2");
    }
    assert!(s3.put_object("b", "k").metadata(None::<Vec<(String, String)>>).as_ref().input().metadata.is_absent());
    for request in [
        s3.put_object("b", "k").body("x"),
        s3.put_object("b", "k").body(Some("x")),
        s3.put_object("b", "k").body(b"x"),
        s3.put_object("b", "k").body(vec![b'x']),
        s3.put_object("b", "k").body(ByteStream::from("x")),
    ] {
        assert_eq!(request.as_ref().input().body.as_ref().and_then(ByteStream::as_bytes).map(|it| it.len()), Some(1));
    }
}

#[tokio::test]
#[expect(clippy::needless_borrows_for_generic_args, reason = "borrowed values are among what is taken")]
async fn arguments_take_what_setters_take() {
    let (s3, dynamodb) = (aws_s3::Client::new(&session()), aws_dynamodb::Client::new(&session()));
    let (key, optional) = ("k".to_owned(), Some("k".to_owned()));
    for request in [
        s3.get_object("b", "k"),
        s3.get_object("b", 'k'),
        s3.get_object("b", &&*key),
        s3.get_object("b", &key),
        s3.get_object("b", &&key),
        s3.get_object("b", key.clone()),
        s3.get_object("b", std::borrow::Cow::from("k")),
        s3.get_object("b", Some("k")),
        s3.get_object("b", &optional),
    ] {
        assert_eq!(request.as_ref().input().key.as_deref(), Some("k"));
    }
    for request in [s3.upload_part("b", "k", 5, "id"), s3.upload_part("b", "k", &5, "id")] {
        assert_eq!(request.as_ref().input().part_number, Some(5));
    }
    let delete = make!(Delete { quiet: true, objects: [ObjectIdentifier { key: "k" }] });
    for request in [
        s3.delete_objects("b", &delete),
        s3.delete_objects("b", Some(&delete)),
        aws_s3_resource::S3::new(&session()).bucket(&key).delete_objects(&delete),
        s3.delete_objects("b", delete.clone()),
    ] {
        assert_eq!(request.as_ref().input().delete.as_ref(), Some(&delete));
    }
    let item = item! { "id" => "a" };
    for request in [
        dynamodb.put_item("t", &item),
        dynamodb.put_item("t", Some(&item)),
        dynamodb.put_item("t", [("id", "a")]),
        dynamodb.put_item("t", vec![("id".to_owned(), "a")]),
        dynamodb.put_item("t", BTreeMap::from([("id", "a")])),
        dynamodb.put_item("t", &HashMap::from([("id".to_owned(), AttributeValue::from("a"))])),
        dynamodb.put_item("t", item.clone()),
    ] {
        assert_eq!(request.as_ref().input().item, item);
    }
    let tags = [make!(types::Tag { key: "a", value: "b" })];
    for request in [
        dynamodb.tag_resource("arn", &tags),
        dynamodb.tag_resource("arn", tags.iter()),
        dynamodb.tag_resource("arn", tags.to_vec()),
        dynamodb.tag_resource("arn", make!([types::Tag { key: "a", value: "b" }])),
    ] {
        assert_eq!(request.as_ref().input().tags, tags);
    }
    // A required member that is missing after all is found before anything is sent.
    let error = s3.get_object("b", None::<String>).send().await.expect_err("no key");
    assert_eq!((error.kind(), error.to_string().contains("Key")), (aws_core::ErrorKind::Validation, true), "{error}");
}

#[test]
fn a_list_or_map_of_structures_needs_no_type() {
    let dynamodb = aws_dynamodb::Client::new(&session());
    let expect = [make!(types::KeySchemaElement { attribute_name: "id", key_type: "HASH" })];
    let request =
        dynamodb.create_table("t").key_schema(make!([KeySchemaElement { attribute_name: "id", key_type: "HASH" },]));
    assert_eq!(request.as_ref().input().key_schema, expect);
    let list: List<KeySchemaElement> = make!([types::KeySchemaElement { attribute_name: "id", key_type: "HASH" }]);
    assert_eq!(list, expect);
    let keys = make!({ "t" => KeysAndAttributes { consistent_read: true }, "u" => types::KeysAndAttributes {} });
    let request = dynamodb.batch_get_item(keys);
    let items = &request.as_ref().input().request_items;
    assert_eq!((items.len(), items["t"].consistent_read), (2, Some(true)));
    // Others take their type from outside, or are arrays.
    let names: Vec<String> = make!(["a", "b"]);
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn lists_are_collected_from_anything_that_iterates() {
    let dynamodb = aws_dynamodb::Client::new(&session());
    let names = ["a".to_owned(), "b".to_owned()];
    for request in [
        dynamodb.query("t").attributes_to_get(["a", "b"]),
        dynamodb.query("t").attributes_to_get(&names),
        dynamodb.query("t").attributes_to_get(names.to_vec()),
        dynamodb.query("t").attributes_to_get(&names[..]),
        dynamodb.query("t").attributes_to_get(names.iter()),
        dynamodb.query("t").attributes_to_get(Some(names.clone())),
        dynamodb.query("t").attributes_to_get("a,b".split(',')),
        dynamodb.query("t").attributes_to_get(["a", "b", "c"].iter().take(2)),
        dynamodb.query("t").attributes_to_get(List::from(names.clone())),
    ] {
        assert_eq!(request.as_ref().input().attributes_to_get, ["a", "b"]);
    }
    let element = make!(KeySchemaElement { attribute_name: "id", key_type: "HASH" });
    let request = dynamodb.update_table("t").as_ref().input().clone();
    assert!(request.attribute_definitions.is_absent());
    assert_eq!(element.key_type.as_ref().map(|it| it.as_str()), Some("HASH"));
}

#[test]
fn attribute_values_come_from_and_go_to_types_of_rust() {
    #[track_caller]
    fn check(value: impl Into<AttributeValue>, expect: AttributeValue) {
        assert_eq!(value.into(), expect);
    }
    let n = |text: &str| AttributeValue::N(text.to_owned());
    check("a", AttributeValue::S("a".to_owned()));
    check("a".to_owned(), AttributeValue::S("a".to_owned()));
    check(i64::MIN, n("-9223372036854775808"));
    check(u128::MAX, n("340282366920938463463374607431768211455"));
    check(0.1, n("0.1"));
    check(true, AttributeValue::Bool(true));
    check((), AttributeValue::Null(true));
    check(vec![1_u8, 2], AttributeValue::B(Bytes::from_static(&[1, 2]).into()));
    check(b"ab", AttributeValue::B(Bytes::from_static(b"ab").into()));
    check(vec![1, 2], AttributeValue::L([n("1"), n("2")].into()));
    check(["a"], AttributeValue::L(["a".into()].into()));
    check([("a", 1)], AttributeValue::M(Map::from([("a".to_owned(), n("1"))])));
    check(HashMap::from([("a", 1)]), AttributeValue::M(Map::from([("a".to_owned(), n("1"))])));

    let item = item! { "s" => "a", "n" => 5, "on" => true, "b" => b"x", "l" => [1], "m" => { "x" => 1 }, "none" => () };
    assert_eq!((item["s"].as_s(), item["s"].as_n(), item["n"].as_n()), (Some("a"), None, Some("5")));
    assert_eq!((item["n"].as_number(), item["n"].as_number::<u8>()), (Some(5_i64), Some(5)));
    assert_eq!((item["on"].as_bool(), item["b"].as_b().map(|it| it.len())), (Some(true), Some(1)));
    assert_eq!(item["l"].as_l().map(|it| it[0].as_number()), Some(Some(1)));
    assert_eq!(item["m"].as_m().map(|it| it["x"].as_number()), Some(Some(1)));
    assert!(item["none"].is_null() && !item["s"].is_null());
    assert_eq!(AttributeValue::Ss(["a".to_owned()].into()).as_ss().map(<[_]>::len), Some(1));
}

#[test]
fn dynamodb_and_its_streams_have_the_same_attribute_values() {
    let read = |name: &str| {
        let path = tests::suite::workspace().join("services").join(name).join("src/custom/attribute_value.rs");
        std::fs::read_to_string(path).expect("a file")
    };
    assert_eq!(read("aws-dynamodb"), read("aws-dynamodbstreams"));
}
