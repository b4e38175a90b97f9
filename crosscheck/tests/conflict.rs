//! Real disagreements are seen, and what is no disagreement is not.

mod support;

use std::collections::BTreeSet;

use support::{Distrustful, Evidence, Gullible, sgx_v3, tdx_v4, tdx_v5_td15, tdx_v5_td15ex};
use teeproof_core::{CollateralSet, Examination};
use teeproof_crosscheck::{CrossCheck, Disagreement, NotRun, cross_check};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::Scenario;
use teeproof_forge::quote::Body;

fn agrees() -> CrossCheck {
    CrossCheck::Agrees {
        explained: Vec::new(),
    }
}

fn claims(disagreements: &[Disagreement]) -> BTreeSet<&'static str> {
    disagreements.iter().map(|one| one.claim).collect()
}

#[test]
fn real_samples_agree_in_every_claim() {
    for evidence in [tdx_v4(), tdx_v5_td15ex(), sgx_v3()] {
        assert!(evidence.is_verified());
        assert_eq!(evidence.check(), agrees());
    }
}

#[test]
fn two_refusals_agree_whatever_the_reasons() {
    let short = tdx_v4().changed(|evidence| evidence.quote.truncate(700));
    let lapsed = tdx_v4().changed(|evidence| evidence.at = "2027-01-01T00:00:00Z".parse().unwrap());
    let forged = tdx_v4().changed(|evidence| evidence.quote[700] ^= 1);
    for evidence in [tdx_v5_td15(), short, lapsed, forged] {
        assert!(!evidence.is_verified());
        assert_eq!(evidence.check(), agrees());
    }
}

/// The leaf in the quote is damaged in its key and in a component SVN. That its CPUSVN and component SVNs
/// differ would explain something else, and what dcap-qvl is shown for it it refuses; what explains this
/// is the chain beside it, which is sound.
#[test]
fn a_cause_that_is_there_and_explains_nothing_is_in_no_others_way() {
    let damaged = tdx_v5_td15ex().changed(|evidence| {
        for (at, from, to) in [(2103, b'8', b'9'), (2568, b'B', b'C')] {
            assert_eq!(evidence.quote[at], from);
            evidence.quote[at] = to;
        }
    });
    assert!(!damaged.is_verified());
    assert_eq!(damaged.explained(), ["pck-chain-of-collateral"]);
    // With no chain beside it both engines read the damaged one, and refuse.
    let alone = damaged.changed(|evidence| evidence.parts.pck_certificate_chain = None);
    assert_eq!(alone.check(), agrees());
}

#[test]
fn without_collateral_the_second_engine_has_no_say() {
    let evidence = tdx_v4();
    let set = CollateralSet::new(evidence.anchor.clone());
    let examination = Examination::of(&evidence.quote, &set, evidence.at, &RingVerifier);
    assert_eq!(
        cross_check(&evidence.quote, None, &examination),
        CrossCheck::NotRun(NotRun::NoCollateral)
    );
}

/// Both quotes are good, so both engines accept: every field in which they differ is named.
#[test]
fn bytes_of_another_quote_are_a_conflict_that_names_the_fields() {
    let examined = tdx_v4();
    let given = tdx_v5_td15ex();
    let outcome = cross_check(
        &given.quote,
        Some(&given.parts),
        &Evidence {
            at: given.at,
            ..examined.clone()
        }
        .examine(),
    );
    let CrossCheck::Conflict { disagreements, .. } = outcome else {
        panic!("{outcome:#?}")
    };
    let named = claims(&disagreements);
    for claim in [
        "quote.sha256",
        "collateral.digest",
        "report.mrtd",
        "report.rtmr0",
    ] {
        assert!(named.contains(claim), "{claim}: {named:?}");
    }

    // With the collateral and at the instant of the first, dcap-qvl refuses the second.
    let outcome = cross_check(&given.quote, Some(&examined.parts), &examined.examine());
    let CrossCheck::Conflict { disagreements, .. } = outcome else {
        panic!("{outcome:#?}")
    };
    assert_eq!(
        claims(&disagreements),
        BTreeSet::from(["quote.sha256", "verdict"])
    );
}

/// Two refusals of two different quotes are not an agreement.
#[test]
fn refusals_of_different_bytes_do_not_agree() {
    let evidence = tdx_v5_td15();
    let mut other = evidence.quote.clone();
    other[100] ^= 1;
    let outcome = cross_check(&other, Some(&evidence.parts), &evidence.examine());
    let CrossCheck::Conflict { disagreements, .. } = outcome else {
        panic!("{outcome:#?}")
    };
    assert_eq!(claims(&disagreements), BTreeSet::from(["quote.sha256"]));
}

#[test]
fn a_core_that_believes_a_forged_quote_is_found_out() {
    for mut evidence in [tdx_v4(), tdx_v5_td15ex(), sgx_v3()] {
        // RTMR0 of a TD, report data of an enclave.
        evidence.quote[400] ^= 1;
        assert_eq!(evidence.check(), agrees());
        assert_eq!(
            claims(&evidence.conflict_by(&Gullible)),
            BTreeSet::from(["verdict"])
        );
    }
}

#[test]
fn a_core_that_refuses_a_good_quote_is_found_out() {
    for evidence in [tdx_v4(), tdx_v5_td15ex(), sgx_v3()] {
        let named = claims(&evidence.conflict_by(&Distrustful));
        assert_eq!(named, BTreeSet::from(["quote.signature"]));
    }
}

/// What the core found out about a quote that it refuses is compared too.
#[test]
fn claims_are_compared_although_the_core_refuses() {
    let one = |xfam| {
        support::forged(Scenario::tdx_v4(), |scenario| {
            scenario.td().xfam[0] = xfam;
            scenario.quote.trailing = vec![1];
        })
    };
    let (examined, given) = (one(0xe7), one(0x67));
    assert_eq!(given.explained(), ["trailing-data"]);
    let outcome = cross_check(&given.quote, Some(&given.parts), &examined.examine());
    let CrossCheck::Conflict {
        disagreements,
        explained,
    } = outcome
    else {
        panic!("{outcome:#?}")
    };
    assert_eq!(support::ids(&explained), ["trailing-data"]);
    assert_eq!(
        claims(&disagreements),
        BTreeSet::from(["quote.sha256", "report.xfam"])
    );
}

#[test]
fn debug_and_service_tds_are_no_difference() {
    let debug = support::forged(Scenario::tdx_v4(), |scenario| {
        scenario.td().td_attributes |= 1 << 4 | 1;
    });
    let service = support::forged(Scenario::tdx_v5_td15(), |scenario| {
        let td15 = scenario.td().td15().unwrap();
        td15.mr_service_td = [7; 48];
    });
    let enclave = support::forged(Scenario::sgx_v3(), |scenario| {
        let Body::Enclave(report) = &mut scenario.quote.body else {
            panic!("an enclave")
        };
        report.attributes[0] |= 2;
    });
    for evidence in [debug, service, enclave] {
        assert!(evidence.is_verified());
        assert_eq!(evidence.check(), agrees());
    }
}
