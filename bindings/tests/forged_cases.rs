//! Every case of the forge: the expectation is declared with the knob, by hand, and never computed
//! by the code under test.

#![allow(clippy::unwrap_used, reason = "this file is tests and their helpers")]

mod common;

use std::collections::BTreeSet;

use common::{answer, evidence, options};
use teeproof_core::{CollateralParts, TrustAnchor};
use teeproof_forge::{Case, Issued, TcbWord, Verdict, catalogue};

/// Whether the collateral file is not even one: it is refused where it is read, before any verdict.
fn unreadable(issued: &Issued) -> bool {
    issued
        .collateral_json
        .as_ref()
        .is_some_and(|json| CollateralParts::from_json(json.as_bytes()).is_err())
}

fn problems(case: &Case) -> Vec<String> {
    let issued = case.issue();
    if unreadable(&issued) {
        assert_eq!(case.expect.verdict, Verdict::Rejected, "{}", case.name);
        return Vec::new();
    }
    let answer = answer(&evidence(&issued), &options(&issued));
    let expect = &case.expect;
    let mut problems = Vec::new();
    let mut wrong = |what: String| problems.push(what);
    let verdict = match expect.verdict {
        Verdict::Simulated => "simulated",
        Verdict::Rejected => "rejected",
        Verdict::Inconclusive => "inconclusive",
    };
    if answer.verdict != verdict {
        wrong(format!("{} instead of {verdict}", answer.verdict));
    }
    if let Some(would_be) = expect.would_be
        && answer.simulates.as_deref() != Some(would_be)
    {
        wrong(format!("simulates {:?}, not {would_be}", answer.simulates));
    }
    for (outcome, expected) in [("failed", &expect.failed), ("skipped", &expect.skipped)] {
        for row in expected {
            let found = answer
                .checks
                .iter()
                .find(|check| check.id == row.check)
                .unwrap();
            if found.outcome != outcome {
                wrong(format!(
                    "{} is {} and not {outcome}",
                    row.check, found.outcome
                ));
            }
            if let Some(reason) = row.reason
                && found.reason != Some(reason)
            {
                wrong(format!(
                    "{} because {:?} and not {reason}",
                    row.check, found.reason
                ));
            }
        }
    }
    if let Some(reason) = expect.some_reason
        && !answer
            .checks
            .iter()
            .any(|check| check.reason == Some(reason))
    {
        wrong(format!("no check because {reason}"));
    }
    let status = answer.tcb.status.as_deref();
    match &expect.tcb_status {
        TcbWord::Is(word) if status != Some(word) => {
            wrong(format!("tcb.status {status:?} and not {word}"));
        }
        TcbWord::None if status.is_some() => wrong(format!("tcb.status {status:?} and not null")),
        _ => {}
    }
    if answer.tcb.status.is_some() == answer.tcb.status_reason.is_some() {
        wrong("tcb.status and its reason must exclude each other".to_owned());
    }
    if !problems.is_empty() {
        let open: Vec<String> = answer
            .checks
            .iter()
            .filter(|check| matches!(check.outcome, "failed" | "skipped"))
            .map(|check| {
                format!(
                    "{} {} {:?} {:?}",
                    check.id, check.outcome, check.reason, check.depends_on
                )
            })
            .collect();
        problems.push(format!("open: {open:#?}"));
    }
    problems
}

#[test]
fn every_case_ends_as_its_knob_declares() {
    let cases = catalogue();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let problems = problems(case);
            (!problems.is_empty())
                .then(|| format!("{}: {}\n  {}", case.name, case.about, problems.join("\n  ")))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

/// The forge's published root is no substitute for Intel's: under Intel's root nothing it issues is
/// ever trusted, genuine or even simulated.
#[test]
fn nothing_forged_passes_under_intels_root() {
    for case in catalogue() {
        let issued = case.issue();
        if unreadable(&issued) {
            continue;
        }
        let mut options = options(&issued);
        options.anchor = TrustAnchor::intel().unwrap();
        let answer = answer(&evidence(&issued), &options);
        assert!(
            matches!(answer.verdict.as_str(), "rejected" | "inconclusive"),
            "{}: {}",
            case.name,
            answer.verdict
        );
        assert!(
            answer.trust_anchor.intel && answer.tcb.status.is_none(),
            "{}",
            case.name
        );
    }
}

#[test]
fn case_names_are_unique() {
    let cases = catalogue();
    let names: BTreeSet<_> = cases.iter().map(|case| case.name.clone()).collect();
    assert_eq!(names.len(), cases.len());
}
