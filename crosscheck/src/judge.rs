//! From two answers to one outcome.

use teeproof_core::{
    CheckId, CollateralParts, Examination, Finding, Outcome, Reason, Value, sha256,
};

use crate::claims::{self, Claims};
use crate::context::{Context, Open};
use crate::engine::Answer;
use crate::remedies::{Trial, inputs};
use crate::table::{Mechanism, ROWS};
use crate::{CrossCheck, Difference, Disagreement, NotRun};

pub(crate) fn judge(
    quote: &[u8],
    parts: &CollateralParts,
    examination: &Examination,
) -> CrossCheck {
    let context = Context::new(quote, parts, examination);
    let ours = Ours {
        examination,
        claims: claims::of_examination(examination),
    };
    let plain = inputs(&context).run();
    if plain == Answer::Panics && examination.verified().is_none() {
        return CrossCheck::NotRun(NotRun::Panicked);
    }
    let mut outcome = ours.reconcile(&context, plain);
    // Two refusals of different evidence are no agreement.
    let mut wrong = other_evidence(quote, parts, examination);
    if !wrong.is_empty() {
        let explained = match outcome {
            CrossCheck::Conflict {
                disagreements,
                explained,
            } => {
                wrong.extend(disagreements);
                explained
            }
            CrossCheck::Agrees { explained } => explained,
            CrossCheck::NotRun(_) => Vec::new(),
        };
        outcome = CrossCheck::Conflict {
            disagreements: wrong,
            explained,
        };
    }
    outcome
}

/// What is given here must be what was examined.
fn other_evidence(
    quote: &[u8],
    parts: &CollateralParts,
    examination: &Examination,
) -> Vec<Disagreement> {
    let mut out = Vec::new();
    let mut differs = |claim, ours: String, theirs: String| {
        if ours != theirs {
            out.push(Disagreement {
                claim,
                ours,
                theirs,
            });
        }
    };
    // Bytes that are equal have equal digests.
    if examination.quote_bytes() != quote {
        differs(
            "quote.sha256",
            sha256(examination.quote_bytes()).to_string(),
            sha256(quote).to_string(),
        );
    }
    if let Some(used) = examination.collateral()
        && used.parts() != parts
    {
        differs(
            "collateral.digest",
            used.digest().to_string(),
            parts.digest().to_string(),
        );
    }
    out
}

struct Ours<'a> {
    examination: &'a Examination,
    claims: Claims,
}

#[derive(Default)]
struct Comparison {
    disagreements: Vec<Disagreement>,
    /// Indices into the table.
    explained: Vec<usize>,
}

/// A run of dcap-qvl from which some causes were taken away.
struct Run {
    answer: Answer,
    /// Whether dcap-qvl was shown what was submitted, if not all of it.
    unchanged: bool,
    briefly: bool,
}

impl Run {
    fn plain(answer: Answer) -> Self {
        Self {
            answer,
            unchanged: true,
            briefly: false,
        }
    }

    /// `None` where one of the causes is not there.
    fn without(context: &Context<'_>, causes: &[usize]) -> Option<Self> {
        let trial = trial(context, causes)?;
        Some(Self {
            unchanged: trial.is_unchanged(context),
            briefly: trial.briefly,
            answer: trial.run(context),
        })
    }
}

/// `None` where one of the causes is not there.
fn trial(context: &Context<'_>, causes: &[usize]) -> Option<Trial> {
    let mut trial = Trial::new(context);
    for index in causes {
        match ROWS.get(*index)?.mechanism {
            Mechanism::Remedy(take_away) if take_away(context, &mut trial) => {}
            Mechanism::Remedy(_) | Mechanism::Condition(_) => return None,
        }
    }
    Some(trial)
}

impl Ours<'_> {
    fn reconcile(&self, context: &Context<'_>, plain: Answer) -> CrossCheck {
        let at_once = self.compare(context, &Run::plain(plain));
        if at_once.disagreements.is_empty() {
            return at_once.outcome(&[]);
        }
        let causes: Vec<usize> = (0..ROWS.len())
            .filter(|index| trial(context, &[*index]).is_some())
            .collect();
        if causes.is_empty() {
            return at_once.outcome(&[]);
        }
        let Some(run) = Run::without(context, &causes) else {
            return at_once.outcome(&[]);
        };
        let mut best = self.compare(context, &run);
        if !best.disagreements.is_empty() {
            // Without the known causes dcap-qvl says more, if it accepts at all.
            return if run.answer.claims().is_some() {
                best.outcome(&causes)
            } else {
                // It may refuse what was changed for a cause that is there and makes no difference.
                self.by_one_cause(context, &causes)
                    .unwrap_or_else(|| at_once.outcome(&[]))
            };
        }
        // Only what is needed counts as explanation.
        let mut needed = causes.clone();
        for cause in causes {
            let fewer: Vec<usize> = needed.iter().copied().filter(|one| *one != cause).collect();
            let comparison = Run::without(context, &fewer).map(|run| self.compare(context, &run));
            if let Some(comparison) = comparison
                && comparison.disagreements.is_empty()
            {
                needed = fewer;
                best = comparison;
            }
        }
        best.outcome(&needed)
    }

    /// Where a single cause explains all.
    fn by_one_cause(&self, context: &Context<'_>, causes: &[usize]) -> Option<CrossCheck> {
        causes.iter().find_map(|cause| {
            let run = Run::without(context, &[*cause])?;
            let comparison = self.compare(context, &run);
            let explains = comparison.disagreements.is_empty();
            explains.then(|| comparison.outcome(&[*cause]))
        })
    }

    fn compare(&self, context: &Context<'_>, run: &Run) -> Comparison {
        let mut comparison = Comparison::default();
        let verified = self.examination.verified().is_some();
        let whole = match &run.answer {
            Answer::Panics | Answer::Refuses(_) => {
                // What was shown changed bytes may refuse them for being changed.
                if verified || !run.unchanged {
                    comparison.disagrees("verdict", self.verdict(), word(&run.answer));
                }
                return comparison;
            }
            Answer::AcceptsBriefly(_) => {
                if !run.briefly {
                    comparison.disagrees("verdict", self.verdict(), word(&run.answer));
                }
                false
            }
            Answer::Accepts(_) => verified,
        };
        let Some(claims) = run.answer.claims() else {
            return comparison;
        };
        comparison
            .disagreements
            .extend(claims::compare(&self.claims, claims, whole));
        if !verified {
            self.explain(context, claims, &mut comparison);
        }
        comparison
    }

    fn verdict(&self) -> String {
        match self.examination.verified() {
            Some(_) => "verified".to_owned(),
            None => "not verified".to_owned(),
        }
    }

    /// dcap-qvl accepts what the core did not verify: every finding that stands open needs its
    /// explanation.
    fn explain(&self, context: &Context<'_>, theirs: &Claims, comparison: &mut Comparison) {
        let mut any = false;
        for (check, finding, reason) in open_findings(self.examination) {
            for part in parts_of(finding) {
                any = true;
                let open = Open {
                    reason,
                    part,
                    theirs,
                };
                let explanation = ROWS.iter().position(|row| {
                    row.difference.check == check
                        && matches!(row.mechanism, Mechanism::Condition(holds) if holds(context, &open))
                });
                match explanation {
                    Some(index) => comparison.explained.push(index),
                    None => comparison.disagrees(
                        check.id(),
                        format!("{}: {}", finding.outcome, reason.code()),
                        "accepted".to_owned(),
                    ),
                }
            }
        }
        if !any {
            comparison.disagrees("verdict", self.verdict(), "accepted".to_owned());
        }
    }
}

impl Comparison {
    fn disagrees(&mut self, claim: &'static str, ours: String, theirs: String) {
        self.disagreements.push(Disagreement {
            claim,
            ours,
            theirs,
        });
    }

    fn outcome(mut self, remedies: &[usize]) -> CrossCheck {
        self.explained.extend(remedies);
        let explained = differences(&self.explained);
        if self.disagreements.is_empty() {
            CrossCheck::Agrees { explained }
        } else {
            CrossCheck::Conflict {
                disagreements: self.disagreements,
                explained,
            }
        }
    }
}

fn word(answer: &Answer) -> String {
    match answer {
        Answer::Accepts(_) => "accepted".to_owned(),
        Answer::AcceptsBriefly(_) => "accepted, and claims that cannot be stated".to_owned(),
        Answer::Refuses(error) => format!("refused: {error}"),
        Answer::Panics => "panicked".to_owned(),
    }
}

/// Failed, or skipped for another reason than that a check before it did not pass.
fn open_findings(examination: &Examination) -> impl Iterator<Item = (CheckId, &Finding, Reason)> {
    CheckId::ALL.iter().filter_map(|check| {
        let finding = examination.finding(*check)?;
        let reason = finding.reason?;
        let open = match finding.outcome {
            Outcome::Failed => true,
            Outcome::Skipped => reason != Reason::Dependency,
            Outcome::Passed | Outcome::NotRequested => false,
        };
        open.then_some((*check, finding, reason))
    })
}

/// The parts of the collateral that a finding speaks of; one nameless part where it speaks of none.
fn parts_of(finding: &Finding) -> Vec<Option<&str>> {
    fn part(value: &Value) -> Option<&str> {
        match value {
            Value::Fields(fields) => fields.iter().find_map(|(name, value)| match value {
                Value::Text(text) if *name == "part" => Some(text.as_str()),
                _ => None,
            }),
            _ => None,
        }
    }
    match &finding.found {
        Some(Value::List(items)) if items.iter().any(|item| part(item).is_some()) => {
            items.iter().map(part).collect()
        }
        Some(value) => vec![part(value)],
        None => vec![None],
    }
}

/// The entries, once each and in the order of the table.
fn differences(explained: &[usize]) -> Vec<Difference> {
    ROWS.iter()
        .enumerate()
        .filter(|(index, _)| explained.contains(index))
        .map(|(_, row)| row.difference)
        .collect()
}
