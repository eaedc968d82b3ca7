//! Which members hold a secret that the model does not mark as sensitive: `Debug` hides them as it hides marked ones.
//! Decided by the name and the type alone; knows no service.
//!
//! Models mark secrets unevenly: `SecretAccessKey` of STS is sensitive, `SessionToken` beside it is not. A name that ends
//! in one of [`SECRETS`] says that the value is a secret. A name that goes on (`SecretArn`, `TokenType`, `PasswordVersion`)
//! is about one. Of the tokens, [`NOT_SECRET`] lists those that give no access: they are worth seeing in a log.

use std::collections::BTreeSet;

use super::{Context, reach};
use crate::model::{Member, Operation, ShapeKind};
use crate::name::snake;

/// The last words of the names of secrets.
#[rustfmt::skip]
const SECRETS: [&str; 18] = [
    "passphrase", "password", "passwords",
    // Encrypted with the caller's key pair; proves that a password is known.
    "password_data", "password_verifier",
    "private_key", "private_keys", "private_key_list",
    "secret", "secrets", "secret_access_key", "secret_key",
    "token", "tokens",
    // The code that an MFA device shows; the key that signs tokens; a token beside its id.
    "token_code", "token_key", "token_value", "secret_token",
];

/// The last words of names that end in one of [`SECRETS`] and are none.
#[rustfmt::skip]
const NOT_SECRET: [&str; 26] = [
    // Pages: where a listing goes on.
    "next_token", "page_token", "pagination_token", "continuation_token", "starting_token", "next_chunk_token",
    "next_message_token", "next_forward_token", "next_backward_token",
    // Requests: which request this is, so that it is carried out once, or how it went.
    "client_token", "request_token", "idempotency_token", "creation_token", "purchase_token", "copy_product_token",
    "portfolio_share_token",
    // Versions: what a change is based on.
    "change_token", "lock_token", "update_token", "version_token", "sequence_token", "conditional_token",
    // KMS calls it nonsecret; an identifier that a web identity token holds; `required` or `optional`.
    "grant_token", "grant_tokens", "subject_from_web_identity_token", "http_tokens",
];

/// Whether the member is a secret by its name, or by that of the shape of its elements or values: Cognito's `Logins` are
/// a map of `IdentityProviderToken`. A secret is strings or bytes: an enumeration has no secret values, and a structure's
/// members are decided one by one.
pub(super) fn is_secret(ctx: &Context<'_>, name: &str, member: &Member) -> bool {
    let shapes = &ctx.models.service.shapes;
    let element = match shapes.get(&member.shape).map(|it| &it.kind) {
        Some(ShapeKind::List(it)) => Some(&it.member.shape),
        Some(ShapeKind::Map(it)) => Some(&it.value.shape),
        _ => None,
    };
    let holds_text = match shapes.get(element.unwrap_or(&member.shape)).map(|it| &it.kind) {
        Some(ShapeKind::String(it)) => it.values.is_empty(),
        Some(ShapeKind::Blob(_)) => true,
        _ => false,
    };
    holds_text && !member.idempotency_token && (says_secret(name) || element.is_some_and(|it| says_secret(it)))
}

/// The names on the wire of the secret members of an operation's exceptions, at any depth.
pub(super) fn of_errors(ctx: &Context<'_>, operation: &Operation) -> BTreeSet<String> {
    let shapes = &ctx.models.service.shapes;
    let (mut names, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<&str> = reach::errors(ctx.models, operation).collect();
    while let Some(name) = open.pop() {
        let Some(shape) = shapes.get(name).filter(|_| seen.insert(name)) else { continue };
        match &shape.kind {
            ShapeKind::List(it) => open.push(&it.member.shape),
            ShapeKind::Map(it) => open.push(&it.value.shape),
            _ => {}
        }
        for (name, member) in shape.structure().into_iter().flat_map(|it| &it.members) {
            let is_marked = shapes.get(&member.shape).is_some_and(|it| it.sensitive);
            match is_marked || is_secret(ctx, name, member) {
                true => drop(names.insert(member.location_name.as_ref().unwrap_or(name).clone())),
                false => open.push(&member.shape),
            }
        }
    }
    names
}

fn says_secret(name: &str) -> bool {
    let name = snake(name);
    let ends = |words: &&str| name.strip_suffix(words).is_some_and(|it| it.is_empty() || it.ends_with('_'));
    SECRETS.iter().any(ends) && !NOT_SECRET.iter().any(ends)
}

#[cfg(test)]
mod tests {
    use super::says_secret;

    #[test]
    fn a_name_that_ends_as_a_secret_is_one() {
        for name in [
            "SessionToken",
            "accessToken",
            "refreshToken",
            "idToken",
            "AuthToken",
            "BearerToken",
            "HECToken",
            "token",
            "Token",
            "MasterUserPassword",
            "Password",
            "Passwords",
            "ADDomainJoinPassword",
            "OneTimePassword",
            "PasswordData",
            "ClientSecret",
            "Secret",
            "CdnIdentifierSecret",
            "SecretAccessKey",
            "secretKey",
            "Passphrase",
            "PrivateKey",
            "privateKey",
            "certificatePrivateKey",
            "PrivateKeyList",
            "TokenCode",
            "tokenValue",
            "TaskToken",
        ] {
            assert!(says_secret(name), "{name}");
        }
    }

    #[test]
    fn names_about_secrets_and_tokens_of_pages_requests_and_versions_stay_visible() {
        for name in [
            "NextToken",
            "nextToken",
            "NextPageToken",
            "PaginationToken",
            "NextContinuationToken",
            "nextForwardToken",
            "ClientToken",
            "clientRequestToken",
            "AmznClientToken",
            "IdempotencyToken",
            "UniqueRequestToken",
            "NextWebACLLockToken",
            "ChangeToken",
            "versionToken",
            "uploadSequenceToken",
            "GrantTokens",
            "HttpTokens",
            "TokenType",
            "tokenId",
            "TokenUrl",
            "TokenEndpoint",
            "SecretArn",
            "secretARN",
            "SecretId",
            "SecretName",
            "PasswordVersion",
            "PasswordLastUsed",
            "MasterUserSecretKmsKeyId",
            "PrivateKeyIdentifier",
            "Secretary",
            "Key",
        ] {
            assert!(!says_secret(name), "{name}");
        }
    }
}
