//! A certificate of the profile: parsed, then checked against the role it is used in.

use alloc::sync::Arc;

use ::der::asn1::ObjectIdentifier;

use super::der::{
    BIT_STRING, BOOLEAN, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, Span,
    constructed,
};
use super::{
    AUTHORITY_KEY_IDENTIFIER, Algorithm, BASIC_CONSTRAINTS, CRL_DISTRIBUTION_POINTS, Extension,
    KEY_USAGE, Malformed, PckCa, PckExtension, SUBJECT_KEY_IDENTIFIER, Signed, X509Error, name,
};
use crate::signature::{SignatureAnswer, SignatureVerifier};
use crate::time::Window;

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const PRIME256V1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ORGANIZATION: &str = "Intel Corporation";

/// Bytes of a serial number: 20 (RFC 5280), and a zero where the first bit of them is set.
const SERIAL: usize = 21;

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
    der: Arc<[u8]>,
    to_be_signed: Span,
    signature: [u8; 64],
    public_key: [u8; 64],
    subject: Span,
    issuer: Span,
    common_name: Span,
    organization: Span,
    serial: Span,
    window: Window,
    basic_constraints: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    subject_key_id: Option<Span>,
    authority_key_id: Option<Span>,
    pck_extension: Option<Span>,
}

/// `BasicConstraints`, but for the length of the path: the chain has one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct BasicConstraints {
    ca: bool,
}

/// The first eight bits of `KeyUsage`; the ninth is of no interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct KeyUsage(u8);

impl KeyUsage {
    const DIGITAL_SIGNATURE: u8 = 0x80;
    const KEY_CERT_SIGN: u8 = 0x04;
    const CRL_SIGN: u8 = 0x02;

    const fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

impl Certificate {
    /// Parses one certificate and holds it to what all roles share.
    pub(crate) fn parse(der: &[u8]) -> Result<Self, X509Error> {
        let signed = Signed::parse(der)?;
        let mut reader = signed.to_be_signed.reader();
        let version = match reader.optional(constructed(0))? {
            None => None,
            Some(version) => {
                let mut inner = version.reader();
                let version = inner.expect(INTEGER)?.number()?;
                inner.finish()?;
                version
            }
        };
        if version != Some(2) {
            return Err(X509Error::profile("version", "", "3"));
        }
        let serial = reader.expect(INTEGER)?;
        if serial.integer()?.len() > SERIAL {
            return Err(X509Error::Malformed);
        }
        signed.check_algorithm(&Algorithm::read(&mut reader)?)?;
        let issuer = reader.expect(SEQUENCE)?;
        name::parts(&issuer)?;
        let mut validity = reader.inside(SEQUENCE)?;
        let window = Window {
            not_before: validity.element()?.instant()?,
            not_after: validity.element()?.instant()?,
        };
        validity.finish()?;
        let subject = reader.expect(SEQUENCE)?;
        let public_key = public_key(&reader.expect(SEQUENCE)?)?;
        let parts = name::parts(&subject)?;
        let text = |part: Option<Element<'_>>| part.map_or(0..0, |part| part.span());
        let mut parsed = Self {
            to_be_signed: signed.to_be_signed.whole_span(),
            signature: signed.signature,
            public_key,
            common_name: text(parts.common_name),
            organization: text(parts.organization),
            subject: subject.whole_span(),
            issuer: issuer.whole_span(),
            serial: serial.span(),
            window,
            basic_constraints: None,
            key_usage: None,
            subject_key_id: None,
            authority_key_id: None,
            pck_extension: None,
            der: Arc::from(der),
        };
        Extension::take_all(&mut reader, constructed(3), |extension| {
            parsed.take_extension(extension)
        })?;
        reader.finish()?;
        Ok(parsed)
    }

    fn take_extension(&mut self, extension: &Extension<'_>) -> Result<(), X509Error> {
        let oid = extension.oid;
        let twice = if oid == BASIC_CONSTRAINTS.as_bytes() {
            let read = basic_constraints(extension)?;
            self.basic_constraints.replace(read).is_some()
        } else if oid == KEY_USAGE.as_bytes() {
            let read = KeyUsage(extension.element()?.first_bits()?);
            self.key_usage.replace(read).is_some()
        } else if oid == SUBJECT_KEY_IDENTIFIER.as_bytes() {
            let id = extension.element()?.tagged(OCTET_STRING)?;
            self.subject_key_id.replace(id.span()).is_some()
        } else if oid == AUTHORITY_KEY_IDENTIFIER.as_bytes() {
            let id = extension.authority_key_id()?.ok_or(X509Error::Malformed)?;
            self.authority_key_id.replace(id.span()).is_some()
        } else if oid == PckExtension::OID.as_bytes() {
            self.pck_extension.replace(extension.value.span()).is_some()
        } else if oid == CRL_DISTRIBUTION_POINTS.as_bytes() {
            // Where a list lives is of no interest: lists are given, never fetched.
            false
        } else if extension.critical {
            return Err(extension.unknown());
        } else {
            false
        };
        if twice {
            return Err(extension.twice());
        }
        Ok(())
    }

    fn bytes(&self, span: &Span) -> &[u8] {
        self.der.get(span.clone()).unwrap_or_default()
    }

    fn text(&self, span: &Span) -> &str {
        core::str::from_utf8(self.bytes(span)).unwrap_or_default()
    }

    /// Holds the certificate to the form that Intel gives a role.
    pub(crate) fn check_role(&self, role: Role) -> Result<(), X509Error> {
        let common_name = self.text(&self.common_name);
        if common_name != role.common_name() {
            return Err(X509Error::profile(
                "commonName",
                common_name,
                role.common_name(),
            ));
        }
        let organization = self.text(&self.organization);
        if organization != ORGANIZATION {
            return Err(X509Error::profile(
                "organization",
                organization,
                ORGANIZATION,
            ));
        }
        let is_ca = self.basic_constraints.is_some_and(|basic| basic.ca);
        if self.basic_constraints.is_none() || is_ca != role.is_ca() {
            return Err(X509Error::profile(
                "basicConstraints",
                if is_ca { "CA" } else { "no CA" },
                if role.is_ca() { "CA" } else { "no CA" },
            ));
        }
        let usage_fits = self.key_usage.is_some_and(|usage| {
            let (certificates, lists) = (
                usage.has(KeyUsage::KEY_CERT_SIGN),
                usage.has(KeyUsage::CRL_SIGN),
            );
            if role.is_ca() {
                certificates && lists
            } else {
                usage.has(KeyUsage::DIGITAL_SIGNATURE) && !certificates && !lists
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
            .find(|ca| Role::PckCa(*ca).common_name() == self.text(&self.common_name))
    }

    /// Whether names and key identifiers say that `issuer` issued this certificate.
    pub(crate) fn check_issuer(&self, issuer: &Self) -> Result<(), X509Error> {
        let key_id = self.authority_key_id.as_ref().map(|id| self.bytes(id));
        check_issuer(self.bytes(&self.issuer), key_id, issuer)
    }

    /// Checks the signature with the issuer's key.
    pub(crate) fn verify_signature(
        &self,
        issuer: &Self,
        signatures: &dyn SignatureVerifier,
    ) -> SignatureAnswer {
        signatures.verify_endorsement(
            &issuer.public_key,
            self.bytes(&self.to_be_signed),
            &self.signature,
        )
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) const fn public_key(&self) -> &[u8; 64] {
        &self.public_key
    }

    pub(crate) fn serial(&self) -> &[u8] {
        self.bytes(&self.serial)
    }

    pub(crate) const fn window(&self) -> Window {
        self.window
    }

    /// Subject and issuer in DER, for tests beside another reader.
    #[cfg(test)]
    pub(super) fn names(&self) -> [&[u8]; 2] {
        [self.bytes(&self.subject), self.bytes(&self.issuer)]
    }

    /// The signature, for tests beside another reader.
    #[cfg(test)]
    pub(super) const fn raw_signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The SGX extension's value, where there is one.
    pub(crate) fn pck_extension(&self) -> Option<&[u8]> {
        self.pck_extension
            .as_ref()
            .map(|extension| self.bytes(extension))
    }
}

/// Name and key identifier of an issuer, as a certificate or a revocation list states them. The name
/// is in DER, in which equal names are equal bytes.
pub(super) fn check_issuer(
    stated_name: &[u8],
    key_id: Option<&[u8]>,
    issuer: &Certificate,
) -> Result<(), X509Error> {
    let subject = issuer.bytes(&issuer.subject);
    if stated_name != subject {
        return Err(X509Error::Issuer {
            found: name::display(stated_name),
            expected: name::display(subject),
        });
    }
    let real = issuer.subject_key_id.as_ref().map(|id| issuer.bytes(id));
    match (key_id, real) {
        (Some(stated), Some(real)) if stated != real => Err(X509Error::Issuer {
            found: crate::encode_hex(stated),
            expected: crate::encode_hex(real),
        }),
        _ => Ok(()),
    }
}

fn basic_constraints(extension: &Extension<'_>) -> Result<BasicConstraints, Malformed> {
    let mut inner = extension.element()?.tagged(SEQUENCE)?.reader();
    let ca = match inner.optional(BOOLEAN)? {
        Some(flag) => flag.boolean()?,
        None => false,
    };
    if let Some(path_length) = inner.optional(INTEGER)? {
        path_length.unsigned()?;
    }
    inner.finish()?;
    Ok(BasicConstraints { ca })
}

/// The point of a `SubjectPublicKeyInfo`, x‖y.
fn public_key(info: &Element<'_>) -> Result<[u8; 64], X509Error> {
    let mut inner = info.reader();
    let algorithm = Algorithm::read(&mut inner)?;
    let bits = inner.expect(BIT_STRING)?.whole_bytes()?;
    inner.finish()?;
    let on_the_curve = algorithm.oid == EC_PUBLIC_KEY.as_bytes()
        && algorithm.parameters.is_some_and(|curve| {
            curve.tag == OBJECT_IDENTIFIER && curve.content == PRIME256V1.as_bytes()
        });
    match bits {
        // Uncompressed, SEC 1.
        [0x04, point @ ..] if on_the_curve => <[u8; 64]>::try_from(point).ok(),
        _ => None,
    }
    .ok_or_else(|| {
        X509Error::profile(
            "publicKey",
            crate::encode_hex(info.whole),
            "P-256, uncompressed",
        )
    })
}
