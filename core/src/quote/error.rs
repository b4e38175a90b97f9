//! Every way in which bytes fail to be a quote.

use alloc::vec::Vec;
use core::fmt;

use crate::bytes::Bytes;
use crate::{Reason, Value};

/// Why bytes are not a quote that this verifier knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuoteError {
    /// More bytes than [`crate::limits::QUOTE`].
    TooLarge {
        /// Bytes given.
        found: usize,
    },
    /// A field reaches past the end.
    Truncated {
        /// Offset of the field.
        offset: usize,
        /// Bytes it needs.
        wanted: usize,
        /// Bytes there are.
        left: usize,
    },
    /// Neither 3, 4 nor 5.
    Version {
        /// The version.
        found: u16,
    },
    /// A TEE type that does not go with the version.
    Tee {
        /// The quote's version.
        version: u16,
        /// The TEE type.
        found: u32,
    },
    /// Not ECDSA-256 with P-256 (type 2).
    KeyType {
        /// The attestation key type.
        found: u16,
    },
    /// Not Intel's quoting-enclave vendor id.
    Vendor {
        /// The vendor id.
        found: Bytes<16>,
    },
    /// A version 5 body type other than the three TD reports.
    BodyType {
        /// The body type.
        found: u16,
    },
    /// A version 5 body size that is not that of its body type.
    BodySize {
        /// The size declared.
        found: u32,
        /// The size of the type.
        expected: usize,
    },
    /// A certification data type that is not allowed at its place.
    CertificationType {
        /// The type.
        found: u16,
        /// The types allowed there.
        expected: &'static [u16],
    },
    /// Encrypted-PPID certification data of another length than its type has.
    CertificationLength {
        /// The length declared.
        found: usize,
        /// The length of the type.
        expected: usize,
    },
    /// Bytes left over inside a declared length.
    Leftover {
        /// The field that declares the length.
        field: &'static str,
        /// How many bytes are left.
        bytes: usize,
    },
}

impl QuoteError {
    /// The reason for the report.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::TooLarge { .. } => Reason::QuoteTooLarge,
            Self::Truncated { .. } => Reason::QuoteTruncated,
            Self::Version { .. } => Reason::QuoteVersionUnsupported,
            Self::Tee { .. } => Reason::QuoteTeeUnsupported,
            Self::KeyType { .. } => Reason::QuoteKeyTypeUnsupported,
            Self::Vendor { .. } => Reason::QuoteVendorUnknown,
            Self::BodyType { .. } => Reason::QuoteBodyType,
            Self::BodySize { .. } => Reason::QuoteBodySize,
            Self::CertificationType { .. } | Self::CertificationLength { .. } => {
                Reason::QuoteCertificationType
            }
            Self::Leftover { .. } => Reason::QuoteInnerLength,
        }
    }

    /// What was found.
    pub fn found(&self) -> Value {
        match self {
            Self::TooLarge { found } | Self::CertificationLength { found, .. } => {
                Value::count(*found)
            }
            Self::Truncated { offset, left, .. } => Value::Fields(Vec::from([
                ("offset", Value::count(*offset)),
                ("bytes", Value::count(*left)),
            ])),
            Self::Version { found }
            | Self::KeyType { found }
            | Self::BodyType { found }
            | Self::CertificationType { found, .. } => Value::Number(u64::from(*found)),
            Self::Tee { found, .. } => Value::Text(alloc::format!("0x{found:08x}")),
            Self::Vendor { found } => Value::text(found),
            Self::BodySize { found, .. } => Value::Number(u64::from(*found)),
            Self::Leftover { field, bytes } => Value::Fields(Vec::from([
                ("field", Value::from(*field)),
                ("bytes", Value::count(*bytes)),
            ])),
        }
    }

    /// What was expected.
    pub fn expected(&self) -> Value {
        match self {
            Self::TooLarge { .. } => Value::count(crate::limits::QUOTE),
            Self::Truncated { wanted, .. } => Value::count(*wanted),
            Self::Version { .. } => Value::list([3, 4, 5]),
            Self::Tee { version: 3, .. } => Value::from("0x00000000"),
            Self::Tee { .. } => Value::from("0x00000081"),
            Self::KeyType { .. } => Value::Number(2),
            Self::Vendor { .. } => Value::text(Bytes::new(super::INTEL_QE_VENDOR_ID)),
            Self::BodyType { .. } => Value::list([2, 3, 4]),
            Self::BodySize { expected, .. } | Self::CertificationLength { expected, .. } => {
                Value::count(*expected)
            }
            Self::CertificationType { expected, .. } => Value::list(*expected),
            Self::Leftover { .. } => Value::Number(0),
        }
    }
}

impl fmt::Display for QuoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.reason(), f)?;
        match self {
            Self::Truncated {
                offset,
                wanted,
                left,
            } => write!(
                f,
                ": {wanted} bytes wanted at offset {offset}, {left} are left"
            ),
            Self::Leftover { field, bytes } => write!(f, ": {bytes} bytes in {field}"),
            Self::Version { found } => write!(f, ": {found}"),
            Self::BodySize { found, expected } => write!(f, ": {found} instead of {expected}"),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for QuoteError {}
