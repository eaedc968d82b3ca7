//! Expressions: filled-in input, ways through structures, conversions. Decides nothing but layout.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote;

use super::super::ident::{ident, ty};
use crate::ir::Type;
use crate::ir::resource::{Constant, Conversion, Fit, Place, Request, Step, Tree, Way};

/// How expressions name the client crate.
pub(super) struct Writer {
    pub(super) client: Ident,
}

impl Writer {
    pub(super) fn new(package: &str) -> Self {
        Self { client: Ident::new(&package.replace('-', "_"), Span::call_site()) }
    }

    /// A type of the client crate, from outside.
    pub(super) fn ty(&self, it: &Type) -> TokenStream {
        self.outside(ty(it))
    }

    /// `crate` in these tokens is the client crate.
    fn outside(&self, tokens: TokenStream) -> TokenStream {
        let turn = |tree| match tree {
            TokenTree::Ident(it) if it == "crate" => TokenTree::Ident(self.client.clone()),
            TokenTree::Group(it) => TokenTree::Group(Group::new(it.delimiter(), self.outside(it.stream()))),
            other => other,
        };
        tokens.into_iter().map(turn).collect()
    }

    pub(super) fn place(&self, it: &Place) -> TokenStream {
        let (client, name) = (&self.client, ident(&it.ty));
        if it.own { quote!(#client::operation::#name) } else { quote!(#client::types::#name) }
    }

    pub(super) fn operation(&self, name: &str) -> TokenStream {
        let (client, name) = (&self.client, ident(name));
        quote!(#client::operation::#name)
    }

    /// The request with its input; `this` is the resource, `all` the elements of a batch.
    pub(super) fn request(&self, it: &Request, this: &TokenStream) -> TokenStream {
        let input = self.operation(&it.input);
        let literal = self.literal(&input, &it.fields, it.complete, this);
        quote!(#this.client.request(#literal))
    }

    fn literal(
        &self,
        name: &TokenStream,
        fields: &[(String, Tree)],
        complete: bool,
        this: &TokenStream,
    ) -> TokenStream {
        if fields.is_empty() {
            return quote!(#name::default());
        }
        let fields = fields.iter().map(|(field, it)| {
            let (field, value) = (ident(field), self.tree(it, this));
            quote!(#field: #value,)
        });
        let rest = (!complete).then(|| quote!(..Default::default()));
        quote!(#name { #(#fields)* #rest })
    }

    pub(super) fn tree(&self, it: &Tree, this: &TokenStream) -> TokenStream {
        match it {
            Tree::Argument(it) => made(&it.ty, &ident(&it.ident)),
            Tree::Identifier { ident: name, from, to } => {
                let name = ident(name);
                match (from, to) {
                    (Type::String, Type::Enumeration(_)) => quote!(#this.#name.as_str().into()),
                    (Type::String, _) => quote!(#this.#name.clone()),
                    _ => quote!(#this.#name),
                }
            }
            Tree::Attribute { way, .. } => borrowed(quote!(#this.data()), way),
            Tree::Constant(Constant::Text(text)) => quote!(#text.into()),
            Tree::Constant(Constant::Integer(number)) => {
                let number = Literal::i64_unsuffixed(*number);
                quote!(#number)
            }
            Tree::Constant(Constant::Flag(flag)) => quote!(#flag),
            Tree::Structure { ty, fields, complete } => {
                let (client, name) = (&self.client, ident(ty));
                self.literal(&quote!(#client::types::#name), fields, *complete, this)
            }
            Tree::List(items) => {
                let items = items.iter().map(|it| self.tree(it, this));
                quote!(vec![#(#items),*])
            }
            Tree::Each(item) => {
                let item = self.tree(item, &quote!(it));
                quote!(all.iter().map(|it| #item).collect())
            }
            // An attribute may be absent itself.
            Tree::Present(inner) => match &**inner {
                Tree::Attribute { way, .. } => optional(quote!(#this.data()), way),
                it => {
                    let value = self.tree(it, this);
                    quote!(Some(#value))
                }
            },
        }
    }

    /// An element or answer as the data of a resource.
    pub(super) fn conversion(&self, it: &Conversion, value: TokenStream) -> TokenStream {
        let Conversion::Fields { place, fields, complete } = it else { return value };
        let name = self.place(place);
        let fields = fields.iter().map(|(field, fit)| {
            let field = ident(field);
            match fit {
                Fit::Same => quote!(#field: #value.#field,),
                Fit::OrEmpty => quote!(#field: #value.#field.unwrap_or_default(),),
                Fit::Present => quote!(#field: Some(#value.#field),),
            }
        });
        let rest = (!complete).then(|| quote!(..Default::default()));
        quote!(#name { #(#fields)* #rest })
    }
}

/// The type of an argument that becomes `it`.
pub(super) fn taken(writer: &Writer, it: &Type) -> TokenStream {
    let inner = |it: &Type| writer.ty(it);
    match it {
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 => inner(it),
        Type::List(item) => {
            let ty = inner(item);
            match **item {
                Type::String | Type::Enumeration(_) => quote!(impl IntoIterator<Item = impl Into<#ty>>),
                _ => quote!(impl IntoIterator<Item = #ty>),
            }
        }
        Type::Map(value) => {
            let ty = inner(value);
            match **value {
                Type::String | Type::Enumeration(_) => {
                    quote!(impl IntoIterator<Item = (impl Into<String>, impl Into<#ty>)>)
                }
                _ => quote!(impl IntoIterator<Item = (impl Into<String>, #ty)>),
            }
        }
        Type::Boxed(boxed) => {
            let ty = inner(boxed);
            quote!(impl Into<#ty>)
        }
        _ => {
            let ty = inner(it);
            quote!(impl Into<#ty>)
        }
    }
}

/// The value made of an argument.
pub(super) fn made(it: &Type, name: &Ident) -> TokenStream {
    match it {
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 => quote!(#name),
        Type::List(item) => match **item {
            Type::String | Type::Enumeration(_) => quote!(#name.into_iter().map(Into::into).collect()),
            _ => quote!(#name.into_iter().collect()),
        },
        Type::Map(value) => match **value {
            Type::String | Type::Enumeration(_) => {
                quote!(#name.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
            }
            _ => quote!(#name.into_iter().map(|(key, value)| (key.into(), value)).collect()),
        },
        Type::Boxed(_) => quote!(Box::new(#name.into())),
        _ => quote!(#name.into()),
    }
}

/// A copy of what a way leads to, from a structure that stays; inside something that may return `None`.
pub(super) fn borrowed(root: TokenStream, way: &Way) -> TokenStream {
    let mut tokens = root;
    let mut maybe = false;
    for step in &way.steps {
        tokens = match step {
            _ if maybe => quote!(#tokens.as_ref()?),
            _ => tokens,
        };
        maybe = false;
        tokens = match step {
            Step::Field { ident: name, optional } => {
                maybe = *optional;
                let name = ident(name);
                quote!(#tokens.#name)
            }
            Step::At(0) => quote!(#tokens.first()?),
            Step::At(index) => {
                let index = Literal::usize_unsuffixed(*index);
                quote!(#tokens.get(#index)?)
            }
            Step::Each => tokens,
        };
    }
    match &way.ty {
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 if maybe => quote!(#tokens?),
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 => tokens,
        Type::Enumeration(_) if maybe => quote!(#tokens.as_ref()?.as_str().to_owned()),
        Type::Enumeration(_) => quote!(#tokens.as_str().to_owned()),
        _ if maybe => quote!(#tokens.clone()?),
        _ => quote!(#tokens.clone()),
    }
}

/// As [`borrowed`], but anywhere: an `Option`.
pub(super) fn optional(root: TokenStream, way: &Way) -> TokenStream {
    match (&way.steps[..], &way.ty) {
        ([Step::Field { ident: name, optional: true }], Type::String) => {
            let name = ident(name);
            quote!(#root.#name.clone())
        }
        _ => {
            let value = borrowed(root, way);
            match left_open(&value) {
                Some(value) if may_leave(&value) => quote!((|| #value)()),
                Some(value) => value,
                None => quote!((|| Some(#value))()),
            }
        }
    }
}

/// Whether an expression may leave early, by a `?` anywhere in it.
pub(super) fn may_leave(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|it| match it {
        TokenTree::Group(it) => may_leave(&it.stream()),
        TokenTree::Punct(it) => it.as_char() == '?',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

/// What stands before the `?` that an expression ends in: an `Option`.
fn left_open(tokens: &TokenStream) -> Option<TokenStream> {
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let last = tokens.pop()?;
    matches!(last, TokenTree::Punct(it) if it.as_char() == '?').then(|| tokens.into_iter().collect())
}

/// What a way leads to, out of a structure that is used up; inside something that may return `None`.
pub(super) fn owned(root: TokenStream, way: &Way) -> TokenStream {
    let mut tokens = root;
    for step in &way.steps {
        tokens = match step {
            Step::Field { ident: name, optional } => {
                let (name, mark) = (ident(name), optional.then(|| quote!(?)));
                quote!(#tokens.#name #mark)
            }
            Step::At(0) => quote!(#tokens.into_iter().next()?),
            Step::At(index) => {
                let index = Literal::usize_unsuffixed(*index);
                quote!(#tokens.into_iter().nth(#index)?)
            }
            Step::Each => tokens,
        };
    }
    tokens
}

/// An iterator over the elements that a way leads to, out of a structure that is used up.
pub(super) fn elements(root: TokenStream, way: &Way) -> TokenStream {
    // Lists and optional structures alike are gone through as iterators.
    let mut tokens = root;
    let mut iterating = false;
    let mut steps = way.steps.iter().peekable();
    while let Some(step) = steps.next() {
        let Step::Field { ident: name, optional } = step else { continue };
        let name = ident(name);
        let list = steps.peek() == Some(&&Step::Each);
        tokens = match (iterating, list || *optional) {
            (false, true) => quote!(#tokens.#name.into_iter()),
            (false, false) => quote!(#tokens.#name),
            (true, true) => quote!(#tokens.flat_map(|it| it.#name)),
            (true, false) => quote!(#tokens.map(|it| it.#name)),
        };
        iterating |= list || *optional;
        if list && *optional {
            tokens = quote!(#tokens.flatten());
        }
    }
    tokens
}
