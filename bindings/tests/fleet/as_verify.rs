//! Of every instant a fleet says what `verify` says of it.

use proptest::prelude::*;
use teeproof_bindings::{
    Answer, FleetAnswer, FleetInstanceAnswer, InstantChoice, Span, VerifyOptions, verify,
};
use teeproof_core::{
    CollateralParts, CollateralSet, Examination, InstanceEvidence, Instant, NamedWindow,
    TrustAnchor,
};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::{Scenario, catalogue};

use crate::common::{self, evidence, options, policy};
use crate::{
    around, assert_whole, at, at_instant, fleet, fleet_options, in_grace, of_issued, rollover,
};

/// What `verify` says of one instant stands in the segment of that instant.
fn assert_as_verify(
    instance: &FleetInstanceAnswer,
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    instant: Instant,
) {
    let options = VerifyOptions {
        instant: InstantChoice::Given(instant),
        ..options.clone()
    };
    let segment = at_instant(&instance.segments, instant);
    let Answer::Verified(answer) = verify("one", evidence, &options) else {
        panic!("no verdict");
    };
    assert_eq!(segment.verdict, answer.verdict, "{instant}");
    assert_eq!(segment.exit_code, answer.exit_code, "{instant}");
    assert_eq!(segment.engines, answer.engines, "{instant}");
    assert_eq!(segment.tcb_status, answer.tcb.status, "{instant}");
    let open = |outcome: &str| {
        let mut found = answer
            .checks
            .iter()
            .filter(|check| check.outcome == outcome);
        found.find(|check| check.depends_on.is_none()).cloned()
    };
    let first = open("failed").or_else(|| open("skipped"));
    if segment.acceptable {
        assert_eq!((&segment.check, &segment.reason), (&None, &None));
        assert!(first.is_none(), "{instant}");
    } else if let Some(first) = first {
        assert_eq!(segment.check.as_deref(), Some(first.id), "{instant}");
        assert_eq!(segment.reason.as_deref(), first.reason, "{instant}");
        assert_eq!(segment.next.as_deref(), first.next, "{instant}");
    }
}

fn windows(evidence: &InstanceEvidence, anchor: &TrustAnchor) -> Vec<NamedWindow> {
    let mut set = CollateralSet::new(anchor.clone());
    for parts in &evidence.collateral {
        let _ = set.add(parts, &RingVerifier);
    }
    if let Some(chain) = &evidence.pck_chain {
        set.add_pck_chain(chain);
    }
    Examination::windows(evidence.quote.as_deref().unwrap(), &set)
}

/// Every case of the forge, at both sides of each of its edges and where it was declared.
#[test]
fn every_forged_case_is_as_verify_says() {
    let mut judged = 0;
    for (number, case) in catalogue().iter().enumerate() {
        let issued = case.issue();
        let mut json = issued.collateral_json.iter();
        let sound = json.all(|json| CollateralParts::from_json(json.as_bytes()).is_ok());
        if !sound {
            continue;
        }
        let (evidence, options) = (evidence(&issued), options(&issued));
        let span = around();
        let answer = of_issued(&issued, span);
        let instance = &answer.instances[0];
        assert_whole(&instance.segments, span);
        let declared = Instant::from_unix(issued.at).unwrap();
        assert_as_verify(instance, &evidence, &options, declared);
        // All edges of a tenth of the cases, and of all that are about time.
        let about_time = case.name.starts_with("window-") || case.name.starts_with("grace-");
        if number % 10 != 0 && !about_time {
            continue;
        }
        for edge in windows(&evidence, &options.anchor)
            .iter()
            .flat_map(NamedWindow::edges)
            .filter(|edge| span.from() < *edge && *edge <= span.until())
        {
            for instant in [edge.minus_one_second(), edge] {
                assert_as_verify(instance, &evidence, &options, instant);
                judged += 1;
            }
        }
    }
    assert!(judged > 200, "only {judged} edges");
}

struct Case {
    evidence: InstanceEvidence,
    options: VerifyOptions,
    span: Span,
    answer: FleetAnswer,
    edges: Vec<Instant>,
}

/// Samples of many kinds, each with its whole life.
fn lives() -> Vec<Case> {
    let forged = [
        Scenario::tdx_v4(),
        Scenario::tdx_v5_td15ex(),
        Scenario::sgx_v3(),
        in_grace("2025-06-10T00:00:00Z", 30),
        in_grace("2025-01-10T00:00:00Z", 160),
    ];
    let forged = forged.map(|scenario| {
        let issued = scenario.issue();
        (evidence(&issued), options(&issued))
    });
    let rollover = rollover();
    let real = [
        common::td15ex(),
        common::td_v4(),
        common::td15(),
        common::sgx(),
    ];
    let real = real.map(|sample| (sample.evidence, sample.options));
    let mut late = common::td_v4();
    late.options.policy = policy(
        "schema = \"teeproof.policy/1\"\n[tcb]\nplatform = [\"UpToDate\", \"OutOfDate\"]\nmerged = [\"UpToDate\", \"OutOfDate\"]\nmodule = [\"UpToDate\", \"OutOfDate\"]\nqe = [\"UpToDate\", \"OutOfDate\"]\nout-of-date-grace-days = 500\n",
    );
    let all = forged
        .into_iter()
        .chain(real)
        .chain([(late.evidence, late.options), rollover]);
    all.map(|(evidence, options)| {
        let span = Span::new(at("2015-01-01T00:00:00Z"), at("2060-01-01T00:00:00Z")).unwrap();
        let answer = fleet(fleet_options(options.clone(), span), &[("one", &evidence)]);
        let edges = answer.instances[0].segments.iter();
        let mut edges: Vec<_> = edges.map(|segment| at(&segment.from)).collect();
        edges.extend(
            windows(&evidence, &options.anchor)
                .iter()
                .flat_map(NamedWindow::edges),
        );
        Case {
            evidence,
            options,
            span,
            answer,
            edges,
        }
    })
    .collect()
}

/// Random instants, every second one within ten seconds of an edge.
#[test]
fn at_any_instant_a_life_is_as_verify_says() {
    let lives = lives();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let input = (
        any::<prop::sample::Index>(),
        any::<u64>(),
        any::<prop::sample::Index>(),
        any::<bool>(),
    );
    let run = runner.run(&input, |(which, number, edge, near)| {
        let life = which.get(&lives);
        let (from, until) = (life.span.from().unix(), life.span.until().unix());
        let seconds = if near {
            (edge.get(&life.edges).unix() + number % 21)
                .saturating_sub(10)
                .clamp(from, until)
        } else {
            from + number % (until - from + 1)
        };
        let instant = Instant::from_unix(seconds).unwrap();
        assert_as_verify(
            &life.answer.instances[0],
            &life.evidence,
            &life.options,
            instant,
        );
        Ok(())
    });
    run.unwrap();
    for life in &lives {
        assert_whole(&life.answer.instances[0].segments, life.span);
    }
}
