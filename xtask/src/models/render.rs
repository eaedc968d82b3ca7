//! Renders a comparison of two releases: plain text for a terminal, Markdown for a pull request. Everything is in a
//! fixed order, so that equal comparisons give equal bytes. Compares nothing itself.

use std::collections::BTreeMap;
use std::fmt::Write;

use codegen::compare::{ApiChange, ChangeKind, EntityKind, ServiceChanges};

use super::Differences;
use crate::workspace::plural;

/// How many names of one kind a line shows for a service that is not printed in detail; more are only counted.
/// Our choice: about one line of a terminal.
const MAX_NAMES: usize = 8;
/// Bytes of Markdown, at most. GitHub limits the description of a pull request to 65,536 characters.
const MAX_MARKDOWN: usize = 60_000;

/// Plain text for a terminal.
pub(super) fn terminal(differences: &Differences) -> String {
    let mut out = format!("botocore {} → {}\n", differences.versions[0], differences.versions[1]);
    differences.notes.iter().for_each(|note| push_line(&mut out, format_args!("{note}")));
    for (index, service) in differences.services.iter().enumerate() {
        push_line(&mut out, format_args!("\n{}", heading(service)));
        let max_names = if differences.detailed.is_none_or(|it| index < it) { usize::MAX } else { MAX_NAMES };
        body(service, max_names).iter().for_each(|it| push_line(&mut out, format_args!("  {it}")));
    }
    out.push('\n');
    totals(differences).iter().for_each(|it| push_line(&mut out, format_args!("{it}")));
    out
}

/// Markdown for a pull request.
pub(super) fn markdown(differences: &Differences) -> String {
    let mut out = format!("## botocore {} → {}\n\n", differences.versions[0], differences.versions[1]);
    totals(differences).iter().chain(&differences.notes).for_each(|it| push_line(&mut out, format_args!("* {it}")));
    for (index, service) in differences.services.iter().enumerate() {
        let max_names = if differences.detailed.is_none_or(|it| index < it) { usize::MAX } else { MAX_NAMES };
        let mut text = format!("\n### {}\n\n", heading(service));
        body(service, max_names).iter().for_each(|it| push_line(&mut text, format_args!("* {}", escape_markdown(it))));
        if out.len() + text.len() > MAX_MARKDOWN {
            let (left, [old, new]) = (differences.services.len() - index, &differences.versions);
            let more = plural(left, "more service");
            push_line(&mut out, format_args!("\n{more}: `cargo xtask models diff {old} {new}` prints everything."));
            break;
        }
        out.push_str(&text);
    }
    out
}

/// Escapes the characters that Markdown would take for emphasis and tags.
fn escape_markdown(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*").replace('_', "\\_").replace('<', "&lt;")
}

fn push_line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}

fn heading(changes: &ServiceChanges) -> String {
    let version = match &changes.versions {
        [Some(old), Some(new)] if old != new => format!(" {old} → {new}"),
        [_, Some(version)] | [Some(version), None] => format!(" {version}"),
        [None, None] => String::new(),
    };
    let service_change = changes
        .model
        .iter()
        .find(|it| it.kind == EntityKind::Service && it.change_kind != ChangeKind::Changed)
        .map(|it| it.change_kind);
    let effect = match (service_change, changes.breaking(), changes.api.len()) {
        (Some(ChangeKind::Added), ..) => "new".to_owned(),
        (Some(_), ..) => "removed, breaking".to_owned(),
        _ if !changes.problems.is_empty() => "not supported".to_owned(),
        (_, 0, 0) => "the generated API is unchanged".to_owned(),
        (_, 0, added) => format!("additive ({})", plural(added, "addition")),
        (_, broken, all) => {
            format!("breaking ({broken} breaking, {})", plural(all - broken, "addition"))
        }
    };
    format!("{}{version}: {effect}", changes.name)
}

/// The lines of a service, each with at most `max_names` names.
fn body(changes: &ServiceChanges, max_names: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if changes.versions.contains(&None) {
        let count = |kind: &EntityKind| Some(plural(*changes.counts.get(kind)?, kind.noun()));
        let kinds = EntityKind::ALL.iter().filter(|kind| **kind != EntityKind::Service);
        lines.push(kinds.filter_map(count).collect::<Vec<_>>().join(", "));
        return lines;
    }
    lines.extend(changes.problems.iter().map(|it| format!("problem   {it}")));
    for (change_kind, verb) in [(ChangeKind::Added, "added    "), (ChangeKind::Removed, "removed  ")] {
        for kind in EntityKind::ALL {
            let names: Vec<&str> = visible(changes, kind, change_kind);
            if !names.is_empty() {
                let shown = names[..names.len().min(max_names)].join(", ");
                let more = names.len().saturating_sub(max_names);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                lines.push(format!("{verb} {}: {shown}{more}", plural(names.len(), kind.noun())));
            }
        }
    }
    let changed: Vec<_> = changes.model.iter().filter(|it| it.change_kind == ChangeKind::Changed).collect();
    for change in changed.iter().take(max_names) {
        lines.push(format!("changed   {} {}: {}", change.kind.noun(), change.name, change.details.join("; ")));
    }
    if changed.len() > max_names {
        lines.push(format!("changed   and {} more", changed.len() - max_names));
    }
    if changes.documentation > 0 {
        lines.push(format!("changed   {}", plural(changes.documentation, "documentation string")));
    }
    lines.extend(changes.api.iter().filter(|it| it.breaking).map(|it| format!("breaking  {}", api_change(it))));
    lines
}

/// The names of what was added or removed, except parts of a shape that was itself added or removed.
fn visible(changes: &ServiceChanges, kind: EntityKind, change_kind: ChangeKind) -> Vec<&str> {
    let has_same_change = |owner: &str| {
        let owners = |it: &&codegen::compare::Change| {
            matches!(it.kind, EntityKind::Shape | EntityKind::Exception | EntityKind::Member)
        };
        changes.model.iter().filter(owners).any(|it| it.change_kind == change_kind && it.name == owner)
    };
    let is_part = |name: &str| {
        matches!(kind, EntityKind::Member | EntityKind::EnumValue)
            && name.match_indices('.').any(|(end, _)| has_same_change(&name[..end]))
    };
    let all = changes.model.iter().filter(|it| it.kind == kind && it.change_kind == change_kind);
    all.map(|it| it.name.as_str()).filter(|name| !is_part(name)).collect()
}

fn api_change(change: &ApiChange) -> String {
    let mut text = change.path.clone();
    match change.change_kind {
        ChangeKind::Removed => text.push_str(" was removed"),
        _ if change.before.starts_with('(') => {
            let _ = write!(text, "{} becomes {}", change.before, change.after);
        }
        _ => {
            let _ = write!(text, ": {} becomes {}", change.before, change.after);
        }
    }
    if let Some(reason) = &change.reason {
        let _ = write!(text, " ({reason})");
    }
    text
}

fn totals(differences: &Differences) -> Vec<String> {
    let services = &differences.services;
    let count = |change_kind| {
        let has_change = |changes: &&ServiceChanges| {
            changes.model.iter().any(|it| it.kind == EntityKind::Service && it.change_kind == change_kind)
        };
        services.iter().filter(has_change).count()
    };
    let (added, removed) = (count(ChangeKind::Added), count(ChangeKind::Removed));
    let documentation_only = services.iter().filter(|it| it.model.is_empty() && it.problems.is_empty()).count();
    let changed = services.len() - added - removed;
    let mut lines = vec![format!(
        "{} before, {} after: {added} added, {removed} removed, {changed} changed ({documentation_only} in documentation only), {} unchanged",
        plural(differences.counts[0], "service"),
        differences.counts[1],
        differences.counts[0] - removed - changed,
    )];
    let mut counts: BTreeMap<(EntityKind, ChangeKind), usize> = BTreeMap::new();
    for service in services {
        for change in service.model.iter().filter(|it| it.kind != EntityKind::Service) {
            *counts.entry((change.kind, change.change_kind)).or_default() += 1;
        }
        let change_kind = match &service.versions {
            [None, _] => ChangeKind::Added,
            [_, None] => ChangeKind::Removed,
            _ => continue,
        };
        for (kind, count) in service.counts.iter().filter(|(kind, _)| **kind != EntityKind::Service) {
            *counts.entry((*kind, change_kind)).or_default() += count;
        }
    }
    for kind in EntityKind::ALL {
        let total = |change_kind| counts.get(&(kind, change_kind)).copied().unwrap_or_default();
        let [added, changed, removed] = [ChangeKind::Added, ChangeKind::Changed, ChangeKind::Removed].map(total);
        if added + changed + removed > 0 {
            lines.push(format!("{}s: {added} added, {changed} changed, {removed} removed", kind.noun()));
        }
    }
    let documentation = services.iter().map(|it| it.documentation).sum();
    lines.push(format!("documentation: {} changed", plural(documentation, "string")));
    let broken: Vec<_> = services.iter().filter(|it| it.breaking() > 0).collect();
    let breaking = broken.iter().map(|it| it.breaking()).sum::<usize>();
    let additions = services.iter().map(|it| it.api.len()).sum::<usize>() - breaking;
    let mut api = format!("generated API: {}, {}", plural(breaking, "breaking change"), plural(additions, "addition"));
    if !broken.is_empty() {
        let names: Vec<_> = broken.iter().map(|it| it.name.as_str()).collect();
        let _ = write!(api, "; breaking in {}", names.join(", "));
    }
    lines.push(api);
    let unsupported = services.iter().filter(|it| !it.problems.is_empty()).count();
    if unsupported > 0 {
        lines.push(format!("{} not supported, so the effect on the API is unknown", plural(unsupported, "service")));
    }
    lines
}
