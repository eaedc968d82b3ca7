//! Values that users write: lists and maps that may be absent, `make!`, what setters take, documents, attribute values.

mod absence;
mod documents;
mod literals;

use aws_core::Session;
use aws_core::config::Environment;
use aws_core::testing::credentials;
use tests::doubles::ScriptedClient;

/// A session that sends nothing.
fn session() -> Session {
    let session = Session::builder().environment(Environment::empty()).region("us-west-2").credentials(credentials());
    session.http_client(ScriptedClient::new([])).build().expect("a session")
}
