//! Certificates and revocation lists as a lenient reader sees them, for the conditions of the table.

use der::Decode;
use der::asn1::{ObjectIdentifier, OctetString};
use der::oid::AssociatedOid;
use teeproof_core::Instant;
use x509_cert::certificate::Rfc5280;
use x509_cert::crl::CertificateList;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlNumber, KeyUsage, SubjectKeyIdentifier,
};
use x509_cert::time::Time;

use crate::extension::SGX;

const ORGANIZATION: &str = "Intel Corporation";

/// A PEM text as dcap-qvl reads it: any blocks, whatever stands between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Whether the text is these certificates in the usual form and nothing else.
    pub(crate) regular: bool,
}

impl Chain {
    pub(crate) fn read(text: &[u8]) -> Self {
        let Ok(blocks) = pem::parse_many(text) else {
            return Self::default();
        };
        let usual: String = blocks
            .iter()
            .map(|block| pem::Pem::new("CERTIFICATE", block.contents()))
            .map(|block| pem::encode(&block))
            .collect();
        let lines = |text: &str| -> Vec<String> {
            text.trim_end_matches('\0')
                .lines()
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let regular = std::str::from_utf8(text).is_ok_and(|text| lines(text) == lines(&usual));
        Self {
            certificates: blocks.into_iter().map(pem::Pem::into_contents).collect(),
            regular,
        }
    }

    /// Whether it is not exactly so many certificates in the usual form.
    pub(crate) fn is_odd(&self, expected: usize) -> bool {
        !self.regular || self.certificates.len() != expected
    }

    /// Whether the last certificate is not the trust anchor.
    pub(crate) fn ends_elsewhere(&self, root: &[u8]) -> bool {
        self.certificates.last().is_some_and(|last| last != root)
    }
}

/// What Intel's profile demands of a role.
pub(crate) struct Profile {
    pub(crate) names: &'static [&'static str],
    pub(crate) ca: bool,
    pub(crate) sgx_extension: bool,
}

pub(crate) const TCB_SIGNING: Profile = Profile {
    names: &["Intel SGX TCB Signing"],
    ca: false,
    sgx_extension: false,
};

pub(crate) const PCK_CA: Profile = Profile {
    names: &["Intel SGX PCK Platform CA", "Intel SGX PCK Processor CA"],
    ca: true,
    sgx_extension: false,
};

pub(crate) const PCK: Profile = Profile {
    names: &["Intel SGX PCK Certificate"],
    ca: false,
    sgx_extension: true,
};

/// Whether a certificate that can be read departs from the profile of its role, or names another key
/// of its issuer than the issuer does.
pub(crate) fn departs_from(profile: &Profile, certificate: &[u8], issuer: Option<&[u8]>) -> bool {
    let Ok(certificate) = x509_cert::Certificate::from_der(certificate) else {
        return false;
    };
    let tbs = certificate.tbs_certificate();
    let subject = tbs.subject();
    let is = |part: der::Result<Option<x509_cert::ext::pkix::name::DirectoryString>>,
              allowed: &[&str]| {
        matches!(part, Ok(Some(text)) if allowed.contains(&&*text.value()))
    };
    let extensions = tbs.extensions().map_or(&[][..], Vec::as_slice);
    let usage_fits = find::<KeyUsage>(extensions).is_some_and(|usage| {
        if profile.ca {
            usage.key_cert_sign() && usage.crl_sign()
        } else {
            usage.digital_signature() && !usage.key_cert_sign() && !usage.crl_sign()
        }
    });
    let constraints_fit =
        find::<BasicConstraints>(extensions).is_some_and(|basic| basic.ca == profile.ca);
    let has_sgx = extensions.iter().any(|extension| extension.extn_id == SGX);
    !is(subject.common_name(), profile.names)
        || !is(subject.organization(), &[ORGANIZATION])
        || !usage_fits
        || !constraints_fit
        || has_sgx != profile.sgx_extension
        || issuer.is_some_and(|issuer| names_another_key(extensions, issuer))
}

/// Whether a revocation list says something about itself that the core's profile refuses and
/// dcap-qvl does not look at.
pub(crate) fn crl_departs(crl: &[u8], issuer: Option<&[u8]>) -> bool {
    let Ok(list) = CertificateList::<Rfc5280>::from_der(crl) else {
        return false;
    };
    let list = list.tbs_cert_list;
    let extensions = list.crl_extensions.as_deref().unwrap_or_default();
    let number = find::<CrlNumber>(extensions);
    let number_fits = number.is_some_and(|number| number.0.as_bytes().len() <= 8);
    let critical_unknown = extensions.iter().any(|extension| {
        extension.critical
            && extension.extn_id != CrlNumber::OID
            && extension.extn_id != AuthorityKeyIdentifier::OID
    });
    let critical_entry = list
        .revoked_certificates
        .iter()
        .flatten()
        .flat_map(|entry| entry.crl_entry_extensions.iter().flatten())
        .any(|extension| extension.critical);
    !number_fits
        || critical_unknown
        || critical_entry
        || issuer.is_some_and(|issuer| names_another_key(extensions, issuer))
}

/// `thisUpdate` of a revocation list.
pub(crate) fn this_update(crl: &[u8]) -> Option<Instant> {
    let list = CertificateList::<Rfc5280>::from_der(crl).ok()?;
    instant(list.tbs_cert_list.this_update)
}

/// `cRLNumber` does not fit 32 bits.
pub(crate) fn has_long_number(crl: &[u8]) -> bool {
    CertificateList::<Rfc5280>::from_der(crl)
        .ok()
        .and_then(|list| {
            let extensions = list.tbs_cert_list.crl_extensions?;
            Some(find::<CrlNumber>(&extensions)?.0.as_bytes().len() > 4)
        })
        .unwrap_or(false)
}

/// Whether a certificate's own dates leave an instant out.
pub(crate) fn is_outside_dates(certificate: &[u8], at: Instant) -> bool {
    let Ok(certificate) = x509_cert::Certificate::from_der(certificate) else {
        return false;
    };
    let validity = certificate.tbs_certificate().validity();
    match (instant(validity.not_before), instant(validity.not_after)) {
        (Some(from), Some(until)) => at < from || until < at,
        _ => false,
    }
}

/// Whether a certificate's serial number stands on a list.
pub(crate) fn is_listed(certificate: &[u8], crl: &[u8]) -> bool {
    let certificate = x509_cert::Certificate::from_der(certificate);
    let list = CertificateList::<Rfc5280>::from_der(crl);
    let (Ok(certificate), Ok(list)) = (certificate, list) else {
        return false;
    };
    let serial = certificate.tbs_certificate().serial_number();
    list.tbs_cert_list
        .revoked_certificates
        .iter()
        .flatten()
        .any(|entry| entry.serial_number == *serial)
}

/// The value of an extension of a certificate.
pub(crate) fn extension(certificate: &[u8], id: ObjectIdentifier) -> Option<Vec<u8>> {
    let certificate = x509_cert::Certificate::from_der(certificate).ok()?;
    certificate
        .tbs_certificate()
        .extensions()?
        .iter()
        .find(|extension| extension.extn_id == id)
        .map(|extension| extension.extn_value.as_bytes().to_vec())
}

fn find<'a, T: Decode<'a> + AssociatedOid>(extensions: &'a [Extension]) -> Option<T> {
    extensions
        .iter()
        .find(|extension| extension.extn_id == T::OID)
        .and_then(|extension| T::from_der(extension.extn_value.as_bytes()).ok())
}

fn names_another_key(extensions: &[Extension], issuer: &[u8]) -> bool {
    let stated = find::<AuthorityKeyIdentifier>(extensions).and_then(|id| id.key_identifier);
    let real = extension(issuer, SubjectKeyIdentifier::OID)
        .and_then(|value| OctetString::from_der(&value).ok());
    matches!((stated, real), (Some(stated), Some(real)) if stated != real)
}

fn instant(time: Time) -> Option<Instant> {
    Instant::from_unix(time.to_unix_duration().as_secs())
}

/// Whether two certificates are the same bytes; a missing one is the same as nothing.
pub(crate) fn same(one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    one.is_some() && one == other
}
