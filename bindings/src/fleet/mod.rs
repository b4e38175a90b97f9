//! A fleet over time: which instances stop being acceptable, when, and why.
//!
//! Nothing is foretold. Evidence that was saved is judged by the very path of `verify`, at each
//! instant at which its outcome can change: the edges of every window, and the ends of graces. What a
//! later collateral would say is not known, and so not said.

mod answer;
mod calendar;
mod timeline;

use std::fmt;

use teeproof_core::{Fmspc, InstanceEvidence, Instant, Policy, PolicyEdits, PolicyError};

#[cfg(feature = "schema")]
pub use answer::fleet_schema_json;
pub use answer::{
    FLEET_SCHEMA, FleetAnswer, FleetEventAnswer, FleetInstanceAnswer, SegmentAnswer, WhatIfAnswer,
};
use calendar::Calendar;
use timeline::{Known, Segment, Subject, Timeline};

use crate::answer::ErrorAnswer;
use crate::exit::ExitCode;
use crate::headline::as_of;
use crate::verified::explain_policy;
use crate::verify::VerifyOptions;

/// From when until when, both seconds included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    from: Instant,
    until: Instant,
}

/// A span that ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanError(Span);

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Span { from, until } = self.0;
        write!(f, "{until} lies before {from}")
    }
}

impl std::error::Error for SpanError {}

impl Span {
    /// # Errors
    /// [`SpanError`] if the end lies before the beginning.
    pub fn new(from: Instant, until: Instant) -> Result<Self, SpanError> {
        let span = Self { from, until };
        if until < from {
            return Err(SpanError(span));
        }
        Ok(span)
    }

    /// The first second.
    pub const fn from(self) -> Instant {
        self.from
    }

    /// The last second.
    pub const fn until(self) -> Instant {
        self.until
    }

    fn holds_after_start(self, at: Instant) -> bool {
        self.from < at && at <= self.until
    }
}

/// An advisory that is supposed to be published for platforms on which the saved collateral does not
/// name it. It is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedAdvisory {
    /// Its id, such as `INTEL-SA-00837`.
    pub id: String,
    /// The models it is about; all of them if empty.
    pub fmspc: Vec<Fmspc>,
    /// The platforms it is about: those whose TCB level is dated before this instant; all of them
    /// without it.
    pub dated_before: Option<Instant>,
}

/// What is supposed beside the policy in force. All of it makes the policy stricter, or the world
/// worse.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Edits of the policy.
    pub edits: PolicyEdits,
    /// A new advisory.
    pub advisory: Option<AssumedAdvisory>,
}

impl WhatIf {
    /// Whether nothing is supposed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn policy(&self, policy: &Policy) -> Result<Policy, PolicyError> {
        let mut edits = self.edits.clone();
        let new = self.advisory.iter().map(|advisory| advisory.id.clone());
        edits.denied_advisories.extend(new);
        policy.clone().with_edits(&edits)
    }

    fn suppositions(&self) -> Vec<String> {
        let PolicyEdits {
            without_compose_hashes,
            without_os,
            min_evaluation_number,
            denied_advisories,
        } = &self.edits;
        let mut all: Vec<String> = Vec::new();
        for hash in without_compose_hashes {
            all.push(format!("the compose hash {hash} is not approved"));
        }
        for name in without_os {
            all.push(format!("the OS set `{name}` is not approved"));
        }
        if let Some(floor) = min_evaluation_number {
            all.push(format!("evaluation numbers below {floor} are refused"));
        }
        for id in denied_advisories {
            all.push(format!(
                "the advisory {id} is refused where the saved collateral names it"
            ));
        }
        if let Some(advisory) = &self.advisory {
            all.push(advisory.sentence());
        }
        all
    }
}

impl AssumedAdvisory {
    fn sentence(&self) -> String {
        let models: Vec<String> = self.fmspc.iter().map(ToString::to_string).collect();
        let whose = match models.as_slice() {
            [] => "every platform".to_owned(),
            models => format!("platforms of the model {}", models.join(" or ")),
        };
        let dated = self.dated_before.map_or_else(String::new, |before| {
            format!(" with a TCB level dated before {before}")
        });
        format!(
            "the advisory {} applies to {whose}{dated}, and is refused",
            self.id
        )
    }
}

/// How a fleet is judged.
#[derive(Debug, Clone)]
pub struct FleetOptions {
    /// What decides each verdict. Its instant is replaced by each instant of the span in turn; only
    /// whether it is that of a clock is kept.
    pub verify: VerifyOptions,
    /// From when until when.
    pub span: Span,
    /// What is supposed.
    pub what_if: WhatIf,
    /// Whether the worst of all instants decides the exit code, and not the first instant.
    pub throughout: bool,
}

/// A fleet that is judged, one instance after the other: evidence is not kept, only what is said of
/// it.
#[derive(Debug)]
pub struct Fleet {
    options: FleetOptions,
    hypothesis: Option<Policy>,
    known: Known,
    instances: Vec<FleetInstanceAnswer>,
    calendar: Calendar,
}

/// Why an instance is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetFull;

impl fmt::Display for FleetFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a fleet has at most {} instances", Fleet::INSTANCES)
    }
}

impl std::error::Error for FleetFull {}

impl Fleet {
    /// Instances of one answer.
    pub const INSTANCES: usize = 10_000;

    /// An empty fleet.
    ///
    /// # Errors
    /// A supposition that the policy does not allow; see [`Policy::with_edits`].
    pub fn new(options: FleetOptions) -> Result<Self, PolicyError> {
        let hypothesis = if options.what_if.is_empty() {
            None
        } else {
            Some(options.what_if.policy(&options.verify.policy)?)
        };
        Ok(Self {
            options,
            hypothesis,
            known: Known::default(),
            instances: Vec::new(),
            calendar: Calendar::default(),
        })
    }

    /// How many instances there are.
    pub const fn len(&self) -> usize {
        self.instances.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// Judges an instance over the whole span.
    ///
    /// # Errors
    /// [`FleetFull`].
    pub fn add(&mut self, name: &str, evidence: &InstanceEvidence) -> Result<(), FleetFull> {
        let mut files = evidence.collateral.clone();
        files.extend_from_slice(&self.options.verify.collateral);
        let shared = self.known.of(&files, &self.options.verify);
        let mut subject = Subject {
            name,
            evidence: evidence.clone(),
            options: self.options.verify.clone(),
            shared,
        };
        if shared.is_some() {
            subject.evidence.collateral.clear();
            subject.options.collateral.clear();
        }
        let assumed = self.options.what_if.advisory.as_ref();
        let hypothesis = self.hypothesis.as_ref().map(|policy| (policy, assumed));
        match subject.timeline(self.options.span, hypothesis) {
            Ok(timeline) => self.take(name, timeline),
            Err(error) => self.add_unreadable(name, error, ExitCode::Unreadable),
        }
    }

    /// An instance whose evidence cannot be judged at any instant.
    ///
    /// # Errors
    /// [`FleetFull`].
    pub fn add_unreadable(
        &mut self,
        name: &str,
        error: ErrorAnswer,
        exit_code: ExitCode,
    ) -> Result<(), FleetFull> {
        self.push(FleetInstanceAnswer {
            name: name.to_owned(),
            error: Some(error),
            exit_code: exit_code.number(),
            quote: None,
            fmspc: None,
            compose_hash: None,
            segments: Vec::new(),
            what_if: Vec::new(),
        })
    }

    fn push(&mut self, instance: FleetInstanceAnswer) -> Result<(), FleetFull> {
        if self.instances.len() >= Self::INSTANCES {
            return Err(FleetFull);
        }
        self.instances.push(instance);
        Ok(())
    }

    fn take(&mut self, name: &str, timeline: Timeline) -> Result<(), FleetFull> {
        let place = self.instances.len();
        // Whoever supposes something asks about that.
        let asked = if self.hypothesis.is_some() {
            &timeline.what_if
        } else {
            &timeline.segments
        };
        let counted = if self.options.throughout {
            asked.len()
        } else {
            1
        };
        let codes = asked.iter().take(counted).map(|(_, state)| state.exit_code);
        let exit_code = ExitCode::of_all(codes).number();
        self.push(FleetInstanceAnswer {
            name: name.to_owned(),
            error: None,
            exit_code,
            quote: timeline.quote.clone(),
            fmspc: timeline.fmspc.clone(),
            compose_hash: timeline.compose_hash.clone(),
            segments: self.segments(&timeline.segments),
            what_if: self.segments(&timeline.what_if),
        })?;
        self.calendar.enter(place, &timeline);
        Ok(())
    }

    fn segments(&self, segments: &[Segment]) -> Vec<SegmentAnswer> {
        let following = segments
            .iter()
            .skip(1)
            .map(|(from, _)| from.minus_one_second());
        let ends = following.chain([self.options.span.until()]);
        segments
            .iter()
            .zip(ends)
            .map(|((from, state), until)| {
                let reason = state.cause.map(|(_, reason)| reason);
                SegmentAnswer {
                    from: from.to_string(),
                    until: until.to_string(),
                    verdict: state.verdict.clone(),
                    acceptable: state.acceptable,
                    exit_code: state.exit_code.number(),
                    tcb_status: state.tcb_status.clone(),
                    supposed: state.supposed,
                    engines: state.engines.to_owned(),
                    check: state.cause.map(|(check, _)| check.to_string()),
                    reason: reason.map(|reason| reason.code().to_owned()),
                    because: reason.map(|reason| reason.to_string()),
                    next: reason.map(|reason| reason.next_step().to_owned()),
                }
            })
            .collect()
    }

    /// The answer.
    pub fn answer(self) -> FleetAnswer {
        let simulated = !self.options.verify.anchor.is_intel();
        let codes = self.instances.iter().map(|instance| instance.exit_code);
        let exit_code = ExitCode::of_all(codes.filter_map(ExitCode::from_number));
        let digests = (
            self.options.verify.policy.digest(),
            self.hypothesis.as_ref().map(Policy::digest),
        );
        let instant = self.options.verify.instant;
        let sentence = headline(
            &self.instances,
            self.options.span,
            self.hypothesis.is_some(),
        );
        let sentence = if simulated {
            format!(
                "SIMULATED: the trust anchor is not Intel's, so this proves nothing about hardware; with Intel's: {sentence}"
            )
        } else {
            sentence
        };
        FleetAnswer {
            schema: FLEET_SCHEMA,
            from: self.options.span.from().to_string(),
            until: self.options.span.until().to_string(),
            at_source: instant.word().to_owned(),
            historical: instant.is_historical(),
            simulated,
            engines: engines(&self.instances),
            policy: explain_policy(&self.options.verify.policy),
            what_if: self.hypothesis.as_ref().map(|policy| WhatIfAnswer {
                suppositions: self.options.what_if.suppositions(),
                policy: explain_policy(policy),
            }),
            exit_code: exit_code.number(),
            headline: as_of(sentence, instant),
            calendar: self.calendar.answer(&self.instances, digests),
            instances: self.instances,
        }
    }
}

fn engines(instances: &[FleetInstanceAnswer]) -> Option<String> {
    let segments = |instance: &FleetInstanceAnswer| {
        let both = instance.segments.iter().chain(&instance.what_if);
        both.map(|segment| segment.engines.clone())
            .collect::<Vec<_>>()
    };
    let mut all: Vec<String> = instances.iter().flat_map(segments).collect();
    all.sort_unstable();
    all.dedup();
    match all.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some("mixed".to_owned()),
    }
}

/// How many are acceptable at the first instant, and how many of those to the last.
fn headline(instances: &[FleetInstanceAnswer], span: Span, supposed: bool) -> String {
    let total = instances.len();
    let now = |segments: &[SegmentAnswer]| segments.first().is_some_and(|first| first.acceptable);
    let to_the_end = |segments: &[SegmentAnswer]| {
        !segments.is_empty() && segments.iter().all(|segment| segment.acceptable)
    };
    let count = |of: fn(&FleetInstanceAnswer) -> &[SegmentAnswer],
                 that: &dyn Fn(&[SegmentAnswer]) -> bool| {
        instances
            .iter()
            .filter(|instance| that(of(instance)))
            .count()
    };
    let plain: fn(&FleetInstanceAnswer) -> &[SegmentAnswer] = |instance| &instance.segments;
    let hypothetical: fn(&FleetInstanceAnswer) -> &[SegmentAnswer] = |instance| &instance.what_if;
    let mut sentence = format!(
        "{} of {total} instances acceptable, {} of them without a break until {}",
        count(plain, &now),
        count(plain, &to_the_end),
        span.until(),
    );
    if supposed {
        sentence.push_str(&format!(
            "; under what is supposed {} and {}",
            count(hypothetical, &now),
            count(hypothetical, &to_the_end),
        ));
    }
    sentence
}
