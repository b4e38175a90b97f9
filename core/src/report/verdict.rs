//! The verdict: one word for a whole report.

use core::fmt;

/// One word for a whole report. What each means is written in `docs/verdict.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Everything demanded passed, and both the operating system and what it runs were pinned.
    Trusted,
    /// Real hardware evidence that the policy accepts; what it runs was not pinned.
    Genuine,
    /// Would be one of the two above, under a trust anchor that is not Intel's.
    Simulated,
    /// A check failed.
    Rejected,
    /// Nothing failed, and something that was demanded could not be checked.
    Inconclusive,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: &'static [Self] = &[
        Self::Trusted,
        Self::Genuine,
        Self::Simulated,
        Self::Rejected,
        Self::Inconclusive,
    ];

    /// The word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Genuine => "genuine",
            Self::Simulated => "simulated",
            Self::Rejected => "rejected",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
