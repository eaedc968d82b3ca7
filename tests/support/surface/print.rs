//! Source code as one line, and the macros of one arm. Knows no names.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// Tokens on one line, spaced as rustfmt would.
pub(super) fn compact(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.to_token_stream(), &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    let mut joint = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close, space) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")", ""),
                    Delimiter::Bracket => ("[", "]", ""),
                    Delimiter::Brace => ("{", "}", " "),
                    Delimiter::None => ("", "", ""),
                };
                if open == "{" && !text.is_empty() && !text.ends_with(' ') {
                    text.push(' ');
                }
                text.push_str(open);
                let mut inner = String::new();
                write(group.stream(), &mut inner);
                let inner = inner.trim().trim_end_matches(',');
                let space = if inner.is_empty() { "" } else { space };
                text.push_str(&format!("{space}{inner}{space}{close}"));
                joint = false;
            }
            TokenTree::Punct(punct) => {
                let it = punct.as_char();
                // Operators with spaces around, once they are whole: `->`, `=>`, `=`, `+`.
                let arrow = joint && it == '>' && (text.ends_with('-') || text.ends_with('='));
                if arrow || matches!(it, '+' | '=' | '|') || (it == '-' && punct.spacing() == Spacing::Joint) {
                    if !arrow && !text.ends_with([' ', '<']) {
                        text.push(' ');
                    }
                    text.push(it);
                    if punct.spacing() == Spacing::Alone {
                        text.push(' ');
                    }
                } else {
                    text.push(it);
                    let whole = punct.spacing() == Spacing::Alone && !text.ends_with("::");
                    if matches!(it, ',' | ';') || (it == ':' && whole) {
                        text.push(' ');
                    }
                }
                joint = punct.spacing() == Spacing::Joint;
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                let after_word =
                    text.ends_with(|it: char| it.is_alphanumeric() || matches!(it, '_' | '"' | ')' | ']' | '}'));
                let after_generics = text.ends_with('>') && !joint;
                if after_word || after_generics {
                    text.push(' ');
                }
                text.push_str(&token.to_string());
                joint = false;
            }
        }
    }
}

/// Type parameters with their bounds: `<T: Clone>`.
pub(super) fn generics(generics: &syn::Generics) -> String {
    let clause =
        generics.where_clause.as_ref().map(|it| format!(" {}", compact(it).trim_end_matches(", "))).unwrap_or_default();
    format!("{}{clause}", compact(&generics.params_only()))
}

trait ParamsOnly {
    fn params_only(&self) -> TokenStream;
}

impl ParamsOnly for syn::Generics {
    fn params_only(&self) -> TokenStream {
        let mut only = self.clone();
        only.where_clause = None;
        only.into_token_stream()
    }
}

/// A signature after its name: `<T>(self, name: T) -> Result<()>`. Whether an argument is `mut` is not the caller's concern.
pub(super) fn signature(signature: &syn::Signature) -> String {
    let mut arguments = Vec::new();
    for input in &signature.inputs {
        arguments.push(match input {
            syn::FnArg::Receiver(it) => {
                let mut it = it.clone();
                it.attrs.clear();
                if matches!(it.kind, syn::ReceiverKind::Value) {
                    it.mutability = None;
                }
                compact(&it)
            }
            syn::FnArg::Typed(it) => {
                let pattern = match &*it.pat {
                    syn::Pat::Ident(it) => it.ident.to_string(),
                    _ => "_".to_owned(),
                };
                format!("{pattern}: {}", compact(&it.ty))
            }
        });
    }
    let mut only = signature.generics.clone();
    let clause =
        only.where_clause.take().map(|it| format!(" {}", compact(&it).trim_end_matches(", "))).unwrap_or_default();
    let output = match &signature.output {
        syn::ReturnType::Default => String::new(),
        syn::ReturnType::Type(_, ty) => format!(" -> {}", compact(ty)),
    };
    let kind = match (signature.constness, signature.asyncness, &signature.safety) {
        (Some(_), _, _) => " [const]",
        (_, Some(_), _) => " [async]",
        (_, _, syn::Safety::Unsafe(_)) => " [unsafe]",
        _ => "",
    };
    format!("{}({}){output}{clause}{kind}", compact(&only), arguments.join(", "))
}

/// What a struct shows of its fields: `{ .. }` if others cannot build it by a literal.
pub(super) fn fields(fields: &syn::Fields) -> String {
    let all = fields.iter().all(|it| matches!(it.vis, syn::Visibility::Public(_)));
    match fields {
        syn::Fields::Unit => String::new(),
        syn::Fields::Named(it) if all => {
            let names: Vec<_> = it.named.iter().filter_map(|it| it.ident.as_ref().map(ToString::to_string)).collect();
            format!(" {{ {} }}", names.join(", "))
        }
        syn::Fields::Unnamed(it) if all => {
            let types: Vec<_> = it.unnamed.iter().map(|it| compact(&it.ty)).collect();
            format!("({})", types.join(", "))
        }
        _ => " { .. }".to_owned(),
    }
}

/// The fields of a variant, all of which are public.
pub(super) fn variant_fields(fields: &syn::Fields) -> String {
    let named = |it: &syn::Field| match &it.ident {
        Some(name) => format!("{name}: {}", compact(&it.ty)),
        None => compact(&it.ty),
    };
    let all: Vec<_> = fields.iter().map(named).collect();
    match fields {
        syn::Fields::Unit => String::new(),
        syn::Fields::Named(_) => format!(" {{ {} }}", all.join(", ")),
        syn::Fields::Unnamed(_) => format!("({})", all.join(", ")),
    }
}

/// Tokens without the attributes in them, which are documentation.
pub(super) fn without_docs(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let follows_hash = matches!(kept.last(), Some(TokenTree::Punct(it)) if it.as_char() == '#');
                if group.delimiter() == Delimiter::Bracket && follows_hash {
                    kept.pop();
                } else {
                    kept.push(Group::new(group.delimiter(), without_docs(group.stream())).into());
                }
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

/// What a macro of one arm, `($a:ident, $b:ty) => { … }`, makes of arguments; `None` for any other macro.
pub(super) fn expanded(body: &TokenStream, arguments: &TokenStream) -> Option<syn::File> {
    let arm: Vec<_> = body.clone().into_iter().collect();
    let [TokenTree::Group(pattern), TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Group(built), ..] = &arm[..]
    else {
        return None;
    };
    let split = |tokens: TokenStream| {
        let mut parts = vec![TokenStream::new()];
        for token in tokens {
            match &token {
                TokenTree::Punct(it) if it.as_char() == ',' => parts.push(TokenStream::new()),
                _ => parts.last_mut().into_iter().for_each(|it| it.extend([token.clone()])),
            }
        }
        parts
    };
    let names: Option<Vec<_>> = split(pattern.stream()).into_iter().map(parameter).collect();
    let (names, values) = (names?, split(arguments.clone()));
    if names.len() != values.len() {
        return None;
    }
    let values: BTreeMap<_, _> = names.into_iter().zip(values).collect();
    syn::parse2(substituted(built.stream(), &values)).ok()
}

/// The name in `$name:kind`.
fn parameter(tokens: TokenStream) -> Option<String> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    match &tokens[..] {
        [TokenTree::Punct(dollar), TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Ident(_)]
            if dollar.as_char() == '$' =>
        {
            Some(name.to_string())
        }
        _ => None,
    }
}

fn substituted(tokens: TokenStream, values: &BTreeMap<String, TokenStream>) -> TokenStream {
    let mut built: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(it) => built.push(Group::new(it.delimiter(), substituted(it.stream(), values)).into()),
            TokenTree::Ident(it) => {
                let after_dollar = matches!(built.last(), Some(TokenTree::Punct(it)) if it.as_char() == '$');
                match values.get(&it.to_string()).filter(|_| after_dollar) {
                    Some(value) => {
                        built.pop();
                        built.extend(value.clone());
                    }
                    None => built.push(it.into()),
                }
            }
            other => built.push(other),
        }
    }
    built.into_iter().collect()
}
