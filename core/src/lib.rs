//! Verifies Intel TDX and SGX evidence, dstack's measured log on top of it, and appraises both
//! against a policy.
//!
//! Bytes and an instant in, a [`Report`] out. The crate opens no file and no socket, reads no
//! clock and no randomness, and does no arithmetic on elliptic curves: signatures go through one
//! seam, [`SignatureVerifier`].

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod bytes;
mod checks;
mod compose;
mod dstack;
mod freshness;
mod json;
pub mod limits;
mod log;
mod reason;
mod time;
mod value;

pub use bytes::{
    Bytes, Bytes32, Fmspc, HexError, Id20, Measurement, ReportData, decode_hex, encode_hex, sha256,
};
pub use checks::{CheckId, TABLE_VERSION};
pub use compose::{ComposeError, ComposeHash, DockerComposeDigest};
pub use dstack::{
    ApplicationEvent, DstackFacts, Generation, GrammarError, InstanceId, Interpretation,
    KeyProvider, KeyProviderKind, LaunchRegisters, MrConfig, MrConfigError, MrConfigField,
    PayloadFault, StorageFs,
};
pub use freshness::{Challenge, ChallengeError, DerivationRule};
pub use json::{JsonError, JsonFault};
pub use log::{
    Event, EventField, EventLog, EventParts, EventVersion, FieldFault, LogError, NameFault,
    RUNTIME_EVENT_TYPE, Register, RegisterMismatch, ReplayedLog,
};
pub use reason::{Reason, ReasonKind};
pub use time::{Instant, InstantError, Window};
pub use value::Value;
