//! Collateral for many verdicts.

use serde_json::Value;
use teeproof_bindings::{SharedCollateral, inspect};
use teeproof_core::{CollateralParts, Recognised, TrustAnchor, limits};

use crate::error::{Fault, TeeproofError};
use crate::memory::{self, Kind};
use crate::result::{TeeproofResult, guard, guard_explained};
use crate::text::{TeeproofSlice, TeeproofText};

/// Collateral of one platform or of many, authenticated: every signature leads to one trust anchor.
/// It holds no instant, so that one serves any number of quotes, instants and threads.
///
/// A verdict with it is the same, digest and all, as with the same files among the parts of the
/// quote; only the work is done once.
///
/// Does not change, so threads may share it. Freed by `teeproof_collateral_free`; reports made with
/// it do not need it any more.
pub struct TeeproofCollateral {
    _declared: (),
}

impl Kind for TeeproofCollateral {
    type Body = SharedCollateral;
    const TAG: u64 = u64::from_be_bytes(*b"tp:colla");
}

/// Reads and authenticates `count` collateral files (the JSON object of dcap-qvl's
/// `QuoteCollateralV3`), under Intel's root or, for tests and simulations, under a root of one's own:
/// `root` is a certificate in DER, and NULL with a length of zero is Intel's. At most 256 files.
///
/// `files` and `root` are read while the call lasts. `collateral` is written on success, if every
/// file is authentic, and is then the caller's to free. `error` (may be NULL) is written on failure.
///
/// `TEEPROOF_RESULT_COLLATERAL_REFUSED` says that a file is not signed by the root.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_collateral_new(
    files: *const TeeproofSlice,
    count: usize,
    root: *const u8,
    root_len: usize,
    collateral: *mut *mut TeeproofCollateral,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(collateral)?;
        let mut shared = SharedCollateral::new(anchor(memory::array(root, root_len)?)?);
        let files = memory::array(files, count)?;
        if files.len() > limits::COLLATERAL_FILES {
            return Err(Fault::new(
                TeeproofResult::BadLength,
                format!("at most {} collateral files", limits::COLLATERAL_FILES),
            ));
        }
        for (place, file) in files.iter().enumerate() {
            let fault = |result, error: &dyn std::fmt::Display| {
                Fault::new(result, format!("collateral file {place}: {error}"))
            };
            let parts = CollateralParts::from_json(file.bytes()?)
                .map_err(|error| fault(TeeproofResult::CollateralFormat, &error))?;
            shared
                .add(parts)
                .map_err(|error| fault(TeeproofResult::CollateralRefused, &error))?;
        }
        memory::give(collateral, shared)
    })
}

/// The trust anchor of these bytes: Intel's, if there are none.
pub(crate) fn anchor(der: &[u8]) -> Result<TrustAnchor, Fault> {
    if der.is_empty() {
        TrustAnchor::intel()
    } else {
        TrustAnchor::from_der(der)
    }
    .map_err(|error| Fault::new(TeeproofResult::Root, error))
}

/// How many files there are.
///
/// `count` is written on success.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_collateral_count(
    collateral: *const TeeproofCollateral,
    count: *mut usize,
) -> TeeproofResult {
    guard(|| memory::put(count, memory::borrow(collateral)?.parts().len()))
}

/// What the files say, as a JSON array with one `teeproof.inspection/1` for each in their order:
/// platform, evaluation numbers, CRL numbers, windows. Signatures are looked at under Intel's root.
///
/// `inspections` is written on success and is then the caller's to free with `teeproof_text_free`;
/// `error` (may be NULL) is written on failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_collateral_inspect(
    collateral: *const TeeproofCollateral,
    inspections: *mut *mut TeeproofText,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(inspections)?;
        let all: Value = memory::borrow(collateral)?
            .parts()
            .iter()
            .map(|parts| {
                let input = Recognised::Collateral(Box::new(parts.clone()));
                inspect(&input).value().clone()
            })
            .collect();
        memory::give(inspections, all.to_string())
    })
}

/// Frees collateral. NULL is nothing to free, and a live handle of another kind is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_collateral_free(collateral: *mut TeeproofCollateral) {
    memory::free(collateral);
}
