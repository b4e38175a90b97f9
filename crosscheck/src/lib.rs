//! The second engine: dcap-qvl runs on the bytes that the core examined, and every claim of the two
//! is compared.
//!
//! Where they are known to differ on purpose the difference stands in one closed [`table`], each
//! entry with a condition that is checked on the data. Whatever the table does not explain is a
//! conflict: one of the two has a defect, and no verdict may rest on either.
//!
//! ```
//! # use teeproof_core::{CollateralParts, CollateralSet, Examination, TrustAnchor};
//! # use teeproof_crosscheck::{CrossCheck, cross_check};
//! # use teeproof_crypto_ring::RingVerifier;
//! # let quote = include_bytes!("../../fixtures/real/tdx-v4/quote.bin");
//! # let file = include_bytes!("../../fixtures/real/tdx-v4/collateral.json");
//! # let at = "2025-06-27T04:53:20Z".parse().unwrap();
//! let parts = CollateralParts::from_json(file).unwrap();
//! let mut set = CollateralSet::new(TrustAnchor::intel().unwrap());
//! set.add(&parts, &RingVerifier).unwrap();
//! let examination = Examination::of(quote, &set, at, &RingVerifier);
//! let outcome = cross_check(quote, Some(&parts), &examination);
//! assert_eq!(outcome, CrossCheck::Agrees { explained: vec![] });
//! ```

#![forbid(unsafe_code)]

mod amend;
mod certificates;
mod claims;
mod conditions;
mod context;
mod engine;
mod extension;
mod judge;
mod known;
mod layout;
#[cfg(test)]
mod near_misses;
mod remedies;
mod signatures;
mod table;

use teeproof_core::{CollateralParts, Examination};

pub use table::{Difference, Stricter, table};

/// The version of dcap-qvl that the table is about.
pub const ENGINE: &str = "dcap-qvl 0.7.1";

/// What came of running the second engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrossCheck {
    /// Both say the same, apart from differences of the closed table.
    Agrees {
        /// The entries that were needed to explain what differs, in the order of the table.
        explained: Vec<Difference>,
    },
    /// The two say different things and the table does not explain it.
    Conflict {
        /// What they differ in.
        disagreements: Vec<Disagreement>,
        /// The entries that apply beside it.
        explained: Vec<Difference>,
    },
    /// The second engine has no say.
    NotRun(NotRun),
}

/// Why the second engine has no say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotRun {
    /// It needs collateral, and there is none.
    NoCollateral,
    /// It panicked on evidence that the core refuses. On evidence that the core accepts a panic is a
    /// conflict.
    Panicked,
}

/// A claim on which the two engines differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The claim: `verdict`, `quote.sha256`, `collateral.digest`, the name of a field, or the id of
    /// the core's check that did not pass.
    pub claim: &'static str,
    /// What the core says.
    pub ours: String,
    /// What dcap-qvl says.
    pub theirs: String,
}

/// Runs dcap-qvl on the quote and the collateral that were examined, under the trust anchor and for
/// the instant of the examination, and compares.
///
/// Debug and service TDs are allowed in dcap-qvl, for they are a matter of teeproof's policy.
pub fn cross_check(
    quote: &[u8],
    collateral: Option<&CollateralParts>,
    examination: &Examination,
) -> CrossCheck {
    match collateral {
        None => CrossCheck::NotRun(NotRun::NoCollateral),
        Some(parts) => judge::judge(quote, parts, examination),
    }
}
