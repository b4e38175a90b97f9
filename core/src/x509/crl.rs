//! Revocation lists: whole ones of version 2, by a CA of the profile.

use alloc::collections::BTreeSet;
use alloc::string::ToString;
use alloc::vec::Vec;

use der::Decode;
use der::asn1::Uint;
use der::oid::AssociatedOid;
use x509_cert::crl::TbsCertList;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber};
use x509_cert::name::Name;
use x509_cert::time::Time;

use super::certificate::{check_issuer, decode};
use super::{Certificate, Signed, X509Error, is_ecdsa_with_sha256};
use crate::limits;
use crate::signature::{SignatureAnswer, SignatureVerifier};
use crate::time::{Instant, Window};

/// A parsed revocation list. Nothing about it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RevocationList {
    to_be_signed: Vec<u8>,
    signature: [u8; 64],
    issuer: Name,
    authority_key_id: Option<Vec<u8>>,
    this_update: Instant,
    next_update: Instant,
    number: u64,
    serials: BTreeSet<Vec<u8>>,
}

impl RevocationList {
    /// Parses a list in DER.
    pub(crate) fn parse(der: &[u8]) -> Result<Self, X509Error> {
        if der.len() > limits::CRL {
            return Err(X509Error::TooLarge {
                found: der.len(),
                limit: limits::CRL,
            });
        }
        let signed = Signed::parse(der)?;
        let list: TbsCertList =
            TbsCertList::from_der(signed.to_be_signed).map_err(|_| X509Error::Malformed)?;
        if list.version != x509_cert::certificate::Version::V2 {
            return Err(X509Error::profile("version", "", "2"));
        }
        if !is_ecdsa_with_sha256(&signed.algorithm) || !is_ecdsa_with_sha256(&list.signature) {
            return Err(X509Error::profile(
                "signatureAlgorithm",
                signed.algorithm.oid.to_string(),
                "ecdsa-with-SHA256",
            ));
        }
        // Without an end a stale list could be shown for ever.
        let next_update = list
            .next_update
            .ok_or_else(|| X509Error::profile("nextUpdate", "", "present"))?;
        let mut authority_key_id = None;
        let mut number = None;
        for extension in list.crl_extensions.iter().flatten() {
            let value = extension.extn_value.as_bytes();
            match extension.extn_id {
                AuthorityKeyIdentifier::OID => {
                    let id: AuthorityKeyIdentifier = decode(value)?;
                    authority_key_id = id.key_identifier.map(|id| id.as_bytes().to_vec());
                }
                CrlNumber::OID => number = Some(crl_number(value)?),
                // Delta lists, partial lists and what nobody knows yet are critical.
                unknown if extension.critical => {
                    return Err(X509Error::profile(
                        "criticalExtension",
                        unknown.to_string(),
                        "none that is unknown",
                    ));
                }
                _ => {}
            }
        }
        let number = number.ok_or_else(|| X509Error::profile("crlNumber", "", "present"))?;
        let mut serials = BTreeSet::new();
        for revoked in list.revoked_certificates.into_iter().flatten() {
            // A critical entry extension may change what the entry means (RFC 5280, 5.3).
            if revoked
                .crl_entry_extensions
                .iter()
                .flatten()
                .any(|extension| extension.critical)
            {
                return Err(X509Error::profile(
                    "criticalExtension",
                    "in an entry",
                    "none that is unknown",
                ));
            }
            serials.insert(revoked.serial_number.as_bytes().to_vec());
        }
        let instant = |time: Time| Instant::from_date_time(time.to_date_time());
        Ok(Self {
            to_be_signed: signed.to_be_signed.to_vec(),
            signature: signed.signature,
            issuer: list.issuer,
            authority_key_id,
            this_update: instant(list.this_update),
            next_update: instant(next_update),
            number,
            serials,
        })
    }

    /// Whether names and key identifiers say that `issuer` issued this list.
    pub(crate) fn check_issuer(&self, issuer: &Certificate) -> Result<(), X509Error> {
        check_issuer(&self.issuer, self.authority_key_id.as_deref(), issuer)
    }

    /// Checks the signature with the issuer's key.
    pub(crate) fn verify_signature(
        &self,
        issuer: &Certificate,
        signatures: &dyn SignatureVerifier,
    ) -> SignatureAnswer {
        signatures.verify(issuer.public_key(), &self.to_be_signed, &self.signature)
    }

    /// When the list may be used: from `thisUpdate` to one second before `nextUpdate`. At
    /// `nextUpdate` itself a newer list exists.
    pub(crate) fn window(&self) -> Window {
        Window {
            not_before: self.this_update,
            not_after: self.next_update.minus_one_second(),
        }
    }

    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// Whether a certificate of this list's issuer is on the list.
    pub(crate) fn revokes(&self, certificate: &Certificate) -> bool {
        self.serials.contains(certificate.serial())
    }
}

/// Twenty bytes at most by RFC 5280; what does not fit 64 bits is refused rather than cut.
fn crl_number(value: &[u8]) -> Result<u64, X509Error> {
    let number: Uint = decode(value)?;
    number.as_bytes().iter().try_fold(0_u64, |sum, byte| {
        sum.checked_mul(256)
            .and_then(|sum| sum.checked_add(u64::from(*byte)))
            .ok_or_else(|| X509Error::profile("crlNumber", "", "at most 64 bits"))
    })
}
