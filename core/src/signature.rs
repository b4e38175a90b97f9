//! The one seam through which every signature goes.
//!
//! The engine states triples of key, message and signature; it never computes on a curve. A backend
//! answers at once ([`SignatureVerifier`]). Where answers only come later (a browser's WebCrypto is
//! asynchronous), triples that were recorded are answered elsewhere, and the engine runs on
//! [`AnsweredSignatures`], which holds its own copies and matches byte for byte.

use alloc::vec::Vec;
use core::fmt;

/// A backend's answer about one signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAnswer {
    /// The signature is by this key over this message.
    Valid,
    /// It is not, or the key is no point of the curve.
    Invalid,
    /// Nobody checked. The engine counts this as a check that was not made.
    Unanswered,
}

/// Checks ECDSA signatures: curve P-256, hash SHA-256.
pub trait SignatureVerifier {
    /// Whether `signature` (r‖s, 32 bytes each, big-endian) is by `key` (x‖y, 32 bytes each,
    /// big-endian) over `message` (not hashed yet).
    ///
    /// An implementation must refuse a key that is no point of the curve and r or s outside of
    /// `1..n`. It must not panic on any input.
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer;

    /// As [`SignatureVerifier::verify`], for what stands above the quote: certificates, revocation
    /// lists, Intel's statements and the quoting enclave's report. Other verdicts will ask for the
    /// very same again, so an implementation may remember that a signature is valid.
    fn verify_endorsement(
        &self,
        key: &[u8; 64],
        message: &[u8],
        signature: &[u8; 64],
    ) -> SignatureAnswer {
        self.verify(key, message, signature)
    }
}

/// One signature to be checked: what a backend needs, copied.
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureTriple {
    /// The public key, x‖y.
    pub key: [u8; 64],
    /// The message, not hashed yet.
    pub message: Vec<u8>,
    /// The signature, r‖s.
    pub signature: [u8; 64],
}

impl fmt::Debug for SignatureTriple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureTriple")
            .field("message_bytes", &self.message.len())
            .finish_non_exhaustive()
    }
}

impl SignatureTriple {
    fn is(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> bool {
        self.key == *key && self.signature == *signature && self.message == message
    }
}

/// Answers that were given before. A triple that is not in the set is unanswered, never valid.
#[derive(Debug, Clone, Default)]
pub struct AnsweredSignatures(Vec<(SignatureTriple, bool)>);

impl AnsweredSignatures {
    /// Takes each triple, as recorded, with its answer.
    pub fn new(answers: impl IntoIterator<Item = (SignatureTriple, bool)>) -> Self {
        Self(answers.into_iter().collect())
    }
}

impl SignatureVerifier for AnsweredSignatures {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        let mut answers = self
            .0
            .iter()
            .filter(|(triple, _)| triple.is(key, message, signature))
            .map(|(_, valid)| *valid);
        match answers.next() {
            None => SignatureAnswer::Unanswered,
            // One triple answered twice in two ways is answered by nobody.
            Some(true) if answers.all(|valid| valid) => SignatureAnswer::Valid,
            Some(_) => SignatureAnswer::Invalid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triple(byte: u8) -> SignatureTriple {
        SignatureTriple {
            key: [byte; 64],
            message: Vec::from([byte]),
            signature: [byte; 64],
        }
    }

    #[test]
    fn only_the_very_bytes_that_were_answered_are_valid() {
        let answered = AnsweredSignatures::new([(triple(1), true), (triple(2), false)]);
        assert_eq!(
            answered.verify(&[1; 64], &[1], &[1; 64]),
            SignatureAnswer::Valid
        );
        assert_eq!(
            answered.verify(&[2; 64], &[2], &[2; 64]),
            SignatureAnswer::Invalid
        );
        let mut key = [1; 64];
        key[63] ^= 1;
        assert_eq!(
            answered.verify(&key, &[1], &[1; 64]),
            SignatureAnswer::Unanswered
        );
        assert_eq!(
            answered.verify(&[1; 64], &[1, 0], &[1; 64]),
            SignatureAnswer::Unanswered
        );
        let contradictory = AnsweredSignatures::new([(triple(1), true), (triple(1), false)]);
        assert_eq!(
            contradictory.verify(&[1; 64], &[1], &[1; 64]),
            SignatureAnswer::Invalid
        );
    }
}
