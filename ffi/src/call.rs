//! The universal door.

use teeproof_bindings::call;
use teeproof_core::limits;

use crate::error::{Fault, TeeproofError};
use crate::memory;
use crate::result::{TeeproofResult, guard_explained};
use crate::text::{TeeproofText, utf8};

/// The most that a request may have in bytes: the evidence of a fleet, as hex.
const REQUEST: usize = 16 * limits::BUNDLE;

/// Performs an operation by its name, JSON in and JSON out: `verify`, `compare`, `inspect`,
/// `policy-explain` or `checks`.
///
/// `operation` and `request` are UTF-8 and are read while the call lasts; a request is of the schema
/// `teeproof.request/1` and of at most 512 MiB. `answer` is written on success and is then the
/// caller's to free with `teeproof_text_free`: `{"ok": …}`, or `{"error": {"code": …, "message": …}}`
/// where the request is wrong. `error` (may be NULL) is written on failure.
///
/// A call keeps nothing, so threads may make any number at once.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_call(
    operation: *const u8,
    operation_len: usize,
    request: *const u8,
    request_len: usize,
    answer: *mut *mut TeeproofText,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(answer)?;
        if request_len > REQUEST {
            return Err(Fault::new(
                TeeproofResult::BadLength,
                format!("a request of {request_len} bytes, more than the {REQUEST} allowed"),
            ));
        }
        let operation = utf8(memory::array(operation, operation_len)?)?;
        let request = utf8(memory::array(request, request_len)?)?;
        memory::give(answer, call(operation, request))
    })
}
