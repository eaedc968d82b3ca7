//! Guards generated descriptors: every structure and union of `services/` and of the golden crates has the fields of
//! its descriptor, by name, by type and in order. The runtime's access to fields relies on this.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use codegen::name;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Item, LitStr, Token, Type, braced, bracketed};
use tests::suite::{Outcome, Suite, entries, workspace};

/// `streaming_structure!(Name, unsafe { "notation" }, [links])`, or `plain_structure!`.
struct Descriptor {
    name: String,
    links: Vec<String>,
    notation: String,
}

impl Parse for Descriptor {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse::<syn::Ident>()?.to_string();
        input.parse::<Token![,]>()?;
        input.parse::<Token![unsafe]>()?;
        let content;
        braced!(content in input);
        let notation = content.parse::<LitStr>()?.value();
        let mut links = Vec::new();
        if input.parse::<Option<Token![,]>>()?.is_some() && input.peek(syn::token::Bracket) {
            let content;
            bracketed!(content in input);
            links = Punctuated::<Type, Token![,]>::parse_terminated(&content)?.iter().map(type_name).collect();
        }
        Ok(Self { name, links, notation })
    }
}

/// A type definition: fields or variants, each with its type.
struct Definition {
    name: String,
    repr: String,
    union: bool,
    /// Whether literals and patterns in other crates must leave room for members that the service adds.
    open: bool,
    fields: Vec<(String, String)>,
}

/// A type without spaces and without the paths of well-known types.
fn type_name(ty: &Type) -> String {
    let name = ty.to_token_stream().to_string().replace(' ', "");
    let name = name.replace("aws_core::", "").replace("::std::", "").replace("std::", "");
    name.trim_end_matches(',').replace(",>", ">")
}

fn definition(item: &Item) -> Option<Definition> {
    let (attributes, name) = match item {
        Item::Struct(it) => (&it.attrs, &it.ident),
        Item::Enum(it) => (&it.attrs, &it.ident),
        _ => return None,
    };
    let attributes = attributes.iter().map(|it| it.meta.to_token_stream().to_string().replace(' ', ""));
    // Of no interest to readers, so that it is not in the documentation.
    let unless_documented =
        |text: &String| text.strip_prefix("cfg_attr(not(doc),")?.strip_suffix(')').map(str::to_owned);
    let repr = attributes.filter_map(|it| unless_documented(&it)).collect();
    let (union, open, fields) = match item {
        Item::Struct(it) => {
            let field = |it: &syn::Field| Some((it.ident.as_ref()?.to_string(), type_name(&it.ty)));
            let mut fields: Vec<_> = it.fields.iter().filter_map(field).collect();
            // Takes no space, so that the layout is the same without it; it must be the last.
            let open = fields.pop_if(|last| *last == ("__non_exhaustive".to_owned(), "()".to_owned())).is_some();
            (false, open, fields)
        }
        Item::Enum(it) => {
            let variant = |variant: &syn::Variant| {
                let types: Vec<_> = variant.fields.iter().map(|it| type_name(&it.ty)).collect();
                (variant.ident.to_string(), types.join(","))
            };
            let open = it.attrs.iter().any(|it| it.path().is_ident("non_exhaustive"));
            (true, open, it.variants.iter().map(variant).collect())
        }
        _ => return None,
    };
    Some(Definition { name: name.to_string(), repr, union, open, fields })
}

/// The type inside `Option` that a keyword of the notation stands for.
fn keyword_type(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
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

fn check(definition: &Definition, descriptor: &Descriptor, enumerations: &BTreeMap<String, bool>) -> Outcome {
    let expect = |found: &str, expect: &str| match found == expect {
        true => Ok(()),
        false => Err(format!("{found}, expected {expect}")),
    };
    let mut entries = descriptor.notation.split(';').map(str::trim).filter(|it| !it.is_empty()).peekable();
    let mut fields = definition.fields.iter();
    let union = entries.next_if_eq(&"union").is_some();
    if union != definition.union {
        return Err("expected an enum for a union, a struct otherwise".to_owned());
    }
    expect(&definition.repr, if union { "repr(C,u8)" } else { "repr(C)" })?;
    if union {
        let (name, ty) = fields.next().ok_or("a union without variants")?;
        expect(&format!("{name}({ty})"), "Unknown(String)")?;
    }
    let mut links = descriptor.links.iter();
    let mut count = 0;
    for entry in entries {
        let (name, ty) = entry.split(' ').next().and_then(|it| it.split_once(':')).ok_or("an entry without a type")?;
        // An exception of an event stream is in the descriptor, but has no variant.
        if union && ty == "error" {
            continue;
        }
        let (field, found) = fields.next().ok_or_else(|| format!("no field for {name}"))?;
        count += 1;
        check_name(field, name, union)?;
        let optional = |inner: &str| if union { inner.to_owned() } else { format!("Option<{inner}>") };
        let expected = match ty {
            "*" if enumerations.get(simple_name(found)) == Some(&false) => {
                return Err(format!("{name} is {found}, whose values are all short and need no link"));
            }
            "*" => links.next().ok_or_else(|| format!("no link for {name}"))?.clone(),
            "stream" => "ByteStream".to_owned(),
            "stream?" => "Option<ByteStream>".to_owned(),
            "[str]" => "List<String>".to_owned(),
            "{str}" => "Map<String,String>".to_owned(),
            "enum" => match enumerations.get(simple_name(found)) {
                None => return Err(format!("{name} is {found}, which is not a string enumeration")),
                Some(true) => return Err(format!("{name} is {found}, whose long values need a link")),
                Some(false) => found.clone(),
            },
            keyword => optional(keyword_type(keyword).ok_or_else(|| format!("unknown keyword {keyword} of {name}"))?),
        };
        expect(&format!("{name}: {found}"), &format!("{name}: {expected}"))?;
    }
    match (fields.next(), links.next()) {
        (Some((field, _)), _) => Err(format!("the field {field} is not in the descriptor (which has {count})")),
        (_, Some(link)) => Err(format!("superfluous link: {link}")),
        (None, None) => Ok(()),
    }
}

/// The name of a type without `Option` and path.
fn simple_name(ty: &str) -> &str {
    let inner = ty.strip_prefix("Option<").and_then(|it| it.strip_suffix('>')).unwrap_or(ty);
    inner.rsplit("::").next().unwrap_or(inner)
}

/// Checks a name: fields are snake case, variants Pascal case; escaped or numbered where the name was taken.
fn check_name(field: &str, name: &str, union: bool) -> Outcome {
    let plain = if union { name::pascal(name) } else { name::snake(name) };
    let rest = field.trim_start_matches("r#").strip_prefix(&plain);
    match rest.is_some_and(|suffix| suffix.chars().all(|it| it == '_' || it.is_ascii_digit())) {
        true => Ok(()),
        false => Err(format!("found the field {field}, expected {name}")),
    }
}

fn collect_sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        match path.is_dir() {
            true => collect_sources(&path, out),
            false if path.extension().is_some_and(|it| it == "rs") => out.push(path),
            false => {}
        }
    }
}

#[test]
fn descriptors_match_the_fields_of_their_types() {
    let mut suite = Suite::new("schema", &[]);
    for root in ["services", "tests/golden"] {
        for package in entries(&workspace().join(root)) {
            let mut files = Vec::new();
            collect_sources(&package.join("src"), &mut files);
            check_crate(&package, &files, &mut suite);
        }
    }
    suite.finish();
}

fn check_crate(package: &Path, files: &[PathBuf], suite: &mut Suite) {
    let mut definitions = Vec::new();
    let mut descriptors = Vec::new();
    let mut enumerations = BTreeMap::new();
    for path in files {
        let text = std::fs::read_to_string(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
        let file = syn::parse_file(&text).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
        for item in &file.items {
            if let Some(it) = definition(item) {
                definitions.push((path.clone(), it));
            }
            let Item::Macro(invocation) = item else { continue };
            let mac = &invocation.mac;
            let Some(last) = mac.path.segments.last().map(|it| it.ident.to_string()) else { continue };
            match last.as_str() {
                "plain_structure" | "streaming_structure" => {
                    let descriptor = mac.parse_body().unwrap_or_else(|it| panic!("{}: {it}", path.display()));
                    descriptors.push((path.clone(), descriptor));
                }
                "string_enum" => enumerations.extend(enumeration(mac)),
                _ => {}
            }
        }
    }
    let package = package.file_name().unwrap_or_default().to_string_lossy();
    for (path, descriptor) in &descriptors {
        let Descriptor { name, .. } = descriptor;
        suite.run(&format!("{package} {name}"), || {
            let found = definitions.iter().find(|it| it.0 == *path && it.1.name == *name);
            let found = &found.ok_or("no such type in this file")?.1;
            if !found.open {
                return Err("literals and patterns of it break when the service adds a member".to_owned());
            }
            check(found, descriptor, &enumerations)
        });
    }
}

/// The name of a string enumeration, which is the first token after its doc comments, and whether the runtime holds not
/// all of its values in place.
fn enumeration(mac: &syn::Macro) -> Option<(String, bool)> {
    let name = |input: ParseStream<'_>| {
        input.call(syn::Attribute::parse_outer)?;
        let name = input.parse::<syn::Ident>()?;
        let mut is_long = false;
        for token in input.parse::<proc_macro2::TokenStream>()? {
            if let Ok(value) = syn::parse2::<LitStr>(token.into()) {
                is_long |= value.value().len() > aws_core::generated::SHORT;
            }
        }
        Ok((name.to_string(), is_long))
    };
    mac.parse_body_with(name).ok()
}

#[test]
fn the_check_finds_every_kind_of_mismatch() {
    let check = |item: &str, descriptor: &str| {
        let item = syn::parse_str::<Item>(item).expect("an item");
        let descriptor = syn::parse_str::<Descriptor>(descriptor).expect("a descriptor");
        check(
            &definition(&item).expect("a type"),
            &descriptor,
            &[("Colour".to_owned(), false), ("Long".to_owned(), true)].into(),
        )
    };
    let item = "#[cfg_attr(not(doc), repr(C))] struct A { pub name: Option<String>, pub type_: Option<crate::types::Colour>, pub list: Vec<B> }";
    assert_eq!(check(item, "A, unsafe { \"Name:str; Type:enum req; List:*\" }, [Vec<B>]"), Ok(()));
    for wrong in [
        "A, unsafe { \"Name:i32; Type:enum req; List:*\" }, [Vec<B>]",
        "A, unsafe { \"Type:enum; Name:str; List:*\" }, [Vec<B>]",
        "A, unsafe { \"Name:str; Type:enum; List:*; More:str\" }, [Vec<B>]",
        "A, unsafe { \"Name:str; Type:enum\" }, [Vec<B>]",
        "A, unsafe { \"Name:str; Type:enum; List:*\" }, [Vec<C>]",
        "A, unsafe { \"Name:str; Type:enum; List:*\" }, [Vec<B>, C]",
        "A, unsafe { \"Name:str; Type:enum; List:*\" }",
        "A, unsafe { \"Name:enum; Type:enum; List:*\" }, [Vec<B>]",
        "A, unsafe { \"union; Name:str; Type:enum; List:*\" }, [Vec<B>]",
    ] {
        assert!(check(item, wrong).is_err(), "{wrong}");
    }
    assert!(
        check(&item.replace("repr(C)", "repr(Rust)"), "A, unsafe { \"Name:str; Type:enum; List:*\" }, [Vec<B>]")
            .is_err()
    );
    let long = item.replace("Colour", "Long");
    assert_eq!(
        check(&long, "A, unsafe { \"Name:str; Type:*; List:*\" }, [Option<crate::types::Long>, Vec<B>]"),
        Ok(())
    );
    assert!(check(&long, "A, unsafe { \"Name:str; Type:enum; List:*\" }, [Vec<B>]").is_err());
    assert!(check(item, "A, unsafe { \"Name:str; Type:*; List:*\" }, [Option<crate::types::Colour>, Vec<B>]").is_err());
    let union = "#[cfg_attr(not(doc), repr(C, u8))] enum U { Unknown(String), Text(String), Many(Vec<B>) }";
    assert_eq!(check(union, "U, unsafe { \"union; Text:str; Many:*\" }, [Vec<B>]"), Ok(()));
    assert!(
        check(&union.replace("Unknown(String), ", ""), "U, unsafe { \"union; Text:str; Many:*\" }, [Vec<B>]").is_err()
    );
}
