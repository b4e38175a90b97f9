//! dcap-qvl: what it is given and what it answers. Its types end here.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dcap_qvl::config::Config;
use dcap_qvl::policy::{PckCertFlag, Policy, QuoteClaims};
use dcap_qvl::quote::{EnclaveReport, Quote, Report, TDReport10, TDReport15, TDReport15Ex};
use dcap_qvl::verify::{QuoteVerifier, VerifiedReport};
use dcap_qvl::{QuoteCollateralV3, TcbStatusWithAdvisory};
use teeproof_core::{CollateralParts, encode_hex};

use crate::amend::{Amended, Amendments, InForce};
use crate::claims::{Claims, set};
use crate::known::Known;

/// What dcap-qvl is given.
#[derive(Debug, Clone)]
pub(crate) struct Inputs<'a> {
    pub(crate) quote: Cow<'a, [u8]>,
    pub(crate) parts: Cow<'a, CollateralParts>,
    pub(crate) root: &'a [u8],
    pub(crate) at: u64,
    pub(crate) amendments: Amendments,
}

/// What dcap-qvl answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepts(Claims),
    /// It accepts, and it cannot put all of its claims into words: those of its short form.
    AcceptsBriefly(Claims),
    Refuses(String),
    Panics,
}

impl Answer {
    pub(crate) const fn claims(&self) -> Option<&Claims> {
        match self {
            Self::Accepts(claims) | Self::AcceptsBriefly(claims) => Some(claims),
            Self::Refuses(_) | Self::Panics => None,
        }
    }
}

/// Whether to accept is the business of teeproof's own policy.
struct Anything;

impl Policy for Anything {
    fn validate(&self, _: &QuoteClaims) -> anyhow::Result<()> {
        Ok(())
    }
}

impl Inputs<'_> {
    /// Runs dcap-qvl: as it is published, or with amendments where there are any.
    pub(crate) fn run(&self) -> Answer {
        without_panic(|| self.answer())
    }

    fn answer(&self) -> Answer {
        let verifier = QuoteVerifier::new(self.root.to_vec())
            .with_config::<Known>()
            .allow_debug(true)
            .allow_service_td(true);
        let (whole, brief) = if self.amendments == Amendments::default() {
            self.ask(&verifier)
        } else {
            let _in_force = InForce::new(&self.amendments);
            self.ask(&verifier.with_config::<Amended>())
        };
        match (whole, brief) {
            (Ok(claims), _) => Answer::Accepts(of_claims(&claims)),
            (Err(_), Some(report)) => Answer::AcceptsBriefly(of_report(&report)),
            (Err(error), None) => Answer::Refuses(format!("{error:#}")),
        }
    }

    /// All of its claims, and the short form of them where there are none.
    fn ask<C: Config>(
        &self,
        verifier: &QuoteVerifier<C>,
    ) -> (anyhow::Result<QuoteClaims>, Option<VerifiedReport>) {
        // It keeps what it is given: a copy is made for each question, and none beside.
        let collateral = || collateral(&self.parts);
        let whole = verifier.verify_with_policy(&self.quote, collateral(), self.at, &Anything);
        let brief = whole
            .is_err()
            .then(|| verifier.verify(&self.quote, &collateral(), self.at).ok());
        (whole, brief.flatten())
    }
}

fn without_panic(run: impl FnOnce() -> Answer) -> Answer {
    // Nothing that the closure touches is used after a panic: inputs are only read, and the
    // amendments in force are taken out again by their guard.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Answer::Panics)
}

fn collateral(parts: &CollateralParts) -> QuoteCollateralV3 {
    QuoteCollateralV3 {
        pck_crl_issuer_chain: parts.pck_crl_issuer_chain.clone(),
        root_ca_crl: parts.root_ca_crl.clone(),
        pck_crl: parts.pck_crl.clone(),
        tcb_info_issuer_chain: parts.tcb_info_issuer_chain.clone(),
        tcb_info: parts.tcb_info.clone(),
        tcb_info_signature: parts.tcb_info_signature.clone(),
        qe_identity_issuer_chain: parts.qe_identity_issuer_chain.clone(),
        qe_identity: parts.qe_identity.clone(),
        qe_identity_signature: parts.qe_identity_signature.clone(),
        pck_certificate_chain: parts.pck_certificate_chain.clone(),
    }
}

/// dcap-qvl's reading of a report, not verified: what it says of the bytes as they came, where it
/// was shown others.
pub(crate) fn parsed_report(quote: &[u8]) -> Option<Claims> {
    let mut claims = Claims::new();
    report(&mut claims, &Quote::parse(quote).ok()?.report);
    Some(claims)
}

/// CPUSVN in the first certificate of a chain, as dcap-qvl reads it.
pub(crate) fn parsed_cpu_svn(pem: &[u8]) -> Option<String> {
    let extension = dcap_qvl::intel::parse_pck_extension_from_pem(pem).ok()?;
    Some(encode_hex(&extension.cpu_svn))
}

fn of_claims(claims: &QuoteClaims) -> Claims {
    let mut out = Claims::new();
    let header = &claims.header;
    set(&mut out, "quote.version", header.version);
    set(
        &mut out,
        "quote.tee",
        if header.is_sgx() { "sgx" } else { "tdx" },
    );
    let (qe_id, _) = header.user_data.split_at(16);
    set(&mut out, "quote.qeId", encode_hex(qe_id));
    report(&mut out, &claims.report);
    enclave(&mut out, &QE_REPORT, &claims.qe.report);

    let tcb = &claims.tcb;
    set(&mut out, "tcb.status", tcb.status);
    set_advisories(&mut out, "tcb.advisoryIds", &tcb.advisory_ids);
    set(&mut out, "tcb.evaluationNumber", tcb.eval_data_number);
    let platform = &claims.platform.tcb_level;
    set(&mut out, "tcb.platform.status", platform.tcb_status);
    set_advisories(&mut out, "tcb.platform.advisoryIds", &platform.advisory_ids);
    set(&mut out, "tcb.platform.date", &platform.tcb_date);
    let qe = &claims.qe.tcb_level;
    set(&mut out, "tcb.qe.status", qe.tcb_status);
    set_advisories(&mut out, "tcb.qe.advisoryIds", &qe.advisory_ids);
    set(&mut out, "tcb.qe.date", &qe.tcb_date);
    set(
        &mut out,
        "tcb.qe.evaluationNumber",
        claims.qe.tcb_eval_data_number,
    );
    if let Some(current) = &claims.platform.current_tcb_level {
        set(&mut out, "tcb.current.status", current.tcb_status);
        set_advisories(&mut out, "tcb.current.advisoryIds", &current.advisory_ids);
        set(&mut out, "tcb.current.date", &current.tcb_date);
    }

    let pck = &claims.platform.pck;
    set(&mut out, "platform.fmspc", encode_hex(&pck.fmspc));
    set(&mut out, "platform.ppid", encode_hex(&pck.ppid));
    set(&mut out, "platform.pceId", encode_hex(&pck.pce_id));
    set(&mut out, "platform.cpuSvn", encode_hex(&pck.cpu_svn));
    set(&mut out, "platform.pceSvn", pck.pce_svn);
    set(&mut out, "platform.dynamic", flag(pck.dynamic_platform));
    set(&mut out, "platform.cachedKeys", flag(pck.cached_keys));
    set(&mut out, "platform.smt", flag(pck.smt_enabled));
    set(&mut out, "crl.root.number", claims.platform.root_ca_crl_num);
    set(&mut out, "crl.pck.number", claims.platform.pck_crl_num);
    out
}

fn of_report(verified: &VerifiedReport) -> Claims {
    let mut out = Claims::new();
    report(&mut out, &verified.report);
    set(&mut out, "tcb.status", &verified.status);
    set_advisories(&mut out, "tcb.advisoryIds", &verified.advisory_ids);
    let component = |out: &mut Claims, names: [&'static str; 2], tcb: &TcbStatusWithAdvisory| {
        let [status, advisories] = names;
        set(out, status, tcb.status);
        set_advisories(out, advisories, &tcb.advisory_ids);
    };
    component(
        &mut out,
        ["tcb.platform.status", "tcb.platform.advisoryIds"],
        &verified.platform_status,
    );
    component(
        &mut out,
        ["tcb.qe.status", "tcb.qe.advisoryIds"],
        &verified.qe_status,
    );
    set(&mut out, "platform.ppid", encode_hex(&verified.ppid));
    out
}

const fn flag(flag: PckCertFlag) -> &'static str {
    match flag {
        PckCertFlag::False => "false",
        PckCertFlag::True => "true",
        PckCertFlag::Undefined => "undefined",
    }
}

fn set_advisories(out: &mut Claims, name: &'static str, ids: &[String]) {
    set(out, name, crate::claims::id_set(ids.iter()));
}

fn report(out: &mut Claims, report: &Report) {
    match report {
        Report::SgxEnclave(report) => enclave(out, &SGX_REPORT, report),
        Report::TD10(report) => td10(out, report),
        Report::TD15(report) => td15(out, report),
        Report::TD15Ex(report) => td15_extended(out, report),
    }
}

/// Names of an enclave report's fields: those of the quote's body and those of the quoting enclave.
pub(crate) type EnclaveNames = [&'static str; 8];

pub(crate) const SGX_REPORT: EnclaveNames = [
    "report.cpuSvn",
    "report.miscSelect",
    "report.attributes",
    "report.mrEnclave",
    "report.mrSigner",
    "report.isvProdId",
    "report.isvSvn",
    "report.reportData",
];

pub(crate) const QE_REPORT: EnclaveNames = [
    "qe.cpuSvn",
    "qe.miscSelect",
    "qe.attributes",
    "qe.mrEnclave",
    "qe.mrSigner",
    "qe.isvProdId",
    "qe.isvSvn",
    "qe.reportData",
];

fn enclave(out: &mut Claims, names: &EnclaveNames, report: &EnclaveReport) {
    let values = [
        encode_hex(&report.cpu_svn),
        report.misc_select.to_string(),
        encode_hex(&report.attributes),
        encode_hex(&report.mr_enclave),
        encode_hex(&report.mr_signer),
        report.isv_prod_id.to_string(),
        report.isv_svn.to_string(),
        encode_hex(&report.report_data),
    ];
    out.extend(names.iter().copied().zip(values));
}

fn td10(out: &mut Claims, report: &TDReport10) {
    set(out, "report.teeTcbSvn", encode_hex(&report.tee_tcb_svn));
    set(out, "report.mrSeam", encode_hex(&report.mr_seam));
    set(
        out,
        "report.mrSignerSeam",
        encode_hex(&report.mr_signer_seam),
    );
    set(
        out,
        "report.seamAttributes",
        encode_hex(&report.seam_attributes),
    );
    set(
        out,
        "report.tdAttributes",
        encode_hex(&report.td_attributes),
    );
    set(out, "report.xfam", encode_hex(&report.xfam));
    set(out, "report.mrtd", encode_hex(&report.mr_td));
    set(out, "report.mrConfigId", encode_hex(&report.mr_config_id));
    set(out, "report.mrOwner", encode_hex(&report.mr_owner));
    set(
        out,
        "report.mrOwnerConfig",
        encode_hex(&report.mr_owner_config),
    );
    set(out, "report.rtmr0", encode_hex(&report.rt_mr0));
    set(out, "report.rtmr1", encode_hex(&report.rt_mr1));
    set(out, "report.rtmr2", encode_hex(&report.rt_mr2));
    set(out, "report.rtmr3", encode_hex(&report.rt_mr3));
    set(out, "report.reportData", encode_hex(&report.report_data));
}

fn td15(out: &mut Claims, report: &TDReport15) {
    td10(out, &report.base);
    set(out, "report.teeTcbSvn2", encode_hex(&report.tee_tcb_svn2));
    set(out, "report.mrServiceTd", encode_hex(&report.mr_service_td));
}

fn td15_extended(out: &mut Claims, report: &TDReport15Ex) {
    td15(out, &report.base);
    set(out, "report.vmId", report.vmid);
    set(out, "report.tdId", encode_hex(&report.td_id));
    set(out, "report.deviceInfo", encode_hex(&report.dev_info));
    set(
        out,
        "report.initServiceTdHash",
        encode_hex(&report.init_service_td_hash),
    );
    set(
        out,
        "report.initServiceTdAttributes",
        encode_hex(&report.init_service_td_attributes),
    );
    set(out, "report.initCpuSvn", encode_hex(&report.init_cpu_svn));
    set(
        out,
        "report.initTeeTcbSvn",
        encode_hex(&report.init_tee_tcb_svn),
    );
    set(
        out,
        "report.initTeeFmspc",
        encode_hex(&report.init_tee_fmspc),
    );
    set(
        out,
        "report.currentServiceTdHash",
        encode_hex(&report.cur_service_td_hash),
    );
    set(
        out,
        "report.currentServiceTdAttributes",
        encode_hex(&report.cur_service_td_attributes),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer() {
        assert_eq!(without_panic(|| panic!("inside")), Answer::Panics);
    }
}
