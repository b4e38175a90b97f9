//! Differences that are explained only where they are recomputed, and code that is proven only
//! where it is pinned.

use teeproof_forge::dstack::log::Event;

use crate::{cluster, cluster_options, codes, common, judged, machine, outcome, row};
use teeproof_bindings::compare;

/// The digests of 2 and of 4 GiB as real machines and dstack's own calculation have them.
fn real_map(events: &mut [Event], digest: &str) {
    for event in events.iter_mut().filter(|event| event.imr == 0) {
        if event.payload == b"td hob" {
            event.digest = hex::decode(digest).unwrap();
        } else if event.payload == b"ACPI DATA" {
            event.digest = vec![7; 48];
        }
    }
}

#[expect(clippy::ptr_arg, reason = "the forge takes it so")]
fn two_gib(events: &mut Vec<Event>) {
    real_map(
        events,
        "0b8772e5b0b41b83e6044a68397e02f49fb47066b4fbe4917ea2c45c64f323fdacbb37948f821ebaf8bc9c938ba8a749",
    );
}

#[expect(clippy::ptr_arg, reason = "the forge takes it so")]
fn four_gib(events: &mut Vec<Event>) {
    real_map(
        events,
        "5b684faf8d02a733945f821d9cdd170802e72103977acf66949c9382500283adc90cbec57f8e7653f8bee1cab83689de",
    );
}

#[test]
fn a_difference_of_memory_is_explained_only_by_its_recomputed_map() {
    let sized = |number, gib: u64, map: fn(&mut Vec<Event>)| {
        let mut scenario = machine(number);
        scenario.guest().machine.memory = gib << 30;
        scenario.guest().measured = Some(map);
        scenario
    };
    let explained = judged(&[sized(1, 2, two_gib), sized(2, 4, four_gib)], true);
    assert_eq!(row(&explained, "rtmr0").standing, "explained");
    assert_eq!(explained.result, "same-code");

    // The host claims another size than the one that was measured.
    let claimed = judged(&[sized(1, 2, two_gib), sized(2, 8, four_gib)], true);
    let rtmr0 = row(&claimed, "rtmr0");
    assert_eq!(
        (rtmr0.standing.as_str(), rtmr0.sides.as_slice()),
        ("unexplained", &[1][..])
    );

    // More differs than the memory: nothing here recomputes ACPI tables.
    let mut bigger = machine(2);
    bigger.guest().machine.cpus += 1;
    let other_shape = judged(&[machine(1), bigger], true);
    assert_eq!(row(&other_shape, "rtmr0").standing, "unexplained");
    assert_eq!(other_shape.result, "same-code");
}

#[test]
fn events_of_the_app_leave_rtmr3_unexplained() {
    let mut talking = machine(2);
    talking.guest().app_events = vec![("app-event".into(), b"x".to_vec())];
    let answer = judged(&[machine(1), talking], true);
    let rtmr3 = row(&answer, "rtmr3");
    assert_eq!(rtmr3.standing, "unexplained");
    let begins = rtmr3.begins.as_ref().unwrap();
    assert_eq!(begins.event_name.as_deref(), Some("app-event"));
}

#[test]
fn an_app_that_does_not_pin_its_code_proves_measurements_only() {
    let unpinned = |number| {
        let mut scenario = machine(number);
        let compose = &mut scenario.guest().compose;
        *compose = compose.replace(
            "@sha256:1111111111111111111111111111111111111111111111111111111111111111",
            ":latest",
        );
        scenario
    };
    let hash = hex::encode(teeproof_forge::dstack::app::compose_hash(
        &unpinned(1).guest().compose,
    ));
    let mut options = cluster_options();
    options.policy = options
        .policy
        .with_pins(teeproof_core::Pins::default())
        .unwrap();
    let issued = machine(1).issue();
    let toml = issued.policy_toml.replace(
        &hex::encode(teeproof_forge::dstack::app::compose_hash(
            issued.app_compose.as_deref().unwrap(),
        )),
        &hash,
    );
    options.policy = common::policy(&toml);
    let answer = compare(&cluster(&[unpinned(1), unpinned(2)]), &options, true);
    assert_eq!(outcome(&answer), ("same-measurements", 10, vec![]));
    assert_eq!(codes(&answer), ["code-not-pinned"]);
    assert!(answer.shortcomings[0].because.contains("latest"));
    assert!(answer.headline.contains("CODE NOT PROVEN"));
}

#[test]
fn without_the_text_the_code_is_not_proven() {
    let mut inputs = cluster(&[machine(1), machine(2)]);
    inputs[1].evidence.as_mut().unwrap().app_compose = None;
    let answer = compare(&inputs, &cluster_options(), true);
    assert_eq!(answer.result, "same-measurements");
    assert_eq!(codes(&answer), ["compose-not-bound"]);
}
