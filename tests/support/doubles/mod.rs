//! Doubles of services that check what they receive as a service does, for the tests of this workspace: those of the runtime
//! itself include this folder, too. Know no test.

mod mock_server;
mod scripted_client;
mod signature;

pub use mock_server::MockServer;
pub use scripted_client::ScriptedClient;
pub use signature::verify_signature;

use aws_core::PresignedRequest;
use aws_core::testing::ReceivedRequest;

/// A presigned request as its service receives it from a holder of the URL.
pub fn presigned(request: &PresignedRequest) -> ReceivedRequest {
    ReceivedRequest::new(request.method().as_str(), request.url(), request.headers().clone(), request.body().clone())
}
