//! The signature seam: whoever answers, and whenever, the report is the same; and an answer that is
//! missing, wrong or about something else is never a pass.

use std::cell::RefCell;

use teeproof_core::{
    AnsweredSignatures, SignatureAnswer, SignatureTriple, SignatureVerifier, Verdict,
};
use teeproof_crypto_ring::RingVerifier;
use teeproof_crypto_rustcrypto::RustCryptoVerifier;

use crate::subjects::{Examined, all};
use crate::support::{Subject, accepted};

/// Every signature that is asked about, once, with what is true of it.
#[derive(Default)]
struct Recorder(RefCell<Vec<(SignatureTriple, bool)>>);

impl SignatureVerifier for Recorder {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        let answer = RingVerifier.verify(key, message, signature);
        let triple = SignatureTriple {
            key: *key,
            message: message.to_vec(),
            signature: *signature,
        };
        let recorded = (triple, answer == SignatureAnswer::Valid);
        let mut all = self.0.borrow_mut();
        if !all.contains(&recorded) {
            all.push(recorded);
        }
        answer
    }
}

fn answered(subject: &Subject) -> Vec<(SignatureTriple, bool)> {
    let recorder = Recorder::default();
    subject.judge_with(&recorder);
    recorder.0.into_inner()
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
        let answers = answered(subject);
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
    answered(&all().last().unwrap().subject)
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
        let answers = answered(subject);
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
        let answers = answered(subject);
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
        let answers = answered(subject);
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
        let (needed, foreign) = (answered(one), answered(other));
        // Cases that differ in the policy alone rest on the same signatures.
        if needed
            .iter()
            .all(|(triple, _)| foreign.iter().any(|(given, _)| given == triple))
        {
            continue;
        }
        let report = judged(one, foreign);
        assert!(!accepted(&report), "{} by {}", pair[0].name, pair[1].name);
        taken += 1;
    }
    assert!(taken > 20, "{taken}");
}
