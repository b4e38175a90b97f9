//! What dcap-qvl refuses, or reads from another place.

use teeproof_forge::Scenario;
use teeproof_forge::collateral::{Form, SvnLevel};

use super::Case;
use crate::support::{Evidence, forged, tdx_v4, tdx_v5_td15ex};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "sept-ve-disable",
            bits(0, SEPT_VE_DISABLE),
            bits(1 << 16, 0),
        ),
        Case::new("reserved-attributes", bits(1 << 7, 0), bits(1 << 18, 0)),
        Case::new("migratable", bits(1 << 29, 0), bits(1 << 30, 0)),
        Case::new(
            "service-td-in-td10",
            bits(SERVTD_EXT, 0),
            forged(Scenario::tdx_v5_td15(), |scenario| {
                scenario.td().td_attributes |= SERVTD_EXT;
            }),
        ),
        Case::new("service-td-in-td10", v5(SERVTD_EXT), v5(0)),
        Case::new("qe-auth-data-length", auth_data(0), auth_data(32)),
        Case::new("qe-auth-data-length", auth_data(64), auth_data(32)),
        Case::new("tcb-info-version-2", tcb_info(2), tcb_info(3)),
        Case::new(
            "pck-chain-of-collateral",
            tdx_v5_td15ex().changed(|evidence| {
                evidence.parts.pck_certificate_chain = Some(chain_of(&tdx_v4()));
            }),
            tdx_v5_td15ex(),
        ),
        // The other way round: the quote's own chain is of no use, and dcap-qvl does not see it.
        Case::new(
            "pck-chain-of-collateral",
            tdx_v5_td15ex().certified_by(&tdx_v4().certification()),
            tdx_v5_td15ex().changed(|evidence| evidence.parts.pck_certificate_chain = None),
        ),
        Case::new(
            "qe-level-order",
            forged(Scenario::tdx_v4(), |scenario| {
                scenario.qe_identity.levels.reverse()
            }),
            forged(Scenario::tdx_v4(), |_| ()),
        ),
        Case::new("module-level-order", module_levels(1), module_levels(3)),
        Case::new("svn-components", cpu_svn(0), cpu_svn(4)),
        Case::new(
            "crl-number-width",
            crl_number(1 << 32),
            crl_number((1 << 32) - 1),
        ),
    ]
}

const SERVTD_EXT: u64 = 1 << 17;
const SEPT_VE_DISABLE: u64 = 1 << 28;

fn bits(set: u64, clear: u64) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        let td = scenario.td();
        td.td_attributes = (td.td_attributes | set) & !clear;
    })
}

fn v5(set: u64) -> Evidence {
    forged(Scenario::tdx_v5_td10(), |scenario| {
        scenario.td().td_attributes |= set;
    })
}

fn auth_data(length: u8) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.quote.qe.auth_data = (1..=length).collect();
    })
}

fn tcb_info(version: u32) -> Evidence {
    forged(Scenario::sgx_v3(), |scenario| {
        scenario.tcb_info.version = version;
        if version == 2 {
            scenario.tcb_info.id = None;
            scenario.tcb_info.form = Form::Numbered;
        }
    })
}

fn chain_of(evidence: &Evidence) -> String {
    let text = String::from_utf8(evidence.certification()).unwrap();
    text.trim_end_matches('\0').to_owned()
}

/// Levels of one module version in rising order; the quote's module is of version 1.
fn module_levels(version: u8) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        for module in &mut scenario.tcb_info.modules {
            if module.version == version {
                let date = "2023-08-09T00:00:00Z";
                module.levels.push(SvnLevel::new(1, "OutOfDate", date));
                module.levels.reverse();
            }
        }
    })
}

/// TCB info asks for 2 in the first place, and the component there is 3.
fn cpu_svn(first: u8) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.platform.cpu_svn[0] = first;
    })
}

fn crl_number(number: u64) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.pki.pck_crl.number = Some(number);
    })
}
