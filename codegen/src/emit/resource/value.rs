//! Expressions: input values, field paths, conversions. Decides nothing but layout.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote;

use super::super::ident::{argument, ident, ty};
use crate::ir::Type;
use crate::ir::resource::{
    Argument, ClientStructure, Constant, Conversion, Crate, FieldPath, InputValue, Request, Resource, Step,
};

/// Writes the items and expressions of a resource crate.
pub(super) struct Writer<'a> {
    /// The name of the client crate.
    pub(super) client: Ident,
    /// The resources.
    pub(super) resources: &'a [Resource],
}

impl<'a> Writer<'a> {
    pub(super) fn new(krate: &'a Crate) -> Self {
        let client = Ident::new(&krate.client.replace('-', "_"), Span::call_site());
        Self { client, resources: &krate.resources }
    }

    /// The note of a deprecated resource, by its type.
    pub(super) fn deprecation(&self, ty: &str) -> Option<&'a str> {
        self.resources.iter().find(|resource| resource.ty == ty)?.deprecated.as_deref()
    }

    /// A type of the client crate, as the resource crate names it.
    pub(super) fn ty(&self, ir: &Type) -> TokenStream {
        self.in_client_crate(ty(ir))
    }

    /// Replaces `crate` by the name of the client crate.
    fn in_client_crate(&self, tokens: TokenStream) -> TokenStream {
        let replaced = |tree| match tree {
            TokenTree::Ident(ident) if ident == "crate" => TokenTree::Ident(self.client.clone()),
            TokenTree::Group(group) => {
                TokenTree::Group(Group::new(group.delimiter(), self.in_client_crate(group.stream())))
            }
            other => other,
        };
        tokens.into_iter().map(replaced).collect()
    }

    /// The path of a structure of the client crate.
    pub(super) fn structure(&self, structure: &ClientStructure) -> TokenStream {
        let (client, name) = (&self.client, ident(&structure.ty));
        if structure.of_operation { quote!(#client::operation::#name) } else { quote!(#client::types::#name) }
    }

    /// The path of an operation, input or output.
    pub(super) fn operation(&self, name: &str) -> TokenStream {
        let (client, name) = (&self.client, ident(name));
        quote!(#client::operation::#name)
    }

    /// A request and its input. The emitted code has the resource in `this`, and the elements of a batch in `all`.
    pub(super) fn request(&self, request: &Request, this: &TokenStream) -> TokenStream {
        let input = self.operation(&request.input);
        let literal = self.literal(&input, &request.fields, this);
        quote!(#this.client.request(#literal))
    }

    fn literal(&self, name: &TokenStream, fields: &[(String, InputValue)], this: &TokenStream) -> TokenStream {
        if fields.is_empty() {
            return quote!(#name::default());
        }
        let fields = fields.iter().map(|(field, value)| {
            let (field, value) = (ident(field), self.input_value(value, this));
            quote!(#field: #value,)
        });
        quote!(#name { #(#fields)* ..Default::default() })
    }

    /// The expression for a value of an input.
    pub(super) fn input_value(&self, value: &InputValue, this: &TokenStream) -> TokenStream {
        match value {
            InputValue::Argument(it) => argument_value(it),
            InputValue::ArgumentOfAll(it) => {
                let name = ident(&it.ident);
                match it.ty.present() {
                    Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 => quote!(#name),
                    _ => quote!(#name.clone()),
                }
            }
            InputValue::Identifier { ident: name, from, to } => {
                let name = ident(name);
                match (from, to) {
                    (Type::String, Type::Enumeration(_)) => quote!(#this.#name.as_str().into()),
                    (Type::String, _) => quote!(#this.#name.clone()),
                    _ => quote!(#this.#name),
                }
            }
            InputValue::Attribute { path, .. } => cloned(quote!(#this.data()), path),
            InputValue::Constant(Constant::String(text)) => quote!(#text.into()),
            InputValue::Constant(Constant::Integer(number)) => {
                let number = Literal::i64_unsuffixed(*number);
                quote!(#number)
            }
            InputValue::Constant(Constant::Boolean(flag)) => quote!(#flag),
            InputValue::Structure { ty, fields } => {
                let (client, name) = (&self.client, ident(ty));
                self.literal(&quote!(#client::types::#name), fields, this)
            }
            InputValue::List(items) => {
                let items = items.iter().map(|item| self.input_value(item, this));
                quote!(vec![#(#items),*])
            }
            InputValue::PerElement(item) => {
                let item = self.input_value(item, &quote!(it));
                quote!(all.iter().map(|it| #item).collect())
            }
            InputValue::Collected(inner) => match &**inner {
                // Its iterator is collected.
                InputValue::PerElement(_) => self.input_value(inner, this),
                InputValue::Attribute { path, .. } => cloned(quote!(#this.data()), path),
                value => {
                    let value = self.input_value(value, this);
                    quote!(#value.into())
                }
            },
            InputValue::Present(inner) => match &**inner {
                // An attribute may be absent itself.
                InputValue::Attribute { path, .. } => cloned_option(quote!(#this.data()), path),
                present => {
                    let value = self.input_value(present, this);
                    quote!(Some(#value))
                }
            },
        }
    }

    /// Converts a list's element or a response to the data of a resource.
    pub(super) fn conversion(&self, conversion: &Conversion, value: TokenStream) -> TokenStream {
        let Conversion::Fields { structure, fields } = conversion else { return value };
        let name = self.structure(structure);
        let fields = fields.iter().map(|field| {
            let field = ident(field);
            quote!(#field: #value.#field,)
        });
        quote!(#name { #(#fields)* ..Default::default() })
    }
}

/// The type of a method's argument.
pub(super) fn argument_type(writer: &Writer<'_>, it: &Argument) -> TokenStream {
    writer.in_client_crate(argument(&it.ty))
}

/// The expression that converts an argument to the type of its field or identifier.
pub(super) fn argument_value(it: &Argument) -> TokenStream {
    let name = ident(&it.ident);
    quote!(aws_core::IntoMember::into_member(#name))
}

/// The expression for a clone of the value at a path in `root`. May contain `?`, so it must stand in a function or
/// closure that returns an `Option`.
pub(super) fn cloned(root: TokenStream, path: &FieldPath) -> TokenStream {
    let mut tokens = root;
    let mut is_option = false;
    for step in &path.steps {
        tokens = match step {
            _ if is_option => quote!(#tokens.as_ref()?),
            _ => tokens,
        };
        is_option = false;
        tokens = match step {
            Step::Field { ident: name, optional } => {
                is_option = *optional;
                let name = ident(name);
                quote!(#tokens.#name)
            }
            Step::Index(0) => quote!(#tokens.first()?),
            Step::Index(index) => {
                let index = Literal::usize_unsuffixed(*index);
                quote!(#tokens.get(#index)?)
            }
            Step::Each => tokens,
        };
    }
    match &path.ty {
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 if is_option => quote!(#tokens?),
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 => tokens,
        Type::Enumeration(_) if is_option => quote!(#tokens.as_ref()?.as_str().to_owned()),
        Type::Enumeration(_) => quote!(#tokens.as_str().to_owned()),
        _ if is_option => quote!(#tokens.clone()?),
        _ => quote!(#tokens.clone()),
    }
}

/// As [`cloned`], but the expression is an `Option` and may stand anywhere.
pub(super) fn cloned_option(root: TokenStream, path: &FieldPath) -> TokenStream {
    match (&path.steps[..], &path.ty) {
        ([Step::Field { ident: name, optional: true }], Type::String) => {
            let name = ident(name);
            quote!(#root.#name.clone())
        }
        _ => {
            let value = cloned(root, path);
            match without_last_question_mark(&value) {
                Some(option) if has_question_mark(&option) => quote!((|| #option)()),
                Some(option) => option,
                None => quote!((|| Some(#value))()),
            }
        }
    }
}

/// Whether an expression contains the operator `?`.
pub(super) fn has_question_mark(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|tree| match tree {
        TokenTree::Group(group) => has_question_mark(&group.stream()),
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

/// The `Option` to which an expression applies `?` as its last operator.
fn without_last_question_mark(tokens: &TokenStream) -> Option<TokenStream> {
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let last = tokens.pop()?;
    matches!(last, TokenTree::Punct(punct) if punct.as_char() == '?').then(|| tokens.into_iter().collect())
}

/// The expression that moves the value at a path out of `root`. May contain `?`, as with [`cloned`].
pub(super) fn moved(root: TokenStream, path: &FieldPath) -> TokenStream {
    let mut tokens = root;
    for step in &path.steps {
        tokens = match step {
            Step::Field { ident: name, optional } => {
                let (name, question_mark) = (ident(name), optional.then(|| quote!(?)));
                quote!(#tokens.#name #question_mark)
            }
            Step::Index(0) => quote!(#tokens.into_iter().next()?),
            Step::Index(index) => {
                let index = Literal::usize_unsuffixed(*index);
                quote!(#tokens.into_iter().nth(#index)?)
            }
            Step::Each => tokens,
        };
    }
    tokens
}

/// An iterator over the elements at a path, which moves them out of `root`, or borrows them.
pub(super) fn elements(root: TokenStream, path: &FieldPath, borrowed: bool) -> TokenStream {
    let iterator = if borrowed { quote!(iter) } else { quote!(into_iter) };
    let reference = borrowed.then(|| quote!(&));
    // Optional structures are iterated over like lists.
    let mut tokens = root;
    let mut iterating = false;
    let mut steps = path.steps.iter().peekable();
    while let Some(step) = steps.next() {
        let Step::Field { ident: name, optional } = step else { continue };
        let name = ident(name);
        let list = steps.peek() == Some(&&Step::Each);
        tokens = match (iterating, list || *optional) {
            (false, true) => quote!(#tokens.#name.#iterator()),
            (false, false) => quote!(#tokens.#name),
            (true, true) => quote!(#tokens.flat_map(|it| #reference it.#name)),
            (true, false) => quote!(#tokens.map(|it| #reference it.#name)),
        };
        iterating |= list || *optional;
        if list && *optional {
            tokens = quote!(#tokens.flatten());
        }
    }
    tokens
}
