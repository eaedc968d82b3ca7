//! A comparison of two releases as text for a terminal and as Markdown for a pull request. Everything is in a fixed order,
//! so that equal comparisons give equal bytes. It judges nothing.

use std::collections::BTreeMap;
use std::fmt::Write;

use codegen::compare::{ApiChange, Kind, ServiceChanges, Sort};

use super::Differences;
use crate::workspace::plural;

/// Names of one kind that a line shows before the others are only counted, where a service is told in short.
const FEW: usize = 8;
/// As much fits into the text of a pull request.
const PULL_REQUEST: usize = 60_000;

/// For a terminal.
pub(super) fn plain(it: &Differences) -> String {
    let mut out = format!("botocore {} → {}\n", it.versions[0], it.versions[1]);
    it.notes.iter().for_each(|note| line(&mut out, format_args!("{note}")));
    for (index, service) in it.services.iter().enumerate() {
        line(&mut out, format_args!("\n{}", heading(service)));
        let most = if it.detailed.is_none_or(|detailed| index < detailed) { usize::MAX } else { FEW };
        body(service, most).iter().for_each(|it| line(&mut out, format_args!("  {it}")));
    }
    out.push('\n');
    totals(it).iter().for_each(|it| line(&mut out, format_args!("{it}")));
    out
}

/// For a pull request.
pub(super) fn markdown(it: &Differences) -> String {
    let mut out = format!("## botocore {} → {}\n\n", it.versions[0], it.versions[1]);
    totals(it).iter().chain(&it.notes).for_each(|it| line(&mut out, format_args!("* {it}")));
    for (index, service) in it.services.iter().enumerate() {
        let most = if it.detailed.is_none_or(|detailed| index < detailed) { usize::MAX } else { FEW };
        let mut text = format!("\n### {}\n\n", heading(service));
        body(service, most).iter().for_each(|it| line(&mut text, format_args!("* {}", quoted(it))));
        if out.len() + text.len() > PULL_REQUEST {
            let (left, [old, new]) = (it.services.len() - index, &it.versions);
            let more = plural(left, "more service");
            line(&mut out, format_args!("\n{more}: `cargo xtask models diff {old} {new}` prints everything."));
            break;
        }
        out.push_str(&text);
    }
    out
}

/// Names would be taken for emphasis and links.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*").replace('_', "\\_").replace('<', "&lt;")
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}

fn heading(it: &ServiceChanges) -> String {
    let version = match &it.versions {
        [Some(old), Some(new)] if old != new => format!(" {old} → {new}"),
        [_, Some(version)] | [Some(version), None] => format!(" {version}"),
        [None, None] => String::new(),
    };
    let whole = it.model.iter().find(|it| it.kind == Kind::Service && it.sort != Sort::Changed).map(|it| it.sort);
    let effect = match (whole, it.breaking(), it.api.len()) {
        (Some(Sort::Added), ..) => "new".to_owned(),
        (Some(_), ..) => "removed, breaking".to_owned(),
        _ if !it.problems.is_empty() => "not understood".to_owned(),
        (_, 0, 0) => "the generated API stays as it is".to_owned(),
        (_, 0, added) => format!("additive ({})", plural(added, "addition")),
        (_, broken, all) => {
            format!("breaking ({broken} breaking, {})", plural(all - broken, "addition"))
        }
    };
    format!("{}{version}: {effect}", it.name)
}

/// The lines of a service, at most so many names in one.
fn body(it: &ServiceChanges, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if it.versions.contains(&None) {
        let count = |kind: &Kind| Some(plural(*it.counts.get(kind)?, kind.word()));
        let kinds = Kind::ALL.iter().filter(|kind| **kind != Kind::Service);
        lines.push(kinds.filter_map(count).collect::<Vec<_>>().join(", "));
        return lines;
    }
    lines.extend(it.problems.iter().map(|it| format!("problem   {it}")));
    for (sort, word) in [(Sort::Added, "added    "), (Sort::Removed, "removed  ")] {
        for kind in Kind::ALL {
            let names: Vec<&str> = visible(it, kind, sort);
            if !names.is_empty() {
                let shown = names[..names.len().min(most)].join(", ");
                let more = names.len().saturating_sub(most);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                lines.push(format!("{word} {}: {shown}{more}", plural(names.len(), kind.word())));
            }
        }
    }
    let changed: Vec<_> = it.model.iter().filter(|it| it.sort == Sort::Changed).collect();
    for change in changed.iter().take(most) {
        lines.push(format!("changed   {} {}: {}", change.kind.word(), change.name, change.details.join("; ")));
    }
    if changed.len() > most {
        lines.push(format!("changed   and {} more", changed.len() - most));
    }
    if it.documentation > 0 {
        lines.push(format!("changed   {} of documentation", plural(it.documentation, "text")));
    }
    lines.extend(it.api.iter().filter(|it| it.breaking).map(|it| format!("breaking  {}", api(it))));
    lines
}

/// Names of what was added or removed; what is part of a new or removed shape goes with it.
fn visible(it: &ServiceChanges, kind: Kind, sort: Sort) -> Vec<&str> {
    let is_whole = |owner: &str| {
        let owners = |it: &&codegen::compare::Change| matches!(it.kind, Kind::Shape | Kind::Exception | Kind::Member);
        it.model.iter().filter(owners).any(|it| it.sort == sort && it.name == owner)
    };
    let part = |name: &str| {
        matches!(kind, Kind::Member | Kind::EnumValue) && name.match_indices('.').any(|(at, _)| is_whole(&name[..at]))
    };
    let all = it.model.iter().filter(|it| it.kind == kind && it.sort == sort);
    all.map(|it| it.name.as_str()).filter(|name| !part(name)).collect()
}

fn api(it: &ApiChange) -> String {
    let mut text = it.path.clone();
    match it.sort {
        Sort::Removed => text.push_str(" is gone"),
        _ if it.before.starts_with('(') => {
            let _ = write!(text, "{} becomes {}", it.before, it.after);
        }
        _ => {
            let _ = write!(text, ": {} becomes {}", it.before, it.after);
        }
    }
    if let Some(reason) = &it.reason {
        let _ = write!(text, " ({reason})");
    }
    text
}

fn totals(it: &Differences) -> Vec<String> {
    let whole = |sort| {
        let of = |it: &&ServiceChanges| it.model.iter().any(|it| it.kind == Kind::Service && it.sort == sort);
        it.services.iter().filter(of).count()
    };
    let (added, removed) = (whole(Sort::Added), whole(Sort::Removed));
    let prose = it.services.iter().filter(|it| it.model.is_empty() && it.problems.is_empty()).count();
    let changed = it.services.len() - added - removed;
    let mut lines = vec![format!(
        "{} before, {} after: {added} added, {removed} removed, {changed} changed ({prose} in documentation only), {} the same",
        plural(it.counts[0], "service"),
        it.counts[1],
        it.counts[0] - removed - changed,
    )];
    let mut counts: BTreeMap<(Kind, Sort), usize> = BTreeMap::new();
    for service in &it.services {
        for change in service.model.iter().filter(|it| it.kind != Kind::Service) {
            *counts.entry((change.kind, change.sort)).or_default() += 1;
        }
        let sort = match &service.versions {
            [None, _] => Sort::Added,
            [_, None] => Sort::Removed,
            _ => continue,
        };
        for (kind, count) in service.counts.iter().filter(|(kind, _)| **kind != Kind::Service) {
            *counts.entry((*kind, sort)).or_default() += count;
        }
    }
    for kind in Kind::ALL {
        let of = |sort| counts.get(&(kind, sort)).copied().unwrap_or_default();
        let [added, changed, removed] = [Sort::Added, Sort::Changed, Sort::Removed].map(of);
        if added + changed + removed > 0 {
            lines.push(format!("{}s: {added} added, {changed} changed, {removed} removed", kind.word()));
        }
    }
    let texts = it.services.iter().map(|it| it.documentation).sum();
    lines.push(format!("documentation: {} changed", plural(texts, "text")));
    let broken: Vec<_> = it.services.iter().filter(|it| it.breaking() > 0).collect();
    let breaking = broken.iter().map(|it| it.breaking()).sum::<usize>();
    let additions = it.services.iter().map(|it| it.api.len()).sum::<usize>() - breaking;
    let mut api = format!("generated API: {}, {}", plural(breaking, "breaking change"), plural(additions, "addition"));
    if !broken.is_empty() {
        let names: Vec<_> = broken.iter().map(|it| it.name.as_str()).collect();
        let _ = write!(api, "; breaking in {}", names.join(", "));
    }
    lines.push(api);
    let unknown = it.services.iter().filter(|it| !it.problems.is_empty()).count();
    if unknown > 0 {
        lines.push(format!("{} not understood, and so not judged", plural(unknown, "service")));
    }
    lines
}
