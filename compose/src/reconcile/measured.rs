//! What the hardware measured, as far as evidence says it.

use std::fmt;

use teeproof_core::{
    Body, ComposeHash, EventLog, GrammarError, InstanceEvidence, Interpretation, LogError, Quote,
};

/// The compose hash of the event log, and what holds it to the quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// The payload of the event `compose-hash` in RTMR3.
    pub hash: ComposeHash,
    /// The log replays to the registers of the quote beside it. Whether that quote is genuine is not
    /// looked at. False where there is no quote.
    pub replays: bool,
}

/// Why evidence does not say what was measured.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NotMeasured {
    /// No evidence was given.
    NoEvidence,
    /// It has no event log.
    NoLog,
    /// The log cannot be read, its digests are not those of its events, or it does not replay to the
    /// quote's registers.
    Log(LogError),
    /// The quote cannot be read.
    Quote,
    /// The events are not those of one boot.
    Grammar(GrammarError),
    /// The log is no log of dstack.
    NotDstack,
}

impl fmt::Display for NotMeasured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEvidence => f.write_str("no evidence was given"),
            Self::NoLog => f.write_str("the evidence has no event log"),
            Self::Log(error) => write!(f, "the event log of the evidence: {error}"),
            Self::Quote => f.write_str("the quote of the evidence is none of a TD"),
            Self::Grammar(error) => write!(f, "the event log of the evidence: {error}"),
            Self::NotDstack => f.write_str("the event log of the evidence is none of dstack"),
        }
    }
}

impl std::error::Error for NotMeasured {}

pub(super) fn measured(evidence: Option<&InstanceEvidence>) -> Result<Measured, NotMeasured> {
    let evidence = evidence.ok_or(NotMeasured::NoEvidence)?;
    let log = evidence.event_log.as_deref().ok_or(NotMeasured::NoLog)?;
    let log = EventLog::parse(log).map_err(NotMeasured::Log)?;
    let registers = match &evidence.quote {
        None => log.replay().map_err(NotMeasured::Log)?,
        Some(quote) => {
            let quote = Quote::parse(quote).map_err(|_| NotMeasured::Quote)?;
            match quote.claimed_body() {
                Body::Tdx(report) => report.rtmr,
                Body::Sgx(_) => return Err(NotMeasured::Quote),
            }
        }
    };
    let replayed = log.replay_against(&registers).map_err(NotMeasured::Log)?;
    match replayed.interpret().map_err(NotMeasured::Grammar)? {
        Interpretation::Dstack(facts) => Ok(Measured {
            hash: facts.compose_hash(),
            replays: evidence.quote.is_some(),
        }),
        Interpretation::NotDstack => Err(NotMeasured::NotDstack),
    }
}
