//! The closed table of differences: everything in which the two engines may differ, and why.

use teeproof_core::CheckId;

use crate::conditions as condition;
use crate::context::{Context, Open};
use crate::remedies::{self as remedy, Trial};

/// Which of the two asks for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stricter {
    /// teeproof refuses what dcap-qvl accepts.
    Ours,
    /// dcap-qvl refuses what teeproof accepts.
    Theirs,
    /// Neither: they read different things where both could be right.
    Neither,
}

impl Stricter {
    /// The word used in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "teeproof",
            Self::Theirs => "dcap-qvl",
            Self::Neither => "neither",
        }
    }
}

/// An entry of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Its stable id.
    pub id: &'static str,
    /// The check of ours that it is about.
    pub check: CheckId,
    /// Which engine asks for more.
    pub stricter: Stricter,
    /// What differs and why ours is as it is, in one sentence.
    pub reason: &'static str,
    /// Where the other side's behaviour stands.
    pub source: &'static str,
}

/// How an entry is held to the data.
#[derive(Clone, Copy)]
pub(crate) enum Mechanism {
    /// Takes the cause away; the two must then agree. False where the cause is not there.
    Remedy(fn(&Context<'_>, &mut Trial) -> bool),
    /// Whether the data show what the core's finding says and dcap-qvl does not look at.
    Condition(fn(&Context<'_>, &Open<'_>) -> bool),
}

pub(crate) struct Row {
    pub(crate) difference: Difference,
    pub(crate) mechanism: Mechanism,
}

/// All entries, in a fixed order.
pub fn table() -> impl ExactSizeIterator<Item = Difference> {
    ROWS.iter().map(|row| row.difference)
}

macro_rules! rows {
    ($($id:literal, $check:ident, $stricter:ident, $kind:ident($mechanism:path), $reason:literal, $source:literal;)*) => {
        pub(crate) static ROWS: &[Row] = &[$(Row {
            difference: Difference {
                id: $id,
                check: CheckId::$check,
                stricter: Stricter::$stricter,
                reason: $reason,
                source: $source,
            },
            mechanism: Mechanism::$kind($mechanism),
        },)*];
    };
}

rows! {
    // What dcap-qvl refuses, or reads from another place. Each is taken away and dcap-qvl run again.
    "sept-ve-disable", TdSeptVeDisable, Theirs, Remedy(remedy::sept_ve_disable),
        "dcap-qvl refuses a TD without SEPT_VE_DISABLE while it verifies; for teeproof that is a question of policy.",
        "dcap-qvl src/verify.rs, validate_attrs; Intel's library has no such rule";
    "reserved-attributes", TdReserved, Theirs, Remedy(remedy::reserved),
        "dcap-qvl refuses reserved TD attributes while it verifies; for teeproof that is a question of policy.",
        "dcap-qvl src/verify.rs, validate_attrs; Intel's library has no such rule";
    "migratable", TdMigratable, Theirs, Remedy(remedy::migratable),
        "dcap-qvl refuses a TD that can be migrated while it verifies; for teeproof that is a question of policy.",
        "dcap-qvl src/verify.rs, validate_attrs; Intel's library has no such rule";
    "service-td-in-td10", TdService, Theirs, Remedy(remedy::service_td_in_td10),
        "dcap-qvl refuses SERVTD_EXT in a TD 1.0 body even where service TDs are allowed; for teeproof that is a question of policy.",
        "dcap-qvl src/verify.rs, validate_attrs";
    "qe-auth-data-length", QeBinding, Theirs, Remedy(remedy::qe_auth_data_length),
        "dcap-qvl takes QE authentication data of 32 bytes only; Intel's format allows any length.",
        "dcap-qvl src/verify.rs, verify_qe_report_data; Intel TDX DCAP Quoting Library API, appendix A";
    "tcb-info-version-2", CollateralAuthentic, Theirs, Remedy(remedy::tcb_info_version_2),
        "dcap-qvl reads TCB info of version 3 only; Intel's library takes version 2 for SGX as well.",
        "dcap-qvl src/tcb_info.rs; Intel's library, Json/TcbInfo.cpp";
    "pck-chain-of-collateral", PckChain, Neither, Remedy(remedy::pck_chain_of_collateral),
        "dcap-qvl uses the PCK chain of the collateral in place of the quote's own; teeproof uses the one that came with the quote.",
        "dcap-qvl src/verify.rs, verify_pck_cert_chain";
    "qe-level-order", TcbQe, Neither, Remedy(remedy::qe_level_order),
        "dcap-qvl takes the first QE level in the order of the document; teeproof takes the highest that is reached.",
        "dcap-qvl src/verify.rs, match_qe_tcb_level";
    "module-level-order", TcbModule, Neither, Remedy(remedy::module_level_order),
        "dcap-qvl takes the first TDX module level in the order of the document; teeproof takes the highest that is reached.",
        "dcap-qvl src/verify.rs, match_tdx_module_level";
    "svn-components", TcbPlatform, Neither, Remedy(remedy::svn_components),
        "dcap-qvl compares the raw CPUSVN with the levels; teeproof compares the component SVNs beside it, as Intel does.",
        "dcap-qvl src/verify.rs, match_platform_tcb; Intel's library, Checks/TcbLevelCheck.cpp";
    "crl-number-width", CrlNumber, Theirs, Remedy(remedy::crl_number_width),
        "dcap-qvl cannot state all of its claims when a CRL number does not fit 32 bits; what it can state is compared.",
        "dcap-qvl src/utils.rs, parse_crl_info";

    // What teeproof refuses and dcap-qvl does not look at.
    "quote-size", QuoteFormat, Ours, Condition(condition::quote_size),
        "teeproof refuses input far larger than any quote before it reads it.",
        "teeproof limits";
    "inner-leftover", QuoteFormat, Ours, Condition(condition::inner_leftover),
        "dcap-qvl ignores bytes left over inside a declared length, where unsigned data can hide.",
        "dcap-qvl src/quote.rs";
    "outer-certification-type", QuoteFormat, Ours, Condition(condition::outer_certification_type),
        "dcap-qvl does not compare the outer certification type, which must be 6.",
        "dcap-qvl src/quote.rs";
    "inner-certification-type", QuoteFormat, Ours, Condition(condition::inner_certification_type),
        "dcap-qvl does not look at the certification data at all when the collateral brings a PCK chain.",
        "dcap-qvl src/verify.rs, verify_pck_cert_chain";
    "trailing-data", QuoteTrailing, Ours, Condition(condition::trailing_data),
        "dcap-qvl ignores whatever follows the quote; teeproof allows a bounded number of zeros.",
        "dcap-qvl src/quote.rs";
    "pck-crl-issuer-chain", CollateralAuthentic, Ours, Condition(condition::pck_crl_issuer_chain),
        "dcap-qvl never reads the chain of the PCK CRL's issuer; it takes the CA of the PCK chain.",
        "dcap-qvl src/utils.rs, parse_crls";
    "collateral-root", CollateralAuthentic, Ours, Condition(condition::collateral_root),
        "dcap-qvl ignores the root inside a chain; teeproof demands that it be the trust anchor.",
        "dcap-qvl src/utils.rs, verify_certificate_chain";
    "collateral-chain-form", CollateralAuthentic, Ours, Condition(condition::collateral_chain_form),
        "dcap-qvl passes over extra certificates and text in a chain; teeproof demands signer and root and nothing else.",
        "dcap-qvl src/utils.rs, extract_certs and verify_certificate_chain";
    "collateral-signer-profile", CollateralAuthentic, Ours, Condition(condition::collateral_signer_profile),
        "dcap-qvl takes any certificate below the root as signer; teeproof demands Intel's profile of a TCB signing certificate.",
        "dcap-qvl src/verify.rs, verify_tcb_info_signature";
    "collateral-signature-length", CollateralAuthentic, Ours, Condition(condition::collateral_signature_length),
        "dcap-qvl splits a signature after 32 bytes whatever its length; teeproof demands 64 bytes.",
        "dcap-qvl src/utils.rs, encode_as_der_with";
    "tcb-info-version", CollateralAuthentic, Ours, Condition(condition::tcb_info_version),
        "dcap-qvl sets no upper bound on the version of TCB info; teeproof knows versions 2 and 3.",
        "dcap-qvl src/verify.rs, match_platform_tcb";
    "document-dates", CollateralAuthentic, Ours, Condition(condition::document_dates),
        "dcap-qvl reads any RFC 3339 date, and some not at all; teeproof demands Intel's one form in every place.",
        "dcap-qvl src/utils.rs, parse_rfc3339_unix_secs";
    "crl-profile", CollateralAuthentic, Ours, Condition(condition::crl_profile),
        "dcap-qvl does not ask a CRL for its number, its issuer's key identifier or critical additions; teeproof holds it to Intel's profile.",
        "dcap-qvl-webpki src/crl/types.rs";
    "crl-from-the-future", CollateralValid, Ours, Condition(condition::crl_from_the_future),
        "dcap-qvl does not compare thisUpdate of a CRL with the instant; Intel's library and teeproof do.",
        "dcap-qvl-webpki src/crl/types.rs; Intel's library, PckParser.cpp";
    "root-dates", CollateralValid, Ours, Condition(condition::root_dates),
        "dcap-qvl takes the trust anchor without its dates; teeproof holds it to them.",
        "dcap-qvl src/utils.rs, verify_certificate_chain";
    "crl-issuer-dates", CollateralValid, Ours, Condition(condition::crl_issuer_dates),
        "dcap-qvl never reads the certificate beside the PCK CRL; teeproof holds it to its dates.",
        "dcap-qvl src/utils.rs, parse_crls";
    "crl-issuer-revoked", CollateralRevocation, Ours, Condition(condition::crl_issuer_revoked),
        "dcap-qvl never reads the certificate beside the PCK CRL; teeproof asks the root's list about it.",
        "dcap-qvl src/utils.rs, parse_crls";
    "pce-id", CollateralPlatform, Ours, Condition(condition::pce_id),
        "dcap-qvl does not compare the PCE id of the PCK certificate with that of TCB info; Intel's library and teeproof do.",
        "dcap-qvl src/verify.rs, match_platform_tcb";
    "pck-chain-form", PckChain, Ours, Condition(condition::pck_chain_form),
        "dcap-qvl passes over extra certificates and text in a chain; teeproof demands leaf, CA and root and nothing else.",
        "dcap-qvl src/utils.rs, extract_certs and verify_certificate_chain";
    "pck-profile", PckChain, Ours, Condition(condition::pck_profile),
        "dcap-qvl compares no name, key identifier or key usage of the PCK chain; teeproof holds it to Intel's profile.",
        "dcap-qvl src/utils.rs, verify_certificate_chain";
    "pck-root", PckRoot, Ours, Condition(condition::pck_root),
        "dcap-qvl ignores the root inside a chain; teeproof demands that it be the trust anchor.",
        "dcap-qvl src/utils.rs, verify_certificate_chain";
    "pck-extension", PckExtension, Ours, Condition(condition::pck_extension),
        "dcap-qvl takes the first of several entries and does not read the component SVNs; teeproof demands each entry exactly once.",
        "dcap-qvl src/intel.rs, sub_object_opt";
    "pck-certificate-tcb", PckExtension, Ours, Condition(condition::pck_certificate_tcb),
        "dcap-qvl does not compare the certificate with the CPUSVN and PCESVN that the quote asks one for.",
        "dcap-qvl src/verify.rs, verify_pck_cert_chain";
    "pck-root-dates", PckValid, Ours, Condition(condition::pck_root_dates),
        "dcap-qvl takes the trust anchor without its dates; teeproof holds it to them.",
        "dcap-qvl src/utils.rs, verify_certificate_chain";
    "qe-report-data-tail", QeBinding, Ours, Condition(condition::qe_report_data_tail),
        "dcap-qvl and Intel's library ignore the second half of the quoting enclave's report data; teeproof demands zeros.",
        "dcap-qvl src/verify.rs, verify_qe_report_data";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_each_reason_is_one_sentence() {
        let ids: BTreeSet<&str> = table().map(|difference| difference.id).collect();
        assert_eq!(ids.len(), table().len());
        for difference in table() {
            let reason = difference.reason;
            assert!(reason.ends_with('.'), "{}", difference.id);
            assert!(!reason.contains(". "), "{}", difference.id);
        }
    }

    #[test]
    fn only_a_remedy_may_explain_a_refusal_by_the_other_engine() {
        for row in ROWS {
            let is_remedy = matches!(row.mechanism, Mechanism::Remedy(_));
            let ours = row.difference.stricter == Stricter::Ours;
            assert_eq!(is_remedy, !ours, "{}", row.difference.id);
        }
    }
}
