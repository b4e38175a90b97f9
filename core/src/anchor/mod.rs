//! The trust anchor: the one root that every signature must lead to.

use crate::bytes::{Bytes32, sha256};
use crate::x509::{Certificate, Role, X509Error, decode_chain};

/// Intel SGX Root CA, valid 2018-05-21 to 2049-12-31, as Intel publishes it
/// (certificates.trustedservices.intel.com).
const INTEL_SGX_ROOT_CA: &[u8] = include_bytes!("IntelSgxRootCa.der");

/// A root certificate, pinned byte for byte. It is given by the caller, never by evidence, by
/// collateral, by a bundle or by a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustAnchor {
    certificate: Certificate,
    digest: Bytes32,
    intel: bool,
}

/// A root certificate that cannot be a trust anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorError;

impl core::fmt::Display for AnchorError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("not a root certificate of Intel's profile in DER")
    }
}

impl core::error::Error for AnchorError {}

impl TrustAnchor {
    /// Intel's production root. The error cannot occur in a build whose tests pass; it is returned
    /// rather than hidden because the core does not panic.
    pub fn intel() -> Result<Self, AnchorError> {
        Self::from_der(INTEL_SGX_ROOT_CA)
    }

    /// A root of one's own, in DER, for tests and simulations. A verdict that rests on it is
    /// `simulated` whatever else is true. Intel's own root is recognised and is not a test root.
    pub fn from_der(der: &[u8]) -> Result<Self, AnchorError> {
        let parse = || -> Result<Certificate, X509Error> {
            let certificate = Certificate::parse(der)?;
            certificate.check_role(Role::Root)?;
            certificate.check_issuer(&certificate)?;
            Ok(certificate)
        };
        Ok(Self {
            certificate: parse().map_err(|_| AnchorError)?,
            digest: sha256(der),
            intel: der == INTEL_SGX_ROOT_CA,
        })
    }

    /// As [`TrustAnchor::from_der`], or one certificate in PEM.
    pub fn from_der_or_pem(bytes: &[u8]) -> Result<Self, AnchorError> {
        if bytes.first() != Some(&b'-') {
            return Self::from_der(bytes);
        }
        let chain = decode_chain(bytes, 1).map_err(|_| AnchorError)?;
        chain
            .first()
            .ok_or(AnchorError)
            .and_then(|der| Self::from_der(der))
    }

    /// Whether it is Intel's production root, compared byte for byte.
    pub const fn is_intel(&self) -> bool {
        self.intel
    }

    /// The certificate in DER, byte for byte as it was pinned.
    pub fn der(&self) -> &[u8] {
        self.certificate.der()
    }

    /// SHA-256 of the certificate in DER.
    pub const fn digest(&self) -> &Bytes32 {
        &self.digest
    }

    pub(crate) const fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn the_embedded_root_is_intels() {
        let anchor = TrustAnchor::intel().unwrap();
        assert!(anchor.is_intel());
        assert_eq!(
            anchor.digest().to_string(),
            "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3"
        );
    }

    #[test]
    fn what_is_no_root_is_refused() {
        assert_eq!(TrustAnchor::from_der(&[]), Err(AnchorError));
        let mut longer = INTEL_SGX_ROOT_CA.to_vec();
        longer.push(0);
        assert_eq!(TrustAnchor::from_der(&longer), Err(AnchorError));
    }

    #[test]
    fn a_root_that_differs_in_one_bit_is_not_intels() {
        let mut other = INTEL_SGX_ROOT_CA.to_vec();
        // The last byte belongs to the signature, which a pinned root is not asked for.
        *other.last_mut().unwrap() ^= 1;
        let anchor = TrustAnchor::from_der(&other).unwrap();
        assert!(!anchor.is_intel());
    }
}
