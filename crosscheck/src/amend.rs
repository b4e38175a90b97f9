//! dcap-qvl on input from which the cause of a known difference was taken away.
//!
//! What is signed cannot be changed without breaking the signature. So that the rest of dcap-qvl
//! still says what it thinks, the changed bytes are looked up here and the signature is checked over
//! the original ones. Nothing else is let through: a signature that is wrong over the original bytes
//! stays wrong.

use std::cell::RefCell;

use anyhow::Result;
use dcap_qvl::config::{Config, CryptoProvider, ParsedCert, PckCa, X509Codec};
use dcap_qvl::signature::DerSigEncoder;
use dcap_qvl::x509::{X509CertBackend, X509CertParsed};
use rustls_pki_types::{InvalidSignature, SignatureVerificationAlgorithm};

use crate::signatures::{Crypto, Rule, Under, genuine};

/// Which bytes stand for which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Amendments {
    /// What dcap-qvl is shown, and what was signed or hashed.
    pub(crate) messages: Vec<(Vec<u8>, Vec<u8>)>,
    /// A certificate extension as it is, and what dcap-qvl is shown in its place.
    pub(crate) extensions: Vec<(Vec<u8>, Vec<u8>)>,
}

thread_local! {
    /// dcap-qvl takes its backend as a type, so this is the only way to hand it a value.
    static IN_FORCE: RefCell<Amendments> = RefCell::default();
}

/// Puts amendments in force for this thread until it is dropped, by a panic as well.
pub(crate) struct InForce(());

impl InForce {
    pub(crate) fn new(amendments: &Amendments) -> Self {
        IN_FORCE.set(amendments.clone());
        Self(())
    }
}

impl Drop for InForce {
    fn drop(&mut self) {
        IN_FORCE.take();
    }
}

fn lookup(table: &[(Vec<u8>, Vec<u8>)], key: &[u8]) -> Option<Vec<u8>> {
    table
        .iter()
        .find(|(from, _)| from == key)
        .map(|(_, to)| to.clone())
}

fn original(message: &[u8]) -> Option<Vec<u8>> {
    IN_FORCE.with_borrow(|amendments| lookup(&amendments.messages, message))
}

/// dcap-qvl's own configuration, with amendments.
pub(crate) struct Amended;

impl Config for Amended {
    type X509 = AmendedX509;
    type SigEncoder = DerSigEncoder;
    type Crypto = AmendedCrypto;
}

pub(crate) struct AmendedCrypto;

impl CryptoProvider for AmendedCrypto {
    fn sig_algo() -> &'static dyn SignatureVerificationAlgorithm {
        Under::<AmendedSignatures>::ALGORITHM
    }

    fn sha256(data: &[u8]) -> [u8; 32] {
        original(data).map_or_else(|| Crypto::sha256(data), |data| Crypto::sha256(&data))
    }

    fn sha384(data: &[u8]) -> [u8; 48] {
        Crypto::sha384(data)
    }
}

#[derive(Debug)]
struct AmendedSignatures;

impl Rule for AmendedSignatures {
    fn check(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let original = original(message);
        genuine(key, original.as_deref().unwrap_or(message), signature)
    }
}

pub(crate) struct AmendedX509;

impl X509Codec for AmendedX509 {
    type Parsed<'a> = AmendedCertificate;

    fn from_der(cert_der: &[u8]) -> Result<AmendedCertificate> {
        X509CertBackend::from_der(cert_der).map(AmendedCertificate)
    }
}

pub(crate) struct AmendedCertificate(X509CertParsed);

impl ParsedCert for AmendedCertificate {
    fn pck_ca(&self) -> Option<PckCa> {
        self.0.pck_ca()
    }

    fn extension(&self, oid: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(value) = self.0.extension(oid)? else {
            return Ok(None);
        };
        let shown = IN_FORCE.with_borrow(|amendments| lookup(&amendments.extensions, &value));
        Ok(Some(shown.unwrap_or(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_stands_for_something_else_and_only_for_a_while() {
        let truth = Crypto::sha256(b"truth");
        {
            let _in_force = InForce::new(&Amendments {
                messages: vec![(b"shown".to_vec(), b"truth".to_vec())],
                extensions: Vec::new(),
            });
            assert_eq!(AmendedCrypto::sha256(b"shown"), truth);
            assert_ne!(AmendedCrypto::sha256(b"shown "), truth);
        }
        assert_ne!(AmendedCrypto::sha256(b"shown"), truth);
    }

    #[test]
    fn a_panic_takes_the_amendments_out_of_force() {
        let outcome = std::panic::catch_unwind(|| {
            let _in_force = InForce::new(&Amendments {
                messages: vec![(b"shown".to_vec(), b"truth".to_vec())],
                extensions: Vec::new(),
            });
            panic!("as a hostile input might");
        });
        assert!(outcome.is_err());
        assert_eq!(original(b"shown"), None);
    }
}
