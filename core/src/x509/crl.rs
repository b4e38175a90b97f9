//! Revocation lists: whole ones of version 2, by a CA of the profile.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::certificate::check_issuer;
use super::der::{Element, INTEGER, Reader, SEQUENCE, Span, constructed};
use super::{
    AUTHORITY_KEY_IDENTIFIER, Algorithm, CRL_NUMBER, Certificate, Extension, Signed, X509Error,
    name,
};
use crate::limits;
use crate::signature::{SignatureAnswer, SignatureVerifier};
use crate::time::{Instant, Window};

/// A parsed revocation list. Nothing about it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RevocationList {
    der: Arc<[u8]>,
    to_be_signed: Span,
    signature: [u8; 64],
    issuer: Span,
    authority_key_id: Option<Span>,
    this_update: Instant,
    next_update: Instant,
    number: u64,
    /// How each serial number begins, and where it stands; more than [`FEW`] are sorted by how they
    /// begin.
    serials: Vec<(u64, Span)>,
}

/// Up to so many serial numbers are looked through sooner than they are sorted.
const FEW: usize = 128;

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
        let mut reader = signed.to_be_signed.reader();
        let version = match reader.optional(INTEGER)? {
            Some(version) => version.number()?,
            None => None,
        };
        if version != Some(1) {
            return Err(X509Error::profile("version", "", "2"));
        }
        signed.check_algorithm(&Algorithm::read(&mut reader)?)?;
        let issuer = reader.expect(SEQUENCE)?;
        name::parts(&issuer)?;
        let this_update = reader.element()?.instant()?;
        // Without an end a stale list could be shown for ever.
        let next_update = match { reader }.element() {
            Ok(time) if time.instant().is_ok() => reader.element()?.instant()?,
            _ => return Err(X509Error::profile("nextUpdate", "", "present")),
        };
        let mut serials = Vec::new();
        if let Some(revoked) = reader.optional(SEQUENCE)? {
            // An entry of Intel's takes some 52 bytes.
            serials.reserve(revoked.content.len() / 48);
            let mut entries = revoked.reader();
            let mut checked = None;
            while !entries.is_empty() {
                let mut entry = entries.inside(SEQUENCE)?;
                let serial = entry.expect(INTEGER)?;
                serial.integer()?;
                // Intel's entries differ in their serial numbers and in hardly anything else.
                if checked != Some(entry.rest()) {
                    check_entry(entry)?;
                    checked = Some(entry.rest());
                }
                serials.push((beginning(serial.content), serial.span()));
            }
        }
        let mut extensions = Extensions::default();
        Extension::take_all(&mut reader, constructed(0), |extension| {
            extensions.take(extension)
        })?;
        reader.finish()?;
        let number = extensions
            .number
            .ok_or_else(|| X509Error::profile("crlNumber", "", "present"))?;
        arrange(&mut serials);
        Ok(Self {
            signature: signed.signature,
            issuer: issuer.whole_span(),
            authority_key_id: extensions.authority_key_id.map(|id| id.span()),
            this_update,
            next_update,
            number,
            serials,
            to_be_signed: signed.to_be_signed.whole_span(),
            der: Arc::from(der),
        })
    }

    fn bytes(&self, span: &Span) -> &[u8] {
        self.der.get(span.clone()).unwrap_or_default()
    }

    /// Whether names and key identifiers say that `issuer` issued this list.
    pub(crate) fn check_issuer(&self, issuer: &Certificate) -> Result<(), X509Error> {
        let key_id = self.authority_key_id.as_ref().map(|id| self.bytes(id));
        check_issuer(self.bytes(&self.issuer), key_id, issuer)
    }

    /// Checks the signature with the issuer's key.
    pub(crate) fn verify_signature(
        &self,
        issuer: &Certificate,
        signatures: &dyn SignatureVerifier,
    ) -> SignatureAnswer {
        signatures.verify_endorsement(
            issuer.public_key(),
            self.bytes(&self.to_be_signed),
            &self.signature,
        )
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
        let wanted = certificate.serial();
        let begins = beginning(wanted);
        let candidates = if self.serials.len() > FEW {
            let first = self.serials.partition_point(|(known, _)| *known < begins);
            let end = self.serials.partition_point(|(known, _)| *known <= begins);
            self.serials.get(first..end).unwrap_or_default()
        } else {
            &self.serials
        };
        candidates
            .iter()
            .any(|(known, span)| *known == begins && self.bytes(span) == wanted)
    }
}

/// What tests beside another reader look at.
#[cfg(test)]
impl RevocationList {
    pub(super) fn issuer_name(&self) -> &[u8] {
        self.bytes(&self.issuer)
    }

    pub(super) const fn raw_signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The same list with one more serial number before all others, which are so many.
    pub(super) fn with(mut self, serial: &[u8], others: usize) -> Self {
        let start = self.der.len();
        self.der = [&*self.der, serial].concat().into();
        let added = (beginning(serial), start..self.der.len());
        let others = self.serials.iter().cycle().take(others).cloned();
        self.serials = core::iter::once(added).chain(others).collect();
        arrange(&mut self.serials);
        self
    }

    pub(super) fn serials(&self) -> impl Iterator<Item = &[u8]> {
        self.serials.iter().map(|(_, span)| self.bytes(span))
    }
}

/// The extensions of a list that mean something here.
#[derive(Default)]
struct Extensions<'a> {
    number: Option<u64>,
    authority_key_id: Option<Element<'a>>,
}

impl<'a> Extensions<'a> {
    fn take(&mut self, extension: &Extension<'a>) -> Result<(), X509Error> {
        let twice = if extension.oid == AUTHORITY_KEY_IDENTIFIER.as_bytes() {
            match extension.authority_key_id()? {
                Some(id) => self.authority_key_id.replace(id).is_some(),
                None => false,
            }
        } else if extension.oid == CRL_NUMBER.as_bytes() {
            // Twenty bytes at most by RFC 5280; what does not fit 64 bits is refused rather than cut.
            let number = extension
                .element()?
                .number()?
                .ok_or_else(|| X509Error::profile("crlNumber", "", "at most 64 bits"))?;
            self.number.replace(number).is_some()
        } else if extension.critical {
            // Delta lists, partial lists and what nobody knows yet are critical.
            return Err(extension.unknown());
        } else {
            false
        };
        if twice {
            return Err(extension.twice());
        }
        Ok(())
    }
}

fn arrange(serials: &mut [(u64, Span)]) {
    if serials.len() > FEW {
        serials.sort_unstable_by_key(|(beginning, _)| *beginning);
    }
}

/// The first bytes of a serial number as a number: what is compared first, for it is cheap.
fn beginning(serial: &[u8]) -> u64 {
    let mut first = [0; 8];
    for (target, byte) in first.iter_mut().zip(serial) {
        *target = *byte;
    }
    u64::from_be_bytes(first)
}

/// What stands in an entry behind its serial number.
fn check_entry(mut entry: Reader<'_>) -> Result<(), X509Error> {
    entry.element()?.instant()?;
    if !entry.is_empty() {
        let mut extensions = entry.inside(SEQUENCE)?;
        while !extensions.is_empty() {
            // A critical entry extension may change what the entry means (RFC 5280, 5.3).
            if Extension::read(&mut extensions)?.critical {
                return Err(X509Error::profile(
                    "criticalExtension",
                    "in an entry",
                    "none that is unknown",
                ));
            }
        }
    }
    Ok(entry.finish()?)
}
