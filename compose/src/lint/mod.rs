//! The lint: what in an app-compose weakens what its compose hash says.
//!
//! It reads one document and nothing else, and its report is bound to that document's hash. It knows
//! the rules of its table: a document without a finding is not therefore safe.

mod containers;
mod document;
mod mounts;
mod report;
mod rules;
mod scripts;
mod secrets;
mod suppress;

pub use report::{LeftOut, LintFinding, LintReport};
pub use rules::Rule;
pub use scripts::{PUBLISHED_SCRIPTS, PublishedScript};
pub use suppress::{Suppression, SuppressionError, Suppressions};

use crate::document::AppCompose;
use crate::version::OsImage;
use report::Collector;

/// What is known beside the document.
#[derive(Debug, Clone, Default)]
pub struct LintOptions {
    /// The OS image that the app is to run on. Without it no field is held against a version.
    pub image: Option<OsImage>,
    /// Findings that were looked at and accepted.
    pub suppressions: Suppressions,
}

/// Lints a document. Total, and bounded by the caps of [`crate::limits`].
pub fn lint(document: &AppCompose, options: &LintOptions) -> LintReport {
    let mut found = Collector::default();
    document::lint(document, options.image, &mut found);
    scripts::lint(document, &mut found);
    secrets::lint(document, &mut found);
    found.report(document.hash(), options)
}
