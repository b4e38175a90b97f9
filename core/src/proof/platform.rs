//! What collateral proves about a quote: revocation, QE identity, TDX module and TCB.

use alloc::vec::Vec;

use super::Examination;
use super::certified::Certified;
use super::chain::PckChain;
use crate::bytes::Bytes;
use crate::collateral::AuthenticCollateral;
use crate::finding::Finding;
use crate::quote::{Body, Quote, TdReport, Tee};
use crate::tcb::{
    ModuleIdentity, PlatformVersions, QeIdentity, TcbEvaluation, TcbInfo, evaluate,
    versioned_module,
};
use crate::tcb_status::TcbStatus;
use crate::{CheckId, Reason, Value};

/// Makes the checks that need collateral. Those that judge the platform by a statement of Intel's
/// are made only on statements that are valid at the instant: an outdated one says nothing.
pub(super) fn examine(
    quote: &Quote,
    certified: &Certified,
    collateral: &AuthenticCollateral,
    examination: &mut Examination,
) {
    let platform = platform_match(quote, certified, collateral);
    examination.record(CheckId::CollateralPlatform, platform);
    if let Some(chain) = &certified.chain {
        examination.record(CheckId::PckRevocation, revocation(chain, collateral));
    }
    let rests_on = [
        CheckId::CollateralValid,
        CheckId::CollateralRevocation,
        CheckId::CollateralPlatform,
    ];
    if examination.findings.first_not_passed(&rests_on).is_some() {
        return;
    }
    examination.record(
        CheckId::QeIdentity,
        qe_identity(quote, collateral.qe_identity()),
    );
    if let Body::Tdx(report) = quote.claimed_body() {
        examination.record(CheckId::TdxModule, module(report, collateral.tcb_info()));
    }
    tcb(quote, certified, collateral, examination);
}

fn platform_match(
    quote: &Quote,
    certified: &Certified,
    collateral: &AuthenticCollateral,
) -> Finding {
    let tcb_info = collateral.tcb_info();
    let qe_tee = collateral.qe_identity().tee;
    let wrong_tee = [tcb_info.tee, qe_tee]
        .into_iter()
        .find(|tee| *tee != quote.tee());
    if let Some(tee) = wrong_tee {
        return Finding::failed(Reason::TeeMismatch)
            .found(Value::text(tee))
            .expected(Value::text(quote.tee()));
    }
    if let Some((fmspc, _)) = certified.claimed_platform
        && fmspc != tcb_info.fmspc
    {
        return Finding::failed(Reason::FmspcMismatch)
            .found(Value::text(tcb_info.fmspc))
            .expected(Value::text(fmspc));
    }
    match &certified.platform {
        Some(platform) if platform.pce_id != tcb_info.pce_id => {
            Finding::failed(Reason::PceIdMismatch)
                .found(Value::text(tcb_info.pce_id))
                .expected(Value::text(platform.pce_id))
        }
        Some(_) => Finding::passed().found(Value::text(tcb_info.fmspc)),
        None => Finding::depends_on(CheckId::PckChain),
    }
}

fn revocation(chain: &PckChain, collateral: &AuthenticCollateral) -> Finding {
    let list = collateral.pck_crl();
    let issuer = collateral.pck_crl_issuer();
    // The list was authenticated with the CA of its own chain: that must be the CA of this chain.
    if let Err(error) = list.check_issuer(&chain.ca) {
        return Finding::failed(error.crl_reason())
            .found(error.found())
            .expected(error.expected());
    }
    if issuer.public_key() != chain.ca.public_key() {
        return Finding::failed(Reason::CrlIssuer)
            .found(Value::text(Bytes::new(*issuer.public_key())))
            .expected(Value::text(Bytes::new(*chain.ca.public_key())));
    }
    if list.revokes(&chain.leaf) {
        return Finding::failed(Reason::CertificateRevoked)
            .found(Value::Text(crate::encode_hex(chain.leaf.serial())))
            .expected(Value::from("not on the list"));
    }
    // The CA itself is judged with the collateral's signers, by the root's list; a CA certificate
    // of the same key and another serial number is judged here.
    if collateral.root_revokes(&chain.ca) {
        return Finding::failed(Reason::CertificateRevoked)
            .found(Value::Text(crate::encode_hex(chain.ca.serial())))
            .expected(Value::from("not on the list"));
    }
    Finding::passed()
}

fn masked<const N: usize>(value: &Bytes<N>, mask: &Bytes<N>) -> Bytes<N> {
    let mut out = *value.as_array();
    for (byte, mask) in out.iter_mut().zip(mask.as_slice()) {
        *byte &= mask;
    }
    Bytes::new(out)
}

fn qe_identity(quote: &Quote, identity: &QeIdentity) -> Finding {
    let report = quote.claimed_qe_report();
    if report.debug() {
        return Finding::failed(Reason::QeDebug);
    }
    let mask = identity.misc_select_mask;
    let attributes = masked(&report.attributes, &identity.attributes_mask);
    let signed_attributes = masked(&identity.attributes, &identity.attributes_mask);
    if report.mr_signer == identity.mr_signer
        && report.isv_prod_id == identity.isv_prod_id
        && report.misc_select & mask == identity.misc_select & mask
        && attributes == signed_attributes
    {
        return Finding::passed().found(Value::Fields(Vec::from([
            ("mrSigner", Value::text(report.mr_signer)),
            ("isvSvn", Value::Number(report.isv_svn.into())),
        ])));
    }
    let fields: [(&'static str, Value, Value); 4] = [
        (
            "mrSigner",
            Value::text(report.mr_signer),
            Value::text(identity.mr_signer),
        ),
        (
            "isvProdId",
            Value::Number(report.isv_prod_id.into()),
            Value::Number(identity.isv_prod_id.into()),
        ),
        (
            "miscSelect",
            Value::Number((report.misc_select & mask).into()),
            Value::Number((identity.misc_select & mask).into()),
        ),
        (
            "attributes",
            Value::text(attributes),
            Value::text(signed_attributes),
        ),
    ];
    let (found, expected) = fields
        .into_iter()
        .filter(|(_, found, expected)| found != expected)
        .map(|(name, found, expected)| ((name, found), (name, expected)))
        .unzip();
    Finding::failed(Reason::QeIdentityMismatch)
        .found(Value::Fields(found))
        .expected(Value::Fields(expected))
}

/// Signer and attributes of the module. For a versioned module the identity of its major version is
/// asked, otherwise the base one.
fn module(report: &TdReport, tcb_info: &TcbInfo) -> Finding {
    let version = versioned_module(*report.tee_tcb_svn.as_array()).map(|(version, _)| version);
    let identity = match version {
        // The base entry has to be there whichever identity is asked, as in Intel's library.
        _ if tcb_info.module.is_none() => None,
        Some(version) => tcb_info
            .module_of_version(version)
            .map(|module| &module.identity),
        None => tcb_info.module.as_ref(),
    };
    let id = version.map_or_else(
        || Value::from("TDX"),
        |version| Value::Text(alloc::format!("TDX_{version:02X}")),
    );
    match identity {
        None => Finding::failed(Reason::ModuleUnknown).found(id),
        Some(identity) if !is_signed_as(report, identity) => {
            Finding::failed(Reason::ModuleMismatch)
                .found(Value::Fields(Vec::from([
                    ("mrSignerSeam", Value::text(report.mr_signer_seam)),
                    ("seamAttributes", Value::text(report.seam_attributes)),
                ])))
                .expected(Value::Fields(Vec::from([
                    ("mrSignerSeam", Value::text(identity.mr_signer)),
                    ("seamAttributes", Value::text(identity.attributes)),
                    ("mask", Value::text(identity.attributes_mask)),
                ])))
        }
        Some(_) => Finding::passed().found(Value::Fields(Vec::from([
            ("id", id),
            ("mrSeam", Value::text(report.mr_seam)),
        ]))),
    }
}

/// Attributes are compared under the mask, and none may be set outside of it.
fn is_signed_as(report: &TdReport, identity: &ModuleIdentity) -> bool {
    let mask = &identity.attributes_mask;
    report.mr_signer_seam == identity.mr_signer
        && masked(&report.seam_attributes, mask) == masked(&identity.attributes, mask)
        && masked(&report.seam_attributes, mask) == report.seam_attributes
}

fn tcb(
    quote: &Quote,
    certified: &Certified,
    collateral: &AuthenticCollateral,
    examination: &mut Examination,
) {
    let Some(platform) = &certified.platform else {
        return;
    };
    let (tee_tcb_svn, tee_tcb_svn2) = match quote.claimed_body() {
        Body::Sgx(_) => (None, None),
        Body::Tdx(report) => (
            Some(report.tee_tcb_svn),
            report.td15.as_ref().map(|more| more.tee_tcb_svn2),
        ),
    };
    debug_assert_eq!(tee_tcb_svn.is_some(), quote.tee() == Tee::Tdx);
    let versions = PlatformVersions {
        pck: platform.tcb.clone(),
        tee_tcb_svn,
        tee_tcb_svn2,
        qe_isv_svn: quote.claimed_qe_report().isv_svn,
    };
    match evaluate(&versions, collateral.tcb_info(), collateral.qe_identity()) {
        Err(errors) => {
            for error in errors {
                examination.record(
                    error.check(),
                    Finding::failed(error.reason()).found(error.found()),
                );
            }
        }
        Ok(tcb) => {
            // That a level was found is proven here; whether its status is good enough is policy,
            // and the appraisal writes these rows again with its opinion.
            examination.record(CheckId::TcbPlatform, Finding::passed());
            for check in revoked(&tcb) {
                examination.record(check, Finding::failed(Reason::TcbRevoked));
            }
            examination.tcb = Some(tcb);
        }
    }
}

/// The components whose level is revoked: nothing that they vouch for can be believed, and no policy
/// may think otherwise.
fn revoked(tcb: &TcbEvaluation) -> impl Iterator<Item = CheckId> {
    let current = tcb.current.as_ref();
    [
        (CheckId::TcbPlatform, Some(tcb.platform.status)),
        (
            CheckId::TcbModule,
            tcb.module.as_ref().map(|module| module.status),
        ),
        (CheckId::TcbQe, Some(tcb.qe.status)),
        (CheckId::TcbCurrent, current.map(|current| current.status)),
        (CheckId::TcbStatus, Some(tcb.status)),
    ]
    .into_iter()
    .filter(|(_, status)| *status == Some(TcbStatus::Revoked))
    .map(|(check, _)| check)
}
