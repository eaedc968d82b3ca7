//! Named corrections to models, each with its reason. They run between reading and resolving, in order, and each of them
//! must change something: one that does not is a Problem, so none outlives the fault it heals.

mod s3;

use crate::model::{Models, check};
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
const SERVICES: [(&str, &[Fixup]); 1] = [("s3", s3::FIXUPS)];

/// The corrections of one service, in order.
pub fn of(service: &str) -> &'static [Fixup] {
    SERVICES.iter().find(|(name, _)| *name == service).map_or(&[], |(_, fixups)| fixups)
}

/// Applies all corrections of the service; complains of idle ones and of names that lead nowhere afterwards.
pub fn apply(models: &mut Models, report: &mut Report) {
    let fixups = of(&models.name);
    for fixup in fixups {
        if !(fixup.apply)(models) {
            report.fixup_idle(models.service.place.clone(), fixup.name);
        }
    }
    if !fixups.is_empty() {
        check(models, report);
    }
}
