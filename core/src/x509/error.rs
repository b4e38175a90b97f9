//! What can be wrong with one certificate or revocation list.

use alloc::string::String;
use core::fmt;

use crate::{Reason, Value};

/// Not DER, or not the structure it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl From<Malformed> for X509Error {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// What is wrong with a certificate or a revocation list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum X509Error {
    /// Not DER, not PEM, or not the structure it should be.
    Malformed,
    /// A rule of the profile is broken: which one, and what stands there.
    Profile {
        rule: &'static str,
        found: String,
        expected: &'static str,
    },
    /// The issuer's name or key identifier is not that of the next certificate.
    Issuer { found: String, expected: String },
    /// Another number of certificates than the role has.
    ChainLength { found: usize, expected: usize },
    /// Larger than its cap.
    TooLarge { found: usize, limit: usize },
}

impl X509Error {
    pub(crate) fn profile(
        rule: &'static str,
        found: impl Into<String>,
        expected: &'static str,
    ) -> Self {
        Self::Profile {
            rule,
            found: found.into(),
            expected,
        }
    }

    /// The reason when the subject is a certificate.
    pub(crate) const fn certificate_reason(&self) -> Reason {
        match self {
            Self::Malformed | Self::TooLarge { .. } => Reason::CertificateMalformed,
            Self::Profile { .. } => Reason::CertificateProfile,
            Self::Issuer { .. } => Reason::ChainIssuer,
            Self::ChainLength { .. } => Reason::ChainLength,
        }
    }

    /// The reason when the subject is a revocation list.
    pub(crate) const fn crl_reason(&self) -> Reason {
        match self {
            Self::Malformed | Self::TooLarge { .. } | Self::ChainLength { .. } => {
                Reason::CrlMalformed
            }
            Self::Profile { .. } => Reason::CrlProfile,
            Self::Issuer { .. } => Reason::CrlIssuer,
        }
    }

    pub(crate) fn found(&self) -> Option<Value> {
        match self {
            Self::Malformed => None,
            Self::Profile { rule, found, .. } => Some(Value::Fields(
                [
                    ("rule", Value::from(*rule)),
                    ("value", Value::quoted(found)),
                ]
                .into(),
            )),
            Self::Issuer { found, .. } => Some(Value::quoted(found)),
            Self::ChainLength { found, .. } | Self::TooLarge { found, .. } => {
                Some(Value::count(*found))
            }
        }
    }

    pub(crate) fn expected(&self) -> Option<Value> {
        match self {
            Self::Malformed => None,
            Self::Profile { expected, .. } => Some(Value::from(*expected)),
            Self::Issuer { expected, .. } => Some(Value::quoted(expected)),
            Self::ChainLength { expected, .. } => Some(Value::count(*expected)),
            Self::TooLarge { limit, .. } => Some(Value::count(*limit)),
        }
    }
}

impl fmt::Display for X509Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.certificate_reason(), f)
    }
}

impl core::error::Error for X509Error {}
