//! An edit of a policy that somebody thinks about only ever narrows it.

use serde_json::json;
use teeproof_core::policy::PolicyErrorKind as Kind;
use teeproof_core::{Bytes, Policy, PolicyEdits, sha256};

use crate::{full, minimal, policy};

fn base() -> Policy {
    let mut value = full();
    value["app"]["compose-hashes"] = json!(["aa".repeat(32), "bb".repeat(32)]);
    policy(&value)
}

fn hash(byte: u8) -> PolicyEdits {
    PolicyEdits {
        without_compose_hashes: vec![Bytes::new([byte; 32])],
        ..PolicyEdits::default()
    }
}

fn os(names: &[&str]) -> PolicyEdits {
    PolicyEdits {
        without_os: names.iter().map(|&name| name.to_owned()).collect(),
        ..PolicyEdits::default()
    }
}

fn floor(number: u64) -> PolicyEdits {
    PolicyEdits {
        min_evaluation_number: Some(number),
        ..PolicyEdits::default()
    }
}

fn advisory(id: &str) -> PolicyEdits {
    PolicyEdits {
        denied_advisories: vec![id.to_owned()],
        ..PolicyEdits::default()
    }
}

#[test]
fn no_edit_changes_nothing() {
    assert!(PolicyEdits::default().is_empty());
    assert_eq!(base().with_edits(&PolicyEdits::default()), Ok(base()));
    let default = Policy::default();
    assert_eq!(
        default.clone().with_edits(&PolicyEdits::default()),
        Ok(default)
    );
}

#[test]
fn every_edit_is_stricter_and_another_policy() {
    let tolerated = base().tcb().tolerated_advisories.clone().unwrap();
    let tolerated = tolerated.iter().next().unwrap().clone();
    for edits in [
        hash(0xaa),
        hash(0xbb),
        os(&["dstack-0.5.4"]),
        floor(base().tcb().min_evaluation_number.unwrap() + 1),
        advisory("INTEL-SA-99999"),
        advisory(&tolerated),
    ] {
        assert!(!edits.is_empty());
        let edited = base().with_edits(&edits).unwrap();
        assert!(edited.is_at_least_as_strict_as(&base()), "{edits:?}");
        assert!(!base().is_at_least_as_strict_as(&edited), "{edits:?}");
        assert_ne!(edited.digest(), base().digest(), "{edits:?}");
        assert_eq!(edited.digest(), sha256(edited.canonical_json().as_bytes()));
    }
    let denied = base().with_edits(&advisory(&tolerated)).unwrap();
    assert!(base().tcb().accepts_advisory(&tolerated));
    assert!(!denied.tcb().accepts_advisory(&tolerated));
}

#[test]
fn the_floor_of_a_policy_without_one_is_the_new_one() {
    let edited = Policy::default().with_edits(&floor(3)).unwrap();
    assert_eq!(edited.tcb().min_evaluation_number, Some(3));
    // Today's floor once more changes nothing, and loosens nothing.
    let today = base().tcb().min_evaluation_number.unwrap();
    assert_eq!(base().with_edits(&floor(today)), Ok(base()));
}

#[test]
fn what_is_not_listed_cannot_be_removed() {
    for (base, edits, names) in [
        (base(), hash(0xcc), "app.compose-hashes"),
        (Policy::default(), hash(0xaa), "lists nothing"),
        (base(), os(&["dstack-0.5"]), "dstack-0.5.4, dstack-0.5.5"),
        (
            base(),
            os(&["dstack-0.5.4", "DSTACK-0.5.5"]),
            "DSTACK-0.5.5",
        ),
        (base(), os(&[""]), "``"),
        (Policy::default(), os(&["dstack-0.5.4"]), "lists nothing"),
    ] {
        let error = base.with_edits(&edits).unwrap_err();
        assert_eq!(error.kind(), Kind::EditUnknown, "{edits:?}");
        assert!(error.detail().contains(names), "{error}");
    }
    // Once removed it is not listed any more.
    let mut twice = hash(0xaa);
    twice.without_compose_hashes.push(Bytes::new([0xcc; 32]));
    let error = base().with_edits(&twice).unwrap_err();
    assert_eq!(error.kind(), Kind::EditUnknown);
}

#[test]
fn a_list_is_never_left_empty() {
    let mut all = hash(0xaa);
    all.without_compose_hashes.push(Bytes::new([0xbb; 32]));
    for edits in [all, os(&["dstack-0.5.4", "dstack-0.5.5"])] {
        let error = base().with_edits(&edits).unwrap_err();
        assert_eq!(error.kind(), Kind::EditEmpties, "{edits:?}");
        assert!(error.detail().contains("no instance at all"), "{error}");
    }
}

#[test]
fn no_edit_loosens() {
    let today = base().tcb().min_evaluation_number.unwrap();
    let error = base().with_edits(&floor(today - 1)).unwrap_err();
    assert_eq!(error.kind(), Kind::EditLoosens);
    let error = Policy::default().with_edits(&floor(1 << 53)).unwrap_err();
    assert_eq!(error.kind(), Kind::NumberRange);
}

#[test]
fn an_advisory_in_another_spelling_would_deny_nothing() {
    for id in [
        "",
        "intel-sa-00837",
        "INTEL-SA-837",
        "00837",
        "INTEL-SA-00837 ",
    ] {
        let error = base().with_edits(&advisory(id)).unwrap_err();
        assert_eq!(error.kind(), Kind::AdvisoryInvalid, "{id}");
    }
}

#[test]
fn one_of_two_names_of_a_system_is_not_the_system() {
    let mut value = full();
    let again = value["os"][1].clone();
    value["os"].as_array_mut().unwrap().push(again);
    value["os"][2]["name"] = json!("lab");
    let before = policy(&value);
    let name = value["os"][1]["name"].as_str().unwrap().to_owned();
    let edited = before.clone().with_edits(&os(&[&name])).unwrap();
    assert_eq!(edited.digest(), before.digest());
    assert_eq!(edited.os().unwrap().len(), 2);
}

#[test]
fn an_edit_of_a_policy_that_pins_nothing_pins_nothing() {
    let edited = policy(&minimal("name", json!("x")))
        .with_edits(&advisory("INTEL-SA-00837"))
        .unwrap();
    assert!(edited.os().is_none() && edited.app().compose_hashes.is_none());
    assert!(!edited.tcb().accepts_advisory("INTEL-SA-00837"));
    assert!(edited.tcb().accepts_advisory("INTEL-SA-00838"));
}
