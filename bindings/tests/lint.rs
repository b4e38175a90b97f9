//! A policy that demands the result of a lint: met, not met, and never met by a lint of another
//! document or by none.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]
#![cfg(feature = "compose")]

mod common;

use common::{answer, evidence, options, policy};
use serde_json::{Value, json};
use teeproof_bindings::{CheckAnswer, VerifyAnswer, call, signature_backend};
use teeproof_core::{
    CollateralSet, ComposeHash, Examination, LintOutcome, LintSeverity, LintedRule,
    MeasuredEvidence, Report, SecondEngine, appraise,
};
use teeproof_forge::{Issued, Scenario};

fn issued(compose: Option<&str>) -> Issued {
    let mut scenario = Scenario::tdx_v4();
    if let Some(compose) = compose {
        scenario.guest().compose = compose.to_owned();
    }
    scenario.issue()
}

/// The policy of a case, with the demand.
fn demanding(issued: &Issued, word: &str) -> String {
    let with = format!("[app]\ncompose-lint = \"{word}\"\n");
    assert!(issued.policy_toml.contains("[app]\n"));
    issued.policy_toml.replacen("[app]\n", &with, 1)
}

fn row(answer: &VerifyAnswer) -> &CheckAnswer {
    let mut rows = answer.checks.iter();
    rows.find(|check| check.id == "compose.lint").unwrap()
}

fn outcome(issued: &Issued, word: &str) -> (&'static str, Option<&'static str>, String) {
    let mut options = options(issued);
    options.policy = policy(&demanding(issued, word));
    let answer = answer(&evidence(issued), &options);
    let row = row(&answer);
    (row.outcome, row.reason, answer.verdict)
}

#[test]
fn the_lint_decides_where_the_policy_demands_it() {
    // The app of the forge has no error; that its key provider is not pinned is a warning.
    let sound = issued(None);
    let found = |outcome, reason, verdict: &str| (outcome, reason, verdict.to_owned());
    assert_eq!(
        outcome(&sound, "any"),
        found("not-requested", None, "simulated")
    );
    assert_eq!(
        outcome(&sound, "no-error"),
        found("passed", None, "simulated")
    );
    for word in ["no-warning", "no-note"] {
        let refused = found("failed", Some("lint-findings"), "rejected");
        assert_eq!(outcome(&sound, word), refused, "{word}");
    }
    let privileged = sound
        .app_compose
        .as_ref()
        .unwrap()
        .replace("    ports:", "    privileged: true\\n    ports:");
    let loose = issued(Some(&privileged));
    let refused = found("failed", Some("lint-findings"), "rejected");
    assert_eq!(outcome(&loose, "no-error"), refused);
}

#[test]
fn a_demand_without_a_document_is_skipped() {
    let mut without = issued(None);
    without.app_compose = None;
    let (outcome, reason, verdict) = outcome(&without, "no-error");
    assert_eq!((outcome, verdict.as_str()), ("skipped", "inconclusive"));
    assert_eq!(reason, Some("compose-missing"));
}

/// Appraises with the outcome of a lint that the caller brings.
fn appraised(issued: &Issued, lint: Option<&LintOutcome>) -> Report {
    let evidence = evidence(issued);
    let options = options(issued);
    let mut set = CollateralSet::new(options.anchor.clone());
    for parts in &evidence.collateral {
        set.add(parts, signature_backend()).unwrap();
    }
    let at = teeproof_core::Instant::from_unix(issued.at).unwrap();
    let examination = Examination::of(&issued.quote, &set, at, signature_backend());
    appraise(
        &examination,
        &MeasuredEvidence {
            event_log: evidence.event_log.as_deref(),
            app_compose: evidence.app_compose.as_deref(),
            vm_config: evidence.vm_config.as_deref(),
            mr_config_document: evidence.mr_config_document.as_deref(),
            lint,
        },
        &policy(&demanding(issued, "no-error")),
        &options.exchange,
        SecondEngine::NotRun,
    )
}

#[test]
fn only_a_lint_of_the_measured_document_counts() {
    let sound = issued(None);
    let measured = ComposeHash::of(sound.app_compose.as_ref().unwrap().as_bytes()).unwrap();
    let other = ComposeHash::of(b"{}").unwrap();
    let with = |compose_hash, severity: Option<LintSeverity>| LintOutcome {
        compose_hash,
        rules: severity
            .map(|severity| LintedRule {
                severity,
                rule: "a.rule",
                count: 1,
            })
            .into_iter()
            .collect(),
    };
    for (lint, outcome, reason) in [
        (None, "skipped", Some("lint-missing")),
        (Some(with(other, None)), "skipped", Some("lint-of-another")),
        (
            Some(with(other, Some(LintSeverity::Error))),
            "skipped",
            Some("lint-of-another"),
        ),
        (Some(with(measured, None)), "passed", None),
        (
            Some(with(measured, Some(LintSeverity::Warning))),
            "passed",
            None,
        ),
        (
            Some(with(measured, Some(LintSeverity::Error))),
            "failed",
            Some("lint-findings"),
        ),
    ] {
        let report = appraised(&sound, lint.as_ref());
        let mut checks = report.checks().iter();
        let check = checks
            .find(|check| check.id.id() == "compose.lint")
            .unwrap();
        assert_eq!(check.finding.outcome.as_str(), outcome, "{lint:?}");
        assert_eq!(
            check.finding.reason.map(|one| one.code()),
            reason,
            "{lint:?}"
        );
    }
}

fn called(request: &Value) -> Value {
    serde_json::from_str(&call("compose-lint", &request.to_string())).unwrap()
}

#[test]
fn the_operation_answers_and_refuses() {
    let text = issued(None).app_compose.unwrap();
    let request = |more: Value| {
        let mut request = json!({
            "schema": "teeproof.request/1",
            "appCompose": { "text": text },
        });
        for (key, value) in more.as_object().unwrap() {
            request[key] = value.clone();
        }
        called(&request)
    };
    let answer = request(json!({}));
    let hash = ComposeHash::of(text.as_bytes()).unwrap().to_string();
    assert_eq!(answer["ok"]["composeHash"], json!(hash));
    assert_eq!(
        (&answer["ok"]["worst"], &answer["ok"]["exitCode"]),
        (&json!("warning"), &json!(0))
    );
    assert_eq!(request(json!({ "deny": "warning" }))["ok"]["exitCode"], 5);
    assert_eq!(request(json!({ "deny": "none" }))["ok"]["exitCode"], 0);
    for (more, code) in [
        (json!({ "schema": "x" }), "schema"),
        (json!({ "deny": "all" }), "deny"),
        (json!({ "image": "new" }), "image"),
        (
            json!({ "suppressions": "[[suppress]]\nrule = \"a\"\nreason = \"b\"" }),
            "suppress.unknown-rule",
        ),
        (
            json!({ "appCompose": { "text": "[]" } }),
            "compose.not-an-object",
        ),
        (json!({ "other": 1 }), "request"),
    ] {
        assert_eq!(request(more.clone())["error"]["code"], code, "{more}");
    }
}
