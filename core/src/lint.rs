//! What a lint said of an app-compose, as far as a policy can demand something of it.

use alloc::vec::Vec;
use core::fmt;

use crate::compose::ComposeHash;

/// How much a finding of a lint matters. Graver is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LintSeverity {
    /// Worth knowing; nothing is wrong by it alone.
    Note,
    /// Weakens what attestation says of the app, or hides it.
    Warning,
    /// What runs is not what was measured, or is not kept from the host.
    Error,
}

impl LintSeverity {
    /// All severities, from the mildest.
    pub const ALL: &'static [Self] = &[Self::Note, Self::Warning, Self::Error];

    /// `note`, `warning` or `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for LintSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule that a lint found something by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LintedRule {
    /// How much it matters.
    pub severity: LintSeverity,
    /// The stable id of the rule.
    pub rule: &'static str,
    /// How often.
    pub count: usize,
}

/// What a lint said of one app-compose document. It is bound to that document by its hash: of
/// another one it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintOutcome {
    /// The compose hash of the document that was linted.
    pub compose_hash: ComposeHash,
    /// The rules that found something.
    pub rules: Vec<LintedRule>,
}

impl LintOutcome {
    /// The gravest finding.
    pub fn worst(&self) -> Option<LintSeverity> {
        self.rules.iter().map(|rule| rule.severity).max()
    }

    /// How many findings of a severity there are.
    pub fn count(&self, severity: LintSeverity) -> usize {
        self.rules
            .iter()
            .filter(|rule| rule.severity == severity)
            .fold(0, |sum, rule| sum.saturating_add(rule.count))
    }
}
