//! The compose hash of a dstack app, and everything that hangs on it: the document whose exact bytes
//! it is the SHA-256 of, the fields that document may have and the image that first knew each, and
//! the docker-compose file inside it.
//!
//! Bytes in, typed results out, no IO. The crate stands beside the core, because it reads YAML and
//! the core does not.

#![forbid(unsafe_code)]

mod build;
mod diff;
mod document;
mod fields;
mod json;
pub mod limits;
mod lint;
mod manifest;
mod predict;
mod reconcile;
mod secret;
mod services;
mod version;
mod yaml;

pub use build::{BuildError, Built, Settings, Target};
pub use diff::{
    ApprovedError, ApprovedSet, Change, ChangeKind, ChangedLine, ComposeDiff, KindRow, Likeness,
    LineDiff, LineSign, Predicted, Risk, Side, diff,
};
pub use document::{AppCompose, DocumentError};
pub use fields::{FIELDS, Field, FieldKind, SUBFIELDS, WrongKind, field};
pub use json::Json;
pub use lint::{
    LeftOut, LintFinding, LintOptions, LintReport, PUBLISHED_SCRIPTS, PublishedScript, Rule,
    Suppression, SuppressionError, Suppressions, lint,
};
pub use manifest::ManifestError;
pub use predict::{NotPredicted, Predictor};
pub use reconcile::{
    Culprit, Explanation, FieldDifference, Measured, NotMeasured, ReconcileError, Reconciliation,
    Source, Sources, Spelling, Stated, Text, TextDifference, Written, differences, first_byte,
    reconcile,
};
pub use services::{ComposeFile, Service, Variable, has_variable, variables};
pub use version::{ImageVersion, ImageVersionError, OsImage};
pub use yaml::{Place, Scalar, Yaml, YamlError, YamlNode};
