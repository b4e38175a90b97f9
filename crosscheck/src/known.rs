//! dcap-qvl with three signatures known: those of Intel's root on its own CA certificates.
//!
//! They are on the same bytes for every platform and for years, so each run would check the same two
//! again. A signature is known by key, message and signature together; whatever dcap-qvl thinks of
//! the certificates beside that, it still says.

use dcap_qvl::config::{Config, CryptoProvider};
use dcap_qvl::signature::DerSigEncoder;
use dcap_qvl::x509::X509CertBackend;
use rustls_pki_types::{InvalidSignature, SignatureVerificationAlgorithm};

use crate::signatures::{Crypto, Rule, Under, genuine};

/// Bytes of the message, and SHA-256 of key (SEC 1, uncompressed), message and signature (DER), one
/// behind the other.
const SIGNED_BY_INTEL: [(usize, [u8; 32]); 3] = [
    // Intel SGX PCK Platform CA.
    (
        577,
        [
            0xb4, 0x39, 0x2f, 0xdd, 0x0b, 0x0e, 0x06, 0x57, 0x1c, 0x90, 0x7a, 0x31, 0x8a, 0x9e,
            0xec, 0x1d, 0x6f, 0x35, 0x26, 0x05, 0x6a, 0x3e, 0x23, 0x78, 0x65, 0x3f, 0x5e, 0x2f,
            0x85, 0xcf, 0xe6, 0xf7,
        ],
    ),
    // Intel SGX PCK Processor CA.
    (
        578,
        [
            0xc7, 0x2d, 0x99, 0x10, 0x88, 0x4a, 0xc5, 0xc9, 0x5d, 0x40, 0xb3, 0x62, 0x02, 0xb2,
            0xbd, 0xef, 0xa2, 0xd9, 0x1c, 0xb0, 0xac, 0x25, 0xe1, 0x5d, 0xe1, 0x9d, 0xa6, 0x13,
            0x77, 0xbf, 0x46, 0x5c,
        ],
    ),
    // Intel SGX TCB Signing, 2025 to 2032.
    (
        566,
        [
            0xb9, 0xa0, 0x5f, 0xea, 0x57, 0x23, 0xe1, 0xf3, 0x7f, 0x7f, 0x5f, 0x92, 0xa2, 0xbc,
            0xd2, 0x97, 0x39, 0xcf, 0x09, 0xf0, 0xc8, 0x0c, 0xba, 0x81, 0xe1, 0x6b, 0xc4, 0x1f,
            0x57, 0xcb, 0x57, 0x72,
        ],
    ),
];

/// dcap-qvl's own configuration but for the signatures that are known.
pub(crate) struct Known;

impl Config for Known {
    type X509 = X509CertBackend;
    type SigEncoder = DerSigEncoder;
    type Crypto = KnownCrypto;
}

pub(crate) struct KnownCrypto;

impl CryptoProvider for KnownCrypto {
    fn sig_algo() -> &'static dyn SignatureVerificationAlgorithm {
        Under::<KnownSignatures>::ALGORITHM
    }

    fn sha256(data: &[u8]) -> [u8; 32] {
        Crypto::sha256(data)
    }

    fn sha384(data: &[u8]) -> [u8; 48] {
        Crypto::sha384(data)
    }
}

#[derive(Debug)]
struct KnownSignatures;

fn is_known(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    // Most messages have another length, and are not hashed for nothing.
    SIGNED_BY_INTEL
        .iter()
        .filter(|(length, _)| *length == message.len())
        .any(|(_, digest)| Crypto::sha256(&[public_key, message, signature].concat()) == *digest)
}

impl Rule for KnownSignatures {
    fn check(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        if is_known(key, message, signature) {
            return Ok(());
        }
        genuine(key, message, signature)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use der::{Decode, Encode};
    use teeproof_core::{CollateralParts, TrustAnchor};
    use x509_cert::Certificate;

    use super::*;

    /// Key, message and signature of what Intel's root signed, from real collateral.
    fn real() -> Vec<[Vec<u8>; 3]> {
        let root = TrustAnchor::intel().unwrap();
        let root = Certificate::from_der(root.der()).unwrap();
        let key = &root
            .tbs_certificate()
            .subject_public_key_info()
            .subject_public_key;
        let files: [&[u8]; 2] = [
            include_bytes!("../../fixtures/real/tdx-v4/collateral.json"),
            include_bytes!("../../fixtures/real/sgx-v3/collateral.json"),
        ];
        files
            .into_iter()
            .map(|file| CollateralParts::from_json(file).unwrap())
            .flat_map(|parts| [parts.pck_crl_issuer_chain, parts.tcb_info_issuer_chain])
            .map(|chain| pem::parse_many(chain).unwrap().remove(0))
            .map(|pem| {
                let certificate = Certificate::from_der(pem.contents()).unwrap();
                [
                    key.raw_bytes().to_vec(),
                    certificate.tbs_certificate().to_der().unwrap(),
                    certificate.signature().raw_bytes().to_vec(),
                ]
            })
            .collect()
    }

    #[test]
    fn what_is_known_is_what_intel_signed() {
        let mut known = BTreeSet::new();
        for [key, message, signature] in real() {
            genuine(&key, &message, &signature).unwrap();
            assert!(is_known(&key, &message, &signature));
            known.insert(message);
        }
        assert_eq!(known.len(), SIGNED_BY_INTEL.len());
    }

    #[test]
    fn one_bit_of_any_part_and_it_is_not_known() {
        for parts in real() {
            for part in 0..parts.len() {
                for at in [0, parts[part].len() / 2, parts[part].len() - 1] {
                    let mut changed = parts.clone();
                    changed[part][at] ^= 1;
                    let [key, message, signature] = &changed;
                    assert!(!is_known(key, message, signature));
                    KnownSignatures::check(key, message, signature).unwrap_err();
                }
            }
        }
    }
}
