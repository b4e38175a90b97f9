//! What the policy digest covers, and which edit is stricter.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use teeproof_core::{Policy, sha256};

use crate::{FULL, full, minimal, policy};

#[test]
fn the_default_is_the_policy_that_says_nothing() {
    let said = Policy::from_json(b"{\"schema\": \"teeproof.policy/1\"}").unwrap();
    assert_eq!(said, Policy::default());
    assert_eq!(said.digest(), Policy::default().digest());
}

#[test]
fn the_canonical_form_spells_out_every_default() {
    let expected = r#"{"app":{"app-ids":null,"compose-hashes":null,"key-providers":null,"report-data":null,"rtmr3":null},"channel":"any","engines":"any","freshness":"optional","os":null,"platform":{"cached-keys":null,"device-ids":null,"dynamic":null,"fmspc":null,"ppid":null,"smt":null},"schema":"teeproof.policy/1","sgx":{"accept-debug-enclave-unsafe":false},"tcb":{"current":["UpToDate"],"denied-advisories":null,"merged":["UpToDate"],"min-evaluation-number":null,"min-pck-crl-number":null,"min-root-crl-number":null,"module":["UpToDate"],"out-of-date-grace-days":null,"platform":["UpToDate"],"qe":["UpToDate"],"tolerated-advisories":null},"td":{"accept-debug-td-unsafe":false,"accept-migratable-td-unsafe":false,"accept-missing-sept-ve-disable-unsafe":false,"accept-service-td-unsafe":false,"attributes":null,"xfam":null},"tee":["tdx"]}"#;
    assert_eq!(Policy::default().canonical_json(), expected);
    assert_eq!(Policy::default().digest(), sha256(expected.as_bytes()));
    // `printf '%s' … | sha256sum`: a digest that is written down must not move.
    assert_eq!(
        Policy::default().digest().to_string(),
        "f9a26b774d420d3601f90173e2ff34504b783f2e19178956d5b4aabd23fd77a4"
    );
}

#[test]
fn the_canonical_form_is_json_with_sorted_keys_and_without_space() {
    let canonical = policy(&full()).canonical_json();
    assert!(canonical.is_ascii() && !canonical.contains(' '));
    // `serde_json::Value` sorts keys in this build and prints compactly.
    let again: Value = serde_json::from_str(&canonical).unwrap();
    assert_eq!(again.to_string(), canonical);
}

#[test]
fn order_and_notation_are_not_in_the_digest() {
    fn reverse(value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.reverse();
                items.iter_mut().for_each(reverse);
            }
            Value::Object(map) => map.values_mut().for_each(reverse),
            Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Null => {}
        }
    }
    let digest = policy(&full()).digest();
    let mut reversed = full();
    reverse(&mut reversed);
    assert_eq!(policy(&reversed).digest(), digest);
    // The file's own key order is another one than that of `Value`.
    assert_eq!(Policy::from_json(FULL.as_bytes()).unwrap().digest(), digest);
    let upper = FULL.replace("b0c06f", "B0C06F").replace("aaaa", "AAAA");
    assert_eq!(
        Policy::from_json(upper.as_bytes()).unwrap().digest(),
        digest
    );
}

#[test]
fn labels_are_not_in_the_digest() {
    let digest = policy(&full()).digest();
    for name in [Some("another"), None] {
        let mut value = full();
        let table = value.as_object_mut().unwrap();
        table.remove("name");
        if let Some(name) = name {
            table.insert("name".into(), json!(name));
        }
        assert_eq!(policy(&value).digest(), digest);
    }
    let mut value = full();
    value["os"][0]["name"] = json!("another");
    assert_eq!(policy(&value).digest(), digest);
    // One triple under two names accepts no more than under one.
    let again = value["os"][1].clone();
    value["os"].as_array_mut().unwrap().push(again);
    value["os"][2]["name"] = json!("lab");
    assert_eq!(policy(&value).digest(), digest);
    // Without RTMR0 it does.
    value["os"][2] = value["os"][0].clone();
    value["os"][2]["name"] = json!("lab");
    value["os"][2].as_object_mut().unwrap().remove("rtmr0");
    assert_ne!(policy(&value).digest(), digest);
}

/// How an edited policy stands to the one before the edit.
#[derive(Debug, PartialEq)]
enum Now {
    Stricter,
    Looser,
    Other,
}
use Now::{Looser, Other, Stricter};

/// One edit of the full policy for every key, and more where a key has more than one direction. A
/// value of null removes the key.
fn edits() -> Vec<(&'static str, Value, Now)> {
    let hex = |bytes: usize| "0a".repeat(bytes);
    vec![
        ("/tee", json!(["tdx"]), Stricter),
        ("/tee", json!(null), Stricter),
        ("/engines", json!("any"), Looser),
        ("/freshness", json!("optional"), Looser),
        ("/channel", json!("any"), Looser),
        ("/tcb/merged", json!(["UpToDate"]), Stricter),
        (
            "/tcb/merged",
            json!(["OutOfDate", "UpToDate", "TDRelaunchAdvised"]),
            Looser,
        ),
        ("/tcb/merged", json!(["OutOfDate"]), Other),
        ("/tcb/platform", json!(null), Stricter),
        ("/tcb/module", json!(["OutOfDate"]), Stricter),
        ("/tcb/qe", json!(["UpToDate"]), Stricter),
        ("/tcb/current", json!(["OutOfDate"]), Other),
        ("/tcb/out-of-date-grace-days", json!(29), Stricter),
        ("/tcb/out-of-date-grace-days", json!(31), Looser),
        ("/tcb/min-evaluation-number", json!(18), Stricter),
        ("/tcb/min-evaluation-number", json!(null), Looser),
        ("/tcb/min-root-crl-number", json!(0), Looser),
        ("/tcb/min-pck-crl-number", json!(3), Stricter),
        (
            "/tcb/tolerated-advisories",
            json!(["INTEL-SA-00837"]),
            Stricter,
        ),
        ("/tcb/tolerated-advisories", json!(null), Looser),
        ("/tcb/denied-advisories", json!(["INTEL-SA-00001"]), Looser),
        ("/tcb/denied-advisories", json!(null), Looser),
        (
            "/tcb/denied-advisories",
            json!(["INTEL-SA-00001", "INTEL-DOC-2", "INTEL-SA-00003"]),
            Stricter,
        ),
        ("/platform/fmspc", json!(["b0c06f000000"]), Stricter),
        ("/platform/fmspc", json!(null), Looser),
        ("/platform/ppid", json!(null), Stricter),
        ("/platform/ppid", json!([hex(16)]), Other),
        ("/platform/device-ids", json!(null), Stricter),
        (
            "/platform/device-ids",
            json!([hex(32), "22".repeat(32)]),
            Looser,
        ),
        ("/platform/dynamic", json!(true), Other),
        ("/platform/dynamic", json!(null), Looser),
        ("/platform/cached-keys", json!(null), Looser),
        ("/platform/smt", json!(null), Looser),
        ("/td/attributes", json!(["0000001000000000"]), Stricter),
        ("/td/xfam", json!([hex(8)]), Other),
        ("/td/accept-debug-td-unsafe", json!(false), Stricter),
        ("/td/accept-service-td-unsafe", json!(false), Stricter),
        ("/td/accept-migratable-td-unsafe", json!(null), Stricter),
        (
            "/td/accept-missing-sept-ve-disable-unsafe",
            json!(false),
            Stricter,
        ),
        ("/sgx/accept-debug-enclave-unsafe", json!(false), Stricter),
        ("/os", json!(null), Looser),
        ("/os/0/mrtd", json!(hex(48)), Other),
        ("/os/0/rtmr1", json!(hex(48)), Other),
        ("/os/0/rtmr2", json!(hex(48)), Other),
        ("/os/0/rtmr0", json!(["66".repeat(48)]), Stricter),
        ("/os/0/rtmr0", json!(null), Looser),
        ("/os/1/rtmr0", json!(["66".repeat(48)]), Stricter),
        ("/app/compose-hashes", json!(["aa".repeat(32)]), Stricter),
        ("/app/compose-hashes", json!(null), Looser),
        ("/app/app-ids", json!([hex(20)]), Other),
        ("/app/rtmr3", json!(null), Looser),
        ("/app/report-data", json!([hex(64)]), Other),
        ("/app/key-providers", json!([{ "kind": "none" }]), Stricter),
        ("/app/key-providers/0/kind", json!("tpm"), Other),
        ("/app/key-providers/0/id", json!("3059"), Other),
        ("/app/key-providers/1/id", json!("3059"), Other),
        ("/app/compose-lint", json!("no-note"), Stricter),
        ("/app/compose-lint", json!("no-error"), Looser),
        ("/app/compose-lint", json!("any"), Looser),
    ]
}

fn edited(pointer: &str, to: &Value) -> Value {
    let mut value = full();
    let (table, key) = pointer.rsplit_once('/').unwrap();
    let table = value.pointer_mut(table).unwrap().as_object_mut().unwrap();
    if to.is_null() {
        table.remove(key);
    } else {
        table.insert(key.into(), to.clone());
    }
    value
}

#[test]
fn one_edit_is_another_digest() {
    let full = policy(&full());
    let mut digests = BTreeSet::from([full.digest()]);
    // The default written out says the same as its absence.
    let same = ["/tee"];
    for (pointer, to, _) in edits() {
        let digest = policy(&edited(pointer, &to)).digest();
        assert_ne!(digest, full.digest(), "{pointer} {to}");
        if !digests.insert(digest) {
            assert!(same.contains(&pointer), "{pointer} {to}");
        }
    }
}

#[test]
fn one_edit_is_stricter_or_looser_as_its_key_says() {
    let full = policy(&full());
    assert!(full.is_at_least_as_strict_as(&full));
    for (pointer, to, now) in edits() {
        let edited = policy(&edited(pointer, &to));
        let found = match (
            edited.is_at_least_as_strict_as(&full),
            full.is_at_least_as_strict_as(&edited),
        ) {
            (true, false) => Stricter,
            (false, true) => Looser,
            (false, false) => Other,
            (true, true) => panic!("{pointer} {to} changes nothing"),
        };
        assert_eq!(found, now, "{pointer} {to}");
    }
}

#[test]
fn every_key_is_edited() {
    let edited: BTreeSet<String> = edits()
        .iter()
        .map(|(pointer, _, _)| pointer.trim_start_matches('/').replace('/', "."))
        .collect();
    for statement in Policy::default().statements() {
        if !["schema", "name"].contains(&statement.key()) {
            assert!(edited.contains(statement.key()), "{}", statement.key());
        }
    }
}

#[test]
fn nothing_is_stricter_by_default_than_the_default_with_a_demand() {
    let strict = Policy::default();
    for (key, part) in [
        ("tcb", json!({ "min-root-crl-number": 1 })),
        ("platform", json!({ "smt": true })),
        ("engines", json!("both")),
        ("os", full()["os"].clone()),
        ("app", full()["app"].clone()),
    ] {
        let demanding = policy(&minimal(key, part));
        assert!(demanding.is_at_least_as_strict_as(&strict), "{key}");
        assert!(!strict.is_at_least_as_strict_as(&demanding), "{key}");
    }
}
