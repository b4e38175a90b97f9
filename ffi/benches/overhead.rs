//! What it costs to come through the C functions: the same cold verdict, from bytes to a report, by
//! them and by the Rust functions below them, in one process. Compare numbers of one run only.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "criterion's macros make public items"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark whose input is wrong has nothing to measure"
)]
// Linked for the names that C calls.
use teeproof as _;

use std::ffi::c_void;
use std::hint::black_box;
use std::ptr::{null, null_mut};

use criterion::{Criterion, criterion_group, criterion_main};
use teeproof_bindings::{InstantChoice, VerifyOptions, parse_policy, verify_shared};
use teeproof_core::{Exchange, Instant, TrustAnchor, assemble, recognise};

const QUOTE: &[u8] = include_bytes!("../../fixtures/real/tdx-v4/quote.bin");
const COLLATERAL: &[u8] = include_bytes!("../../fixtures/real/tdx-v4/collateral.json");
const POLICY: &[u8] = include_bytes!("../../fixtures/real/tdx-v4/policy.toml");
const AT: u64 = 1_751_000_000;

#[repr(C)]
#[derive(Clone, Copy)]
struct Slice {
    data: *const u8,
    len: usize,
}

impl Slice {
    const fn of(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr(),
            len: bytes.len(),
        }
    }
}

#[repr(C)]
struct Options {
    size: usize,
    at: u64,
    instant: u32,
    flags: u32,
    texts: [Slice; 5],
}

// SAFETY: these are the declarations of include/teeproof.h, with every handle as `void`.
unsafe extern "C" {
    fn teeproof_quote_new(
        parts: *const Slice,
        count: usize,
        out: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> u32;
    fn teeproof_policy_parse(
        text: *const u8,
        len: usize,
        out: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> u32;
    fn teeproof_verify(
        quote: *const c_void,
        collateral: *const c_void,
        policy: *const c_void,
        options: *const Options,
        out: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> u32;
    fn teeproof_report_verdict(report: *const c_void, verdict: *mut u32) -> u32;
    fn teeproof_quote_free(quote: *mut c_void);
    fn teeproof_policy_free(policy: *mut c_void);
    fn teeproof_report_free(report: *mut c_void);
}

/// As a C program does it: parts, policy, verdict, and everything freed.
fn by_c() -> u32 {
    let parts = [Slice::of(QUOTE), Slice::of(COLLATERAL)];
    let options = Options {
        size: size_of::<Options>(),
        at: AT,
        instant: 2,
        flags: 0,
        texts: [Slice {
            data: null(),
            len: 0,
        }; 5],
    };
    let (mut quote, mut policy, mut report) = (null_mut(), null_mut(), null_mut());
    let mut verdict = 0;
    // SAFETY: every pointer is to something that lives here, every handle is made by the call before
    // the one that takes it, and each is freed once.
    unsafe {
        assert_eq!(
            teeproof_quote_new(parts.as_ptr(), 2, &raw mut quote, null_mut()),
            0
        );
        assert_eq!(
            teeproof_policy_parse(POLICY.as_ptr(), POLICY.len(), &raw mut policy, null_mut()),
            0
        );
        assert_eq!(
            teeproof_verify(
                quote,
                null(),
                policy,
                &raw const options,
                &raw mut report,
                null_mut()
            ),
            0
        );
        assert_eq!(teeproof_report_verdict(report, &raw mut verdict), 0);
        teeproof_report_free(report);
        teeproof_policy_free(policy);
        teeproof_quote_free(quote);
    }
    verdict
}

/// The same by the Rust functions.
fn by_rust() -> String {
    let parts = [recognise(QUOTE).unwrap(), recognise(COLLATERAL).unwrap()];
    let evidence = assemble(parts).unwrap().remove(0);
    let options = VerifyOptions {
        policy: parse_policy(POLICY).unwrap(),
        anchor: TrustAnchor::intel().unwrap(),
        instant: InstantChoice::Given(Instant::from_unix(AT).unwrap()),
        collateral: Vec::new(),
        exchange: Exchange::default(),
        genuine_only: false,
    };
    let judged = verify_shared("", &evidence, &options, None).unwrap();
    judged.answer.verdict
}

fn overhead(c: &mut Criterion) {
    assert_eq!((by_c(), by_rust().as_str()), (2, "genuine"));
    let mut group = c.benchmark_group("cold-verdict");
    group.bench_function("rust", |b| b.iter(|| black_box(by_rust())));
    group.bench_function("c", |b| b.iter(|| black_box(by_c())));
    group.finish();
}

criterion_group!(benches, overhead);
criterion_main!(benches);
