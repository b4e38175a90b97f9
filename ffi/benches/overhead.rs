//! What it costs to come through the C functions: the same cold verdict, from bytes to a report, by
//! them and by the Rust functions below them, in one process. The two take turns, call by call, and each
//! pair is compared by itself: whatever else the machine does falls on both.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a benchmark whose input is wrong has nothing to measure"
)]
// Linked for the names that C calls.
use teeproof as _;

use std::ffi::c_void;
use std::hint::black_box;
use std::ptr::{null, null_mut};
use std::time::Instant as Clock;

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

fn milliseconds<T>(run: impl Fn() -> T) -> f64 {
    let begun = Clock::now();
    black_box(run());
    begun.elapsed().as_secs_f64() * 1000.0
}

fn quantile(values: &mut [f64], share: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() * share / 100]
}

fn main() {
    assert_eq!((by_c(), by_rust().as_str()), (2, "genuine"));
    // Cargo says so when it is `cargo bench`; everything else only wants to see that it runs.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let pairs = if measured { 3000 } else { 3 };
    let (mut rust, mut c, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..pairs {
        // Neither is always the one that finds the caches warm.
        let (by_rust, by_c) = if pair % 2 == 0 {
            let first = milliseconds(by_rust);
            (first, milliseconds(by_c))
        } else {
            let first = milliseconds(by_c);
            (milliseconds(by_rust), first)
        };
        rust.push(by_rust);
        c.push(by_c);
        ratios.push(by_c / by_rust);
    }
    println!("{pairs} pairs of a cold verdict, in milliseconds");
    for (name, times) in [("rust", &mut rust), ("c", &mut c)] {
        let (low, median) = (quantile(times, 10), quantile(times, 50));
        println!("{name:<5} median {median:.3}, lowest tenth below {low:.3}");
    }
    let cost = |ratio: f64| (ratio - 1.0) * 100.0;
    println!(
        "c costs {:+.2} % beside rust: the median of the pairs; {:+.2} % by the lowest tenths",
        cost(quantile(&mut ratios, 50)),
        cost(quantile(&mut c, 10) / quantile(&mut rust, 10)),
    );
}
