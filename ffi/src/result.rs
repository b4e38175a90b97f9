//! What a call comes to.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Fault, TeeproofError};
use crate::memory;

/// What became of a call. Numbers are grouped by hundreds and are never used again for something
/// else.
///
/// It is about the call and not about the evidence: a quote that is rejected is `TEEPROOF_RESULT_OK`, with
/// a report whose verdict says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TeeproofResult {
    /// The outputs were written. Every other result left them as they were.
    Ok = 0,

    /// A pointer that may not be NULL is NULL.
    NullPointer = 101,
    /// A pointer to a handle leads to a live handle of another kind, or to none.
    WrongKind = 102,
    /// A pointer is not aligned as its type demands.
    Misaligned = 103,
    /// A length is larger than any object, or not the one length that is possible.
    BadLength = 104,
    /// Bytes that have to be text are not UTF-8.
    NotUtf8 = 105,
    /// A number is none of the enumeration it belongs to, or a flag is unknown.
    UnknownNumber = 106,
    /// `size` of the options is not the size of options that this library knows.
    OptionsSize = 107,

    /// An input is of no form that is known.
    Unreadable = 201,
    /// The inputs together are not the evidence of one machine.
    NotOneInstance = 202,
    /// The evidence holds no quote.
    NoQuote = 203,
    /// A file is not a collateral file.
    CollateralFormat = 204,
    /// A policy cannot be read, or a pin contradicts it.
    Policy = 205,
    /// The trust anchor is not a root certificate of Intel's profile in DER.
    Root = 206,
    /// The challenge is too long, or its rule is unknown.
    Challenge = 207,
    /// The instant is past the year 9999, or the evidence does not say when it was captured.
    Instant = 208,
    /// What is given as an app-compose is not one.
    Compose = 209,
    /// The evidence cannot be a bundle.
    Bundle = 210,

    /// Collateral is not signed by the trust anchor. Evidence that brings such collateral by itself
    /// is judged, and the report says so.
    CollateralRefused = 301,

    /// The report has no such value.
    Absent = 401,
    /// An index is past the end.
    OutOfRange = 402,

    /// A defect of this library: it panicked. The process goes on, and the outputs are untouched.
    Panic = 901,
}

impl TeeproofResult {
    pub(crate) const ALL: &'static [(Self, &'static str)] = &[
        (Self::Ok, "ok"),
        (Self::NullPointer, "null-pointer"),
        (Self::WrongKind, "wrong-kind"),
        (Self::Misaligned, "misaligned"),
        (Self::BadLength, "bad-length"),
        (Self::NotUtf8, "not-utf8"),
        (Self::UnknownNumber, "unknown-number"),
        (Self::OptionsSize, "options-size"),
        (Self::Unreadable, "unreadable"),
        (Self::NotOneInstance, "not-one-instance"),
        (Self::NoQuote, "no-quote"),
        (Self::CollateralFormat, "collateral-format"),
        (Self::Policy, "policy"),
        (Self::Root, "root"),
        (Self::Challenge, "challenge"),
        (Self::Instant, "instant"),
        (Self::Compose, "compose"),
        (Self::Bundle, "bundle"),
        (Self::CollateralRefused, "collateral-refused"),
        (Self::Absent, "absent"),
        (Self::OutOfRange, "out-of-range"),
        (Self::Panic, "panic"),
    ];

    pub(crate) const fn number(self) -> u32 {
        self as u32
    }
}

/// The boundary of a function: what fails or panics inside becomes a result.
pub(crate) fn guard(body: impl FnOnce() -> Result<(), Fault>) -> TeeproofResult {
    attempt(body).map_or_else(|fault| fault.result, |()| TeeproofResult::Ok)
}

/// As [`guard`], for functions that say more in an error: written on failure alone, where wanted.
pub(crate) fn guard_explained(
    error: *mut *mut TeeproofError,
    body: impl FnOnce() -> Result<(), Fault>,
) -> TeeproofResult {
    let Err(fault) = attempt(body) else {
        return TeeproofResult::Ok;
    };
    let result = fault.result;
    if !error.is_null() {
        // Nothing is left to say where even the error cannot be written.
        let _ = attempt(|| memory::give::<TeeproofError>(error, fault));
    }
    result
}

fn attempt(body: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
    // Handles do not change once they are made, so a panic leaves none half changed.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        Err(Fault::new(
            TeeproofResult::Panic,
            "this is a defect of teeproof; please report it",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_result() {
        assert_eq!(guard(|| panic!("on purpose")), TeeproofResult::Panic);
        let mut error = std::ptr::null_mut();
        let result = guard_explained(&raw mut error, || panic!("on purpose"));
        assert_eq!(result, TeeproofResult::Panic);
        let fault = memory::borrow::<TeeproofError>(error).unwrap();
        assert_eq!(fault.result, TeeproofResult::Panic);
        memory::free(error);
    }

    #[test]
    fn an_error_is_written_on_failure_alone() {
        let mut error = std::ptr::dangling_mut();
        let before = error;
        assert_eq!(
            guard_explained(&raw mut error, || Ok(())),
            TeeproofResult::Ok
        );
        assert_eq!(error, before);
    }

    #[test]
    fn every_result_is_in_the_header() {
        let header = include_str!("../include/teeproof.h");
        for (result, word) in TeeproofResult::ALL {
            let name = word.replace('-', "_").to_uppercase();
            let line = format!("  TEEPROOF_RESULT_{name} = {},\n", result.number());
            assert!(header.contains(&line), "{line}");
        }
        let declared = header.matches("\n  TEEPROOF_RESULT_").count();
        assert_eq!(declared, TeeproofResult::ALL.len());
    }

    #[test]
    fn numbers_and_words_are_single_and_grouped() {
        let mut numbers: Vec<_> = TeeproofResult::ALL
            .iter()
            .map(|(result, _)| result.number())
            .collect();
        let sorted = numbers.clone();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers, sorted);
        let mut words: Vec<_> = TeeproofResult::ALL.iter().map(|(_, word)| word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), TeeproofResult::ALL.len());
    }
}
