//! Collateral that is authenticated once gives the very answer that the same files give each time.

#![allow(clippy::unwrap_used, reason = "this file is tests and their helpers")]

mod common;

use common::{Sample, evidence, options};
use teeproof_bindings::{
    Answer, ComparedInput, SharedCollateral, VerifyOptions, compare, compare_shared, verify,
    verify_shared,
};
use teeproof_core::{CollateralParts, InstanceEvidence, TrustAnchor};
use teeproof_forge::catalogue;

/// The answer with the evidence's collateral shared, where all of it is authentic.
fn shared_answer(
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    anchor: &TrustAnchor,
) -> Option<Answer> {
    let mut bare = evidence.clone();
    let mut shared = SharedCollateral::new(anchor.clone());
    for parts in std::mem::take(&mut bare.collateral) {
        shared.add(parts).ok()?;
    }
    let judged = verify_shared("case", &bare, options, Some(&shared)).unwrap();
    assert_eq!(
        judged.report.verdict().to_string(),
        judged.answer.verdict,
        "the two halves say one thing"
    );
    Some(Answer::Verified(Box::new(judged.answer)))
}

#[test]
fn every_forged_case_has_one_answer() {
    let mut compared = 0;
    for case in catalogue() {
        let issued = case.issue();
        let readable = issued
            .collateral_json
            .iter()
            .all(|json| CollateralParts::from_json(json.as_bytes()).is_ok());
        if !readable {
            continue;
        }
        let (evidence, options) = (evidence(&issued), options(&issued));
        let Some(answer) = shared_answer(&evidence, &options, &options.anchor) else {
            continue;
        };
        compared += 1;
        assert_eq!(answer, verify("case", &evidence, &options), "{}", case.name);
    }
    assert!(compared > 200, "only {compared} cases");
}

fn samples() -> [Sample; 4] {
    [
        common::td15ex(),
        common::td_v4(),
        common::td15(),
        common::sgx(),
    ]
}

/// One set for a whole fleet: the collateral of other platforms changes nothing.
#[test]
fn a_set_of_many_platforms_serves_each() {
    let mut fleet = SharedCollateral::new(TrustAnchor::intel().unwrap());
    for sample in samples() {
        for parts in sample.evidence.collateral {
            fleet.add(parts).unwrap();
        }
    }
    assert_eq!(fleet.parts().len(), 4);
    for sample in samples() {
        let mut bare = sample.evidence.clone();
        bare.collateral.clear();
        let judged = verify_shared("case", &bare, &sample.options, Some(&fleet)).unwrap();
        assert_eq!(judged.answer, sample.answer());
        assert_eq!(
            common::outcome(&judged.answer, "collateral.authentic"),
            "passed"
        );
        // Beside its own, the evidence's is one more copy.
        let twice = verify_shared("case", &sample.evidence, &sample.options, Some(&fleet)).unwrap();
        assert_eq!(twice.answer, sample.answer());
    }
}

#[test]
fn what_is_not_authentic_is_refused_and_not_kept() {
    let mut shared = SharedCollateral::new(TrustAnchor::intel().unwrap());
    let good = common::td_v4().evidence.collateral.remove(0);
    let mut broken = good.clone();
    *broken.tcb_info_signature.last_mut().unwrap() ^= 1;
    shared.add(broken).unwrap_err();
    assert!(shared.parts().is_empty());
    shared.add(good).unwrap();
    assert_eq!(shared.parts().len(), 1);
}

/// Authentic under one root says nothing under another.
#[test]
fn a_shared_set_of_another_root_is_checked_again() {
    let case = catalogue().swap_remove(0);
    let issued = case.issue();
    let (evidence, forged) = (evidence(&issued), options(&issued));
    let mut under_intel = forged.clone();
    under_intel.anchor = TrustAnchor::intel().unwrap();
    let answer = shared_answer(&evidence, &under_intel, &forged.anchor).unwrap();
    assert_eq!(answer, verify("case", &evidence, &under_intel));
    let judged = match answer {
        Answer::Verified(judged) => Some(judged),
        Answer::Unreadable(_) => None,
    };
    let judged = judged.unwrap();
    assert_ne!(judged.verdict, "simulated");
    assert!(judged.trust_anchor.intel);
}

#[test]
fn a_comparison_takes_it_too() {
    let sample = common::td15ex();
    let mut shared = SharedCollateral::new(sample.options.anchor.clone());
    let input = |evidence: InstanceEvidence| {
        [ComparedInput {
            name: "one".to_owned(),
            evidence: Ok(evidence),
            exchange: None,
        }]
    };
    let own = compare(&input(sample.evidence.clone()), &sample.options, false);
    let mut bare = sample.evidence;
    for parts in std::mem::take(&mut bare.collateral) {
        shared.add(parts).unwrap();
    }
    let inputs = input(bare);
    assert_eq!(
        compare_shared(&inputs, &sample.options, Some(&shared), false),
        own
    );
    assert_ne!(compare(&inputs, &sample.options, false), own);
}
