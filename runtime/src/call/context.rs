//! What every stage of a call reads and none changes: the client, the operation, the options, the deadline.

use std::sync::Arc;

use super::client_state::ClientState;
use super::deadline::Deadline;
use super::options::Options;
use crate::BoxFuture;
use crate::error::Result;
use crate::operation::OperationPlan;
use crate::schema::dynamic::Value;

/// Makes a call, from the members of its input to those of its output. The stages of a call cannot import the call itself.
pub(super) type MakeCall =
    fn(Arc<ClientState>, &'static OperationPlan, Vec<Value>, Options) -> BoxFuture<'static, Result<Vec<Value>>>;

/// What a request is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Send,
    /// A URL for others to use: no default checksum, and they choose the body.
    Presign,
}

/// The facts of one call.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) client: &'a Arc<ClientState>,
    pub(crate) plan: &'static OperationPlan,
    pub(crate) options: &'a Options,
    /// When the call must have ended.
    pub(crate) deadline: Deadline,
    pub(crate) purpose: Purpose,
    /// For a stage that needs the service's response to another operation.
    pub(super) make_call: MakeCall,
}
