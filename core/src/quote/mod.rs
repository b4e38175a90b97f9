//! Quotes: SGX version 3, TDX versions 4 and 5. Parsing proves nothing: what a [`Quote`] says is a
//! claim until a [`crate::VerifiedQuote`] is made from it.
//!
//! All integers are little-endian; layouts are those of the Intel TDX and SGX ECDSA Quote Library
//! API references, appendix A. Every declared length must be used up exactly.

mod body;
mod error;
mod reader;

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

pub use body::{Body, EnclaveReport, TdAttributes, TdReport, TdReport15, TdReport15Ext};
pub use error::QuoteError;

use crate::bytes::Bytes;
use crate::limits;
use reader::Reader;

/// The vendor id of Intel's quoting enclaves.
const INTEL_QE_VENDOR_ID: [u8; 16] = [
    0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07,
];

const TEE_SGX: u32 = 0;
const TEE_TDX: u32 = 0x81;
const ECDSA_P256: u16 = 2;
const CERTIFICATION_QE_REPORT: u16 = 6;
/// Encrypted PPID, CPUSVN (16), PCESVN (2), PCE id (2).
const ENCRYPTED_PPID_RSA2048: usize = 256 + 20;
const ENCRYPTED_PPID_RSA3072: usize = 384 + 20;

/// The kind of trusted execution environment that a quote speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tee {
    /// An SGX enclave.
    Sgx,
    /// A TDX trust domain.
    Tdx,
}

impl Tee {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Sgx, Self::Tdx];

    /// `sgx` or `tdx`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sgx => "sgx",
            Self::Tdx => "tdx",
        }
    }
}

impl core::fmt::Display for Tee {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What follows the declared end of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trailing {
    /// Nothing, or this many zero bytes.
    Zeros(usize),
    /// More zero bytes than [`limits::QUOTE_PADDING`].
    TooManyZeros(usize),
    /// Something other than zeros, first seen this many bytes after the end.
    Data {
        /// Bytes after the declared end.
        offset: usize,
    },
}

/// How the quoting enclave's platform key is certified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certification {
    /// Types 2 and 3: the PPID, encrypted for Intel's service, and the TCB of the platform. The PCK
    /// chain has to come with the collateral.
    EncryptedPpid {
        /// 256 bytes (RSA-2048) or 384 bytes (RSA-3072).
        encrypted_ppid: Vec<u8>,
        /// The CPUSVN to ask a certificate for.
        cpu_svn: Bytes<16>,
        /// The PCESVN to ask a certificate for.
        pce_svn: u16,
        /// The PCE id, as in the quote (little-endian).
        pce_id: Bytes<2>,
    },
    /// Type 5: the PCK chain as PEM text, leaf first. Trailing NUL bytes are dropped.
    PckChain(Vec<u8>),
}

/// A parsed quote. Everything it says is a claim of whoever supplied the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    version: u16,
    qe_id: Bytes<16>,
    body: Body,
    signed: Vec<u8>,
    signature: [u8; 64],
    attestation_key: [u8; 64],
    qe_report_bytes: [u8; EnclaveReport::SIZE],
    qe_report: EnclaveReport,
    qe_report_signature: [u8; 64],
    qe_auth_data: Vec<u8>,
    certification: Certification,
    length: usize,
    trailing: Trailing,
}

impl Quote {
    /// Parses a quote. Bytes after its declared end are described by [`Quote::trailing`] and judged
    /// by a check of its own; everything else that is out of place is an error here.
    pub fn parse(bytes: &[u8]) -> Result<Self, QuoteError> {
        if bytes.len() > limits::QUOTE {
            return Err(QuoteError::TooLarge { found: bytes.len() });
        }
        let mut reader = Reader::new(bytes);
        let version = reader.u16()?;
        let key_type = reader.u16()?;
        let tee = reader.u32()?;
        let tee = match (version, tee) {
            (3, TEE_SGX) => Tee::Sgx,
            (4 | 5, TEE_TDX) => Tee::Tdx,
            (3..=5, found) => return Err(QuoteError::Tee { version, found }),
            (found, _) => return Err(QuoteError::Version { found }),
        };
        if key_type != ECDSA_P256 {
            return Err(QuoteError::KeyType { found: key_type });
        }
        // QE SVN and PCE SVN in version 3, reserved later: signed, and compared with nothing by any
        // verifier, because the QE report and the PCK certificate say the same with more authority.
        reader.take(4)?;
        let vendor: [u8; 16] = reader.array()?;
        if vendor != INTEL_QE_VENDOR_ID {
            return Err(QuoteError::Vendor {
                found: vendor.into(),
            });
        }
        let qe_id = Bytes::new(reader.array()?);
        reader.take(4)?;

        let body = Body::read(&mut reader, version, tee)?;
        let signed = bytes.get(..reader.offset()).unwrap_or_default().to_owned();

        let auth_length = reader.length()?;
        let mut auth = Reader::new(reader.take(auth_length)?);
        let signature = auth.array()?;
        let attestation_key = auth.array()?;
        let mut certified = if version == 3 {
            auth
        } else {
            let found = auth.u16()?;
            if found != CERTIFICATION_QE_REPORT {
                return Err(QuoteError::CertificationType {
                    found,
                    expected: &[CERTIFICATION_QE_REPORT],
                });
            }
            let length = auth.length()?;
            let inner = Reader::new(auth.take(length)?);
            auth.finish("authData")?;
            inner
        };
        let qe_report_bytes: [u8; EnclaveReport::SIZE] = certified.array()?;
        let qe_report = EnclaveReport::read(&mut Reader::new(&qe_report_bytes))?;
        let qe_report_signature = certified.array()?;
        let qe_auth_length = usize::from(certified.u16()?);
        let qe_auth_data = certified.take(qe_auth_length)?.to_owned();
        let certification = Certification::read(&mut certified)?;
        certified.finish(if version == 3 {
            "authData"
        } else {
            "qeReportCertificationData"
        })?;

        Ok(Self {
            version,
            qe_id,
            body,
            signed,
            signature,
            attestation_key,
            qe_report_bytes,
            qe_report,
            qe_report_signature,
            qe_auth_data,
            certification,
            length: reader.offset(),
            trailing: Trailing::of(reader.rest()),
        })
    }

    /// 3, 4 or 5.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// The kind of TEE.
    pub const fn tee(&self) -> Tee {
        match self.body {
            Body::Sgx(_) => Tee::Sgx,
            Body::Tdx(_) => Tee::Tdx,
        }
    }

    /// The report that the quote carries, not yet proven.
    pub const fn claimed_body(&self) -> &Body {
        &self.body
    }

    /// Header, body descriptor (version 5) and body: the bytes under the quote's signature.
    pub fn signed_bytes(&self) -> &[u8] {
        &self.signed
    }

    /// Signature of [`Quote::signed_bytes`], r‖s big-endian.
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The attestation key, x‖y big-endian, not yet proven to be the quoting enclave's.
    pub const fn attestation_key(&self) -> &[u8; 64] {
        &self.attestation_key
    }

    /// The quoting enclave's report as bytes: what the platform key signed.
    pub const fn qe_report_bytes(&self) -> &[u8; EnclaveReport::SIZE] {
        &self.qe_report_bytes
    }

    /// The quoting enclave's report, not yet proven.
    pub const fn claimed_qe_report(&self) -> &EnclaveReport {
        &self.qe_report
    }

    /// Signature of the quoting enclave's report, r‖s big-endian.
    pub const fn qe_report_signature(&self) -> &[u8; 64] {
        &self.qe_report_signature
    }

    /// The quoting enclave's authentication data, of any length up to 65535 bytes.
    pub fn qe_auth_data(&self) -> &[u8] {
        &self.qe_auth_data
    }

    /// How the platform key is certified.
    pub const fn certification(&self) -> &Certification {
        &self.certification
    }

    /// The QE id in the header: a hint for asking a PCK certificate, compared with nothing.
    pub const fn qe_id(&self) -> &Bytes<16> {
        &self.qe_id
    }

    /// Bytes up to the declared end.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// What follows the declared end.
    pub const fn trailing(&self) -> Trailing {
        self.trailing
    }
}

impl Trailing {
    fn of(rest: &[u8]) -> Self {
        match rest.iter().position(|byte| *byte != 0) {
            Some(offset) => Self::Data { offset },
            None if rest.len() > limits::QUOTE_PADDING => Self::TooManyZeros(rest.len()),
            None => Self::Zeros(rest.len()),
        }
    }
}

impl Certification {
    fn read(reader: &mut Reader<'_>) -> Result<Self, QuoteError> {
        let found = reader.u16()?;
        let length = reader.length()?;
        let data = reader.take(length)?;
        let encrypted_ppid_length = match found {
            2 => ENCRYPTED_PPID_RSA2048,
            3 => ENCRYPTED_PPID_RSA3072,
            5 => {
                let text = data
                    .iter()
                    .rposition(|byte| *byte != 0)
                    .and_then(|last| data.get(..=last))
                    .unwrap_or_default();
                return Ok(Self::PckChain(text.to_owned()));
            }
            _ => {
                return Err(QuoteError::CertificationType {
                    found,
                    expected: &[2, 3, 5],
                });
            }
        };
        if length != encrypted_ppid_length {
            return Err(QuoteError::CertificationLength {
                found: length,
                expected: encrypted_ppid_length,
            });
        }
        let mut data = Reader::new(data);
        let encrypted_ppid = data.take(length.saturating_sub(20))?.to_owned();
        Ok(Self::EncryptedPpid {
            encrypted_ppid,
            cpu_svn: Bytes::new(data.array()?),
            pce_svn: data.u16()?,
            pce_id: Bytes::new(data.array()?),
        })
    }
}

#[cfg(test)]
mod tests;
