//! A pin narrows a policy and never widens it.

use serde_json::json;
use teeproof_core::policy::PolicyErrorKind as Kind;
use teeproof_core::{Bytes, Pins, Policy, sha256};

use crate::{full, minimal, policy};

fn names(policy: &Policy) -> Vec<&str> {
    policy
        .os()
        .unwrap_or_default()
        .iter()
        .map(|os| os.name.as_str())
        .collect()
}

/// One pin of every kind, of which the full policy lists none.
fn foreign() -> [Pins; 4] {
    [
        Pins {
            compose_hashes: vec![Bytes::new([9; 32])],
            ..Pins::default()
        },
        Pins {
            app_ids: vec![Bytes::new([9; 20])],
            ..Pins::default()
        },
        Pins {
            report_data: vec![Bytes::new([9; 64])],
            ..Pins::default()
        },
        Pins {
            rtmr3: vec![Bytes::new([9; 48])],
            ..Pins::default()
        },
    ]
}

#[test]
fn no_pin_changes_nothing() {
    let full = policy(&full());
    assert_eq!(full.clone().with_pins(Pins::default()), Ok(full));
}

#[test]
fn a_pin_becomes_the_list_where_there_is_none() {
    for pins in foreign() {
        let pinned = Policy::default().with_pins(pins).unwrap();
        assert!(pinned.is_at_least_as_strict_as(&Policy::default()));
        assert_ne!(pinned.digest(), Policy::default().digest());
        assert_eq!(pinned.digest(), sha256(pinned.canonical_json().as_bytes()));
    }
    let pins = Pins {
        compose_hashes: vec![Bytes::new([9; 32])],
        ..Pins::default()
    };
    let pinned = Policy::default().with_pins(pins).unwrap();
    let list = pinned.app().compose_hashes.as_ref().unwrap();
    assert!(list.contains(&Bytes::new([9; 32])) && !list.contains(&Bytes::new([8; 32])));
}

#[test]
fn a_pin_cannot_bring_what_the_policy_does_not_list() {
    for (pins, key) in foreign().into_iter().zip([
        "app.compose-hashes",
        "app.app-ids",
        "app.report-data",
        "app.rtmr3",
    ]) {
        let error = policy(&full()).with_pins(pins).unwrap_err();
        assert_eq!((error.kind(), error.position()), (Kind::PinNotListed, None));
        assert!(error.detail().contains(key), "{error}");
    }
}

#[test]
fn a_pin_keeps_what_both_name() {
    let (listed, foreign) = (Bytes::new([0xaa; 32]), Bytes::new([9; 32]));
    let pins = Pins {
        compose_hashes: vec![foreign, listed, listed],
        ..Pins::default()
    };
    let pinned = policy(&full()).with_pins(pins).unwrap();
    let list = pinned.app().compose_hashes.as_ref().unwrap();
    assert_eq!(list.iter().collect::<Vec<_>>(), [&listed]);
    assert!(pinned.is_at_least_as_strict_as(&policy(&full())));
}

#[test]
fn an_os_pin_names_a_set() {
    let pin = |name: &str| Pins {
        os: vec![name.to_owned()],
        ..Pins::default()
    };
    let pinned = policy(&full()).with_pins(pin("dstack-0.5.5")).unwrap();
    assert_eq!(names(&pinned), ["dstack-0.5.5"]);
    assert!(pinned.is_at_least_as_strict_as(&policy(&full())));

    for (base, name) in [
        (policy(&full()), "dstack-0.5"),
        (policy(&full()), ""),
        (policy(&full()), "DSTACK-0.5.5"),
        (Policy::default(), "dstack-0.5.5"),
    ] {
        let error = base.with_pins(pin(name)).unwrap_err();
        assert_eq!(error.kind(), Kind::PinOsUnknown, "{name}");
    }
    let error = policy(&full()).with_pins(pin("x")).unwrap_err();
    assert!(
        error.detail().contains("dstack-0.5.4, dstack-0.5.5"),
        "{error}"
    );
}

#[test]
fn an_unknown_os_among_known_ones_is_no_typo_to_pass_over() {
    let os = vec!["dstack-0.5.5".to_owned(), "dstack-0.5.6".to_owned()];
    let error = policy(&full())
        .with_pins(Pins {
            os,
            ..Pins::default()
        })
        .unwrap_err();
    assert_eq!(error.kind(), Kind::PinOsUnknown);
}

#[test]
fn all_members_of_a_pinned_set_stay() {
    let mut value = full();
    value["os"][1]["name"] = value["os"][0]["name"].clone();
    let pins = Pins {
        os: vec!["dstack-0.5.4".to_owned()],
        ..Pins::default()
    };
    assert_eq!(names(&policy(&value).with_pins(pins).unwrap()).len(), 2);
}

#[test]
fn an_os_is_accepted_as_a_whole() {
    let full = policy(&full());
    let first = &full.os().unwrap()[0];
    let (three, four, five, six) = (
        Bytes::new([0x33; 48]),
        Bytes::new([0x44; 48]),
        Bytes::new([0x55; 48]),
        Bytes::new([0x66; 48]),
    );
    assert!(first.matches(&three, &six, &four, &five));
    assert!(!first.matches(&three, &three, &four, &five));
    assert!(!first.matches(&four, &six, &four, &five));
    assert!(!first.matches(&three, &six, &five, &five));
    assert!(!first.matches(&three, &six, &four, &four));
    // The kernel of one entry with the firmware of another is neither.
    let second = &full.os().unwrap()[1];
    assert!(second.matches(&Bytes::new([0x88; 48]), &three, &four, &five));
    assert!(!second.matches(&three, &six, &four, &five));
}

#[test]
fn pinning_twice_is_pinning_both() {
    let value = minimal("name", json!("x"));
    let pin = |byte| Pins {
        app_ids: vec![Bytes::new([byte; 20])],
        ..Pins::default()
    };
    let once = policy(&value).with_pins(pin(1)).unwrap();
    assert_eq!(once.clone().with_pins(pin(1)).as_ref(), Ok(&once));
    assert_eq!(
        once.with_pins(pin(2)).unwrap_err().kind(),
        Kind::PinNotListed
    );
}
