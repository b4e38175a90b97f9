//! What changed from one app-compose to another: the answer.

use serde::Serialize;

use crate::answer::shapes;

/// Schema of the answer of a diff.
pub const COMPOSE_DIFF_SCHEMA: &str = "teeproof.compose-diff/1";

shapes! {
    /// What changed from one app-compose to another.
    ComposeDiffAnswer {
        /// The name and major version of this shape: `teeproof.compose-diff/1`.
        schema: &'static str,
        /// `same-bytes`, `same-meaning` or `changed`.
        likeness: String,
        /// One sentence.
        headline: String,
        /// The compose hash of the old file.
        old_compose_hash: String,
        /// The compose hash of the new file, as it is.
        new_compose_hash: String,
        /// Which hash follows for the new document if a program writes it that writes the old file's
        /// exact bytes: one entry for each outcome, none if no known program does.
        predictions: Vec<PredictionAnswer>,
        /// The highest risk of any change: `none`, `low`, `review` or `high`; null if there is none.
        risk: Option<String>,
        /// Bytes that are the same before the first that differs; null if none does.
        first_difference: Option<usize>,
        /// What has to be known beside the changes, in sentences.
        remarks: Vec<String>,
        /// Every change, those of the highest risk first.
        changes: Vec<ChangeAnswer>,
        /// How many more there are.
        omitted_changes: usize,
        /// Whether every set that was given has the new hash; null if none was given.
        approved: Option<bool>,
        /// Each set that was given.
        approvals: Vec<ApprovalAnswer>,
        /// The exit code a process ends with: 0, or 5 if a set has not the new hash.
        exit_code: u8,
    }
    /// What known programs make of the new document. A prediction: whether one of them writes it is
    /// not known.
    PredictionAnswer {
        /// The names of the predictors that agree.
        predictors: Vec<String>,
        /// The predicted hash; null if there is none.
        compose_hash: Option<String>,
        /// Why there is none; null if there is one.
        not_predicted: Option<String>,
    }
    /// A change.
    ChangeAnswer {
        /// The stable id of its kind.
        id: String,
        /// `none`, `low`, `review` or `high`.
        risk: String,
        /// Where: a field of the document, or a place in its docker-compose text.
        path: String,
        /// What changed.
        title: String,
        /// What changed from what to what, on one line.
        sentence: String,
        /// Why it matters.
        why: String,
        /// What stood there; null if nothing did.
        old: Option<SideAnswer>,
        /// What stands there; null if nothing does.
        new: Option<SideAnswer>,
        /// The lines of a text of several lines; null for other values.
        lines: Option<LinesAnswer>,
    }
    /// The lines of a text that changed.
    LinesAnswer {
        /// How many are gone.
        removed: usize,
        /// How many are new.
        added: usize,
        /// The changed lines, up to a cap.
        shown: Vec<LineAnswer>,
        /// How many more there are.
        omitted: usize,
    }
    /// A line that changed.
    LineAnswer {
        /// `+` or `-`.
        sign: String,
        /// Its number in the text it stands in, from one.
        number: usize,
        /// Its text, without what looks like a secret.
        text: String,
    }
    /// A set of approved hashes.
    ApprovalAnswer {
        /// The list or the policy.
        source: String,
        /// Whether the new hash, of the file itself, stands there.
        approved: bool,
        /// How many hashes stand there.
        hashes: usize,
        /// Every predicted hash that is not the new one. It decides nothing.
        predicted: Vec<PredictedApproval>,
    }
    /// Whether a predicted hash stands in a set.
    PredictedApproval {
        /// The hash.
        compose_hash: String,
        /// Whether it does.
        approved: bool,
    }
}

/// What stands on one side of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SideAnswer {
    /// The value; of a list, the items that the other side has not.
    Shown(String),
    /// A value that is not shown: always `true`.
    Hidden(bool),
    /// A text of so many lines.
    Lines(usize),
}

/// The JSON Schema (draft 2020-12) of the answer of a diff.
#[cfg(feature = "schema")]
pub fn compose_diff_schema_json() -> String {
    crate::answer::schema_json::<ComposeDiffAnswer>(COMPOSE_DIFF_SCHEMA)
}

#[cfg(feature = "compose")]
pub use with_compose::compose_diff;

#[cfg(feature = "compose")]
mod with_compose {
    use teeproof_compose::{ApprovedSet, Change, ComposeDiff, LineSign, Predicted, Risk, Side};

    use super::{
        ApprovalAnswer, COMPOSE_DIFF_SCHEMA, ChangeAnswer, ComposeDiffAnswer, LineAnswer,
        LinesAnswer, PredictedApproval, PredictionAnswer, SideAnswer,
    };
    use crate::exit::ExitCode;

    /// The answer about a diff, and about each set of approved hashes with its name.
    pub fn compose_diff(found: &ComposeDiff, sets: &[(String, ApprovedSet)]) -> ComposeDiffAnswer {
        let approvals: Vec<_> = sets
            .iter()
            .map(|(source, set)| approval(source, set, found))
            .collect();
        let approved = approvals.iter().all(|one| one.approved);
        let code = if approved {
            ExitCode::Trusted
        } else {
            ExitCode::RejectedPolicy
        };
        ComposeDiffAnswer {
            schema: COMPOSE_DIFF_SCHEMA,
            likeness: found.likeness.name().to_owned(),
            headline: found.headline(),
            old_compose_hash: found.old.to_string(),
            new_compose_hash: found.new.to_string(),
            predictions: found.predicted.iter().map(prediction).collect(),
            risk: found.risk().map(Risk::name).map(str::to_owned),
            first_difference: found.first_difference,
            remarks: found.remarks(),
            changes: found.changes.iter().map(change).collect(),
            omitted_changes: found.omitted,
            approved: (!approvals.is_empty()).then_some(approved),
            approvals,
            exit_code: code.number(),
        }
    }

    fn approval(source: &str, set: &ApprovedSet, found: &ComposeDiff) -> ApprovalAnswer {
        let predicted = found.predicted.iter();
        let predicted = predicted.filter_map(|one| one.hash.as_ref().ok());
        ApprovalAnswer {
            source: source.to_owned(),
            approved: set.contains(found.new),
            hashes: set.len(),
            predicted: predicted
                .filter(|hash| **hash != found.new)
                .map(|hash| PredictedApproval {
                    compose_hash: hash.to_string(),
                    approved: set.contains(*hash),
                })
                .collect(),
        }
    }

    fn prediction(one: &Predicted) -> PredictionAnswer {
        let ids = one.predictors.iter().map(|one| one.id().to_owned());
        PredictionAnswer {
            predictors: ids.collect(),
            compose_hash: one.hash.as_ref().ok().map(ToString::to_string),
            not_predicted: one.hash.as_ref().err().map(ToString::to_string),
        }
    }

    fn change(change: &Change) -> ChangeAnswer {
        let row = change.kind.row();
        let side = |side: &Side| match side {
            Side::Absent => None,
            Side::Shown(text) => Some(SideAnswer::Shown(text.clone())),
            Side::Hidden => Some(SideAnswer::Hidden(true)),
            Side::Lines(count) => Some(SideAnswer::Lines(*count)),
        };
        let sign = |sign: LineSign| sign.sign().to_string();
        ChangeAnswer {
            id: row.id.to_owned(),
            risk: change.risk.name().to_owned(),
            path: change.path.clone(),
            title: row.title.to_owned(),
            sentence: change.sentence(),
            why: row.why.to_owned(),
            old: side(&change.old),
            new: side(&change.new),
            lines: change.lines.as_ref().map(|lines| LinesAnswer {
                removed: lines.removed,
                added: lines.added,
                shown: lines
                    .lines
                    .iter()
                    .map(|line| LineAnswer {
                        sign: sign(line.sign),
                        number: line.number,
                        text: line.text.clone(),
                    })
                    .collect(),
                omitted: lines.omitted,
            }),
        }
    }
}
