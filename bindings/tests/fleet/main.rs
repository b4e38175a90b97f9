//! A fleet over time: when its instances stop being acceptable, and why.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this file is tests and their helpers"
)]

#[path = "../common/mod.rs"]
mod common;

mod as_verify;
mod what_if;

use common::{evidence, options};
use teeproof_bindings::{
    ErrorAnswer, ExitCode, Fleet, FleetAnswer, FleetInstanceAnswer, FleetOptions, SegmentAnswer,
    Span, VerifyOptions, WhatIf,
};
use teeproof_core::{InputKind, InstanceEvidence, Instant};
use teeproof_forge::{Issued, Scenario};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn span(from: &str, until: &str) -> Span {
    Span::new(at(from), at(until)).unwrap()
}

/// Two years around the instant of the forge's cases.
fn around() -> Span {
    span("2024-07-01T00:00:00Z", "2026-07-01T00:00:00Z")
}

fn fleet_options(verify: VerifyOptions, span: Span) -> FleetOptions {
    FleetOptions {
        verify,
        span,
        what_if: WhatIf::default(),
        throughout: false,
    }
}

fn fleet(options: FleetOptions, instances: &[(&str, &InstanceEvidence)]) -> FleetAnswer {
    let mut fleet = Fleet::new(options).unwrap();
    for (name, evidence) in instances {
        fleet.add(name, evidence).unwrap();
    }
    fleet.answer()
}

fn of_issued(issued: &Issued, span: Span) -> FleetAnswer {
    fleet(
        fleet_options(options(issued), span),
        &[("one", &evidence(issued))],
    )
}

fn of(scenario: &Scenario, from: &str, until: &str) -> FleetAnswer {
    of_issued(&scenario.issue(), span(from, until))
}

fn at_instant(segments: &[SegmentAnswer], instant: Instant) -> &SegmentAnswer {
    segments
        .iter()
        .find(|segment| at(&segment.from) <= instant && instant <= at(&segment.until))
        .unwrap()
}

/// Segments touch, differ, and cover the span.
fn assert_whole(segments: &[SegmentAnswer], span: Span) {
    assert_eq!(at(&segments[0].from), span.from());
    assert_eq!(at(&segments.last().unwrap().until), span.until());
    for pair in segments.windows(2) {
        assert_eq!(
            at(&pair[0].until).plus_one_second(),
            Some(at(&pair[1].from))
        );
        let same = SegmentAnswer {
            from: pair[1].from.clone(),
            until: pair[1].until.clone(),
            ..pair[0].clone()
        };
        assert_ne!(same, pair[1]);
    }
}

#[test]
fn collateral_lapses_after_its_last_second() {
    let answer = of(
        &Scenario::tdx_v4(),
        "2025-07-01T00:00:00Z",
        "2026-07-01T00:00:00Z",
    );
    let [first, second] = answer.instances[0].segments.as_slice() else {
        panic!("{answer:#?}");
    };
    // The PCK CA's list is the first to end: its `nextUpdate` in the forge's baseline, which is past
    // its last second.
    assert!(first.acceptable);
    assert_eq!((first.verdict.as_str(), first.exit_code), ("simulated", 10));
    assert_eq!(first.until, "2025-07-19T10:00:34Z");
    assert!(!second.acceptable);
    assert_eq!(
        (second.verdict.as_str(), second.exit_code),
        ("inconclusive", 6)
    );
    assert_eq!(second.check.as_deref(), Some("collateral.valid"));
    assert_eq!(second.reason.as_deref(), Some("collateral-lapsed"));
    assert!(second.next.as_deref().unwrap().contains("fetch"));
    let stop = &answer.calendar[0];
    assert_eq!(
        (stop.at.as_str(), stop.kind.as_str(), stop.under.as_str()),
        ("2025-07-19T10:00:35Z", "stops", "policy")
    );
    assert_eq!(
        (&stop.ended, &stop.instances),
        (&vec!["pck_crl".to_owned()], &vec![0])
    );
    assert!(answer.simulated && answer.headline.contains("SIMULATED"));
    assert_eq!(answer.exit_code, 10);
    assert_eq!(answer.engines.as_deref(), Some("both"));
}

#[test]
fn throughout_asks_for_every_instant() {
    let issued = Scenario::tdx_v4().issue();
    let mut options = fleet_options(
        options(&issued),
        span("2025-07-01T00:00:00Z", "2025-07-19T10:00:34Z"),
    );
    options.throughout = true;
    let evidence = evidence(&issued);
    assert_eq!(fleet(options.clone(), &[("one", &evidence)]).exit_code, 10);
    options.span = span("2025-07-01T00:00:00Z", "2025-07-19T10:00:35Z");
    assert_eq!(fleet(options.clone(), &[("one", &evidence)]).exit_code, 6);
    options.throughout = false;
    assert_eq!(fleet(options, &[("one", &evidence)]).exit_code, 10);
}

#[test]
fn what_is_not_valid_yet_begins() {
    let answer = of(
        &Scenario::tdx_v4(),
        "2025-06-01T00:00:00Z",
        "2025-07-01T00:00:00Z",
    );
    assert_eq!(answer.exit_code, 6);
    let segments = &answer.instances[0].segments;
    assert!(!segments[0].acceptable);
    assert_eq!(
        segments[0].reason.as_deref(),
        Some("collateral-not-yet-valid")
    );
    let last = segments.last().unwrap();
    assert!(last.acceptable);
    // QE identity is the last to begin.
    assert_eq!(last.from, "2025-06-19T10:32:27Z");
    let begins: Vec<_> = answer
        .calendar
        .iter()
        .filter(|event| event.kind == "begins")
        .map(|event| event.at.as_str())
        .collect();
    assert_eq!(begins, ["2025-06-19T10:32:27Z"]);
    assert!(answer.calendar.iter().all(|event| event.kind != "stops"));
}

/// A platform of which the grace of so many days began at this date.
fn in_grace(date: &str, days: u32) -> Scenario {
    let mut scenario = Scenario::tdx_v4();
    scenario.tcb_info.levels[0].published.status = "OutOfDate".into();
    scenario.policy.tcb.platform = vec!["OutOfDate".into()];
    scenario.policy.tcb.merged = vec!["OutOfDate".into()];
    scenario.policy.tcb.grace_days = Some(days);
    scenario.supersede();
    scenario.date_levels(date);
    scenario
}

#[test]
fn a_grace_ends_within_the_windows() {
    let answer = of(
        &in_grace("2025-06-10T00:00:00Z", 30),
        "2025-07-01T00:00:00Z",
        "2025-07-15T00:00:00Z",
    );
    let [first, second] = answer.instances[0].segments.as_slice() else {
        panic!("{answer:#?}");
    };
    assert_eq!(first.tcb_status.as_deref(), Some("OutOfDate"));
    // 10 June and thirty days; a refusal of the policy, and not of the evidence.
    assert_eq!(first.until, "2025-07-10T00:00:00Z");
    assert_eq!((second.verdict.as_str(), second.exit_code), ("rejected", 5));
    assert_eq!(second.reason.as_deref(), Some("grace-expired"));
    let stop = &answer.calendar[0];
    assert_eq!(stop.at, "2025-07-10T00:00:01Z");
    assert_eq!(stop.ended, ["grace_platform"]);
}

#[test]
fn a_grace_that_outlives_the_collateral_stops_nothing() {
    let answer = of(
        &in_grace("2025-06-10T00:00:00Z", 60),
        "2025-07-01T00:00:00Z",
        "2026-07-01T00:00:00Z",
    );
    let stops: Vec<_> = answer
        .calendar
        .iter()
        .filter(|event| event.kind == "stops")
        .map(|event| (event.at.as_str(), event.reason.as_deref()))
        .collect();
    assert_eq!(stops, [("2025-07-19T10:00:35Z", Some("collateral-lapsed"))]);
}

#[test]
fn an_instance_that_is_never_acceptable_has_no_date() {
    let mut scenario = Scenario::tdx_v4();
    scenario.td().td_attributes |= 1;
    let answer = of_issued(
        &scenario.issue(),
        span("2025-07-01T00:00:00Z", "2027-07-01T00:00:00Z"),
    );
    assert!(
        answer.instances[0]
            .segments
            .iter()
            .all(|one| !one.acceptable)
    );
    assert!(answer.calendar.iter().all(|event| event.kind == "ends"));
    assert_eq!(answer.exit_code, 5);
    assert!(answer.headline.contains("0 of 1 instances acceptable"));
}

#[test]
fn a_span_does_not_end_before_it_begins() {
    let (early, late) = (at("2025-07-01T00:00:00Z"), at("2025-07-01T00:00:01Z"));
    let error = Span::new(late, early).unwrap_err().to_string();
    assert!(error.contains("2025-07-01T00:00:00Z lies before 2025-07-01T00:00:01Z"));
    let moment = Span::new(late, late).unwrap();
    let answer = of_issued(&Scenario::tdx_v4().issue(), moment);
    assert_eq!(answer.instances[0].segments.len(), 1);
    assert_whole(&answer.instances[0].segments, moment);
    assert!(answer.calendar.is_empty());
}

#[test]
fn nothing_is_no_fleet_that_is_fine() {
    let issued = Scenario::tdx_v4().issue();
    let fleet = Fleet::new(fleet_options(options(&issued), around())).unwrap();
    assert!(fleet.is_empty());
    let answer = fleet.answer();
    assert_eq!((answer.exit_code, answer.engines), (2, None));
}

#[test]
fn collateral_of_several_days_takes_turns() {
    let (evidence, options) = rollover();
    let answer = fleet(
        fleet_options(
            options,
            span("2025-07-01T00:00:00Z", "2025-12-01T00:00:00Z"),
        ),
        &[("one", &evidence)],
    );
    let said: Vec<_> = answer.instances[0]
        .segments
        .iter()
        .map(|one| (one.until.as_str(), one.acceptable, one.reason.as_deref()))
        .collect();
    // The first two overlap and make one stretch; of the last every part has to
    // begin. Where none is valid, that with the highest evaluation numbers is named.
    assert_eq!(
        said,
        [
            ("2025-08-08T10:00:34Z", true, None),
            (
                "2025-09-17T10:32:26Z",
                false,
                Some("collateral-not-yet-valid")
            ),
            ("2025-10-17T10:00:34Z", false, Some("status-not-accepted")),
            ("2025-12-01T00:00:00Z", false, Some("collateral-lapsed")),
        ]
    );
}

#[test]
fn one_that_cannot_be_read_hides_no_other() {
    let issued = Scenario::tdx_v4().issue();
    let good = evidence(&issued);
    let mut without = InstanceEvidence::from_quote(InputKind::RawQuote, Vec::new());
    without.quote = None;
    let mut options = fleet_options(options(&issued), around());
    options.span = span("2025-07-01T00:00:00Z", "2025-07-02T00:00:00Z");
    let mut fleet = Fleet::new(options).unwrap();
    let error = ErrorAnswer {
        code: "input".to_owned(),
        message: "not evidence".to_owned(),
    };
    fleet
        .add_unreadable("torn", error, ExitCode::Unreadable)
        .unwrap();
    fleet.add("without", &without).unwrap();
    fleet.add("good", &good).unwrap();
    let answer = fleet.answer();
    let codes: Vec<_> = answer.instances.iter().map(|one| one.exit_code).collect();
    assert_eq!((codes, answer.exit_code), (vec![7, 7, 10], 7));
    assert_eq!(answer.instances[1].error.as_ref().unwrap().code, "no-quote");
    assert!(answer.instances[2].segments[0].acceptable);
    assert!(answer.headline.contains("1 of 3 instances"));
}

#[test]
fn a_quote_that_is_none_is_rejected_at_every_instant() {
    let issued = Scenario::tdx_v4().issue();
    let garbage = InstanceEvidence::from_quote(InputKind::RawQuote, vec![0x5a; 700]);
    let answer = fleet(
        fleet_options(options(&issued), around()),
        &[("garbage", &garbage)],
    );
    let segments = &answer.instances[0].segments;
    assert_eq!((segments.len(), segments[0].exit_code), (1, 4));
    assert_eq!(segments[0].check.as_deref(), Some("quote.format"));
}

#[test]
fn without_collateral_nothing_is_acceptable() {
    let issued = Scenario::tdx_v4().issue();
    let mut bare = evidence(&issued);
    let files = std::mem::take(&mut bare.collateral);
    let mut options = fleet_options(
        options(&issued),
        span("2025-07-01T00:00:00Z", "2027-07-01T00:00:00Z"),
    );
    let answer = fleet(options.clone(), &[("bare", &bare)]);
    assert!(
        answer.instances[0]
            .segments
            .iter()
            .all(|one| !one.acceptable)
    );
    assert_eq!(answer.exit_code, 6);
    // The same files beside it are as good as in it.
    options.verify.collateral = files;
    let beside = fleet(options.clone(), &[("one", &bare)]);
    options.verify.collateral.clear();
    let within = fleet(options, &[("one", &evidence(&issued))]);
    assert_eq!(beside.instances, within.instances);
}

/// Two instances with collateral of two days: each is judged with its own, as `verify` would.
#[test]
fn one_instance_lends_another_no_collateral() {
    let early = Scenario::tdx_v4();
    let mut late = Scenario::cluster_machine(3);
    for window in [
        &mut late.tcb_info.window,
        &mut late.qe_identity.window,
        &mut late.pki.root_crl.window,
        &mut late.pki.pck_crl.window,
    ] {
        window.until += 90 * 86_400;
    }
    let issued = early.issue();
    let (first, second) = (evidence(&issued), evidence(&late.issue()));
    let options = fleet_options(options(&issued), around());
    let both = fleet(options.clone(), &[("one", &first), ("other", &second)]);
    let alone = fleet(options, &[("one", &first)]);
    assert_eq!(both.instances[0], alone.instances[0]);
    let last = |instance: &FleetInstanceAnswer| {
        let good = instance.segments.iter().filter(|one| one.acceptable);
        good.map(|one| one.until.clone()).next_back()
    };
    assert_eq!(
        last(&both.instances[0]).as_deref(),
        Some("2025-07-19T10:00:34Z")
    );
    assert_eq!(
        last(&both.instances[1]).as_deref(),
        Some("2025-10-17T10:00:34Z")
    );
}

#[test]
fn a_fleet_is_bounded() {
    let issued = Scenario::tdx_v4().issue();
    let mut fleet = Fleet::new(fleet_options(options(&issued), around())).unwrap();
    let error = || ErrorAnswer {
        code: "input".to_owned(),
        message: String::new(),
    };
    for _ in 0..Fleet::INSTANCES {
        fleet
            .add_unreadable("x", error(), ExitCode::Unreadable)
            .unwrap();
    }
    fleet
        .add_unreadable("x", error(), ExitCode::Unreadable)
        .unwrap_err();
    assert_eq!(fleet.len(), Fleet::INSTANCES);
}

/// Evidence with the collateral of three days, of which the last has a gap before it and calls the
/// platform out of date.
fn rollover() -> (InstanceEvidence, VerifyOptions) {
    let shifted = |days: u64, status: &str| {
        let mut scenario = Scenario::tdx_v4();
        for window in [
            &mut scenario.tcb_info.window,
            &mut scenario.qe_identity.window,
            &mut scenario.pki.root_crl.window,
            &mut scenario.pki.pck_crl.window,
        ] {
            window.from += days * 86_400;
            window.until += days * 86_400;
        }
        scenario.tcb_info.evaluation_number += u32::try_from(days / 20).unwrap();
        scenario.tcb_info.levels[0].published.status = status.into();
        scenario.issue()
    };
    let issued = shifted(0, "UpToDate");
    let mut all = evidence(&issued);
    for other in [shifted(20, "UpToDate"), shifted(90, "OutOfDate")] {
        all.collateral.extend(evidence(&other).collateral);
    }
    (all, options(&issued))
}
