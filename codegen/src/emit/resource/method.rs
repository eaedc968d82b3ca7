//! The methods of a resource: calls, other resources, lists, waits.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::docs;
use super::super::ident::{door, ident};
use super::value::{self, Writer};
use crate::ir::resource::{
    Action, Argument, Batch, Collection, Factory, List, Made, Reference, Resource, Source, Step, Tree, Waiter, Way,
};
use crate::ir::{Docs, Type};

/// The parameters of a method.
fn parameters<'a>(writer: &Writer, arguments: impl IntoIterator<Item = &'a Argument>) -> Vec<TokenStream> {
    let parameter = |it: &Argument| {
        let (name, ty) = (ident(&it.ident), value::taken(writer, &it.ty));
        quote!(#name: #ty)
    };
    arguments.into_iter().map(parameter).collect()
}

/// The operation's first sentence, and where its prose stands.
fn prose(writer: &Writer, it: &Docs, operation: &str, client_method: &str, more: &str) -> TokenStream {
    let (client, bare) = (&writer.client, client_method.trim_start_matches("r#"));
    let lead = if it.summary.is_empty() { format!("Calls {operation}.") } else { it.summary.clone() };
    let text = format!("{lead}\n\nCalls [`{operation}`]({client}::Client::{bare}).{more}");
    docs::item(&Docs { markdown: text, ..it.clone() }, "")
}

impl Writer {
    pub(super) fn action(&self, it: &Action) -> TokenStream {
        let (method, operation) = (ident(&it.method), self.operation(&it.request.operation));
        let parameters = parameters(self, &it.request.arguments);
        let this = quote!(self);
        let request = self.request(&it.request, &this);
        let Some(made) = &it.made else {
            let prose = prose(self, &it.docs, &it.request.operation, &it.request.method, "");
            let client = &self.client;
            return quote! {
                #prose
                #[inline]
                pub fn #method(&self, #(#parameters),*) -> #client::Request<#operation> { #request }
            };
        };
        let more = match it.method.as_str() {
            "load" => "\n\nThe attributes are those of this moment; nothing there is the error \
                       [`NotFound`](aws_core::ErrorKind::NotFound), or the service's own."
                .to_owned(),
            _ => String::new(),
        };
        let prose = prose(self, &it.docs, &it.request.operation, &it.request.method, &more);
        let (what, result) = (&made.ty, self.result(made));
        let read = self.read(made);
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> crate::Action<#operation, #result> {
                let this = self.clone();
                crate::Action::new(#what, #request, #read)
            }
        }
    }

    /// The type of what is made, lists as lists.
    fn result(&self, made: &Made) -> TokenStream {
        let one = element(made);
        if made.lists.is_empty() { one } else { quote!(Vec<#one>) }
    }

    /// The closure from the request as it is sent to the closure from the answer to the resources; `this` is the parent.
    fn read(&self, made: &Made) -> TokenStream {
        let (keep, uses) = self.kept(made);
        let answers = made.data.is_some()
            || made.lists.iter().any(|it| !it.of_request)
            || made.identifiers.iter().any(|it| matches!(it, Source::Answer(_)));
        let (sent, answer) = (name("sent", uses), name("answer", answers));
        let body = self.body(made, &quote!(this));
        let body = if made.lists.is_empty() { body } else { quote!(Some(#body.collect())) };
        if keep.is_empty() {
            quote!(move |#sent| move |#answer| #body)
        } else {
            quote!(move |#sent| { #(#keep)* move |#answer| #body })
        }
    }

    /// What must be remembered of a request.
    fn kept(&self, made: &Made) -> (Vec<TokenStream>, bool) {
        let mut keep = Vec::new();
        for source in &made.identifiers {
            if let Source::Request(way, _) = source {
                let (name, value) = (kept(way), value::optional(quote!(sent.input()), way));
                keep.push(quote!(let #name = #value;));
            }
        }
        if made.lists.iter().any(|it| it.of_request) {
            keep.push(quote!(let input = sent.input().clone();));
        }
        let uses = !keep.is_empty();
        (keep, uses)
    }

    /// The resources: an expression of one, or an iterator of those of lists; inside something that may return `None`.
    fn body(&self, made: &Made, this: &TokenStream) -> TokenStream {
        if made.lists.is_empty() {
            let resource = self.construct(made, None, this);
            return match &made.data {
                None => quote!(Some(#resource)),
                Some((way, conversion)) => {
                    let data = value::owned(quote!(answer), way);
                    let data = match conversion {
                        crate::ir::resource::Conversion::Same => data,
                        it => {
                            let converted = self.conversion(it, quote!(data));
                            quote!({ let data = #data; #converted })
                        }
                    };
                    quote!(Some(crate::Loaded::new(#resource, #data)))
                }
            };
        }
        let mut lists = made.lists.iter().map(|list| {
            let root = if list.of_request { quote!(input) } else { quote!(answer) };
            let elements = value::elements(root, &list.way);
            let resource = self.construct(made, Some(list), &quote!(this));
            let item = match &list.data {
                None => resource,
                Some(conversion) => {
                    let data = self.conversion(conversion, quote!(it));
                    quote!(crate::Loaded::new(#resource, #data))
                }
            };
            match value::may_leave(&item) {
                true => quote!(#elements.filter_map(|it| Some(#item))),
                false => quote!(#elements.map(|it| #item)),
            }
        });
        let first = lists.next().unwrap_or_default();
        let rest = lists.map(|it| quote!(.chain(#it)));
        quote!(#first #(#rest)*)
    }

    fn construct(&self, made: &Made, list: Option<&List>, this: &TokenStream) -> TokenStream {
        let ty = ident(&made.ty);
        let identifiers = made.identifiers.iter().enumerate().map(|(at, source)| match source {
            Source::Parent(field) => {
                let field = ident(field);
                quote!(#this.#field.clone())
            }
            Source::Answer(way) => value::borrowed(quote!(answer), way),
            Source::Request(way, own) => {
                let kept = kept(way);
                let kept = if list.is_some() && way.ty == Type::String { quote!(#kept.clone()) } else { quote!(#kept) };
                match own {
                    Some(field) => {
                        let field = ident(field);
                        quote!(#kept.unwrap_or_else(|| #this.#field.clone()))
                    }
                    None => quote!(#kept?),
                }
            }
            Source::Item => {
                let way = list.and_then(|list| list.identifiers.iter().find(|it| it.0 == at));
                way.map(|it| item(&it.1)).unwrap_or_default()
            }
            Source::Argument(it) => value::made(&it.ty, &ident(&it.ident)),
        });
        quote!(crate::#ty::at(#this.client.clone(), #(#identifiers),*))
    }

    pub(super) fn factory(&self, it: &Factory) -> TokenStream {
        let (method, ty) = (ident(&it.method), ident(&it.ty));
        let arguments = it.identifiers.iter().filter_map(|it| match it {
            Source::Argument(it) => Some(it),
            _ => None,
        });
        let parameters = parameters(self, arguments);
        let values = it.identifiers.iter().map(|it| match it {
            Source::Parent(field) => {
                let field = ident(field);
                quote!(self.#field.clone())
            }
            Source::Argument(it) => value::made(&it.ty, &ident(&it.ident)),
            _ => TokenStream::new(),
        });
        let prose = docs::lines(&format!("The [`{ty}`](crate::{ty}) of these identifiers; makes no call.", ty = it.ty));
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> crate::#ty {
                crate::#ty::at(self.client.clone(), #(#values),*)
            }
        }
    }

    pub(super) fn reference(&self, it: &Reference) -> TokenStream {
        let (method, result) = (ident(&it.method), element(&it.made));
        let body = self.body(&it.made, &quote!(self));
        let ty = &it.made.ty;
        let clone = quote!(let this = self; let answer = self.data().clone(););
        if it.made.lists.is_empty() {
            let prose =
                docs::lines(&format!("The [`{ty}`](crate::{ty}) that the attributes name, if any; makes no call."));
            quote! {
                #prose
                pub fn #method(&self) -> Option<#result> { let answer = self.data().clone(); #body }
            }
        } else {
            let prose = docs::lines(&format!("Each [`{ty}`](crate::{ty}) that the attributes name; makes no call."));
            quote! {
                #prose
                pub fn #method(&self) -> Vec<#result> { #clone #body.collect() }
            }
        }
    }

    pub(super) fn collection(&self, it: &Collection) -> TokenStream {
        let (method, operation) = (ident(&it.method), self.operation(&it.request.operation));
        let parameters = parameters(self, &it.request.arguments);
        let (request, item) = (self.request(&it.request, &quote!(self)), element(&it.made));
        let (keep, uses) = self.kept(&it.made);
        let sent = name("sent", uses);
        let body = self.body(&it.made, &quote!(this));
        let kind = if it.paged { quote!(paged) } else { quote!(once) };
        let more = match it.made.is_loaded() {
            true => " The elements come with their attributes.",
            false => " The elements come without attributes.",
        };
        let prose = prose(self, &it.docs, &it.request.operation, &it.request.method, more);
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> crate::Collection<#operation, #item> {
                let this = self.clone();
                crate::Collection::#kind(#request, move |#sent| {
                    let this = this.clone();
                    #(#keep)*
                    move |answer| #body.collect()
                })
            }
        }
    }

    pub(super) fn batch(&self, resource: &Resource, it: &Batch) -> TokenStream {
        let (method, operation) = (ident(&it.method), self.operation(&it.request.operation));
        let (ty, door) = (ident(&resource.ty), door());
        let request = self.request(&it.request, &quote!(this));
        let most = proc_macro2::Literal::usize_unsuffixed(it.most);
        let element = if resource.data.is_some() { quote!(crate::Loaded<#ty>) } else { quote!(#ty) };
        let prose = docs::lines(&format!(
            "Calls [`{}`]({}::Client::{}) for all elements, up to {} at a time.",
            it.request.operation,
            self.client,
            it.request.method.trim_start_matches("r#"),
            it.most
        ));
        quote! {
            impl<O: #door::Operation> crate::Collection<O, #element>
            where
                O::Input: Clone,
            {
                #prose
                #[inline]
                pub fn #method(self) -> crate::Batch<#operation> {
                    self.batch(#most, |all| { let this = all.first()?; Some(#request) })
                }
            }
        }
    }

    pub(super) fn waiter(&self, it: &Waiter) -> TokenStream {
        let (method, call, door) = (ident(&it.method), ident(&it.call), door());
        let operation = self.operation(&it.request.operation);
        let parameters = parameters(self, &it.request.arguments);
        let find = |name: &String| it.request.fields.iter().find(|(field, _)| field == name);
        let arguments = it.positional.iter().map(|name| match find(name) {
            Some((_, Tree::Present(tree))) => self.tree(tree, &quote!(self)),
            Some((_, tree)) => self.tree(tree, &quote!(self)),
            None => TokenStream::new(),
        });
        let others = it.request.fields.iter().filter(|(field, _)| !it.positional.contains(field));
        let others = others.map(|(field, tree)| {
            let (field, value) = (ident(field), self.tree(tree, &quote!(self)));
            quote!(.input(|input| input.#field = #value))
        });
        let bare = it.call.trim_start_matches("r#");
        let prose = docs::lines(&format!("Waits as [`{bare}`]({}::Client::{bare}) does.", self.client));
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> #door::Wait<#operation> {
                self.client.#call(#(#arguments),*) #(#others)*
            }
        }
    }
}

/// The type of one resource that is made.
fn element(made: &Made) -> TokenStream {
    let ty = ident(&made.ty);
    if made.is_loaded() { quote!(crate::Loaded<crate::#ty>) } else { quote!(crate::#ty) }
}

/// An identifier out of an element, which may be the identifier itself.
fn item(way: &Way) -> TokenStream {
    value::borrowed(quote!(it), way)
}

/// The variable that remembers what a way of a request leads to: it is called as the field.
fn kept(way: &Way) -> Ident {
    let last = way.steps.iter().rev().find_map(|it| match it {
        Step::Field { ident, .. } => Some(ident.as_str()),
        _ => None,
    });
    ident(last.unwrap_or("kept"))
}

fn name(name: &str, used: bool) -> Ident {
    ident(&if used { name.to_owned() } else { format!("_{name}") })
}
