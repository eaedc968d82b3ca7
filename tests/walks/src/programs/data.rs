//! DynamoDB as a program uses it: a table, its items one by one, in batches and in transactions, queries and scans page by
//! page; items that are a structure of the program; JSON documents both ways.

use std::time::Duration;

use aws_core::{Document, List, Map, Result, make};
use aws_dynamodb::custom::Item;
use aws_dynamodb::error::{ConditionalCheckFailedException, TransactionCanceledException};
use aws_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, KeysAndAttributes, Put, PutRequest,
    ReturnValue, ReturnValuesOnConditionCheckFailure, ScalarAttributeType, Select, TableStatus, TransactGetItem,
    TransactWriteItem, Update, WriteRequest,
};
use aws_dynamodb::{Client, item};
use aws_dynamodb_resource::DynamoDB;

use crate::{on_every_server, unique_name};

/// Songs by artist and title.
async fn create_table(dynamodb: &Client, table: &str) -> Result<()> {
    let keys = [("artist", KeyType::HASH), ("title", KeyType::RANGE)];
    let string = |name| make!(AttributeDefinition { attribute_name: name, attribute_type: ScalarAttributeType::S });
    dynamodb
        .create_table(table)
        .key_schema(keys.map(|(name, kind)| make!(KeySchemaElement { attribute_name: name, key_type: kind })))
        .attribute_definitions(["artist", "title"].map(string))
        .billing_mode(BillingMode::PAY_PER_REQUEST)
        .await?;
    let waited = dynamodb.wait_table_exists(table).delay(Duration::from_millis(50)).await?;
    match waited.result?.table.expect("a table").table_status {
        Some(TableStatus::ACTIVE) => Ok(()),
        other => panic!("the waiter ended with {other:?}"),
    }
}

/// Twelve songs, in as many requests as the service wants.
async fn fill(dynamodb: &Client, table: &str) -> Result<()> {
    let put = |at: i32| {
        let song = item! { "artist" => "Abba", "title" => format!("Song {at:02}"), "year" => 1970 + at, "plays" => 0 };
        make!(WriteRequest { put_request: PutRequest { item: song } })
    };
    let mut pending = Map::from([(table.to_owned(), (0..12).map(put).collect::<List<_>>())]);
    while !pending.is_empty() {
        pending = dynamodb.batch_write_item(pending).await?.unprocessed_items;
    }
    Ok(())
}

#[tokio::test]
async fn items_are_put_read_and_changed() {
    on_every_server(async |session| {
        let dynamodb = Client::new(&session);
        let table = &unique_name();
        create_table(&dynamodb, table).await?;

        let key = item! { "artist" => "Abba", "title" => "Waterloo" };
        let song = item! {
            "artist" => "Abba",
            "title" => "Waterloo",
            "year" => 1974,
            "rating" => 4.5,
            "live" => false,
            "label" => (),
            "cover" => b"\x89PNG",
            "charts" => ["SE", "UK", { "country" => "DE", "weeks" => 12 }],
        };
        dynamodb.put_item(table, song.clone()).await?;
        let found = dynamodb.get_item(table, key.clone()).consistent_read(true).await?.item;
        assert_eq!(found, song);
        assert_eq!((found["title"].as_s(), found["year"].as_number::<u16>()), (Some("Waterloo"), Some(1974)));
        let weeks = found["charts"].as_l().and_then(|it| it.last()?.as_m()?["weeks"].as_number::<u8>());
        assert_eq!(weeks, Some(12));
        let absent = dynamodb.get_item(table, item! { "artist" => "Abba", "title" => "Hey Jude" }).await?.item;
        assert!(absent.is_empty());

        let changed = dynamodb
            .update_item(table, key)
            .update_expression("SET #label = :label ADD plays :one REMOVE cover")
            .expression_attribute_names([("#label", "label")])
            .expression_attribute_values(item! { ":label" => "Polar", ":one" => 1 })
            .return_values(ReturnValue::ALL_NEW)
            .await?
            .attributes;
        assert_eq!((changed["plays"].as_n(), changed["label"].as_s()), (Some("1"), Some("Polar")));
        assert!(!changed.contains_key("cover"));

        let taken = dynamodb
            .put_item(table, item! { "artist" => "Abba", "title" => "Waterloo" })
            .condition_expression("attribute_not_exists(artist)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::ALL_OLD)
            .await;
        match taken {
            Err(e) if e.is::<ConditionalCheckFailedException>() => {
                let old = e.get::<ConditionalCheckFailedException>().map(|it| it.item).unwrap_or_default();
                assert_eq!(old["plays"].as_number::<i32>(), Some(1));
            }
            other => panic!("{other:?}"),
        }
        dynamodb.delete_table(table).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn queries_and_scans_have_pages_and_can_go_on_later() {
    on_every_server(async |session| {
        let dynamodb = Client::new(&session);
        let table = &unique_name();
        create_table(&dynamodb, table).await?;
        fill(&dynamodb, table).await?;

        let query = dynamodb
            .query(table)
            .key_condition_expression("artist = :artist AND begins_with(title, :start)")
            .expression_attribute_values(item! { ":artist" => "Abba", ":start" => "Song 0" })
            .scan_index_forward(false);
        let songs = query.clone().items().page_size(3).try_collect().await?;
        assert_eq!(songs.len(), 10);
        assert_eq!(songs[0]["title"].as_s(), Some("Song 09"));
        let two = query.clone().items().limit(2).try_collect().await?;
        assert_eq!(two, songs[..2]);
        let count = query.select(Select::COUNT).pages().try_merge().await?.count;
        assert_eq!(count, Some(10));

        let mut pages = dynamodb.scan(table).pages().page_size(5);
        let first = pages.try_next().await?.expect("a page");
        let token = pages.resume_token().expect("there is more");
        let rest = dynamodb.scan(table).pages().starting_token(&token).try_collect().await?;
        let seen = first.items.len() + rest.iter().map(|it| it.items.len()).sum::<usize>();
        assert_eq!((first.items.len(), seen), (5, 12));

        let late = dynamodb.scan(table).pages().search("Items[?year.N >= '1980'].title.S")?.try_collect().await?;
        let mut late: Vec<_> = late.iter().filter_map(Document::as_str).collect();
        late.sort_unstable();
        assert_eq!(late, ["Song 10", "Song 11"]);

        // A parallel scan: each task has its own clone of the client.
        let segment =
            |segment| tokio::spawn(dynamodb.scan(table).segment(segment).total_segments(2).items().try_collect());
        let halves = [segment(0), segment(1)];
        let mut total = 0;
        for half in halves {
            total += half.await.expect("no panic")?.len();
        }
        assert_eq!(total, 12);
        dynamodb.delete_table(table).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn batches_and_transactions_read_and_write_several_items() {
    on_every_server(async |session| {
        let dynamodb = Client::new(&session);
        let table = &unique_name();
        create_table(&dynamodb, table).await?;
        fill(&dynamodb, table).await?;

        let key = |at: i32| item! { "artist" => "Abba", "title" => format!("Song {at:02}") };
        let keys = make!(KeysAndAttributes {
            keys: [
                { "artist" => "Abba", "title" => "Song 00" },
                { "artist" => "Abba", "title" => "Song 01" },
                { "artist" => "Abba", "title" => "no such song" },
            ],
            consistent_read: true,
        });
        let found = dynamodb.batch_get_item([(table, keys)]).await?;
        assert_eq!((found.responses[table].len(), found.unprocessed_keys.len()), (2, 0));

        let play = make!(Update {
            table_name: table,
            key: key(1),
            update_expression: "ADD plays :one",
            expression_attribute_values: { ":one" => 1 },
        });
        let add = make!(Put {
            table_name: table,
            item: { "artist" => "Abba", "title" => "Chiquitita" },
            condition_expression: "attribute_not_exists(artist)",
        });
        let both = [make!(TransactWriteItem { update: play }), make!(TransactWriteItem { put: add })];
        dynamodb.transact_write_items(both.clone()).client_request_token("once").await?;
        let again = dynamodb.transact_write_items(both).client_request_token("twice").await.expect_err("it is there");
        let reasons = again.get::<TransactionCanceledException>().expect("the exception").cancellation_reasons;
        let codes: Vec<_> = reasons.iter().map(|it| it.code.as_deref().unwrap_or_default()).collect();
        assert_eq!(codes, ["None", "ConditionalCheckFailed"]);

        let get = |at| make!(TransactGetItem { get: aws_dynamodb::types::Get { table_name: table, key: key(at) } });
        let read = dynamodb.transact_get_items([get(0), get(1)]).await?.responses;
        let plays: Vec<_> = read.iter().filter_map(|it| it.item["plays"].as_number::<i32>()).collect();
        assert_eq!(plays, [0, 1]);
        dynamodb.delete_table(table).await?;
        dynamodb.wait_table_not_exists(table).delay(Duration::from_millis(50)).max_attempts(5).await?;
        Ok(())
    })
    .await;
}

/// What the program knows of a song.
#[derive(Clone, Debug, PartialEq)]
struct Song {
    artist: String,
    title: String,
    year: u16,
    rating: Option<f64>,
    genres: Vec<String>,
}

impl From<&Song> for Item {
    fn from(song: &Song) -> Self {
        let mut item = item! {
            "artist" => &song.artist,
            "title" => &song.title,
            "year" => song.year,
            "genres" => AttributeValue::Ss(song.genres.clone().into()),
        };
        if let Some(rating) = song.rating {
            item.insert("rating".to_owned(), rating.into());
        }
        item
    }
}

impl TryFrom<Item> for Song {
    type Error = String;

    fn try_from(item: Item) -> Result<Self, String> {
        let get = |name: &str| item.get(name).ok_or(format!("no {name}"));
        let text = |name: &str| Ok::<_, String>(get(name)?.as_s().ok_or(format!("{name} is no string"))?.to_owned());
        Ok(Self {
            artist: text("artist")?,
            title: text("title")?,
            year: get("year")?.as_number().ok_or("year is no year")?,
            rating: item.get("rating").and_then(AttributeValue::as_number),
            genres: item.get("genres").and_then(AttributeValue::as_ss).unwrap_or_default().to_vec(),
        })
    }
}

#[tokio::test]
async fn a_structure_of_the_program_is_an_item() {
    on_every_server(async |session| {
        let dynamodb = Client::new(&session);
        let name = &unique_name();
        create_table(&dynamodb, name).await?;
        let song = |title: &str, rating| Song {
            artist: "Björk".into(),
            title: title.into(),
            year: 1997,
            rating,
            genres: vec!["electronic".into(), "art pop".into()],
        };
        let (jóga, bachelorette) = (song("Jóga", Some(4.75)), song("Bachelorette", None));
        dynamodb.put_item(name, Item::from(&jóga)).await?;

        // The same table as an object.
        let table = DynamoDB::new(&session).table(name);
        table.put_item(Item::from(&bachelorette)).send().await?;
        let found = table.get_item(item! { "artist" => "Björk", "title" => "Bachelorette" }).send().await?.item;
        assert_eq!(Song::try_from(Item::from(found)).map(|it| it.rating), Ok(None));

        let mut songs = Vec::new();
        let mut items = dynamodb.scan(name).items();
        while let Some(item) = items.try_next().await? {
            let mut song = Song::try_from(item).expect("a song");
            song.genres.sort_by_key(|it| it != "electronic");
            songs.push(song);
        }
        songs.sort_by(|a, b| b.title.cmp(&a.title));
        assert_eq!(songs, [jóga, bachelorette]);
        assert_eq!(Song::try_from(Item::from(item! { "artist" => 5 })), Err("artist is no string".to_owned()));
        table.delete().send().await?;
        Ok(())
    })
    .await;
}

#[test]
fn a_document_comes_from_json_and_becomes_json() {
    let json = serde_json::json!({
        "type": "object",
        "properties": { "city": { "type": "string" }, "days": { "type": "integer", "maximum": 14 } },
        "required": ["city"],
    });
    let document: Document = json.clone().into();
    let written: Document = make!({
        "type" => "object",
        "properties" => { "city" => { "type" => "string" }, "days" => { "type" => "integer", "maximum" => 14 } },
        "required" => ["city"],
    });
    let read: Document = json.to_string().parse().expect("JSON");
    assert_eq!(document, written);
    assert_eq!(document, read);
    assert_eq!(document["properties"]["days"]["maximum"].as_i64(), Some(14));
    assert_eq!(document["required"][0].as_str(), Some("city"));

    assert_eq!(serde_json::to_value(&document).expect("JSON"), json);
    assert_eq!(document.to_string().parse::<serde_json::Value>().expect("JSON"), json);
    let from_text: Document = serde_json::from_str(&json.to_string()).expect("JSON");
    assert_eq!(from_text, document);
    let wrong = "{\"type\": object}".parse::<Document>().expect_err("no JSON");
    assert!(wrong.to_string().contains("column 10"), "{wrong}");
}
