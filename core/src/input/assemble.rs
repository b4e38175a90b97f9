//! Evidence that comes in several inputs: a directory of parts, a quote with its collateral.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{EvidencePart, InputKind, InstanceEvidence, MissingQuote, Recognised, mr_config_in};
use crate::collateral::CollateralParts;
use crate::limits;

/// Why several inputs do not make one evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssembleError {
    /// No input at all.
    Nothing,
    /// More inputs than [`limits::INSTANCES`].
    TooMany {
        /// Inputs allowed.
        limit: usize,
    },
    /// More collateral files than [`limits::COLLATERAL_FILES`].
    TooManyCollaterals {
        /// Files allowed.
        limit: usize,
    },
    /// Parts, and no quote that they could belong to.
    NoQuote,
    /// Several quotes, so that it is open to which one a part belongs.
    SeveralQuotes {
        /// Evidences found.
        count: usize,
    },
    /// The same part twice, with different content.
    Differing {
        /// The part.
        part: EvidencePart,
    },
}

impl fmt::Display for AssembleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no input"),
            Self::TooMany { limit } => write!(f, "more than the {limit} inputs allowed"),
            Self::TooManyCollaterals { limit } => {
                write!(f, "more than the {limit} collateral files allowed")
            }
            Self::NoQuote => {
                f.write_str("no quote among the inputs; the other parts prove nothing without one")
            }
            Self::SeveralQuotes { count } => write!(
                f,
                "{count} quotes among the inputs; give the parts of one machine at a time"
            ),
            Self::Differing { part } => {
                write!(f, "two inputs bring a different {part} each")
            }
        }
    }
}

impl core::error::Error for AssembleError {}

/// Puts the parts of one machine together.
///
/// One input with a quote is completed by all others. The same content twice is one; two contents
/// of one part are refused, since nothing says which is meant. Collateral is a set: it completes
/// whatever is there, also an answer about several instances, which nothing else can complete.
pub fn assemble(
    inputs: impl IntoIterator<Item = Recognised>,
) -> Result<Vec<InstanceEvidence>, AssembleError> {
    let mut parts = Parts::default();
    for (index, input) in inputs.into_iter().enumerate() {
        if index >= limits::INSTANCES {
            return Err(AssembleError::TooMany {
                limit: limits::INSTANCES,
            });
        }
        parts.add(input)?;
    }
    parts.finish()
}

/// The inputs, sorted.
#[derive(Default)]
struct Parts {
    /// Whole answers: each has a quote, or a reason why an instance has none.
    answers: Vec<Vec<InstanceEvidence>>,
    /// Everything without a quote, merged.
    loose: Option<InstanceEvidence>,
    collateral: Vec<CollateralParts>,
}

impl Parts {
    fn add(&mut self, input: Recognised) -> Result<(), AssembleError> {
        let mut part = InstanceEvidence::without_quote(InputKind::Parts, MissingQuote::NotCarried);
        match input {
            Recognised::Evidence(answer) => return self.add_answer(answer),
            Recognised::Collateral(collateral) => {
                return add_collateral(&mut self.collateral, [*collateral]);
            }
            Recognised::EventLog(bytes) => part.event_log = Some(bytes),
            Recognised::AppCompose(bytes) => part.app_compose = Some(bytes),
            Recognised::VmConfig(bytes) => {
                part.mr_config_document = mr_config_in(&bytes);
                part.vm_config = Some(bytes);
            }
            Recognised::MrConfigDocument(bytes) => part.mr_config_document = Some(bytes),
            Recognised::PckChain(chain) => part.pck_chain = Some(chain),
        }
        self.add_loose(part)
    }

    fn add_loose(&mut self, part: InstanceEvidence) -> Result<(), AssembleError> {
        match &mut self.loose {
            Some(loose) => merge(loose, part),
            None => {
                self.loose = Some(part);
                Ok(())
            }
        }
    }

    fn add_answer(&mut self, mut answer: Vec<InstanceEvidence>) -> Result<(), AssembleError> {
        if let [evidence] = answer.as_slice()
            && evidence.missing == Some(MissingQuote::NotCarried)
        {
            return answer.into_iter().try_for_each(|part| self.add_loose(part));
        }
        // The same quote in two inputs, such as a raw file and an answer, is one evidence. Two
        // instances of one answer with the same quote stay two: that is a finding, not a repetition.
        if let [evidence] = answer.as_slice()
            && evidence.quote.is_some()
        {
            let same = self
                .answers
                .iter_mut()
                .find_map(|known| match known.as_mut_slice() {
                    [known] if known.quote == evidence.quote => Some(known),
                    _ => None,
                });
            if let Some(known) = same {
                return answer.drain(..).try_for_each(|again| merge(known, again));
            }
        }
        // A whole answer given twice says nothing new, however many instances it is about.
        if !self.answers.contains(&answer) {
            self.answers.push(answer);
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<InstanceEvidence>, AssembleError> {
        let Self {
            answers,
            loose,
            collateral,
        } = self;
        let alone = answers.len() == 1;
        let mut all: Vec<InstanceEvidence> = answers.into_iter().flatten().collect();
        match (all.as_mut_slice(), loose) {
            ([], None) if collateral.is_empty() => return Err(AssembleError::Nothing),
            ([], _) => return Err(AssembleError::NoQuote),
            ([one], Some(loose)) => merge(one, loose)?,
            (several, Some(_)) => {
                return Err(AssembleError::SeveralQuotes {
                    count: several.len(),
                });
            }
            (several, None) if !alone => {
                return Err(AssembleError::SeveralQuotes {
                    count: several.len(),
                });
            }
            (_, None) => {}
        }
        for evidence in &mut all {
            add_collateral(&mut evidence.collateral, collateral.iter().cloned())?;
        }
        Ok(all)
    }
}

/// Completes one evidence by another. What both have must be equal.
fn merge(into: &mut InstanceEvidence, from: InstanceEvidence) -> Result<(), AssembleError> {
    into.kind = InputKind::Parts;
    fill(&mut into.event_log, from.event_log, EvidencePart::EventLog)?;
    fill(
        &mut into.app_compose,
        from.app_compose,
        EvidencePart::AppCompose,
    )?;
    fill(&mut into.vm_config, from.vm_config, EvidencePart::VmConfig)?;
    fill(
        &mut into.mr_config_document,
        from.mr_config_document,
        EvidencePart::MrConfigDocument,
    )?;
    fill(&mut into.pck_chain, from.pck_chain, EvidencePart::PckChain)?;
    fill(&mut into.challenge, from.challenge, EvidencePart::Challenge)?;
    fill(
        &mut into.captured_at,
        from.captured_at,
        EvidencePart::CapturedAt,
    )?;
    if into.label.is_none() {
        into.label = from.label;
    }
    // Two inputs may say different things of one machine. Both are kept: neither is believed.
    for (name, value) in from.self_reported {
        if !into.self_reported.contains(&(name.clone(), value.clone())) {
            into.self_reported.push((fresh_name(into, &name), value));
        }
    }
    add_collateral(&mut into.collateral, from.collateral)
}

/// A name that is not taken yet: a bundle keeps what is self-reported by name.
fn fresh_name(evidence: &InstanceEvidence, name: &str) -> String {
    let mut fresh = String::from(name);
    while evidence
        .self_reported
        .iter()
        .any(|(taken, _)| *taken == fresh)
    {
        fresh.push('\'');
    }
    fresh
}

fn fill<T: PartialEq>(
    into: &mut Option<T>,
    from: Option<T>,
    part: EvidencePart,
) -> Result<(), AssembleError> {
    match (into.as_ref(), from) {
        (_, None) => Ok(()),
        (Some(known), Some(again)) if *known != again => Err(AssembleError::Differing { part }),
        (_, Some(value)) => {
            *into = Some(value);
            Ok(())
        }
    }
}

fn add_collateral(
    into: &mut Vec<CollateralParts>,
    from: impl IntoIterator<Item = CollateralParts>,
) -> Result<(), AssembleError> {
    for collateral in from {
        if into.contains(&collateral) {
            continue;
        }
        if into.len() >= limits::COLLATERAL_FILES {
            return Err(AssembleError::TooManyCollaterals {
                limit: limits::COLLATERAL_FILES,
            });
        }
        into.push(collateral);
    }
    Ok(())
}
