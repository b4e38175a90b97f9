//! What is missing, as values. The core asks for nothing over a network: whoever does IO reads the
//! needs, fetches them from Intel's service or a PCCS, and comes back with collateral.

use alloc::string::String;

use crate::bytes::{Bytes, Fmspc};
use crate::quote::{Certification, Quote, Tee};
use crate::x509::PckCa;

/// One answer of Intel's Provisioning Certification Service (API v4) or of a PCCS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// TCB info of a platform model.
    TcbInfo {
        /// Of which kind of TEE.
        tee: Tee,
        /// Of which model.
        fmspc: Fmspc,
    },
    /// Identity of the quoting enclave.
    QeIdentity {
        /// Of which kind of TEE.
        tee: Tee,
    },
    /// Revocation list of a PCK CA.
    PckCrl {
        /// Of which CA.
        ca: PckCa,
    },
    /// Revocation list of the root.
    RootCrl,
    /// The PCK certificate of a platform whose quote carries none.
    PckCertificate {
        /// The QE id of the quote's header.
        qe_id: Bytes<16>,
        /// The PPID, encrypted for the service: 256 or 384 bytes.
        encrypted_ppid: alloc::vec::Vec<u8>,
        /// CPUSVN.
        cpu_svn: Bytes<16>,
        /// PCESVN, sent little-endian.
        pce_svn: u16,
        /// PCE id as in the quote.
        pce_id: Bytes<2>,
    },
}

/// Response headers in which the service puts an issuer chain, percent-encoded PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedHeader(pub &'static [&'static str]);

impl Need {
    /// A stable word for the kind of need.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TcbInfo { .. } => "tcb-info",
            Self::QeIdentity { .. } => "qe-identity",
            Self::PckCrl { .. } => "pck-crl",
            Self::RootCrl => "root-crl",
            Self::PckCertificate { .. } => "pck-certificate",
        }
    }

    /// Path and query below the service's host. Hex in queries is upper case.
    pub fn path(&self) -> String {
        let upper = |bytes: &[u8]| crate::encode_hex(bytes).to_ascii_uppercase();
        match self {
            Self::TcbInfo { tee, fmspc } => alloc::format!(
                "/{tee}/certification/v4/tcb?fmspc={}",
                upper(fmspc.as_slice())
            ),
            Self::QeIdentity { tee } => {
                alloc::format!("/{tee}/certification/v4/qe/identity?update=standard")
            }
            Self::PckCrl { ca } => {
                alloc::format!("/sgx/certification/v4/pckcrl?ca={ca}&encoding=der")
            }
            Self::RootCrl => String::from("/sgx/certification/v4/rootcacrl"),
            Self::PckCertificate {
                qe_id,
                encrypted_ppid,
                cpu_svn,
                pce_svn,
                pce_id,
            } => alloc::format!(
                "/sgx/certification/v4/pckcert?qeid={}&encrypted_ppid={}&cpusvn={}&pcesvn={}&pceid={}",
                upper(qe_id.as_slice()),
                upper(encrypted_ppid),
                upper(cpu_svn.as_slice()),
                upper(&pce_svn.to_le_bytes()),
                upper(pce_id.as_slice()),
            ),
        }
    }

    /// The response headers that may hold the issuer chain, best first; none for the root's list.
    pub const fn issuer_chain_headers(&self) -> NeedHeader {
        NeedHeader(match self {
            Self::TcbInfo { .. } => &["TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"],
            Self::QeIdentity { .. } => &["SGX-Enclave-Identity-Issuer-Chain"],
            Self::PckCrl { .. } => &["SGX-PCK-CRL-Issuer-Chain"],
            Self::RootCrl => &[],
            Self::PckCertificate { .. } => &["SGX-PCK-Certificate-Issuer-Chain"],
        })
    }

    /// The need of a quote that carries no PCK chain.
    pub(crate) fn pck_certificate(quote: &Quote) -> Option<Self> {
        match quote.certification() {
            Certification::PckChain(_) => None,
            Certification::EncryptedPpid {
                encrypted_ppid,
                cpu_svn,
                pce_svn,
                pce_id,
            } => Some(Self::PckCertificate {
                qe_id: *quote.qe_id(),
                encrypted_ppid: encrypted_ppid.clone(),
                cpu_svn: *cpu_svn,
                pce_svn: *pce_svn,
                pce_id: *pce_id,
            }),
        }
    }

    /// What a platform needs beside its PCK chain.
    pub(crate) fn of_platform(tee: Tee, fmspc: Fmspc, ca: PckCa) -> [Self; 4] {
        [
            Self::TcbInfo { tee, fmspc },
            Self::QeIdentity { tee },
            Self::PckCrl { ca },
            Self::RootCrl,
        ]
    }
}
