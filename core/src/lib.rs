//! Verifies Intel TDX and SGX evidence, dstack's measured log on top of it, and appraises both
//! against a policy.
//!
//! Bytes and an instant in, a [`Report`] out. The crate opens no file and no socket, reads no
//! clock and no randomness, and does no arithmetic on elliptic curves: signatures go through one
//! seam, [`SignatureVerifier`].

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod anchor;
mod appraise;
mod bundle;
mod bytes;
mod canonical;
mod checks;
mod collateral;
mod compare;
mod compose;
mod dstack;
mod exchange;
mod finding;
mod freshness;
mod high_water;
mod input;
pub mod json;
mod json_shape;
pub mod limits;
mod lint;
mod log;
pub mod policy;
mod proof;
mod quote;
mod quoted;
mod reason;
mod report;
mod signature;
mod tcb;
mod tcb_status;
mod time;
mod value;
mod x509;

pub use anchor::{AnchorError, TrustAnchor};
pub use appraise::{MeasuredEvidence, appraise};
#[cfg(feature = "schema")]
pub use bundle::bundle_schema_json;
pub use bundle::{BUNDLE_SCHEMA, Bundle, BundleChallenge, BundleError, ForbiddenContent};
pub use bytes::{
    Bytes, Bytes32, Fmspc, HexError, Id20, Measurement, ReportData, decode_hex, encode_hex, sha256,
};
pub use checks::{CheckId, TABLE_VERSION};
pub use collateral::{
    AuthenticCollateral, Collateral, CollateralError, CollateralFormatError, CollateralParts,
    CollateralSet, NamedWindow, Need, NeedHeader, ValidCollateral,
};
pub use compare::{
    Begins, Cell, Claims, CodeFault, CompareError, Comparison, Duplicate, Group, Relation, Row,
    RowId, Sameness, Shortcoming, Side, Standing, code_faults, compare,
};
pub use compose::{ComposeError, ComposeHash, DockerComposeDigest};
pub use dstack::{
    ApplicationEvent, DstackFacts, Generation, GrammarError, InstanceId, Interpretation,
    KeyProvider, KeyProviderKind, LaunchRegisters, MrConfig, MrConfigError, MrConfigField,
    PayloadFault, StorageFs,
};
pub use exchange::{Channel, Exchange};
pub use finding::{Finding, Outcome};
pub use freshness::{Challenge, ChallengeError, DerivationRule};
pub use high_water::HighWater;
pub use input::{
    AssembleError, ContainerError, ContainerFault, EvidencePart, ForeignFormat, InputError,
    InputFieldError, InputKind, InstanceEvidence, MissingQuote, Recognised, TextEncoding, assemble,
    recognise,
};
pub use json::JsonError;
pub use json_shape::{JsonFault, JsonShapeError};
pub use lint::{LintOutcome, LintSeverity, LintedRule};
pub use log::{
    Event, EventField, EventLog, EventParts, EventVersion, FieldFault, LogError, NameFault,
    RUNTIME_EVENT_TYPE, Register, RegisterMismatch, ReplayedLog,
};
pub use policy::{Pins, Policy, PolicyEdits, PolicyError, PolicyErrorKind};
pub use proof::{Examination, PckChain, PckChains, Platform, VerifiedQuote};
pub use quote::{
    Body, Certification, EnclaveReport, Quote, QuoteError, TdAttributes, TdReport, TdReport15,
    TdReport15Ext, Tee, Trailing,
};
pub use reason::{Reason, ReasonKind};
pub use report::{
    Anchor, AnchorNode, Check, Disagreement, EvidenceDigests, Measurements, OsMatch,
    REPORT_SCHEMA_MAJOR, Report, SecondEngine, SgxMeasurements, TdMeasurements, Verdict,
};
pub use signature::{AnsweredSignatures, SignatureAnswer, SignatureTriple, SignatureVerifier};
pub use tcb::{ComponentTcb, CurrentTcb, Shortfall, TcbEvaluation};
pub use tcb_status::{TcbStatus, TcbStatusError};
pub use time::{Instant, InstantError, Window};
pub use value::Value;
pub use x509::{PckCa, PckFlags, PckTcb};
