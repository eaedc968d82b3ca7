//! The layers of the generator and of the runtime: which module may import which. Knows module names only.

/// Layers of the generator, highest first. A module imports from layers below its own, or from its own.
const CODEGEN: &[&[&str]] = &[
    &["compare", "runtime_files"],
    &["emit"],
    &["resolve"],
    &["fixups"],
    &["model"],
    &["source"],
    &["tables"],
    &["expr"],
    &["ir", "json", "output"],
    &["name", "prose", "report"],
];
/// What no module of the generator may import, although it is below: crates are laid out from decisions, not from
/// models.
const CODEGEN_NEVER: &[(&str, &str)] = &[("emit", "model"), ("emit", "source"), ("emit", "json"), ("ir", "json")];
/// Layers of the runtime, highest first.
const RUNTIME: &[&[&str]] = &[
    &["resource", "signing", "testing"],
    &["session"],
    &["credential_providers"],
    &["paginate", "wait"],
    &["call"],
    &["hooks"],
    &["auth", "checksum", "endpoint", "protocol", "regions", "retry"],
    &["codec", "credentials", "http", "operation"],
    &["config", "schema"],
    &["jmespath"],
    &["encoding", "eventstream", "types"],
    &["ordered", "sync", "tokio_runtime"],
    &["error", "future"],
];
/// What a module of the runtime may import although it is above: an error keeps the service's response and the protocol
/// that reads modelled exceptions out of it, on request.
const RUNTIME_STILL: &[(&str, &str)] = &[("error", "protocol"), ("error", "schema")];

/// Which module of a crate may import which.
pub(super) struct Layers {
    order: &'static [&'static [&'static str]],
    never: &'static [(&'static str, &'static str)],
    still: &'static [(&'static str, &'static str)],
}

/// The folders whose files are checked, and their layers.
pub(super) const FOLDERS: [(&str, Layers); 5] = [
    ("codegen", Layers { order: CODEGEN, never: CODEGEN_NEVER, still: &[] }),
    ("runtime", Layers { order: RUNTIME, never: &[], still: RUNTIME_STILL }),
    ("services", Layers::NONE),
    ("tests", Layers::NONE),
    ("xtask", Layers::NONE),
];

impl Layers {
    /// The imports that point up and are allowed.
    pub(super) fn still(&self) -> &'static [(&'static str, &'static str)] {
        self.still
    }

    /// Whether the crate has layers at all.
    pub(super) fn is_layered(&self) -> bool {
        !self.order.is_empty()
    }

    /// Whether the module has a layer, or needs none: the root of a crate, and the doors of generated code and of tests,
    /// which name modules of all layers.
    pub(super) fn names(&self, module: &str) -> bool {
        !self.is_layered()
            || ["lib", "generated", "internals"].contains(&module)
            || self.order.iter().any(|layer| layer.contains(&module))
    }

    const NONE: Layers = Layers { order: &[], never: &[], still: &[] };

    /// The imports in `line` that the module `own` may not have; empty for a module without a layer.
    pub(super) fn forbidden<'a>(&self, own: &str, line: &'a str) -> Vec<&'a str> {
        let layer = |module: &str| self.order.iter().position(|layer| layer.contains(&module));
        let Some(own_layer) = layer(own) else { return Vec::new() };
        let is_forbidden = |other: &&str| {
            let is_above = layer(other).is_some_and(|layer| layer < own_layer);
            let pair = (own, *other);
            is_above && !self.still.contains(&pair) || self.never.contains(&pair)
        };
        imports(line).into_iter().filter(is_forbidden).collect()
    }
}

/// The modules that follow `crate::` in a line.
fn imports(line: &str) -> Vec<&str> {
    let mut modules = Vec::new();
    for (index, _) in line.match_indices("crate::") {
        if line[..index].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '"') {
            continue;
        }
        let rest = &line[index + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => group.split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        let end = |name: &str| name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
        modules.extend(names.into_iter().map(|name| &name[..end(name)]).filter(|name| !name.is_empty()));
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(crate_: usize, module: &str, line: &str, expect: &[&str]) {
        assert_eq!(FOLDERS[crate_].1.forbidden(module, line), expect, "{line}");
    }

    #[test]
    fn imports_point_down() {
        check(0, "resolve", "use crate::model::Service;", &[]);
        check(0, "resolve", "use crate::{ir, name::Scope};", &[]);
        check(0, "model", "use crate::{ir, resolve};", &["resolve"]);
        check(0, "emit", "use crate::model::Service;", &["model"]);
        check(0, "emit", "quote!(aws_core::crate::model)", &[]);
        check(0, "name", "pub(in crate::name) fn f() {}", &[]);
        check(1, "error", "use crate::protocol::ResponseParts;", &[]);
        check(1, "protocol", "use crate::call::OperationPlan;", &["call"]);
        check(3, "suite", "use crate::session;", &[]);
    }
}
