//! The sentences that explain a policy.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use teeproof_core::Policy;
use teeproof_core::policy::Tone;

use crate::{full, minimal, pointers, policy};

fn about(policy: &Policy, key: &str) -> String {
    let statements = policy.statements();
    let found: Vec<_> = statements.iter().filter(|s| s.key() == key).collect();
    found
        .iter()
        .map(|s| s.to_string())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_key_has_a_sentence_by_default_too() {
    let keys: BTreeSet<String> = pointers(&full())
        .into_iter()
        .filter(|pointer| !full().pointer(pointer).unwrap().is_object())
        .map(|pointer| pointer.trim_start_matches('/').replace('/', "."))
        // Entries of tables are said together.
        .filter(|key| !key.contains(".0.") && !key.contains(".1."))
        .collect();
    for policy in [Policy::default(), policy(&full())] {
        let said: BTreeSet<String> = policy
            .statements()
            .iter()
            .map(|s| s.key().to_owned())
            .collect();
        assert_eq!(said, keys);
    }
}

#[test]
fn the_default_loosens_nothing() {
    for statement in Policy::default().statements() {
        assert!(statement.tone() <= Tone::Open, "{statement}");
    }
    let default = Policy::default();
    assert_eq!(about(&default, "tee"), "Accepts TDX only.");
    assert_eq!(
        about(&default, "tcb.merged"),
        "Accepts UpToDate as the merged TCB status."
    );
    assert_eq!(
        about(&default, "td.accept-debug-td-unsafe"),
        "Refuses TDs under debug."
    );
}

#[test]
fn what_loosens_is_marked() {
    let full = policy(&full());
    assert_eq!(
        about(&full, "td.accept-debug-td-unsafe"),
        "UNSAFE: accepts TDs under debug: the host can read all memory."
    );
    for statement in full.statements() {
        let text = statement.to_string();
        let key = statement.key();
        assert_eq!(
            text.starts_with("UNSAFE: "),
            key.ends_with("-unsafe"),
            "{text}"
        );
        let statuses = ["merged", "platform", "module", "qe", "current"];
        let loose = key == "tee"
            || key == "tcb.out-of-date-grace-days"
            || key
                .strip_prefix("tcb.")
                .is_some_and(|key| statuses.contains(&key));
        assert_eq!(text.starts_with("LOOSENED: "), loose, "{text}");
    }
}

#[test]
fn each_loosening_alone_is_marked() {
    for (table, key, value) in [
        ("tcb", "merged", json!(["SWHardeningNeeded"])),
        ("tcb", "qe", json!(["UpToDate", "ConfigurationNeeded"])),
        ("td", "accept-service-td-unsafe", json!(true)),
        ("td", "accept-migratable-td-unsafe", json!(true)),
        ("td", "accept-missing-sept-ve-disable-unsafe", json!(true)),
        ("sgx", "accept-debug-enclave-unsafe", json!(true)),
    ] {
        let policy = policy(&minimal(table, json!({ key: value })));
        let marked: Vec<_> = policy
            .statements()
            .iter()
            .filter(|statement| statement.tone() >= Tone::Loosened)
            .map(|statement| statement.key())
            .collect();
        assert_eq!(marked, [format!("{table}.{key}")]);
        assert!(!policy.is_at_least_as_strict_as(&Policy::default()));
    }
}

#[test]
fn every_value_is_said() {
    fn values(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.push(text.clone()),
            Value::Number(number) => found.push(number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| values(item, found)),
            Value::Object(map) => map.values().for_each(|item| values(item, found)),
            Value::Bool(_) | Value::Null => {}
        }
    }
    let policy = policy(&full());
    let statements = policy.statements();
    let text: Vec<_> = statements.iter().map(ToString::to_string).collect();
    let text = text.join("\n").to_lowercase();
    let mut found = Vec::new();
    values(&full(), &mut found);
    for value in found {
        // Three words of the document are sentences of their own.
        if !["both", "required", "bound"].contains(&value.as_str()) {
            assert!(
                text.contains(&value.to_lowercase()),
                "{value} is not in\n{text}"
            );
        }
    }
}

#[test]
fn one_list_of_machines_is_said_as_one() {
    let id = "22".repeat(32);
    let by_id = policy(&minimal("platform", json!({ "device-ids": [id] })));
    assert_eq!(
        about(&by_id, "platform.ppid"),
        "Lists no machine in this notation."
    );
    assert!(about(&by_id, "platform.device-ids").contains(" only 2222"));
    assert!(about(&policy(&full()), "platform.device-ids").ends_with("Either list will do."));
    assert_eq!(
        about(&Policy::default(), "platform.ppid"),
        "Accepts any PPID."
    );
}
