//! This profile beside a general reader, `x509-cert`: on real certificates and lists with one byte
//! changed, whatever is read here is read there too, and says the same.

use alloc::vec::Vec;

use ::der::{Decode as _, Encode as _};
use x509_cert::certificate::{CertificateInner, Rfc5280};
use x509_cert::crl::CertificateList;

use super::tests::field;
use super::*;

/// What both readers say of a certificate or of a list.
#[derive(Debug, PartialEq)]
struct Said {
    names: Vec<Vec<u8>>,
    signature: Vec<u8>,
    times: [u64; 2],
    numbers: Vec<Vec<u8>>,
}

impl Certificate {
    fn said(&self) -> Said {
        let [subject, issuer] = self.names();
        Said {
            names: Vec::from([subject.to_vec(), issuer.to_vec()]),
            signature: self.raw_signature().to_vec(),
            times: [
                self.window().not_before.unix(),
                self.window().not_after.unix(),
            ],
            numbers: Vec::from([self.serial().to_vec(), self.public_key().to_vec()]),
        }
    }
}

impl RevocationList {
    fn said(&self) -> Said {
        Said {
            names: Vec::from([self.issuer_name().to_vec()]),
            signature: self.raw_signature().to_vec(),
            times: [
                self.window().not_before.unix(),
                self.window().not_after.unix(),
            ],
            numbers: {
                let mut serials: Vec<_> = self.serials().map(<[u8]>::to_vec).collect();
                serials.sort();
                serials
            },
        }
    }
}

fn theirs(der: &[u8]) -> Option<Said> {
    let certificate = CertificateInner::<Rfc5280>::from_der(der).ok()?;
    let inner = certificate.tbs_certificate();
    let seconds = |time: &x509_cert::time::Time| time.to_unix_duration().as_secs();
    Some(Said {
        names: Vec::from([
            inner.subject().to_der().ok()?,
            inner.issuer().to_der().ok()?,
        ]),
        signature: raw_signature(certificate.signature().as_bytes()?)?.to_vec(),
        times: [
            seconds(&inner.validity().not_before),
            seconds(&inner.validity().not_after),
        ],
        numbers: Vec::from([
            inner.serial_number().as_bytes().to_vec(),
            inner
                .subject_public_key_info()
                .subject_public_key
                .as_bytes()?
                .get(1..)?
                .to_vec(),
        ]),
    })
}

fn their_list(der: &[u8]) -> Option<Said> {
    let list = CertificateList::<Rfc5280>::from_der(der).ok()?;
    let seconds = |time: &x509_cert::time::Time| time.to_unix_duration().as_secs();
    let mut numbers: Vec<Vec<u8>> = list
        .tbs_cert_list
        .revoked_certificates
        .iter()
        .flatten()
        .map(|revoked| revoked.serial_number.as_bytes().to_vec())
        .collect();
    numbers.sort();
    Some(Said {
        names: Vec::from([list.tbs_cert_list.issuer.to_der().ok()?]),
        signature: raw_signature(list.signature.as_bytes()?)?.to_vec(),
        times: [
            seconds(&list.tbs_cert_list.this_update),
            // The last second of the window is the one before.
            seconds(&list.tbs_cert_list.next_update?).checked_sub(1)?,
        ],
        numbers,
    })
}

fn certificates() -> Vec<Vec<u8>> {
    let mut all = decode_chain(field("pck_certificate_chain").as_bytes(), 3).unwrap();
    all.extend(decode_chain(field("tcb_info_issuer_chain").as_bytes(), 2).unwrap());
    all.into_iter().map(Der::into_owned).collect()
}

fn lists() -> [Vec<u8>; 2] {
    ["root_ca_crl", "pck_crl"]
        .map(|name| crate::decode_hex(&field(name), crate::limits::CRL).unwrap())
}

/// Every byte of the input changed in several ways, one at a time.
fn changed(der: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..der.len()).flat_map(|at| {
        [0x01, 0x02, 0x20, 0x80, 0xff].map(|bits| {
            let mut other = der.to_vec();
            other[at] ^= bits;
            other
        })
    })
}

/// Holds us against another reader on samples and on what is one bit, or some, away from them.
fn is_read_alike(
    samples: impl IntoIterator<Item = Vec<u8>>,
    ours: impl Fn(&[u8]) -> Result<Said, X509Error>,
    theirs: impl Fn(&[u8]) -> Option<Said>,
) {
    let mut read = Vec::new();
    for der in samples {
        assert_eq!(Some(ours(&der).unwrap()), theirs(&der));
        read.extend(changed(&der).map(|other| match ours(&other) {
            Ok(said) => {
                let hex = crate::encode_hex(&other);
                assert_eq!(Some(said), theirs(&other), "{hex}");
                Some(true)
            }
            Err(X509Error::Malformed) => Some(false),
            Err(_) => None,
        }));
    }
    let [both, neither] = [Some(true), Some(false)]
        .map(|outcome| read.iter().filter(|read| **read == outcome).count());
    assert!(both > 1_000 && neither > 1_000, "{both} {neither}");
}

#[test]
fn a_certificate_says_to_us_what_it_says_to_another_reader() {
    let ours = |der: &[u8]| Certificate::parse(der).map(|certificate| certificate.said());
    is_read_alike(certificates(), ours, theirs);
}

#[test]
fn a_list_says_to_us_what_it_says_to_another_reader() {
    let ours = |der: &[u8]| RevocationList::parse(der).map(|list| list.said());
    is_read_alike(lists(), ours, their_list);
}
