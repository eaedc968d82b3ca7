//! Streams of events have no lowest speed, whatever the session or the call sets for bodies.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_core::config::MinThroughput;
use aws_core::hooks::{Hook, HookContext};
use aws_core::http::Request;
use aws_core::{BoxFuture, Error, ErrorKind, Options, Result};
use aws_s3::types::{InputSerialization, OutputSerialization};

/// Notes the lowest speed of each request, and sends none.
#[derive(Clone, Default)]
struct Speeds(Arc<Mutex<Vec<Option<u64>>>>);

impl Hook for Speeds {
    fn before_send<'a>(&'a self, _: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        let limit = request.timeouts.min_throughput.map(|it| it.bytes_per_second);
        self.0.lock().expect("no panic").push(limit);
        Box::pin(async move { Err(Error::new(ErrorKind::Hook, "seen")) })
    }
}

#[tokio::test]
async fn events_have_no_lowest_speed() {
    async fn check(of_session: Option<MinThroughput>, options: Options, object: Option<u64>, events: Option<u64>) {
        let speeds = Speeds::default();
        let mut session = super::session().hook(speeds.clone());
        if let Some(limit) = of_session {
            session = session.min_throughput(limit);
        }
        let s3 = aws_s3::Client::new(&session.build().expect("a session"));
        let select = s3.select_object_content("b", "k", "select *", "SQL");
        let select = select
            .input_serialization(InputSerialization::default())
            .output_serialization(OutputSerialization::default());
        s3.get_object("b", "k").with_options(options.clone()).send().await.expect_err("the hook's");
        select.with_options(options).send().await.expect_err("the hook's");
        assert_eq!(*speeds.0.lock().expect("no panic"), [object, events]);
    }
    let limit = MinThroughput::new(1024, Duration::from_secs(30));
    check(None, Options::new(), None, None).await;
    // What the session has is in its HTTP client.
    check(Some(limit), Options::new(), None, Some(0)).await;
    check(None, Options::new().min_throughput(limit), Some(1024), Some(0)).await;
}
