//! Why no document is built.

use std::fmt;

use crate::document::DocumentError;
use crate::manifest::ManifestError;
use crate::predict::NotPredicted;
use crate::yaml::YamlError;

/// Why no document is built.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// The settings are over the cap.
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes at most.
        limit: usize,
    },
    /// The settings are no TOML.
    Toml {
        /// The parser's words, and where.
        message: String,
    },
    /// A key that no field of an app-compose document has.
    UnknownField {
        /// The key.
        name: String,
    },
    /// A key that is set in another way.
    Misplaced {
        /// The key.
        name: String,
        /// Where it belongs.
        place: &'static str,
    },
    /// A value of another kind than its field.
    WrongKind {
        /// The field.
        name: String,
        /// What was expected, in words.
        expected: &'static str,
    },
    /// There is no name.
    NoName,
    /// A guest would refuse the manifest's version.
    Manifest(ManifestError),
    /// A script's file was not given.
    NoScript {
        /// Its path in the settings.
        path: String,
    },
    /// A file that is not UTF-8.
    Encoding {
        /// Its path, or what it is.
        path: String,
    },
    /// The docker-compose file cannot be read.
    Yaml(YamlError),
    /// The docker-compose file has no service.
    NoServices,
    /// Over what Phala Cloud takes.
    OverPhalaCap {
        /// Bytes of docker-compose file and pre-launch script together.
        found: usize,
        /// Bytes at most.
        limit: usize,
    },
    /// The bytes cannot be told.
    NotPredicted(NotPredicted),
    /// What came out is no document: nested too deep for one.
    Document(DocumentError),
}

impl BuildError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "build.too-large",
            Self::Toml { .. } => "build.not-toml",
            Self::UnknownField { .. } => "build.unknown-field",
            Self::Misplaced { .. } => "build.misplaced",
            Self::WrongKind { .. } => "build.wrong-kind",
            Self::NoName => "build.no-name",
            Self::Manifest(_) => "build.manifest",
            Self::NoScript { .. } => "build.no-script",
            Self::Encoding { .. } => "build.encoding",
            Self::Yaml(_) => "build.yaml",
            Self::NoServices => "build.no-services",
            Self::OverPhalaCap { .. } => "build.over-phala-cap",
            Self::NotPredicted(_) => "build.not-predicted",
            Self::Document(_) => "build.no-document",
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { found, limit } => {
                write!(f, "settings of {found} bytes, over the cap of {limit}")
            }
            Self::Toml { message } => write!(f, "the settings are no TOML: {message}"),
            Self::UnknownField { name } => {
                write!(f, "{name:?} is no field of an app-compose document")
            }
            Self::Misplaced { name, place } => write!(f, "{name:?} does not go here: {place}"),
            Self::WrongKind { name, expected } => {
                write!(f, "{name:?} is of another kind, {expected} was expected")
            }
            Self::NoName => f.write_str("no name: the settings need `name`"),
            Self::Manifest(error) => error.fmt(f),
            Self::NoScript { path } => write!(f, "the script {path:?} was not given"),
            Self::Encoding { path } => write!(f, "{path:?} is not UTF-8"),
            Self::Yaml(error) => write!(f, "the docker-compose file: {error}"),
            Self::NoServices => f.write_str("the docker-compose file has no service"),
            Self::OverPhalaCap { found, limit } => write!(
                f,
                "docker-compose file and pre-launch script have {found} bytes together; Phala Cloud takes {limit}"
            ),
            Self::NotPredicted(error) => error.fmt(f),
            Self::Document(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BuildError {}
