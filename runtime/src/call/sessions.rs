//! Sessions: for some endpoints the credentials of a call are exchanged for a session of the bucket, which signs in their
//! place. Gets one by the operation that the service names for it, once for each bucket and credentials of a client, ahead of
//! the requests that need it. Knows neither signatures nor when sessions are refreshed.

use std::sync::{Arc, LazyLock};

use super::client_state::ClientState;
use super::context::MakeCall;
use super::deadline::Deadline;
use super::options::Options;
use super::session_key::SessionKey;
use crate::credentials::{CachedSession, Credentials, FETCH_TIMEOUT};
use crate::error::{Error, ErrorKind, Result};
use crate::operation::OperationPlan;
use crate::schema::Shape;
use crate::schema::dynamic::{Link, Schema, Value};

/// The codes with which S3 rejects a session: it has expired, by the clock of the service, or is not known. No source names
/// one for directory buckets; these are S3's for temporary credentials, and botocore drops no session. The response to a HEAD
/// request has no code.
const REJECTED: [&str; 3] = ["ExpiredToken", "InvalidToken", "InvalidAccessKeyId"];

/// Drops the session that a request was signed with if the response rejects it. Whether it does, so that a new one may be
/// accepted: also if another call dropped it before.
pub(super) fn drop_rejected(client: &ClientState, session: Option<&Credentials>, failure: &Error) -> bool {
    let Some(session) = session.filter(|_| failure.code().is_some_and(|it| REJECTED.contains(&it))) else {
        return false;
    };
    if client.sessions().drop_rejected(session) {
        tracing::debug!(code = failure.code(), "a session was rejected");
    }
    true
}

/// A call whose requests are signed with a session of its bucket.
#[derive(Clone, Copy)]
pub(super) struct Sessions<'a> {
    pub(super) client: &'a Arc<ClientState>,
    pub(super) options: &'a Options,
    pub(super) deadline: Deadline,
    pub(super) make_call: MakeCall,
    /// The bucket in the input.
    pub(super) bucket: Option<&'a str>,
}

impl Sessions<'_> {
    /// The session that the call is signed with, which belongs to these credentials.
    ///
    /// # Errors
    /// That of the operation that creates sessions, which names it and the bucket.
    pub(super) async fn fetch(self, credentials: Credentials) -> Result<Credentials> {
        let Self { client, deadline, .. } = self;
        let (Some(operation), Some(bucket)) = (client.service.sessions.plan(*SHAPES), self.bucket) else {
            let why = "the endpoint requires a session, but there is no bucket or no operation that creates one";
            return Err(Error::new(ErrorKind::Signing, why));
        };
        let session = self.find(bucket, &credentials);
        if let Some(session) = session.fresh() {
            return Ok(session);
        }
        let created = async {
            let created = session.get(operation.name, Box::pin(create(self.request(operation, bucket, credentials))));
            created.await.map_err(|it| explain(operation, bucket, it))
        };
        deadline.limit_with(created, || format!(" while it waited for a session from {}", operation.name)).await
    }

    fn find(&self, bucket: &str, credentials: &Credentials) -> CachedSession {
        let Options { region, endpoint_url, .. } = self.options;
        self.client.sessions().find(
            |it| {
                it.bucket == bucket
                    && (it.credentials.ptr_eq(credentials) || it.credentials == *credentials)
                    && it.region == *region
                    && it.endpoint_url == *endpoint_url
            },
            || SessionKey {
                bucket: bucket.to_owned(),
                credentials: credentials.clone(),
                region: region.clone(),
                endpoint_url: endpoint_url.clone(),
            },
        )
    }

    fn request(self, operation: &'static OperationPlan, bucket: &str, credentials: Credentials) -> CreateSession {
        // Several calls wait for the same session, so that the timeouts of one of them do not apply.
        let mut options = Options::new().total_timeout(FETCH_TIMEOUT).credentials(credentials);
        options.region.clone_from(&self.options.region);
        options.endpoint_url.clone_from(&self.options.endpoint_url);
        let (client, make_call) = (Arc::clone(self.client), self.make_call);
        CreateSession { client, make_call, operation, bucket: bucket.to_owned(), options }
    }
}

/// The call that creates a session.
struct CreateSession {
    client: Arc<ClientState>,
    make_call: MakeCall,
    operation: &'static OperationPlan,
    bucket: String,
    options: Options,
}

async fn create(request: CreateSession) -> Result<Credentials> {
    let CreateSession { client, make_call, operation, bucket, options } = request;
    tracing::debug!(bucket, "creating a session by {}", operation.name);
    let output = make_call(client, operation, vec![Value::String(bucket)], options).await?;
    let Some(Value::Structure(members)) = output.into_iter().next() else { return Err(incomplete(operation)) };
    let mut members = members.into_iter();
    match [members.next(), members.next(), members.next(), members.next()] {
        [
            Some(Value::String(id)),
            Some(Value::String(secret)),
            Some(Value::String(token)),
            Some(Value::Timestamp(expiry)),
        ] => {
            let session = Credentials::new(id, secret).with_session_token(token).with_expiry(expiry);
            session.with_provider(operation.name).checked(|_| format!("in the response to {}", operation.name))
        }
        _ => Err(incomplete(operation)),
    }
}

fn incomplete(operation: &OperationPlan) -> Error {
    let why = format!(
        "the response to {} has no complete session: expected AccessKeyId, SecretAccessKey, SessionToken and Expiration",
        operation.name
    );
    Error::new(ErrorKind::Parse, why)
}

/// An error of the call whose request is not signed. It has no response, so its kind is not that of one.
fn explain(operation: &OperationPlan, bucket: &str, error: Error) -> Error {
    let kind = if error.kind() == ErrorKind::Service { ErrorKind::Credentials } else { error.kind() };
    Error::new(kind, format!("no session for bucket {bucket:?}: {} failed: {error}", operation.name)).with_source(error)
}

/// The shapes of the operation, as far as they are used here: input and output. The generator checks that the model's operation
/// has these members.
static SHAPES: LazyLock<[&'static Shape; 2]> = LazyLock::new(|| {
    let credentials = "AccessKeyId:str req; SecretAccessKey:str req secret; SessionToken:str req secret; Expiration:time req time=iso";
    let mut schema = Schema::new();
    schema.define("Input", "Bucket:str @uri req ctx=Bucket", &[]);
    schema.define("Credentials", credentials, &[]);
    schema.define("Output", "Credentials:* req", &[Link::Structure("Credentials".to_owned())]);
    ["Input", "Output"].map(|it| schema.shape(it).expect("just defined"))
});
