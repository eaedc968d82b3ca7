//! The services that sources call, as generated tables of the few operations they need. Knows nobody who calls them.

#[rustfmt::skip]
pub(super) mod signin;
#[rustfmt::skip]
pub(super) mod sso;
#[rustfmt::skip]
pub(super) mod sso_oidc;
#[rustfmt::skip]
pub(super) mod sts;
