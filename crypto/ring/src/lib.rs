//! The signature backend for native builds: [`ring`].

#![no_std]
#![forbid(unsafe_code)]

use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use teeproof_core::{SignatureAnswer, SignatureVerifier};

/// Checks P-256 signatures with ring. Answers at once and holds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct RingVerifier;

impl SignatureVerifier for RingVerifier {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        // SEC 1, uncompressed form.
        let mut point = [0x04; 65];
        let (_, coordinates) = point.split_at_mut(1);
        coordinates.copy_from_slice(key);
        match UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature) {
            Ok(()) => SignatureAnswer::Valid,
            Err(_) => SignatureAnswer::Invalid,
        }
    }
}
