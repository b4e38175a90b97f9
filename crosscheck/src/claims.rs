//! Claims as names and values, of either engine, and their comparison.

use std::collections::{BTreeMap, BTreeSet};

use teeproof_core::{
    Body, ComponentTcb, EnclaveReport, Examination, Instant, Platform, Quote, TcbEvaluation,
    TcbStatus, TdReport, TdReport15, TdReport15Ext, VerifiedQuote,
};

use crate::Disagreement;
use crate::engine::{EnclaveNames, QE_REPORT, SGX_REPORT};

/// Claims by name. Values are text: hex in lower case, numbers in decimal, Intel's words.
pub(crate) type Claims = BTreeMap<&'static str, String>;

pub(crate) fn set(claims: &mut Claims, name: &'static str, value: impl ToString) {
    claims.insert(name, value.to_string());
}

/// Advisory ids as a set: order and repetition mean nothing.
pub(crate) fn id_set<'a>(ids: impl Iterator<Item = &'a String>) -> String {
    let ids: BTreeSet<&str> = ids.map(String::as_str).collect();
    ids.into_iter().collect::<Vec<_>>().join(" ")
}

/// What the core claims: all of it where it verified the quote, and as much as it found out
/// otherwise.
pub(crate) fn of_examination(examination: &Examination) -> Claims {
    let mut out = Claims::new();
    if let Some(claimed) = examination.claimed_quote() {
        quote(&mut out, claimed);
    }
    if let Some(found) = examination.platform() {
        platform(&mut out, found);
    }
    if let Some(found) = examination.tcb() {
        tcb(&mut out, found);
    }
    if let Some(verified) = examination.verified() {
        collateral(&mut out, verified);
    }
    out
}

/// Where the two differ. Whole: a claim that one of them does not make is a difference too;
/// otherwise only what both claim is compared.
pub(crate) fn compare(ours: &Claims, theirs: &Claims, whole: bool) -> Vec<Disagreement> {
    // Nearly always, and found out without looking any name up.
    if ours == theirs {
        return Vec::new();
    }
    let names: BTreeSet<&'static str> = ours.keys().chain(theirs.keys()).copied().collect();
    names
        .into_iter()
        .filter_map(|claim| {
            let (ours, theirs) = (ours.get(claim), theirs.get(claim));
            let comparable = whole || (ours.is_some() && theirs.is_some());
            let text = |value: Option<&String>| {
                value.map_or_else(|| "no such claim".to_owned(), String::clone)
            };
            (comparable && ours != theirs).then(|| Disagreement {
                claim,
                ours: text(ours),
                theirs: text(theirs),
            })
        })
        .collect()
}

fn quote(out: &mut Claims, quote: &Quote) {
    set(out, "quote.version", quote.version());
    set(out, "quote.tee", quote.tee());
    set(out, "quote.qeId", quote.qe_id());
    match quote.claimed_body() {
        Body::Sgx(report) => enclave(out, &SGX_REPORT, report),
        Body::Tdx(report) => td(out, report),
    }
    enclave(out, &QE_REPORT, quote.claimed_qe_report());
}

fn enclave(out: &mut Claims, names: &EnclaveNames, report: &EnclaveReport) {
    let values = [
        report.cpu_svn.to_string(),
        report.misc_select.to_string(),
        report.attributes.to_string(),
        report.mr_enclave.to_string(),
        report.mr_signer.to_string(),
        report.isv_prod_id.to_string(),
        report.isv_svn.to_string(),
        report.report_data.to_string(),
    ];
    out.extend(names.iter().copied().zip(values));
}

fn td(out: &mut Claims, report: &TdReport) {
    set(out, "report.teeTcbSvn", report.tee_tcb_svn);
    set(out, "report.mrSeam", report.mr_seam);
    set(out, "report.mrSignerSeam", report.mr_signer_seam);
    set(out, "report.seamAttributes", report.seam_attributes);
    set(out, "report.tdAttributes", report.td_attributes);
    set(out, "report.xfam", report.xfam);
    set(out, "report.mrtd", report.mrtd);
    set(out, "report.mrConfigId", report.mr_config_id);
    set(out, "report.mrOwner", report.mr_owner);
    set(out, "report.mrOwnerConfig", report.mr_owner_config);
    let registers = [
        "report.rtmr0",
        "report.rtmr1",
        "report.rtmr2",
        "report.rtmr3",
    ];
    for (name, register) in registers.into_iter().zip(&report.rtmr) {
        set(out, name, register);
    }
    set(out, "report.reportData", report.report_data);
    if let Some(more) = &report.td15 {
        td15(out, more);
    }
}

fn td15(out: &mut Claims, report: &TdReport15) {
    set(out, "report.teeTcbSvn2", report.tee_tcb_svn2);
    set(out, "report.mrServiceTd", report.mr_service_td);
    if let Some(more) = &report.extended {
        td15_extended(out, more);
    }
}

fn td15_extended(out: &mut Claims, report: &TdReport15Ext) {
    set(out, "report.vmId", report.vm_id);
    set(out, "report.tdId", report.td_id);
    set(out, "report.deviceInfo", report.device_info);
    set(out, "report.initServiceTdHash", report.init_service_td_hash);
    set(
        out,
        "report.initServiceTdAttributes",
        report.init_service_td_attributes,
    );
    set(out, "report.initCpuSvn", report.init_cpu_svn);
    set(out, "report.initTeeTcbSvn", report.init_tee_tcb_svn);
    set(out, "report.initTeeFmspc", report.init_tee_fmspc);
    set(
        out,
        "report.currentServiceTdHash",
        report.current_service_td_hash,
    );
    set(
        out,
        "report.currentServiceTdAttributes",
        report.current_service_td_attributes,
    );
}

fn platform(out: &mut Claims, platform: &Platform) {
    set(out, "platform.fmspc", platform.fmspc);
    set(out, "platform.ppid", platform.ppid);
    set(out, "platform.pceId", platform.pce_id);
    set(out, "platform.cpuSvn", platform.tcb.cpu_svn);
    set(out, "platform.pceSvn", platform.tcb.pce_svn);
    let flag = |flag: Option<bool>| match flag {
        Some(true) => "true",
        Some(false) => "false",
        None => "undefined",
    };
    let flags = platform.flags;
    set(out, "platform.dynamic", flag(flags.dynamic_platform));
    set(out, "platform.cachedKeys", flag(flags.cached_keys));
    set(out, "platform.smt", flag(flags.smt_enabled));
}

fn tcb(out: &mut Claims, tcb: &TcbEvaluation) {
    set(out, "tcb.status", tcb.status);
    set(out, "tcb.advisoryIds", id_set(tcb.advisories.iter()));
    let names = [
        "tcb.platform.status",
        "tcb.platform.advisoryIds",
        "tcb.platform.date",
    ];
    with_module(out, names, &tcb.platform, tcb.module.as_ref());
    let names = ["tcb.qe.status", "tcb.qe.advisoryIds", "tcb.qe.date"];
    with_module(out, names, &tcb.qe, None);
    if let Some(current) = &tcb.current {
        let names = [
            "tcb.current.status",
            "tcb.current.advisoryIds",
            "tcb.current.date",
        ];
        with_module(out, names, &current.platform, current.module.as_ref());
    }
}

/// dcap-qvl has no word for the module alone: it claims platform and module together, with the
/// advisories of both and the older of the two dates.
fn with_module(
    out: &mut Claims,
    names: [&'static str; 3],
    platform: &ComponentTcb,
    module: Option<&ComponentTcb>,
) {
    let [status, advisories, date] = names;
    let both = [Some(platform), module];
    let both = || both.into_iter().flatten();
    let converged = module.map_or(platform.status, |module| {
        converged(platform.status, module.status)
    });
    set(out, status, converged);
    let ids = both().flat_map(|component| &component.advisories);
    set(out, advisories, id_set(ids));
    let oldest: Option<Instant> = both().map(|component| component.date).min();
    set(
        out,
        date,
        oldest.map_or_else(String::new, |date| date.to_string()),
    );
}

/// A module's status converged into the platform's: Intel's table once more, so that a slip in the
/// core's is seen.
const fn converged(platform: TcbStatus, module: TcbStatus) -> TcbStatus {
    use TcbStatus as S;
    match (module, platform) {
        (S::Revoked, _) => S::Revoked,
        (S::OutOfDate, S::UpToDate | S::SWHardeningNeeded) => S::OutOfDate,
        (S::OutOfDate, S::ConfigurationNeeded | S::ConfigurationAndSWHardeningNeeded) => {
            S::OutOfDateConfigurationNeeded
        }
        _ => platform,
    }
}

fn collateral(out: &mut Claims, verified: &VerifiedQuote) {
    let (tcb_info, qe_identity) = verified.evaluation_numbers();
    set(out, "tcb.evaluationNumber", tcb_info.min(qe_identity));
    set(out, "tcb.qe.evaluationNumber", qe_identity);
    let (root, pck) = verified.crl_numbers();
    set(out, "crl.root.number", root);
    set(out, "crl.pck.number", pck);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_only_one_makes_counts_where_the_whole_is_compared() {
        let ours = Claims::from([("a", "1".to_owned()), ("b", "2".to_owned())]);
        let theirs = Claims::from([("a", "1".to_owned())]);
        assert_eq!(compare(&ours, &theirs, false), []);
        let [found] = &compare(&ours, &theirs, true)[..] else {
            panic!("one difference")
        };
        assert_eq!((found.claim, found.ours.as_str()), ("b", "2"));
        assert_eq!(found.theirs, "no such claim");
    }

    #[test]
    fn advisories_are_a_set() {
        let ids = ["B".to_owned(), "A".to_owned(), "B".to_owned()];
        assert_eq!(id_set(ids.iter()), "A B");
    }
}
