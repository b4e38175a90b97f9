//! `--format json` is exactly what the bindings answer for the same bytes, in the published shape.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::fmt::Write;
use std::fs;

use common::{Run, forged, repository, run, scratch, text_of};
use serde_json::{Value, json};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn file(path: &str) -> Vec<u8> {
    fs::read(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The parts of evidence in a directory, as a request carries them.
fn parts(directory: &str) -> Vec<Value> {
    let mut names: Vec<_> = fs::read_dir(repository().join(directory))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json") || name.ends_with(".bin"))
        .collect();
    names.sort();
    names
        .iter()
        .map(|name| json!({ "hex": hex(&file(&format!("{directory}/{name}"))) }))
        .collect()
}

fn unix(at: &str) -> u64 {
    at.parse::<teeproof_core::Instant>().unwrap().unix()
}

/// What the bindings answer to a request about a directory.
fn answer(directory: &str, at: &str, more: &[(&str, Value)]) -> Value {
    let mut request = json!({
        "schema": "teeproof.request/1",
        "inputs": [{ "name": directory, "parts": parts(directory) }],
        "policy": text_of(&format!("{directory}/policy.toml")),
        "at": unix(at),
    });
    for (key, value) in more {
        request[*key] = value.clone();
    }
    let answer: Value =
        serde_json::from_str(&teeproof_bindings::call("verify", &request.to_string())).unwrap();
    let answers = answer["ok"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(answers.len(), 1);
    answers[0].clone()
}

/// Every directory of evidence, with what the program prints and what the bindings answer.
fn pairs() -> Vec<(String, Run, Value)> {
    let mut pairs = Vec::new();
    for (name, at) in [
        ("tdx-v4", "2025-07-01T00:00:00Z"),
        ("tdx-v5-td15", "2026-03-01T00:00:00Z"),
        ("tdx-v5-td15ex", "2026-10-20T00:00:00Z"),
        ("sgx-v3", "2025-07-01T00:00:00Z"),
    ] {
        let directory = format!("fixtures/real/{name}");
        let policy = format!("{directory}/policy.toml");
        let arguments = ["verify", &directory, "--policy", &policy, "--at", at];
        let printed = run(&[&arguments[..], &["--format", "json"]].concat());
        let answered = answer(&directory, at, &[]);
        pairs.push((directory, printed, answered));
    }
    for case in forged() {
        let directory = case.directory();
        let root = format!("{directory}/root.der");
        let printed = case.judge(&["--root", &root, "--format", "json"]);
        let challenge = case.word("challenge").map_or(
            Value::Null,
            |bytes| json!({ "bytes": bytes, "rule": case.word("challenge-rule").unwrap() }),
        );
        let more = [("root", json!(hex(&file(&root)))), ("challenge", challenge)];
        let answered = answer(&directory, case.word("at").unwrap(), &more);
        pairs.push((directory, printed, answered));
    }
    pairs
}

#[test]
fn the_program_prints_what_the_bindings_answer() {
    let pairs = pairs();
    assert!(pairs.len() >= 20);
    for (directory, printed, answered) in pairs {
        assert_eq!(printed.json(), answered, "{directory}");
        let code = answered["exitCode"].as_i64().unwrap();
        assert_eq!(i64::from(printed.code), code, "{directory}");
    }
}

#[test]
fn encodings_and_names_are_not_in_the_digest() {
    let digest = |input: &str| {
        let collateral = "fixtures/real/tdx-v4/collateral.json";
        let arguments = ["verify", input, "--collateral", collateral];
        let more = ["--at", "2025-07-01", "--format", "json"];
        run(&[arguments, more].concat()).json()["verdictDigest"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let raw = digest("fixtures/real/tdx-v4/quote.bin");
    assert_eq!(digest("cli/tests/inputs/quote.hex"), raw);
    assert_eq!(digest("cli/tests/inputs/quote.b64"), raw);
    assert_eq!(digest("cli/tests/inputs/escape-bundle.json"), raw);
    assert_ne!(digest("cli/tests/inputs/truncated.hex"), raw);
}

/// The published schema, as far as it is used: a word of it that is not known here is a fault, so
/// that nothing is passed over.
fn violations(schema: &Value, root: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (word, rule) in schema.as_object().expect("a schema is an object") {
        match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" => {}
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                let target = root.pointer(pointer).expect(pointer);
                found.extend(violations(target, root, value, at));
            }
            "type" => {
                let kinds = rule
                    .as_array()
                    .map_or(std::slice::from_ref(rule), Vec::as_slice);
                if !kinds
                    .iter()
                    .any(|kind| is_of(value, kind.as_str().unwrap()))
                {
                    found.push(format!("{at}: {value} is not of type {rule}"));
                }
            }
            "anyOf" | "oneOf" => {
                let options: Vec<_> = rule
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|option| violations(option, root, value, at))
                    .collect();
                let fitting = options.iter().filter(|option| option.is_empty()).count();
                if fitting == 0 || (word == "oneOf" && fitting > 1) {
                    found.push(format!("{at}: {fitting} of {options:?}"));
                }
            }
            "required" => found.extend(
                rule.as_array()
                    .unwrap()
                    .iter()
                    .filter(|key| value.is_object() && value.get(key.as_str().unwrap()).is_none())
                    .map(|key| format!("{at}: {key} is missing")),
            ),
            "properties" => {
                for (key, inner) in value.as_object().into_iter().flatten() {
                    match (rule.get(key), schema.get("additionalProperties")) {
                        (Some(rule), _) => {
                            found.extend(violations(rule, root, inner, &format!("{at}/{key}")));
                        }
                        // Keys that the schema does not know are keys that nobody wrote down.
                        (None, None | Some(Value::Bool(_))) => {
                            found.push(format!("{at}: {key} is not in the schema"));
                        }
                        (None, Some(_)) => {}
                    }
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties");
                for (key, inner) in value.as_object().into_iter().flatten() {
                    if rule.is_object() && known.and_then(|known| known.get(key)).is_none() {
                        found.extend(violations(rule, root, inner, &format!("{at}/{key}")));
                    }
                }
            }
            "items" => {
                for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(violations(rule, root, inner, &format!("{at}/{index}")));
                }
            }
            "minimum" | "maximum" => {
                let low = word == "minimum";
                let outside = |number: f64, bound: f64| {
                    if low { number < bound } else { number > bound }
                };
                if value
                    .as_f64()
                    .is_some_and(|number| outside(number, rule.as_f64().unwrap()))
                {
                    found.push(format!("{at}: {value} is beyond the {word} {rule}"));
                }
            }
            _ => panic!("{at}: the word `{word}` of the schema is not known to this test"),
        }
    }
    found
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("the type {kind} is not known to this test"),
    }
}

#[test]
fn answers_have_the_published_shape() {
    let schema: Value = serde_json::from_str(&text_of("docs/schema/answer.schema.json")).unwrap();
    let hold = |name: &str, value: &Value| {
        let found = violations(&schema, &schema, value, "");
        assert!(found.is_empty(), "{name}: {found:#?}");
    };
    for (directory, printed, _) in pairs() {
        hold(&directory, &printed.json());
    }
    let several = run(&[
        "verify",
        "cli/tests/inputs/instances.json",
        "cli/tests/inputs/image.png",
        "--at",
        "2025-07-01",
        "--format",
        "json",
    ]);
    assert_eq!(several.json().as_array().map(Vec::len), Some(4));
    hold("several", &several.json());
    let unreadable = run(&["verify", "cli/tests/inputs/empty", "--format", "json"]);
    assert_eq!(unreadable.json()["error"]["code"], "input");
    hold("unreadable", &unreadable.json());

    // The measure itself: each of these is told.
    let sound = pairs().remove(0).1.json();
    for (change, pointer, value) in [
        ("a string for a number", "/exitCode", json!("3")),
        ("an object for a list", "/checks", json!({})),
        ("a number beyond its range", "/quoteVersion", json!(70_000)),
        (
            "a key that nobody wrote down",
            "/tcb",
            json!({ "colour": 1 }),
        ),
    ] {
        let mut broken = sound.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(
            !violations(&schema, &schema, &broken, "").is_empty(),
            "{change} is accepted"
        );
    }
    let mut short = sound;
    short.as_object_mut().unwrap().remove("verdict");
    assert!(!violations(&schema, &schema, &short, "").is_empty());
}

#[test]
fn the_answer_of_a_diff_has_the_published_shape() {
    let schema = text_of("docs/schema/compose-diff.schema.json");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let folder = scratch("json-compose-diff");
    let path = |name: &str| folder.join(name).display().to_string();
    let document = |tag: &str, script: &str| {
        let yaml = format!("services:\n  web:\n    image: nginx:{tag}\n");
        json!({
            "docker_compose_file": yaml,
            "pre_launch_script": script,
            "public_logs": tag == "2",
            "runner": "docker-compose",
        })
    };
    fs::write(path("old"), document("1", "a\nb\n").to_string()).unwrap();
    fs::write(path("new"), format!("{:#}", document("2", "a\n"))).unwrap();
    fs::write(path("same"), document("1", "a\nb\n").to_string()).unwrap();
    fs::write(path("approved"), "# nothing\n").unwrap();
    let answer = |new: &str, more: &[&str]| {
        let (old, new) = (path("old"), path(new));
        let mut arguments = vec!["compose", "diff", &old, &new, "--format", "json"];
        arguments.extend(more);
        let answer = run(&arguments).json();
        let found = violations(&schema, &schema, &answer, "");
        assert!(found.is_empty(), "{found:#?}");
        answer
    };
    assert_eq!(answer("same", &[])["risk"], Value::Null);
    let approved = path("approved");
    let sound = answer("new", &["--approved", &approved]);
    // Each part of the shape is there to be held.
    for pointer in [
        "/predictions/0/predictors/0",
        "/approvals/0/predicted/0/composeHash",
        "/changes/0/old",
        "/changes/0/lines/shown/0/text",
    ] {
        assert!(sound.pointer(pointer).is_some(), "{pointer}: {sound:#}");
    }
    for (pointer, value) in [
        ("/exitCode", json!("5")),
        ("/changes/0/lines", json!(3)),
        ("/changes/0/old", json!({"told": "x"})),
        ("/predictions", json!(null)),
        ("/approvals/0", json!({"source": "x"})),
    ] {
        let mut broken = sound.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        let found = violations(&schema, &schema, &broken, "");
        assert!(!found.is_empty(), "{pointer} may be anything");
    }
}
