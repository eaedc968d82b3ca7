//! The generator: reads botocore's service models and boto3's resource models, and returns crates in memory.
//!
//! A pure library: it uses no network, and only `source` and `output` access the disk.
//!
//! The modules by layer, highest first. Each imports only from its own layer and those below it; `cargo xtask tidy`
//! checks this.
//!
//! | layer | module | concern |
//! |---|---|---|
//! | 1 | [`compare`] | compares two releases of a service: changes of the model, breaking changes of the generated API |
//! | | [`runtime_files`] | generates the files of the runtime: partitions, regions, the services it calls itself |
//! | 2 | [`emit`] | lays a crate of `ir` out as Rust items |
//! | 3 | [`resolve`] | decides names, types, descriptions, pagination, waiters and resources: `model` to `ir` |
//! | 4 | [`fixups`] | corrects known mistakes of models and adds annotations to operations |
//! | 5 | [`model`] | the models' JSON as Rust types; an unknown key is a problem |
//! | 6 | [`source`] | reads the files of a service and the manifest |
//! | 7 | [`tables`] | compiles shared files of the models into Rust tables of the runtime |
//! | 8 | [`expr`] | parses the small languages in models: JMESPath, URI templates, endpoint rules |
//! | 9 | [`ir`] | the intermediate representation: a crate with every decision made, as plain data |
//! | | [`json`] | reads JSON with the location of each value |
//! | | [`output`] | formats items as text, writes or checks files |
//! | 10 | [`name`] | writes names in Rust's cases, escapes them, makes them unique |
//! | | [`prose`] | converts HTML documentation to Markdown |
//! | | [`report`] | collects problems, each with its location |

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
pub mod runtime_files;
pub mod source;
pub mod tables;

use output::CrateFiles;
use report::Report;
use source::{ServicePlan, ServiceSource};

/// Generates the crates of a service in memory: the client crate, and the resource crate if the service has resources.
///
/// Returns `None` if there are problems; all of them are in `report`. A service that the plan does not emit is only
/// read and checked.
pub fn generate(source: &ServiceSource, plan: &ServicePlan, report: &mut Report) -> Option<Vec<CrateFiles>> {
    let mut models = model::read(source, report)?;
    fixups::apply(&mut models, report);
    resolve::arguments::check_orders(&models, &plan.signatures, report);
    if !report.is_empty() {
        return None;
    }
    if !plan.emit {
        return Some(Vec::new());
    }
    let client = resolve::resolve(&models, source, plan, report)?;
    // Resources may need operations that a client with selected operations lacks.
    let resources = match models.resources.is_some() && plan.operations.is_empty() {
        true => Some(resolve::resources::resolve(&models, &client, plan, report)?),
        false => None,
    };
    resolve::published::check(&client, resources.as_ref(), source, plan, report);
    if !report.is_empty() {
        return None;
    }
    let items = emit::client_crate(&client);
    let folder = format!("services/{}", plan.client_crate);
    let mut crates = vec![format_crate(&folder, &resolve::origin(source), items, report)?];
    if let Some(resources) = resources {
        let items = emit::resource_crate(&resources);
        crates.push(format_crate(&format!("services/{}", plan.resource_crate), &resources.origin, items, report)?);
    }
    Some(crates)
}

/// Formats the files of a crate. Tokens that do not parse are a defect of the generator, reported like any other
/// problem.
fn format_crate(folder: &str, origin: &str, items: emit::Items, report: &mut Report) -> Option<CrateFiles> {
    let before = report.len();
    let mut files = CrateFiles::new(folder);
    files.files = items.text;
    for (path, tokens) in items.rust {
        match output::format_items(&path, &output::header(origin), tokens) {
            Ok(text) => {
                files.files.insert(path, text);
            }
            Err(error) => report.problem(report::SourceLocation::new(&format!("{folder}/{path}")), error.to_string()),
        }
    }
    (report.len() == before).then_some(files)
}
