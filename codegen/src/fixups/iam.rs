//! IAM: policy documents, which answers hold percent-encoded.

use super::{Fixup, add};
use crate::model::{Models, Recoding, Service, ShapeKind, Special};

pub(super) const FIXUPS: &[Fixup] = &[Fixup {
    name: "iam-policy-documents",
    reason: "IAM answers with policy documents percent-encoded; botocore decodes them wherever the shape is \
             `policyDocumentType` (`json_decode_policies`)",
    apply: policy_documents,
}];

fn policy_documents(models: &mut Models) -> bool {
    let mut found = Vec::new();
    for (name, operation) in &models.service.operations {
        if let Some(output) = &operation.output {
            let mut way = Way { service: &models.service, shapes: Vec::new(), names: Vec::new(), found: Vec::new() };
            way.follow(&output.shape);
            found.extend(way.found.into_iter().map(|path| (name.clone(), path)));
        }
    }
    found.into_iter().fold(false, |changed, (operation, path)| {
        add(models, &operation, Special::Read(Recoding::Percent, path)) || changed
    })
}

/// The way from an output to the documents in it.
struct Way<'a> {
    service: &'a Service,
    shapes: Vec<&'a str>,
    names: Vec<&'a str>,
    found: Vec<String>,
}

impl<'a> Way<'a> {
    fn follow(&mut self, shape: &'a str) {
        // What holds itself has no end to look for.
        if self.shapes.contains(&shape) {
            return;
        }
        self.shapes.push(shape);
        match self.service.shapes.get(shape).map(|it| &it.kind) {
            Some(ShapeKind::Structure(structure)) => {
                for (name, member) in &structure.members {
                    self.names.push(name);
                    match member.shape.as_str() {
                        "policyDocumentType" => self.found.push(self.names.join(".")),
                        inner => self.follow(inner),
                    }
                    self.names.pop();
                }
            }
            Some(ShapeKind::List(list)) => self.follow(&list.member.shape),
            _ => {}
        }
        self.shapes.pop();
    }
}
