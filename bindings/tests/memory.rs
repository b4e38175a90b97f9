//! A verdict with a memory is the verdict without, whatever was judged before.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::cell::Cell;
use std::path::Path;

use common::{Sample, evidence, options};
use proptest::prelude::*;
use teeproof_bindings::{
    Engines, InstantChoice, Memory, VerifyAnswer, VerifyOptions, verify_remembering, verify_shared,
};
use teeproof_core::{
    CollateralParts, CollateralSet, Examination, HighWater, InputKind, InstanceEvidence, Instant,
    SignatureAnswer, SignatureVerifier, TrustAnchor,
};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::{Scenario, catalogue};

/// Evidence and what decides about it.
type Case = (InstanceEvidence, VerifyOptions);

fn cold((evidence, options): &Case) -> VerifyAnswer {
    verify_shared("case", evidence, options, None)
        .unwrap()
        .answer
}

fn warm((evidence, options): &Case, memory: &Memory) -> VerifyAnswer {
    verify_remembering("case", evidence, options, None, memory, Engines::All)
        .unwrap()
        .answer
}

fn at(case: &Case, instant: Instant) -> Case {
    let mut other = case.clone();
    other.1.instant = InstantChoice::Given(instant);
    other
}

fn samples() -> [Case; 4] {
    [
        common::td15ex(),
        common::td_v4(),
        common::td15(),
        common::sgx(),
    ]
    .map(|Sample { evidence, options }| (evidence, options))
}

fn forged() -> Vec<(String, Case)> {
    let readable = |json: &String| CollateralParts::from_json(json.as_bytes()).is_ok();
    catalogue()
        .into_iter()
        .map(|case| (case.name.to_string(), case.issue()))
        .filter(|(_, issued)| issued.collateral_json.iter().all(readable))
        .map(|(name, issued)| (name, (evidence(&issued), options(&issued))))
        .collect()
}

/// Each case after all the others, in both directions, in one memory.
#[test]
fn every_forged_case_has_the_answer_that_it_has_alone() {
    let memory = Memory::default();
    let cases = forged();
    assert!(cases.len() > 200, "only {} cases", cases.len());
    let expected: Vec<_> = cases.iter().map(|(_, case)| cold(case)).collect();
    let there = cases.iter().zip(&expected);
    for ((name, case), expected) in there.clone().chain(there.rev()) {
        assert_eq!(warm(case, &memory), *expected, "{name}");
    }
}

#[test]
fn every_row_of_the_corpus_has_the_answer_that_it_has_alone() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let Ok(index) = std::fs::read(corpus.join("golden/INDEX.json")) else {
        println!("SKIPPED: no corpus at {}", corpus.display());
        return;
    };
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&index).unwrap();
    let memory = Memory::default();
    let mut compared = 0;
    for row in rows {
        let file = |key: &str| std::fs::read(corpus.join(row[key].as_str().unwrap())).unwrap();
        let mut evidence = InstanceEvidence::from_quote(InputKind::RawQuote, file("quote"));
        let Ok(parts) = CollateralParts::from_json(&file("collateral")) else {
            continue;
        };
        evidence.collateral.push(parts);
        let instant = Instant::from_unix(row["time"].as_u64().unwrap()).unwrap();
        let case = at(&(evidence, common::td_v4().options), instant);
        let alone = |engines| {
            verify_remembering("row", &case.0, &case.1, None, &Memory::default(), engines)
                .unwrap()
                .answer
        };
        let again =
            verify_remembering("row", &case.0, &case.1, None, &memory, Engines::OursAlone).unwrap();
        assert_eq!(again.answer, alone(Engines::OursAlone), "{row}");
        compared += 1;
    }
    assert!(compared >= 1_000, "only {compared} rows");
}

/// After the good evidence, so that all that can be remembered is.
#[test]
fn what_was_tampered_with_is_refused_after_what_was_good() {
    for case in samples() {
        let memory = Memory::default();
        assert_eq!(warm(&case, &memory), cold(&case));
        let quote = case.0.quote.clone().unwrap();
        for offset in (0..quote.len()).step_by(37) {
            let mut other = case.clone();
            other.0.quote.as_mut().unwrap()[offset] ^= 0x10;
            assert_eq!(warm(&other, &memory), cold(&other), "byte {offset}");
        }
        for spoil in [
            (|parts| parts.tcb_info_signature[9] ^= 1) as fn(&mut CollateralParts),
            |parts| parts.qe_identity_signature[63] ^= 1,
            |parts| *parts.root_ca_crl.last_mut().unwrap() ^= 1,
            |parts| *parts.pck_crl.last_mut().unwrap() ^= 1,
            |parts| parts.tcb_info = parts.tcb_info.replacen("2", "3", 1),
            |parts| parts.qe_identity = parts.qe_identity.replacen("0", "1", 1),
            |parts| parts.pck_crl.clone_from(&parts.root_ca_crl),
            |parts| {
                parts
                    .tcb_info_issuer_chain
                    .clone_from(&parts.pck_crl_issuer_chain)
            },
        ] {
            let mut other = case.clone();
            spoil(&mut other.0.collateral[0]);
            let expected = cold(&other);
            assert_eq!(expected.verdict, "rejected");
            assert_eq!(warm(&other, &memory), expected);
        }
        // The good evidence is as good as before.
        assert_eq!(warm(&case, &memory), cold(&case));
    }
}

#[test]
fn windows_are_judged_for_the_instant_of_every_call() {
    for case in samples() {
        let memory = Memory::default();
        let mut edges = Vec::new();
        for window in &warm(&case, &memory).windows {
            for edge in [&window.not_before, &window.not_after] {
                let unix = edge.parse::<Instant>().unwrap().unix();
                edges.extend([unix - 1, unix, unix + 1]);
            }
        }
        assert!(edges.len() >= 24);
        let mut verdicts = std::collections::BTreeSet::new();
        for unix in edges {
            let Some(instant) = Instant::from_unix(unix) else {
                continue;
            };
            let then = at(&case, instant);
            let expected = cold(&then);
            verdicts.insert(expected.verdict.clone());
            assert_eq!(warm(&then, &memory), expected, "at {instant}");
        }
        assert!(
            verdicts.len() > 1,
            "no edge made a difference: {verdicts:?}"
        );
    }
}

/// One platform under the collateral of yesterday and of today, by turns.
#[test]
fn collateral_that_changes_is_judged_as_it_is() {
    let old = Scenario::tdx_v4();
    let mut new = old.clone();
    for level in &mut new.tcb_info.levels {
        level.published.status = "OutOfDate".into();
    }
    let cases = [old, new].map(|scenario| {
        let issued = scenario.issue();
        (evidence(&issued), options(&issued))
    });
    let expected = [cold(&cases[0]), cold(&cases[1])];
    assert_ne!(expected[0].tcb.status, expected[1].tcb.status);
    let memory = Memory::default();
    for turn in [0, 1, 0, 1, 1, 0] {
        assert_eq!(warm(&cases[turn], &memory), expected[turn]);
    }
    // And with both at hand, in either order.
    for (first, second) in [(0, 1), (1, 0)] {
        let mut both = cases[first].clone();
        both.0.collateral.extend(cases[second].0.collateral.clone());
        assert_eq!(warm(&both, &memory), cold(&both));
    }
}

/// The forged guest of the scenario, endorsed by collateral with these numbers.
fn endorsed(evaluation_number: u32) -> Case {
    let mut scenario = Scenario::tdx_v4();
    scenario.tcb_info.evaluation_number = evaluation_number;
    scenario.qe_identity.evaluation_number = evaluation_number;
    let issued = scenario.issue();
    (evidence(&issued), options(&issued))
}

#[test]
fn endorsements_older_than_some_that_were_seen_can_be_refused() {
    let (old, new) = (endorsed(17), endorsed(18));
    let memory = Memory::default().refusing_older(HighWater::new());
    // Until the newer one is seen, and not by that time alone.
    assert_eq!(warm(&old, &memory), cold(&old));
    assert_eq!(warm(&new, &memory), cold(&new));
    let refused = warm(&old, &memory);
    assert_eq!(refused.verdict, "rejected");
    assert_eq!(
        common::reason(&refused, "tcb.evaluation-number"),
        Some("collateral-receded")
    );
    assert_eq!(warm(&new, &memory), cold(&new));
    // A caller that keeps what was seen starts from there.
    let kept = memory.high_water().unwrap();
    let later = Memory::default().refusing_older(kept.clone());
    assert_eq!(warm(&old, &later).verdict, "rejected");
    assert_eq!(later.high_water(), Some(kept));
    // One that does not ask for it is told nothing.
    assert_eq!(warm(&old, &Memory::default()), cold(&old));
}

#[test]
fn nothing_is_learnt_from_endorsements_outside_of_their_window() {
    let (old, new) = (endorsed(17), endorsed(18));
    let memory = Memory::default().refusing_older(HighWater::new());
    let late = at(&new, Instant::from_unix(4_000_000_000).unwrap());
    assert_eq!(warm(&late, &memory), cold(&late));
    assert_eq!(memory.high_water(), Some(HighWater::new()));
    assert_eq!(warm(&old, &memory), cold(&old));
    // Nor from those under another root.
    let mut intel = new.clone();
    intel.1.anchor = TrustAnchor::intel().unwrap();
    assert_eq!(warm(&intel, &memory), cold(&intel));
    assert_eq!(warm(&old, &memory), cold(&old));
}

/// Under another root nothing of it counts.
#[test]
fn what_is_authentic_under_one_root_is_not_under_another() {
    let issued = Scenario::tdx_v4().issue();
    let case = (evidence(&issued), options(&issued));
    let mut under_intel = case.clone();
    under_intel.1.anchor = TrustAnchor::intel().unwrap();
    let memory = Memory::default();
    assert_eq!(warm(&case, &memory).verdict, "simulated");
    let expected = cold(&under_intel);
    assert_eq!(expected.verdict, "rejected");
    assert_eq!(warm(&under_intel, &memory), expected);
}

/// Many threads, a memory that is too small for what they use, and no two doing the same at once.
#[test]
fn threads_that_share_a_memory_get_the_answers_of_one() {
    let cases: Vec<_> = forged()
        .into_iter()
        .step_by(9)
        .map(|(_, case)| case)
        .collect();
    let expected: Vec<_> = cases.iter().map(cold).collect();
    let memory = Memory::of_bytes(64 * 1024);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (cases, expected, memory) = (&cases, &expected, &memory);
            scope.spawn(move || {
                for step in 0..cases.len() {
                    let index = (step * 7 + thread * 5) % cases.len();
                    assert_eq!(warm(&cases[index], memory), expected[index]);
                    assert!(memory.bytes() <= 64 * 1024);
                }
            });
        }
    });
    assert!(memory.bytes() > 0);
}

/// Counts what it is asked.
#[derive(Default)]
struct Counting {
    asked: Cell<usize>,
}

impl SignatureVerifier for Counting {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        self.asked.set(self.asked.get() + 1);
        RingVerifier.verify(key, message, signature)
    }
}

/// The signatures that a verdict on a real quote has a backend check, by what is known before.
#[test]
fn what_is_known_is_not_checked_again() {
    let Sample { evidence, .. } = common::td_v4();
    let quote = evidence.quote.unwrap();
    let instant: Instant = "2025-06-27T04:53:20Z".parse().unwrap();
    let counting = Counting::default();
    let examine = |quote: &[u8], set: &CollateralSet, memory: &Memory| {
        counting.asked.set(0);
        let backend = memory.backend(&counting);
        let verified = Examination::remembering(quote, set, instant, &backend, memory)
            .verified()
            .is_some();
        (verified, counting.asked.get())
    };
    let mut set = CollateralSet::new(TrustAnchor::intel().unwrap());
    set.add(&evidence.collateral[0], &counting).unwrap();
    // Two lists and two statements: the certificates above them are Intel's own.
    assert_eq!(counting.asked.get(), 4);
    let memory = Memory::default();
    // The PCK certificate, the quoting enclave's report, the quote.
    assert_eq!(examine(&quote, &set, &memory), (true, 3));
    assert_eq!(examine(&quote, &set, &memory), (true, 1));
    // A signature that is not valid is asked for each time.
    // Inside of the quoting enclave's report: behind header and body (632), the length (4), signature
    // and key (128), type and length (6).
    let mut forged = quote.clone();
    forged[632 + 4 + 128 + 6 + 30] ^= 1;
    let first = examine(&forged, &set, &memory);
    assert_eq!(first, examine(&forged, &set, &memory));
    assert!(!first.0);
    // In a memory that holds nothing, all is asked for again.
    assert_eq!(examine(&quote, &set, &Memory::of_bytes(0)), (true, 3));
}

#[test]
fn a_memory_is_bounded_and_forgets_what_is_used_least() {
    let issued = Scenario::tdx_v4().issue();
    let case = (evidence(&issued), options(&issued));
    let all = Memory::default();
    warm(&case, &all);
    let needed = all.bytes();
    assert!(needed > 10_000);
    let none = Memory::of_bytes(0);
    assert_eq!(warm(&case, &none), cold(&case));
    assert_eq!(none.bytes(), 0);
    let some = Memory::of_bytes(needed / 2);
    for _ in 0..3 {
        assert_eq!(warm(&case, &some), cold(&case));
        assert!(some.bytes() <= needed / 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any order of any cases at any instants, in a memory of any size.
    #[test]
    fn no_history_changes_an_answer(
        limit in prop_oneof![Just(0_usize), 1_000..200_000_usize],
        steps in proptest::collection::vec((0..4_usize, 0..400_u64), 1..8),
    ) {
        let cases = samples();
        let memory = Memory::of_bytes(limit);
        for (index, days) in steps {
            let case = &cases[index];
            let start = match case.1.instant {
                InstantChoice::Given(start) => start.unix(),
                other => panic!("{other:?}"),
            };
            let then = at(case, Instant::from_unix(start + days * 86_400).unwrap());
            prop_assert_eq!(warm(&then, &memory), cold(&then));
        }
    }
}
