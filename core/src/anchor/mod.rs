//! The trust anchor: the one root that every signature must lead to.

use crate::bytes::{Bytes32, sha256};
use crate::signature::{SignatureAnswer, SignatureVerifier};
use crate::x509::{Certificate, INTEL_SGX_ROOT_CA, ISSUED_BY_INTEL, Role, X509Error, decode_chain};

/// SHA-256 of [`INTEL_SGX_ROOT_CA`].
const INTEL_DIGEST: Bytes32 = Bytes32::new([
    0x44, 0xa0, 0x19, 0x6b, 0x2b, 0x99, 0xf8, 0x89, 0xb8, 0xe1, 0x49, 0xe9, 0x5b, 0x80, 0x7a, 0x35,
    0x0e, 0x74, 0x24, 0x96, 0x43, 0x99, 0xe8, 0x85, 0xa7, 0xcb, 0xb8, 0xcc, 0xfa, 0xb6, 0x74, 0xd3,
]);

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
        let intel = der == INTEL_SGX_ROOT_CA;
        Ok(Self {
            certificate: parse().map_err(|_| AnchorError)?,
            digest: if intel { INTEL_DIGEST } else { sha256(der) },
            intel,
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

    /// Whether the root signed this certificate.
    pub(crate) fn issued(
        &self,
        certificate: &Certificate,
        signatures: &dyn SignatureVerifier,
    ) -> SignatureAnswer {
        if self.intel && ISSUED_BY_INTEL.contains(&certificate.der()) {
            return SignatureAnswer::Valid;
        }
        certificate.verify_signature(&self.certificate, signatures)
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
        assert_eq!(*anchor.digest(), sha256(INTEL_SGX_ROOT_CA));
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

    /// Counts what it is asked, and believes nothing.
    #[derive(Default)]
    struct Asked(core::cell::Cell<usize>);

    impl SignatureVerifier for Asked {
        fn verify(&self, _: &[u8; 64], _: &[u8], _: &[u8; 64]) -> SignatureAnswer {
            self.0.set(self.0.get().saturating_add(1));
            SignatureAnswer::Invalid
        }
    }

    /// ring itself: the project's own backend stands on this crate, not the other way round.
    struct Ring;

    impl SignatureVerifier for Ring {
        fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
            use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
            let point = [&[0x04], key.as_slice()].concat();
            match UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            {
                Ok(()) => SignatureAnswer::Valid,
                Err(_) => SignatureAnswer::Invalid,
            }
        }
    }

    /// Certificates of Intel's that real collateral brings, each with its DER.
    fn below_the_root() -> alloc::vec::Vec<(Certificate, alloc::vec::Vec<u8>)> {
        let files: [&[u8]; 2] = [
            include_bytes!("../../../fixtures/real/tdx-v4/collateral.json"),
            include_bytes!("../../../fixtures/real/sgx-v3/collateral.json"),
        ];
        files
            .into_iter()
            .map(|file| crate::CollateralParts::from_json(file).unwrap())
            .flat_map(|parts| [parts.pck_crl_issuer_chain, parts.tcb_info_issuer_chain])
            .map(|pem| {
                decode_chain(pem.as_bytes(), 2)
                    .unwrap()
                    .remove(0)
                    .into_owned()
            })
            .map(|der| (Certificate::parse(&der).unwrap(), der))
            .collect()
    }

    #[test]
    fn what_is_known_to_be_issued_by_intel_is() {
        let anchor = TrustAnchor::intel().unwrap();
        let mut known = alloc::collections::BTreeSet::new();
        for (certificate, der) in below_the_root() {
            let signed = certificate.verify_signature(&anchor.certificate, &Ring);
            assert_eq!(signed, SignatureAnswer::Valid);
            let asked = Asked::default();
            assert_eq!(anchor.issued(&certificate, &asked), SignatureAnswer::Valid);
            assert_eq!(asked.0.get(), 0);
            known.insert(der);
        }
        assert_eq!(known, ISSUED_BY_INTEL.map(<[u8]>::to_vec).into());
    }

    #[test]
    fn one_bit_or_another_root_and_the_signature_is_checked() {
        let intel = TrustAnchor::intel().unwrap();
        let mut other_root = INTEL_SGX_ROOT_CA.to_vec();
        *other_root.last_mut().unwrap() ^= 1;
        let other = TrustAnchor::from_der(&other_root).unwrap();
        for (certificate, mut der) in below_the_root() {
            *der.last_mut().unwrap() ^= 1;
            let changed = Certificate::parse(&der).unwrap();
            for (anchor, certificate) in [(&intel, &changed), (&other, &certificate)] {
                let asked = Asked::default();
                assert_eq!(anchor.issued(certificate, &asked), SignatureAnswer::Invalid);
                assert_eq!(asked.0.get(), 1);
            }
        }
    }
}
