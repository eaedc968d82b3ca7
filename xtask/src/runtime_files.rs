//! Writes the generated files of the runtime, or checks whether they are up to date. Does not know their contents.

use std::fs;

use codegen::report::Report;

use crate::Outcome;
use crate::workspace;

/// Writes or checks the files; returns those that are out of date.
pub(crate) fn write(only_check: bool) -> Outcome<Vec<String>> {
    let (mut report, mut stale) = (Report::new(), Vec::new());
    let files = codegen::runtime_files::files(&workspace::models(), &mut report);
    workspace::fail_on(&report)?;
    for (name, text) in files {
        let path = workspace::root().join(&name);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if only_check {
            stale.push(format!("{name}: out of date"));
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text)?;
        println!("runtime: {name} written");
    }
    Ok(stale)
}
