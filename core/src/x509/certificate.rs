//! A certificate of the profile: parsed, then checked against the role it is used in.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use x509_cert::TbsCertificate;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::name::DirectoryString;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints, KeyUsage, SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::{PckCa, PckExtension, Signed, X509Error, is_ecdsa_with_sha256};
use crate::signature::{SignatureAnswer, SignatureVerifier};
use crate::time::{Instant, Window};

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const PRIME256V1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ORGANIZATION: &str = "Intel Corporation";

/// What a certificate is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Root,
    PckCa(PckCa),
    Pck,
    TcbSigning,
}

impl Role {
    /// The common name Intel gives the role.
    const fn common_name(self) -> &'static str {
        match self {
            Self::Root => "Intel SGX Root CA",
            Self::PckCa(PckCa::Processor) => "Intel SGX PCK Processor CA",
            Self::PckCa(PckCa::Platform) => "Intel SGX PCK Platform CA",
            Self::Pck => "Intel SGX PCK Certificate",
            Self::TcbSigning => "Intel SGX TCB Signing",
        }
    }

    /// The word used in reports.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root-ca",
            Self::PckCa(PckCa::Processor) => "pck-processor-ca",
            Self::PckCa(PckCa::Platform) => "pck-platform-ca",
            Self::Pck => "pck",
            Self::TcbSigning => "tcb-signing",
        }
    }

    const fn is_ca(self) -> bool {
        matches!(self, Self::Root | Self::PckCa(_))
    }
}

/// A parsed certificate. Nothing about it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    to_be_signed: Vec<u8>,
    signature: [u8; 64],
    public_key: [u8; 64],
    subject: Name,
    issuer: Name,
    common_name: String,
    organization: String,
    serial: Vec<u8>,
    window: Window,
    basic_constraints: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    pck_extension: Option<Vec<u8>>,
}

impl Certificate {
    /// Parses one certificate and holds it to what all roles share.
    pub(crate) fn parse(der: &[u8]) -> Result<Self, X509Error> {
        let signed = Signed::parse(der)?;
        let certificate =
            TbsCertificate::from_der(signed.to_be_signed).map_err(|_| X509Error::Malformed)?;
        if certificate.version() != Version::V3 {
            return Err(X509Error::profile("version", "", "3"));
        }
        if !is_ecdsa_with_sha256(&signed.algorithm)
            || !is_ecdsa_with_sha256(certificate.signature())
        {
            return Err(X509Error::profile(
                "signatureAlgorithm",
                signed.algorithm.oid.to_string(),
                "ecdsa-with-SHA256",
            ));
        }
        let validity = certificate.validity();
        let mut parsed = Self {
            der: der.to_vec(),
            to_be_signed: signed.to_be_signed.to_vec(),
            signature: signed.signature,
            public_key: public_key(certificate.subject_public_key_info())?,
            common_name: name_part(certificate.subject().common_name())?,
            organization: name_part(certificate.subject().organization())?,
            subject: certificate.subject().clone(),
            issuer: certificate.issuer().clone(),
            serial: certificate.serial_number().as_bytes().to_vec(),
            window: Window {
                not_before: Instant::from_date_time(validity.not_before.to_date_time()),
                not_after: Instant::from_date_time(validity.not_after.to_date_time()),
            },
            basic_constraints: None,
            key_usage: None,
            subject_key_id: None,
            authority_key_id: None,
            pck_extension: None,
        };
        parsed.read_extensions(&certificate)?;
        Ok(parsed)
    }

    fn read_extensions(&mut self, certificate: &TbsCertificate) -> Result<(), X509Error> {
        for extension in certificate.extensions().into_iter().flatten() {
            let value = extension.extn_value.as_bytes();
            let twice = match extension.extn_id {
                BasicConstraints::OID => self.basic_constraints.replace(decode(value)?).is_some(),
                KeyUsage::OID => self.key_usage.replace(decode(value)?).is_some(),
                SubjectKeyIdentifier::OID => {
                    let id: SubjectKeyIdentifier = decode(value)?;
                    self.subject_key_id
                        .replace(id.0.as_bytes().to_vec())
                        .is_some()
                }
                AuthorityKeyIdentifier::OID => {
                    let id: AuthorityKeyIdentifier = decode(value)?;
                    let id = id.key_identifier.ok_or(X509Error::Malformed)?;
                    self.authority_key_id
                        .replace(id.as_bytes().to_vec())
                        .is_some()
                }
                PckExtension::OID => self.pck_extension.replace(value.to_vec()).is_some(),
                // Where a list lives is of no interest: lists are given, never fetched.
                CrlDistributionPoints::OID => false,
                unknown if extension.critical => {
                    return Err(X509Error::profile(
                        "criticalExtension",
                        unknown.to_string(),
                        "none that is unknown",
                    ));
                }
                _ => false,
            };
            if twice {
                return Err(X509Error::profile(
                    "duplicateExtension",
                    extension.extn_id.to_string(),
                    "each once",
                ));
            }
        }
        Ok(())
    }

    /// Holds the certificate to the form that Intel gives a role.
    pub(crate) fn check_role(&self, role: Role) -> Result<(), X509Error> {
        if self.common_name != role.common_name() {
            return Err(X509Error::profile(
                "commonName",
                self.common_name.clone(),
                role.common_name(),
            ));
        }
        if self.organization != ORGANIZATION {
            return Err(X509Error::profile(
                "organization",
                self.organization.clone(),
                ORGANIZATION,
            ));
        }
        let is_ca = self
            .basic_constraints
            .as_ref()
            .is_some_and(|basic| basic.ca);
        if self.basic_constraints.is_none() || is_ca != role.is_ca() {
            return Err(X509Error::profile(
                "basicConstraints",
                if is_ca { "CA" } else { "no CA" },
                if role.is_ca() { "CA" } else { "no CA" },
            ));
        }
        let usage_fits = self.key_usage.as_ref().is_some_and(|usage| {
            if role.is_ca() {
                usage.key_cert_sign() && usage.crl_sign()
            } else {
                usage.digital_signature() && !usage.key_cert_sign() && !usage.crl_sign()
            }
        });
        if !usage_fits {
            return Err(X509Error::profile(
                "keyUsage",
                "",
                if role.is_ca() {
                    "keyCertSign, cRLSign"
                } else {
                    "digitalSignature"
                },
            ));
        }
        if (role == Role::Pck) != self.pck_extension.is_some() {
            return Err(X509Error::profile(
                "sgxExtension",
                "",
                "in the PCK certificate only",
            ));
        }
        Ok(())
    }

    /// The CA of a PCK chain, told by its name.
    pub(crate) fn pck_ca(&self) -> Option<PckCa> {
        [PckCa::Processor, PckCa::Platform]
            .into_iter()
            .find(|ca| Role::PckCa(*ca).common_name() == self.common_name)
    }

    /// Whether names and key identifiers say that `issuer` issued this certificate.
    pub(crate) fn check_issuer(&self, issuer: &Self) -> Result<(), X509Error> {
        check_issuer(&self.issuer, self.authority_key_id.as_deref(), issuer)
    }

    /// Checks the signature with the issuer's key.
    pub(crate) fn verify_signature(
        &self,
        issuer: &Self,
        signatures: &dyn SignatureVerifier,
    ) -> SignatureAnswer {
        signatures.verify(&issuer.public_key, &self.to_be_signed, &self.signature)
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) const fn public_key(&self) -> &[u8; 64] {
        &self.public_key
    }

    pub(crate) fn serial(&self) -> &[u8] {
        &self.serial
    }

    pub(crate) const fn window(&self) -> Window {
        self.window
    }

    /// The SGX extension's value, where there is one.
    pub(crate) fn pck_extension(&self) -> Option<&[u8]> {
        self.pck_extension.as_deref()
    }
}

/// Name and key identifier of an issuer, as a certificate or a revocation list states them.
pub(super) fn check_issuer(
    name: &Name,
    key_id: Option<&[u8]>,
    issuer: &Certificate,
) -> Result<(), X509Error> {
    if *name != issuer.subject {
        return Err(X509Error::Issuer {
            found: name.to_string(),
            expected: issuer.subject.to_string(),
        });
    }
    match (key_id, issuer.subject_key_id.as_deref()) {
        (Some(stated), Some(real)) if stated != real => Err(X509Error::Issuer {
            found: crate::encode_hex(stated),
            expected: crate::encode_hex(real),
        }),
        _ => Ok(()),
    }
}

pub(super) fn decode<'a, T: Decode<'a>>(value: &'a [u8]) -> Result<T, X509Error> {
    T::from_der(value).map_err(|_| X509Error::Malformed)
}

fn name_part(part: der::Result<Option<DirectoryString>>) -> Result<String, X509Error> {
    Ok(part
        .map_err(|_| X509Error::Malformed)?
        .map(|part| String::from(part.value()))
        .unwrap_or_default())
}

fn public_key(info: &SubjectPublicKeyInfoOwned) -> Result<[u8; 64], X509Error> {
    let curve = info
        .algorithm
        .parameters
        .as_ref()
        .and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
    let point = info
        .subject_public_key
        .as_bytes()
        .and_then(|bytes| bytes.split_first())
        .filter(|(form, _)| **form == 0x04)
        .and_then(|(_, point)| <[u8; 64]>::try_from(point).ok());
    match point {
        Some(point) if info.algorithm.oid == EC_PUBLIC_KEY && curve == Some(PRIME256V1) => {
            Ok(point)
        }
        _ => Err(X509Error::profile(
            "publicKey",
            info.to_der()
                .map_or_else(|_| String::new(), |der| crate::encode_hex(&der)),
            "P-256, uncompressed",
        )),
    }
}
