//! Several instances against each other: every way in which they can differ, lie or be one and the
//! same gives its own result with its own row.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

#[path = "../common/mod.rs"]
mod common;
mod explained;

use common::{evidence, options};
use teeproof_bindings::{
    Answer, ComparedInput, ComparisonAnswer, ErrorAnswer, InputAnswer, RowAnswer, Unreadable,
    VerifyOptions, compare,
};
use teeproof_forge::Scenario;
use teeproof_forge::challenge::Rule;

/// A machine of a cluster: same app, same system, its own hardware and its own instance id.
fn machine(number: u8) -> Scenario {
    let mut scenario = Scenario::cluster_machine(number);
    scenario.ask(&[number; 32], Rule::Sha512);
    scenario
}

/// The policy and root of the cluster, made for the scenario that everything is right in.
fn cluster_options() -> VerifyOptions {
    let mut right = options(&machine(1).issue());
    // Each instance has its own challenge.
    right.exchange = teeproof_core::Exchange::default();
    right
}

fn input(name: &str, scenario: &Scenario) -> ComparedInput {
    let issued = scenario.issue();
    ComparedInput {
        name: name.to_owned(),
        evidence: Ok(evidence(&issued)),
        exchange: Some(options(&issued).exchange),
    }
}

fn cluster(scenarios: &[Scenario]) -> Vec<ComparedInput> {
    scenarios
        .iter()
        .zip(1..)
        .map(|(scenario, number)| input(&format!("prod{number}"), scenario))
        .collect()
}

fn judged(scenarios: &[Scenario], different_machines: bool) -> ComparisonAnswer {
    compare(&cluster(scenarios), &cluster_options(), different_machines)
}

fn row<'a>(answer: &'a ComparisonAnswer, id: &str) -> &'a RowAnswer {
    answer
        .rows
        .iter()
        .find(|row| row.id == id)
        .unwrap_or_else(|| panic!("no row {id}"))
}

fn codes(answer: &ComparisonAnswer) -> Vec<&str> {
    answer
        .shortcomings
        .iter()
        .map(|one| one.code.as_str())
        .collect()
}

/// Result, exit code, and the rows that are broken.
fn outcome(answer: &ComparisonAnswer) -> (&str, u8, Vec<&str>) {
    let broken = answer
        .rows
        .iter()
        .filter(|row| row.standing == "broken")
        .map(|row| row.id.as_str())
        .collect();
    (&answer.result, answer.exit_code, broken)
}

#[test]
fn two_machines_with_the_same_code_are_shown_to_have_it() {
    let answer = judged(&[machine(1), machine(2)], true);
    assert_eq!(outcome(&answer), ("same-code", 10, vec![]));
    assert!(answer.simulated && answer.headline.contains("SIMULATED"));
    assert!(
        answer
            .headline
            .contains("SAME CODE PROVEN: 2 instances on 2 different machines")
    );
    assert!(answer.shortcomings.is_empty() && answer.duplicates.is_empty());
    assert_eq!(answer.groups.len(), 1);
    assert_eq!(answer.groups[0].members, [0, 1]);
    assert_eq!(
        (answer.groups[0].machines, answer.groups[0].approved),
        (2, true)
    );
    for (id, standing) in [
        ("compose.hash", "holds"),
        ("os.identity", "holds"),
        ("key-provider", "holds"),
        ("instance.id", "holds"),
        ("platform.device", "holds"),
        ("attestation.key", "holds"),
        ("report-data", "holds"),
        ("rtmr3", "explained"),
        ("rtmr0", "holds"),
    ] {
        assert_eq!(row(&answer, id).standing, standing, "{id}");
    }
}

#[test]
fn three_and_fifty_machines_are_compared_the_same_way() {
    for count in [3, 50] {
        let machines: Vec<_> = (1..=count).map(machine).collect();
        let answer = judged(&machines, true);
        assert_eq!(outcome(&answer), ("same-code", 10, vec![]));
        assert_eq!(answer.groups[0].machines, usize::from(count));
    }
}

#[test]
fn every_difference_lands_in_its_row() {
    type Knob = (
        &'static str,
        fn(&mut Scenario),
        &'static [&'static str],
        Option<(&'static str, &'static str)>,
    );
    let knobs: [Knob; 4] = [
        (
            "another app-compose",
            |s| s.guest().compose = s.guest().compose.replace("8080", "8081"),
            &["compose.hash"],
            Some(("RTMR3", "compose-hash")),
        ),
        (
            "another kernel",
            |s| s.guest().image.kernel = "another kernel".into(),
            &["os.identity"],
            Some(("RTMR1", "")),
        ),
        (
            "another command line",
            |s| s.guest().image.command_line = "another command line".into(),
            &["os.identity"],
            Some(("RTMR2", "")),
        ),
        (
            "another KMS",
            |s| s.guest().key_provider.id = vec![7; 91],
            &["key-provider"],
            Some(("RTMR3", "key-provider")),
        ),
    ];
    for (what, spoil, broken, begins) in knobs {
        let mut other = machine(2);
        spoil(&mut other);
        // Under a policy that pins nothing both are accepted, and so compared.
        let mut options = cluster_options();
        options.policy = common::policy("schema = \"teeproof.policy/1\"\n");
        let answer = compare(&cluster(&[machine(1), other]), &options, true);
        assert_eq!(outcome(&answer), ("refuted", 9, broken.to_vec()), "{what}");
        assert_eq!(answer.groups.len(), 2, "{what}");
        let found = row(&answer, broken[0]).begins.as_ref().map(|begins| {
            (
                begins.register.as_str(),
                begins.event_name.as_deref().unwrap_or_default(),
            )
        });
        assert_eq!(found, begins, "{what}");
        assert_eq!(row(&answer, broken[0]).sides, [0, 1], "{what}");
    }
}

#[test]
fn one_flipped_bit_lands_in_its_cell() {
    type Flip = (&'static str, fn(&mut Scenario));
    let flips: [Flip; 3] = [
        ("compose.hash", |s| {
            s.guest().compose = s.guest().compose.replacen("web", "wec", 1)
        }),
        ("key-provider", |s| s.guest().key_provider.id[40] ^= 1),
        ("instance.id", |s| s.guest().instance_id[19] ^= 1),
    ];
    let mut options = cluster_options();
    options.policy = common::policy("schema = \"teeproof.policy/1\"\n");
    let compared = |scenario| compare(&cluster(&[machine(1), scenario]), &options, true);
    let reference = compared(machine(2));
    for (id, flip) in flips {
        let mut flipped = machine(2);
        flip(&mut flipped);
        let answer = compared(flipped);
        // Beside the registers and digests that follow from everything, one cell is another one.
        let changed: Vec<&str> = answer
            .rows
            .iter()
            .zip(&reference.rows)
            .filter(|(row, _)| !["rtmr3", "quote"].contains(&row.id.as_str()))
            .filter(|(row, before)| row.cells != before.cells)
            .map(|(row, _)| row.id.as_str())
            .collect();
        assert_eq!(changed, [id]);
        assert_eq!(row(&answer, id).cells[0], row(&reference, id).cells[0]);
    }
}

#[test]
fn an_instance_that_the_policy_refuses_joins_no_group() {
    for (spoil, code) in [
        (
            (|s: &mut Scenario| s.guest().image.kernel = "foreign".into()) as fn(&mut Scenario),
            5,
        ),
        (|s| s.td().td_attributes |= 1, 5),
        (|s| s.quote.spoilt = true, 4),
    ] {
        let mut other = machine(2);
        spoil(&mut other);
        let answer = judged(&[machine(1), other, machine(3)], true);
        assert_eq!(
            (answer.result.as_str(), answer.exit_code),
            ("unproven", code)
        );
        assert_eq!(answer.groups.len(), 1);
        assert_eq!(answer.groups[0].members, [0, 2]);
        let refused = answer
            .shortcomings
            .iter()
            .find(|one| one.code == "not-accepted")
            .unwrap();
        assert_eq!(refused.sides, [1]);
        assert!(row(&answer, "compose.hash").cells[1].is_none());
    }
}

#[test]
fn a_bundle_is_not_two_instances() {
    let answer = judged(&[machine(1), machine(1)], false);
    assert_eq!(answer.result, "unproven");
    assert_eq!(answer.exit_code, 6);
    assert_eq!(codes(&answer), ["same-evidence"]);
    assert_eq!(answer.shortcomings[0].sides, [0, 1]);
    assert_eq!(answer.groups[0].quotes, 1);
    assert!(answer.duplicates.iter().any(|one| one.shared == "quote"));
}

#[test]
fn one_machine_is_not_two_machines() {
    // Two TDs on one machine: fine, unless machines of their own are claimed.
    let mut neighbour = machine(1);
    neighbour.guest().instance_id = vec![9; 20];
    neighbour.ask(&[9; 32], Rule::Sha512);
    let both = [machine(1), neighbour];
    assert_eq!(judged(&both, false).result, "same-code");
    let claimed = judged(&both, true);
    assert_eq!(
        outcome(&claimed),
        ("refuted", 9, vec!["platform.device", "attestation.key"])
    );
    assert_eq!(claimed.groups[0].machines, 1);
}

#[test]
fn the_same_instance_asked_twice_is_one_instance() {
    let mut again = machine(1);
    again.ask(&[9; 32], Rule::Sha512);
    let answer = judged(&[machine(1), again], false);
    assert_eq!(outcome(&answer), ("refuted", 9, vec!["instance.id"]));
}

#[test]
fn an_absent_instance_id_is_not_a_different_one() {
    let without = |number| {
        let mut scenario = machine(number);
        scenario.guest().instance_id.clear();
        scenario
    };
    for machines in [[without(1), without(2)], [machine(1), without(2)]] {
        let answer = judged(&machines, true);
        assert_eq!(answer.result, "unproven");
        assert_eq!(codes(&answer), ["row-not-evaluable"]);
        assert_eq!(row(&answer, "instance.id").standing, "not-evaluable");
    }
}

#[test]
fn an_absent_instance_id_hides_no_equal_ones() {
    let mut without = machine(1);
    without.guest().instance_id.clear();
    let mut again = machine(2);
    again.ask(&[9; 32], Rule::Sha512);
    for order in [[0, 1, 2], [1, 0, 2], [1, 2, 0]] {
        let machines = [without.clone(), machine(2), again.clone()];
        let machines: Vec<_> = order.iter().map(|index| machines[*index].clone()).collect();
        let answer = judged(&machines, false);
        assert_eq!(outcome(&answer), ("refuted", 9, vec!["instance.id"]));
    }
}

#[test]
fn a_replayed_quote_is_not_fresh() {
    // The second machine passes the first one's evidence on, and is asked another challenge.
    let mut relayed = input("prod2", &machine(1));
    relayed.exchange = Some(options(&machine(2).issue()).exchange);
    let inputs = [input("prod1", &machine(1)), relayed];
    let answer = compare(&inputs, &cluster_options(), true);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("unproven", 5));
    assert!(codes(&answer).contains(&"not-accepted") && codes(&answer).contains(&"same-evidence"));
}

#[test]
fn a_foreign_event_log_is_no_evidence() {
    let mut lying = input("prod2", &machine(2));
    lying.evidence.as_mut().unwrap().event_log = evidence(&machine(1).issue()).event_log;
    let inputs = [input("prod1", &machine(1)), lying];
    let answer = compare(&inputs, &cluster_options(), true);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("unproven", 4));
}

#[test]
fn a_foreign_app_compose_is_no_evidence() {
    let mut lying = input("prod2", &machine(2));
    lying.evidence.as_mut().unwrap().app_compose = Some(b"{}".to_vec());
    let inputs = [input("prod1", &machine(1)), lying];
    let answer = compare(&inputs, &cluster_options(), true);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("unproven", 4));
}

#[test]
fn who_speaks_with_the_values_of_its_neighbour_is_refuted() {
    let hash = |scenario: &mut Scenario| {
        hex::encode(teeproof_forge::dstack::app::compose_hash(
            &scenario.guest().compose,
        ))
    };
    let mut first = machine(1);
    let own = hash(&mut first);
    let id_of_first = hex::encode(&first.guest().instance_id);
    for (name, value, result) in [
        ("composeHash", own.as_str(), "same-code"),
        (
            "version.compose_hash",
            &format!("sha256:{own}"),
            "same-code",
        ),
        ("composeHash", "unknown", "same-code"),
        ("version", "1.2.3", "same-code"),
        ("composeHash", &"0".repeat(64), "refuted"),
        (
            "version.composeHash",
            &format!("0x{}", "0".repeat(64)),
            "refuted",
        ),
        ("instance_id", &id_of_first, "refuted"),
    ] {
        let mut speaking = input("prod2", &machine(2));
        speaking
            .evidence
            .as_mut()
            .unwrap()
            .self_reported
            .push((name.to_owned(), value.to_owned()));
        let inputs = [input("prod1", &first), speaking];
        let answer = compare(&inputs, &cluster_options(), true);
        assert_eq!(answer.result, result, "{name}={value}");
        if result == "refuted" {
            assert_eq!(outcome(&answer).2, ["self-reported"]);
            assert_eq!(row(&answer, "self-reported").sides, [1]);
        }
    }
}

#[test]
fn a_missing_machine_hides_nothing_of_the_others() {
    let mut inputs = cluster(&[machine(1), machine(2)]);
    inputs.insert(
        1,
        ComparedInput {
            name: "gone".to_owned(),
            evidence: Err(Box::new(Answer::Unreadable(Unreadable {
                schema: teeproof_bindings::ANSWER_SCHEMA,
                input: InputAnswer {
                    name: "gone".to_owned(),
                    kind: None,
                },
                error: ErrorAnswer {
                    code: "timeout".to_owned(),
                    message: "no answer".to_owned(),
                },
                exit_code: 8,
            }))),
            exchange: None,
        },
    );
    let answer = compare(&inputs, &cluster_options(), true);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("unproven", 8));
    assert_eq!(codes(&answer), ["absent"]);
    assert_eq!(answer.groups[0].members, [0, 2]);
    assert!(row(&answer, "compose.hash").cells[1].is_none());
    assert_eq!(row(&answer, "compose.hash").standing, "holds");
}

#[test]
fn groups_are_no_votes() {
    let other = |number| {
        let mut scenario = machine(number);
        scenario.guest().compose = scenario.guest().compose.replace("8080", "8081");
        scenario
    };
    // Two against two, and four against one: the policy decides, not the number.
    for machines in [
        vec![machine(1), machine(2), other(3), other(4)],
        vec![machine(1), other(2), other(3), other(4), other(5)],
    ] {
        let mut options = cluster_options();
        options.policy = common::policy("schema = \"teeproof.policy/1\"\n");
        let answer = compare(&cluster(&machines), &options, true);
        assert_eq!(outcome(&answer), ("refuted", 9, vec!["compose.hash"]));
        assert_eq!(answer.groups.len(), 2);
        assert!(answer.groups.iter().all(|group| !group.approved));

        let pinned = judged(&machines, true);
        assert_eq!(pinned.groups.len(), 1);
        assert!(pinned.groups[0].approved && pinned.groups[0].members.contains(&0));
    }
}

#[test]
fn copies_of_one_machine_make_no_majority() {
    let other = {
        let mut scenario = machine(9);
        scenario.guest().compose = scenario.guest().compose.replace("8080", "8081");
        scenario
    };
    let mut options = cluster_options();
    options.policy = common::policy("schema = \"teeproof.policy/1\"\n");
    let inputs = cluster(&[other, machine(1), machine(1), machine(1), machine(2)]);
    let answer = compare(&inputs, &options, false);
    let group = answer
        .groups
        .iter()
        .find(|group| group.members.len() == 4)
        .unwrap();
    assert_eq!((group.quotes, group.machines), (2, 2));
}

#[test]
fn the_order_of_inputs_changes_nothing() {
    let mut lying = machine(3);
    lying.guest().machine.memory *= 2;
    let machines = [machine(1), machine(2), lying];
    let reference = judged(&machines, true);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let permuted: Vec<_> = order.iter().map(|index| machines[*index].clone()).collect();
        let answer = judged(&permuted, true);
        assert_eq!(answer.comparison_digest, reference.comparison_digest);
        assert_eq!(answer.result, reference.result);
        assert_eq!(codes(&answer), codes(&reference));
        let standings = |answer: &ComparisonAnswer| -> Vec<(String, String)> {
            answer
                .rows
                .iter()
                .map(|row| (row.id.clone(), row.standing.clone()))
                .collect()
        };
        assert_eq!(standings(&answer), standings(&reference));
    }
    assert_ne!(
        judged(&machines, false).comparison_digest,
        reference.comparison_digest
    );
}

#[test]
fn one_instance_is_no_comparison() {
    let answer = judged(&[machine(1)], false);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("unproven", 6));
    assert_eq!(codes(&answer), ["nothing-to-compare"]);
    let none = judged(&[], false);
    assert_eq!((none.result.as_str(), none.exit_code), ("unproven", 6));
}

#[test]
fn real_hardware_is_compared_and_not_taken_for_two_dstack_apps() {
    let [one, two] = [common::td15ex(), common::td_v4()];
    let mut options = one.options.clone();
    options.instant = two.options.instant;
    options.policy = common::policy("schema = \"teeproof.policy/1\"\n");
    let inputs = [("a", one), ("b", two)].map(|(name, sample)| ComparedInput {
        name: name.to_owned(),
        evidence: Ok(sample.evidence),
        exchange: None,
    });
    let answer = compare(&inputs, &options, true);
    // Judged as of the second one's day: the first one's collateral is of another year.
    assert_eq!(answer.result, "unproven");
    assert_eq!(answer.exit_code, answer.instances[0].exit_code());
    assert!(answer.groups.is_empty() && !answer.simulated);
    assert_eq!(row(&answer, "compose.hash").cells, [None, None]);
}
