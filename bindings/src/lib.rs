//! The boundary of teeproof: a request in, a versioned answer out. The command line's
//! `--format json`, the browser and other languages all hand on exactly what this crate answers.
//!
//! Core types are turned into boundary types by hand, so that the core can be reshaped without
//! breaking callers. Here, too, the signature backend and the second engine are chosen.

#![forbid(unsafe_code)]

mod answer;
mod comparison;
mod compose_diff;
mod deferred;
mod exit;
mod fleet;
mod headline;
mod inspect;
mod judge;
mod lint;
mod memory;
mod operations;
mod policy_text;
mod request;
mod shared;
mod values;
mod verified;
mod verify;

#[cfg(feature = "schema")]
pub use answer::answer_schema_json;
pub use answer::{
    ANSWER_SCHEMA, AnchorAnswer, Answer, BundleClaims, ChallengeAnswer, CheckAnswer,
    ComponentAnswer, CurrentAnswer, DisagreementAnswer, ErrorAnswer, EventsAnswer, EvidenceAnswer,
    InputAnswer, KeyProviderAnswer, MeasurementsAnswer, NearestOs, NeedAnswer, OsAnswer,
    PckTcbAnswer, PlatformAnswer, PolicyAnswer, ShortfallAnswer, StatementAnswer, TcbAnswer,
    TrustAnchorAnswer, Unreadable, VerifyAnswer, WindowAnswer,
};
#[cfg(feature = "schema")]
pub use comparison::comparison_schema_json;
pub use comparison::{
    BeginsAnswer, COMPARISON_SCHEMA, CellAnswer, ComparedInput, ComparisonAnswer, DuplicateAnswer,
    GroupAnswer, RowAnswer, ShortcomingAnswer, compare, compare_shared, compare_with,
};
#[cfg(feature = "compose")]
pub use compose_diff::compose_diff;
#[cfg(feature = "schema")]
pub use compose_diff::compose_diff_schema_json;
pub use compose_diff::{
    ApprovalAnswer, COMPOSE_DIFF_SCHEMA, ChangeAnswer, ComposeDiffAnswer, LineAnswer, LinesAnswer,
    PredictedApproval, PredictionAnswer, SideAnswer,
};
pub use deferred::Deferred;
pub use exit::ExitCode;
#[cfg(feature = "schema")]
pub use fleet::fleet_schema_json;
pub use fleet::{
    AssumedAdvisory, FLEET_SCHEMA, Fleet, FleetAnswer, FleetEventAnswer, FleetFull,
    FleetInstanceAnswer, FleetOptions, SegmentAnswer, Span, SpanError, WhatIf, WhatIfAnswer,
};
pub use inspect::{Inspection, inspect};
pub use judge::signature_backend;
#[cfg(feature = "compose")]
pub use lint::lint;
#[cfg(feature = "schema")]
pub use lint::lint_schema_json;
pub use lint::{
    LINT_SCHEMA, LintAnswer, LintCounts, LintFindingAnswer, LintLeftOut, LintRuleAnswer,
    SuppressionAnswer,
};
pub use memory::Memory;
pub use operations::{OPERATIONS, Prepared, call};
pub use policy_text::parse_policy;
#[cfg(feature = "schema")]
pub use request::request_schema_json;
pub use request::{Verification, failure};
pub use shared::SharedCollateral;
pub use values::ValueAnswer;
pub use verified::explain_policy;
pub use verify::{
    Engines, InstantChoice, Judged, VerifyOptions, verify, verify_remembering, verify_shared,
    verify_with,
};
