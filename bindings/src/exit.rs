//! Exit codes: one enum, one table, one order of precedence.

use teeproof_core::{Report, SecondEngine, Verdict};

/// What a script learns from a process. The same numbers stand in every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// Trusted, or genuine where only that was asked for.
    Trusted = 0,
    /// The command line or the policy is wrong.
    Usage = 2,
    /// Genuine hardware evidence; what it runs was not pinned.
    Genuine = 3,
    /// Rejected: the evidence or an endorsement is wrong.
    RejectedEvidence = 4,
    /// Rejected: the evidence is sound and the policy does not accept it.
    RejectedPolicy = 5,
    /// Something that was demanded could not be checked.
    Inconclusive = 6,
    /// An input could not be read.
    Unreadable = 7,
    /// A network or another outside system failed.
    Adapter = 8,
    /// Instances that should run the same code do not.
    InstancesDiffer = 9,
    /// A simulation: the trust anchor is not Intel's.
    Simulated = 10,
    /// The two engines disagree.
    EngineConflict = 11,
}

impl ExitCode {
    /// All codes, by number.
    pub const ALL: &'static [Self] = &[
        Self::Trusted,
        Self::Usage,
        Self::Genuine,
        Self::RejectedEvidence,
        Self::RejectedPolicy,
        Self::Inconclusive,
        Self::Unreadable,
        Self::Adapter,
        Self::InstancesDiffer,
        Self::Simulated,
        Self::EngineConflict,
    ];

    /// Which of several decides for the whole run, first to last: what could not be read or judged
    /// at all, then what is wrong, then what is open, then what is less than asked.
    pub const PRECEDENCE: &'static [Self] = &[
        Self::Usage,
        Self::EngineConflict,
        Self::RejectedEvidence,
        Self::RejectedPolicy,
        Self::InstancesDiffer,
        Self::Unreadable,
        Self::Adapter,
        Self::Inconclusive,
        Self::Simulated,
        Self::Genuine,
        Self::Trusted,
    ];

    /// The code of this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.number() == number)
    }

    /// The number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What it means, in one line.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Trusted => "trusted (or genuine, when --genuine-only asked for just that)",
            Self::Usage => "usage: the command line or the policy is wrong",
            Self::Genuine => "genuine, but what it runs was not pinned",
            Self::RejectedEvidence => "rejected: the evidence or an endorsement is wrong",
            Self::RejectedPolicy => "rejected: the policy does not accept sound evidence",
            Self::Inconclusive => "inconclusive: something demanded could not be checked",
            Self::Unreadable => "an input could not be read",
            Self::Adapter => "a network or another outside system failed",
            Self::InstancesDiffer => "instances differ",
            Self::Simulated => "simulated: the trust anchor is not Intel's",
            Self::EngineConflict => "the two engines disagree",
        }
    }

    /// The code of one report.
    pub fn of(report: &Report, genuine_only: bool) -> Self {
        if matches!(report.second_engine(), SecondEngine::Conflict(_)) {
            return Self::EngineConflict;
        }
        match report.verdict() {
            Verdict::Trusted => Self::Trusted,
            Verdict::Genuine if genuine_only => Self::Trusted,
            Verdict::Genuine => Self::Genuine,
            Verdict::Simulated => Self::Simulated,
            Verdict::Rejected if report.failed_by_evidence() => Self::RejectedEvidence,
            Verdict::Rejected => Self::RejectedPolicy,
            Verdict::Inconclusive => Self::Inconclusive,
        }
    }

    /// The code of a run over several inputs, whatever their order. Of no input at all, nothing was
    /// asked rightly.
    pub fn of_all(codes: impl IntoIterator<Item = Self>) -> Self {
        let rank = |code: &Self| Self::PRECEDENCE.iter().position(|other| other == code);
        codes.into_iter().min_by_key(rank).unwrap_or(Self::Usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_place_in_the_order_of_precedence() {
        let mut ranked = ExitCode::PRECEDENCE.to_vec();
        ranked.sort_unstable();
        assert_eq!(ranked, ExitCode::ALL);
    }

    #[test]
    fn the_order_of_inputs_does_not_matter() {
        for first in ExitCode::ALL {
            for second in ExitCode::ALL {
                assert_eq!(
                    ExitCode::of_all([*first, *second]),
                    ExitCode::of_all([*second, *first])
                );
            }
        }
        let one_bad = [
            ExitCode::Trusted,
            ExitCode::RejectedPolicy,
            ExitCode::Genuine,
        ];
        assert_eq!(ExitCode::of_all(one_bad), ExitCode::RejectedPolicy);
        assert_eq!(ExitCode::of_all([]), ExitCode::Usage);
    }
}
