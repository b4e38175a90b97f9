//! dcap-qvl's own signature check, with a rule before it.

use core::fmt::Debug;
use core::marker::PhantomData;

#[cfg(feature = "ring")]
pub(crate) use dcap_qvl::crypto::RingCrypto as Crypto;
#[cfg(all(not(feature = "ring"), feature = "rustcrypto"))]
pub(crate) use dcap_qvl::crypto::RustCryptoCrypto as Crypto;

use dcap_qvl::config::CryptoProvider;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

/// What happens before dcap-qvl's backend is asked. dcap-qvl takes its backend as a type, so a rule
/// is one too.
pub(crate) trait Rule: Debug + Send + Sync + 'static {
    /// Answers about a signature (DER) by a key (SEC 1, uncompressed), as a rule by asking [`genuine`].
    ///
    /// # Errors
    /// [`InvalidSignature`].
    fn check(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature>;
}

/// Asks dcap-qvl's backend.
pub(crate) fn genuine(
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), InvalidSignature> {
    Crypto::sig_algo().verify_signature(key, message, signature)
}

/// A rule as webpki wants it.
#[derive(Debug)]
pub(crate) struct Under<R>(PhantomData<R>);

impl<R: Rule> Under<R> {
    pub(crate) const ALGORITHM: &'static dyn SignatureVerificationAlgorithm = &Self(PhantomData);
}

impl<R: Rule> SignatureVerificationAlgorithm for Under<R> {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        R::check(public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        Crypto::sig_algo().public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        Crypto::sig_algo().signature_alg_id()
    }
}
