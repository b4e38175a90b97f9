//! What decides a verdict beside evidence, collateral and policy.

use teeproof_bindings::{InstantChoice, VerifyOptions};
use teeproof_core::{Challenge, Channel, DerivationRule, Exchange, Instant, limits};

use crate::collateral::anchor;
use crate::error::Fault;
use crate::memory;
use crate::policy::{TeeproofPolicy, exactly, in_force};
use crate::result::TeeproofResult;
use crate::text::TeeproofSlice;

/// Whose word the instant is. There is no default: this library has no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TeeproofInstant {
    /// `at` is the present, and the caller read it from a clock.
    Clock = 1,
    /// `at` is an instant of the caller's choice; the report says that it is not the present.
    Given = 2,
    /// The instant at which the evidence says it was captured: its own word. `at` is not read.
    Captured = 3,
}

/// `teeproof_options.flags`: to be genuine is all that was asked for. Decides the exit code and
/// nothing else.
pub const TEEPROOF_GENUINE_ONLY: u32 = 1;

/// `teeproof_options.flags`: the evidence came over a connection that the caller opened. Without it
/// the evidence came as a file.
pub const TEEPROOF_LIVE: u32 = 2;

/// `teeproof_options.flags`, read by `teeproof_compare` alone: it is claimed that each instance has a
/// physical machine of its own.
pub const TEEPROOF_DIFFERENT_MACHINES: u32 = 4;

/// What decides a verdict beside evidence, collateral and policy. Begin with
/// `teeproof_options options = TEEPROOF_OPTIONS_INIT;` (all zeros, and `size`), then name the
/// instant.
///
/// What it points to is read while the call lasts.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct TeeproofOptions {
    /// `sizeof(teeproof_options)`: tells this library which fields there are.
    pub size: usize,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub at: u64,
    /// A number of `teeproof_instant`.
    pub instant: u32,
    /// `TEEPROOF_GENUINE_ONLY`, `TEEPROOF_LIVE`, `TEEPROOF_DIFFERENT_MACHINES`, or 0.
    pub flags: u32,
    /// What the report calls the input, in UTF-8. May be empty.
    pub name: TeeproofSlice,
    /// The trust anchor, a certificate in DER, for tests and simulations; a verdict under it is
    /// `TEEPROOF_VERDICT_SIMULATED` at best. Empty: Intel's root.
    pub root: TeeproofSlice,
    /// The caller's own challenge: at most 1024 bytes. Empty: none was made.
    pub challenge: TeeproofSlice,
    /// How REPORTDATA derives from the challenge: `raw64`, `zero-padded`, `sha256-padded`, `sha512`,
    /// `teeproof-evidence` or `app-data-sha512`. Empty if the challenge is.
    pub challenge_rule: TeeproofSlice,
    /// With `TEEPROOF_LIVE`, for a TLS connection: SHA-256 of the other end's key (its
    /// SubjectPublicKeyInfo in DER), 32 bytes. Empty: no TLS.
    pub tls_key: TeeproofSlice,
}

/// Options as they were handed over.
pub(crate) struct Read {
    pub(crate) options: VerifyOptions,
    pub(crate) name: String,
    pub(crate) different_machines: bool,
}

pub(crate) fn read(
    options: *const TeeproofOptions,
    policy: *const TeeproofPolicy,
) -> Result<Read, Fault> {
    // Read before the rest: a caller that was built for other options has other fields.
    let size = *memory::structure(options.cast::<usize>())?;
    if size != size_of::<TeeproofOptions>() {
        return Err(Fault::new(
            TeeproofResult::OptionsSize,
            format!(
                "options of {size} bytes, and this library knows those of {}",
                size_of::<TeeproofOptions>()
            ),
        ));
    }
    let given = memory::structure(options)?;
    let known = TEEPROOF_GENUINE_ONLY | TEEPROOF_LIVE | TEEPROOF_DIFFERENT_MACHINES;
    if given.flags & !known != 0 {
        return Err(Fault::new(
            TeeproofResult::UnknownNumber,
            format!("flags {:#x}, and {known:#x} are known", given.flags),
        ));
    }
    let is_set = |flag| given.flags & flag != 0;
    Ok(Read {
        options: VerifyOptions {
            policy: in_force(policy)?,
            anchor: anchor(given.root.bytes()?)?,
            instant: instant(given)?,
            collateral: Vec::new(),
            exchange: Exchange {
                challenge: challenge(given)?,
                channel: if is_set(TEEPROOF_LIVE) {
                    Channel::Live {
                        tls_key: optional(given.tls_key.bytes()?).map(exactly).transpose()?,
                    }
                } else {
                    Channel::Saved
                },
            },
            genuine_only: is_set(TEEPROOF_GENUINE_ONLY),
        },
        name: given.name.text()?.to_owned(),
        different_machines: is_set(TEEPROOF_DIFFERENT_MACHINES),
    })
}

fn optional(bytes: &[u8]) -> Option<&[u8]> {
    (!bytes.is_empty()).then_some(bytes)
}

fn instant(given: &TeeproofOptions) -> Result<InstantChoice, Fault> {
    let at = || {
        Instant::from_unix(given.at).ok_or_else(|| {
            Fault::new(
                TeeproofResult::Instant,
                "the instant is past the year 9999: it is in seconds since 1970",
            )
        })
    };
    match given.instant {
        instant if instant == TeeproofInstant::Clock as u32 => at().map(InstantChoice::Clock),
        instant if instant == TeeproofInstant::Given as u32 => at().map(InstantChoice::Given),
        instant if instant == TeeproofInstant::Captured as u32 => Ok(InstantChoice::Captured),
        instant => Err(Fault::new(
            TeeproofResult::UnknownNumber,
            format!("there is no teeproof_instant {instant}"),
        )),
    }
}

fn challenge(given: &TeeproofOptions) -> Result<Option<Challenge>, Fault> {
    let bytes = given.challenge.bytes()?;
    let rule = given.challenge_rule.text()?;
    let fault = |message: String| Fault::new(TeeproofResult::Challenge, message);
    if bytes.is_empty() {
        return if rule.is_empty() {
            Ok(None)
        } else {
            Err(fault("a rule without a challenge".to_owned()))
        };
    }
    if bytes.len() > limits::CHALLENGE {
        return Err(fault(format!(
            "a challenge of {} bytes, more than the {} allowed",
            bytes.len(),
            limits::CHALLENGE
        )));
    }
    let rule = DerivationRule::from_name(rule)
        .ok_or_else(|| fault("no such derivation rule".to_owned()))?;
    Ok(Some(Challenge::new(bytes.to_vec(), rule)))
}
