//! teeproof for JavaScript: an operation by name, JSON and bytes in, JSON out. All there is to know
//! stands in `teeproof-bindings`; here bytes come in once, and a browser's WebCrypto is asked.
//!
//! No function takes anybody's word about a signature, and what leaves is a finished answer or none.

#![forbid(unsafe_code)]

mod webcrypto;

use js_sys::{Promise, Uint8Array};
#[cfg(feature = "full")]
use teeproof_bindings::Prepared;
#[cfg(not(feature = "full"))]
use teeproof_bindings::Verification;
use teeproof_bindings::{failure, signature_backend};
use teeproof_core::limits;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Bytes that all parts of one call may have together.
const TOTAL: usize = 8 * limits::BUNDLE;

/// What a call is about. The lean module judges and does nothing else: a page loads no code for what
/// it does not do.
#[cfg(not(feature = "full"))]
type Work = Verification;
#[cfg(feature = "full")]
type Work = Prepared;

/// Performs an operation. Signatures are checked in pure Rust.
///
/// `request` is JSON, `parts` are the bytes that it names by number: they are copied before anything
/// else happens. The result is JSON: `{"ok": …}` or `{"error": {"code": …, "message": …}}`.
#[wasm_bindgen]
pub fn call(operation: &str, request: &str, parts: Vec<Uint8Array>) -> String {
    match prepared(operation, request, &parts) {
        Ok(prepared) => prepared.answer(signature_backend()),
        Err(failure) => failure,
    }
}

/// The same with signatures checked by WebCrypto, about the bytes that were copied before this
/// returned. What WebCrypto does not answer is checked in pure Rust. The promise is of the same text,
/// and is never rejected.
#[wasm_bindgen(js_name = callAsync)]
pub fn call_async(operation: &str, request: &str, parts: Vec<Uint8Array>) -> Promise {
    match prepared(operation, request, &parts).map(Work::deferred) {
        Ok(deferred) => webcrypto::finished(deferred),
        Err(failure) => Promise::resolve(&JsValue::from(failure)),
    }
}

fn prepared(operation: &str, request: &str, parts: &[Uint8Array]) -> Result<Work, String> {
    let sizes: Vec<usize> = parts
        .iter()
        .map(|part| usize::try_from(part.length()).unwrap_or(usize::MAX))
        .collect();
    check_sizes(&sizes)?;
    let bytes = parts.iter().map(Uint8Array::to_vec).collect();
    read(operation, request, bytes)
}

#[cfg(feature = "full")]
fn read(operation: &str, request: &str, attached: Vec<Vec<u8>>) -> Result<Work, String> {
    Work::read(operation, request, attached)
}

#[cfg(not(feature = "full"))]
fn read(operation: &str, request: &str, attached: Vec<Vec<u8>>) -> Result<Work, String> {
    if operation != "verify" {
        let message = "this module only judges: the full one has the other operations";
        return Err(failure("unknown-operation", message));
    }
    Work::read(request, attached)
}

/// Refuses by length alone what nobody wants copied.
fn check_sizes(sizes: &[usize]) -> Result<(), String> {
    let total = sizes
        .iter()
        .fold(0, |sum: usize, size| sum.saturating_add(*size));
    let too_large = |found: usize, limit: usize| {
        let message = format!("{found} bytes, more than the {limit} allowed");
        Err(failure("too-large", &message))
    };
    match sizes.iter().find(|size| **size > limits::BUNDLE) {
        Some(size) => too_large(*size, limits::BUNDLE),
        None if total > TOTAL => too_large(total, TOTAL),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_refused_by_its_length() {
        assert_eq!(check_sizes(&[]), Ok(()));
        assert_eq!(check_sizes(&[limits::BUNDLE; 8]), Ok(()));
        let refused = |sizes: &[usize]| check_sizes(sizes).unwrap_err();
        assert_eq!(
            refused(&[1, limits::BUNDLE + 1]),
            r#"{"error":{"code":"too-large","message":"33554433 bytes, more than the 33554432 allowed"}}"#
        );
        assert!(refused(&[limits::BUNDLE; 9]).contains("301989888 bytes"));
        assert!(refused(&[usize::MAX, usize::MAX]).contains("too-large"));
    }

    #[test]
    fn without_bytes_it_answers_natively_as_in_a_browser() {
        let nothing = r#"{"schema":"teeproof.request/1","at":0,"inputs":[]}"#;
        assert_eq!(call("verify", nothing, Vec::new()), r#"{"ok":[]}"#);
        assert_eq!(
            call("verify", nothing, Vec::new()),
            teeproof_bindings::call("verify", nothing)
        );
        let attached =
            r#"{"schema":"teeproof.request/1","at":0,"inputs":[{"parts":[{"attached":0}]}]}"#;
        for (operation, request, code) in [
            ("Verify", "{}", "unknown-operation"),
            ("verify", "{", "request"),
            ("verify", attached, "attached"),
            #[cfg(not(feature = "full"))]
            ("checks", "{}", "unknown-operation"),
        ] {
            let answer = call(operation, request, Vec::new());
            assert!(
                answer.starts_with(&format!(r#"{{"error":{{"code":"{code}","#)),
                "{answer}"
            );
        }
    }
}
