//! The signature backend in pure Rust: RustCrypto's [`p256`], for targets without a C compiler.

#![no_std]
#![forbid(unsafe_code)]

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use teeproof_core::{SignatureAnswer, SignatureVerifier};

/// Checks P-256 signatures with the `p256` crate. Answers at once and holds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct RustCryptoVerifier;

impl SignatureVerifier for RustCryptoVerifier {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        let mut point = [0x04; 65];
        let (_, coordinates) = point.split_at_mut(1);
        coordinates.copy_from_slice(key);
        let valid = VerifyingKey::from_sec1_bytes(&point)
            .and_then(|key| key.verify(message, &Signature::from_slice(signature)?));
        match valid {
            Ok(()) => SignatureAnswer::Valid,
            Err(_) => SignatureAnswer::Invalid,
        }
    }
}
