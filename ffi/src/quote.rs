//! Evidence of one machine.

use serde_json::Value;
use teeproof_bindings::inspect;
use teeproof_core::{
    AssembleError, Bundle, ComposeHash, InstanceEvidence, Recognised, assemble, recognise,
};

use crate::error::{Fault, TeeproofError};
use crate::memory::{self, Kind};
use crate::result::{TeeproofResult, guard_explained};
use crate::text::{TeeproofSlice, TeeproofText};

/// A quote, with whatever else one machine gave: its event log, app-compose, `vm_config`,
/// collateral. Claims, all of it, until it is verified.
///
/// Owns a copy of its bytes. Does not change, so threads may share it and it may be verified any
/// number of times. Freed by `teeproof_quote_free`.
pub struct TeeproofQuote {
    _declared: (),
}

impl Kind for TeeproofQuote {
    type Body = InstanceEvidence;
    const TAG: u64 = u64::from_be_bytes(*b"tp:quote");
}

/// Reads one input: a quote as bytes, hex or base64, a bundle, or an answer of dstack's guest agent
/// or cloud that is about one machine. The form is recognised by content.
///
/// `data` is read while the call lasts. `quote` is written on success and is then the caller's to
/// free; `error` (may be NULL) is written on failure.
///
/// A quote that is truncated or altered is read, as long as it begins like one; the report says what
/// is wrong with it.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_quote_parse(
    data: *const u8,
    len: usize,
    quote: *mut *mut TeeproofQuote,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(quote)?;
        let evidence = one_instance([memory::array(data, len)?])?;
        memory::give(quote, evidence)
    })
}

/// Puts the parts of one machine's evidence together: `count` inputs, each of a form of its own, in
/// any order. One has the quote; others may be an event log, an app-compose, a `vm_config`, a
/// document behind MRCONFIGID, a PCK chain in PEM, or collateral files.
///
/// `parts` is read while the call lasts. `quote` is written on success and is then the caller's to
/// free; `error` (may be NULL) is written on failure.
///
/// Collateral that comes this way belongs to this evidence, is authenticated in each verdict anew,
/// and if it is not authentic the report says so. See `teeproof_collateral_new` for the other way.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_quote_new(
    parts: *const TeeproofSlice,
    count: usize,
    quote: *mut *mut TeeproofQuote,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(quote)?;
        let parts = memory::array(parts, count)?
            .iter()
            .map(|part| part.bytes())
            .collect::<Result<Vec<_>, _>>()?;
        memory::give(quote, one_instance(parts)?)
    })
}

fn one_instance<'a>(inputs: impl IntoIterator<Item = &'a [u8]>) -> Result<InstanceEvidence, Fault> {
    let recognised = inputs
        .into_iter()
        .map(recognise)
        .collect::<Result<Vec<Recognised>, _>>()
        .map_err(|error| Fault::new(TeeproofResult::Unreadable, error))?;
    let instances = assemble(recognised)
        .map_err(|error: AssembleError| Fault::new(TeeproofResult::NotOneInstance, error))?;
    let count = instances.len();
    let mut instances = instances.into_iter();
    match (instances.next(), instances.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Fault::new(
            TeeproofResult::NotOneInstance,
            format!(
                "the input is about {count} instances; \
                 teeproof_call with `verify` or `compare` takes them all"
            ),
        )),
    }
}

/// What the evidence says of itself, as JSON: `teeproof.inspection/1`, with what has to be fetched
/// to verify it. Nothing in it was verified.
///
/// `inspection` is written on success and is then the caller's to free with `teeproof_text_free`;
/// `error` (may be NULL) is written on failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_quote_inspect(
    quote: *const TeeproofQuote,
    inspection: *mut *mut TeeproofText,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(inspection)?;
        let evidence = memory::borrow(quote)?.clone();
        let inspected = inspect(&Recognised::Evidence(vec![evidence]));
        memory::give(inspection, Value::to_string(inspected.value()))
    })
}

/// The evidence as a bundle: one JSON file with everything an offline verdict needs, as far as it is
/// there.
///
/// `bundle` is written on success and is then the caller's to free with `teeproof_text_free`;
/// `error` (may be NULL) is written on failure. A bundle is read with `teeproof_quote_parse`.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_quote_to_bundle(
    quote: *const TeeproofQuote,
    bundle: *mut *mut TeeproofText,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(bundle)?;
        let made = Bundle::from_evidence(memory::borrow(quote)?)
            .map_err(|error| Fault::new(TeeproofResult::Bundle, error))?;
        memory::give(bundle, made.to_json())
    })
}

/// Frees a quote. NULL is nothing to free, and a live handle of another kind is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_quote_free(quote: *mut TeeproofQuote) {
    memory::free(quote);
}

/// The compose hash of an app-compose: SHA-256 of the document exactly as it is, which is what
/// dstack measures.
///
/// `app_compose` is read while the call lasts. 32 bytes are written to `hash` on success; `hash_len`
/// has to be 32. `error` (may be NULL) is written on failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_compose_hash(
    app_compose: *const u8,
    app_compose_len: usize,
    hash: *mut u8,
    hash_len: usize,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(hash)?;
        let text = memory::array(app_compose, app_compose_len)?;
        let found =
            ComposeHash::of(text).map_err(|error| Fault::new(TeeproofResult::Compose, error))?;
        memory::fill(hash, hash_len, found.as_bytes().as_slice())
    })
}
