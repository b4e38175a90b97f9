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
mod der;
mod error;
mod intel;
mod name;
mod pck_extension;
mod pem;

pub(crate) use certificate::{Certificate, Role};
pub(crate) use crl::RevocationList;
use error::Malformed;
pub(crate) use error::X509Error;
pub(crate) use intel::{INTEL_SGX_ROOT_CA, ISSUED_BY_INTEL};
pub(crate) use pck_extension::PckExtension;
pub use pck_extension::{PckFlags, PckTcb};
pub(crate) use pem::{Der, decode_chain, decode_text};

use ::der::asn1::ObjectIdentifier;

use self::der::{BIT_STRING, BOOLEAN, Element, OCTET_STRING, Reader, SEQUENCE};

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.20");
const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.31");
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");

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
    to_be_signed: Element<'a>,
    algorithm: Algorithm<'a>,
    signature: [u8; 64],
}

impl<'a> Signed<'a> {
    fn parse(der: &'a [u8]) -> Result<Self, X509Error> {
        let mut outer = Reader::new(der);
        let mut inner = outer.inside(SEQUENCE)?;
        outer.finish()?;
        let to_be_signed = inner.expect(SEQUENCE)?;
        let algorithm = Algorithm::read(&mut inner)?;
        let signature = inner.expect(BIT_STRING)?.whole_bytes()?;
        inner.finish()?;
        Ok(Self {
            to_be_signed,
            algorithm,
            signature: raw_signature(signature).ok_or(X509Error::Malformed)?,
        })
    }

    /// Holds the algorithm to the profile, in both places where it stands.
    fn check_algorithm(&self, inner: &Algorithm<'_>) -> Result<(), X509Error> {
        if self.algorithm.is_ecdsa_with_sha256() && inner.is_ecdsa_with_sha256() {
            return Ok(());
        }
        Err(X509Error::profile(
            "signatureAlgorithm",
            name::dotted(self.algorithm.oid),
            "ecdsa-with-SHA256",
        ))
    }
}

/// An `AlgorithmIdentifier`.
struct Algorithm<'a> {
    oid: &'a [u8],
    parameters: Option<Element<'a>>,
}

impl<'a> Algorithm<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let mut inner = reader.inside(SEQUENCE)?;
        let oid = inner.element()?.oid()?;
        let parameters = if inner.is_empty() {
            None
        } else {
            Some(inner.element()?)
        };
        inner.finish()?;
        Ok(Self { oid, parameters })
    }

    fn is_ecdsa_with_sha256(&self) -> bool {
        self.oid == ECDSA_WITH_SHA256.as_bytes() && self.parameters.is_none()
    }
}

/// An `Extension`.
struct Extension<'a> {
    oid: &'a [u8],
    critical: bool,
    value: Element<'a>,
}

impl<'a> Extension<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let mut inner = reader.inside(SEQUENCE)?;
        let oid = inner.element()?.oid()?;
        let critical = match inner.optional(BOOLEAN)? {
            Some(flag) => flag.boolean()?,
            None => false,
        };
        let value = inner.expect(OCTET_STRING)?;
        inner.finish()?;
        Ok(Self {
            oid,
            critical,
            value,
        })
    }

    /// Takes all that stand at the end of a certificate or a list, below this tag, if any do.
    fn take_all(
        reader: &mut Reader<'a>,
        tag: u8,
        mut take: impl FnMut(&Self) -> Result<(), X509Error>,
    ) -> Result<(), X509Error> {
        if reader.is_empty() {
            return Ok(());
        }
        let mut wrapper = reader.inside(tag)?;
        let mut extensions = wrapper.inside(SEQUENCE)?;
        wrapper.finish()?;
        while !extensions.is_empty() {
            take(&Self::read(&mut extensions)?)?;
        }
        Ok(())
    }

    fn unknown(&self) -> X509Error {
        X509Error::profile(
            "criticalExtension",
            name::dotted(self.oid),
            "none that is unknown",
        )
    }

    fn twice(&self) -> X509Error {
        X509Error::profile("duplicateExtension", name::dotted(self.oid), "each once")
    }

    /// The one value that the extension holds.
    fn element(&self) -> Result<Element<'a>, Malformed> {
        let mut reader = self.value.reader();
        let element = reader.element()?;
        reader.finish()?;
        Ok(element)
    }

    /// The key identifier of an `AuthorityKeyIdentifier`, if it states one.
    fn authority_key_id(&self) -> Result<Option<Element<'a>>, Malformed> {
        let mut inner = self.element()?.tagged(SEQUENCE)?.reader();
        let key_id = inner.optional(der::primitive(0))?;
        // The issuer by name and serial number is the other way of saying the same.
        inner.optional(der::constructed(1))?;
        inner.optional(der::primitive(2))?;
        inner.finish()?;
        Ok(key_id)
    }
}

/// `SEQUENCE { r INTEGER, s INTEGER }` as r‖s.
fn raw_signature(der: &[u8]) -> Option<[u8; 64]> {
    let mut outer = Reader::new(der);
    let mut inner = outer.inside(SEQUENCE).ok()?;
    outer.finish().ok()?;
    let mut raw = [0; 64];
    let (high, low) = raw.split_at_mut(32);
    for half in [high, low] {
        let bytes = inner.element().ok()?.unsigned().ok()?;
        let start = half.len().checked_sub(bytes.len())?;
        half.get_mut(start..)?.copy_from_slice(bytes);
    }
    inner.finish().ok()?;
    Some(raw)
}

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;
