//! What a comparison shows, and why no more.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::pinned::{CodeFault, code_faults};
use super::rows::{Relation, Row, RowId, Standing};
use super::{Claims, Duplicate, Side, accepted, trusted};
use crate::CheckId;
use crate::finding::Outcome;
use crate::report::Verdict;

/// What was shown about the instances as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sameness {
    /// Every instance is trusted under one policy, and all run the same code.
    SameCode,
    /// The measurements match, and they do not pin all of the code.
    SameMeasurements,
    /// Something demanded could not be shown.
    Unproven,
    /// The instances differ where they have to match, or match where they have to differ.
    Refuted,
}

impl Sameness {
    /// The word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameCode => "same-code",
            Self::SameMeasurements => "same-measurements",
            Self::Unproven => "unproven",
            Self::Refuted => "refuted",
        }
    }
}

impl fmt::Display for Sameness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why no more was shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Shortcoming {
    /// A row does not stand as it has to.
    RowBroken {
        /// The row.
        row: RowId,
        /// For a self-reported row: its name.
        name: Option<String>,
    },
    /// There are fewer than two instances to compare.
    NothingToCompare,
    /// One quote was given more than once.
    SameEvidence {
        /// The instances.
        members: Vec<usize>,
    },
    /// An input gave no report: an unreadable file, a machine that did not answer.
    Absent {
        /// How many.
        count: usize,
    },
    /// The evidence of an instance was not accepted.
    NotAccepted {
        /// The instance.
        side: usize,
        /// `rejected` or `inconclusive`.
        verdict: Verdict,
    },
    /// A row that has to hold could not be evaluated.
    RowNotEvaluable {
        /// The row.
        row: RowId,
    },
    /// An instance is genuine and not trusted: the policy pins too little.
    NotTrusted {
        /// The instance.
        side: usize,
    },
    /// The app-compose of an instance was not supplied, or is not the measured one.
    ComposeNotBound {
        /// The instance.
        side: usize,
    },
    /// The app-compose does not pin its code.
    CodeNotPinned {
        /// Why.
        fault: CodeFault,
    },
}

impl Shortcoming {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RowBroken { .. } => "row-broken",
            Self::NothingToCompare => "nothing-to-compare",
            Self::SameEvidence { .. } => "same-evidence",
            Self::Absent { .. } => "absent",
            Self::NotAccepted { .. } => "not-accepted",
            Self::RowNotEvaluable { .. } => "row-not-evaluable",
            Self::NotTrusted { .. } => "not-trusted",
            Self::ComposeNotBound { .. } => "compose-not-bound",
            Self::CodeNotPinned { .. } => "code-not-pinned",
        }
    }

    /// The reason in a few words.
    pub const fn summary(&self) -> &'static str {
        match self {
            Self::RowBroken { .. } => "a row does not stand as it has to",
            Self::NothingToCompare => "there are not two instances to compare",
            Self::SameEvidence { .. } => "one quote was given more than once",
            Self::Absent { .. } => "an input gave no report",
            Self::NotAccepted { .. } => "the evidence of an instance was not accepted",
            Self::RowNotEvaluable { .. } => "a value that has to be compared is absent",
            Self::NotTrusted { .. } => "the policy does not pin the operating system and the app",
            Self::ComposeNotBound { .. } => "the app-compose was not supplied",
            Self::CodeNotPinned { .. } => "the app-compose does not pin the code it runs",
        }
    }

    /// What to do about it.
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::RowBroken {
                row: RowId::SelfReported,
                ..
            } => "do not believe what this instance says of itself, and find out who runs it",
            Self::RowBroken { .. } => {
                "find out which instance is right by the policy, and replace the other"
            }
            Self::NothingToCompare => "give the evidence of two instances or more",
            Self::SameEvidence { .. } => "capture each instance by itself",
            Self::Absent { .. } => "capture the missing instance again",
            Self::NotAccepted { .. } => {
                "verify this instance by itself and mend what its report names"
            }
            Self::RowNotEvaluable { .. } => {
                "capture the instances with what is missing, such as the event log"
            }
            Self::NotTrusted { .. } => {
                "pin the operating system and the compose hash in the policy"
            }
            Self::ComposeNotBound { .. } => "capture the exact app-compose together with the quote",
            Self::CodeNotPinned { fault } => fault.next_step(),
        }
    }

    /// The best that can be shown in spite of it.
    const fn allows(&self) -> Sameness {
        match self {
            Self::RowBroken { .. } => Sameness::Refuted,
            Self::NothingToCompare
            | Self::SameEvidence { .. }
            | Self::Absent { .. }
            | Self::NotAccepted { .. }
            | Self::RowNotEvaluable { .. } => Sameness::Unproven,
            Self::NotTrusted { .. } | Self::ComposeNotBound { .. } | Self::CodeNotPinned { .. } => {
                Sameness::SameMeasurements
            }
        }
    }
}

pub(super) fn sameness(shortcomings: &[Shortcoming]) -> Sameness {
    shortcomings
        .iter()
        .map(Shortcoming::allows)
        .max()
        .unwrap_or(Sameness::SameCode)
}

/// Every reason, the gravest first.
pub(super) fn shortcomings(
    sides: &[Side<'_>],
    rows: &[Row],
    duplicates: &[Duplicate],
    claims: Claims,
) -> Vec<Shortcoming> {
    let mut found = Vec::new();
    let shown_twice: Vec<_> = duplicates
        .iter()
        .filter(|duplicate| duplicate.shared == RowId::Quote)
        .collect();
    for row in rows {
        match row.standing {
            // Of one quote shown twice all that has to differ is equal, and none of it says more.
            Standing::Broken
                if row.relation == Relation::MustDiffer && is_one_quote(row, &shown_twice) => {}
            Standing::Broken => found.push(Shortcoming::RowBroken {
                row: row.id,
                name: row.name.clone(),
            }),
            // A row without sides has fewer than two instances, for which there is a reason of its own.
            Standing::NotEvaluable
                if row.relation != Relation::Explained && !row.sides.is_empty() =>
            {
                found.push(Shortcoming::RowNotEvaluable { row: row.id });
            }
            Standing::Holds
            | Standing::NotEvaluable
            | Standing::Accounted
            | Standing::Unexplained
            | Standing::Shown => {}
        }
    }
    for duplicate in shown_twice {
        found.push(Shortcoming::SameEvidence {
            members: duplicate.members.clone(),
        });
    }
    if sides.len() < 2 {
        found.push(Shortcoming::NothingToCompare);
    }
    if claims.absent > 0 {
        found.push(Shortcoming::Absent {
            count: claims.absent,
        });
    }
    for (index, side) in sides.iter().enumerate() {
        found.extend(of_side(index, side));
    }
    let mut faults: Vec<CodeFault> = sides
        .iter()
        .filter(|side| accepted(side.report) && is_bound(side))
        .filter_map(|side| side.app_compose)
        .flat_map(code_faults)
        .collect();
    faults.sort();
    faults.dedup();
    found.extend(
        faults
            .into_iter()
            .map(|fault| Shortcoming::CodeNotPinned { fault }),
    );
    found.sort_by_key(|one| core::cmp::Reverse(one.allows()));
    found
}

/// Whether the two instances that a row is about have one quote.
fn is_one_quote(row: &Row, shown_twice: &[&Duplicate]) -> bool {
    shown_twice.iter().any(|duplicate| {
        row.sides
            .iter()
            .all(|side| duplicate.members.contains(side))
    })
}

fn of_side(index: usize, side: &Side<'_>) -> Option<Shortcoming> {
    let report = side.report;
    if !accepted(report) {
        return Some(Shortcoming::NotAccepted {
            side: index,
            verdict: report.verdict(),
        });
    }
    if !trusted(report) {
        return Some(Shortcoming::NotTrusted { side: index });
    }
    (!is_bound(side)).then_some(Shortcoming::ComposeNotBound { side: index })
}

fn is_bound(side: &Side<'_>) -> bool {
    side.report
        .check(CheckId::ComposeBinding)
        .is_some_and(|check| check.finding.outcome == Outcome::Passed)
}
