//! One fixed X.509 profile: Intel's three-level hierarchy. No general path building.
//!
//! ```text
//! Intel SGX Root CA            pinned, byte for byte
//! ├── Intel SGX TCB Signing    signs TCB info and QE identity
//! └── Intel SGX PCK Platform CA | Intel SGX PCK Processor CA
//!     └── Intel SGX PCK Certificate   one per platform and TCB
//! ```
//!
//! Rules (Intel SGX PCK Certificate and CRL Profile Specification): version 3; ecdsa-with-SHA256 in
//! both places; P-256, uncompressed; the subject's common name and organisation are those of the
//! role; issuer name and authority key identifier are those of the next certificate; basic
//! constraints and key usage are those of the role; no extension twice, none critical that is not
//! understood. Chains have exactly the length of their role, leaf first.
//! Path length constraints need no check beyond that: no longer path can be expressed.

mod certificate;
mod crl;
mod error;
mod pck_extension;
mod pem;

pub(crate) use certificate::{Certificate, Role};
pub(crate) use crl::RevocationList;
pub(crate) use error::X509Error;
pub(crate) use pck_extension::PckExtension;
pub use pck_extension::{PckFlags, PckTcb};
pub(crate) use pem::decode_chain;

use der::asn1::{BitStringRef, ObjectIdentifier, UintRef};
use der::{Decode, Reader, SliceReader};
use x509_cert::spki::AlgorithmIdentifierOwned;

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// Which of the two CAs issues a platform's PCK certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PckCa {
    /// Single-package platforms.
    Processor,
    /// Multi-package platforms; its certificates state the configuration flags.
    Platform,
}

impl PckCa {
    /// `processor` or `platform`, as in the service's URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processor => "processor",
            Self::Platform => "platform",
        }
    }
}

impl core::fmt::Display for PckCa {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A `SEQUENCE { to be signed, algorithm, signature }`, cut into its parts. The part to be signed
/// keeps its exact bytes.
struct Signed<'a> {
    to_be_signed: &'a [u8],
    algorithm: AlgorithmIdentifierOwned,
    signature: [u8; 64],
}

impl<'a> Signed<'a> {
    fn parse(der: &'a [u8]) -> Result<Self, X509Error> {
        let mut reader = SliceReader::new(der).map_err(|_| X509Error::Malformed)?;
        let (to_be_signed, algorithm, signature) = reader
            .sequence(|inner| {
                let to_be_signed = inner.tlv_bytes()?;
                let algorithm = AlgorithmIdentifierOwned::decode(inner)?;
                let signature = BitStringRef::decode(inner)?;
                Ok::<_, der::Error>((to_be_signed, algorithm, signature))
            })
            .map_err(|_| X509Error::Malformed)?;
        reader.finish().map_err(|_| X509Error::Malformed)?;
        let signature = signature
            .as_bytes()
            .and_then(raw_signature)
            .ok_or(X509Error::Malformed)?;
        Ok(Self {
            to_be_signed,
            algorithm,
            signature,
        })
    }
}

fn is_ecdsa_with_sha256(algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm.oid == ECDSA_WITH_SHA256 && algorithm.parameters.is_none()
}

/// `SEQUENCE { r INTEGER, s INTEGER }` as r‖s. The decoder refuses what is not DER.
fn raw_signature(der: &[u8]) -> Option<[u8; 64]> {
    let mut reader = SliceReader::new(der).ok()?;
    let (r, s) = reader
        .sequence(|inner| Ok::<_, der::Error>((UintRef::decode(inner)?, UintRef::decode(inner)?)))
        .ok()?;
    reader.finish().ok()?;
    let mut raw = [0; 64];
    let (high, low) = raw.split_at_mut(32);
    for (integer, half) in [(r, high), (s, low)] {
        let bytes = integer.as_bytes();
        let start = half.len().checked_sub(bytes.len())?;
        half.get_mut(start..)?.copy_from_slice(bytes);
    }
    Some(raw)
}

#[cfg(test)]
mod tests;
