//! Fixups: named corrections of wrong models, each with its reason. They run after `model` and before `resolve`, in
//! order. A fixup that changes nothing is a problem, so none outlives the mistake that it corrects. (The files
//! `*.sdk-extras.json` in `models/` are botocore's own corrections; edits of them do not survive an update.)

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

use crate::model::{Customization, Member, Models, ShapeKind, Structure, check};
use crate::report::Report;

/// A named correction of a service's models.
pub struct Fixup {
    /// The name in problems.
    pub name: &'static str,
    /// What is wrong with the model, and the source that says so (a function of botocore, mostly).
    pub reason: &'static str,
    /// Changes the models; returns false if there was nothing to change.
    pub apply: fn(&mut Models) -> bool,
}

/// The fixups of services, by folder name.
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

/// The fixups of resource models, by the service's folder name; they apply if there is such a model.
const RESOURCES: [(&str, &[Fixup]); 2] = [("ec2", ec2::RESOURCES), ("glacier", glacier::RESOURCES)];

/// The folder names of the services that have fixups.
pub fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|(name, _)| *name)
}

/// The fixups of a service, in order.
pub fn for_service(service: &str) -> &'static [Fixup] {
    SERVICES.iter().find(|(name, _)| *name == service).map_or(&[], |(_, fixups)| fixups)
}

/// The fixups of a service's resource model, in order.
pub fn for_resources(service: &str) -> &'static [Fixup] {
    RESOURCES.iter().find(|(name, _)| *name == service).map_or(&[], |(_, fixups)| fixups)
}

/// Applies all fixups of the service, then reports those that changed nothing and references that no longer resolve.
pub fn apply(models: &mut Models, report: &mut Report) {
    let fixups = for_service(&models.name);
    let resource_fixups = models.resources.as_ref().map_or(&[][..], |_| for_resources(&models.name));
    for fixup in fixups.iter().chain(resource_fixups) {
        if !(fixup.apply)(models) {
            report.fixup_changed_nothing(models.service.location.clone(), fixup.name);
        }
    }
    if !fixups.is_empty() {
        check(models, report);
    }
}

/// Adds a customization to an operation; false if there is no such operation, or it has the customization already.
fn add(models: &mut Models, operation: &str, customization: Customization) -> bool {
    let Some(operation) = models.service.operations.get_mut(operation) else { return false };
    let new = !operation.customizations.contains(&customization);
    if new {
        operation.customizations.push(customization);
    }
    new
}

/// Adds annotations for retries to the service; false if it has one of them already.
fn retries(models: &mut Models, annotations: &[&'static str]) -> bool {
    let present = &mut models.service.retries;
    let new = annotations.iter().all(|annotation| !present.contains(annotation));
    present.extend(annotations.iter().filter(|_| new));
    new
}

/// Adds a customization to every operation; false if every operation has it already.
fn add_to_all(models: &mut Models, customization: &Customization) -> bool {
    let names: Vec<String> = models.service.operations.keys().cloned().collect();
    names.iter().filter(|name| add(models, name, customization.clone())).count() > 0
}

/// Sets the maximum number of elements of a list; false if there is no such list, or it has a maximum already.
fn max_elements(models: &mut Models, list: &str, max: i64) -> bool {
    match models.service.shapes.get_mut(list).map(|it| &mut it.kind) {
        Some(ShapeKind::List(list)) if list.length.max.is_none() => {
            list.length.max = Some(max.into());
            true
        }
        _ => false,
    }
}

/// The input structure of an operation.
fn input<'a>(models: &'a mut Models, operation: &str) -> Option<&'a mut Structure> {
    let shape = models.service.operations.get(operation)?.input.as_ref()?.shape.clone();
    models.service.shapes.get_mut(&shape)?.structure_mut()
}

/// The output structure of an operation.
fn output<'a>(models: &'a mut Models, operation: &str) -> Option<&'a mut Structure> {
    let shape = models.service.operations.get(operation)?.output.as_ref()?.shape.clone();
    models.service.shapes.get_mut(&shape)?.structure_mut()
}

/// Appends `html` to the documentation of a member; false if there is no such member.
fn document(structure: Option<&mut Structure>, member: &str, html: &str) -> bool {
    let Some(member) = structure.and_then(|it| it.members.get_mut(member)) else { return false };
    document_member(member, html);
    true
}

fn document_member(member: &mut Member, html: &str) {
    member.documentation.get_or_insert_default().push_str(html);
}
