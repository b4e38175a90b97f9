//! The line of one answer.

use serde::{Deserialize, Serialize};
use teeproof_bindings::{ErrorAnswer, ExitCode, Unreadable, VerifyAnswer};

use super::source::{Item, Trouble};
use crate::paint::escaped_json;

/// One answer. Keys are only added within one version of the file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    /// Place of the item in its source, from 0.
    index: u64,
    /// The item's name in its source.
    name: &'a str,
    /// SHA-256 of the item's bytes; null where they could not be read.
    sha256: Option<&'a str>,
    /// Which of the item's instances, from 1, and how many it holds.
    instance: usize,
    instances: usize,
    /// Null where there is none: see `error`.
    verdict: Option<&'a str>,
    simulates: Option<&'a str>,
    exit_code: u8,
    verdict_digest: Option<&'a str>,
    tcb_status: Option<&'a str>,
    fmspc: Option<&'a str>,
    compose_hash: Option<&'a str>,
    /// `both` or `single`; null without a verdict.
    engines: Option<&'a str>,
    /// The first check that failed; where none did, the first that was demanded and skipped.
    check: Option<CheckLine<'a>>,
    /// Why there is no verdict.
    error: Option<ErrorAnswer>,
    /// The whole answer, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a VerifyAnswer>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckLine<'a> {
    id: &'a str,
    outcome: &'a str,
    reason: Option<&'a str>,
    because: Option<&'a str>,
}

/// What a summary needs of a line, and what is read back of one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) sha256: Option<String>,
    pub(super) instance: usize,
    pub(super) instances: usize,
    pub(super) verdict: Option<String>,
    pub(super) exit_code: u8,
    pub(super) tcb_status: Option<String>,
    pub(super) fmspc: Option<String>,
    pub(super) compose_hash: Option<String>,
    pub(super) engines: Option<String>,
}

/// A line as it is written, and what is counted of it.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) row: Row,
}

impl<'a> Line<'a> {
    const fn bare(item: &'a Item, sha256: Option<&'a str>) -> Self {
        Self {
            index: item.index,
            name: item.name.as_str(),
            sha256,
            instance: 1,
            instances: 1,
            verdict: None,
            simulates: None,
            exit_code: ExitCode::Unreadable.number(),
            verdict_digest: None,
            tcb_status: None,
            fmspc: None,
            compose_hash: None,
            engines: None,
            check: None,
            error: None,
            answer: None,
        }
    }

    /// Of an item that could not be read or recognised.
    pub(super) fn unread(item: &'a Item, sha256: Option<&'a str>, trouble: &Trouble) -> Self {
        Self {
            error: Some(ErrorAnswer {
                code: trouble.code.to_owned(),
                message: trouble.message.clone(),
            }),
            ..Self::bare(item, sha256)
        }
    }

    /// Of evidence that could not be judged.
    pub(super) fn without_verdict(item: &'a Item, sha256: &'a str, answer: &Unreadable) -> Self {
        Self {
            exit_code: answer.exit_code,
            error: Some(answer.error.clone()),
            ..Self::bare(item, Some(sha256))
        }
    }

    pub(super) fn judged(
        item: &'a Item,
        sha256: &'a str,
        answer: &'a VerifyAnswer,
        full: bool,
    ) -> Self {
        let first = |outcome: &str| answer.checks.iter().find(|check| check.outcome == outcome);
        // A skipped check is worth a word only where it decided.
        let decided = |code: ExitCode| answer.exit_code == code.number();
        let check = first("failed").or_else(|| {
            decided(ExitCode::Inconclusive)
                .then(|| first("skipped"))
                .flatten()
        });
        let events = answer.events.as_ref();
        Self {
            verdict: Some(&answer.verdict),
            simulates: answer.simulates.as_deref(),
            exit_code: answer.exit_code,
            verdict_digest: answer.verdict_digest.as_deref(),
            tcb_status: answer.tcb.status.as_deref(),
            fmspc: answer.platform.as_ref().map(|one| one.fmspc.as_str()),
            compose_hash: events.map(|events| events.compose_hash.as_str()),
            engines: Some(&answer.engines),
            check: check.map(|check| CheckLine {
                id: check.id,
                outcome: check.outcome,
                reason: check.reason,
                because: check.because,
            }),
            answer: full.then_some(answer),
            ..Self::bare(item, Some(sha256))
        }
    }

    pub(super) const fn of_several(mut self, instance: usize, instances: usize) -> Self {
        self.instance = instance;
        self.instances = instances;
        self
    }

    pub(super) fn written(&self) -> Written {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Written {
            // Strings, numbers and options of them: serialising them cannot fail.
            text: serde_json::to_string(self)
                .map(|json| escaped_json(&json))
                .unwrap_or_default(),
            row: Row {
                name: self.name.to_owned(),
                sha256: owned(self.sha256),
                instance: self.instance,
                instances: self.instances,
                verdict: owned(self.verdict),
                exit_code: self.exit_code,
                tcb_status: owned(self.tcb_status),
                fmspc: owned(self.fmspc),
                compose_hash: owned(self.compose_hash),
                engines: owned(self.engines),
            },
        }
    }
}
