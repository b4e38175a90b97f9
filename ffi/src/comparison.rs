//! Several instances against each other.

use teeproof_bindings::{ComparedInput, ComparisonAnswer, compare_shared};
use teeproof_core::{Sameness, decode_hex, limits};

use crate::collateral::TeeproofCollateral;
use crate::error::{Fault, TeeproofError};
use crate::memory::{self, Kind};
use crate::options::{self, TeeproofOptions};
use crate::policy::TeeproofPolicy;
use crate::quote::TeeproofQuote;
use crate::result::{TeeproofResult, guard, guard_explained};
use crate::text::{TeeproofSlice, TeeproofStr, TeeproofText};

/// What several instances are to each other.
///
/// Owns everything that its functions lend. Does not change, so threads may share it. Freed by
/// `teeproof_comparison_free`.
pub struct TeeproofComparison {
    _declared: (),
}

/// An answer, with its words as numbers and bytes.
pub(crate) struct Held {
    answer: ComparisonAnswer,
    sameness: TeeproofSameness,
    digest: Option<Vec<u8>>,
}

impl Kind for TeeproofComparison {
    type Body = Held;
    const TAG: u64 = u64::from_be_bytes(*b"tp:compa");
}

/// One word for a whole comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TeeproofSameness {
    /// Every instance is trusted under one policy, and all run the same code.
    SameCode = 1,
    /// The measurements match, and they do not pin all of the code.
    SameMeasurements = 2,
    /// Something demanded could not be shown.
    Unproven = 3,
    /// The instances differ where they have to match, or match where they have to differ.
    Refuted = 4,
}

impl TeeproofSameness {
    /// Of a word that is none of the four, nothing is proven.
    fn of(word: &str) -> Self {
        [
            (Sameness::SameCode, Self::SameCode),
            (Sameness::SameMeasurements, Self::SameMeasurements),
            (Sameness::Refuted, Self::Refuted),
        ]
        .into_iter()
        .find(|(sameness, _)| sameness.as_str() == word)
        .map_or(Self::Unproven, |(_, own)| own)
    }
}

/// Judges `count` instances, each by itself, and compares what was proven. The order of the inputs
/// does not matter. Each is called by its place, from `0` on. At most 1024.
///
/// `quotes` is an array of handles, none of them NULL. `collateral` and `policy` may be NULL as for
/// `teeproof_verify`. All inputs are read while the call lasts and stay the caller's. `comparison`
/// is written on success and is then the caller's to free; `error` (may be NULL) is written on
/// failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_compare(
    quotes: *const *const TeeproofQuote,
    count: usize,
    collateral: *const TeeproofCollateral,
    policy: *const TeeproofPolicy,
    options: *const TeeproofOptions,
    comparison: *mut *mut TeeproofComparison,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(comparison)?;
        let quotes = memory::array(quotes, count)?;
        if quotes.len() > limits::INSTANCES {
            return Err(Fault::new(
                TeeproofResult::BadLength,
                format!("at most {} instances", limits::INSTANCES),
            ));
        }
        let inputs = quotes
            .iter()
            .enumerate()
            .map(|(place, quote)| {
                Ok(ComparedInput {
                    name: place.to_string(),
                    evidence: Ok(memory::borrow(*quote)?.clone()),
                    exchange: None,
                })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        let shared = memory::borrow_optional(collateral)?;
        let read = options::read(options, policy)?;
        let answer = compare_shared(&inputs, &read.options, shared, read.different_machines);
        let digest = answer
            .comparison_digest
            .as_deref()
            .and_then(|hex| decode_hex(hex, 32).ok());
        memory::give(
            comparison,
            Held {
                sameness: TeeproofSameness::of(&answer.result),
                digest,
                answer,
            },
        )
    })
}

/// The result: a number of `teeproof_sameness`. Under a trust anchor that is not Intel's it proves
/// nothing about hardware; the headline says so.
///
/// `sameness` is written on success.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_comparison_sameness(
    comparison: *const TeeproofComparison,
    sameness: *mut TeeproofSameness,
) -> TeeproofResult {
    guard(|| memory::put(sameness, memory::borrow(comparison)?.sameness))
}

/// The exit code that the command line ends with for this comparison: 0 is the same code on trusted
/// instances.
///
/// `code` is written on success.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_comparison_exit_code(
    comparison: *const TeeproofComparison,
    code: *mut u32,
) -> TeeproofResult {
    guard(|| memory::put(code, memory::borrow(comparison)?.answer.exit_code.into()))
}

/// The result as one sentence.
///
/// `headline` is written on success. It belongs to the comparison and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_comparison_headline(
    comparison: *const TeeproofComparison,
    headline: *mut TeeproofStr,
) -> TeeproofResult {
    guard(|| {
        let answer = &memory::borrow(comparison)?.answer;
        memory::put(headline, TeeproofStr::of(&answer.headline))
    })
}

/// SHA-256 of the canonical comparison, 32 bytes: the same for any order of the inputs.
/// `TEEPROOF_RESULT_ABSENT` if the two engines disagree about an instance.
///
/// `digest` is written on success. It belongs to the comparison and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_comparison_digest(
    comparison: *const TeeproofComparison,
    digest: *mut TeeproofSlice,
) -> TeeproofResult {
    guard(|| {
        let held = memory::borrow(comparison)?;
        let found = held
            .digest
            .as_deref()
            .ok_or_else(|| Fault::new(TeeproofResult::Absent, "the comparison has no digest"))?;
        memory::put(digest, TeeproofSlice::of(found))
    })
}

/// The whole comparison as JSON: `teeproof.comparison/1`, with the full answer about every instance.
///
/// `json` is written on success and is then the caller's to free with `teeproof_text_free`; `error`
/// (may be NULL) is written on failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_comparison_to_json(
    comparison: *const TeeproofComparison,
    json: *mut *mut TeeproofText,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(json)?;
        let answer = &memory::borrow(comparison)?.answer;
        memory::give(json, serde_json::json!(answer).to_string())
    })
}

/// Frees a comparison and everything it lent. NULL is nothing to free, and a live handle of another
/// kind is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_comparison_free(comparison: *mut TeeproofComparison) {
    memory::free(comparison);
}
