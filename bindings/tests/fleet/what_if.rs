//! What is supposed stops whom it is about, and nobody else.

use teeproof_bindings::{AssumedAdvisory, Fleet, FleetOptions, WhatIf};
use teeproof_core::policy::PolicyErrorKind;
use teeproof_core::{InstanceEvidence, PolicyEdits};
use teeproof_forge::Scenario;

use crate::common::{evidence, options};
use crate::{around, at, fleet, fleet_options, span};

fn supposing(what_if: WhatIf) -> (FleetOptions, InstanceEvidence) {
    let mut scenario = Scenario::tdx_v4();
    scenario.policy.app.compose_hashes.push("0f".repeat(32));
    let mut other = scenario.policy.os[0].clone();
    other.name = "another".into();
    other.mrtd = [7; 48];
    scenario.policy.os.push(other);
    scenario.tcb_info.levels[0].published.advisories = vec!["INTEL-SA-00615".into()];
    let issued = scenario.issue();
    let mut options = fleet_options(
        options(&issued),
        span("2025-07-01T00:00:00Z", "2025-07-31T00:00:00Z"),
    );
    options.what_if = what_if;
    (options, evidence(&issued))
}

fn edits(edits: PolicyEdits) -> WhatIf {
    WhatIf {
        edits,
        advisory: None,
    }
}

fn advisory(fmspc: &[&str], dated_before: Option<&str>) -> WhatIf {
    WhatIf {
        edits: PolicyEdits::default(),
        advisory: Some(AssumedAdvisory {
            id: "INTEL-SA-09999".to_owned(),
            fmspc: fmspc.iter().map(|hex| hex.parse().unwrap()).collect(),
            dated_before: dated_before.map(at),
        }),
    }
}

#[test]
fn what_is_supposed_stops_whom_it_is_about() {
    let (plain, one) = supposing(WhatIf::default());
    let compose = policy_hashes(&plain);
    let hash = |place: usize| {
        edits(PolicyEdits {
            without_compose_hashes: vec![compose[place].parse().unwrap()],
            ..PolicyEdits::default()
        })
    };
    let os = |name: &str| {
        edits(PolicyEdits {
            without_os: vec![name.to_owned()],
            ..PolicyEdits::default()
        })
    };
    let floor = |number| {
        edits(PolicyEdits {
            min_evaluation_number: Some(number),
            ..PolicyEdits::default()
        })
    };
    let denied = |id: &str| {
        edits(PolicyEdits {
            denied_advisories: vec![id.to_owned()],
            ..PolicyEdits::default()
        })
    };
    // The forge's evaluation number is 17, its model b0c06f000000, its level of 13 March 2024.
    let cases: [(WhatIf, Option<(&str, &str)>); 14] = [
        (hash(1), Some(("compose.approved", "not-listed"))),
        (hash(0), None),
        (os("test-os-1"), Some(("os.identity", "os-not-listed"))),
        (os("another"), None),
        (floor(17), None),
        (
            floor(18),
            Some(("tcb.evaluation-number", "evaluation-number-low")),
        ),
        (
            denied("INTEL-SA-00615"),
            Some(("tcb.advisories", "advisory-refused")),
        ),
        (denied("INTEL-SA-00616"), None),
        (
            advisory(&[], None),
            Some(("tcb.advisories", "advisory-refused")),
        ),
        (
            advisory(&["b0c06f000000"], Some("2024-03-13T00:00:01Z")),
            Some(("tcb.advisories", "advisory-refused")),
        ),
        (
            advisory(&["b0c06f000000"], Some("2024-03-13T00:00:00Z")),
            None,
        ),
        (advisory(&["00806f050000"], None), None),
        (
            advisory(&["00806f050000", "b0c06f000000"], None),
            Some(("tcb.advisories", "advisory-refused")),
        ),
        (advisory(&[], Some("2020-01-01T00:00:00Z")), None),
    ];
    for (what_if, refused) in cases {
        let says = format!("{what_if:?}");
        let is_new = what_if.advisory.is_some();
        let (options, _) = supposing(what_if);
        let answer = fleet(options, &[("one", &one)]);
        let instance = &answer.instances[0];
        assert!(instance.segments[0].acceptable, "{says}");
        let first = &instance.what_if[0];
        let found = first.check.as_deref().zip(first.reason.as_deref());
        assert_eq!(found, refused, "{says}");
        assert_eq!(first.acceptable, refused.is_none(), "{says}");
        assert_eq!(first.supposed, is_new && refused.is_some(), "{says}");
        // Who supposes something asks about that.
        let code = if refused.is_some() { 5 } else { 10 };
        assert_eq!(answer.exit_code, code, "{says}");
        let said = answer.what_if.unwrap();
        assert_eq!(said.suppositions.len(), 1);
        assert_ne!(said.policy.digest, answer.policy.digest, "{says}");
        // What stops under both stops once.
        let stops = answer.calendar.iter().filter(|event| event.kind == "stops");
        let under: Vec<_> = stops.map(|event| event.under.as_str()).collect();
        let expected = if refused.is_some() { "policy" } else { "both" };
        assert_eq!(under, [expected], "{says}");
    }
}

fn policy_hashes(options: &FleetOptions) -> Vec<String> {
    let list = options.verify.policy.app().compose_hashes.as_ref().unwrap();
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn a_supposition_that_the_policy_cannot_say_is_refused() {
    for (what_if, kind) in [
        (
            edits(PolicyEdits {
                without_compose_hashes: vec!["aa".repeat(32).parse().unwrap()],
                ..PolicyEdits::default()
            }),
            PolicyErrorKind::EditUnknown,
        ),
        (
            edits(PolicyEdits {
                without_os: vec!["test-os-1".into(), "another".into()],
                ..PolicyEdits::default()
            }),
            PolicyErrorKind::EditEmpties,
        ),
        (
            WhatIf {
                advisory: Some(AssumedAdvisory {
                    id: "SA-1".to_owned(),
                    fmspc: Vec::new(),
                    dated_before: None,
                }),
                ..WhatIf::default()
            },
            PolicyErrorKind::AdvisoryInvalid,
        ),
    ] {
        let (options, _) = supposing(what_if);
        assert_eq!(Fleet::new(options).unwrap_err().kind(), kind);
    }
}

/// A new advisory says nothing of one that is refused anyway.
#[test]
fn what_is_supposed_hides_no_cause() {
    let mut scenario = Scenario::tdx_v4();
    scenario.td().td_attributes |= 1;
    let issued = scenario.issue();
    let mut options = fleet_options(options(&issued), around());
    options.what_if = advisory(&[], None);
    let answer = fleet(options, &[("one", &evidence(&issued))]);
    let instance = &answer.instances[0];
    assert!(instance.what_if.iter().all(|one| !one.supposed));
    assert_eq!(instance.what_if, instance.segments);
}
