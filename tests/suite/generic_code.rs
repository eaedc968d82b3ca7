//! Code that is generic over services and operations can name, store and send what client crates return: requests, pages,
//! items and waiters. Compiled against two services.

use std::time::Duration;

use aws_core::config::Environment;
use aws_core::testing::{RecordedSleep, Reply, credentials};
use aws_core::{Items, Operation, Options, Pages, Paginated, Request, Result, Session, Waiter};
use tests::doubles::ScriptedClient;

/// Requests of one operation of any service, to be sent later.
struct Outbox<O: Operation> {
    requests: Vec<Request<O>>,
    log: Vec<String>,
}

impl<O: Operation> Outbox<O> {
    fn new() -> Self {
        Self { requests: Vec::new(), log: Vec::new() }
    }

    fn add(&mut self, request: impl Into<Request<O>>) -> &mut Self {
        let request = request.into();
        self.log.push(format!("{} {}", request.service(), request.operation()));
        self.requests.push(request);
        self
    }

    async fn send_all(self) -> Result<Vec<O::Output>> {
        let mut outputs = Vec::new();
        for request in self.requests {
            let options = Options::new().total_timeout(Duration::from_secs(5));
            outputs.push(request.with_options(options).send().await?);
        }
        Ok(outputs)
    }
}

async fn count_pages<O: Paginated>(mut pages: Pages<O>) -> Result<usize> {
    let mut count = 0;
    while pages.try_next().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

async fn first<O: Paginated, T>(mut items: Items<O, T>) -> Result<Option<T>> {
    items.try_next().await
}

async fn attempts<O>(waiter: Waiter<O>) -> Result<u32>
where
    O: Operation<Input: Clone + Send + Sync, Output: Send + Sync>,
{
    waiter.delay(Duration::from_secs(1)).await.map(|it| it.attempts)
}

/// The input is reached through the request inside, whichever crate the request is of.
fn is_unset<O: Operation, T>(request: &impl AsRef<Request<O>>, member: impl Fn(&O::Input) -> &Option<T>) -> bool {
    member(request.as_ref().input()).is_none()
}

fn session(replies: impl IntoIterator<Item = Reply>) -> Session {
    Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(credentials())
        .http_client(ScriptedClient::new(replies))
        .sleep(RecordedSleep::new().sleep())
        .build_lazy()
}

#[tokio::test]
async fn requests_pages_items_and_waiters_of_two_services_pass_through_generic_code() {
    let bucket = "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>";
    let s3 = aws_s3::Client::new(&session([Reply::ok(""), Reply::ok(bucket), Reply::ok(bucket), Reply::ok("")]));
    let table = r#"{"TableNames":["t"]}"#;
    let active = r#"{"Table":{"TableStatus":"ACTIVE"}}"#;
    let replies = [Reply::ok(table), Reply::ok(table), Reply::ok(table), Reply::ok(active)];
    let dynamodb = aws_dynamodb::Client::new(&session(replies));

    let mut outbox = Outbox::new();
    outbox.add(s3.head_bucket("b"));
    assert_eq!(outbox.log, ["S3 HeadBucket"]);
    assert_eq!(outbox.send_all().await.expect("a response").len(), 1);
    let mut outbox = Outbox::new();
    outbox.add(dynamodb.list_tables());
    assert_eq!(outbox.log, ["DynamoDB ListTables"]);
    assert_eq!(outbox.send_all().await.expect("a response").len(), 1);

    assert_eq!(count_pages(s3.list_objects_v2("b").pages()).await.expect("pages"), 1);
    let list: Request<_> = dynamodb.list_tables().into();
    assert_eq!(count_pages(list.pages()).await.expect("pages"), 1);

    let object = first(s3.list_objects_v2("b").items()).await.expect("items").expect("an object");
    assert_eq!(object.key.as_deref(), Some("k"));
    assert_eq!(first(dynamodb.list_tables().items()).await.expect("items").as_deref(), Some("t"));

    assert_eq!(attempts(s3.wait_bucket_exists("b").into()).await.expect("a bucket"), 1);
    assert_eq!(attempts(dynamodb.wait_table_exists("t").into()).await.expect("a table"), 1);
}

#[test]
fn the_input_is_read_and_changed_through_the_request_inside() {
    let s3 = aws_s3::Client::new(&session([]));
    let mut request = s3.list_objects_v2("b");
    assert!(is_unset(&request, |it| &it.prefix));
    request.as_mut().input_mut().prefix = Some("p".to_owned());
    assert!(!is_unset(&request, |it| &it.prefix));
    let dynamodb = aws_dynamodb::Client::new(&session([]));
    assert!(is_unset(&dynamodb.list_tables(), |it| &it.limit));
}
