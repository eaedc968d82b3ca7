//! What an auth scheme is: the trait that each implements, what it decides for an address, and the identity that it
//! needs. Knows no scheme by name.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

use super::payload::Payload;
use super::signer::{SessionToken, Signer, SigningParams};
use super::sigv4::SigV4;
use crate::credentials::{Credentials, Token};
use crate::endpoint::{AuthScheme, Endpoint};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Request;
use crate::operation::Auth;

/// What the choice of a scheme depends on: facts of model, endpoint and settings.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    /// The scheme that the model chooses for the operation.
    pub(crate) auth: Auth,
    /// The schemes that the model has for an operation that is signed, in its order.
    pub(crate) schemes: &'static [&'static str],
    /// The schemes that the settings prefer.
    pub(crate) preference: &'a [String],
    /// Whether the operation accepts a bearer token too, and the settings prefer it.
    pub(crate) prefers_token: bool,
    /// The name to sign for, unless the endpoint has another.
    pub(crate) signing_name: &'static str,
    /// Whether paths and payloads are signed by S3's variant of the signature.
    pub(crate) s3: bool,
    /// The region of the call, or else in the settings.
    pub(crate) region: Option<&'a str>,
    /// The regions in the settings for signatures that are valid in several.
    pub(crate) region_set: &'a [String],
    /// The endpoint, which may name schemes.
    pub(crate) endpoint: &'a Endpoint,
}

impl Facts<'_> {
    /// What the endpoint says of the scheme, if it names it.
    pub(super) fn option(&self, scheme: &dyn Scheme) -> Option<&AuthScheme> {
        self.endpoint.auth_schemes.iter().find(|it| it.name == scheme.name())
    }
}

/// How a request is authenticated.
#[derive(Debug)]
pub(crate) struct Signing {
    pub(crate) scheme: &'static dyn Scheme,
    /// The region to sign for, or several, separated by commas; empty for a scheme that has none.
    pub(crate) region: String,
    /// The service name to sign for.
    pub(crate) name: Cow<'static, str>,
    pub(crate) s3: bool,
    pub(crate) double_encode: bool,
    /// Whether the operation leaves its body unsigned.
    pub(crate) unsigned_body: bool,
    /// How the session token is sent.
    pub(crate) session_token: SessionToken,
    /// Whether the hash of the body is a header, where neither S3 nor the body requires it.
    pub(crate) content_sha256_header: bool,
}

impl Signing {
    /// A signature of the usual kind.
    pub(crate) fn new(scheme: &'static dyn Scheme, region: String, name: Cow<'static, str>) -> Self {
        Self {
            scheme,
            region,
            name,
            s3: false,
            double_encode: true,
            unsigned_body: false,
            session_token: SessionToken::Signed,
            content_sha256_header: false,
        }
    }

    /// How a scheme signs for a region, by what the endpoint has under the scheme's name, and else by the model.
    pub(super) fn for_region(scheme: &'static dyn Scheme, region: String, facts: &Facts<'_>) -> Self {
        let option = facts.option(scheme);
        let name = option.and_then(|it| it.signing_name.clone()).unwrap_or(Cow::Borrowed(facts.signing_name));
        Self {
            s3: facts.s3,
            double_encode: !option.and_then(|it| it.disable_double_encoding).unwrap_or(facts.s3),
            unsigned_body: facts.auth == Auth::UnsignedBody,
            ..Self::new(scheme, region, name)
        }
    }

    /// The parameters of a signature at this time.
    pub(crate) fn params<'a>(&'a self, time: SystemTime, payload: Payload<'a>) -> SigningParams<'a> {
        let base = match self.s3 {
            true => SigningParams::s3(&self.region, &self.name, time),
            false => SigningParams::new(&self.region, &self.name, time),
        };
        // Without the header the service would verify the hash of the body.
        let is_unsigned = matches!(payload, Payload::Unsigned | Payload::UnsignedTrailer | Payload::Events);
        let content_sha256_header = base.content_sha256_header || self.content_sha256_header || is_unsigned;
        let Self { double_encode, session_token, .. } = *self;
        SigningParams { double_encode, payload, session_token, content_sha256_header, ..base }
    }
}

/// What a request is authenticated with.
#[derive(Debug)]
pub(crate) enum Identity {
    Credentials(Credentials),
    Token(Token),
}

/// Which identity a scheme needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdentityKind {
    Credentials,
    /// Credentials that are got in exchange for those of the call.
    Session,
    Token,
}

impl Identity {
    /// The credentials, for schemes that need some.
    pub(crate) fn credentials(&self) -> Result<&Credentials> {
        match self {
            Self::Credentials(credentials) => Ok(credentials),
            Self::Token(_) => Err(Error::new(ErrorKind::Signing, "a bearer token cannot sign: expected credentials")),
        }
    }
}

/// The signers of a client, with the keys that they derived.
#[derive(Debug, Default)]
pub(crate) struct Signers {
    pub(crate) sigv4: SigV4,
    #[cfg(feature = "sigv4a")]
    sigv4a: super::sigv4a::SigV4a,
}

impl Signers {
    /// The signer of Signature Version 4A.
    pub(super) fn sigv4a(&self) -> Result<&dyn Signer> {
        #[cfg(feature = "sigv4a")]
        return Ok(&self.sigv4a);
        #[cfg(not(feature = "sigv4a"))]
        Err(rejected(crate::error::requires_feature("Signature Version 4A", &["sigv4a"])))
    }
}

/// An auth scheme.
pub(crate) trait Scheme: fmt::Debug + Sync {
    /// The name in models, endpoint rules and `auth_scheme_preference`.
    fn name(&self) -> &'static str;

    /// The crate feature that the scheme requires and the program lacks.
    fn missing_feature(&self) -> Option<&'static str> {
        None
    }

    /// Decides how requests to an address are signed.
    fn signing(&'static self, facts: &Facts<'_>) -> Result<Signing>;

    /// The identity that it needs.
    fn identity(&self) -> IdentityKind {
        IdentityKind::Credentials
    }

    /// Rejects a request that must not be sent with the identity, before it is fetched.
    fn check(&self, _: &Request) -> Result<()> {
        Ok(())
    }

    /// Whether the body takes part in the signature, so that its payload line must be known.
    fn signs_body(&self) -> bool {
        false
    }

    /// Whether the policy of a presigned POST can be signed.
    fn signs_policies(&self) -> bool {
        false
    }

    /// Whether the events of a body are signed, each after the one before.
    fn signs_events(&self) -> bool {
        false
    }

    /// Authenticates the request.
    fn sign(
        &self,
        signers: &Signers,
        request: &mut Request,
        identity: &Identity,
        params: &SigningParams<'_>,
    ) -> Result<()>;

    /// Whether URLs can be presigned; the error says why not.
    fn check_presign(&self) -> Result<()>;

    /// Authenticates the request in its URL.
    fn presign(
        &self,
        _: &Signers,
        _: &mut Request,
        _: &Identity,
        _: &SigningParams<'_>,
        _expires: Duration,
    ) -> Result<()> {
        self.check_presign()
    }
}

/// The error of a request that a scheme rejects.
pub(super) fn rejected(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Signing, why.into())
}
