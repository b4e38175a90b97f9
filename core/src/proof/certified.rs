//! What a quote proves by itself: the chain of its platform key and the signatures below it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Platform;
use super::chain::{PckChain, PckChains};
use crate::anchor::TrustAnchor;
use crate::bytes::{Bytes32, Fmspc, sha256, sha256_of};
use crate::collateral::CollateralSet;
use crate::finding::{Finding, Findings};
use crate::quote::{Certification, Quote};
use crate::signature::{SignatureAnswer, SignatureVerifier};
use crate::time::Instant;
use crate::x509::{PckCa, PckExtension, Role, X509Error};
use crate::{CheckId, Reason, Value};

/// The outcome of the steps that need no collateral.
pub(super) struct Certified {
    /// The platform, once its certificate chains to the trust anchor.
    pub(super) platform: Option<Platform>,
    /// FMSPC and CA as the certificate claims them: what to look collateral up by.
    pub(super) claimed_platform: Option<(Fmspc, PckCa)>,
    /// Leaf and CA, parsed, for the revocation lists.
    pub(super) chain: Option<Arc<PckChain>>,
}

fn refused(error: &X509Error) -> Finding {
    Finding::failed(error.certificate_reason())
        .found(error.found())
        .expected(error.expected())
}

/// A finding for a signature.
fn answered(answer: SignatureAnswer) -> Finding {
    match answer {
        SignatureAnswer::Valid => Finding::passed(),
        SignatureAnswer::Invalid => Finding::failed(Reason::SignatureInvalid),
        SignatureAnswer::Unanswered => Finding::skipped(Reason::SignatureUnanswered),
    }
}

impl Certified {
    pub(super) fn examine(
        quote: &Quote,
        set: &CollateralSet,
        at: Instant,
        signatures: &dyn SignatureVerifier,
        chains: &dyn PckChains,
        findings: &mut Findings,
    ) -> Self {
        binding(quote, findings);
        findings.record(
            CheckId::QuoteSignature,
            answered(signatures.verify(
                quote.attestation_key(),
                quote.signed_bytes(),
                quote.signature(),
            )),
        );
        let mut certified = Self {
            platform: None,
            claimed_platform: None,
            chain: None,
        };
        let Some(pem) = pck_chain(quote, set, signatures) else {
            findings.record(CheckId::PckChain, Finding::skipped(Reason::PckChainMissing));
            return certified;
        };
        let chain = match PckChain::recalled(pem, chains) {
            Ok(chain) => chain,
            Err(error) => {
                findings.record(CheckId::PckChain, refused(&error));
                return certified;
            }
        };
        chain_findings(&chain, set.anchor(), signatures, findings);
        findings.record(CheckId::PckValid, validity(&chain, set.anchor(), at));
        findings.record(
            CheckId::QeSignature,
            answered(signatures.verify_endorsement(
                chain.leaf.public_key(),
                quote.qe_report_bytes(),
                quote.qe_report_signature(),
            )),
        );
        match &chain.extension {
            None => findings.record(
                CheckId::PckExtension,
                Finding::failed(Reason::PckExtensionMalformed),
            ),
            Some(extension) => {
                findings.record(CheckId::PckExtension, asked_for(quote, extension));
                certified.claimed_platform = Some((extension.fmspc, chain.ca_kind));
                if findings.passed(CheckId::PckChain) {
                    certified.platform = Some(platform(extension, &chain, set.anchor()));
                }
            }
        }
        certified.chain = Some(chain);
        certified
    }
}

/// The quote's own chain; for a quote without one, that of the collateral whose platform key signed
/// the QE report, or the first there is.
fn pck_chain<'a>(
    quote: &'a Quote,
    set: &'a CollateralSet,
    signatures: &dyn SignatureVerifier,
) -> Option<&'a [u8]> {
    if let Certification::PckChain(pem) = quote.certification() {
        return Some(pem);
    }
    let fits = |pem: &&[u8]| {
        PckChain::parse(pem).is_ok_and(|chain| {
            signatures.verify_endorsement(
                chain.leaf.public_key(),
                quote.qe_report_bytes(),
                quote.qe_report_signature(),
            ) == SignatureAnswer::Valid
        })
    };
    set.pck_chains()
        .find(fits)
        .or_else(|| set.pck_chains().next())
}

/// SHA-256(attestation key ‖ QE authentication data) ‖ 32 zero bytes.
fn binding(quote: &Quote, findings: &mut Findings) {
    let bound = sha256_of(&[quote.attestation_key(), quote.qe_auth_data()]);
    let report_data = quote.claimed_qe_report().report_data.as_slice();
    let (digest, tail) = report_data
        .split_at_checked(32)
        .unwrap_or((report_data, &[]));
    let digest = Bytes32::from_slice(digest);
    let finding = if digest != Some(bound) {
        Finding::failed(Reason::QeBindingMismatch)
            .found(digest.map(Value::text))
            .expected(Value::text(bound))
    } else if tail.iter().any(|byte| *byte != 0) {
        Finding::failed(Reason::QeReportDataTail)
            .found(Value::Text(crate::encode_hex(tail)))
            .expected(Value::from("zeros"))
    } else {
        Finding::passed()
    };
    findings.record(CheckId::QeBinding, finding);
}

fn chain_findings(
    chain: &PckChain,
    anchor: &TrustAnchor,
    signatures: &dyn SignatureVerifier,
    findings: &mut Findings,
) {
    let root = anchor.certificate();
    findings.record(
        CheckId::PckRoot,
        if chain.root_der == root.der() {
            Finding::passed().found(Value::text(anchor.digest()))
        } else {
            Finding::failed(Reason::RootMismatch)
                .found(Value::text(sha256(&chain.root_der)))
                .expected(Value::text(anchor.digest()))
        },
    );
    let finding = match chain.ca.check_issuer(root) {
        Err(error) => refused(&error),
        Ok(()) => match anchor.issued(&chain.ca, signatures) {
            SignatureAnswer::Valid => answered(chain.leaf.verify_signature(&chain.ca, signatures)),
            refused => answered(refused),
        },
    };
    findings.record(CheckId::PckChain, finding);
}

fn validity(chain: &PckChain, anchor: &TrustAnchor, at: Instant) -> Finding {
    let outside = [
        (Role::Pck, &chain.leaf),
        (Role::PckCa(chain.ca_kind), &chain.ca),
        (Role::Root, anchor.certificate()),
    ]
    .into_iter()
    .find(|(_, certificate)| !certificate.window().contains(at));
    let Some((role, certificate)) = outside else {
        return Finding::passed();
    };
    let window = certificate.window();
    let (reason, edge) = if at < window.not_before {
        (Reason::CertificateNotYetValid, window.not_before)
    } else {
        (Reason::CertificateExpired, window.not_after)
    };
    Finding::failed(reason)
        .found(Value::Fields(Vec::from([
            ("certificate", Value::from(role.as_str())),
            ("at", Value::text(at)),
        ])))
        .expected(Value::text(edge))
}

/// A chain that came with the collateral must be for the TCB that the quote asks a certificate for.
fn asked_for(quote: &Quote, extension: &PckExtension) -> Finding {
    let found = |cpu_svn: &dyn core::fmt::Display, pce_svn: u16| {
        Value::Fields(Vec::from([
            ("cpuSvn", Value::text(cpu_svn)),
            ("pceSvn", Value::Number(pce_svn.into())),
        ]))
    };
    match quote.certification() {
        Certification::EncryptedPpid {
            cpu_svn, pce_svn, ..
        } if (*cpu_svn, *pce_svn) != (extension.tcb.cpu_svn, extension.tcb.pce_svn) => {
            Finding::failed(Reason::PckCertificateMismatch)
                .found(found(&extension.tcb.cpu_svn, extension.tcb.pce_svn))
                .expected(found(cpu_svn, *pce_svn))
        }
        _ => Finding::passed().found(Value::Fields(Vec::from([
            ("fmspc", Value::text(extension.fmspc)),
            ("ppid", Value::text(extension.ppid)),
        ]))),
    }
}

fn platform(extension: &PckExtension, chain: &PckChain, anchor: &TrustAnchor) -> Platform {
    Platform {
        ppid: extension.ppid,
        device_id: sha256(extension.ppid.as_slice()),
        fmspc: extension.fmspc,
        pce_id: extension.pce_id,
        ca: chain.ca_kind,
        tcb: extension.tcb.clone(),
        flags: extension.flags,
        window: chain
            .leaf
            .window()
            .intersect(&chain.ca.window())
            .intersect(&anchor.certificate().window()),
    }
}
