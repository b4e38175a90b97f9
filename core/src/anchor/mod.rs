//! The trust anchor: the one root that every signature must lead to.

use crate::bytes::{Bytes32, sha256};
use crate::signature::{SignatureAnswer, SignatureVerifier};
use crate::x509::{Certificate, Role, X509Error, decode_chain};

/// Intel SGX Root CA, valid 2018-05-21 to 2049-12-31, as Intel publishes it
/// (certificates.trustedservices.intel.com).
const INTEL_SGX_ROOT_CA: &[u8] = include_bytes!("IntelSgxRootCa.der");

/// SHA-256 of [`INTEL_SGX_ROOT_CA`].
const INTEL_DIGEST: Bytes32 = Bytes32::new([
    0x44, 0xa0, 0x19, 0x6b, 0x2b, 0x99, 0xf8, 0x89, 0xb8, 0xe1, 0x49, 0xe9, 0x5b, 0x80, 0x7a, 0x35,
    0x0e, 0x74, 0x24, 0x96, 0x43, 0x99, 0xe8, 0x85, 0xa7, 0xcb, 0xb8, 0xcc, 0xfa, 0xb6, 0x74, 0xd3,
]);

/// SHA-256 of certificates, in DER, that are known to bear a signature of Intel's root: the tests
/// check it. What else stands in them (dates, names, roles), and whether they are revoked, is checked
/// for them as for any other.
const ISSUED_BY_INTEL: [[u8; 32]; 3] = [
    // Intel SGX PCK Platform CA, 2018-05-21 to 2033-05-21.
    [
        0x22, 0xeb, 0x77, 0x0d, 0xca, 0x21, 0x5b, 0x60, 0x7b, 0x5c, 0xcf, 0xc2, 0x1a, 0x67, 0x2b,
        0x1d, 0xa5, 0xcc, 0x66, 0x0b, 0x1a, 0xd0, 0x36, 0x50, 0x20, 0x56, 0x79, 0x79, 0xed, 0xca,
        0xa0, 0xe1,
    ],
    // Intel SGX PCK Processor CA, 2018-05-21 to 2033-05-21.
    [
        0x13, 0xb2, 0xdc, 0xce, 0xf8, 0xfc, 0x4e, 0xc9, 0x77, 0xee, 0x52, 0x49, 0x74, 0x3b, 0x0f,
        0x75, 0x8e, 0xbd, 0x1e, 0x28, 0xd7, 0x68, 0xb2, 0xe1, 0xe1, 0x2b, 0xc3, 0x48, 0xad, 0xaa,
        0x09, 0xfb,
    ],
    // Intel SGX TCB Signing, 2025-05-06 to 2032-05-06.
    [
        0xc0, 0x57, 0x5e, 0x76, 0xd0, 0x30, 0x3b, 0x61, 0xd0, 0x9c, 0xde, 0x8c, 0xbd, 0xb7, 0x0d,
        0xb3, 0x4a, 0x74, 0xf3, 0x83, 0x18, 0x30, 0x0d, 0x7c, 0x0e, 0x6b, 0xa8, 0xcf, 0x4b, 0xf4,
        0x5a, 0xea,
    ],
];

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

    /// Whether the root signed this certificate, which has this digest (SHA-256 of its DER).
    pub(crate) fn issued(
        &self,
        certificate: &Certificate,
        digest: &Bytes32,
        signatures: &dyn SignatureVerifier,
    ) -> SignatureAnswer {
        if self.intel && ISSUED_BY_INTEL.contains(digest.as_array()) {
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
            .map(|pem| decode_chain(pem.as_bytes(), 2).unwrap().remove(0))
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
            let digest = certificate.digest();
            assert_eq!(
                anchor.issued(&certificate, &digest, &asked),
                SignatureAnswer::Valid
            );
            assert_eq!(asked.0.get(), 0);
            known.insert(*sha256(&der).as_array());
        }
        assert_eq!(known, ISSUED_BY_INTEL.into());
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
                let digest = certificate.digest();
                assert_eq!(
                    anchor.issued(certificate, &digest, &asked),
                    SignatureAnswer::Invalid
                );
                assert_eq!(asked.0.get(), 1);
            }
        }
    }
}
