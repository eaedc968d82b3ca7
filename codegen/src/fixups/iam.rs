//! IAM: policy documents, which responses contain percent-encoded.

use super::{Fixup, add};
use crate::model::{Customization, Models, Recoding, Service, ShapeKind};

pub(super) const FIXUPS: &[Fixup] = &[Fixup {
    name: "iam-policy-documents",
    reason: "IAM returns policy documents percent-encoded; botocore decodes them wherever the shape is \
             `policyDocumentType` (`json_decode_policies`)",
    apply: policy_documents,
}];

fn policy_documents(models: &mut Models) -> bool {
    let mut found = Vec::new();
    for (name, operation) in &models.service.operations {
        if let Some(output) = &operation.output {
            let mut walk =
                ShapeWalk { service: &models.service, shapes: Vec::new(), names: Vec::new(), found: Vec::new() };
            walk.visit(&output.shape);
            found.extend(walk.found.into_iter().map(|path| (name.clone(), path)));
        }
    }
    found.into_iter().fold(false, |changed, (operation, path)| {
        add(models, &operation, Customization::ReadAs(Recoding::Percent, path)) || changed
    })
}

/// A depth-first walk from an output to the policy documents in it.
struct ShapeWalk<'a> {
    service: &'a Service,
    /// The shapes on the current path.
    shapes: Vec<&'a str>,
    /// The member names on the current path.
    names: Vec<&'a str>,
    /// The paths of the documents.
    found: Vec<String>,
}

impl<'a> ShapeWalk<'a> {
    fn visit(&mut self, shape: &'a str) {
        // A recursive shape.
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
                        inner => self.visit(inner),
                    }
                    self.names.pop();
                }
            }
            Some(ShapeKind::List(list)) => self.visit(&list.member.shape),
            _ => {}
        }
        self.shapes.pop();
    }
}
