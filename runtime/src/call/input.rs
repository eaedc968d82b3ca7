//! The first stage of a call: the input is completed with what the caller may leave out, and validated. Knows no address
//! and no HTTP.

use super::client_state::ClientState;
use super::context::Context;
use super::{bucket, customization};
use crate::encoding::uuid;
use crate::error::Result;
use crate::schema::StructureMut;
use crate::schema::dynamic::Value;
use crate::schema::validate::validate;

/// What was added to an input without the caller's knowledge, and must be taken back from the output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Completed {
    /// Whether URL encoding of response strings was requested, so that they are decoded.
    pub(crate) requested_url_encoding: bool,
}

/// Completes and validates the input.
pub(super) fn complete(cx: Context<'_>, input: &mut StructureMut<'_>) -> Result<Completed> {
    customization::check(cx.plan, input.view())?;
    let requested_url_encoding = customization::complete_input(&cx.plan.customizations, input);
    fill_idempotency_tokens(cx.client, input);
    validate(input.view(), cx.client.config()?.parameter_validation)?;
    bucket::require(cx.plan, input.view())?;
    Ok(Completed { requested_url_encoding })
}

/// Fills the idempotency tokens that the caller did not set with random UUIDs.
fn fill_idempotency_tokens(client: &ClientState, input: &mut StructureMut<'_>) {
    for member in input.shape().members.iter().filter(|it| it.token) {
        if input.view().get(member).is_none() {
            input.slot(member).put(Value::String(uuid::v4(client.random.bits())));
        }
    }
}
