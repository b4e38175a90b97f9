//! Every byte of sound evidence, one at a time: a bit of it turned, the byte left out, or swapped
//! with the next. The verdict is never to go on, and nothing panics. What no rule can notice is
//! listed in one table, [`tamper::UNNOTICED`], that is held from both sides.
//!
//! Of revocation lists and of certificate chains in the collateral every seventh byte is taken,
//! for time: each change has all signatures of the collateral checked again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "this file is tests and their helpers"
)]

mod support;
mod tamper;

use support::{Subject, accepted};
use tamper::fields::{self, FIELDS};
use tamper::{How, Tally, changes};
use teeproof_core::{CollateralFormatError, CollateralParts, SecondEngine, Verdict};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::Scenario;
use teeproof_forge::dstack::Generation;
use teeproof_forge::dstack::mr_config::MrConfigForm;

/// A dstack app with everything that evidence can have: log, app-compose, and the document behind
/// MRCONFIGID.
fn forged() -> Subject {
    let mut scenario = Scenario::tdx_v4();
    scenario.guest().mr_config = MrConfigForm::V3;
    Subject::forged("forged", &scenario.issue()).unwrap()
}

/// As [`forged`], with runtime events of version 2.
fn forged_v2_events() -> Subject {
    let mut scenario = Scenario::of_generation(Generation::V06);
    scenario.guest().canonical_events = true;
    Subject::forged("forged, events of version 2", &scenario.issue()).unwrap()
}

#[test]
fn untouched_evidence_is_accepted() {
    let verdicts = Subject::real_samples().map(|subject| subject.judge().verdict());
    assert_eq!(
        verdicts,
        [Verdict::Trusted, Verdict::Trusted, Verdict::Genuine]
    );
    for subject in [forged(), forged_v2_events()] {
        let report = subject.judge();
        assert_eq!(report.verdict(), Verdict::Simulated);
        assert_eq!(report.simulates(), Some(Verdict::Trusted));
        assert_eq!(*report.second_engine(), SecondEngine::NotRun);
    }
}

fn sweep_quote(subject: &Subject, tally: &mut Tally) {
    let set = subject.set(&RingVerifier);
    let before = &subject.quote;
    let length = before.len();
    // Every seventh byte, and all at the end, in the bits too that change the case of a letter and
    // the kind of a character.
    let choose = |offset: usize| -> &'static [How] {
        if offset.is_multiple_of(7) || offset + 16 > length {
            &[
                How::Flip(0),
                How::Flip(5),
                How::Flip(7),
                How::Drop,
                How::Swap,
            ]
        } else {
            &[How::Flip(0), How::Drop, How::Swap]
        }
    };
    let mut spoilt = subject.clone();
    for (change, after) in changes("quote", before, 0..length, choose) {
        spoilt.quote = after;
        let report = spoilt.appraise(&spoilt.examine(&set));
        tally.note(subject.name, &change, accepted(&report));
    }
}

#[test]
fn every_byte_of_a_real_tdx_quote_counts() {
    let mut tally = Tally::default();
    let [v4, td15ex, _] = Subject::real_samples();
    sweep_quote(&v4, &mut tally);
    sweep_quote(&td15ex, &mut tally);
    tally.finish(&["quote"]);
}

#[test]
fn every_byte_of_an_sgx_and_of_a_forged_quote_counts() {
    let mut tally = Tally::default();
    let [.., sgx] = Subject::real_samples();
    sweep_quote(&sgx, &mut tally);
    sweep_quote(&forged(), &mut tally);
    // Neither has zeros behind it, which one row is about.
    tally.finish(&[]);
}

/// Every byte of what is signed as text or short, every seventh of revocation lists and chains.
fn stride(field: &str) -> usize {
    match field {
        "pck_crl"
        | "pck_crl_issuer_chain"
        | "tcb_info_issuer_chain"
        | "qe_identity_issuer_chain"
        | "pck_certificate_chain" => 7,
        _ => 1,
    }
}

fn sweep_collateral(subject: &Subject, tally: &mut Tally) {
    let [parts] = subject.collateral.as_slice() else {
        panic!("one collateral file each")
    };
    let mut spoilt = subject.clone();
    for field in FIELDS {
        let Some(before) = fields::get(parts, field) else {
            continue;
        };
        let choose = |offset: usize| -> &'static [How] {
            // Bit 5 is letter case, which base64 tells apart and hex does not.
            match offset % 11 {
                0 => &[How::Flip(0), How::Flip(5)],
                3 => &[How::Flip(0), How::Drop],
                7 => &[How::Flip(0), How::Swap],
                _ => &[How::Flip(0)],
            }
        };
        let offsets = (0..before.len()).step_by(stride(field));
        for (change, after) in changes(field, &before, offsets, choose) {
            let Some(changed) = fields::with(parts, field, after) else {
                continue;
            };
            spoilt.collateral = vec![changed];
            tally.note(subject.name, &change, accepted(&spoilt.judge()));
        }
    }
}

#[test]
fn every_byte_of_real_tdx_collateral_counts() {
    let mut tally = Tally::default();
    let [v4, td15ex, _] = Subject::real_samples();
    sweep_collateral(&v4, &mut tally);
    sweep_collateral(&td15ex, &mut tally);
    tally.finish(&FIELDS);
}

#[test]
fn every_byte_of_sgx_and_of_forged_collateral_counts() {
    let mut tally = Tally::default();
    let [.., sgx] = Subject::real_samples();
    sweep_collateral(&sgx, &mut tally);
    sweep_collateral(&forged(), &mut tally);
    // Neither file has the field that the list is about.
    tally.finish(&[]);
}

/// A file is read into the same parts or into others. Others are swept above; here is what makes
/// no difference.
#[test]
fn a_collateral_file_reads_the_same_only_with_other_letters_in_hex() {
    let subject = forged();
    let mut tally = Tally::default();
    let file = subject.collateral[0].to_json().into_bytes();
    let hex = fields::hex_values(&file);
    let choose = |offset: usize| -> &'static [How] {
        match offset % 11 {
            0 => &[How::Flip(0), How::Flip(5), How::Drop, How::Swap],
            _ if hex.iter().any(|range| range.contains(&offset)) => &[How::Flip(5)],
            _ => &[],
        }
    };
    for (change, after) in changes("collateral file", &file, 0..file.len(), choose) {
        let read = CollateralParts::from_json(&after);
        let same = read.as_ref() == Ok(&subject.collateral[0]);
        tally.note(subject.name, &change, same);
    }
    tally.finish(&["collateral file"]);
}

/// The whole field gone, empty, one byte shorter, or taken from another sample.
#[test]
fn every_collateral_field_is_needed_whole() {
    let samples = Subject::real_samples();
    for subject in &samples {
        let parts = &subject.collateral[0];
        let judged = |changed: CollateralParts| {
            let mut spoilt = subject.clone();
            spoilt.collateral = vec![changed];
            accepted(&spoilt.judge())
        };
        for field in FIELDS {
            let Some(value) = fields::get(parts, field) else {
                continue;
            };
            // The one field that this quote has no use for: see the table.
            let unused = field == "pck_certificate_chain";
            let what = format!("{} {field}", subject.name);

            let mut file: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&parts.to_json()).unwrap();
            file.remove(field).unwrap();
            let dropped = CollateralParts::from_json(&serde_json::to_vec(&file).unwrap());
            if unused {
                assert!(judged(dropped.unwrap()), "{what} dropped");
            } else {
                assert_eq!(
                    dropped,
                    Err(CollateralFormatError::MissingKey { key: field })
                );
            }
            file.insert(field.to_owned(), "".into());
            assert_eq!(
                CollateralParts::from_json(&serde_json::to_vec(&file).unwrap()),
                Err(CollateralFormatError::Empty { key: field })
            );
            let emptied = fields::with(parts, field, Vec::new()).unwrap();
            assert_eq!(judged(emptied), unused, "{what} emptied");

            // A chain loses the line break behind its last certificate, which is no part of it.
            let unneeded = unused || value.last() == Some(&b'\n');
            let shorter = value[..value.len() - 1].to_vec();
            let shorter = fields::with(parts, field, shorter).unwrap();
            assert_eq!(judged(shorter), unneeded, "{what} shorter by a byte");
            let shorter = value[..value.len() - 2].to_vec();
            let shorter = fields::with(parts, field, shorter).unwrap();
            assert_eq!(judged(shorter), unused, "{what} shorter by two bytes");

            let others = samples
                .iter()
                .filter_map(|other| fields::get(&other.collateral[0], field))
                .filter(|other| *other != value);
            for other in others {
                let swapped = fields::with(parts, field, other).unwrap();
                assert!(!judged(swapped), "{what} of another sample");
            }
        }
        let mut without = subject.clone();
        without.collateral.clear();
        assert_eq!(without.judge().verdict(), Verdict::Inconclusive);
    }
}

/// What belongs to one place stands in another of the same collateral.
#[test]
fn no_collateral_field_serves_for_another() {
    let mut swapped = 0;
    for subject in Subject::real_samples() {
        let parts = &subject.collateral[0];
        for one in FIELDS {
            for other in FIELDS.into_iter().filter(|other| *other > one) {
                let (Some(first), Some(second)) =
                    (fields::get(parts, one), fields::get(parts, other))
                else {
                    continue;
                };
                // TCB info and QE identity have the same signer. The PCK chain is for quotes
                // without one: see the table.
                if first == second || [one, other].contains(&"pck_certificate_chain") {
                    continue;
                }
                let Some(changed) = fields::with(parts, one, second)
                    .and_then(|parts| fields::with(&parts, other, first))
                else {
                    continue;
                };
                let mut spoilt = subject.clone();
                spoilt.collateral = vec![changed];
                let report = spoilt.judge();
                assert!(!accepted(&report), "{} {one} and {other}", subject.name);
                swapped += 1;
            }
        }
    }
    // Of five fields that are text ten pairs, of four in bytes six: a text that is no UTF-8 can
    // stand in no file. Two chains are equal.
    assert_eq!(swapped, 3 * 15);
}

/// Each part of a quote taken from another machine's: every part is sound, and none belongs.
#[test]
fn no_part_of_a_quote_serves_for_another_quote() {
    let samples = Subject::real_samples();
    for subject in &samples {
        let ours = tamper::quote_parts(&subject.quote);
        for other in samples.iter().filter(|other| other.name != subject.name) {
            let theirs = tamper::quote_parts(&other.quote);
            for ((part, range), (_, from)) in ours.iter().zip(&theirs) {
                // The other kind of TEE has another body.
                if range.len() != from.len() {
                    continue;
                }
                let mut spoilt = subject.clone();
                spoilt.quote[range.clone()].copy_from_slice(&other.quote[from.clone()]);
                let what = format!("{part} of {} in {}", other.name, subject.name);
                let unchanged = spoilt.quote == subject.quote;
                assert_eq!(unchanged, *part == tamper::ALIKE, "{what}");
                assert_eq!(accepted(&spoilt.judge()), unchanged, "{what}");
            }
        }
    }
}

/// One part of the evidence around the quote.
type Place = fn(&mut Subject) -> &mut Option<Vec<u8>>;

/// Changes one part of the evidence around the quote. The quote is examined once.
fn sweep_measured(
    subject: &Subject,
    part: &'static str,
    place: Place,
    from: usize,
    tally: &mut Tally,
) {
    let examination = subject.examine(&subject.set(&RingVerifier));
    let mut spoilt = subject.clone();
    let before = place(&mut spoilt).clone().unwrap();
    let choose = |offset: usize| -> &'static [How] {
        if offset.is_multiple_of(3) {
            &[How::Flip(0), How::Flip(5), How::Drop, How::Swap]
        } else {
            &[How::Flip(0), How::Flip(5)]
        }
    };
    for (change, after) in changes(part, &before, from..before.len(), choose) {
        *place(&mut spoilt) = Some(after);
        let report = spoilt.appraise(&examination);
        tally.note(subject.name, &change, accepted(&report));
    }
}

#[test]
fn every_byte_of_the_event_log_counts() {
    let mut tally = Tally::default();
    sweep_measured(
        &forged(),
        "event log",
        |subject| &mut subject.event_log,
        0,
        &mut tally,
    );
    // Boot events are the same: only what is measured at run time.
    let v2 = forged_v2_events();
    let log = String::from_utf8(v2.event_log.clone().unwrap()).unwrap();
    let runtime = log.find("{\"imr\":3").unwrap();
    sweep_measured(
        &v2,
        "event log",
        |subject| &mut subject.event_log,
        runtime,
        &mut tally,
    );
    tally.finish(&["event log"]);
}

#[test]
fn every_byte_of_the_documents_beside_the_log_counts() {
    let mut tally = Tally::default();
    let subject = forged();
    let parts: [(_, Place); 3] = [
        ("app-compose", |subject| &mut subject.app_compose),
        ("mr_config document", |subject| {
            &mut subject.mr_config_document
        }),
        ("vm_config", |subject| &mut subject.vm_config),
    ];
    for (part, place) in parts {
        sweep_measured(&subject, part, place, 0, &mut tally);
    }
    tally.finish(&["app-compose", "mr_config document", "vm_config"]);
}
