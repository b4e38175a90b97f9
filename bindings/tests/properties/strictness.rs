//! A stricter policy never accepts more, and weaker evidence never proves more.

use proptest::prelude::*;
use proptest::sample::Index;
use teeproof_core::{
    CheckId, Exchange, MeasuredEvidence, Outcome, Policy, Reason, Report, Verdict, appraise,
};

use crate::cases;
use crate::policies::{self, Dice, KNOBS, Truth};
use crate::subjects::{Examined, all, pick};
use crate::support::accepted;

/// How much a verdict says, but for what was pinned.
fn level(report: &Report) -> u8 {
    match report.verdict() {
        Verdict::Rejected => 0,
        Verdict::Inconclusive => 1,
        Verdict::Simulated | Verdict::Genuine | Verdict::Trusted => 2,
    }
}

/// What would be reached under Intel's root.
fn reached(report: &Report) -> Option<Verdict> {
    match report.verdict() {
        Verdict::Simulated => report.simulates(),
        Verdict::Trusted => Some(Verdict::Trusted),
        Verdict::Genuine => Some(Verdict::Genuine),
        Verdict::Rejected | Verdict::Inconclusive => None,
    }
}

fn open(report: &Report) -> Vec<(CheckId, Outcome, Option<Reason>)> {
    report
        .checks()
        .iter()
        .filter(|check| matches!(check.finding.outcome, Outcome::Failed | Outcome::Skipped))
        .map(|check| (check.id, check.finding.outcome, check.finding.reason))
        .collect()
}

/// The one way up: a demand for what the log says waits for an operating system, and the stricter
/// policy names it.
fn waited_for_the_system(loose: &Policy, strict: &Policy, report: &Report) -> bool {
    loose.os().is_none()
        && strict.os().is_some()
        && open(report)
            .iter()
            .all(|open| matches!(open, (_, Outcome::Skipped, Some(Reason::OsNotEstablished))))
}

fn dice() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 100)
}

fn tightened_policies_accept_no_more(examined: &Examined, bytes: &[u8], knobs: &[usize]) {
    let truth = Truth::of(&examined.report(&Policy::default()));
    let mut dice = Dice::new(bytes);
    let mut document = policies::policy(&mut dice, &truth);
    let mut loose = policies::read(&document);
    let mut before = examined.report(&loose);
    for knob in knobs {
        let Some(next) = policies::tighten(&document, *knob, &mut dice, &truth) else {
            continue;
        };
        let strict = policies::read(&next);
        assert!(strict.is_at_least_as_strict_as(&loose));
        assert!(!loose.is_at_least_as_strict_as(&strict));
        let after = examined.report(&strict);
        let says = || {
            format!(
                "{}\n{}\n{}\n{:?}\n{:?}",
                examined.name,
                policies::to_toml(&document),
                policies::to_toml(&next),
                open(&before),
                open(&after)
            )
        };
        if level(&after) > level(&before) {
            assert!(
                waited_for_the_system(&loose, &strict, &before),
                "{}",
                says()
            );
        }
        // Whatever failed still fails.
        for (check, outcome, _) in open(&before) {
            if outcome == Outcome::Failed {
                let now = after.check(check).unwrap();
                assert_eq!(now.finding.outcome, Outcome::Failed, "{check} {}", says());
            }
        }
        (document, loose, before) = (next, strict, after);
    }
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn a_stricter_policy_never_accepts_more(
        at in any::<Index>(),
        kind in any::<u8>(),
        bytes in dice(),
        knobs in proptest::collection::vec(0..KNOBS, 1..8),
    ) {
        tightened_policies_accept_no_more(pick(at, kind), &bytes, &knobs);
    }
}

/// Every knob by itself: none is dead.
#[test]
fn every_knob_refuses_something() {
    let mut idle: Vec<usize> = (0..KNOBS).collect();
    for (index, examined) in all().iter().enumerate() {
        let truth = Truth::of(&examined.report(&Policy::default()));
        idle.retain(|knob| {
            // Bytes that set keys, and turn the knob in all of its directions.
            [0_u8, 3, 7, 11, 15, 31].into_iter().all(|fill| {
                let mut bytes = [0; 100];
                bytes[index % 40 + 8..].fill(fill);
                let mut dice = Dice::new(&bytes);
                let document = policies::policy(&mut dice, &truth);
                let Some(next) = policies::tighten(&document, *knob, &mut dice, &truth) else {
                    return true;
                };
                let before = examined.report(&policies::read(&document));
                let after = examined.report(&policies::read(&next));
                level(&after) >= level(&before)
            })
        });
    }
    assert!(idle.is_empty(), "knobs that never refused: {idle:?}");
}

#[derive(Debug, Clone, Copy)]
struct Without {
    collateral: bool,
    event_log: bool,
    app_compose: bool,
    mr_config_document: bool,
    challenge: bool,
}

fn kept(part: &Option<Vec<u8>>, gone: bool) -> Option<&[u8]> {
    part.as_deref().filter(|_| !gone)
}

fn weaker(examined: &Examined, policy: &Policy, without: Without) -> Report {
    let subject = &examined.subject;
    appraise(
        if without.collateral {
            &examined.bare
        } else {
            &examined.examination
        },
        &MeasuredEvidence {
            event_log: kept(&subject.event_log, without.event_log),
            app_compose: kept(&subject.app_compose, without.app_compose),
            vm_config: subject.vm_config.as_deref(),
            mr_config_document: kept(&subject.mr_config_document, without.mr_config_document),
            lint: None,
        },
        policy,
        &Exchange {
            challenge: subject
                .exchange
                .challenge
                .clone()
                .filter(|_| !without.challenge),
            channel: subject.exchange.channel,
        },
        examined.second_engine.clone(),
    )
}

/// The checks that may only fail because a part was supplied.
fn about_what_is_gone(check: CheckId, without: Without) -> bool {
    match check {
        CheckId::LogReplay | CheckId::LogDigests | CheckId::LogGrammar => without.event_log,
        CheckId::ComposeBinding => without.app_compose || without.event_log,
        CheckId::MrConfig => without.mr_config_document || without.event_log,
        CheckId::Freshness => without.challenge,
        _ => false,
    }
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn weaker_evidence_never_raises_a_verdict(
        at in any::<Index>(),
        kind in any::<u8>(),
        own in any::<bool>(),
        bytes in dice(),
        gone in any::<[bool; 5]>(),
    ) {
        let examined = pick(at, kind);
        let policy = if own {
            examined.subject.policy.clone()
        } else {
            let truth = Truth::of(&examined.report(&Policy::default()));
            policies::read(&policies::policy(&mut Dice::new(&bytes), &truth))
        };
        let [collateral, event_log, app_compose, mr_config_document, challenge] = gone;
        let without = Without { collateral, event_log, app_compose, mr_config_document, challenge };
        let (full, less) = (examined.report(&policy), weaker(examined, &policy, without));
        let says = format!("{} {without:?}\n{:?}\n{:?}", examined.name, open(&full), open(&less));
        if full.verdict() == Verdict::Rejected {
            // Evidence that contradicts itself is worse than evidence that is missing: only what
            // was found about a part can go with it.
            if accepted(&less) {
                for (check, outcome, _) in open(&full) {
                    prop_assert!(
                        outcome == Outcome::Skipped || about_what_is_gone(check, without),
                        "{check} {}", says
                    );
                }
            }
        } else {
            prop_assert!(level(&less) <= level(&full), "{}", says);
            if reached(&full) == Some(Verdict::Genuine) {
                prop_assert_ne!(reached(&less), Some(Verdict::Trusted), "{}", says);
            }
        }
        prop_assert!(!without.collateral || !accepted(&less), "{}", says);
    }
}
