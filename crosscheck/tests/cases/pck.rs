//! What the core refuses about the PCK chain.

use teeproof_forge::Scenario;
use teeproof_forge::pki::Role;
use teeproof_forge::quote::Certification;

use super::Case;
use super::collateral::root_dates;
use crate::support::{Evidence, blocks, forged, tdx_v4};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "pck-chain-form",
            chain(|blocks| blocks[..2].concat()),
            chain(|blocks| blocks.join("\n")),
        ),
        Case::new(
            "pck-chain-form",
            chain(|blocks| blocks.join("a comment\n")),
            chain(|blocks| blocks[1..].concat()),
        ),
        Case::new(
            "pck-profile",
            forged(Scenario::tdx_v4(), |scenario| {
                scenario.pki.pck.common_name = "Intel SGX PCK certificate".into();
            }),
            forged(Scenario::tdx_v4(), |scenario| {
                scenario.pki.pck.window.until += 1;
            }),
        ),
        Case {
            // The chain beside the CRL holds the same certificate.
            with: &["pck-crl-issuer-chain"],
            ..Case::new("pck-profile", ca_name("PCK CA"), ca_name("PCK Platform CA"))
        },
        Case::new("pck-root", root(Role::ForeignRoot), root(Role::Root)),
        Case::new(
            "pck-extension",
            forged(Scenario::tdx_v4(), |scenario| {
                scenario.platform.second_fmspc = scenario.platform.fmspc;
            }),
            forged(Scenario::tdx_v4(), |scenario| {
                scenario.platform.instance_id = None;
                scenario.platform.flags = None;
            }),
        ),
        Case::new("pck-certificate-tcb", asked(Some(5)), asked(None)),
        root_dates("pck-root-dates", &["root-dates"]),
    ]
}

/// A real quote with another text of its chain.
fn chain(change: impl FnOnce(&[String]) -> String) -> Evidence {
    let evidence = tdx_v4();
    let text = String::from_utf8(evidence.certification()).unwrap();
    evidence.certified_by(change(&blocks(&text)).as_bytes())
}

fn ca_name(name: &str) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.pki.pck_ca.common_name = format!("Intel SGX {name}");
    })
}

fn root(role: Role) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.pki.pck_chain = vec![Role::Pck, Role::PckCa, role];
    })
}

fn asked(pce_svn: Option<u16>) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.quote.certification = Certification::EncryptedPpid { number: 3, pce_svn };
        scenario.chain_in_collateral = true;
    })
}
