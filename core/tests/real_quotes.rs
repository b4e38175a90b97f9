//! The proof on real evidence, inside and outside of its windows.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "this file is tests and their helpers"
)]

use std::cell::RefCell;
use std::sync::Arc;

use teeproof_core::{
    CheckId, CollateralParts, CollateralSet, Examination, Instant, Outcome, PckChain, PckChains,
    Reason, TcbStatus, TrustAnchor,
};
use teeproof_crypto_ring::RingVerifier;

struct Sample {
    quote: &'static [u8],
    collateral: &'static [u8],
    at: &'static str,
    status: TcbStatus,
}

macro_rules! sample {
    ($folder:literal, $at:literal, $status:ident) => {
        Sample {
            quote: include_bytes!(concat!("../../fixtures/real/", $folder, "/quote.bin")),
            collateral: include_bytes!(concat!(
                "../../fixtures/real/",
                $folder,
                "/collateral.json"
            )),
            at: $at,
            status: TcbStatus::$status,
        }
    };
}

/// Statuses are those that dcap-qvl 0.7.1 and Intel's library give.
const SAMPLES: [Sample; 3] = [
    sample!("tdx-v4", "2025-06-27T04:53:20Z", UpToDate),
    sample!("tdx-v5-td15ex", "2026-10-20T00:00:00Z", UpToDate),
    sample!(
        "sgx-v3",
        "2025-06-27T04:53:20Z",
        ConfigurationAndSWHardeningNeeded
    ),
];

fn examine(sample: &Sample, at: Instant) -> Examination {
    let mut set = CollateralSet::new(TrustAnchor::intel().unwrap());
    set.add(
        &CollateralParts::from_json(sample.collateral).unwrap(),
        &RingVerifier,
    )
    .unwrap();
    Examination::of(sample.quote, &set, at, &RingVerifier)
}

#[test]
fn real_quotes_are_verified_with_the_status_that_others_give() {
    for sample in &SAMPLES {
        let examination = examine(sample, sample.at.parse().unwrap());
        let Some(verified) = examination.verified() else {
            panic!("{examination:#?}")
        };
        assert_eq!(verified.tcb().status, sample.status);
    }
}

/// Its collateral knows no level that fits the platform: dcap-qvl and Intel's library refuse it too.
#[test]
fn a_platform_below_every_level_is_refused() {
    let sample = sample!("tdx-v5-td15", "2026-03-01T00:00:00Z", OutOfDate);
    let examination = examine(&sample, sample.at.parse().unwrap());
    assert!(examination.verified().is_none() && examination.tcb().is_none());
    let platform = examination.finding(CheckId::TcbPlatform).unwrap();
    assert_eq!(platform.reason, Some(Reason::TcbUnsupported));
}

#[test]
fn a_second_outside_of_the_common_window_proves_nothing() {
    for sample in &SAMPLES {
        let inside = examine(sample, sample.at.parse().unwrap());
        let window = inside.verified().unwrap().window();
        for (edge, step, expected) in [
            (window.not_before, 0, true),
            (window.not_after, 0, true),
            (window.not_before, -1, false),
            (window.not_after, 1, false),
        ] {
            let at = Instant::from_unix(edge.unix().checked_add_signed(step).unwrap()).unwrap();
            let examination = examine(sample, at);
            assert_eq!(examination.verified().is_some(), expected, "{at}");
            if !expected {
                let valid = examination.finding(CheckId::CollateralValid).unwrap();
                assert_eq!(valid.outcome, Outcome::Skipped);
                assert!(examination.tcb().is_none());
            }
        }
    }
}

#[test]
fn without_collateral_the_needs_are_named() {
    let set = CollateralSet::new(TrustAnchor::intel().unwrap());
    let sample = &SAMPLES[0];
    let at = sample.at.parse().unwrap();
    let examination = Examination::of(sample.quote, &set, at, &RingVerifier);
    assert!(examination.verified().is_none() && !examination.refused());
    let paths: Vec<String> = examination.needs().iter().map(|need| need.path()).collect();
    assert_eq!(
        paths,
        [
            "/tdx/certification/v4/tcb?fmspc=B0C06F000000",
            "/tdx/certification/v4/qe/identity?update=standard",
            "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
            "/sgx/certification/v4/rootcacrl",
        ]
    );
    let present = examination.finding(CheckId::CollateralPresent).unwrap();
    assert_eq!(present.reason, Some(Reason::CollateralMissing));
}

#[test]
fn collateral_of_another_platform_is_refused() {
    let (quote, collateral) = (&SAMPLES[0], &SAMPLES[2]);
    let mixed = Sample {
        quote: quote.quote,
        collateral: collateral.collateral,
        ..SAMPLES[0]
    };
    let examination = examine(&mixed, quote.at.parse().unwrap());
    let platform = examination.finding(CheckId::CollateralPlatform).unwrap();
    assert_eq!(platform.reason, Some(Reason::TeeMismatch));
    assert!(examination.verified().is_none() && examination.refused());
}

/// A memory that lends the one chain it holds, whatever it is asked for.
#[derive(Default)]
struct Liar(RefCell<Option<Arc<PckChain>>>);

impl PckChains for Liar {
    fn recall(&self, _: &[u8]) -> Option<Arc<PckChain>> {
        self.0.borrow().clone()
    }

    fn keep(&self, chain: &Arc<PckChain>) {
        self.0.borrow_mut().get_or_insert_with(|| Arc::clone(chain));
    }
}

#[test]
fn a_memory_cannot_lend_the_chain_of_another_platform() {
    let liar = Liar::default();
    for sample in &SAMPLES {
        let at = sample.at.parse().unwrap();
        let alone = examine(sample, at);
        let mut set = CollateralSet::new(TrustAnchor::intel().unwrap());
        set.add(
            &CollateralParts::from_json(sample.collateral).unwrap(),
            &RingVerifier,
        )
        .unwrap();
        let lent = Examination::remembering(sample.quote, &set, at, &RingVerifier, &liar);
        assert!(lent.verified().is_some());
        assert_eq!(lent.verified(), alone.verified());
    }
    assert!(liar.0.borrow().is_some());
}
