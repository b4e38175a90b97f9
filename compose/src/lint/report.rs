//! Findings, and the report they are in.

use std::collections::BTreeMap;

use teeproof_core::{ComposeHash, LintOutcome, LintSeverity, LintedRule, limits as core_limits};

use super::secrets;
use super::suppress::Suppression;
use super::{LintOptions, Rule};
use crate::limits;
use crate::version::OsImage;
use crate::yaml::Place;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintFinding {
    /// The rule.
    pub rule: Rule,
    /// The service, if it is about one.
    pub service: Option<String>,
    /// What it is about: a field of the app-compose (`public_logs`), or what stands in its
    /// docker-compose text (`services.web.image`).
    pub field: String,
    /// Where it stands in the docker-compose text; none for a field of the app-compose itself.
    pub place: Option<Place>,
    /// What was found: short, and never a secret.
    pub found: Option<String>,
    /// Why it is accepted, for a finding that is suppressed.
    pub suppressed: Option<String>,
}

/// Findings of one rule over the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// The rule.
    pub rule: Rule,
    /// How many more there are.
    pub count: usize,
}

/// What the lint says of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintReport {
    /// The compose hash of the document.
    pub compose_hash: ComposeHash,
    /// The image it was held against.
    pub image: Option<OsImage>,
    /// Every finding, by number of the rule and then in the order of the document. Suppressed ones
    /// are marked.
    pub findings: Vec<LintFinding>,
    /// What is over [`limits::LINT_FINDINGS`] of one rule. It counts as not suppressed.
    pub left_out: Vec<LeftOut>,
    /// Suppressions that no finding needed.
    pub unused: Vec<Suppression>,
}

impl LintReport {
    /// The findings that are not suppressed.
    pub fn open(&self) -> impl Iterator<Item = &LintFinding> {
        self.findings
            .iter()
            .filter(|finding| finding.suppressed.is_none())
    }

    /// The gravest finding that is not suppressed.
    pub fn worst(&self) -> Option<LintSeverity> {
        self.outcome().worst()
    }

    /// What a policy judges: the findings that are not suppressed, by rule.
    pub fn outcome(&self) -> LintOutcome {
        let mut counts: BTreeMap<Rule, usize> = BTreeMap::new();
        let open = self.open().map(|finding| (finding.rule, 1));
        let more = self.left_out.iter().map(|one| (one.rule, one.count));
        for (rule, count) in open.chain(more) {
            let sum = counts.entry(rule).or_default();
            *sum = sum.saturating_add(count);
        }
        LintOutcome {
            compose_hash: self.compose_hash,
            rules: counts
                .into_iter()
                .map(|(rule, count)| LintedRule {
                    severity: rule.severity(),
                    rule: rule.id(),
                    count,
                })
                .collect(),
        }
    }
}

/// Where a finding is, before it is one.
#[derive(Debug, Clone, Default)]
pub(super) struct At<'a> {
    pub(super) service: Option<&'a str>,
    pub(super) field: String,
    pub(super) place: Option<Place>,
}

impl<'a> At<'a> {
    /// A field of the app-compose itself.
    pub(super) fn field(name: impl Into<String>) -> Self {
        Self {
            field: name.into(),
            ..Self::default()
        }
    }

    /// Somewhere in the docker-compose text.
    pub(super) fn text(path: impl Into<String>, place: Place) -> Self {
        Self {
            service: None,
            field: path.into(),
            place: Some(place),
        }
    }

    /// A key of a service.
    pub(super) fn service(name: &'a str, key: &str, place: Place) -> Self {
        let field = if key.is_empty() {
            format!("services.{name}")
        } else {
            format!("services.{name}.{key}")
        };
        Self {
            service: Some(name),
            field,
            place: Some(place),
        }
    }
}

/// Gathers findings, as many of one rule as the cap allows.
#[derive(Debug, Default)]
pub(super) struct Collector {
    found: BTreeMap<Rule, Vec<LintFinding>>,
    left_out: BTreeMap<Rule, usize>,
}

impl Collector {
    pub(super) fn add(&mut self, rule: Rule, at: At<'_>, found: Option<&str>) {
        let all = self.found.entry(rule).or_default();
        if all.len() >= limits::LINT_FINDINGS {
            let more = self.left_out.entry(rule).or_default();
            *more = more.saturating_add(1);
            return;
        }
        all.push(LintFinding {
            rule,
            service: at.service.map(shown),
            field: shown(&at.field),
            place: at.place,
            found: found.map(shown),
            suppressed: None,
        });
    }

    pub(super) fn report(self, compose_hash: ComposeHash, options: &LintOptions) -> LintReport {
        let mut findings: Vec<LintFinding> = self.found.into_values().flatten().collect();
        let unused = options.suppressions.apply(&mut findings);
        LintReport {
            compose_hash,
            image: options.image,
            findings,
            left_out: self
                .left_out
                .into_iter()
                .map(|(rule, count)| LeftOut { rule, count })
                .collect(),
            unused,
        }
    }
}

/// Text of the document, fit to be repeated: short, on one line, and no secret.
fn shown(text: &str) -> String {
    if secrets::holds_secret(text) {
        return "(not shown: there is a secret in it)".to_owned();
    }
    let mut short: String = text
        .chars()
        .map(|one| if one.is_control() { '\u{fffd}' } else { one })
        .take(core_limits::QUOTED_TEXT)
        .collect();
    if text.chars().nth(core_limits::QUOTED_TEXT).is_some() {
        short.push('…');
    }
    short
}
