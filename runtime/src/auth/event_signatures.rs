//! The signatures of the messages in a body of events: each covers the message and the signature before it, the first
//! that of the request. Knows no event.

use bytes::Bytes;
use http::header::AUTHORIZATION;

use super::clock::Clock;
use super::scheme::Signing;
use super::signer::SigningParams;
use super::sigv4::SigV4;
use crate::credentials::Credentials;
use crate::encoding::hex;
use crate::error::Result;
use crate::eventstream::{EventHeaderValue, Message};
use crate::http::Request;
use crate::types::Timestamp;

/// Signs messages, each signature over the one before.
pub(crate) struct EventSignatures {
    /// The signature before, in hex: at first that of the request.
    prior: String,
    signer: SigV4,
    credentials: Credentials,
    region: String,
    name: String,
    clock: Clock,
}

impl EventSignatures {
    /// The signatures after that of a signed request.
    pub(crate) fn after(request: &Request, signing: &Signing, credentials: &Credentials, clock: &Clock) -> Self {
        let authorization = request.headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()).unwrap_or_default();
        Self {
            prior: authorization.rsplit("Signature=").next().unwrap_or_default().to_owned(),
            signer: SigV4::new(),
            credentials: credentials.clone(),
            region: signing.region.clone(),
            name: signing.name.to_string(),
            clock: clock.clone(),
        }
    }

    /// Wraps `payload`, an encoded message, in a message that carries its signature.
    pub(crate) fn sign(&mut self, payload: Bytes) -> Result<Bytes> {
        let time = self.clock.now();
        let params = SigningParams::new(&self.region, &self.name, time);
        let mut message = Message { payload, ..Message::default() };
        message.headers.push(":date", EventHeaderValue::Timestamp(Timestamp::from(time)))?;
        let headers = message.headers.as_bytes();
        self.prior = self.signer.sign_event(&self.credentials, &params, &self.prior, headers, &message.payload)?;
        message.headers.push(":chunk-signature", EventHeaderValue::Bytes(&hex::decode(&self.prior)?))?;
        message.encode()
    }
}
