//! What rests on what: the graph of anchors.

use core::fmt;

/// What a fact rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anchor {
    /// Intel's root: through the proof of the quote, its registers.
    IntelRoot,
    /// A root that is not Intel's: a simulation.
    TestRoot,
    /// The caller's word: a value that the policy or the challenge names.
    CallerPin,
    /// An operating system that is in a named reference set. It writes the measured log and
    /// enforces MRCONFIGID.
    OsIdentity,
    /// The event log, replayed to the registers, under an identified operating system.
    MeasuredLog,
    /// MRCONFIGID, set by the host and enforced by an identified operating system.
    MrConfigId,
    /// Nothing but the word of whoever supplied the evidence.
    SelfAsserted,
}

impl Anchor {
    /// All anchors.
    pub const ALL: &'static [Self] = &[
        Self::IntelRoot,
        Self::TestRoot,
        Self::CallerPin,
        Self::OsIdentity,
        Self::MeasuredLog,
        Self::MrConfigId,
        Self::SelfAsserted,
    ];

    /// The word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IntelRoot => "intel-root",
            Self::TestRoot => "test-root",
            Self::CallerPin => "caller-pin",
            Self::OsIdentity => "os-identity",
            Self::MeasuredLog => "measured-log",
            Self::MrConfigId => "mr-config-id",
            Self::SelfAsserted => "self-asserted",
        }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One anchor of a report: whether it stands, what it rests on, what rests on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorNode {
    /// The anchor.
    pub anchor: Anchor,
    /// Whether it is established in this report.
    pub established: bool,
    /// The anchors that it rests on.
    pub rests_on: &'static [Anchor],
    /// What it carries, in plain words.
    pub carries: &'static str,
}
