//! What the script that people used got wrong. It printed PROOF COMPLETE in each of these cases; here
//! each comes out the other way.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use common::{evidence, options};
use teeproof_bindings::{ComparedInput, ComparisonAnswer, VerifyOptions, compare};
use teeproof_core::{Exchange, InputKind, InstanceEvidence, MissingQuote};
use teeproof_forge::Scenario;
use teeproof_forge::challenge::Rule;

fn asked(number: u8, challenge: u8) -> Scenario {
    let mut scenario = Scenario::cluster_machine(number);
    scenario.ask(&[challenge; 32], Rule::Sha512);
    scenario
}

fn cluster_options() -> VerifyOptions {
    VerifyOptions {
        exchange: Exchange::default(),
        ..options(&asked(1, 1).issue())
    }
}

fn instance(scenario: &Scenario) -> ComparedInput {
    let issued = scenario.issue();
    ComparedInput {
        name: "instance".to_owned(),
        evidence: Ok(evidence(&issued)),
        exchange: Some(options(&issued).exchange),
    }
}

/// An answer that has a field for a quote and nothing in it.
fn without_quote() -> ComparedInput {
    let mut empty = InstanceEvidence::without_quote(InputKind::DstackInfo, MissingQuote::Null);
    empty.self_reported = vec![("composeHash".to_owned(), "ab".repeat(32))];
    ComparedInput {
        name: "instance".to_owned(),
        evidence: Ok(empty),
        exchange: None,
    }
}

fn judged(inputs: &[ComparedInput]) -> ComparisonAnswer {
    compare(inputs, &cluster_options(), true)
}

#[test]
fn defect_1_an_instance_that_was_not_reached_is_no_proof() {
    // Its addresses could not work; the script went on with what it had.
    let answer = judged(&[instance(&asked(1, 1)), without_quote()]);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("unproven", 7));
}

#[test]
fn defect_2_a_field_named_quote_is_no_quote() {
    let mut forged = instance(&asked(2, 2));
    let quote = forged.evidence.as_mut().unwrap().quote.as_mut().unwrap();
    // All there, of the right size, and signed by nobody.
    quote[700..].fill(0);
    let answer = judged(&[instance(&asked(1, 1)), forged]);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("unproven", 4));
}

#[test]
fn defect_3_a_value_that_is_absent_is_never_equal() {
    let mut without_log = instance(&asked(2, 2));
    without_log.evidence.as_mut().unwrap().event_log = None;
    let mut options = cluster_options();
    options.policy = common::policy("schema = \"teeproof.policy/1\"\n");
    let answer = compare(&[instance(&asked(1, 1)), without_log], &options, true);
    assert_eq!(answer.result, "unproven");
    let row = answer
        .rows
        .iter()
        .find(|row| row.id == "compose.hash")
        .unwrap();
    assert_eq!(
        (row.standing.as_str(), row.sides.as_slice()),
        ("not-evaluable", &[1][..])
    );
}

#[test]
fn defect_4_two_equal_lies_are_no_match() {
    let lying = |number| {
        let mut scenario = asked(number, number);
        scenario.guest().compose = scenario.guest().compose.replace("8080", "8081");
        let mut input = instance(&scenario);
        input.evidence.as_mut().unwrap().self_reported =
            vec![("composeHash".to_owned(), "ab".repeat(32))];
        input
    };
    let answer = judged(&[lying(1), lying(2)]);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("refuted", 5));
    let mut options = cluster_options();
    options.policy = common::policy("schema = \"teeproof.policy/1\"\n");
    let answer = compare(&[lying(1), lying(2)], &options, true);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("refuted", 9));
}

#[test]
fn defect_5_absent_on_both_is_no_match() {
    let answer = judged(&[without_quote(), without_quote()]);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("unproven", 7));
    assert!(answer.rows.iter().all(|row| row.standing != "holds"));
}

#[test]
fn defect_6_a_recorded_quote_is_not_fresh() {
    let mut recorded = instance(&asked(2, 2));
    recorded.exchange = Some(options(&asked(2, 3).issue()).exchange);
    let answer = judged(&[instance(&asked(1, 1)), recorded]);
    assert_eq!((answer.result.as_str(), answer.exit_code), ("unproven", 5));
}

#[test]
fn defect_7_system_app_key_provider_and_tcb_count() {
    let spoilt: [fn(&mut Scenario); 4] = [
        |s| s.guest().image.kernel = "another kernel".into(),
        |s| s.guest().app_id = vec![9; 20],
        |s| s.guest().key_provider.id = vec![9; 91],
        |s| s.tcb_info.levels[0].published.status = "OutOfDate".into(),
    ];
    for (number, spoil) in spoilt.iter().enumerate() {
        let mut other = asked(2, 2);
        spoil(&mut other);
        let answer = judged(&[instance(&asked(1, 1)), instance(&other)]);
        assert_eq!(
            (answer.result.as_str(), answer.exit_code),
            ("unproven", 5),
            "{number}"
        );
    }
}
