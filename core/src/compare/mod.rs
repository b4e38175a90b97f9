//! Do several instances run the same code? Reports against each other, never claims.
//!
//! Each instance is verified and appraised on its own first, all under one policy and one trust
//! anchor. What is compared are the facts of those reports; an instance whose evidence fails is
//! listed with its reason and joins no group. Nothing here counts votes: instances are grouped by
//! their facts, and only the policy says which group is right.

mod digest;
mod facts;
mod pinned;
mod registers;
mod result;
mod rows;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use pinned::{CodeFault, code_faults};
pub use result::{Sameness, Shortcoming};
pub use rows::{Begins, Cell, Relation, Row, RowId, Standing};

use crate::bytes::Bytes32;
use crate::policy::Policy;
use crate::report::{Report, Verdict};

/// One instance as it comes into a comparison: its report, and what was supplied beside the quote.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What the caller calls it. It enters no digest.
    pub name: &'a str,
    /// Its report.
    pub report: &'a Report,
    /// The exact bytes of the app-compose, as they were appraised.
    pub app_compose: Option<&'a [u8]>,
    /// The exact bytes of `vm_config`, as they were appraised.
    pub vm_config: Option<&'a [u8]>,
    /// What the instance says of itself, by name.
    pub self_reported: &'a [(String, String)],
}

/// What the caller claims about the instances beyond that they run the same code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claims {
    /// That each runs on a physical machine of its own.
    pub different_machines: bool,
    /// Inputs that gave no report at all: unreadable files, machines that did not answer.
    pub absent: usize,
}

/// Why reports cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareError {
    /// They were not all made under the given policy.
    OtherPolicy {
        /// The number of the instance.
        side: usize,
    },
    /// They do not all rest on one trust anchor.
    OtherAnchor {
        /// The number of the instance.
        side: usize,
    },
    /// An app-compose or a `vm_config` is not the one that was appraised.
    OtherEvidence {
        /// The number of the instance.
        side: usize,
    },
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherPolicy { side } => {
                write!(f, "report {side} was made under another policy")
            }
            Self::OtherAnchor { side } => write!(f, "report {side} has another trust anchor"),
            Self::OtherEvidence { side } => {
                write!(f, "the evidence of report {side} is not what was appraised")
            }
        }
    }
}

impl core::error::Error for CompareError {}

/// Instances whose facts match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Their numbers, in ascending order.
    pub members: Vec<usize>,
    /// How many quotes they have between them.
    pub quotes: usize,
    /// How many attestation keys.
    pub attestation_keys: usize,
    /// How many physical machines.
    pub machines: usize,
    /// Whether the policy pins their operating system and what they run: every member is trusted,
    /// or would be under Intel's root.
    pub approved: bool,
}

/// Inputs that are one thing shown more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// What they share: [`RowId::Quote`], [`RowId::AttestationKey`] or [`RowId::Device`].
    pub shared: RowId,
    /// The numbers of the instances, in ascending order.
    pub members: Vec<usize>,
}

/// The result of a comparison. Made only by [`compare`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    sameness: Sameness,
    simulated: bool,
    claims: Claims,
    groups: Vec<Group>,
    duplicates: Vec<Duplicate>,
    rows: Vec<Row>,
    shortcomings: Vec<Shortcoming>,
    digest: Bytes32,
}

impl Comparison {
    /// What was shown.
    pub const fn sameness(&self) -> Sameness {
        self.sameness
    }

    /// Whether something was shown under a trust anchor other than Intel's: then it proves nothing
    /// about hardware.
    pub const fn simulated(&self) -> bool {
        self.simulated
    }

    /// What was claimed.
    pub const fn claims(&self) -> Claims {
        self.claims
    }

    /// The groups: those with the most quotes first, equal ones in an order of their facts.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What was shown more than once.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Why no more was shown; empty for [`Sameness::SameCode`].
    pub fn shortcomings(&self) -> &[Shortcoming] {
        &self.shortcomings
    }

    /// SHA-256 over the canonical comparison. The same for any order of the inputs.
    pub const fn digest(&self) -> &Bytes32 {
        &self.digest
    }
}

/// Compares instances.
///
/// # Errors
/// [`CompareError`] if the reports were not made to be compared. A difference between instances is
/// no error.
pub fn compare(
    sides: &[Side<'_>],
    policy: &Policy,
    claims: Claims,
) -> Result<Comparison, CompareError> {
    check_sides(sides, policy)?;
    let rows = rows::all(sides, policy, claims);
    let groups = groups(sides, &rows);
    let duplicates = duplicates(&rows, sides);
    let shortcomings = result::shortcomings(sides, &rows, &duplicates, claims);
    let sameness = result::sameness(&shortcomings);
    let good = matches!(sameness, Sameness::SameCode | Sameness::SameMeasurements);
    let simulated = good
        && sides
            .iter()
            .any(|side| !side.report.trust_anchor_is_intel());
    let mut comparison = Comparison {
        sameness,
        simulated,
        claims,
        groups,
        duplicates,
        rows,
        shortcomings,
        digest: Bytes32::new([0; 32]),
    };
    comparison.digest = digest::of(&comparison, sides);
    Ok(comparison)
}

fn check_sides(sides: &[Side<'_>], policy: &Policy) -> Result<(), CompareError> {
    let expected = policy.digest();
    let anchor = sides.first().map(|side| *side.report.trust_anchor());
    for (index, side) in sides.iter().enumerate() {
        let report = side.report;
        if *report.policy_digest() != expected {
            return Err(CompareError::OtherPolicy { side: index });
        }
        if Some(*report.trust_anchor()) != anchor {
            return Err(CompareError::OtherAnchor { side: index });
        }
        let evidence = report.evidence();
        let is = |part: Option<&[u8]>, digest: Option<Bytes32>| part.map(crate::sha256) == digest;
        if !is(side.app_compose, evidence.app_compose) || !is(side.vm_config, evidence.vm_config) {
            return Err(CompareError::OtherEvidence { side: index });
        }
    }
    Ok(())
}

/// Whether an instance's evidence holds: only such an instance is compared.
fn accepted(report: &Report) -> bool {
    match report.verdict() {
        Verdict::Trusted | Verdict::Genuine | Verdict::Simulated => true,
        Verdict::Rejected | Verdict::Inconclusive => false,
    }
}

/// Trusted, or trusted but for the root.
fn trusted(report: &Report) -> bool {
    report.verdict() == Verdict::Trusted || report.simulates() == Some(Verdict::Trusted)
}

fn groups(sides: &[Side<'_>], rows: &[Row]) -> Vec<Group> {
    let mut by_facts: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (index, side) in sides.iter().enumerate() {
        if !accepted(side.report) {
            continue;
        }
        let facts = rows
            .iter()
            .filter(|row| row.relation == Relation::MustMatch)
            .map(|row| facts::key(row, index))
            .collect::<Option<Vec<_>>>();
        // An instance without one of the facts matches nobody.
        if let Some(facts) = facts {
            by_facts.entry(facts).or_default().push(index);
        }
    }
    let distinct = |id: RowId, members: &[usize]| {
        let row = rows.iter().find(|row| row.id == id);
        let values: alloc::collections::BTreeSet<_> = members
            .iter()
            .filter_map(|index| row.and_then(|row| facts::key(row, *index)))
            .collect();
        values.len()
    };
    let mut groups: Vec<Group> = by_facts
        .into_values()
        .map(|members| Group {
            quotes: distinct(RowId::Quote, &members),
            attestation_keys: distinct(RowId::AttestationKey, &members),
            machines: distinct(RowId::Device, &members),
            approved: members
                .iter()
                .all(|index| sides.get(*index).is_some_and(|side| trusted(side.report))),
            members,
        })
        .collect();
    groups.sort_by_key(|group| core::cmp::Reverse(group.quotes));
    groups
}

fn duplicates(rows: &[Row], sides: &[Side<'_>]) -> Vec<Duplicate> {
    let mut found = Vec::new();
    for shared in [RowId::Quote, RowId::AttestationKey, RowId::Device] {
        let Some(row) = rows.iter().find(|row| row.id == shared) else {
            continue;
        };
        let mut by_value: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for index in 0..sides.len() {
            if let Some(value) = facts::key(row, index) {
                by_value.entry(value).or_default().push(index);
            }
        }
        found.extend(
            by_value
                .into_values()
                .filter(|members| members.len() > 1)
                .map(|members| Duplicate { shared, members }),
        );
    }
    found
}
