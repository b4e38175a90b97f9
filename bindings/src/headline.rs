//! The one sentence above everything else. It never says more than the verdict.

use teeproof_core::{Channel, CheckId, OsMatch, Outcome, Report, SecondEngine, Verdict};

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
    let verdict = if good && unbound(report) {
        format!(
            "{verdict}; channel unbound: some TD answered, not necessarily the one at this address"
        )
    } else {
        verdict
    };
    match instant {
        InstantChoice::Clock(_) => verdict,
        InstantChoice::Given(at) => format!("AS OF {at}: {verdict}"),
        InstantChoice::Captured => {
            format!("AS OF {} (the bundle's own word): {verdict}", report.at())
        }
    }
}

/// Whether a live connection was not shown to end with the TD.
fn unbound(report: &Report) -> bool {
    matches!(report.channel(), Channel::Live { .. })
        && report
            .check(CheckId::Channel)
            .is_none_or(|check| check.finding.outcome != Outcome::Passed)
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
