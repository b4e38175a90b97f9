//! What is measured.

use std::hint::black_box;
use std::sync::Arc;

use teeproof_benches::{COLLATERAL, PEERS, QUOTE, at, forged, intel, parts, peer_collateral};
use teeproof_bindings::{Engines, Memory, SharedCollateral, verify_remembering};
use teeproof_core::{
    CollateralParts, CollateralSet, Examination, Quote, SignatureAnswer, SignatureVerifier,
    TcbStatus,
};
use teeproof_crosscheck::{CrossCheck, cross_check};
use teeproof_crypto_ring::RingVerifier;
use teeproof_crypto_rustcrypto::RustCryptoVerifier;

/// One thing that is measured.
pub(crate) struct Case {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Runs it once.
    pub(crate) run: Box<dyn Fn()>,
    /// Runs of a round.
    pub(crate) repeat: u32,
    /// The case whose time is taken off.
    pub(crate) minus: Option<&'static str>,
    /// What it should reach.
    pub(crate) target: Target,
}

/// What a case should reach.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// It is there to compare with.
    None,
    /// At most this part of the baseline's time.
    Ratio(f64),
    /// At least so many times as fast as the baseline.
    Times(f64),
    /// At most this.
    Microseconds(f64),
}

/// The case that all others are compared with.
pub(crate) const BASELINE: &str = "dcap-qvl, ring: cold";

const ONE_SIGNATURE: &str = "teeproof: known attestation key (1 signature)";

/// Believes everything: what is left is our own work.
struct Free;

impl SignatureVerifier for Free {
    fn verify(&self, _: &[u8; 64], _: &[u8], _: &[u8; 64]) -> SignatureAnswer {
        SignatureAnswer::Valid
    }
}

/// A memory that has not seen the quoting enclave's report: 384 bytes, unlike any certificate.
struct NewKey<'a>(&'a dyn SignatureVerifier);

impl SignatureVerifier for NewKey<'_> {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        RingVerifier.verify(key, message, signature)
    }

    fn verify_endorsement(
        &self,
        key: &[u8; 64],
        message: &[u8],
        signature: &[u8; 64],
    ) -> SignatureAnswer {
        if message.len() == 384 {
            return RingVerifier.verify(key, message, signature);
        }
        self.0.verify_endorsement(key, message, signature)
    }
}

fn cold(parts: &Arc<CollateralParts>, signatures: &dyn SignatureVerifier) -> Examination {
    let mut set = CollateralSet::new(intel());
    set.add_shared(Arc::clone(black_box(parts)), signatures)
        .expect("authentic collateral");
    let examination = Examination::of(black_box(QUOTE), &set, at(), signatures);
    let tcb = examination.verified().map(|quote| quote.tcb().status);
    assert_eq!(tcb, Some(TcbStatus::UpToDate));
    examination
}

fn known() -> CollateralSet {
    let mut set = CollateralSet::new(intel());
    set.add(&parts(), &RingVerifier)
        .expect("authentic collateral");
    set
}

fn proven(examination: &Examination) {
    assert!(examination.verified().is_some(), "a good quote");
}

/// All cases, in the order of the table.
pub(crate) fn all() -> Vec<Case> {
    let case = |name, repeat, target, run: Box<dyn Fn()>| Case {
        name,
        run,
        repeat,
        minus: None,
        target,
    };
    let [peer_ring, peer_rustcrypto] = PEERS.map(|(_, peer)| {
        let collateral = peer_collateral(COLLATERAL);
        Box::new(move || {
            assert_eq!(peer(black_box(&collateral)).status, "UpToDate");
        }) as Box<dyn Fn()>
    });
    let mut cases = vec![
        case(BASELINE, 5, Target::None, peer_ring),
        case(
            "dcap-qvl, rustcrypto: cold",
            1,
            Target::None,
            peer_rustcrypto,
        ),
    ];
    cases.extend(cold_cases());
    cases.extend(warm_cases());
    cases.extend(report_cases());
    cases
}

fn cold_cases() -> [Case; 3] {
    let case = |name, repeat, target, run: Box<dyn Fn()>| Case {
        name,
        run,
        repeat,
        minus: None,
        target,
    };
    let [ours, both, pure] = [(); 3].map(|()| Arc::new(parts()));
    [
        case(
            "teeproof, our engine alone, ring: cold",
            5,
            Target::Ratio(0.70),
            Box::new(move || proven(&cold(&ours, &RingVerifier))),
        ),
        case(
            "teeproof, both engines, ring: cold",
            5,
            Target::Ratio(1.75),
            Box::new(move || {
                let examination = cold(&both, &RingVerifier);
                let second = cross_check(QUOTE, Some(&both), &examination);
                assert!(matches!(second, CrossCheck::Agrees { .. }));
            }),
        ),
        case(
            "teeproof, our engine alone, pure Rust: cold",
            1,
            Target::None,
            Box::new(move || proven(&cold(&pure, &RustCryptoVerifier))),
        ),
    ]
}

fn warm_cases() -> [Case; 5] {
    let case = |name, target, run: Box<dyn Fn()>| Case {
        name,
        run,
        repeat: 20,
        minus: None,
        target,
    };
    let examine = |set: &CollateralSet, signatures: &dyn SignatureVerifier, memory: &Memory| {
        let quote = black_box(QUOTE);
        proven(&Examination::remembering(
            quote,
            set,
            at(),
            signatures,
            memory,
        ));
    };
    let seen = || {
        let (set, memory) = (known(), Memory::default());
        examine(&set, &memory.backend(&RingVerifier), &memory);
        (set, memory)
    };
    let set = known();
    let (two, one, free) = (seen(), seen(), seen());
    let quote = Quote::parse(QUOTE).expect("a quote");
    [
        case(
            "teeproof: known collateral, new platform (3 signatures)",
            Target::Times(3.0),
            Box::new(move || {
                let memory = Memory::default();
                examine(&set, &memory.backend(&RingVerifier), &memory);
            }),
        ),
        case(
            "teeproof: known collateral and PCK chain (2 signatures)",
            Target::Times(5.0),
            Box::new(move || {
                let (set, memory) = &two;
                examine(set, &NewKey(&memory.backend(&RingVerifier)), memory);
            }),
        ),
        case(
            ONE_SIGNATURE,
            Target::Times(10.0),
            Box::new(move || {
                let (set, memory) = &one;
                examine(set, &memory.backend(&RingVerifier), memory);
            }),
        ),
        case(
            "one signature by ring, on the quote",
            Target::None,
            Box::new(move || {
                let valid = RingVerifier.verify(
                    quote.attestation_key(),
                    quote.signed_bytes(),
                    quote.signature(),
                );
                assert_eq!(valid, SignatureAnswer::Valid);
            }),
        ),
        case(
            "teeproof: proof beside the cryptography, all known",
            Target::Microseconds(5.0),
            Box::new(move || {
                let (set, memory) = &free;
                examine(set, &Free, memory);
            }),
        ),
    ]
}

/// A whole report of a dstack guest, in JSON: what it takes beside the proof.
fn report_cases() -> [Case; 2] {
    const PROOF: &str = "teeproof: proof of a forged guest, all known";
    let mut forged = forged(30);
    let quote = forged.evidence.quote.clone().expect("a quote");
    let mut shared = SharedCollateral::new(forged.options.anchor.clone());
    let mut set = CollateralSet::new(forged.options.anchor.clone());
    for parts in std::mem::take(&mut forged.evidence.collateral) {
        set.add(&parts, &RingVerifier)
            .expect("authentic collateral");
        shared.add(parts).expect("authentic collateral");
    }
    let instant = forged.at;
    let (memory, other) = (Memory::default(), Memory::default());
    [
        Case {
            name: PROOF,
            run: Box::new(move || {
                let backend = memory.backend(&RingVerifier);
                let quote = black_box(&quote);
                proven(&Examination::remembering(
                    quote, &set, instant, &backend, &memory,
                ));
            }),
            repeat: 20,
            minus: None,
            target: Target::None,
        },
        Case {
            name: "teeproof: full report in JSON of a guest with 30 events, beside its proof",
            run: Box::new(move || {
                let judged = verify_remembering(
                    "guest",
                    black_box(&forged.evidence),
                    &forged.options,
                    Some(&shared),
                    &other,
                    Engines::OursAlone,
                )
                .expect("evidence that can be judged");
                assert_eq!(judged.answer.simulates.as_deref(), Some("trusted"));
                black_box(judged.answer.to_json());
            }),
            repeat: 20,
            minus: Some(PROOF),
            target: Target::Microseconds(100.0),
        },
    ]
}
