//! Collateral whose every signature leads to one trust anchor.

use alloc::sync::Arc;

use super::{Collateral, CollateralError, CollateralParts, IssuerChain, Signed};
use crate::anchor::TrustAnchor;
use crate::bytes::{Bytes32, Fmspc};
use crate::quote::Tee;
use crate::signature::SignatureVerifier;
use crate::tcb::{QeIdentity, TcbInfo};
use crate::time::Window;
use crate::x509::{Certificate, PckCa, RevocationList};
use crate::{Reason, Value};

/// Collateral of which every signature, path and signer profile was checked against one trust
/// anchor. It holds no instant; see [`AuthenticCollateral::valid_at`]. Copies of it share what they
/// hold.
#[derive(Debug, Clone)]
pub struct AuthenticCollateral {
    pub(super) collateral: Arc<Collateral>,
    pub(super) anchor: TrustAnchor,
    /// Of the collateral, once it was asked for.
    digest: Option<Bytes32>,
}

/// Whether the digest is known already makes no difference.
impl PartialEq for AuthenticCollateral {
    fn eq(&self, other: &Self) -> bool {
        (&self.collateral, &self.anchor) == (&other.collateral, &other.anchor)
    }
}

impl Eq for AuthenticCollateral {}

/// A window and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedWindow {
    /// The part of the collateral, such as `tcb_info` or `tcb_info_signer`.
    pub part: &'static str,
    /// When it may be used.
    pub window: Window,
    /// Whether it is the window of a certificate.
    pub certificate: bool,
}

impl Collateral {
    /// Checks every signature against the trust anchor. The first that fails is the error.
    pub fn authenticate(
        self,
        anchor: &TrustAnchor,
        signatures: &dyn SignatureVerifier,
    ) -> Result<AuthenticCollateral, CollateralError> {
        let root = anchor.certificate();
        check_chain(
            &self.pck_crl_chain,
            "pck_crl_issuer_chain",
            anchor,
            signatures,
        )?;
        let tcb_chain = &self.tcb_info_signed.chain;
        check_chain(tcb_chain, "tcb_info_issuer_chain", anchor, signatures)?;
        // One signer usually signs both; equal bytes have just been checked.
        if self.qe_identity_signed.chain != *tcb_chain {
            check_chain(
                &self.qe_identity_signed.chain,
                "qe_identity_issuer_chain",
                anchor,
                signatures,
            )?;
        }
        check_crl(&self.root_crl, "root_ca_crl", root, signatures)?;
        check_crl(
            &self.pck_crl,
            "pck_crl",
            &self.pck_crl_chain.signer,
            signatures,
        )?;
        let (tcb_info, qe_identity) = (&self.parts.tcb_info, &self.parts.qe_identity);
        check_text(tcb_info, &self.tcb_info_signed, "tcb_info", signatures)?;
        check_text(
            qe_identity,
            &self.qe_identity_signed,
            "qe_identity",
            signatures,
        )?;
        Ok(AuthenticCollateral {
            collateral: Arc::new(self),
            anchor: anchor.clone(),
            digest: None,
        })
    }
}

fn check_chain(
    chain: &IssuerChain,
    part: &'static str,
    anchor: &TrustAnchor,
    signatures: &dyn SignatureVerifier,
) -> Result<(), CollateralError> {
    let root = anchor.certificate();
    if chain.root_der != root.der() {
        return Err(CollateralError::new(part, Reason::RootMismatch).values(
            Value::text(crate::sha256(&chain.root_der)),
            Value::text(crate::sha256(root.der())),
        ));
    }
    chain
        .signer
        .check_issuer(root)
        .map_err(|error| CollateralError::certificate(part, &error))?;
    let answer = anchor.issued(&chain.signer, signatures);
    CollateralError::answer(part, answer)
}

fn check_crl(
    list: &RevocationList,
    part: &'static str,
    issuer: &Certificate,
    signatures: &dyn SignatureVerifier,
) -> Result<(), CollateralError> {
    list.check_issuer(issuer)
        .map_err(|error| CollateralError::crl(part, &error))?;
    CollateralError::answer(part, list.verify_signature(issuer, signatures))
}

fn check_text(
    text: &str,
    signed: &Signed,
    part: &'static str,
    signatures: &dyn SignatureVerifier,
) -> Result<(), CollateralError> {
    let key = signed.chain.signer.public_key();
    CollateralError::answer(
        part,
        signatures.verify_endorsement(key, text.as_bytes(), &signed.signature),
    )
}

impl AuthenticCollateral {
    /// The kind of TEE the TCB info is for.
    pub fn tee(&self) -> Tee {
        self.collateral.tee()
    }

    /// The platform model the TCB info is for.
    pub fn fmspc(&self) -> &Fmspc {
        self.collateral.fmspc()
    }

    /// The CA whose platform keys the revocation list is for.
    pub fn pck_ca(&self) -> PckCa {
        self.collateral.pck_ca()
    }

    /// See [`CollateralParts::digest`]. Computed at every call, but for [`Self::with_digest`].
    pub fn digest(&self) -> Bytes32 {
        self.digest.unwrap_or_else(|| self.collateral.digest())
    }

    /// The same, and its digest is known from now on: for whoever keeps it for many reports.
    #[must_use]
    pub fn with_digest(self) -> Self {
        Self {
            digest: Some(self.digest()),
            ..self
        }
    }

    /// What it was parsed from.
    pub fn parts(&self) -> &CollateralParts {
        self.collateral.parts()
    }

    /// The trust anchor that every signature was checked against.
    pub const fn anchor(&self) -> &TrustAnchor {
        &self.anchor
    }

    /// `tcbEvaluationDataNumber` of TCB info and of QE identity.
    pub fn evaluation_numbers(&self) -> (u32, u32) {
        (
            self.collateral.tcb_info.evaluation_number,
            self.collateral.qe_identity.evaluation_number,
        )
    }

    /// CRL numbers of the root's and of the PCK CA's list.
    pub fn crl_numbers(&self) -> (u64, u64) {
        (
            self.collateral.root_crl.number(),
            self.collateral.pck_crl.number(),
        )
    }

    /// All windows, in a fixed order. The root's own counts too.
    pub fn windows(&self) -> [NamedWindow; 8] {
        let collateral = &self.collateral;
        let named = |part, window, certificate| NamedWindow {
            part,
            window,
            certificate,
        };
        [
            named("tcb_info", collateral.tcb_info.window, false),
            named("qe_identity", collateral.qe_identity.window, false),
            named("root_ca_crl", collateral.root_crl.window(), false),
            named("pck_crl", collateral.pck_crl.window(), false),
            named(
                "tcb_info_signer",
                collateral.tcb_info_signed.chain.signer.window(),
                true,
            ),
            named(
                "qe_identity_signer",
                collateral.qe_identity_signed.chain.signer.window(),
                true,
            ),
            named(
                "pck_crl_issuer",
                collateral.pck_crl_chain.signer.window(),
                true,
            ),
            named("root_ca", self.anchor.certificate().window(), true),
        ]
    }

    /// The intersection of all windows: when this collateral can be used at all.
    pub fn window(&self) -> Window {
        let [first, rest @ ..] = self.windows();
        rest.iter()
            .fold(first.window, |common, next| common.intersect(&next.window))
    }

    pub(crate) fn tcb_info(&self) -> &TcbInfo {
        &self.collateral.tcb_info
    }

    pub(crate) fn qe_identity(&self) -> &QeIdentity {
        &self.collateral.qe_identity
    }

    pub(crate) fn pck_crl_issuer(&self) -> &Certificate {
        &self.collateral.pck_crl_chain.signer
    }

    pub(crate) fn pck_crl(&self) -> &RevocationList {
        &self.collateral.pck_crl
    }

    pub(crate) fn root_revokes(&self, certificate: &Certificate) -> bool {
        self.collateral.root_crl.revokes(certificate)
    }

    pub(crate) fn pck_certificate_chain(&self) -> Option<&[u8]> {
        self.collateral.pck_certificate_chain()
    }
}
