//! What is accepted.

use teeproof_bindings::{explain_policy, parse_policy};
use teeproof_core::{Bytes, Bytes32, Pins, Policy};

use crate::error::{Fault, TeeproofError};
use crate::memory::{self, Kind};
use crate::result::{TeeproofResult, guard, guard_explained};
use crate::text::{TeeproofSlice, TeeproofText, utf8};

/// What a verdict accepts. Wherever a policy is taken, NULL is the strict default.
///
/// Does not change, so threads may share it. Freed by `teeproof_policy_free`; reports made with it
/// do not need it any more.
pub struct TeeproofPolicy {
    _declared: (),
}

/// A policy with its digest, which is lent.
pub(crate) struct Held {
    pub(crate) policy: Policy,
    digest: Bytes32,
}

impl Held {
    fn new(policy: Policy) -> Self {
        Self {
            digest: policy.digest(),
            policy,
        }
    }
}

impl Kind for TeeproofPolicy {
    type Body = Held;
    const TAG: u64 = u64::from_be_bytes(*b"tp:polic");
}

/// What a pin is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TeeproofPin {
    /// The compose hash: 32 bytes.
    ComposeHash = 1,
    /// The app id: 20 bytes.
    AppId = 2,
    /// REPORTDATA: 64 bytes.
    ReportData = 3,
    /// The operating system: the name of an OS set in the policy, as UTF-8.
    Os = 4,
    /// RTMR3: 48 bytes.
    Rtmr3 = 5,
}

/// The policy in force.
pub(crate) fn in_force(policy: *const TeeproofPolicy) -> Result<Policy, Fault> {
    let given = memory::borrow_optional(policy)?;
    Ok(given.map_or_else(Policy::default, |held| held.policy.clone()))
}

/// Reads a policy in TOML or JSON.
///
/// `text` is read while the call lasts. `policy` is written on success and is then the caller's to
/// free; `error` (may be NULL) is written on failure and names the key and the line.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_policy_parse(
    text: *const u8,
    len: usize,
    policy: *mut *mut TeeproofPolicy,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(policy)?;
        let parsed = parse_policy(memory::array(text, len)?)
            .map_err(|error| Fault::new(TeeproofResult::Policy, error))?;
        memory::give(policy, Held::new(parsed))
    })
}

/// A policy narrowed by what the caller expects of one piece of evidence. A pin can refuse more and
/// never accept more: where the policy lists nothing the pin becomes its list, and a pin of nothing
/// that the policy lists is `TEEPROOF_RESULT_POLICY`.
///
/// `policy` stays as it is, and may be NULL. `pin` is a number of `teeproof_pin`; `value` has the
/// length which that demands and is read while the call lasts. `pinned` is written on success and is
/// then the caller's to free; `error` (may be NULL) is written on failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_policy_pin(
    policy: *const TeeproofPolicy,
    pin: u32,
    value: *const u8,
    value_len: usize,
    pinned: *mut *mut TeeproofPolicy,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(pinned)?;
        let base = in_force(policy)?;
        let narrowed = base
            .with_pins(pins(pin, memory::array(value, value_len)?)?)
            .map_err(|error| Fault::new(TeeproofResult::Policy, error))?;
        memory::give(pinned, Held::new(narrowed))
    })
}

fn pins(pin: u32, value: &[u8]) -> Result<Pins, Fault> {
    let mut pins = Pins::default();
    match pin {
        pin if pin == TeeproofPin::ComposeHash as u32 => pins.compose_hashes.push(exactly(value)?),
        pin if pin == TeeproofPin::AppId as u32 => pins.app_ids.push(exactly(value)?),
        pin if pin == TeeproofPin::ReportData as u32 => pins.report_data.push(exactly(value)?),
        pin if pin == TeeproofPin::Os as u32 => pins.os.push(utf8(value)?.to_owned()),
        pin if pin == TeeproofPin::Rtmr3 as u32 => pins.rtmr3.push(exactly(value)?),
        _ => {
            return Err(Fault::new(
                TeeproofResult::UnknownNumber,
                format!("there is no pin {pin}"),
            ));
        }
    }
    Ok(pins)
}

pub(crate) fn exactly<const N: usize>(value: &[u8]) -> Result<Bytes<N>, Fault> {
    Bytes::from_slice(value).ok_or_else(|| {
        Fault::new(
            TeeproofResult::BadLength,
            format!("a value of {} bytes, and it has to have {N}", value.len()),
        )
    })
}

/// SHA-256 of the canonical form of a policy: 32 bytes.
///
/// `digest` is written on success. It belongs to the policy and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_policy_digest(
    policy: *const TeeproofPolicy,
    digest: *mut TeeproofSlice,
) -> TeeproofResult {
    guard(|| {
        let held = memory::borrow(policy)?;
        memory::put(digest, TeeproofSlice::of(held.digest.as_slice()))
    })
}

/// A policy as sentences, as JSON: `policy` of an answer. `policy` may be NULL.
///
/// `explanation` is written on success and is then the caller's to free with `teeproof_text_free`;
/// `error` (may be NULL) is written on failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_policy_explain(
    policy: *const TeeproofPolicy,
    explanation: *mut *mut TeeproofText,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(explanation)?;
        let explained = explain_policy(&in_force(policy)?);
        memory::give(explanation, serde_json::json!(explained).to_string())
    })
}

/// Frees a policy. NULL is nothing to free, and a live handle of another kind is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_policy_free(policy: *mut TeeproofPolicy) {
    memory::free(policy);
}
