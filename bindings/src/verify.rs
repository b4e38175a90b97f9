//! From one machine's evidence to one answer.

use teeproof_core::{
    CollateralParts, Exchange, InstanceEvidence, Instant, Policy, Report, SignatureVerifier,
    TrustAnchor,
};

use crate::answer::{ANSWER_SCHEMA, Answer, ErrorAnswer, InputAnswer, Unreadable, VerifyAnswer};
use crate::exit::ExitCode;
use crate::judge::{Means, judge, signature_backend};
use crate::memory::Memory;
use crate::shared::SharedCollateral;
use crate::verified::verified;

/// The instant to judge at, and whose word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstantChoice {
    /// The present, read from a clock by the caller.
    Clock(Instant),
    /// An instant that the caller named.
    Given(Instant),
    /// The time of capture that the bundle states: its own word.
    Captured,
}

impl InstantChoice {
    pub(crate) const fn is_historical(self) -> bool {
        !matches!(self, Self::Clock(_))
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Clock(_) => "clock",
            Self::Given(_) => "given",
            Self::Captured => "captured",
        }
    }
}

/// Everything that decides a verdict beside the evidence.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// The policy in force, pins included.
    pub policy: Policy,
    /// The root that everything must lead to.
    pub anchor: TrustAnchor,
    /// The instant.
    pub instant: InstantChoice,
    /// Collateral beside that which the evidence brings.
    pub collateral: Vec<CollateralParts>,
    /// The caller's own challenge, and how the evidence came.
    pub exchange: Exchange,
    /// Whether `genuine` is all that was asked for: decides the exit code and nothing else.
    pub genuine_only: bool,
}

/// Judges one machine's evidence. Total: evidence that cannot be judged is an answer too.
pub fn verify(name: &str, evidence: &InstanceEvidence, options: &VerifyOptions) -> Answer {
    verify_with(name, evidence, options, signature_backend())
}

/// As [`verify`], with signatures answered by the caller's backend.
pub fn verify_with(
    name: &str,
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    signatures: &dyn SignatureVerifier,
) -> Answer {
    match judged(name, evidence, options, Means::of(None, signatures)) {
        Ok(judged) => Answer::Verified(Box::new(judged.answer)),
        Err(unreadable) => Answer::Unreadable(unreadable),
    }
}

/// A report, and the answer that says it.
#[derive(Debug)]
pub struct Judged {
    /// The report, for callers that take typed values.
    pub report: Report,
    /// The answer, for those that take JSON.
    pub answer: VerifyAnswer,
}

/// As [`verify`], with collateral that was authenticated before beside that of the options.
///
/// # Errors
/// [`Unreadable`]: the answer about evidence that cannot be judged.
pub fn verify_shared(
    name: &str,
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    shared: Option<&SharedCollateral>,
) -> Result<Judged, Unreadable> {
    let means = Means::of(shared, signature_backend());
    judged(name, evidence, options, means)
}

/// Which engines a verdict is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engines {
    /// All that this build has.
    All,
    /// Ours alone; the report says so.
    OursAlone,
}

/// As [`verify_shared`], with a memory: of many verdicts, all after the first cost less. Collateral
/// that comes with the evidence is remembered too. The verdict is the same.
///
/// # Errors
/// [`Unreadable`]: the answer about evidence that cannot be judged.
pub fn verify_remembering(
    name: &str,
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    shared: Option<&SharedCollateral>,
    memory: &Memory,
    engines: Engines,
) -> Result<Judged, Unreadable> {
    let means = Means {
        memory: Some(memory),
        second_engine: engines == Engines::All,
        ..Means::of(shared, signature_backend())
    };
    judged(name, evidence, options, means)
}

fn judged(
    name: &str,
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    means: Means<'_>,
) -> Result<Judged, Unreadable> {
    match judge(evidence, options, means) {
        Ok(report) => Ok(Judged {
            answer: verified(input(name, evidence), evidence, options, &report),
            report,
        }),
        Err(error) => Err(unreadable(name, Some(evidence), error)),
    }
}

fn input(name: &str, evidence: &InstanceEvidence) -> InputAnswer {
    InputAnswer {
        name: name.to_owned(),
        kind: Some(evidence.kind.to_string()),
    }
}

/// The answer about evidence that was judged.
pub(crate) fn answer(
    name: &str,
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    report: &Report,
) -> Answer {
    let input = input(name, evidence);
    Answer::Verified(Box::new(verified(input, evidence, options, report)))
}

/// The answer about evidence that could not be judged.
pub(crate) fn unreadable(
    name: &str,
    evidence: Option<&InstanceEvidence>,
    error: ErrorAnswer,
) -> Unreadable {
    Unreadable {
        schema: ANSWER_SCHEMA,
        input: InputAnswer {
            name: name.to_owned(),
            kind: evidence.map(|evidence| evidence.kind.to_string()),
        },
        error,
        exit_code: ExitCode::Unreadable.number(),
    }
}
