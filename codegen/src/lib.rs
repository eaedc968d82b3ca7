//! The generator: botocore-style service descriptions and boto3 resource descriptions in, crates in memory out.
//!
//! A pure library: it reads no network, and only `source` and `output` touch the disk.

pub mod compare;
pub mod emit;
pub mod expr;
pub mod fixups;
pub mod ir;
pub mod json;
pub mod model;
pub mod name;
pub mod output;
pub mod prose;
pub mod report;
pub mod resolve;
pub mod runtime;
pub mod source;

use output::CrateFiles;
use report::Report;
use source::{Plan, ServiceSource};

/// Generates the crates of a service in memory: the client, and the resources where the service has them.
///
/// `None` after a complaint; all complaints are in `report`. A service that the plan does not emit is read and checked.
pub fn generate(source: &ServiceSource, plan: &Plan, report: &mut Report) -> Option<Vec<CrateFiles>> {
    let mut models = model::read(source, report)?;
    fixups::apply(&mut models, report);
    if !report.is_empty() {
        return None;
    }
    if !plan.emit {
        return Some(Vec::new());
    }
    let client = resolve::resolve(&models, source, plan, report)?;
    let items = emit::client_crate(&client);
    let mut crates = vec![shape(&format!("services/{}", plan.client_crate), &resolve::origin(source), items, report)?];
    // Resources need what a slim client may lack.
    if models.resources.is_some() && plan.operations.is_empty() {
        let resources = resolve::resources::resolve(&models, &client, plan, report)?;
        let items = emit::resource_crate(&resources);
        crates.push(shape(&format!("services/{}", plan.resource_crate), &resources.origin, items, report)?);
    }
    Some(crates)
}

/// Items to text. What does not parse is a defect of the generator, and told like any other problem.
fn shape(folder: &str, origin: &str, items: emit::Items, report: &mut Report) -> Option<CrateFiles> {
    let before = report.len();
    let mut files = CrateFiles::new(folder);
    files.files = items.text;
    for (path, tokens) in items.rust {
        match output::format_items(&path, &output::header(origin), tokens) {
            Ok(text) => {
                files.files.insert(path, text);
            }
            Err(error) => report.problem(report::Place::new(&format!("{folder}/{path}")), error.to_string()),
        }
    }
    (report.len() == before).then_some(files)
}
