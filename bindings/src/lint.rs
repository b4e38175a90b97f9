//! The lint of an app-compose: its answer, and what of it goes into a verdict.

use serde::Serialize;

use crate::answer::shapes;

/// Schema of the answer of a lint.
pub const LINT_SCHEMA: &str = "teeproof.lint/1";

shapes! {
    /// What the lint says of one app-compose.
    LintAnswer {
        /// The name and major version of this shape: `teeproof.lint/1`.
        schema: &'static str,
        /// What the input is called.
        name: String,
        /// The compose hash of the document: of another document this answer says nothing.
        compose_hash: String,
        /// The OS image that the fields were held against; null if none was named.
        image: Option<String>,
        /// The mildest severity that is denied: `note`, `warning` or `error`; null if none is.
        deny: Option<String>,
        /// The gravest finding that is not suppressed: `note`, `warning` or `error`; null if there is
        /// none.
        worst: Option<String>,
        /// How many findings there are.
        counts: LintCounts,
        /// The exit code a process ends with for this input alone: 0, or 5 if something is found that
        /// is denied.
        exit_code: u8,
        /// One sentence.
        headline: String,
        /// Every finding, by number of its rule and then in the order of the document.
        findings: Vec<LintFindingAnswer>,
        /// Findings over what is listed of one rule.
        left_out: Vec<LintLeftOut>,
        /// Suppressions that no finding needed.
        unused_suppressions: Vec<SuppressionAnswer>,
        /// Every rule that was asked.
        rules: Vec<LintRuleAnswer>,
    }
    /// How many findings there are.
    LintCounts {
        /// Errors that are not suppressed.
        errors: usize,
        /// Warnings that are not suppressed.
        warnings: usize,
        /// Notes that are not suppressed.
        notes: usize,
        /// Suppressed findings.
        suppressed: usize,
    }
    /// One finding.
    LintFindingAnswer {
        /// The stable id of the rule.
        rule: String,
        /// `note`, `warning` or `error`.
        severity: String,
        /// What it says.
        title: String,
        /// The service, if it is about one.
        service: Option<String>,
        /// A field of the app-compose (`public_logs`), or what stands in its docker-compose text
        /// (`services.web.image`).
        field: String,
        /// The line in the docker-compose text, from one; null for a field of the app-compose.
        line: Option<usize>,
        /// The column in characters, from one.
        column: Option<usize>,
        /// What was found: short, and never a secret.
        found: Option<String>,
        /// Why it is accepted; null if it is not.
        suppressed: Option<String>,
    }
    /// Findings over what is listed of one rule.
    LintLeftOut {
        /// The rule.
        rule: String,
        /// How many more there are.
        count: usize,
    }
    /// A suppression.
    SuppressionAnswer {
        /// The rule.
        rule: String,
        /// The service; null for any.
        service: Option<String>,
        /// Why.
        reason: String,
    }
    /// A rule.
    LintRuleAnswer {
        /// The stable id.
        id: String,
        /// The frozen number.
        number: u16,
        /// `note`, `warning` or `error`.
        severity: String,
        /// What a finding says.
        title: String,
        /// Why it matters.
        why: String,
        /// How to mend it.
        next: String,
        /// Where the rule comes from.
        source: String,
    }
}

/// The JSON Schema (draft 2020-12) of the answer of a lint.
#[cfg(feature = "schema")]
pub fn lint_schema_json() -> String {
    crate::answer::schema_json::<LintAnswer>(LINT_SCHEMA)
}

#[cfg(feature = "compose")]
pub use with_compose::lint;
#[cfg(feature = "compose")]
pub(crate) use with_compose::outcome;

#[cfg(feature = "compose")]
mod with_compose {
    use teeproof_compose::{AppCompose, LintFinding, LintOptions, LintReport, Rule};
    use teeproof_core::policy::LintDemand;
    use teeproof_core::{LintOutcome, LintSeverity, Policy};

    use super::{
        LINT_SCHEMA, LintAnswer, LintCounts, LintFindingAnswer, LintLeftOut, LintRuleAnswer,
        SuppressionAnswer,
    };
    use crate::exit::ExitCode;

    /// What a lint says of the app-compose in evidence, where the policy demands to know. Nothing is
    /// suppressed, and no image is believed: it hangs on the document alone.
    pub(crate) fn outcome(app_compose: Option<&[u8]>, policy: &Policy) -> Option<LintOutcome> {
        if policy.app().compose_lint == LintDemand::Any {
            return None;
        }
        let document = AppCompose::parse(app_compose?).ok()?;
        Some(teeproof_compose::lint(&document, &LintOptions::default()).outcome())
    }

    /// Lints a document. `deny` is the mildest severity that is refused.
    pub fn lint(
        name: &str,
        document: &AppCompose,
        options: &LintOptions,
        deny: Option<LintSeverity>,
    ) -> LintAnswer {
        let report = teeproof_compose::lint(document, options);
        let outcome = report.outcome();
        let worst = report.worst();
        let denied = worst
            .zip(deny)
            .is_some_and(|(worst, denied)| worst >= denied);
        let code = if denied {
            ExitCode::RejectedPolicy
        } else {
            ExitCode::Trusted
        };
        let counts = LintCounts {
            errors: outcome.count(LintSeverity::Error),
            warnings: outcome.count(LintSeverity::Warning),
            notes: outcome.count(LintSeverity::Note),
            suppressed: report.findings.len().saturating_sub(report.open().count()),
        };
        LintAnswer {
            schema: LINT_SCHEMA,
            name: name.to_owned(),
            compose_hash: report.compose_hash.to_string(),
            image: report.image.map(|image| image.to_string()),
            deny: deny.map(|severity| severity.to_string()),
            worst: worst.map(|severity| severity.to_string()),
            exit_code: code.number(),
            headline: headline(&counts, deny, denied),
            counts,
            findings: report.findings.iter().map(finding).collect(),
            left_out: left_out(&report),
            unused_suppressions: unused(&report),
            rules: Rule::ALL.iter().copied().map(rule).collect(),
        }
    }

    fn headline(counts: &LintCounts, deny: Option<LintSeverity>, denied: bool) -> String {
        let some = |count: usize, word: &str| {
            let end = if count == 1 { "" } else { "s" };
            format!("{count} {word}{end}")
        };
        let all = [
            some(counts.errors, "error"),
            some(counts.warnings, "warning"),
            some(counts.notes, "note"),
            format!("{} suppressed", counts.suppressed),
        ];
        let all = all.join(", ");
        match deny {
            Some(severity) if denied => format!("refused: {all}; denied from {severity} on"),
            Some(severity) => format!("accepted: {all}; denied from {severity} on"),
            None => format!("{all}; nothing is denied"),
        }
    }

    fn finding(finding: &LintFinding) -> LintFindingAnswer {
        LintFindingAnswer {
            rule: finding.rule.id().to_owned(),
            severity: finding.rule.severity().to_string(),
            title: finding.rule.title().to_owned(),
            service: finding.service.clone(),
            field: finding.field.clone(),
            line: finding.place.map(|place| place.line),
            column: finding.place.map(|place| place.column),
            found: finding.found.clone(),
            suppressed: finding.suppressed.clone(),
        }
    }

    fn left_out(report: &LintReport) -> Vec<LintLeftOut> {
        report
            .left_out
            .iter()
            .map(|one| LintLeftOut {
                rule: one.rule.id().to_owned(),
                count: one.count,
            })
            .collect()
    }

    fn unused(report: &LintReport) -> Vec<SuppressionAnswer> {
        report
            .unused
            .iter()
            .map(|one| SuppressionAnswer {
                rule: one.rule.id().to_owned(),
                service: one.service.clone(),
                reason: one.reason.clone(),
            })
            .collect()
    }

    fn rule(rule: Rule) -> LintRuleAnswer {
        LintRuleAnswer {
            id: rule.id().to_owned(),
            number: rule.number(),
            severity: rule.severity().to_string(),
            title: rule.title().to_owned(),
            why: rule.why().to_owned(),
            next: rule.mend().to_owned(),
            source: rule.source().to_owned(),
        }
    }
}
