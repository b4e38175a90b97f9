//! Whatever comes in, something is answered.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use teeproof_bindings::{OPERATIONS, call, inspect, parse_policy};
use teeproof_core::{
    Bundle, CheckId, Collateral, CollateralParts, ComposeHash, EventLog, InputKind,
    InstanceEvidence, Policy, Quote, TrustAnchor, assemble, decode_hex, encode_hex, recognise,
};
use teeproof_forge::Scenario;

use crate::cases;
use crate::mutate::{mutated, mutations};
use crate::support::Subject;

/// A sample of every kind of input, with what it is.
static SEEDS: LazyLock<Vec<(&'static str, Vec<u8>)>> = LazyLock::new(|| {
    let issued = Scenario::tdx_v4().issue();
    let text = |text: &Option<String>| text.clone().unwrap().into_bytes();
    let mut evidence = InstanceEvidence::from_quote(InputKind::RawQuote, issued.quote.clone());
    evidence.event_log = Some(text(&issued.event_log));
    evidence.app_compose = Some(text(&issued.app_compose));
    evidence.label = Some("a label".to_owned());
    let bundle = Bundle::from_evidence(&evidence).unwrap().to_json();
    let hex = encode_hex(&issued.quote);
    let get_quote = json!({
        "quote": hex, "event_log": issued.event_log, "report_data": "00", "vm_config": "{}",
    });
    let cloud = json!({
        "instances": [{ "quote": hex, "eventlog": issued.event_log, "vm_config": "{}" }],
        "app_certificates": [{ "quote": hex }],
    });
    let mut seeds = vec![
        ("hex", hex.into_bytes()),
        ("event log", text(&issued.event_log)),
        ("app-compose", text(&issued.app_compose)),
        ("vm_config", text(&issued.vm_config)),
        ("bundle", bundle.into_bytes()),
        ("get-quote", get_quote.to_string().into_bytes()),
        ("cloud", cloud.to_string().into_bytes()),
        ("policy", issued.policy_toml.clone().into_bytes()),
        ("template", Policy::TEMPLATE.as_bytes().to_vec()),
        ("collateral", text(&issued.collateral_json)),
        ("quote", issued.quote),
    ];
    for subject in Subject::real_samples() {
        seeds.push(("quote", subject.quote));
        seeds.push(("collateral", subject.collateral[0].to_json().into_bytes()));
    }
    seeds
});

/// Everything that takes bytes. Returns how much of it was read, so that it is looked at.
fn read_as_everything(bytes: &[u8]) -> u32 {
    let mut read = 0;
    let mut note = |one: bool| read += u32::from(one);
    note(Quote::parse(bytes).is_ok());
    note(EventLog::parse(bytes).is_ok_and(|log| log.replay().is_ok()));
    note(ComposeHash::of(bytes).is_ok());
    note(Bundle::from_json(bytes).is_ok());
    note(parse_policy(bytes).is_ok_and(|policy| policy.digest() == policy.clone().digest()));
    note(Policy::from_json(bytes).is_ok());
    note(TrustAnchor::from_der(bytes).is_ok());
    note(decode_hex(&String::from_utf8_lossy(bytes), 4096).is_ok());
    note(CollateralParts::from_json(bytes).is_ok_and(|parts| Collateral::parse(&parts).is_ok()));
    match recognise(bytes) {
        Ok(input) => {
            note(inspect(&input).value().is_object());
            note(assemble([input.clone(), input]).is_ok());
        }
        Err(error) => note(error.to_string().is_empty()),
    }
    read
}

/// An answer of the universal door, which is one of two kinds.
fn answered(operation: &str, request: &str) -> Value {
    let answer: Value = serde_json::from_str(&call(operation, request)).unwrap();
    let answer = answer.as_object().unwrap();
    assert_eq!(answer.len(), 1);
    assert!(answer.contains_key("ok") || answer.contains_key("error"));
    answer.values().next().unwrap().clone()
}

fn requests(parts: &[(&str, &str)], at: u64) -> [(&'static str, String); 6] {
    let parts: Vec<_> = parts
        .iter()
        .map(|(form, part)| json!({ *form: part }))
        .collect();
    let verify = json!({
        "schema": "teeproof.request/1", "inputs": [{ "parts": parts.clone() }], "at": at,
    });
    let first = parts.first();
    let text = first.and_then(|part| part.get("text"));
    let lint = json!({ "schema": "teeproof.request/1", "appCompose": first });
    [
        ("verify", verify.to_string()),
        ("compare", verify.to_string()),
        ("inspect", json!({ "parts": parts }).to_string()),
        ("bundle", json!({ "parts": parts }).to_string()),
        ("compose-lint", lint.to_string()),
        ("policy-explain", json!({ "policy": text }).to_string()),
    ]
}

#[test]
fn every_seed_is_read_as_something() {
    for (what, seed) in SEEDS.iter() {
        assert!(read_as_everything(seed) > 0, "{what}");
    }
    // All but the table of checks, and that one, are called below.
    assert_eq!(OPERATIONS.len(), requests(&[], 0).len() + 1);
    assert_eq!(
        answered("checks", "").as_array().unwrap().len(),
        CheckId::ALL.len()
    );
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let read = read_as_everything(&bytes);
        // Random bytes are at most somebody's app-compose, hex, or an empty policy.
        prop_assert!(read <= 4, "{}", read);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,200}", operation in "[a-z-]{0,10}") {
        read_as_everything(text.as_bytes());
        answered(&operation, &text);
        for (operation, request) in requests(&[("text", &text), ("hex", &text)], 1) {
            answered(operation, &text);
            answered(operation, &request);
        }
    }

    #[test]
    fn no_spoilt_input_panics(at in any::<Index>(), mutations in mutations()) {
        let seed = &SEEDS[at.index(SEEDS.len())].1;
        read_as_everything(&mutated(seed, &mutations));
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn no_spoilt_evidence_panics_where_it_is_judged(
        at in any::<Index>(),
        quote in mutations(),
        collateral in mutations(),
        spoil in 1..4_u8,
    ) {
        let mut subjects = Subject::real_samples().to_vec();
        subjects.push(Subject::forged("forged", &Scenario::tdx_v4().issue()).unwrap());
        let subject = &mut subjects[at.index(4)];
        let before = subject.clone();
        if spoil & 1 != 0 {
            subject.quote = mutated(&subject.quote, &quote);
        }
        if spoil & 2 != 0 {
            let file = mutated(subject.collateral[0].to_json().as_bytes(), &collateral);
            subject.collateral = CollateralParts::from_json(&file).into_iter().collect();
        }
        let report = subject.judge();
        prop_assert_eq!(report.checks().len(), CheckId::ALL.len());
        // The sweep says byte by byte what counts. Here, whatever is left whole may pass.
        let whole = subject.quote == before.quote && subject.collateral == before.collateral;
        prop_assert!(!whole || crate::support::accepted(&report));

        let quote = encode_hex(&subject.quote);
        let file = subject.collateral.first().map(CollateralParts::to_json);
        let mut parts = vec![("hex", quote.as_str())];
        parts.extend(file.as_deref().map(|file| ("text", file)));
        for (operation, request) in requests(&parts, subject.at.unix()) {
            answered(operation, &request);
        }
    }
}
