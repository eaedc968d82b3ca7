//! The public surface of a crate, one line an item, read from its sources by following `pub mod` and `pub use`. Knows
//! neither the crate nor the compiler: it resolves names, not types.
//!
//! What is `#[doc(hidden)]` is not part of the surface. An item that is reachable by several paths is listed at the
//! shortest; the others are `use` lines. Methods that a macro of the crate makes are read from the macro, if it has one
//! arm without repetitions; another macro is listed by its arguments.

mod print;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use print::{compact, fields, generics, signature, without_docs};
use sources::{Definition, Kind, Module, Sources, is_hidden};

/// The public items of the crate `name`, whose root file is `root`, sorted.
///
/// # Errors
/// A source file that cannot be read or parsed, or a name that leads nowhere.
pub fn surface(name: &str, root: &Path) -> Result<Vec<String>, String> {
    let sources = Sources::read(root)?;
    let mut found =
        Found { sources: &sources, name, paths: BTreeMap::new(), lines: BTreeSet::new(), seen: BTreeSet::new() };
    found.module(&[], name)?;
    Ok(found.print())
}

/// Where an item is defined: its module, and its name there.
type Place = (Vec<String>, String);

struct Found<'a> {
    sources: &'a Sources,
    name: &'a str,
    /// The public paths of each item.
    paths: BTreeMap<Place, BTreeSet<String>>,
    /// With the path that they sort by; an item stands before its implementations.
    lines: BTreeSet<(String, bool, String)>,
    /// The modules that were walked, with the path by which they were reached.
    seen: BTreeSet<(Vec<String>, String)>,
}

impl Found<'_> {
    /// Adds the public items of a module that is reached by `path`.
    fn module(&mut self, module: &[String], path: &str) -> Result<(), String> {
        if !self.seen.insert((module.to_vec(), path.to_owned())) {
            return Ok(());
        }
        if path != self.name {
            self.line(path, format!("mod {path}"));
        }
        self.contents(module, path)
    }

    fn contents(&mut self, module: &[String], path: &str) -> Result<(), String> {
        let found: &Module = self.sources.module(module)?;
        for definition in found.definitions.iter().filter(|it| it.public && !it.hidden) {
            self.definition(module, &definition.name, &definition.kind, &format!("{path}::{}", definition.name))?;
        }
        for import in found.uses.iter().filter(|it| it.public && !it.hidden) {
            match (self.sources.resolve(module, &import.path, 0)?, &import.name) {
                (Some((target, None)), None) => self.contents(&target, path)?,
                (Some((target, None)), Some(name)) => self.module(&target, &format!("{path}::{name}"))?,
                (Some((target, Some(item))), Some(name)) => {
                    let place = (target, item);
                    self.paths.entry(place).or_default().insert(format!("{path}::{name}"));
                }
                (None, Some(name)) => {
                    let path = format!("{path}::{name}");
                    self.line(&path, format!("use {path} = {}", import.path.join("::")));
                }
                (target, None) => return Err(format!("{}: a glob of {target:?}", import.path.join("::"))),
            }
        }
        Ok(())
    }

    fn definition(&mut self, module: &[String], name: &str, kind: &Kind, path: &str) -> Result<(), String> {
        match kind {
            Kind::Module(target) => self.module(target, path),
            Kind::Item(_) | Kind::Built(..) => {
                self.paths.entry((module.to_vec(), name.to_owned())).or_default().insert(path.to_owned());
                Ok(())
            }
        }
    }

    fn line(&mut self, path: &str, line: String) {
        self.lines.insert((path.to_owned(), line.starts_with("impl"), line));
    }

    /// The shortest public path of a name as it is written in `module`, if it is an item of the surface.
    fn public_path(&self, module: &[String], written: &syn::Path) -> Resolved {
        let segments: Vec<_> = written.segments.iter().map(|it| it.ident.to_string()).collect();
        match self.sources.resolve(module, &segments, 0) {
            Ok(Some((module, Some(name)))) => match self.paths.get(&(module, name)) {
                Some(paths) => Resolved::Public(shortest(paths)),
                None => Resolved::Private,
            },
            _ => Resolved::Foreign,
        }
    }

    fn print(mut self) -> Vec<String> {
        let sources = self.sources;
        for ((module, name), paths) in self.paths.clone() {
            let path = shortest(&paths);
            for other in paths.iter().filter(|it| **it != path) {
                self.line(other, format!("use {other} = {path}"));
            }
            let kinds: Vec<_> = sources.definitions(&module, &name).filter(|it| it.public && !it.hidden).collect();
            for definition in kinds {
                self.item(&path, definition);
            }
        }
        for (module, item) in sources.impls() {
            self.implementation(module, item);
        }
        self.lines.into_iter().map(|(.., line)| line).collect()
    }

    fn item(&mut self, path: &str, definition: &Definition) {
        let item = match &definition.kind {
            Kind::Module(_) => return,
            Kind::Built(by, arguments) => {
                self.line(path, format!("{path}: {by}! {{ {} }}", compact(&without_docs(arguments.clone()))));
                return;
            }
            Kind::Item(item) => item,
        };
        match &**item {
            syn::Item::Struct(it) => {
                let open = if sources::has(&it.attrs, "non_exhaustive") { "#[non_exhaustive] " } else { "" };
                self.line(path, format!("{open}struct {path}{}{}", generics(&it.generics), fields(&it.fields)));
                for field in it.fields.iter().filter(|it| matches!(it.vis, syn::Visibility::Public(_))) {
                    if let Some(name) = field.ident.as_ref().filter(|_| !is_hidden(&field.attrs)) {
                        self.line(&format!("{path}::{name}"), format!("field {path}.{name}: {}", compact(&field.ty)));
                    }
                }
                self.derives(path, &it.attrs);
            }
            syn::Item::Enum(it) => {
                let open = if sources::has(&it.attrs, "non_exhaustive") { "#[non_exhaustive] " } else { "" };
                self.line(path, format!("{open}enum {path}{}", generics(&it.generics)));
                for variant in it.variants.iter().filter(|it| !is_hidden(&it.attrs)) {
                    let variant_path = format!("{path}::{}", variant.ident);
                    let open = if sources::has(&variant.attrs, "non_exhaustive") { "#[non_exhaustive] " } else { "" };
                    let fields = print::variant_fields(&variant.fields);
                    self.line(&variant_path, format!("{open}variant {variant_path}{fields}"));
                }
                self.derives(path, &it.attrs);
            }
            syn::Item::Trait(it) => {
                let bounds =
                    if it.supertraits.is_empty() { String::new() } else { format!(": {}", compact(&it.supertraits)) };
                self.line(path, format!("trait {path}{}{bounds}", generics(&it.generics)));
                for item in &it.items {
                    self.trait_item(path, item);
                }
            }
            syn::Item::Fn(it) => self.line(path, format!("fn {path}{}", signature(&it.sig))),
            syn::Item::Const(it) => self.line(path, format!("const {path}: {}", compact(&it.ty))),
            syn::Item::Static(it) => self.line(path, format!("static {path}: {}", compact(&it.ty))),
            syn::Item::Type(it) => {
                self.line(path, format!("type {path}{} = {}", generics(&it.generics), compact(&it.ty)));
            }
            syn::Item::Macro(_) => self.line(path, format!("macro {path}!")),
            other => self.line(path, format!("{path}: {}", compact(other))),
        }
    }

    fn trait_item(&mut self, path: &str, item: &syn::TraitItem) {
        match item {
            syn::TraitItem::Fn(it) if !is_hidden(&it.attrs) => {
                let name = format!("{path}::{}", it.sig.ident);
                let kind = if it.default.is_some() { "provided" } else { "required" };
                self.line(&name, format!("{kind} fn {name}{}", signature(&it.sig)));
            }
            syn::TraitItem::Const(it) if !is_hidden(&it.attrs) => {
                let name = format!("{path}::{}", it.ident);
                self.line(&name, format!("const {name}: {}", compact(&it.ty)));
            }
            syn::TraitItem::Type(it) if !is_hidden(&it.attrs) => {
                let name = format!("{path}::{}", it.ident);
                let bounds = if it.bounds.is_empty() { String::new() } else { format!(": {}", compact(&it.bounds)) };
                self.line(&name, format!("type {name}{bounds}"));
            }
            _ => {}
        }
    }

    fn derives(&mut self, path: &str, attributes: &[syn::Attribute]) {
        for name in sources::derived(attributes) {
            self.line(path, format!("impl {name} for {path}"));
        }
    }

    /// The public functions of an `impl`, or the line that a public type implements a trait.
    fn implementation(&mut self, module: &[String], item: &syn::ItemImpl) {
        if is_hidden(&item.attrs) {
            return;
        }
        let owner = match &*item.self_ty {
            syn::Type::Path(it) => self.public_path(module, &it.path),
            _ => Resolved::Foreign,
        };
        let Some((trait_path, _)) = &item.trait_ else {
            let Resolved::Public(path) = owner else { return };
            for function in &item.items {
                self.member(&path, function);
            }
            return;
        };
        let by_trait = self.public_path(module, trait_path);
        let path = match (owner, by_trait) {
            (_, Resolved::Private) | (Resolved::Private, _) | (Resolved::Foreign, Resolved::Foreign) => return,
            (Resolved::Public(path), _) | (Resolved::Foreign, Resolved::Public(path)) => path,
        };
        let line = format!("impl{} {} for {}", generics(&item.generics), compact(trait_path), compact(&item.self_ty));
        self.line(&path, line);
    }

    fn member(&mut self, path: &str, member: &syn::ImplItem) {
        match member {
            syn::ImplItem::Fn(it) if matches!(it.vis, syn::Visibility::Public(_)) && !is_hidden(&it.attrs) => {
                let name = format!("{path}::{}", it.sig.ident);
                self.line(&name, format!("fn {name}{}", signature(&it.sig)));
            }
            syn::ImplItem::Const(it) if matches!(it.vis, syn::Visibility::Public(_)) && !is_hidden(&it.attrs) => {
                let name = format!("{path}::{}", it.ident);
                self.line(&name, format!("const {name}: {}", compact(&it.ty)));
            }
            _ => {}
        }
    }
}

/// What a name of the sources is to users of the crate.
enum Resolved {
    Public(String),
    Private,
    Foreign,
}

fn shortest(paths: &BTreeSet<String>) -> String {
    paths.iter().min_by_key(|it| (it.matches("::").count(), it.len())).cloned().unwrap_or_default()
}
