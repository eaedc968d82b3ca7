//! The guard of generated descriptions: every structure and union of `services/` and of the golden crates has the fields
//! that its description says, by name, by type and in order. The runtime's way into fields stands on it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use codegen::name;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Item, LitStr, Token, Type, bracketed};
use tests::suite::{Outcome, Suite, entries, workspace};

/// `shape!(Name, [links], "notation")`, or `value!`.
struct Described {
    name: String,
    links: Vec<String>,
    text: String,
}

impl Parse for Described {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse::<syn::Ident>()?.to_string();
        input.parse::<Token![,]>()?;
        let mut links = Vec::new();
        if input.peek(syn::token::Bracket) {
            let content;
            bracketed!(content in input);
            links = Punctuated::<Type, Token![,]>::parse_terminated(&content)?.iter().map(shown).collect();
            input.parse::<Token![,]>()?;
        }
        let text = input.parse::<LitStr>()?.value();
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { name, links, text })
    }
}

/// A type definition: fields or variants, each with its type.
struct Defined {
    name: String,
    repr: String,
    union: bool,
    fields: Vec<(String, String)>,
}

/// A type without blanks and without the paths that lead to what everybody knows.
fn shown(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string().replace(' ', "");
    let text = text.replace("aws_core::", "").replace("::std::", "").replace("std::", "");
    text.trim_end_matches(',').replace("collections::BTreeMap", "BTreeMap").replace(",>", ">")
}

fn defined(item: &Item) -> Option<Defined> {
    let (attributes, name) = match item {
        Item::Struct(it) => (&it.attrs, &it.ident),
        Item::Enum(it) => (&it.attrs, &it.ident),
        _ => return None,
    };
    let repr = attributes.iter().filter(|it| it.path().is_ident("repr"));
    let repr = repr.map(|it| it.meta.to_token_stream().to_string().replace(' ', "")).collect();
    let (union, fields) = match item {
        Item::Struct(it) => {
            let field = |it: &syn::Field| Some((it.ident.as_ref()?.to_string(), shown(&it.ty)));
            (false, it.fields.iter().filter_map(field).collect())
        }
        Item::Enum(it) => {
            let variant = |it: &syn::Variant| {
                let types: Vec<_> = it.fields.iter().map(|it| shown(&it.ty)).collect();
                (it.ident.to_string(), types.join(","))
            };
            (true, it.variants.iter().map(variant).collect())
        }
        _ => return None,
    };
    Some(Defined { name: name.to_string(), repr, union, fields })
}

/// The type that a word promises inside `Option`.
fn promised(word: &str) -> Option<&'static str> {
    Some(match word {
        "str" => "String",
        "bool" => "bool",
        "i32" => "i32",
        "i64" => "i64",
        "f32" => "f32",
        "f64" => "f64",
        "time" => "Timestamp",
        "blob" => "Bytes",
        "doc" => "Document",
        _ => return None,
    })
}

fn check(defined: &Defined, described: &Described, enumerations: &BTreeSet<String>) -> Outcome {
    let expect = |found: &str, expect: &str| match found == expect {
        true => Ok(()),
        false => Err(format!("{found}, expected {expect}")),
    };
    let mut entries = described.text.split(';').map(str::trim).filter(|it| !it.is_empty()).peekable();
    let mut fields = defined.fields.iter();
    let union = entries.next_if_eq(&"union").is_some();
    if union != defined.union {
        return Err("a union is an enum, and nothing else is".to_owned());
    }
    expect(&defined.repr, if union { "repr(C,u8)" } else { "repr(C)" })?;
    if union {
        let (name, ty) = fields.next().ok_or("a union without variants")?;
        expect(&format!("{name}({ty})"), "Unknown(String)")?;
    }
    let mut links = described.links.iter();
    let mut count = 0;
    for entry in entries {
        let (name, ty) = entry.split(' ').next().and_then(|it| it.split_once(':')).ok_or("an entry without a type")?;
        // An exception that ends a stream of events is described, but is no event.
        if union && ty == "error" {
            continue;
        }
        let (field, found) = fields.next().ok_or_else(|| format!("no field for {name}"))?;
        count += 1;
        same_name(field, name, union)?;
        let optional = |inner: &str| if union { inner.to_owned() } else { format!("Option<{inner}>") };
        let wanted = match ty {
            "*" => links.next().ok_or_else(|| format!("no link for {name}"))?.clone(),
            "stream" => "ByteStream".to_owned(),
            "stream?" => "Option<ByteStream>".to_owned(),
            "[str]" => "Vec<String>".to_owned(),
            "[str]?" => optional("Vec<String>"),
            "{str}" => "BTreeMap<String,String>".to_owned(),
            "{str}?" => optional("BTreeMap<String,String>"),
            "enum" => {
                let inner = found.strip_prefix("Option<").and_then(|it| it.strip_suffix('>')).unwrap_or(found);
                let last = inner.rsplit("::").next().unwrap_or(inner);
                if !enumerations.contains(last) {
                    return Err(format!("{name} is {found}, which is no string enumeration"));
                }
                optional(inner)
            }
            word => optional(promised(word).ok_or_else(|| format!("the unknown word {word} of {name}"))?),
        };
        expect(&format!("{name}: {found}"), &format!("{name}: {wanted}"))?;
    }
    match (fields.next(), links.next()) {
        (Some((field, _)), _) => Err(format!("the field {field} is not described ({count} are)")),
        (_, Some(link)) => Err(format!("a link too many: {link}")),
        (None, None) => Ok(()),
    }
}

/// Fields are snake case, variants Pascal case; escaped or numbered where a name was taken.
fn same_name(field: &str, name: &str, union: bool) -> Outcome {
    let plain = if union { name::pascal(name) } else { name::snake(name) };
    let rest = field.trim_start_matches("r#").strip_prefix(&plain);
    match rest.is_some_and(|it| it.chars().all(|it| it == '_' || it.is_ascii_digit())) {
        true => Ok(()),
        false => Err(format!("the field {field} stands where {name} is described")),
    }
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        match path.is_dir() {
            true => sources(&path, out),
            false if path.extension().is_some_and(|it| it == "rs") => out.push(path),
            false => {}
        }
    }
}

#[test]
fn descriptions_say_what_the_fields_are() {
    let mut suite = Suite::new("schema", &[]);
    for root in ["services", "tests/golden"] {
        for package in entries(&workspace().join(root)) {
            let mut files = Vec::new();
            sources(&package.join("src"), &mut files);
            check_crate(&package, &files, &mut suite);
        }
    }
    suite.finish();
}

fn check_crate(package: &Path, files: &[PathBuf], suite: &mut Suite) {
    let mut definitions = Vec::new();
    let mut descriptions = Vec::new();
    let mut enumerations = BTreeSet::new();
    for path in files {
        let text = std::fs::read_to_string(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
        let file = syn::parse_file(&text).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
        for item in &file.items {
            if let Some(it) = defined(item) {
                definitions.push((path.clone(), it));
            }
            let Item::Macro(it) = item else { continue };
            let Some(last) = it.mac.path.segments.last().map(|it| it.ident.to_string()) else { continue };
            match last.as_str() {
                "shape" | "value" => {
                    let described = it.mac.parse_body().unwrap_or_else(|it| panic!("{}: {it}", path.display()));
                    descriptions.push((path.clone(), described));
                }
                "string_enum" => enumerations.extend(enumeration(&it.mac)),
                _ => {}
            }
        }
    }
    let package = package.file_name().unwrap_or_default().to_string_lossy();
    for (path, described) in &descriptions {
        let Described { name, .. } = described;
        suite.run(&format!("{package} {name}"), || {
            let found = definitions.iter().find(|it| it.0 == *path && it.1.name == *name);
            check(&found.ok_or("no such type in this file")?.1, described, &enumerations)
        });
    }
}

/// The name of a string enumeration: the first word behind its documents.
fn enumeration(mac: &syn::Macro) -> Option<String> {
    let name = |input: ParseStream<'_>| {
        input.call(syn::Attribute::parse_outer)?;
        let name = input.parse::<syn::Ident>()?;
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(name.to_string())
    };
    mac.parse_body_with(name).ok()
}

#[test]
fn the_check_can_fail() {
    let check = |item: &str, described: &str| {
        let item = syn::parse_str::<Item>(item).expect("an item");
        let described = syn::parse_str::<Described>(described).expect("a description");
        check(&defined(&item).expect("a type"), &described, &["Colour".to_owned()].into())
    };
    let item =
        "#[repr(C)] struct A { pub name: Option<String>, pub type_: Option<crate::types::Colour>, pub list: Vec<B> }";
    assert_eq!(check(item, "A, [Vec<B>], \"Name:str; Type:enum req; List:*\""), Ok(()));
    for wrong in [
        "A, [Vec<B>], \"Name:i32; Type:enum req; List:*\"",
        "A, [Vec<B>], \"Type:enum; Name:str; List:*\"",
        "A, [Vec<B>], \"Name:str; Type:enum; List:*; More:str\"",
        "A, [Vec<B>], \"Name:str; Type:enum\"",
        "A, [Vec<C>], \"Name:str; Type:enum; List:*\"",
        "A, [Vec<B>, C], \"Name:str; Type:enum; List:*\"",
        "A, \"Name:str; Type:enum; List:*\"",
        "A, [Vec<B>], \"Name:enum; Type:enum; List:*\"",
        "A, [Vec<B>], \"union; Name:str; Type:enum; List:*\"",
    ] {
        assert!(check(item, wrong).is_err(), "{wrong}");
    }
    assert!(check(&item.replace("repr(C)", "repr(Rust)"), "A, [Vec<B>], \"Name:str; Type:enum; List:*\"").is_err());
    let union = "#[repr(C, u8)] enum U { Unknown(String), Text(String), Many(Vec<B>) }";
    assert_eq!(check(union, "U, [Vec<B>], \"union; Text:str; Many:*\""), Ok(()));
    assert!(check(&union.replace("Unknown(String), ", ""), "U, [Vec<B>], \"union; Text:str; Many:*\"").is_err());
}
