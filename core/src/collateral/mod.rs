//! Collateral: what Intel signs about platforms and its own enclaves (RATS: endorsements).
//!
//! Three types, each made only from the one before:
//!
//! 1. [`Collateral`]: parsed; claims.
//! 2. [`AuthenticCollateral`]: every signature, path and signer profile checked against one trust
//!    anchor. Knows its windows, holds no instant: it can be kept and used for many quotes, many
//!    instants and many threads.
//! 3. [`ValidCollateral`]: authentic, and for one instant inside every window, with no signer
//!    revoked.

mod authentic;
mod error;
mod needs;
mod parts;
mod set;
mod valid;

use alloc::sync::Arc;

pub use authentic::{AuthenticCollateral, NamedWindow};
pub use error::CollateralError;
pub use needs::{Need, NeedHeader};
pub(crate) use parts::CollateralDocument;
#[cfg(test)]
pub(crate) use parts::tests::sample;
pub use parts::{CollateralFormatError, CollateralParts};
pub use set::CollateralSet;
pub(crate) use set::Selection;
pub use valid::ValidCollateral;

use crate::bytes::{Bytes32, Fmspc};
use crate::limits;
use crate::quote::Tee;
use crate::tcb::{QeIdentity, TcbInfo};
use crate::x509::{Certificate, Der, PckCa, RevocationList, Role, X509Error, decode_text};

/// Parsed collateral: TCB info, QE identity, two revocation lists and the chains of their signers.
/// Nothing about it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collateral {
    parts: Arc<CollateralParts>,
    tcb_info: TcbInfo,
    tcb_info_signed: Signed,
    qe_identity: QeIdentity,
    qe_identity_signed: Signed,
    root_crl: RevocationList,
    pck_crl: RevocationList,
    pck_crl_chain: IssuerChain,
    pck_ca: PckCa,
}

/// The signature of a document, and the chain of its signer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Signed {
    signature: [u8; 64],
    chain: IssuerChain,
}

/// A signer and the root above it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct IssuerChain {
    signer: Certificate,
    root_der: Der,
}

impl IssuerChain {
    fn parse(pem: &str, part: &'static str) -> Result<Self, CollateralError> {
        let refuse = |error: X509Error| CollateralError::certificate(part, &error);
        let chain = decode_text(pem, 2).map_err(refuse)?;
        let [signer, root] = <[Der; 2]>::try_from(chain).map_err(|chain| {
            refuse(X509Error::ChainLength {
                found: chain.len(),
                expected: 2,
            })
        })?;
        let signer = Certificate::parse(&signer).map_err(refuse)?;
        Ok(Self {
            signer,
            root_der: root,
        })
    }
}

impl Collateral {
    /// Parses all parts, and keeps a copy of them. The first part that cannot be read is the error.
    pub fn parse(parts: &CollateralParts) -> Result<Self, CollateralError> {
        Self::parse_shared(Arc::new(parts.clone()))
    }

    /// As [`Collateral::parse`], without a copy.
    pub fn parse_shared(parts: Arc<CollateralParts>) -> Result<Self, CollateralError> {
        let pck_crl_chain =
            IssuerChain::parse(&parts.pck_crl_issuer_chain, "pck_crl_issuer_chain")?;
        let pck_ca = pck_crl_chain.signer.pck_ca().ok_or_else(|| {
            CollateralError::certificate(
                "pck_crl_issuer_chain",
                &X509Error::profile(
                    "commonName",
                    "",
                    "Intel SGX PCK Platform CA or Intel SGX PCK Processor CA",
                ),
            )
        })?;
        pck_crl_chain
            .signer
            .check_role(Role::PckCa(pck_ca))
            .map_err(|error| CollateralError::certificate("pck_crl_issuer_chain", &error))?;
        let signed = |part, signature: &[u8], chain: IssuerChain| {
            Ok::<_, CollateralError>(Signed {
                signature: <[u8; 64]>::try_from(signature)
                    .map_err(|_| CollateralError::signature_length(part, signature.len()))?,
                chain,
            })
        };
        let tcb_info = TcbInfo::parse(&parts.tcb_info)
            .map_err(|error| CollateralError::document("tcb_info", &error))?;
        let tcb_chain = &parts.tcb_info_issuer_chain;
        let tcb_info_signer = signer_of_text(tcb_chain, "tcb_info_issuer_chain")?;
        // One signer usually signs both, and then its chain need not be read twice.
        let qe_chain = &parts.qe_identity_issuer_chain;
        let qe_identity_signer = if qe_chain == tcb_chain {
            tcb_info_signer.clone()
        } else {
            signer_of_text(qe_chain, "qe_identity_issuer_chain")?
        };
        Ok(Self {
            tcb_info,
            tcb_info_signed: signed(
                "tcb_info_signature",
                &parts.tcb_info_signature,
                tcb_info_signer,
            )?,
            qe_identity: QeIdentity::parse(&parts.qe_identity)
                .map_err(|error| CollateralError::document("qe_identity", &error))?,
            qe_identity_signed: signed(
                "qe_identity_signature",
                &parts.qe_identity_signature,
                qe_identity_signer,
            )?,
            root_crl: RevocationList::parse(&parts.root_ca_crl)
                .map_err(|error| CollateralError::crl("root_ca_crl", &error))?,
            pck_crl: RevocationList::parse(&parts.pck_crl)
                .map_err(|error| CollateralError::crl("pck_crl", &error))?,
            pck_crl_chain,
            pck_ca,
            parts,
        })
    }

    /// What it was parsed from.
    pub fn parts(&self) -> &CollateralParts {
        &self.parts
    }

    /// The kind of TEE the TCB info is for.
    pub const fn tee(&self) -> Tee {
        self.tcb_info.tee
    }

    /// The platform model the TCB info is for.
    pub const fn fmspc(&self) -> &Fmspc {
        &self.tcb_info.fmspc
    }

    /// The CA whose platform keys the revocation list is for.
    pub const fn pck_ca(&self) -> PckCa {
        self.pck_ca
    }

    /// See [`CollateralParts::digest`]. Computed at every call.
    pub fn digest(&self) -> Bytes32 {
        self.parts.digest()
    }

    /// For quotes that carry no chain; parsed where it is used.
    fn pck_certificate_chain(&self) -> Option<&[u8]> {
        let chain = self.parts.pck_certificate_chain.as_deref();
        chain
            .filter(|chain| chain.len() <= limits::PEM_CHAIN)
            .map(str::as_bytes)
    }
}

/// The chain of a key that signs documents, in the form of the profile.
fn signer_of_text(pem: &str, part: &'static str) -> Result<IssuerChain, CollateralError> {
    let chain = IssuerChain::parse(pem, part)?;
    chain
        .signer
        .check_role(Role::TcbSigning)
        .map_err(|error| CollateralError::certificate(part, &error))?;
    Ok(chain)
}

impl CollateralParts {
    /// SHA-256 over the parts, each preceded by its length (64 bits, little-endian), in the order of
    /// the fields: the same for any way of writing them into a file.
    pub fn digest(&self) -> Bytes32 {
        let fields: [&[u8]; 10] = [
            self.pck_crl_issuer_chain.as_bytes(),
            &self.root_ca_crl,
            &self.pck_crl,
            self.tcb_info_issuer_chain.as_bytes(),
            self.tcb_info.as_bytes(),
            &self.tcb_info_signature,
            self.qe_identity_issuer_chain.as_bytes(),
            self.qe_identity.as_bytes(),
            &self.qe_identity_signature,
            self.pck_certificate_chain
                .as_deref()
                .unwrap_or_default()
                .as_bytes(),
        ];
        crate::bytes::sha256_of_fields(&fields)
    }
}
