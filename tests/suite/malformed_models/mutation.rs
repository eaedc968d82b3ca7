//! Models changed at random: reading one ends either with a model or with a problem, and never panics.

use std::path::Path;

use codegen::fixups;
use codegen::json::{self, Value};
use codegen::model;
use codegen::report::{Report, SourceLocation};
use codegen::source::{ModelStore, ServiceSource};
use serde_json::json;

use super::toy::{read, toy};

/// A pseudo-random number generator (xorshift), the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides.max(1)
    }
}

/// Descends to a random value and changes it.
fn mutate(value: &mut Value, dice: &mut Dice, depth: usize) {
    let size = match value {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    };
    if size > 0 && dice.roll(8) < 7 && depth < 12 {
        let index = dice.roll(size);
        let remove = dice.roll(6) == 0;
        match value {
            Value::Array(list) if remove => drop(list.remove(index)),
            Value::Array(list) => mutate(&mut list[index], dice, depth + 1),
            Value::Object(map) => {
                let key = map.keys().nth(index).expect("an index below the size").clone();
                if remove {
                    map.shift_remove(&key);
                } else if dice.roll(20) == 0 {
                    let moved = map.shift_remove(&key).unwrap_or_default();
                    map.insert(format!("{key}x"), moved);
                } else if let Some(inner) = map.get_mut(&key) {
                    mutate(inner, dice, depth + 1);
                }
            }
            _ => {}
        }
        return;
    }
    const STRINGS: [&str; 12] =
        ["", "Thing", "Things", "Name", "structure", "list", "string", "blob", "{", "a.b[0]", "\u{0}é", "Self"];
    *value = match dice.roll(8) {
        0 => Value::Null,
        1 => Value::Bool(dice.roll(2) == 0),
        2 => json!(-1),
        3 => json!(1.5e300),
        4 => json!([value.clone()]),
        5 => json!({ "x": value.clone() }),
        _ => json!(STRINGS[dice.roll(STRINGS.len())]),
    };
}

/// Reads a source, and checks that there is either a model or a problem; returns whether there is a model.
fn reads_or_reports(source: &ServiceSource, case: &str) -> bool {
    let mut report = Report::new();
    let models = model::read(source, &mut report);
    assert_eq!(models.is_some(), report.is_empty(), "{case}");
    assert!(report.to_string().lines().count() >= report.problems().len(), "{case}");
    let Some(mut models) = models else { return false };
    fixups::apply(&mut models, &mut report);
    true
}

#[test]
fn a_mutated_toy_never_makes_the_reader_panic() {
    let mut valid = 0;
    for seed in 1..=4000u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut toy = toy();
        for _ in 0..=dice.roll(4) {
            let files = [
                &mut toy.service,
                &mut toy.paginators,
                &mut toy.waiters,
                &mut toy.rules,
                &mut toy.examples,
                &mut toy.resources,
            ];
            let count = files.len();
            let file = dice.roll(count * 2).saturating_sub(count);
            if let Some(value) = files.into_iter().nth(file) {
                mutate(value, &mut dice, 0);
            }
        }
        valid += usize::from(reads_or_reports(&toy.source(), &format!("seed {seed}")));
    }
    // Most changes are faults and some are not: both outcomes are tested.
    assert!((100..3900).contains(&valid), "{valid} of 4000 toys were valid");
}

#[test]
fn a_mutated_service_never_makes_the_reader_panic() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let store = ModelStore::open(&models);
    let mut report = Report::new();
    let source = store.load("s3", &mut report).expect("the model of S3");
    for seed in 1..=60u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut mutant = source.clone();
        let rules = mutant.rules.as_mut().map(|it| &mut it.value);
        let resources = mutant.resources.as_mut().map(|it| &mut it.value);
        for value in [Some(&mut mutant.service.value), rules, resources].into_iter().flatten() {
            for _ in 0..3 {
                mutate(value, &mut dice, 0);
            }
        }
        reads_or_reports(&mutant, &format!("seed {seed}"));
    }
}

#[test]
fn truncated_json_is_one_problem() {
    let text = toy().service.to_string();
    let location = SourceLocation::new("f");
    for end in 0..text.len() {
        let mut report = Report::new();
        let value = json::parse(&mut report, &location, &text.as_bytes()[..end]);
        assert!(value.is_none() && report.len() == 1, "{end}");
    }
}

#[test]
fn a_removed_shape_is_a_problem_at_every_reference() {
    let complete = toy();
    let shapes: Vec<String> = complete.service["shapes"].as_object().expect("shapes").keys().cloned().collect();
    for name in shapes {
        let mut toy = complete.clone();
        toy.service["shapes"].as_object_mut().expect("shapes").shift_remove(&name);
        let (_, problems) = read(&toy.source());
        let uses = complete.service.to_string().matches(&format!("\"shape\":\"{name}\"")).count()
            + complete.resources.to_string().matches(&format!("\"shape\":\"{name}\"")).count();
        let reported = problems.iter().filter(|it| it.contains(&format!("there is no shape `{name}`"))).count();
        assert_eq!(reported, uses, "{name}: {problems:?}");
    }
}
