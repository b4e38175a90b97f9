//! What the data must show for a refusal by the core alone to be explained.
//!
//! Each condition is asked only when dcap-qvl has accepted the same evidence, and only about a
//! finding of its own check.

use serde_json::Value as Json;
use teeproof_core::{Instant, Reason, encode_hex, limits};

use crate::certificates::{
    Chain, PCK, PCK_CA, Profile, TCB_SIGNING, crl_departs, departs_from, extension, is_listed,
    is_outside_dates, same, this_update,
};
use crate::context::{Context, Open};
use crate::extension::{SGX, entries, is_ambiguous};

pub(crate) fn quote_size(context: &Context<'_>, open: &Open<'_>) -> bool {
    open.reason == Reason::QuoteTooLarge && context.quote.len() > limits::QUOTE
}

pub(crate) fn inner_leftover(context: &Context<'_>, open: &Open<'_>) -> bool {
    open.reason == Reason::QuoteInnerLength
        && context
            .layout
            .as_ref()
            .is_some_and(|layout| layout.left_over > 0)
}

pub(crate) fn outer_certification_type(context: &Context<'_>, open: &Open<'_>) -> bool {
    open.reason == Reason::QuoteCertificationType
        && context
            .layout
            .as_ref()
            .and_then(|layout| layout.outer_type)
            .is_some_and(|outer| outer != 6)
}

pub(crate) fn inner_certification_type(context: &Context<'_>, open: &Open<'_>) -> bool {
    let Some(layout) = &context.layout else {
        return false;
    };
    let usable = match layout.certification_type {
        2 => layout.certification.len() == 276,
        3 => layout.certification.len() == 404,
        5 => true,
        _ => false,
    };
    open.reason == Reason::QuoteCertificationType
        && context.parts.pck_certificate_chain.is_some()
        && !usable
}

pub(crate) fn trailing_data(context: &Context<'_>, open: &Open<'_>) -> bool {
    let rest = context
        .layout
        .as_ref()
        .and_then(|layout| context.quote.get(layout.end..))
        .unwrap_or_default();
    match open.reason {
        Reason::TrailingData => rest.iter().any(|byte| *byte != 0),
        Reason::TrailingTooLong => rest.len() > limits::QUOTE_PADDING,
        _ => false,
    }
}

/// The chain that is not read must not be a sound one with the CA that dcap-qvl found by another
/// way: then the core would be wrong to refuse it.
pub(crate) fn pck_crl_issuer_chain(context: &Context<'_>, open: &Open<'_>) -> bool {
    let chain = Chain::read(context.parts.pck_crl_issuer_chain.as_bytes());
    let sound = match chain.certificates.as_slice() {
        [ca, root] => {
            same(Some(ca), context.pck_ca().as_deref())
                && root == context.root
                && !departs_from(&PCK_CA, ca, Some(context.root))
        }
        _ => false,
    };
    open.part == Some("pck_crl_issuer_chain") && !(sound && chain.regular)
}

fn signer_chain(context: &Context<'_>, open: &Open<'_>) -> Option<Chain> {
    let text = match open.part? {
        "tcb_info_issuer_chain" => &context.parts.tcb_info_issuer_chain,
        "qe_identity_issuer_chain" => &context.parts.qe_identity_issuer_chain,
        _ => return None,
    };
    Some(Chain::read(text.as_bytes()))
}

pub(crate) fn collateral_root(context: &Context<'_>, open: &Open<'_>) -> bool {
    open.reason == Reason::RootMismatch
        && signer_chain(context, open).is_some_and(|chain| chain.ends_elsewhere(context.root))
}

const fn is_about_form(reason: Reason) -> bool {
    matches!(reason, Reason::ChainLength | Reason::CertificateMalformed)
}

pub(crate) fn collateral_chain_form(context: &Context<'_>, open: &Open<'_>) -> bool {
    is_about_form(open.reason) && signer_chain(context, open).is_some_and(|chain| chain.is_odd(2))
}

const fn is_about_profile(reason: Reason) -> bool {
    matches!(reason, Reason::CertificateProfile | Reason::ChainIssuer)
}

pub(crate) fn collateral_signer_profile(context: &Context<'_>, open: &Open<'_>) -> bool {
    is_about_profile(open.reason)
        && signer_chain(context, open).is_some_and(|chain| {
            chain
                .certificates
                .first()
                .is_some_and(|signer| departs_from(&TCB_SIGNING, signer, Some(context.root)))
        })
}

pub(crate) fn collateral_signature_length(context: &Context<'_>, open: &Open<'_>) -> bool {
    let length = match open.part {
        Some("tcb_info_signature") => context.parts.tcb_info_signature.len(),
        Some("qe_identity_signature") => context.parts.qe_identity_signature.len(),
        _ => return false,
    };
    length != 64
}

pub(crate) fn tcb_info_version(context: &Context<'_>, open: &Open<'_>) -> bool {
    let version = context.tcb_info().get("version").and_then(Json::as_u64);
    open.reason == Reason::CollateralVersion
        && open.part == Some("tcb_info")
        && version.is_some_and(|version| version != 3)
}

pub(crate) fn document_dates(context: &Context<'_>, open: &Open<'_>) -> bool {
    let document = match open.part {
        Some("tcb_info") => context.tcb_info(),
        Some("qe_identity") => context.qe_identity(),
        _ => return false,
    };
    open.reason == Reason::CollateralMalformed && has_odd_date(document)
}

fn has_odd_date(json: &Json) -> bool {
    match json {
        Json::Object(fields) => fields.iter().any(|(key, value)| {
            let is_date = matches!(key.as_str(), "issueDate" | "nextUpdate" | "tcbDate");
            let odd = || {
                value
                    .as_str()
                    .is_none_or(|text| text.parse::<Instant>().is_err())
            };
            (is_date && odd()) || has_odd_date(value)
        }),
        Json::Array(items) => items.iter().any(has_odd_date),
        _ => false,
    }
}

fn crl<'a>(context: &Context<'a>, open: &Open<'_>) -> Option<&'a [u8]> {
    match open.part? {
        "root_ca_crl" => Some(&context.parts.root_ca_crl),
        "pck_crl" => Some(&context.parts.pck_crl),
        _ => None,
    }
}

pub(crate) fn crl_profile(context: &Context<'_>, open: &Open<'_>) -> bool {
    let about_profile = matches!(
        open.reason,
        Reason::CrlProfile | Reason::CrlIssuer | Reason::CrlMalformed
    );
    let issuer = match open.part {
        Some("root_ca_crl") => Some(context.root.to_vec()),
        _ => context.pck_ca(),
    };
    about_profile && crl(context, open).is_some_and(|crl| crl_departs(crl, issuer.as_deref()))
}

pub(crate) fn crl_from_the_future(context: &Context<'_>, open: &Open<'_>) -> bool {
    open.reason == Reason::CollateralNotYetValid
        && crl(context, open)
            .and_then(this_update)
            .is_some_and(|update| context.at < update)
}

pub(crate) fn root_dates(context: &Context<'_>, open: &Open<'_>) -> bool {
    open.part == Some("root_ca") && is_outside_dates(context.root, context.at)
}

pub(crate) fn pck_root_dates(context: &Context<'_>, _: &Open<'_>) -> bool {
    is_outside_dates(context.root, context.at)
}

/// The certificate beside the PCK CRL, where it is another one than that in the PCK chain.
fn other_crl_issuer(context: &Context<'_>, open: &Open<'_>) -> Option<Vec<u8>> {
    let chain = Chain::read(context.parts.pck_crl_issuer_chain.as_bytes());
    let issuer = chain.certificates.into_iter().next()?;
    let other =
        open.part == Some("pck_crl_issuer") && !same(Some(&issuer), context.pck_ca().as_deref());
    other.then_some(issuer)
}

pub(crate) fn crl_issuer_dates(context: &Context<'_>, open: &Open<'_>) -> bool {
    other_crl_issuer(context, open).is_some_and(|issuer| is_outside_dates(&issuer, context.at))
}

pub(crate) fn crl_issuer_revoked(context: &Context<'_>, open: &Open<'_>) -> bool {
    other_crl_issuer(context, open)
        .is_some_and(|issuer| is_listed(&issuer, &context.parts.root_ca_crl))
}

pub(crate) fn pce_id(context: &Context<'_>, open: &Open<'_>) -> bool {
    let of_tcb_info = context.tcb_info().get("pceId").and_then(Json::as_str);
    let of_platform = open.theirs.get("platform.pceId");
    open.reason == Reason::PceIdMismatch
        && matches!((of_tcb_info, of_platform), (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other))
}

pub(crate) fn pck_chain_form(context: &Context<'_>, open: &Open<'_>) -> bool {
    is_about_form(open.reason) && context.pck_chain().is_odd(3)
}

pub(crate) fn pck_profile(context: &Context<'_>, open: &Open<'_>) -> bool {
    let chain = context.pck_chain();
    let departs = |index: usize, profile: &Profile, issuer: Option<&[u8]>| {
        chain
            .certificates
            .get(index)
            .is_some_and(|certificate| departs_from(profile, certificate, issuer))
    };
    let ca = chain.certificates.get(1).map(Vec::as_slice);
    is_about_profile(open.reason)
        && (departs(0, &PCK, ca) || departs(1, &PCK_CA, Some(context.root)))
}

pub(crate) fn pck_root(context: &Context<'_>, _: &Open<'_>) -> bool {
    context.pck_chain().ends_elsewhere(context.root)
}

pub(crate) fn pck_extension(context: &Context<'_>, open: &Open<'_>) -> bool {
    let leaf = context.pck_chain().certificates.into_iter().next();
    open.reason == Reason::PckExtensionMalformed
        && leaf
            .and_then(|leaf| extension(&leaf, SGX))
            .and_then(|value| entries(&value))
            .is_some_and(|entries| is_ambiguous(&entries))
}

/// The last 20 bytes of types 2 and 3: CPUSVN, PCESVN, PCE id.
pub(crate) fn pck_certificate_tcb(context: &Context<'_>, open: &Open<'_>) -> bool {
    let asked = context.layout.as_ref().and_then(|layout| {
        let data = matches!(layout.certification_type, 2 | 3)
            .then(|| context.quote.get(layout.certification.clone()))??;
        let (_, [versions @ .., _, _]) = data.split_last_chunk::<20>()?;
        let (cpu_svn, pce_svn) = versions.split_at(16);
        let pce_svn = u16::from_le_bytes(pce_svn.try_into().ok()?);
        Some((encode_hex(cpu_svn), pce_svn.to_string()))
    });
    let theirs = |claim| open.theirs.get(claim);
    open.reason == Reason::PckCertificateMismatch
        && asked.is_some_and(|(cpu_svn, pce_svn)| {
            theirs("platform.cpuSvn") != Some(&cpu_svn)
                || theirs("platform.pceSvn") != Some(&pce_svn)
        })
}

pub(crate) fn qe_report_data_tail(context: &Context<'_>, open: &Open<'_>) -> bool {
    let report_data = context
        .layout
        .as_ref()
        .and_then(|layout| context.quote.get(layout.qe_report_data.clone()))
        .unwrap_or_default();
    open.reason == Reason::QeReportDataTail && report_data.iter().skip(32).any(|byte| *byte != 0)
}
