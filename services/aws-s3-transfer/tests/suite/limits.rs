//! What transfers of one client share: which of them goes first.

use aws_s3::custom::CopySource;
use aws_s3_transfer::folder::Location;

use crate::server::Server;
use crate::{MIB, PART, builder, content};

/// An urgent transfer has each place that another leaves, whatever the other is, and from when on it is less urgent.
#[tokio::test(flavor = "multi_thread")]
async fn parts_of_urgent_transfers_are_sent_first() {
    let server = Server::start();
    let bytes = content(60 * MIB);
    for name in ["src/k", "dir/k"] {
        server.store().put(name, bytes.clone());
    }
    server.delay(std::time::Duration::from_millis(20));
    let transfers = builder(&server).concurrency(1).build().unwrap();
    for case in ["urgent", "less urgent later", "less urgent sync", "sync that is less urgent later"] {
        server.clear_log();
        let copy = |to: &str| transfers.copy("b", to, CopySource::new("src", "k")).part_size(PART);
        let sync = || transfers.sync(Location::prefix("dir", ""), Location::prefix("b", case));
        let sync = || sync().copy_with(|_, copy| copy.part_size(PART));
        let (other, urgency) = match case {
            "urgent" => (Some(copy("other").start()), 1),
            "less urgent later" => (Some(copy("other").start()), 0),
            _ => (None, 0),
        };
        let folder = match case {
            "less urgent sync" => Some(sync().priority(-1).start()),
            "sync that is less urgent later" => Some(sync().start()),
            _ => None,
        };
        while server.requests("UploadPartCopy").is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        match (case, &other, &folder) {
            ("less urgent later", Some(other), _) => other.set_priority(-1),
            ("sync that is less urgent later", _, Some(folder)) => folder.set_priority(-1),
            _ => {}
        }
        copy("first").priority(urgency).send().await.unwrap();
        let parts = server.requests("UploadPartCopy");
        let of_first: Vec<_> = parts.iter().map(|it| it.path == "b/first").collect();
        let begin = of_first.iter().position(|it| *it).unwrap();
        let end = of_first.iter().rposition(|it| *it).unwrap();
        let others = of_first[begin..end].iter().filter(|it| !**it).count();
        // Without urgency both take turns. Now and then a task queues its next part only after the place was given away.
        assert!(others <= 4, "{case}: {others} parts of the other between the 12 of the first");
        if let Some(other) = other {
            other.abort().await.unwrap();
        }
        if let Some(folder) = folder {
            folder.abort().await.unwrap();
        }
    }
    server.assert_clean();
}
