//! Signatures that are checked elsewhere and later: the answer is the one that there would be at once,
//! to the byte, and what was supposed leaves only when all of it has turned out true.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this file is tests and their helpers"
)]

use std::cell::Cell;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use teeproof_bindings::{Deferred, Prepared};
use teeproof_core::{Instant, SignatureAnswer, SignatureVerifier};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::quote::Certification;
use teeproof_forge::{Issued, Scenario, catalogue};

/// A request with its bytes.
struct Case {
    name: String,
    request: Value,
    attached: Vec<Vec<u8>>,
}

impl Case {
    fn new(name: &str, mut request: Value, attached: Vec<Vec<u8>>) -> Self {
        let parts: Vec<_> = (0..attached.len())
            .map(|number| json!({ "attached": number }))
            .collect();
        request["schema"] = json!("teeproof.request/1");
        request["inputs"] = json!([{ "name": name, "parts": parts }]);
        Self {
            name: name.to_owned(),
            request,
            attached,
        }
    }

    fn forged(name: &str, issued: &Issued) -> Self {
        let mut request = json!({
            "at": issued.at,
            "policy": issued.policy_toml,
            "root": hex::encode(&issued.root_der),
        });
        if let Some((bytes, rule)) = &issued.challenge {
            request["challenge"] = json!({ "bytes": hex::encode(bytes), "rule": rule });
        }
        let texts = [
            &issued.collateral_json,
            &issued.event_log,
            &issued.app_compose,
            &issued.vm_config,
            &issued.mr_config_document,
        ];
        let texts = texts.into_iter().flatten().cloned().map(String::into_bytes);
        let attached = std::iter::once(issued.quote.clone()).chain(texts).collect();
        Self::new(name, request, attached)
    }

    fn real(name: &str, at: &str) -> Self {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/real")).join(name);
        let at: Instant = at.parse().unwrap();
        let request = json!({
            "at": at.unix(),
            "policy": fs::read_to_string(folder.join("policy.toml")).unwrap(),
        });
        let parts = [
            "quote.bin",
            "collateral.json",
            "event-log.json",
            "app-compose.json",
        ];
        let attached = parts
            .iter()
            .filter_map(|part| fs::read(folder.join(part)).ok());
        Self::new(name, request, attached.collect())
    }

    /// `None` if a part is none: that is refused before any verdict.
    fn prepared(&self, operation: &str) -> Option<Prepared> {
        Prepared::read(operation, &self.request.to_string(), self.attached.clone()).ok()
    }

    fn at_once(&self) -> String {
        self.prepared("verify").unwrap().answer(&RingVerifier)
    }

    fn deferred(&self) -> Deferred {
        self.prepared("verify").unwrap().deferred()
    }
}

fn real() -> [Case; 4] {
    [
        Case::real("tdx-v4", "2025-07-01T00:00:00Z"),
        Case::real("tdx-v5-td15", "2026-03-01T00:00:00Z"),
        Case::real("tdx-v5-td15ex", "2026-10-20T00:00:00Z"),
        Case::real("sgx-v3", "2025-07-01T00:00:00Z"),
    ]
}

/// Every case whose parts can be read.
fn cases() -> impl Iterator<Item = Case> {
    let forged = catalogue().into_iter();
    let forged = forged.map(|case| Case::forged(&case.name, &case.issue()));
    let all = real().into_iter().chain(forged);
    all.filter(|case| case.prepared("verify").is_some())
}

/// What is true of each signature.
fn truth(deferred: &Deferred) -> Vec<Option<bool>> {
    let triples = deferred.signatures().iter();
    triples
        .map(|triple| {
            let answer = RingVerifier.verify(&triple.key, &triple.message, &triple.signature);
            Some(answer == SignatureAnswer::Valid)
        })
        .collect()
}

fn all_valid(valid: &[Option<bool>]) -> bool {
    valid.iter().all(|answer| *answer == Some(true))
}

fn verdict(text: &str) -> String {
    let answer: Value = serde_json::from_str(text).unwrap();
    answer["ok"][0]["verdict"].as_str().unwrap().to_owned()
}

/// A backend that answers one thing, and counts how often.
struct Always(SignatureAnswer, Cell<usize>);

impl Always {
    fn new(answer: SignatureAnswer) -> Self {
        Self(answer, Cell::new(0))
    }
}

impl SignatureVerifier for Always {
    fn verify(&self, _: &[u8; 64], _: &[u8], _: &[u8; 64]) -> SignatureAnswer {
        self.1.set(self.1.get().saturating_add(1));
        self.0
    }
}

#[test]
fn the_answer_is_the_one_there_would_be_at_once() {
    let (mut held, mut again) = (0, 0);
    for (number, case) in cases().enumerate() {
        // A comparison judges each in the same way.
        let operations = ["verify", "compare"];
        for operation in operations
            .into_iter()
            .take(1 + usize::from(number % 5 == 0))
        {
            let prepared = || case.prepared(operation).unwrap();
            let deferred = prepared().deferred();
            let valid = truth(&deferred);
            *if all_valid(&valid) {
                &mut held
            } else {
                &mut again
            } += 1;
            let later = deferred.answer(&valid, &RingVerifier);
            assert_eq!(later, prepared().answer(&RingVerifier), "{}", case.name);
        }
    }
    // Both ways are taken.
    assert!(held > 300 && again > 10, "{held} and {again}");
}

#[test]
fn what_all_are_valid_for_is_released_and_nobody_asked_again() {
    let mut taken = 0;
    for case in cases().step_by(5) {
        let deferred = case.deferred();
        let valid = truth(&deferred);
        if all_valid(&valid) {
            let backend = Always::new(SignatureAnswer::Invalid);
            assert_eq!(
                deferred.answer(&valid, &backend),
                case.at_once(),
                "{}",
                case.name
            );
            assert_eq!(backend.1.get(), 0, "{}", case.name);
            taken += 1;
        }
    }
    assert!(taken > 30, "{taken}");
}

#[test]
fn what_nobody_checked_is_checked_here() {
    for case in cases().step_by(9).chain(real()) {
        let at_once = case.at_once();
        let valid = truth(&case.deferred());
        let mut fewer = vec![Vec::new(), vec![None; valid.len()], valid.clone()];
        fewer[2].pop();
        fewer.extend((0..valid.len()).map(|without| {
            let mut fewer = valid.clone();
            fewer[without] = None;
            fewer
        }));
        for answers in fewer {
            let later = case.deferred().answer(&answers, &RingVerifier);
            assert_eq!(later, at_once, "{} {answers:?}", case.name);
        }
    }
}

#[test]
fn what_nobody_checks_at_all_is_never_a_pass() {
    for case in real() {
        let valid = truth(&case.deferred());
        assert!(all_valid(&valid) && valid.len() >= 7, "{valid:?}");
        if verdict(&case.at_once()) == "rejected" {
            continue;
        }
        for without in 0..valid.len() {
            let mut fewer = valid.clone();
            fewer[without] = None;
            let silent = Always::new(SignatureAnswer::Unanswered);
            let later = case.deferred().answer(&fewer, &silent);
            assert_eq!(verdict(&later), "inconclusive", "{} {without}", case.name);
            assert!(silent.1.get() > 0);
        }
    }
}

#[test]
fn a_single_no_is_a_rejection() {
    for case in real() {
        let valid = truth(&case.deferred());
        for wrong in 0..valid.len() {
            let mut one_no = valid.clone();
            one_no[wrong] = Some(false);
            // Whoever would be asked besides says yes to everything.
            let backend = Always::new(SignatureAnswer::Valid);
            let later = case.deferred().answer(&one_no, &backend);
            // Inconclusive where the second engine, which checks by itself, finds nothing wrong.
            let verdict = verdict(&later);
            let refused = verdict == "rejected" || verdict == "inconclusive";
            assert!(refused, "{} {wrong}: {verdict}", case.name);
        }
    }
}

#[test]
fn every_signature_stands_once() {
    for case in real() {
        // The same evidence twice rests on the same signatures.
        let mut twice = case.request.clone();
        let count = case.attached.len();
        let parts = (count..2 * count).map(|number| json!({ "attached": number }));
        let second = json!({ "name": "again", "parts": parts.collect::<Vec<_>>() });
        twice["inputs"].as_array_mut().unwrap().push(second);
        let attached = [case.attached.clone(), case.attached.clone()].concat();
        let both = Prepared::read("verify", &twice.to_string(), attached).unwrap();
        let deferred = both.deferred();
        let triples = deferred.signatures();
        assert_eq!(triples, case.deferred().signatures());
        for (place, triple) in triples.iter().enumerate() {
            assert!(!triples[..place].contains(triple), "{}", case.name);
        }
    }
}

/// Every so many bytes of quote and collateral one bit is turned.
#[test]
fn spoilt_evidence_has_one_answer_too() {
    let (mut held, mut again) = (0, 0);
    let forged = Case::forged("forged", &Scenario::tdx_v4().issue());
    for mut case in real().into_iter().chain([forged]) {
        for part in 0..2 {
            for offset in (0..case.attached[part].len()).step_by(211) {
                case.attached[part][offset] ^= 1;
                if let Some(prepared) = case.prepared("verify") {
                    let deferred = prepared.deferred();
                    let valid = truth(&deferred);
                    *if all_valid(&valid) {
                        &mut held
                    } else {
                        &mut again
                    } += 1;
                    let later = deferred.answer(&valid, &RingVerifier);
                    assert_eq!(later, case.at_once(), "{} {part} {offset}", case.name);
                }
                case.attached[part][offset] ^= 1;
            }
        }
    }
    assert!(held > 25 && again > 100, "{held} and {again}");
}

/// A quote without a chain of its own, beside the collateral of two machines: which chain fits is known
/// only once a signature is checked.
#[test]
fn of_several_chains_the_one_that_fits_is_found() {
    let mut scenario = Scenario::tdx_v4();
    scenario.quote.certification = Certification::EncryptedPpid {
        number: 3,
        pce_svn: None,
    };
    scenario.chain_in_collateral = true;
    let fitting = scenario.issue();
    scenario.pki.pck.key = "the key of another machine".to_owned();
    let other = scenario.issue().collateral_json.unwrap();
    let own = fitting.collateral_json.clone().unwrap();
    assert_ne!(own, other);
    for order in [[&own, &other], [&other, &own]] {
        let mut case = Case::forged("two chains", &fitting);
        case.attached.remove(1);
        case.attached
            .extend(order.map(|text| text.clone().into_bytes()));
        let mut request = case.request.clone();
        request["inputs"][0]["parts"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "attached": case.attached.len() - 1 }));
        case.request = request;
        let at_once = case.at_once();
        assert_eq!(verdict(&at_once), "simulated");
        let deferred = case.deferred();
        let valid = truth(&deferred);
        assert_eq!(all_valid(&valid), order[0] == &own);
        assert_eq!(deferred.answer(&valid, &RingVerifier), at_once);
    }
}
