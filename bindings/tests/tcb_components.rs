//! Every one of the 32 components of a TCB level and its PCE SVN is compared: a level that wants one
//! more than the platform has is not reached, and one that wants just as much is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this file is tests and their helpers"
)]

mod common;

use common::{answer, evidence, options};
use teeproof_forge::Scenario;
use teeproof_forge::quote::TdAddition;

/// The status of the TCB at launch, and that of the TCB now running.
fn statuses(scenario: &Scenario) -> (Option<String>, Option<String>) {
    let issued = scenario.issue();
    let tcb = answer(&evidence(&issued), &options(&issued)).tcb;
    (tcb.status, tcb.current.map(|current| current.status))
}

fn up_to_date() -> Option<String> {
    Some("UpToDate".to_owned())
}

#[test]
fn every_sgx_component_is_compared() {
    for base in [Scenario::tdx_v4(), Scenario::sgx_v3()] {
        for index in 0..16 {
            let have = base.platform.components[index];
            let mut just = base.clone();
            just.tcb_info.levels[0].sgx[index] = have;
            assert_eq!(statuses(&just).0, up_to_date(), "{index}");
            let mut more = base.clone();
            more.tcb_info.levels[0].sgx[index] = have + 1;
            assert_eq!(statuses(&more).0.as_deref(), Some("OutOfDate"), "{index}");
        }
    }
}

#[test]
fn the_pce_is_compared() {
    for base in [Scenario::tdx_v4(), Scenario::sgx_v3()] {
        let mut just = base.clone();
        just.tcb_info.levels[0].pce_svn = base.platform.pce_svn;
        assert_eq!(statuses(&just).0, up_to_date());
        let mut more = base.clone();
        more.tcb_info.levels[0].pce_svn = base.platform.pce_svn + 1;
        assert_eq!(statuses(&more).0.as_deref(), Some("OutOfDate"));
    }
}

#[test]
fn every_tdx_component_is_compared() {
    for versioned in [true, false] {
        let mut base = Scenario::tdx_v4();
        if !versioned {
            // Version 0: the platform's level judges the module too.
            base.td().tee_tcb_svn[1] = 0;
        }
        for index in 0..16 {
            let have = base.td().tee_tcb_svn[index];
            let with = |want| {
                let mut scenario = base.clone();
                scenario.tcb_info.levels[0].tdx.as_mut().unwrap()[index] = want;
                statuses(&scenario).0
            };
            assert_eq!(with(have), up_to_date(), "{index}");
            // The first two are the module's SVN and version, on a scale of their own.
            let of_the_module = versioned && index < 2;
            let expected = if of_the_module {
                "UpToDate"
            } else {
                "OutOfDate"
            };
            assert_eq!(with(have + 1).as_deref(), Some(expected), "{index}");
        }
    }
}

#[test]
fn every_component_of_the_tcb_now_running_is_compared() {
    for base in [Scenario::tdx_v5_td15(), Scenario::tdx_v5_td15ex()] {
        for index in 2..16 {
            let with = |now: u8| {
                let mut scenario = base.clone();
                let launched = scenario.td().tee_tcb_svn[index] + 1;
                scenario.tcb_info.levels[0].tdx.as_mut().unwrap()[index] = launched;
                scenario.td().tee_tcb_svn[index] = launched;
                match &mut scenario.td().addition {
                    TdAddition::Td15(more) | TdAddition::Td15Extended(more, _) => {
                        more.tee_tcb_svn2[index] = launched - 1 + now;
                    }
                    TdAddition::None => panic!("a TD 1.0"),
                }
                statuses(&scenario)
            };
            assert_eq!(with(1), (up_to_date(), up_to_date()), "{index}");
            let (_, current) = with(0);
            assert_eq!(current.as_deref(), Some("OutOfDate"), "{index}");
        }
    }
}
