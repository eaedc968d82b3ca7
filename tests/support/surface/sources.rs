//! The modules of a crate, parsed, and where the names in them lead. Knows nothing of what is public to whom.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

use super::print;

/// How many imports may lead from one to the next: far more than any crate needs, so that a cycle is an error.
const MAX_IMPORTS: usize = 32;

pub(super) struct Sources {
    modules: BTreeMap<Vec<String>, Module>,
}

#[derive(Default)]
pub(super) struct Module {
    pub(super) definitions: Vec<Definition>,
    pub(super) uses: Vec<Import>,
    impls: Vec<syn::ItemImpl>,
}

pub(super) struct Definition {
    pub(super) name: String,
    pub(super) public: bool,
    pub(super) hidden: bool,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Module(Vec<String>),
    Item(Box<syn::Item>),
    /// Built by a macro of the crate: its name and its arguments.
    Built(String, TokenStream),
}

pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// `None` is a glob.
    pub(super) name: Option<String>,
    pub(super) public: bool,
    pub(super) hidden: bool,
}

impl Sources {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let mut sources = Self { modules: BTreeMap::new() };
        let folder = root.parent().unwrap_or(root).to_owned();
        sources.file(Vec::new(), root, &folder)?;
        Ok(sources)
    }

    /// Reads a file; the files of its modules are in `folder`.
    fn file(&mut self, module: Vec<String>, path: &Path, folder: &Path) -> Result<(), String> {
        let text = fs::read_to_string(path).map_err(|it| format!("{}: {it}", path.display()))?;
        let file = syn::parse_file(&text).map_err(|it| format!("{}: {it}", path.display()))?;
        self.items(module, file.items, path, folder)
    }

    fn items(&mut self, module: Vec<String>, items: Vec<syn::Item>, file: &Path, folder: &Path) -> Result<(), String> {
        let mut found = Module::default();
        let mut macros: BTreeMap<String, TokenStream> = BTreeMap::new();
        for item in items {
            if !is_compiled(attributes(&item)) {
                continue;
            }
            let (hidden, public) = (is_hidden(attributes(&item)), visibility(&item));
            match item {
                syn::Item::Use(it) => imports(&it.tree, &mut Vec::new(), (public, hidden), &mut found.uses),
                syn::Item::Impl(it) => found.impls.push(it),
                syn::Item::Mod(it) => {
                    let name = it.ident.to_string();
                    let inner = [&module[..], std::slice::from_ref(&name)].concat();
                    found.definitions.push(Definition {
                        name: name.clone(),
                        public,
                        hidden,
                        kind: Kind::Module(inner.clone()),
                    });
                    let below = folder.join(&name);
                    match it.content {
                        Some((_, items)) => self.items(inner, items, file, &below)?,
                        None => {
                            let path = module_file(&it.attrs, file, folder, &name);
                            self.file(inner, &path, &below)?;
                        }
                    }
                }
                syn::Item::Macro(it) if it.ident.is_some() => {
                    let name = it.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                    macros.insert(name.clone(), it.mac.tokens.clone());
                    let exported = has(&it.attrs, "macro_export");
                    let kind = Kind::Item(Box::new(syn::Item::Macro(it)));
                    // An exported macro belongs to the root of the crate, wherever it is written.
                    let owner = if exported { self.modules.entry(Vec::new()).or_default() } else { &mut found };
                    owner.definitions.push(Definition { name, public: exported, hidden, kind });
                }
                syn::Item::Macro(it) => {
                    let by = it.mac.path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default();
                    let tokens = it.mac.tokens;
                    if let Some(file) = macros.get(&by).and_then(|body| print::expanded(body, &tokens)) {
                        found.impls.extend(file.items.into_iter().filter_map(|it| match it {
                            syn::Item::Impl(it) => Some(it),
                            _ => None,
                        }));
                    } else if let Some(name) = first_ident(tokens.clone()) {
                        found.definitions.push(Definition {
                            name,
                            public: true,
                            hidden,
                            kind: Kind::Built(by, tokens),
                        });
                    }
                }
                other => {
                    let Some(name) = name(&other) else { continue };
                    found.definitions.push(Definition { name, public, hidden, kind: Kind::Item(Box::new(other)) });
                }
            }
        }
        let entry = self.modules.entry(module).or_default();
        entry.definitions.extend(found.definitions);
        entry.uses.extend(found.uses);
        entry.impls.extend(found.impls);
        Ok(())
    }

    pub(super) fn module(&self, path: &[String]) -> Result<&Module, String> {
        self.modules.get(path).ok_or_else(|| format!("no module {}", path.join("::")))
    }

    pub(super) fn definitions<'a>(&'a self, module: &[String], name: &'a str) -> impl Iterator<Item = &'a Definition> {
        self.modules.get(module).into_iter().flat_map(|it| &it.definitions).filter(move |it| it.name == name)
    }

    pub(super) fn impls(&self) -> impl Iterator<Item = (&[String], &syn::ItemImpl)> {
        self.modules.iter().flat_map(|(path, it)| it.impls.iter().map(move |item| (&path[..], item)))
    }

    /// What a path in a module leads to: a module, or an item of a module; `None` is another crate.
    #[expect(clippy::type_complexity, reason = "a module, and perhaps an item of it")]
    pub(super) fn resolve(
        &self,
        module: &[String],
        path: &[String],
        imports: usize,
    ) -> Result<Option<(Vec<String>, Option<String>)>, String> {
        if imports > MAX_IMPORTS {
            return Err(format!("{}: imports lead in a circle", path.join("::")));
        }
        let mut module = module.to_vec();
        for (index, segment) in path.iter().enumerate() {
            let is_last = index + 1 == path.len();
            match segment.as_str() {
                "crate" | "$crate" => module = Vec::new(),
                "self" => {}
                "super" => drop(module.pop()),
                name => match self.step(&module, name, imports)? {
                    Some((target, None)) => module = target,
                    Some((target, Some(item))) if is_last => return Ok(Some((target, Some(item)))),
                    // A member of a type, such as a variant.
                    Some(_) => return Ok(None),
                    None if index == 0 => return Ok(None),
                    None if is_prefix(&path[..index]) => return Ok(None),
                    None => return Err(format!("{}: no `{name}` in `{}`", path.join("::"), module.join("::"))),
                },
            }
        }
        Ok(Some((module, None)))
    }

    #[expect(clippy::type_complexity, reason = "a module, and perhaps an item of it")]
    fn step(
        &self,
        module: &[String],
        name: &str,
        imports: usize,
    ) -> Result<Option<(Vec<String>, Option<String>)>, String> {
        let found = self.module(module)?;
        if let Some(definition) = found.definitions.iter().find(|it| it.name == name) {
            return Ok(Some(match &definition.kind {
                Kind::Module(target) => (target.clone(), None),
                Kind::Item(_) | Kind::Built(..) => (module.to_vec(), Some(name.to_owned())),
            }));
        }
        if let Some(import) = found.uses.iter().find(|it| it.name.as_deref() == Some(name)) {
            return self.resolve_import(module, import, name, imports);
        }
        for glob in found.uses.iter().filter(|it| it.name.is_none()) {
            if let Some((target, None)) = self.resolve(module, &glob.path, imports + 1)?
                && let Some(found) = self.step(&target, name, imports + 1)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    #[expect(clippy::type_complexity, reason = "a module, and perhaps an item of it")]
    fn resolve_import(
        &self,
        module: &[String],
        import: &Import,
        name: &str,
        imports: usize,
    ) -> Result<Option<(Vec<String>, Option<String>)>, String> {
        // `use http::Url` in a module without `http` means the crate of that name.
        if import.path.first().is_some_and(|it| it == name) && import.path.len() == 1 {
            return Ok(None);
        }
        self.resolve(module, &import.path, imports + 1)
    }
}

fn is_prefix(path: &[String]) -> bool {
    path.iter().all(|it| ["crate", "$crate", "self", "super"].contains(&it.as_str()))
}

/// The file of `mod name;`.
fn module_file(attributes: &[syn::Attribute], file: &Path, folder: &Path, name: &str) -> PathBuf {
    for attribute in attributes.iter().filter(|it| it.path().is_ident("path")) {
        if let syn::Meta::NameValue(it) = &attribute.meta
            && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) = &it.value
        {
            return file.parent().unwrap_or(file).join(path.value());
        }
    }
    let plain = folder.join(format!("{name}.rs"));
    if plain.exists() { plain } else { folder.join(name).join("mod.rs") }
}

fn imports(tree: &syn::UseTree, prefix: &mut Vec<String>, (public, hidden): (bool, bool), found: &mut Vec<Import>) {
    let mut add = |path: Vec<String>, name: Option<String>| found.push(Import { path, name, public, hidden });
    let joined = |last: &syn::Ident| match last == "self" {
        true => prefix.clone(),
        false => [&prefix[..], &[last.to_string()]].concat(),
    };
    match tree {
        syn::UseTree::Path(it) => {
            prefix.push(it.ident.to_string());
            imports(&it.tree, prefix, (public, hidden), found);
            prefix.pop();
        }
        syn::UseTree::Name(it) => {
            let path = joined(&it.ident);
            let name = path.last().cloned();
            add(path, name);
        }
        syn::UseTree::Rename(it) => add(joined(&it.ident), Some(it.rename.to_string())),
        syn::UseTree::Glob(_) => add(prefix.clone(), None),
        syn::UseTree::Group(it) => {
            for tree in &it.items {
                imports(tree, prefix, (public, hidden), found);
            }
        }
    }
}

fn first_ident(tokens: TokenStream) -> Option<String> {
    match print::without_docs(tokens).into_iter().next() {
        Some(TokenTree::Ident(it)) => Some(it.to_string()),
        _ => None,
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(it) => &it.attrs,
        syn::Item::Enum(it) => &it.attrs,
        syn::Item::Fn(it) => &it.attrs,
        syn::Item::Impl(it) => &it.attrs,
        syn::Item::Macro(it) => &it.attrs,
        syn::Item::Mod(it) => &it.attrs,
        syn::Item::Static(it) => &it.attrs,
        syn::Item::Struct(it) => &it.attrs,
        syn::Item::Trait(it) => &it.attrs,
        syn::Item::Type(it) => &it.attrs,
        syn::Item::Union(it) => &it.attrs,
        syn::Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

fn visibility(item: &syn::Item) -> bool {
    let visibility = match item {
        syn::Item::Const(it) => &it.vis,
        syn::Item::Enum(it) => &it.vis,
        syn::Item::Fn(it) => &it.vis,
        syn::Item::Mod(it) => &it.vis,
        syn::Item::Static(it) => &it.vis,
        syn::Item::Struct(it) => &it.vis,
        syn::Item::Trait(it) => &it.vis,
        syn::Item::Type(it) => &it.vis,
        syn::Item::Union(it) => &it.vis,
        syn::Item::Use(it) => &it.vis,
        _ => return false,
    };
    matches!(visibility, syn::Visibility::Public(_))
}

fn name(item: &syn::Item) -> Option<String> {
    Some(match item {
        syn::Item::Const(it) => it.ident.to_string(),
        syn::Item::Enum(it) => it.ident.to_string(),
        syn::Item::Fn(it) => it.sig.ident.to_string(),
        syn::Item::Static(it) => it.ident.to_string(),
        syn::Item::Struct(it) => it.ident.to_string(),
        syn::Item::Trait(it) => it.ident.to_string(),
        syn::Item::Type(it) => it.ident.to_string(),
        syn::Item::Union(it) => it.ident.to_string(),
        _ => return None,
    })
}

/// Whether an attribute of this name is there.
pub(super) fn has(attributes: &[syn::Attribute], name: &str) -> bool {
    attributes.iter().any(|it| it.path().is_ident(name))
}

/// Whether the item is `#[doc(hidden)]`.
pub(super) fn is_hidden(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|it| match &it.meta {
        syn::Meta::List(list) => it.path().is_ident("doc") && list.tokens.to_string() == "hidden",
        _ => false,
    })
}

/// The traits that are derived.
pub(super) fn derived(attributes: &[syn::Attribute]) -> Vec<String> {
    let lists = attributes.iter().filter(|it| it.path().is_ident("derive")).filter_map(|it| match &it.meta {
        syn::Meta::List(list) => Some(print::compact(&list.tokens)),
        _ => None,
    });
    lists.flat_map(|it| it.split(", ").map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Whether the item is compiled for users who enable all features.
fn is_compiled(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().filter(|it| it.path().is_ident("cfg")).all(|it| match &it.meta {
        syn::Meta::List(list) => list.parse_args::<syn::Meta>().is_ok_and(|condition| holds(&condition)),
        _ => true,
    })
}

fn holds(condition: &syn::Meta) -> bool {
    let inner = |list: &syn::MetaList| {
        let parser = syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated;
        list.parse_args_with(parser).map(|it| it.into_iter().collect::<Vec<_>>()).unwrap_or_default()
    };
    match condition {
        syn::Meta::Path(it) => it.is_ident("unix"),
        syn::Meta::NameValue(it) => it.path.is_ident("feature"),
        syn::Meta::List(it) if it.path.is_ident("any") => inner(it).iter().any(holds),
        syn::Meta::List(it) if it.path.is_ident("all") => inner(it).iter().all(holds),
        syn::Meta::List(it) => !inner(it).iter().any(holds),
    }
}
