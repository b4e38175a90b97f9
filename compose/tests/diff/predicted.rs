//! Which hash is predicted for the new document, and where none is.

use serde_json::{Value, json};
use teeproof_compose::{AppCompose, ComposeDiff, Json, NotPredicted, Predictor, diff};
use teeproof_core::ComposeHash;

use crate::{base, parsed, with, with_compose};

fn tree(value: &Value) -> Json {
    Json::parse(value.to_string().as_bytes()).unwrap()
}

fn written(value: &Value, by: Predictor) -> AppCompose {
    AppCompose::parse(&by.bytes(&tree(value)).unwrap()).unwrap()
}

fn remark(diff: &ComposeDiff) -> String {
    let remarks = diff.remarks();
    let found = remarks.iter().filter(|line| line.contains("prediction"));
    found.cloned().collect::<Vec<_>>().join("\n")
}

/// Phala Cloud's SDK eats a blank inside of the docker-compose text: no other layout of the new file
/// gives its hash.
#[test]
fn the_program_that_wrote_the_old_bytes_predicts_the_new_hash() {
    let yaml = |tag: &str| {
        let yaml = format!("services:\n  web:\n    image: nginx:{tag}\n    labels: {{\"A\": b}}\n");
        json!({"name": "demo", "runner": "docker-compose", "docker_compose_file": yaml})
    };
    let old = written(&yaml("1"), Predictor::PhalaJs);
    assert!(old.docker_compose().unwrap().contains("{\"A\":b}"));
    let new = parsed(&yaml("2"));
    let found = diff(&old, &new);
    // The Python of the guide writes the same old bytes, and keeps the blank in the new ones.
    let [predicted, python] = found.predicted.as_slice() else {
        panic!("{:?}", found.predicted);
    };
    assert_eq!(predicted.names(), "phala-js");
    assert_eq!(python.names(), "phala-python, phala-python-normalised");
    // The bytes, written out by hand.
    let bytes = "{\n    \"docker_compose_file\":\"services:\\n  web:\\n    image: nginx:2\\n    labels: {\\\"A\\\":b}\\n\",\n    \"name\":\"demo\",\n    \"runner\":\"docker-compose\"\n}";
    let hash = |bytes: &str| Ok(ComposeHash::of(bytes.as_bytes()).unwrap());
    assert_eq!(predicted.hash, hash(bytes));
    assert_eq!(
        python.hash,
        hash(&bytes.replace("\\\"A\\\":b", "\\\"A\\\": b"))
    );
    assert_ne!(predicted.hash, Ok(found.new));
    assert!(
        remark(&found).starts_with("prediction: phala-js writes the old file's exact bytes, and for the new document others"),
        "{found:?}"
    );
    let markdown = found.markdown(&[]);
    let row = format!(
        "| predicted by phala-js | `{}` |\n",
        predicted.hash.clone().unwrap()
    );
    assert!(markdown.contains(&row), "{markdown}");
}

#[test]
fn a_new_file_of_the_same_program_is_its_own_prediction() {
    let (old, new) = (base(), with("public_logs", json!(true)));
    for by in Predictor::ALL {
        let Ok(bytes) = by.bytes(&tree(&new)) else {
            continue;
        };
        let new = AppCompose::parse(&bytes).unwrap();
        let found = diff(&written(&old, by), &new);
        // Where its own output is not what it makes of it again, the program did not write it.
        let fixed = by.bytes(new.json()).as_deref() == Ok(new.bytes());
        let own = found
            .predicted
            .iter()
            .find(|one| one.predictors.contains(&by));
        assert_eq!(own.is_some(), fixed, "{}", by.id());
        if let Some(own) = own {
            assert_eq!(own.hash, Ok(new.hash()), "{}", by.id());
        }
    }
}

#[test]
fn another_layout_of_the_same_is_predicted_to_stay_as_it_was() {
    let old = written(&base(), Predictor::DstackJs);
    let pretty = serde_json::to_string_pretty(&base()).unwrap();
    let found = diff(&old, &AppCompose::parse(pretty.as_bytes()).unwrap());
    assert!(!found.predicted.is_empty());
    assert!(
        found
            .predicted
            .iter()
            .any(|one| one.hash == Ok(found.old) && one.predictors.contains(&Predictor::DstackJs)),
        "{:?}",
        found.predicted
    );
    assert!(
        remark(&found).contains("the old hash is measured"),
        "{found:?}"
    );
}

/// One byte that no program writes, and nothing is predicted.
#[test]
fn old_bytes_that_no_program_writes_predict_nothing() {
    let new = parsed(&with_compose("postgres:16", "postgres:17"));
    for by in Predictor::ALL {
        let Ok(bytes) = by.bytes(&tree(&base())) else {
            continue;
        };
        for other in [
            [bytes.as_slice(), b"\n"].concat(),
            [b" ", bytes.as_slice()].concat(),
            String::from_utf8(bytes.clone())
                .unwrap()
                .replacen("demo", "\\u0064emo", 1)
                .into_bytes(),
        ] {
            let old = AppCompose::parse(&other).unwrap();
            let found = diff(&old, &new);
            assert_eq!(found.predicted, [], "{}", by.id());
            assert_eq!(
                remark(&found),
                "no prediction: no known program writes the old file's exact bytes"
            );
            let markdown = found.markdown(&[]);
            assert!(!markdown.contains("predicted by"), "{markdown}");
        }
    }
}

/// The program knows the old document and fails on the new one.
#[test]
fn a_new_document_that_the_program_fails_on_has_no_predicted_hash() {
    let old = json!({"runner": "docker-compose", "docker_compose_file": "services: {}\n"});
    let mut new = old.clone();
    // dstack's class for Python fails without a runner.
    new.as_object_mut().unwrap().remove("runner");
    let found = diff(&written(&old, Predictor::DstackPython), &parsed(&new));
    let python = found
        .predicted
        .iter()
        .find(|one| one.predictors.contains(&Predictor::DstackPython))
        .unwrap();
    assert!(
        matches!(python.hash, Err(NotPredicted::Field { .. })),
        "{python:?}"
    );
    let markdown = found.markdown(&[]);
    for line in markdown
        .lines()
        .filter(|line| line.contains("predicted by"))
    {
        assert!(!line.contains("dstack-python"), "{line}");
    }
    assert!(
        remark(&found).contains("and for the new document: not predicted: "),
        "{found:?}"
    );
}
