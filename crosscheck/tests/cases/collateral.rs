//! What the core refuses about the collateral.

use teeproof_forge::Scenario;
use teeproof_forge::pki::{Pki, Role};

use super::Case;
use crate::support::{Evidence, blocks, evidence, forged, resigned, tdx_v4};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "pck-crl-issuer-chain",
            crl_chain(|_| "nothing".to_owned()),
            crl_chain(|chain| blocks(chain).join("\n")),
        ),
        Case::new(
            "pck-crl-issuer-chain",
            crl_chain(|chain| blocks(chain)[0].clone()),
            crl_chain(str::to_owned),
        ),
        Case::new(
            "collateral-root",
            signer_chain(|chain| blocks(chain)[0].repeat(2)),
            signer_chain(|chain| blocks(chain).join("\n")),
        ),
        Case::new(
            "collateral-chain-form",
            signer_chain(|chain| format!("a comment\n{chain}")),
            signer_chain(|chain| chain.replace('\n', "\r\n")),
        ),
        Case::new(
            "collateral-chain-form",
            signer_chain(|chain| blocks(chain)[0].clone()),
            signer_chain(|chain| blocks(chain)[1].clone()),
        ),
        Case::new(
            "collateral-signer-profile",
            signer_name("Intel SGX TCB signing"),
            signer_name("Intel SGX TCB Signing"),
        ),
        Case::new(
            "collateral-signature-length",
            signature(true),
            signature(false),
        ),
        Case::new("tcb-info-version", version(4), version(3)),
        Case::new("document-dates", date(ZULU_TWICE), date(LATER)),
        Case::new("crl-profile", crl_number(None), crl_number(Some(7))),
        Case::new("crl-from-the-future", this_update(1), this_update(0)),
        root_dates("root-dates", &["pck-root-dates"]),
        Case::new(
            "crl-issuer-dates",
            crl_issuer_until(-1),
            crl_issuer_until(0),
        ),
        Case::new("crl-issuer-revoked", crl_issuer(true), crl_issuer(false)),
        Case::new("pce-id", pce_id(1), pce_id(0)),
    ]
}

fn crl_chain(change: impl FnOnce(&str) -> String) -> Evidence {
    tdx_v4().changed(|evidence| {
        evidence.parts.pck_crl_issuer_chain = change(&evidence.parts.pck_crl_issuer_chain);
    })
}

fn signer_chain(change: impl FnOnce(&str) -> String) -> Evidence {
    tdx_v4().changed(|evidence| {
        evidence.parts.tcb_info_issuer_chain = change(&evidence.parts.tcb_info_issuer_chain);
    })
}

fn signer_name(name: &str) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.pki.tcb_signing.common_name = name.into();
    })
}

/// A leading zero before `s`, or a changed bit.
fn signature(longer: bool) -> Evidence {
    tdx_v4().changed(|evidence| {
        let signature = &mut evidence.parts.tcb_info_signature;
        if longer {
            signature.insert(32, 0);
        } else {
            signature[63] ^= 1;
        }
    })
}

fn version(version: u32) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.tcb_info.version = version;
    })
}

const ZULU_TWICE: fn(&mut String) = |text| {
    *text = text.replacen("2024-03-13T00:00:00Z", "2024-03-13T00:00:00+00:00", 1);
};
const LATER: fn(&mut String) = |text| {
    *text = text.replacen("2024-03-13T00:00:00Z", "2024-03-14T00:00:00Z", 1);
};

fn date(edit: fn(&mut String)) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.tcb_info_text = Some(edit);
    })
}

fn crl_number(number: Option<u64>) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.pki.root_crl.number = number;
    })
}

/// `thisUpdate` of the root's list, seconds after the instant.
fn this_update(seconds: u64) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.pki.root_crl.window.from = scenario.at + seconds;
    })
}

pub(super) fn root_dates(id: &'static str, with: &'static [&'static str]) -> Case {
    let until = |seconds: i64| {
        forged(Scenario::tdx_v4(), |scenario| {
            let until = scenario.at.checked_add_signed(seconds).unwrap();
            scenario.pki.root.window.until = until;
        })
    };
    Case {
        with,
        ..Case::new(id, until(-1), until(0))
    }
}

/// Another certificate of the same CA beside the CRL.
fn beside_crl(scenario: &Scenario, change: impl FnOnce(&mut Pki)) -> Evidence {
    let mut pki = scenario.pki.clone();
    change(&mut pki);
    let chain = pki.pem(
        &scenario.seed,
        &[Role::PckCa, Role::Root],
        &scenario.platform,
    );
    let mut evidence = evidence(&scenario.issue()).unwrap();
    evidence.parts.pck_crl_issuer_chain = chain;
    evidence
}

fn crl_issuer_until(seconds: i64) -> Evidence {
    let scenario = Scenario::tdx_v4();
    let until = scenario.at.checked_add_signed(seconds).unwrap();
    beside_crl(&scenario, |pki| pki.pck_ca.window.until = until)
}

/// Another certificate of the same CA with another serial number, which the root revoked or not.
fn crl_issuer(revoked: bool) -> Evidence {
    let mut scenario = Scenario::tdx_v4();
    if revoked {
        scenario.pki.root_revokes.push(Role::OtherPckCa);
    }
    let der = |role| {
        scenario
            .pki
            .certificate(&scenario.seed, role, &scenario.platform)
    };
    let serial = |der: &[u8]| {
        // INTEGER of 20 bytes after the version.
        let at = der.windows(2).position(|pair| pair == [0x02, 20]).unwrap();
        (at + 2, der[at + 2..at + 22].to_vec())
    };
    let (_, other) = serial(&der(Role::OtherPckCa));
    let ca = der(Role::PckCa);
    let (at, _) = serial(&ca);
    let mut edited = ca;
    edited[at..at + 20].copy_from_slice(&other);
    let edited = resigned(&edited, &scenario.seed.key(&scenario.pki.root.key));
    let chain = pem::Pem::new("CERTIFICATE", edited).to_string()
        + &pem::Pem::new("CERTIFICATE", der(Role::Root)).to_string();
    let mut evidence = evidence(&scenario.issue()).unwrap();
    evidence.parts.pck_crl_issuer_chain = chain;
    evidence
}

fn pce_id(first: u8) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.platform.pce_id[0] = first;
    })
}
