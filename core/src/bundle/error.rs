//! Why a file is not a bundle, or evidence cannot be packed.

use alloc::boxed::Box;
use core::fmt;

use super::BUNDLE_SCHEMA;
use crate::bytes::HexError;
use crate::collateral::CollateralFormatError;
use crate::json::JsonError;
use crate::quoted::Quoted;

/// What a bundle can never bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForbiddenContent {
    /// A trust anchor.
    TrustAnchor,
    /// A policy, or approved values.
    Policy,
    /// The instant for which evidence is judged.
    Instant,
    /// A verdict or a report.
    Verdict,
}

impl ForbiddenContent {
    /// What a key stands for, when it is one of those that people would try.
    pub(super) fn of_key(key: &str) -> Option<Self> {
        match key {
            "root" | "roots" | "rootCa" | "root_ca" | "trustAnchor" | "trust_anchor"
            | "trustAnchors" | "anchor" | "anchors" => Some(Self::TrustAnchor),
            "policy" | "policies" | "expect" | "expected" | "approved" | "reference"
            | "referenceValues" => Some(Self::Policy),
            "at" | "now" | "time" | "instant" | "clock" | "validAt" => Some(Self::Instant),
            "verdict" | "report" | "result" | "checks" => Some(Self::Verdict),
            _ => None,
        }
    }
}

impl fmt::Display for ForbiddenContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TrustAnchor => {
                "a bundle never brings a trust anchor: the verifier has it, or is given it"
            }
            Self::Policy => "a bundle never brings a policy: whoever judges brings it",
            Self::Instant => {
                "a bundle never brings the instant of judgement: whoever judges brings it (`capturedAt` tells when it was packed)"
            }
            Self::Verdict => "a bundle never brings a verdict: it is made anew from the evidence",
        })
    }
}

/// Why a file is not a bundle, or evidence cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// Larger than the cap for any input.
    TooLarge {
        /// Bytes found.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not JSON that this crate reads.
    Json(JsonError),
    /// JSON, and not an object.
    NotAnObject,
    /// No `schema`, or not a string.
    NoSchema,
    /// The `schema` of something else.
    OtherSchema {
        /// The schema named.
        schema: Box<str>,
    },
    /// A newer major version than this release reads.
    NewerMajor {
        /// The major version named.
        found: u64,
    },
    /// A key for something that a bundle can never bring.
    Forbidden {
        /// The key.
        key: Box<str>,
        /// What it stands for.
        what: ForbiddenContent,
    },
    /// A key that the format does not have.
    UnknownKey {
        /// The key.
        key: Box<str>,
    },
    /// A key that the format demands is absent.
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A value of another type than the format has.
    WrongType {
        /// Its key.
        key: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A part that is there and empty.
    Empty {
        /// Its key.
        key: &'static str,
    },
    /// A part larger than its cap.
    FieldTooLarge {
        /// Its key.
        key: &'static str,
        /// Bytes (or entries) found.
        size: usize,
        /// Bytes (or entries) allowed.
        limit: usize,
    },
    /// A value that is not the hex it should be.
    Hex {
        /// Its key.
        key: &'static str,
        /// What is wrong with it.
        error: HexError,
    },
    /// `capturedAt` is no date of the form `2025-06-19T10:16:03Z`.
    CapturedAt {
        /// What it is.
        text: Box<str>,
    },
    /// A malformed collateral.
    Collateral {
        /// Which one, counted from 0.
        index: usize,
        /// What is wrong with it.
        error: CollateralFormatError,
    },
    /// More collateral files than allowed.
    TooManyCollaterals {
        /// Files allowed.
        limit: usize,
    },
    /// Evidence without a quote cannot be packed.
    NoQuote,
    /// Bytes that are not UTF-8 cannot be packed: a bundle carries them as text.
    NotUtf8 {
        /// The key they would have.
        key: &'static str,
        /// Bytes of valid UTF-8 before the fault.
        offset: usize,
    },
    /// Two self-reported values of one name cannot be packed.
    RepeatedName {
        /// The name.
        name: Box<str>,
    },
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size, limit } => {
                write!(f, "a bundle of {size} bytes, more than the {limit} allowed")
            }
            Self::Json(error) => fmt::Display::fmt(error, f),
            Self::NotAnObject => f.write_str("a bundle is a JSON object, and this is not one"),
            Self::NoSchema => write!(f, "a bundle names its `schema`, `{BUNDLE_SCHEMA}`"),
            Self::OtherSchema { schema } => {
                write!(f, "the schema {} is not `{BUNDLE_SCHEMA}`", Quoted(schema))
            }
            Self::NewerMajor { found } => write!(
                f,
                "a bundle of version {found}; this release reads `{BUNDLE_SCHEMA}`, so use a newer one"
            ),
            Self::Forbidden { key, what } => write!(f, "{}: {what}", Quoted(key)),
            Self::UnknownKey { key } => write!(
                f,
                "a bundle of this version has no key {}; a newer release may have written it",
                Quoted(key)
            ),
            Self::MissingKey { key } => write!(f, "the bundle lacks `{key}`"),
            Self::WrongType { key, expected } => {
                write!(f, "`{key}` of the bundle is not {expected}")
            }
            Self::Empty { key } => write!(f, "`{key}` of the bundle is empty; leave it out"),
            Self::FieldTooLarge { key, size, limit } => {
                write!(
                    f,
                    "`{key}` of the bundle: {size}, more than the {limit} allowed"
                )
            }
            Self::Hex { key, error } => write!(f, "`{key}` of the bundle: {error}"),
            Self::CapturedAt { text } => write!(
                f,
                "`capturedAt` is {}, not a date of the form 2025-06-19T10:16:03Z",
                Quoted(text)
            ),
            Self::Collateral { index, error } => write!(f, "`collateral[{index}]`: {error}"),
            Self::TooManyCollaterals { limit } => {
                write!(
                    f,
                    "more than the {limit} collateral files allowed in a bundle"
                )
            }
            Self::NoQuote => f.write_str("evidence without a quote cannot be packed"),
            Self::NotUtf8 { key, offset } => write!(
                f,
                "`{key}` is not UTF-8 at byte {offset}, so a bundle cannot carry its exact bytes; keep it as a file"
            ),
            Self::RepeatedName { name } => {
                write!(f, "two self-reported values are named {}", Quoted(name))
            }
        }
    }
}

impl core::error::Error for BundleError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Hex { error, .. } => Some(error),
            Self::Collateral { error, .. } => Some(error),
            _ => None,
        }
    }
}
