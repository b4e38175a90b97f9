//! A stricter policy accepts no instance at any instant at which the looser one does not, and nor does
//! anything that can be supposed.

use proptest::prelude::*;
use proptest::sample::Index;
use teeproof_bindings::{
    AssumedAdvisory, Fleet, FleetInstanceAnswer, FleetOptions, InstantChoice, SegmentAnswer, Span,
    VerifyOptions, WhatIf,
};
use teeproof_core::{InputKind, InstanceEvidence, Policy, PolicyEdits};

use crate::cases;
use crate::policies::{self, Dice, KNOBS, Truth};
use crate::subjects::{Examined, pick};
use crate::support::Subject;

fn evidence(subject: &Subject) -> InstanceEvidence {
    let mut evidence = InstanceEvidence::from_quote(InputKind::RawQuote, subject.quote.clone());
    evidence.event_log.clone_from(&subject.event_log);
    evidence.app_compose.clone_from(&subject.app_compose);
    evidence.vm_config.clone_from(&subject.vm_config);
    let document = &subject.mr_config_document;
    evidence.mr_config_document.clone_from(document);
    evidence.collateral.clone_from(&subject.collateral);
    evidence
}

/// The whole life of a piece of evidence under a policy.
fn life(examined: &Examined, policy: &Policy, what_if: WhatIf) -> FleetInstanceAnswer {
    let subject = &examined.subject;
    let at = |text: &str| text.parse().unwrap();
    let span = Span::new(at("2023-01-01T00:00:00Z"), at("2035-01-01T00:00:00Z")).unwrap();
    let mut fleet = Fleet::new(FleetOptions {
        verify: VerifyOptions {
            policy: policy.clone(),
            anchor: subject.anchor.clone(),
            instant: InstantChoice::Given(span.from()),
            collateral: Vec::new(),
            exchange: subject.exchange.clone(),
            genuine_only: false,
        },
        span,
        what_if,
        throughout: true,
    })
    .unwrap();
    fleet.add(&examined.name, &evidence(subject)).unwrap();
    fleet.answer().instances.remove(0)
}

/// Pairs of segments that share an instant.
fn together<'a>(
    strict: &'a [SegmentAnswer],
    loose: &'a [SegmentAnswer],
) -> impl Iterator<Item = (&'a SegmentAnswer, &'a SegmentAnswer)> {
    // The one form of an instant sorts as text.
    strict.iter().flat_map(|one| {
        let meets = |other: &&SegmentAnswer| one.from <= other.until && other.from <= one.until;
        loose.iter().filter(meets).map(move |other| (one, other))
    })
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn a_stricter_policy_adds_no_acceptance_at_any_instant(
        at in any::<Index>(),
        kind in any::<u8>(),
        bytes in proptest::collection::vec(any::<u8>(), 100),
        knobs in proptest::collection::vec(0..KNOBS, 1..4),
    ) {
        let examined = pick(at, kind);
        let truth = Truth::of(&examined.report(&Policy::default()));
        let mut dice = Dice::new(&bytes);
        let mut document = policies::policy(&mut dice, &truth);
        let mut loose = policies::read(&document);
        let mut before = life(examined, &loose, WhatIf::default());
        for knob in knobs {
            let Some(next) = policies::tighten(&document, knob, &mut dice, &truth) else {
                continue;
            };
            let strict = policies::read(&next);
            prop_assert!(strict.is_at_least_as_strict_as(&loose));
            let after = life(examined, &strict, WhatIf::default());
            // The one way up: a demand for what the log says waits for an operating system, and the
            // stricter policy names it.
            let names_the_system = loose.os().is_none() && strict.os().is_some();
            for (one, other) in together(&after.segments, &before.segments) {
                let waited = names_the_system
                    && other.verdict == "inconclusive"
                    && other.reason.as_deref() == Some("os-not-established");
                prop_assert!(
                    !one.acceptable || other.acceptable || waited,
                    "{}\n{}\n{}\n{one:?}\n{other:?}",
                    examined.name,
                    policies::to_toml(&document),
                    policies::to_toml(&next)
                );
            }
            (document, loose, before) = (next, strict, after);
        }
    }

    #[test]
    fn nothing_that_is_supposed_adds_an_acceptance(
        at in any::<Index>(),
        kind in any::<u8>(),
        own in any::<bool>(),
        bytes in proptest::collection::vec(any::<u8>(), 110),
    ) {
        let examined = pick(at, kind);
        let truth = Truth::of(&examined.report(&Policy::default()));
        let mut dice = Dice::new(&bytes);
        let supposed = dice.below(32);
        let number = dice.below(4);
        let policy = if own {
            examined.subject.policy.clone()
        } else {
            policies::read(&policies::policy(&mut dice, &truth))
        };
        let floor = policy.tcb().min_evaluation_number.unwrap_or(15);
        let hashes = policy.app().compose_hashes.as_ref();
        let all_of_them = |list: Option<Vec<_>>| list.filter(|list| list.len() > 1);
        let first = all_of_them(hashes.map(|list| list.iter().copied().collect()));
        let systems = policy.os().unwrap_or_default();
        let system = systems.first().map(|os| os.name.clone());
        let is_only = systems.iter().all(|os| Some(&os.name) == system.as_ref());
        let what_if = WhatIf {
            edits: PolicyEdits {
                without_compose_hashes: first
                    .filter(|_| supposed & 1 != 0)
                    .map(|list| vec![list[0]])
                    .unwrap_or_default(),
                without_os: system
                    .filter(|_| supposed & 2 != 0 && !is_only)
                    .into_iter()
                    .collect(),
                min_evaluation_number: (supposed & 4 != 0).then_some(floor + number as u64),
                denied_advisories: if supposed & 8 == 0 {
                    Vec::new()
                } else {
                    vec!["INTEL-SA-00615".to_owned()]
                },
            },
            advisory: (supposed & 16 != 0).then(|| AssumedAdvisory {
                id: "INTEL-SA-09999".to_owned(),
                fmspc: Vec::new(),
                dated_before: (number != 0).then(|| "2024-03-14T00:00:00Z".parse().unwrap()),
            }),
        };
        let empty = what_if.is_empty();
        let answer = life(examined, &policy, what_if);
        prop_assert_eq!(empty, answer.what_if.is_empty());
        for (one, other) in together(&answer.what_if, &answer.segments) {
            prop_assert!(!one.acceptable || other.acceptable, "{}\n{one:?}\n{other:?}", examined.name);
            prop_assert!(!one.supposed || other.acceptable, "{}\n{one:?}\n{other:?}", examined.name);
        }
    }
}
