//! The signature seam: whoever answers, and whenever, the report is the same; and an answer that is
//! missing, wrong or about something else is never a pass.

use teeproof_core::{
    AnsweredSignatures, Examination, SignatureAnswer, SignatureTriple, SignatureVerifier, Verdict,
};
use teeproof_crypto_ring::RingVerifier;
use teeproof_crypto_rustcrypto::RustCryptoVerifier;
use teeproof_forge::Scenario;
use teeproof_forge::quote::Certification;

use crate::subjects::{Examined, all};
use crate::support::{Subject, accepted};

fn triples(subject: &Subject) -> Vec<SignatureTriple> {
    Examination::signatures_of(
        &subject.quote,
        &subject.collateral,
        None,
        &subject.anchor,
        subject.at,
    )
}

fn answered(triples: Vec<SignatureTriple>) -> Vec<(SignatureTriple, bool)> {
    triples
        .into_iter()
        .map(|triple| {
            let answer = RingVerifier.verify(&triple.key, &triple.message, &triple.signature);
            (triple, answer == SignatureAnswer::Valid)
        })
        .collect()
}

fn judged(
    subject: &Subject,
    answers: impl IntoIterator<Item = (SignatureTriple, bool)>,
) -> teeproof_core::Report {
    subject.judge_with(&AnsweredSignatures::new(answers))
}

/// Cases that are accepted, of every kind of quote.
fn sound() -> impl Iterator<Item = &'static Examined> {
    all().iter().filter(|examined| examined.is_sound)
}

#[test]
fn signatures_answered_later_give_the_same_report() {
    for Examined { subject, name, .. } in all() {
        let at_once = subject.judge();
        let answers = answered(triples(subject));
        let later = judged(subject, answers.clone());
        assert_eq!(at_once.canonical_json(), later.canonical_json(), "{name}");
        assert_eq!(at_once.digest(), later.digest(), "{name}");
        // The order of the answers does not matter, nor what is answered besides.
        let more = answers.into_iter().rev().chain(others());
        assert_eq!(at_once.digest(), judged(subject, more).digest(), "{name}");
    }
    assert!(all().len() > 200, "{}", all().len());
}

/// Answers about evidence of another machine.
fn others() -> Vec<(SignatureTriple, bool)> {
    answered(triples(&all().last().unwrap().subject))
}

#[test]
fn both_backends_give_the_same_report() {
    for Examined { subject, name, .. } in all() {
        let ring = subject.judge();
        let rust = subject.judge_with(&RustCryptoVerifier);
        assert_eq!(ring.canonical_json(), rust.canonical_json(), "{name}");
        assert_eq!(ring.digest(), rust.digest(), "{name}");
    }
}

#[test]
fn an_answer_that_is_missing_is_never_a_pass() {
    let mut taken = 0;
    for Examined { subject, name, .. } in sound() {
        assert!(!accepted(&judged(subject, [])), "{name}");
        let answers = answered(triples(subject));
        // The whole set for a few, one of it for all others.
        let every = taken < 200;
        for index in 0..answers.len() {
            if !every && index != taken % answers.len() {
                continue;
            }
            let mut fewer = answers.clone();
            fewer.remove(index);
            let report = judged(subject, fewer);
            assert_eq!(report.verdict(), Verdict::Inconclusive, "{name} {index}");
            taken += 1;
        }
    }
    assert!(taken > 200, "{taken}");
}

#[test]
fn an_answer_of_no_is_a_rejection() {
    let mut taken = 0;
    for Examined { subject, name, .. } in sound().step_by(7) {
        let answers = answered(triples(subject));
        for index in 0..answers.len() {
            let mut wrong = answers.clone();
            wrong[index].1 = false;
            let report = judged(subject, wrong);
            assert_eq!(report.verdict(), Verdict::Rejected, "{name} {index}");
            taken += 1;
        }
    }
    assert!(taken > 100, "{taken}");
}

#[test]
fn an_answer_about_other_bytes_is_never_a_pass() {
    let mut taken = 0;
    for Examined { subject, name, .. } in sound().step_by(7) {
        let answers = answered(triples(subject));
        for index in 0..answers.len() {
            let changes: [fn(&mut SignatureTriple); 4] = [
                |triple| triple.key[63] ^= 1,
                |triple| triple.signature[0] ^= 1,
                |triple| triple.message[0] ^= 1,
                |triple| triple.message.push(0),
            ];
            for change in changes {
                let mut foreign = answers.clone();
                change(&mut foreign[index].0);
                let report = judged(subject, foreign);
                assert_eq!(report.verdict(), Verdict::Inconclusive, "{name} {index}");
                taken += 1;
            }
        }
    }
    assert!(taken > 400, "{taken}");
}

#[test]
fn the_answers_about_another_machine_are_never_a_pass() {
    let sound: Vec<_> = sound().collect();
    let mut taken = 0;
    for pair in sound.windows(2) {
        let (one, other) = (&pair[0].subject, &pair[1].subject);
        let (needed, foreign) = (triples(one), answered(triples(other)));
        // Cases that differ in the policy alone rest on the same signatures.
        if needed
            .iter()
            .all(|triple| foreign.iter().any(|(given, _)| given == triple))
        {
            continue;
        }
        let report = judged(one, foreign);
        assert!(!accepted(&report), "{} by {}", pair[0].name, pair[1].name);
        taken += 1;
    }
    assert!(taken > 20, "{taken}");
}

/// A quote without a chain of its own, beside the collateral of two machines: which chain fits is
/// known only once a signature is answered, so those of both have to be asked.
#[test]
fn the_signatures_of_every_chain_that_may_fit_are_asked() {
    let mut scenario = Scenario::tdx_v4();
    scenario.quote.certification = Certification::EncryptedPpid {
        number: 3,
        pce_svn: None,
    };
    scenario.chain_in_collateral = true;
    let fitting = Subject::forged("fitting", &scenario.issue()).unwrap();
    scenario.pki.pck.key = "the key of another machine".to_owned();
    let other = Subject::forged("other", &scenario.issue()).unwrap();
    assert_ne!(fitting.collateral, other.collateral);
    for order in [[&fitting, &other], [&other, &fitting]] {
        let mut subject = fitting.clone();
        subject.collateral = order.map(|one| one.collateral[0].clone()).to_vec();
        let at_once = subject.judge();
        assert!(accepted(&at_once));
        let later = judged(&subject, answered(triples(&subject)));
        assert_eq!(at_once.digest(), later.digest());
    }
}
