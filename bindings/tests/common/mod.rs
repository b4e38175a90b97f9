//! Evidence and answers for the tests of this crate.

#![allow(dead_code, reason = "each test file uses a part of this module")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "this file is helpers of tests"
)]

use teeproof_bindings::{Answer, InstantChoice, VerifyAnswer, VerifyOptions, parse_policy, verify};
use teeproof_core::{
    Challenge, Channel, CollateralParts, DerivationRule, Exchange, InputKind, InstanceEvidence,
    Instant, Policy, TrustAnchor,
};
use teeproof_forge::Issued;

/// The parts of a forged case, as a directory of them would be read.
pub(crate) fn evidence(issued: &Issued) -> InstanceEvidence {
    let mut evidence = InstanceEvidence::from_quote(InputKind::RawQuote, issued.quote.clone());
    evidence.event_log = issued.event_log.clone().map(String::into_bytes);
    evidence.app_compose = issued.app_compose.clone().map(String::into_bytes);
    evidence.vm_config = issued.vm_config.clone().map(String::into_bytes);
    evidence.mr_config_document = issued.mr_config_document.clone().map(String::into_bytes);
    evidence.collateral = issued
        .collateral_json
        .iter()
        .map(|json| CollateralParts::from_json(json.as_bytes()).unwrap())
        .collect();
    evidence
}

/// The options of a forged case: its policy, root, instant and challenge.
pub(crate) fn options(issued: &Issued) -> VerifyOptions {
    VerifyOptions {
        policy: policy(&issued.policy_toml),
        anchor: TrustAnchor::from_der(&issued.root_der).unwrap(),
        instant: InstantChoice::Given(Instant::from_unix(issued.at).unwrap()),
        collateral: Vec::new(),
        exchange: Exchange {
            challenge: issued.challenge.as_ref().map(|(bytes, rule)| {
                Challenge::new(bytes.clone(), DerivationRule::from_name(rule).unwrap())
            }),
            channel: Channel::Saved,
        },
        genuine_only: false,
    }
}

pub(crate) fn policy(toml: &str) -> Policy {
    parse_policy(toml.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{toml}"))
}

pub(crate) fn answer(evidence: &InstanceEvidence, options: &VerifyOptions) -> VerifyAnswer {
    match verify("case", evidence, options) {
        Answer::Verified(answer) => *answer,
        Answer::Unreadable(answer) => panic!("{answer:?}"),
    }
}

/// A real sample with its collateral.
pub(crate) struct Sample {
    pub(crate) evidence: InstanceEvidence,
    pub(crate) options: VerifyOptions,
}

macro_rules! sample {
    ($name:ident, $folder:literal, $at:literal) => {
        pub(crate) fn $name() -> Sample {
            let mut evidence = InstanceEvidence::from_quote(
                InputKind::RawQuote,
                include_bytes!(concat!("../../../fixtures/real/", $folder, "/quote.bin")).to_vec(),
            );
            evidence.collateral.push(
                CollateralParts::from_json(include_bytes!(concat!(
                    "../../../fixtures/real/",
                    $folder,
                    "/collateral.json"
                )))
                .unwrap(),
            );
            Sample {
                evidence,
                options: VerifyOptions {
                    policy: policy(include_str!(concat!(
                        "../../../fixtures/real/",
                        $folder,
                        "/policy.toml"
                    ))),
                    anchor: TrustAnchor::intel().unwrap(),
                    instant: InstantChoice::Given($at.parse().unwrap()),
                    collateral: Vec::new(),
                    exchange: Exchange::default(),
                    genuine_only: false,
                },
            }
        }
    };
}

sample!(td15ex, "tdx-v5-td15ex", "2026-10-20T00:00:00Z");
sample!(td_v4, "tdx-v4", "2025-06-27T04:53:20Z");
sample!(td15, "tdx-v5-td15", "2026-03-01T00:00:00Z");
sample!(sgx, "sgx-v3", "2025-06-27T04:53:20Z");

impl Sample {
    pub(crate) fn answer(&self) -> VerifyAnswer {
        answer(&self.evidence, &self.options)
    }
}

/// The outcome of one check.
pub(crate) fn outcome<'a>(answer: &'a VerifyAnswer, id: &str) -> &'a str {
    let check = answer.checks.iter().find(|check| check.id == id);
    check.unwrap_or_else(|| panic!("no check {id}")).outcome
}

/// The reason of one check.
pub(crate) fn reason<'a>(answer: &'a VerifyAnswer, id: &str) -> Option<&'a str> {
    let check = answer.checks.iter().find(|check| check.id == id);
    check.unwrap_or_else(|| panic!("no check {id}")).reason
}
