//! One instance over time: judged by `verify` at every instant at which its outcome can change.

use std::collections::{BTreeMap, BTreeSet};

use teeproof_core::{
    CheckId, CollateralParts, CollateralSet, Examination, Finding, Fmspc, InstanceEvidence,
    Instant, NamedWindow, Outcome, Policy, Reason, Report, Verdict,
};

use super::{AssumedAdvisory, Span};
use crate::answer::{ErrorAnswer, Unreadable};
use crate::exit::ExitCode;
use crate::judge::signature_backend;
use crate::shared::SharedCollateral;
use crate::verify::{InstantChoice, VerifyOptions, verify_shared};

/// How many instants of one instance are judged. One with more brings hundreds of collateral files.
const EDGES: usize = 4096;

/// What every second of a segment has in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) verdict: String,
    pub(super) acceptable: bool,
    pub(super) exit_code: ExitCode,
    pub(super) tcb_status: Option<String>,
    pub(super) supposed: bool,
    pub(super) engines: &'static str,
    pub(super) cause: Option<(CheckId, Reason)>,
}

impl State {
    fn of(report: &Report, genuine_only: bool) -> Self {
        let acceptable = match report.verdict() {
            Verdict::Trusted | Verdict::Genuine | Verdict::Simulated => true,
            Verdict::Rejected | Verdict::Inconclusive => false,
        };
        Self {
            verdict: report.verdict().to_string(),
            acceptable,
            exit_code: ExitCode::of(report, genuine_only),
            tcb_status: report.tcb_status().ok().map(|status| status.to_string()),
            supposed: false,
            engines: report.second_engine().engines(),
            cause: if acceptable { None } else { cause(report) },
        }
    }

    /// An instance that is acceptable, if this advisory were published for its platform.
    fn suppose(&mut self, report: &Report, advisory: &AssumedAdvisory, policy: &Policy) {
        if !self.acceptable || policy.tcb().accepts_advisory(&advisory.id) {
            return;
        }
        let model = report.platform().map(|platform| platform.fmspc);
        let named = |models: &[Fmspc]| model.is_some_and(|model| models.contains(&model));
        let date = report.tcb().map(|tcb| tcb.platform.date);
        let old = |before| date.is_some_and(|date| date < before);
        if (advisory.fmspc.is_empty() || named(&advisory.fmspc))
            && advisory.dated_before.is_none_or(old)
        {
            self.verdict = Verdict::Rejected.to_string();
            self.acceptable = false;
            self.exit_code = ExitCode::RejectedPolicy;
            self.supposed = true;
            self.cause = Some((CheckId::TcbAdvisories, Reason::AdvisoryRefused));
        }
    }
}

/// The first check that stands in the way: one that failed before one that is open, and one that
/// only waits for another last.
fn cause(report: &Report) -> Option<(CheckId, Reason)> {
    let of = |outcome: Outcome| {
        let found = report
            .checks()
            .iter()
            .filter(move |check| check.finding.outcome == outcome);
        found.filter_map(|check| {
            let Finding {
                reason, depends_on, ..
            } = &check.finding;
            reason.map(|reason| (depends_on.is_some(), check.id, reason))
        })
    };
    let all: Vec<_> = of(Outcome::Failed).chain(of(Outcome::Skipped)).collect();
    all.iter()
        .find(|(waits, ..)| !waits)
        .or_else(|| all.first())
        .map(|(_, check, reason)| (*check, *reason))
}

/// A segment: its first second and what holds from there on.
pub(super) type Segment = (Instant, State);

/// What one policy says over time.
struct Course {
    /// The report at the first instant.
    first: Option<Report>,
    segments: Vec<Segment>,
    /// Graces that end in the span, by the first second after them.
    graces: BTreeSet<(Instant, &'static str)>,
}

/// One instance over time.
#[derive(Debug)]
pub(super) struct Timeline {
    pub(super) fmspc: Option<String>,
    pub(super) compose_hash: Option<String>,
    pub(super) quote: Option<String>,
    pub(super) segments: Vec<Segment>,
    pub(super) what_if: Vec<Segment>,
    /// What ends, by the first second after it.
    pub(super) ends: BTreeMap<Instant, BTreeSet<&'static str>>,
}

/// The evidence with its collateral taken aside, so that it is authenticated once for all instants.
pub(super) struct Subject<'a> {
    pub(super) name: &'a str,
    pub(super) evidence: InstanceEvidence,
    pub(super) options: VerifyOptions,
    pub(super) shared: Option<&'a SharedCollateral>,
}

impl Subject<'_> {
    fn report(&self, at: Instant, policy: &Policy) -> Result<Report, ErrorAnswer> {
        let options = VerifyOptions {
            policy: policy.clone(),
            instant: InstantChoice::Given(at),
            ..self.options.clone()
        };
        verify_shared(self.name, &self.evidence, &options, self.shared)
            .map(|judged| judged.report)
            .map_err(|Unreadable { error, .. }| error)
    }

    /// Every window that the outcome can depend on.
    fn windows(&self) -> Vec<NamedWindow> {
        let mut set = CollateralSet::new(self.options.anchor.clone());
        let own = self.evidence.collateral.iter();
        for parts in own.chain(&self.options.collateral) {
            // What is refused is refused at every instant.
            let _ = set.add(parts, signature_backend());
        }
        if let Some(shared) = self.shared {
            set.add_set(shared.set());
        }
        if let Some(chain) = &self.evidence.pck_chain {
            set.add_pck_chain(chain);
        }
        let quote = self.evidence.quote.as_deref().unwrap_or_default();
        Examination::windows(quote, &set)
    }

    fn course(
        &self,
        span: Span,
        policy: &Policy,
        assumed: Option<&AssumedAdvisory>,
        windows: &[NamedWindow],
    ) -> Result<Course, ErrorAnswer> {
        let edges = windows.iter().flat_map(NamedWindow::edges);
        let mut open: BTreeSet<Instant> = edges.filter(|at| span.holds_after_start(*at)).collect();
        open.insert(span.from());
        let mut judged: BTreeMap<Instant, State> = BTreeMap::new();
        let mut graces = BTreeSet::new();
        let mut first = None;
        // A grace is known once a level is matched, and that depends on the collateral of the instant.
        while let Some(at) = open.pop_first() {
            if judged.contains_key(&at) {
                continue;
            }
            if judged.len() >= EDGES {
                return Err(ErrorAnswer {
                    code: "too-many-windows".to_owned(),
                    message: format!("the outcome can change at more than {EDGES} instants"),
                });
            }
            let report = self.report(at, policy)?;
            let mut state = State::of(&report, self.options.genuine_only);
            if let Some(advisory) = assumed {
                state.suppose(&report, advisory, policy);
            }
            judged.insert(at, state);
            if let (Some(tcb), Some(days)) = (report.tcb(), policy.tcb().out_of_date_grace_days) {
                for (last, whose) in tcb.grace_ends(days) {
                    if let Some(after) = last.plus_one_second()
                        && span.holds_after_start(after)
                    {
                        graces.insert((after, whose));
                        open.insert(after);
                    }
                }
            }
            first.get_or_insert(report);
        }
        let mut segments: Vec<Segment> = Vec::new();
        for (at, state) in judged {
            if segments.last().is_none_or(|(_, last)| *last != state) {
                segments.push((at, state));
            }
        }
        Ok(Course {
            first,
            segments,
            graces,
        })
    }

    /// The whole of it.
    pub(super) fn timeline(
        &self,
        span: Span,
        hypothesis: Option<(&Policy, Option<&AssumedAdvisory>)>,
    ) -> Result<Timeline, ErrorAnswer> {
        let windows = self.windows();
        let course = self.course(span, &self.options.policy, None, &windows)?;
        let what_if = match hypothesis {
            None => Vec::new(),
            Some((policy, assumed)) => self.course(span, policy, assumed, &windows)?.segments,
        };
        let first = course.first.as_ref();
        let mut ends: BTreeMap<Instant, BTreeSet<&'static str>> = BTreeMap::new();
        let of_windows = windows
            .iter()
            .filter_map(|named| Some((named.window.not_after.plus_one_second()?, named.part)));
        for (after, part) in of_windows.chain(course.graces) {
            if span.holds_after_start(after) {
                ends.entry(after).or_default().insert(part);
            }
        }
        Ok(Timeline {
            fmspc: first
                .and_then(Report::platform)
                .map(|platform| platform.fmspc.to_string()),
            compose_hash: first
                .and_then(Report::facts)
                .map(|facts| facts.compose_hash().to_string()),
            quote: first.map(|first| first.evidence().quote.to_string()),
            segments: course.segments,
            what_if,
            ends,
        })
    }
}

/// Collateral that was authenticated once, for the instances that bring the same files.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<(Vec<CollateralParts>, Option<SharedCollateral>)>);

impl Known {
    /// How many lists of files are kept, the latest first.
    const KEPT: usize = 16;

    /// The files as one set; `None` if one of them is refused.
    pub(super) fn of(
        &mut self,
        files: &[CollateralParts],
        options: &VerifyOptions,
    ) -> Option<&SharedCollateral> {
        match self.0.iter().position(|(known, _)| known == files) {
            Some(place) => {
                let one = self.0.remove(place);
                self.0.insert(0, one);
            }
            None => {
                let mut shared = SharedCollateral::new(options.anchor.clone());
                let sound = files.iter().all(|parts| shared.add(parts.clone()).is_ok());
                self.0.insert(0, (files.to_vec(), sound.then_some(shared)));
                self.0.truncate(Self::KEPT);
            }
        }
        self.0.first().and_then(|(_, shared)| shared.as_ref())
    }
}
