//! What a verdict costs, part by part and as a whole, beside dcap-qvl on the same bytes. Compare
//! numbers of one run only: see `README.md`.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "criterion's macros make public items"
)]
#![allow(
    clippy::expect_used,
    clippy::unreachable,
    reason = "a benchmark whose input is wrong has nothing to measure"
)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use teeproof_benches::{
    COLLATERAL, Forged, PEERS, QUOTE, at, forged, intel, parts, peer_collateral,
};
use teeproof_bindings::{Answer, verify};
use teeproof_core::{
    Collateral, CollateralParts, CollateralSet, EventLog, Examination, MeasuredEvidence, Quote,
    SecondEngine, SignatureVerifier, TcbStatus, TrustAnchor, appraise,
};
use teeproof_crypto_ring::RingVerifier;
use teeproof_crypto_rustcrypto::RustCryptoVerifier;

const BACKENDS: [(&str, &dyn SignatureVerifier); 2] =
    [("ring", &RingVerifier), ("rustcrypto", &RustCryptoVerifier)];

/// The collateral as a set that authenticated it.
fn set(
    parts: &CollateralParts,
    anchor: &TrustAnchor,
    signatures: &dyn SignatureVerifier,
) -> CollateralSet {
    let mut set = CollateralSet::new(anchor.clone());
    set.add(parts, signatures).expect("authentic collateral");
    set
}

/// The proof from nothing: collateral parsed and authenticated, then the quote.
fn cold(
    parts: &CollateralParts,
    anchor: &TrustAnchor,
    signatures: &dyn SignatureVerifier,
) -> Examination {
    Examination::of(QUOTE, &set(parts, anchor, signatures), at(), signatures)
}

fn parse(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    group.bench_function("quote", |b| b.iter(|| Quote::parse(black_box(QUOTE))));
    for events in [30, 200] {
        let log = forged(events).event_log;
        group.bench_function(format!("event-log-{events}"), |b| {
            b.iter(|| EventLog::parse(black_box(&log)));
        });
    }
    group.bench_function("collateral-file", |b| {
        b.iter(|| CollateralParts::from_json(black_box(COLLATERAL)));
    });
    let parts = parts();
    group.bench_function("collateral", |b| {
        b.iter(|| Collateral::parse(black_box(&parts)));
    });
    group.finish();
}

fn authenticate(c: &mut Criterion) {
    let mut group = c.benchmark_group("authenticate");
    let (collateral, anchor) = (Collateral::parse(&parts()).expect("collateral"), intel());
    for (name, signatures) in BACKENDS {
        group.bench_function(name, |b| {
            b.iter_batched(
                || collateral.clone(),
                |collateral| collateral.authenticate(&anchor, signatures),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// Ours and dcap-qvl's alternate, so that what slows the machine down slows down both.
fn verify_cold(c: &mut Criterion) {
    let mut group = c.benchmark_group("cold");
    let (anchor, ours, theirs) = (intel(), parts(), peer_collateral(COLLATERAL));
    for ((name, signatures), (peer_name, peer)) in BACKENDS.into_iter().zip(PEERS) {
        assert_eq!(name, peer_name);
        let tcb = cold(&ours, &anchor, signatures)
            .verified()
            .map(|quote| quote.tcb().status);
        assert_eq!(tcb, Some(TcbStatus::UpToDate));
        assert_eq!(peer(&theirs).status, "UpToDate");
        group.bench_function(format!("teeproof-{name}"), |b| {
            b.iter(|| cold(black_box(&ours), &anchor, signatures));
        });
        group.bench_function(format!("dcap-qvl-{name}"), |b| {
            b.iter(|| peer(black_box(&theirs)));
        });
        group.bench_function(format!("teeproof-{name}-with-file"), |b| {
            b.iter(|| {
                let parts = CollateralParts::from_json(black_box(COLLATERAL));
                cold(&parts.expect("a collateral file"), &anchor, signatures)
            });
        });
        group.bench_function(format!("dcap-qvl-{name}-with-file"), |b| {
            b.iter(|| peer(&peer_collateral(black_box(COLLATERAL))));
        });
    }
    group.finish();
}

fn verify_warm(c: &mut Criterion) {
    let mut group = c.benchmark_group("warm");
    for (name, signatures) in BACKENDS {
        let set = set(&parts(), &intel(), signatures);
        group.bench_function(name, |b| {
            b.iter(|| Examination::of(black_box(QUOTE), &set, at(), signatures));
        });
    }
    group.finish();
}

/// The proof, the appraisal on top of it, and all of it with the answer in JSON: what `whole` takes
/// beyond the other two is the answer.
fn report(c: &mut Criterion) {
    let mut group = c.benchmark_group("report");
    let Forged {
        evidence,
        at,
        options,
        ..
    } = forged(30);
    let quote = evidence.quote.as_deref().expect("a quote");
    let parts = evidence.collateral.first().expect("collateral");
    let prove = || {
        let set = set(parts, &options.anchor, &RingVerifier);
        Examination::of(quote, &set, at, &RingVerifier)
    };
    let judge = || verify("forged", &evidence, &options);
    let Answer::Verified(answer) = judge() else {
        unreachable!("a quote and its collateral are an answer");
    };
    assert_eq!(answer.simulates.as_deref(), Some("trusted"));
    let examination = prove();
    assert!(examination.verified().is_some());
    group.bench_function("proof", |b| b.iter(prove));
    group.bench_function("appraisal", |b| {
        let measured = MeasuredEvidence {
            event_log: evidence.event_log.as_deref(),
            app_compose: evidence.app_compose.as_deref(),
            vm_config: evidence.vm_config.as_deref(),
            mr_config_document: evidence.mr_config_document.as_deref(),
            lint: None,
        };
        b.iter(|| {
            let second = SecondEngine::NotRun;
            appraise(
                black_box(&examination),
                &measured,
                &options.policy,
                &options.exchange,
                second,
            )
        });
    });
    group.bench_function("whole", |b| {
        b.iter(|| serde_json::to_string(&judge()).expect("an answer is JSON"));
    });
    group.finish();
}

fn log(c: &mut Criterion) {
    let mut group = c.benchmark_group("log");
    let log = EventLog::parse(&forged(200).event_log).expect("an event log");
    let registers = log.replay().expect("a log that replays");
    group.bench_function("replay-200", |b| b.iter(|| black_box(&log).replay()));
    let replayed = log.replay_against(&registers).expect("its own registers");
    group.bench_function("interpret-200", |b| {
        b.iter(|| black_box(&replayed).interpret());
    });
    group.finish();
}

criterion_group! {
    name = verdict;
    config = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = parse, authenticate, verify_cold, verify_warm, report, log
}
criterion_main!(verdict);
