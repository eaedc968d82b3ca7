//! The services that providers call, as generated descriptors of the few operations they need. Knows no provider.

#[rustfmt::skip]
pub(super) mod cognito_identity;
#[cfg(feature = "login")]
#[rustfmt::skip]
pub(super) mod signin;
#[cfg(feature = "sso")]
#[rustfmt::skip]
pub(super) mod sso;
#[cfg(feature = "sso")]
#[rustfmt::skip]
pub(super) mod sso_oidc;
#[rustfmt::skip]
pub(super) mod sts;
