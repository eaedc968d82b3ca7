//! Models in which something lies deeply inside its own kind: the generator ends with files or with problems, on a
//! stack that recursion into each level would overflow.

use codegen::report::Report;
use codegen::source::ServicePlan;
use serde_json::{Value, json};

use super::toy::{Toy, toy};

/// Writes the shape of this number, which contains another one.
type Nest = fn(usize, &str) -> Value;

/// The problems of the toy after `nest` changed it; none if files were generated.
fn generate(nest: impl Fn(&mut Toy) + Send + 'static) -> Vec<String> {
    let generate = move || {
        let mut toy = toy();
        nest(&mut toy);
        let source = toy.source();
        let mut report = Report::new();
        let crates = codegen::generate(&source, &ServicePlan::default_for("toy"), &mut report);
        assert_eq!(crates.is_some(), report.is_empty());
        // serde_json drops its values by recursion, which is not the generator's.
        std::mem::forget(source);
        report.problems().iter().map(ToString::to_string).collect()
    };
    // For 20,000 levels, 52 bytes each: less than any call takes.
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(generate);
    thread.expect("a thread").join().expect("no panic")
}

/// Adds a member of the shape `D0` to a structure of the toy, and shapes `D0`, `D1`, … that refer each to the next.
fn chain(toy: &mut Toy, depth: usize, last: &str, shape: impl Fn(usize, &str) -> Value) {
    toy.value_at("service-2#/shapes/Thing/members")["Deep"] = json!({"shape": "D0"});
    let next = |at: usize| if at + 1 < depth { format!("D{}", at + 1) } else { last.to_owned() };
    let shapes = (0..depth).map(|at| (format!("D{at}"), shape(at, &next(at))));
    toy.value_at("service-2#/shapes").as_object_mut().expect("shapes").extend(shapes);
}

fn structure(of: &str) -> Value {
    json!({"type": "structure", "members": {"Inner": {"shape": of}}})
}

fn list(of: &str) -> Value {
    json!({"type": "list", "member": {"shape": of}})
}

fn map(of: &str) -> Value {
    json!({"type": "map", "key": {"shape": "Name"}, "value": {"shape": of}})
}

#[test]
fn shapes_that_are_nested_too_deeply_for_rust_are_a_problem() {
    let kinds: [(&str, Nest); 7] = [
        ("Name", |_, of| structure(of)),
        ("Name", |_, of| json!({"type": "structure", "union": true, "members": {"Inner": {"shape": of}}})),
        ("Name", |_, of| list(of)),
        ("Name", |_, of| map(of)),
        ("Name", |at, of| if at % 2 == 0 { structure(of) } else { list(of) }),
        // All of them contain each other.
        ("D0", |_, of| structure(of)),
        ("D0", |at, of| if at % 2 == 0 { structure(of) } else { map(of) }),
    ];
    for (kind, (last, shape)) in kinds.into_iter().enumerate() {
        for depth in [10, 100, 20_000] {
            let problems = generate(move |toy| chain(toy, depth, last, shape));
            let at = depth.saturating_sub(31);
            let expect =
                format!("service-2#/shapes/D{at}: structures, lists and maps are nested more than 30 levels deep");
            let expect = if depth == 10 { Vec::new() } else { vec![expect] };
            assert_eq!(problems, expect, "kind {kind}, {depth} levels");
        }
    }
}

#[test]
fn nothing_that_is_nested_in_a_model_overflows_the_stack() {
    type Nest = fn(&mut Toy, usize);
    let cases: &[(&str, Nest)] = &[
        ("a path of names", |toy, depth| argument(toy, format!("Thing{}", ".Name".repeat(depth)))),
        ("negations", |toy, depth| argument(toy, format!("{}Thing", "!".repeat(depth)))),
        ("parentheses", |toy, depth| argument(toy, format!("{}Thing{}", "(".repeat(depth), ")".repeat(depth)))),
        ("alternatives", |toy, depth| argument(toy, format!("Thing{}", " || Thing".repeat(depth)))),
        ("pipes", |toy, depth| argument(toy, format!("Thing{}", " | @".repeat(depth)))),
        ("lists", |toy, depth| argument(toy, format!("{}Thing{}", "[".repeat(depth), "]".repeat(depth)))),
        ("filters", |toy, depth| argument(toy, format!("{}Thing{}", "Thing[?".repeat(depth), "]".repeat(depth)))),
        ("functions", |toy, depth| {
            argument(toy, format!("{}Thing{}", "length(".repeat(depth), ")".repeat(depth)));
        }),
        ("a literal", |toy, depth| argument(toy, format!("`{}{}`", "[".repeat(depth), "]".repeat(depth)))),
        ("a result", |toy, depth| {
            let path = json!(format!("Things{}", "[].Parts".repeat(depth)));
            *toy.value_at("paginators-1#/pagination/ListThings/result_key") = path;
        }),
        ("a resource's path", |toy, depth| {
            let path = json!(format!("Things[]{}.Name", ".Parts[]".repeat(depth)));
            *toy.value_at("resources-1#/service/hasMany/Things/resource/identifiers/0/path") = path;
        }),
        ("another", |toy, depth| {
            *toy.value_at("resources-1#/resources/Thing/load/path") = json!(format!("Thing{}", ".Name".repeat(depth)));
        }),
        ("a target", |toy, depth| {
            let target = json!(format!("Name{}", "[0].Name".repeat(depth)));
            *toy.value_at("resources-1#/resources/Thing/load/request/params/0/target") = target;
        }),
        ("lists of HTML", |toy, depth| documentation(toy, "<ul><li>a", depth)),
        ("notes of HTML", |toy, depth| documentation(toy, "<note><p>a", depth)),
        ("marks of HTML", |toy, depth| documentation(toy, "<b><i><a href=\"https://a.b\">a", depth)),
        ("tables of HTML", |toy, depth| documentation(toy, "<table><tr><td>a<ul>", depth)),
        ("unknown tags", |toy, depth| documentation(toy, "<a><<x></b>", depth)),
        ("rules", |toy, depth| {
            let rules = toy.value_at("endpoint-rule-set-1#/rules");
            let wrap = |rules, _| {
                let mut tree = json!({"type": "tree", "conditions": []});
                tree["rules"] = rules;
                Value::Array(vec![tree])
            };
            *rules = (0..depth).fold(rules.take(), wrap);
        }),
        ("conditions", |toy, depth| {
            let condition = toy.value_at("endpoint-rule-set-1#/rules/0/conditions/0");
            let wrap = |inner, _| {
                let mut not = json!({"fn": "not"});
                not["argv"] = Value::Array(vec![inner]);
                not
            };
            *condition = (0..depth).fold(condition.take(), wrap);
        }),
        ("properties", |toy, depth| {
            let rule = toy.value_at("endpoint-rule-set-1#/rules/0/rules/1/endpoint/properties");
            *rule = (0..depth).fold(json!({"x": "a"}), |inner, _| object("x", Value::Array(vec![inner])));
        }),
        ("an example", |toy, depth| {
            let input = toy.value_at("examples-1#/examples/GetThing/0/input");
            *input = (0..depth).fold(json!("a"), |inner, _| object("Name", Value::Array(vec![inner])));
        }),
        ("a bound", |toy, depth| {
            let max = &mut toy.value_at("service-2#/shapes/Size")["max"];
            *max = (0..depth).fold(json!(1), |inner, _| Value::Array(vec![inner]));
        }),
    ];
    for (name, nest) in cases {
        for depth in [10, 1_000, 20_000] {
            let nest = *nest;
            for problem in generate(move |toy| nest(toy, depth)) {
                // A file and a path.
                assert!(problem.contains("#/"), "{name}, {depth} levels: {problem}");
            }
        }
    }
}

/// An object with one key. `json!` would copy the value, by recursion.
fn object(key: &str, value: Value) -> Value {
    Value::Object([(key.to_owned(), value)].into_iter().collect())
}

fn argument(toy: &mut Toy, path: String) {
    *toy.value_at("waiters-2#/waiters/ThingExists/acceptors/0/argument") = json!(path);
}

fn documentation(toy: &mut Toy, html: &str, depth: usize) {
    toy.value_at("service-2#/shapes/Thing")["documentation"] = json!(html.repeat(depth.min(4_000)));
}
