//! Conditions hold whether an object is written in one request, in parts, or by a copy in one request or in parts: the same
//! law over all four.

use aws_s3::custom::CopySource;
use aws_s3_transfer::{ErrorKind, Result, Source};

use crate::server::Server;
use crate::{MIB, PART, content, transfers};

#[derive(Clone, Copy, Debug)]
enum Route {
    Put,
    Parts,
    Copy,
    CopyParts,
}

#[derive(Clone, Copy, Debug)]
enum Condition {
    None,
    Absent,
    Is,
    IsOther,
}

async fn write(server: &Server, route: Route, condition: Condition, e_tag: &str) -> Result<()> {
    let transfers = transfers(server);
    let size = match route {
        Route::Put | Route::Copy => 1000,
        Route::Parts | Route::CopyParts => 6 * MIB,
    };
    let (none_match, matches) = match condition {
        Condition::None => (None, None),
        Condition::Absent => (Some("*"), None),
        Condition::Is => (None, Some(e_tag)),
        Condition::IsOther => (None, Some("\"other\"")),
    };
    match route {
        Route::Put | Route::Parts => {
            let upload = transfers.upload("b", "k", Source::bytes(content(size)));
            upload.with(|it| it.if_none_match(none_match).if_match(matches)).send().await.map(drop)
        }
        Route::Copy | Route::CopyParts => {
            server.store().put("b/source", content(size));
            let copy = transfers.copy("b", "k", CopySource::new("b", "source")).part_size(PART);
            copy.with(|it| it.if_none_match(none_match).if_match(matches)).send().await.map(drop)
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_hold_on_every_route() {
    let server = Server::start();
    for route in [Route::Put, Route::Parts, Route::Copy, Route::CopyParts] {
        for exists in [false, true] {
            for condition in [Condition::None, Condition::Absent, Condition::Is, Condition::IsOther] {
                server.store().objects.clear();
                if exists {
                    server.store().put("b/k", b"before".to_vec());
                }
                let before = server.store().object("b/k").map(|it| it.e_tag.clone());
                let result = write(&server, route, condition, before.as_deref().unwrap_or("\"x\"")).await;
                let expect = match (condition, exists) {
                    (Condition::None, _) | (Condition::Absent, false) | (Condition::Is, true) => Ok(()),
                    (Condition::Absent, true) | (Condition::IsOther, true) => Err(ErrorKind::Condition),
                    (Condition::Is | Condition::IsOther, false) => Err(ErrorKind::NotFound),
                };
                let context = format!("{route:?} {condition:?} exists: {exists}: {result:?}");
                assert_eq!(result.map_err(|it| it.kind()), expect, "{context}");
                let after = server.store().object("b/k").map(|it| it.e_tag.clone());
                assert_eq!(after == before, expect.is_err(), "{context}: what is there afterwards");
                server.assert_clean();
            }
        }
    }
}
