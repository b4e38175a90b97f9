//! What became of a check.

use alloc::vec::Vec;

use crate::{CheckId, Reason, Value};

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was made, and it holds.
    Passed,
    /// It was made, and it does not hold.
    Failed,
    /// It was demanded and could not be made. Never a pass.
    Skipped,
    /// Nobody demanded it. Never a pass either.
    NotRequested,
}

impl Outcome {
    /// The word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::NotRequested => "not-requested",
        }
    }
}

impl core::fmt::Display for Outcome {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The outcome of one check, with its values and, when failed or skipped, its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What became of it.
    pub outcome: Outcome,
    /// What was found.
    pub found: Option<Value>,
    /// What was expected.
    pub expected: Option<Value>,
    /// Why it failed or was skipped.
    pub reason: Option<Reason>,
    /// For [`Reason::Dependency`]: the check that has to pass first.
    pub depends_on: Option<CheckId>,
}

impl Finding {
    // Not inlined, as the two below: findings are made in a hundred places.
    #[inline(never)]
    const fn bare(outcome: Outcome, reason: Option<Reason>) -> Self {
        Self {
            outcome,
            found: None,
            expected: None,
            reason,
            depends_on: None,
        }
    }

    pub(crate) const fn passed() -> Self {
        Self::bare(Outcome::Passed, None)
    }

    pub(crate) const fn failed(reason: Reason) -> Self {
        Self::bare(Outcome::Failed, Some(reason))
    }

    pub(crate) const fn skipped(reason: Reason) -> Self {
        Self::bare(Outcome::Skipped, Some(reason))
    }

    pub(crate) const fn not_requested() -> Self {
        Self::bare(Outcome::NotRequested, None)
    }

    pub(crate) fn depends_on(check: CheckId) -> Self {
        Self {
            depends_on: Some(check),
            ..Self::skipped(Reason::Dependency)
        }
    }

    /// Failed or skipped, as the kind of the reason has it.
    pub(crate) fn refused(reason: Reason) -> Self {
        match reason.kind() {
            crate::ReasonKind::Evidence | crate::ReasonKind::Policy => Self::failed(reason),
            crate::ReasonKind::Unevaluated => Self::skipped(reason),
        }
    }

    pub(crate) fn found(mut self, found: impl Into<Option<Value>>) -> Self {
        self.put(found.into(), true);
        self
    }

    pub(crate) fn expected(mut self, expected: impl Into<Option<Value>>) -> Self {
        self.put(expected.into(), false);
        self
    }

    #[inline(never)]
    fn put(&mut self, value: Option<Value>, found: bool) {
        match found {
            true => self.found = value,
            false => self.expected = value,
        }
    }
}

/// Findings by check, in the order of the table. A check is recorded once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings(Vec<(CheckId, Finding)>);

impl Findings {
    /// Records a finding; a failure already recorded is never overwritten.
    pub(crate) fn record(&mut self, check: CheckId, finding: Finding) {
        match self.place(check) {
            Err(place) => self.0.insert(place, (check, finding)),
            Ok(place) => {
                if let Some((_, known)) = self.0.get_mut(place)
                    && known.outcome != Outcome::Failed
                {
                    *known = finding;
                }
            }
        }
    }

    fn place(&self, check: CheckId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&check, |(known, _)| *known)
    }

    /// All of them, in the order of the table.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = (CheckId, Finding)> {
        self.0.into_iter()
    }

    /// Whether every check that was reached has passed.
    pub(crate) fn all_passed(&self) -> bool {
        self.0
            .iter()
            .all(|(_, finding)| finding.outcome == Outcome::Passed)
    }

    /// Whether a check has this outcome.
    pub(crate) fn any(&self, outcome: Outcome) -> bool {
        self.0.iter().any(|(_, finding)| finding.outcome == outcome)
    }

    pub(crate) fn get(&self, check: CheckId) -> Option<&Finding> {
        let (_, finding) = self.0.get(self.place(check).ok()?)?;
        Some(finding)
    }

    pub(crate) fn passed(&self, check: CheckId) -> bool {
        self.get(check)
            .is_some_and(|finding| finding.outcome == Outcome::Passed)
    }

    /// The first of the checks that stands in the way: it was not reached, failed or skipped.
    pub(crate) fn blocking(&self, checks: &[CheckId]) -> Option<CheckId> {
        checks.iter().copied().find(|check| {
            self.get(*check)
                .is_none_or(|finding| matches!(finding.outcome, Outcome::Failed | Outcome::Skipped))
        })
    }

    /// The first of the checks that has not passed.
    pub(crate) fn first_not_passed(&self, checks: &[CheckId]) -> Option<CheckId> {
        checks.iter().copied().find(|check| !self.passed(*check))
    }
}
