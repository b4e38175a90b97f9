//! Why a call failed.

use crate::memory::{self, Kind};
use crate::result::{TeeproofResult, guard};
use crate::text::TeeproofStr;

/// Why a call failed: a result and a sentence. Written by functions that take a `teeproof_error **`,
/// on failure alone; NULL in its place says that nobody wants to know.
///
/// Does not change, so threads may share it. Freed by `teeproof_error_free`.
pub struct TeeproofError {
    _declared: (),
}

/// A failure on its way out.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) result: TeeproofResult,
    message: String,
}

impl Fault {
    pub(crate) fn new(result: TeeproofResult, message: impl ToString) -> Self {
        Self {
            result,
            message: message.to_string(),
        }
    }
}

impl Kind for TeeproofError {
    type Body = Fault;
    const TAG: u64 = u64::from_be_bytes(*b"tp:error");
}

/// The result that the failed call returned.
///
/// `result` is written on success.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_error_result(
    error: *const TeeproofError,
    result: *mut TeeproofResult,
) -> TeeproofResult {
    guard(|| memory::put(result, memory::borrow(error)?.result))
}

/// What was wrong, in one sentence that is not empty.
///
/// `message` is written on success. The text belongs to the error and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_error_message(
    error: *const TeeproofError,
    message: *mut TeeproofStr,
) -> TeeproofResult {
    guard(|| memory::put(message, TeeproofStr::of(&memory::borrow(error)?.message)))
}

/// Frees an error. NULL is nothing to free, and a live handle of another kind is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_error_free(error: *mut TeeproofError) {
    memory::free(error);
}
