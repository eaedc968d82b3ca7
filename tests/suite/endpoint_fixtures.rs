//! The fixtures of the endpoint rules language: small rule sets with their test cases. Rule sets without cases must
//! load.

use crate::endpoints::{compile, report, run_case};
use tests::suite::{conformance, entries, read_json};

#[test]
fn rule_sets_of_the_language_fixtures_pass_their_cases() {
    let Some(folder) = conformance("endpoint-fixtures") else { return };
    let (mut passed, mut failures) = (0, Vec::new());
    for path in entries(&folder.join("valid-rules")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let rules = match compile(&read_json(&path)) {
            Ok(rules) => rules,
            Err(why) => {
                failures.push(format!("{name}: {why}"));
                continue;
            }
        };
        let cases = folder.join("test-cases").join(&name);
        if !cases.is_file() {
            passed += 1;
            continue;
        }
        for case in read_json(&cases)["testCases"].as_array().into_iter().flatten() {
            match run_case(&rules, case) {
                Ok(()) => passed += 1,
                Err(why) => failures.push(format!("{name} {why}")),
            }
        }
    }
    report("endpoint-fixtures", passed, &failures, 0);
}
