//! The one sentence above everything else. It never says more than the verdict.

use teeproof_core::{
    CheckId, Comparison, OsMatch, Outcome, Report, Sameness, SecondEngine, Shortcoming, Side,
    Verdict,
};

use crate::verify::InstantChoice;

pub(crate) fn headline(report: &Report, instant: InstantChoice) -> String {
    let verdict = match (report.verdict(), report.second_engine()) {
        (_, SecondEngine::Conflict(_)) => {
            "INCONCLUSIVE: the two engines disagree on this evidence".to_owned()
        }
        (Verdict::Trusted, _) => format!("TRUSTED: {}, {}", genuine(report), pinned(report)),
        (Verdict::Genuine, _) => {
            format!("GENUINE, NOT PINNED: {}; {}", genuine(report), open(report))
        }
        (Verdict::Simulated, _) => format!(
            "SIMULATED: the trust anchor is not Intel's, so this proves nothing about hardware; with Intel's it would be {}",
            report.simulates().unwrap_or(Verdict::Inconclusive)
        ),
        (Verdict::Rejected, _) => format!("REJECTED: {}", first(report, Outcome::Failed)),
        (Verdict::Inconclusive, _) => {
            format!("INCONCLUSIVE: {}", first(report, Outcome::Skipped))
        }
    };
    let good = matches!(
        report.verdict(),
        Verdict::Trusted | Verdict::Genuine | Verdict::Simulated
    );
    let verdict = if good && report.channel_word() == "unbound" {
        format!(
            "{verdict}; channel unbound: some TD answered, not necessarily the one at this address"
        )
    } else {
        verdict
    };
    match instant {
        InstantChoice::Captured => {
            format!("AS OF {} (the bundle's own word): {verdict}", report.at())
        }
        _ => as_of(verdict, instant),
    }
}

/// A sentence about an instant that is not the present one.
pub(crate) fn as_of(sentence: String, instant: InstantChoice) -> String {
    match instant {
        InstantChoice::Clock(_) => sentence,
        InstantChoice::Given(at) => format!("AS OF {at}: {sentence}"),
        InstantChoice::Captured => format!("AS OF THE CAPTURES (their own word): {sentence}"),
    }
}

/// The sentence about a comparison.
pub(crate) fn compared(comparison: &Comparison, sides: &[Side<'_>]) -> String {
    let count = sides.len();
    let first = comparison.shortcomings().first();
    let sentence = match comparison.sameness() {
        Sameness::SameCode => {
            let machines = comparison
                .groups()
                .first()
                .map_or(0, |group| group.machines);
            let on = match (comparison.claims().different_machines, machines) {
                (true, machines) => format!(" on {machines} different machines"),
                (false, 1) => " on one machine".to_owned(),
                (false, machines) => format!(" on {machines} machines"),
            };
            format!(
                "SAME CODE PROVEN: {count} instances{on} run the approved app-compose, every image by digest"
            )
        }
        Sameness::SameMeasurements => format!(
            "SAME MEASUREMENTS, CODE NOT PROVEN: {}",
            first.map_or("", Shortcoming::summary)
        ),
        Sameness::Unproven => format!("UNPROVEN: {}", first.map_or("", Shortcoming::summary)),
        Sameness::Refuted => {
            let rows: Vec<&str> = comparison
                .rows()
                .iter()
                .filter(|row| row.is_broken())
                .map(|row| row.name.as_deref().unwrap_or(row.id.title()))
                .collect();
            format!("REFUTED: not the same: {}", rows.join(", "))
        }
    };
    let sentence = if sides
        .iter()
        .any(|side| side.report.channel_word() == "unbound")
    {
        format!(
            "{sentence}; channel unbound: TDs answered, not necessarily those at these addresses"
        )
    } else {
        sentence
    };
    if comparison.simulated() {
        format!(
            "SIMULATED: the trust anchor is not Intel's, so this proves nothing about hardware; with Intel's it would be: {sentence}"
        )
    } else {
        sentence
    }
}

fn genuine(report: &Report) -> String {
    let tee = report.tee().map_or("quote", |tee| match tee {
        teeproof_core::Tee::Tdx => "TDX quote",
        teeproof_core::Tee::Sgx => "SGX quote",
    });
    let status = report.tcb_status().map_or_else(
        |reason| reason.code().to_owned(),
        |status| status.to_string(),
    );
    format!("{tee} signed by an Intel-certified key, TCB {status}")
}

fn pinned(report: &Report) -> String {
    let os = match report.os() {
        Some(OsMatch::Member(name)) => format!("approved OS `{name}`"),
        _ => "approved OS".to_owned(),
    };
    let by_compose = report
        .check(CheckId::ComposeApproved)
        .is_some_and(|check| check.finding.outcome == Outcome::Passed);
    if by_compose {
        format!("{os}, approved compose hash")
    } else {
        format!("{os}, RTMR3 as pinned")
    }
}

fn open(report: &Report) -> &'static str {
    match report.os() {
        Some(OsMatch::Member(_)) => "the app that runs on it was not pinned",
        _ => "the code that runs on it was not pinned",
    }
}

fn first(report: &Report, outcome: Outcome) -> String {
    let of_outcome = || {
        report
            .checks()
            .iter()
            .filter(|check| check.finding.outcome == outcome)
    };
    // A check that only waits for another is not the cause.
    let cause = of_outcome()
        .find(|check| check.finding.depends_on.is_none())
        .or_else(|| of_outcome().next());
    let Some(check) = cause else {
        return "no proof".to_owned();
    };
    let more = of_outcome().count().saturating_sub(1);
    let because = check
        .finding
        .reason
        .map(|reason| reason.to_string())
        .unwrap_or_default();
    match (outcome, more) {
        (_, 0) => format!("{because} ({})", check.id),
        (Outcome::Failed, _) => format!("{because} ({}), and {more} more failed", check.id),
        _ => format!("{because} ({}), and {more} more not checked", check.id),
    }
}
