//! Named corrections to models, each with its reason. They run between reading and resolving, in order, and each of them
//! must change something: one that does not is a Problem, so none outlives the fault it heals.

mod copies;
mod dynamodb;
mod ec2;
mod glacier;
mod iam;
mod names;
mod requests;
mod route53;
mod s3;
mod user_data;

use crate::model::{Member, Models, Special, Structure, check};
use crate::report::Report;

/// A correction.
pub struct Fixup {
    /// Its name in problems.
    pub name: &'static str,
    /// What is wrong with the model, and who says so.
    pub reason: &'static str,
    /// Changes the model; false when there was nothing to change.
    pub apply: fn(&mut Models) -> bool,
}

/// The corrections of every service that needs any, by folder name.
const SERVICES: [(&str, &[Fixup]); 23] = [
    ("apigateway", requests::APIGATEWAY),
    ("autoscaling", user_data::AUTOSCALING),
    ("cloudsearchdomain", requests::CLOUDSEARCHDOMAIN),
    ("docdb", copies::DOCDB),
    ("dynamodb", dynamodb::FIXUPS),
    ("dynamodbstreams", dynamodb::STREAMS),
    ("ec2", ec2::FIXUPS),
    ("glacier", glacier::FIXUPS),
    ("iam", iam::FIXUPS),
    ("importexport", requests::IMPORTEXPORT),
    ("kinesis", requests::KINESIS),
    ("logs", names::LOGS),
    ("machinelearning", requests::MACHINELEARNING),
    ("neptune", copies::NEPTUNE),
    ("polly", requests::POLLY),
    ("rds", copies::RDS),
    ("route53", route53::FIXUPS),
    ("s3", s3::FIXUPS),
    ("s3control", s3::CONTROL_FIXUPS),
    ("sqs", requests::SQS),
    ("stepfunctions", requests::STEPFUNCTIONS),
    ("sts", requests::STS),
    ("swf", requests::SWF),
];

/// The corrections of resource descriptions, by folder name; they apply where there is one.
const RESOURCES: [(&str, &[Fixup]); 1] = [("ec2", ec2::RESOURCES)];

/// The services that have corrections, by folder name.
pub fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|(name, _)| *name)
}

/// The corrections of one service, in order.
pub fn of(service: &str) -> &'static [Fixup] {
    SERVICES.iter().find(|(name, _)| *name == service).map_or(&[], |(_, fixups)| fixups)
}

/// The corrections of a service's resources, in order.
pub fn of_resources(service: &str) -> &'static [Fixup] {
    RESOURCES.iter().find(|(name, _)| *name == service).map_or(&[], |(_, fixups)| fixups)
}

/// Applies all corrections of the service; complains of idle ones and of names that lead nowhere afterwards.
pub fn apply(models: &mut Models, report: &mut Report) {
    let fixups = of(&models.name);
    let of_resources = models.resources.as_ref().map_or(&[][..], |_| of_resources(&models.name));
    for fixup in fixups.iter().chain(of_resources) {
        if !(fixup.apply)(models) {
            report.fixup_idle(models.service.place.clone(), fixup.name);
        }
    }
    if !fixups.is_empty() {
        check(models, report);
    }
}

/// Adds a fact to an operation; false if there is no such operation, or it has the fact.
fn add(models: &mut Models, operation: &str, special: Special) -> bool {
    let Some(operation) = models.service.operations.get_mut(operation) else { return false };
    let new = !operation.special.contains(&special);
    if new {
        operation.special.push(special);
    }
    new
}

/// Says how calls of the service are repeated; false if it was said.
fn retries(models: &mut Models, words: &[&'static str]) -> bool {
    let known = &mut models.service.retries;
    let new = words.iter().all(|word| !known.contains(word));
    known.extend(words.iter().filter(|_| new));
    new
}

/// Adds a fact to every operation.
fn add_to_all(models: &mut Models, special: &Special) -> bool {
    let names: Vec<String> = models.service.operations.keys().cloned().collect();
    names.iter().filter(|name| add(models, name, special.clone())).count() > 0
}

/// What an operation takes.
fn input<'a>(models: &'a mut Models, operation: &str) -> Option<&'a mut Structure> {
    let shape = models.service.operations.get(operation)?.input.as_ref()?.shape.clone();
    models.service.shapes.get_mut(&shape)?.structure_mut()
}

/// What an operation returns.
fn output<'a>(models: &'a mut Models, operation: &str) -> Option<&'a mut Structure> {
    let shape = models.service.operations.get(operation)?.output.as_ref()?.shape.clone();
    models.service.shapes.get_mut(&shape)?.structure_mut()
}

/// Says something about a member, behind what its service says; false if there is no such member.
fn note(structure: Option<&mut Structure>, member: &str, html: &str) -> bool {
    let Some(member) = structure.and_then(|it| it.members.get_mut(member)) else { return false };
    note_member(member, html);
    true
}

fn note_member(member: &mut Member, html: &str) {
    member.documentation.get_or_insert_default().push_str(html);
}
