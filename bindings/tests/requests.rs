//! What a request says of one input alone, and of the instant.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this file is tests and their helpers"
)]

use serde_json::{Value, json};
use teeproof_bindings::call;
use teeproof_core::{Challenge, DerivationRule};
use teeproof_forge::challenge::Rule;
use teeproof_forge::{Issued, Scenario};

const RULE: DerivationRule = DerivationRule::TeeproofEvidence;

/// A forged app that answers this challenge.
fn asked(challenge: &[u8]) -> Issued {
    let mut scenario = Scenario::tdx_v4();
    let challenge = Challenge::new(challenge.to_vec(), RULE);
    scenario.ask(
        challenge.expected_report_data().unwrap().as_slice(),
        Rule::Raw64,
    );
    scenario.issue()
}

fn input(issued: &Issued) -> Value {
    let mut parts = vec![json!({ "hex": hex::encode(&issued.quote) })];
    let texts = [
        &issued.event_log,
        &issued.app_compose,
        &issued.vm_config,
        &issued.collateral_json,
    ];
    parts.extend(
        texts
            .into_iter()
            .flatten()
            .map(|text| json!({ "text": text })),
    );
    json!({ "name": "one", "parts": parts })
}

fn request(issued: &Issued, inputs: &[Value]) -> Value {
    json!({
        "schema": "teeproof.request/1",
        "inputs": inputs,
        "at": issued.at,
        "policy": issued.policy_toml,
        "root": hex::encode(&issued.root_der),
    })
}

fn answered(operation: &str, request: &Value) -> Value {
    serde_json::from_str(&call(operation, &request.to_string())).unwrap()
}

fn freshness(answer: &Value) -> &str {
    let checks = answer["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["id"] == "freshness.challenge");
    check.unwrap()["outcome"].as_str().unwrap()
}

#[test]
fn each_input_may_have_a_challenge_of_its_own() {
    let (one, two) = (asked(&[1; 32]), asked(&[2; 32]));
    let with = |issued: &Issued, challenge: &[u8]| {
        let mut input = input(issued);
        input["challenge"] = json!({ "bytes": hex::encode(challenge), "rule": RULE.name() });
        input["live"] = json!(true);
        input
    };
    let both = request(&one, &[with(&one, &[1; 32]), with(&two, &[2; 32])]);
    let answers = answered("verify", &both);
    for at in 0..2 {
        let answer = &answers["ok"][at];
        assert_eq!(freshness(answer), "passed", "{answer}");
        assert_eq!(answer["channel"], "unbound");
        assert_eq!(answer["challenge"]["source"], "caller");
    }
    let compared = answered("compare", &both);
    let rows = compared["ok"]["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == "report-data").unwrap();
    assert_eq!(row["relation"], "must-differ", "{row}");

    // Another's challenge is not answered, and that of the request is not in force beside one's own.
    let mut crossed = request(&one, &[with(&one, &[2; 32]), input(&two)]);
    crossed["challenge"] = json!({ "bytes": hex::encode([1; 32]), "rule": RULE.name() });
    let answers = answered("verify", &crossed);
    assert_eq!(freshness(&answers["ok"][0]), "failed");
    assert_eq!(freshness(&answers["ok"][1]), "failed");
    assert_eq!(answers["ok"][1]["channel"], "saved");
}

#[test]
fn a_connection_of_one_input_takes_no_challenge_of_the_request() {
    let issued = asked(&[1; 32]);
    let mut live = input(&issued);
    live["live"] = json!(true);
    let mut request = request(&issued, &[live]);
    request["challenge"] = json!({ "bytes": hex::encode([1; 32]), "rule": RULE.name() });
    let answer = &answered("verify", &request)["ok"][0];
    assert_eq!(answer["challenge"]["source"], "none");
    assert_eq!(answer["channel"], "unbound");
}

#[test]
fn a_challenge_of_one_input_is_read_as_strictly_as_that_of_the_request() {
    let issued = asked(&[1; 32]);
    for (challenge, code) in [
        (json!({ "bytes": "0", "rule": RULE.name() }), "hex"),
        (json!({ "bytes": "00", "rule": "md5" }), "challenge-rule"),
        (json!({ "bytes": "00" }), "request"),
        (
            json!({ "bytes": "00", "rule": RULE.name(), "more": 1 }),
            "request",
        ),
        (json!("00"), "request"),
    ] {
        let mut input = input(&issued);
        input["challenge"] = challenge.clone();
        let answer = answered("verify", &request(&issued, &[input]));
        assert_eq!(answer["error"]["code"], code, "{challenge}");
    }
}

#[test]
fn the_instant_is_one_of_three_and_never_two() {
    let issued = asked(&[1; 32]);
    let judge = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut request = request(&issued, &[input(&issued)]);
        change(request.as_object_mut().unwrap());
        answered("verify", &request)
    };
    let source = |answer: &Value| answer["ok"][0]["atSource"].clone();
    assert_eq!(source(&judge(&|_| {})), "given");
    assert_eq!(
        source(&judge(&|request| {
            request.insert("atIsNow".to_owned(), json!(true));
        })),
        "clock"
    );
    // Loose parts do not say when they were captured: no verdict, and no other instant in its place.
    let captured = judge(&|request| {
        request.remove("at");
        request.insert("atCaptured".to_owned(), json!(true));
    });
    assert_eq!(captured["ok"][0]["error"]["code"], "no-capture-time");
    for keys in [
        json!({ "at": null }),
        json!({ "at": null, "atIsNow": true }),
        json!({ "atCaptured": true }),
        json!({ "at": null, "atIsNow": true, "atCaptured": true }),
    ] {
        let answer = judge(&|request| request.extend(keys.as_object().unwrap().clone()));
        assert_eq!(answer["error"]["code"], "instant", "{keys}");
    }
}
