//! Why a text is not YAML that is read here.

use std::fmt;

use super::Place;
use crate::limits;

/// Why a text is not YAML that is read here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum YamlError {
    /// Over [`limits::YAML`] bytes.
    TooLarge {
        /// Bytes of the text.
        found: usize,
    },
    /// Not UTF-8.
    Encoding {
        /// Bytes of valid UTF-8 before the fault.
        offset: usize,
    },
    /// Not well-formed.
    Syntax {
        /// Where.
        place: Place,
        /// What the parser says.
        what: String,
    },
    /// Nested deeper than [`limits::YAML_DEPTH`].
    TooDeep {
        /// Where.
        place: Place,
    },
    /// Over [`limits::YAML_NODES`] nodes or [`limits::YAML_TEXT`] bytes, aliases taken for what they
    /// name.
    TooMany {
        /// Where.
        place: Place,
    },
    /// A mapping with more than [`limits::YAML_KEYS`] keys.
    TooManyKeys {
        /// Where.
        place: Place,
    },
    /// A key stands twice in one mapping.
    DuplicateKey {
        /// Where, the second time.
        place: Place,
        /// The key.
        key: String,
    },
    /// A key that is not a scalar.
    ComplexKey {
        /// Where.
        place: Place,
    },
    /// A tag other than the plain ones of YAML itself, `!reset` for one.
    Tag {
        /// Where.
        place: Place,
    },
    /// An alias inside of what it names.
    Circular {
        /// Where.
        place: Place,
    },
    /// A merge key whose value is no mapping.
    Merge {
        /// Where.
        place: Place,
    },
    /// A second document in the same text.
    SecondDocument {
        /// Where.
        place: Place,
    },
}

impl YamlError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "yaml.too-large",
            Self::Encoding { .. } => "yaml.encoding",
            Self::Syntax { .. } => "yaml.syntax",
            Self::TooDeep { .. } => "yaml.too-deep",
            Self::TooMany { .. } => "yaml.too-many-nodes",
            Self::TooManyKeys { .. } => "yaml.too-many-keys",
            Self::DuplicateKey { .. } => "yaml.duplicate-key",
            Self::ComplexKey { .. } => "yaml.complex-key",
            Self::Tag { .. } => "yaml.tag",
            Self::Circular { .. } => "yaml.circular-alias",
            Self::Merge { .. } => "yaml.merge",
            Self::SecondDocument { .. } => "yaml.second-document",
        }
    }

    /// Where, if it is anywhere in particular.
    pub const fn place(&self) -> Option<Place> {
        match self {
            Self::TooLarge { .. } | Self::Encoding { .. } => None,
            Self::Syntax { place, .. }
            | Self::TooDeep { place }
            | Self::TooMany { place }
            | Self::TooManyKeys { place }
            | Self::DuplicateKey { place, .. }
            | Self::ComplexKey { place }
            | Self::Tag { place }
            | Self::Circular { place }
            | Self::Merge { place }
            | Self::SecondDocument { place } => Some(*place),
        }
    }
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { found } => {
                write!(f, "{found} bytes, over the cap of {}", limits::YAML)
            }
            Self::Encoding { offset } => write!(f, "not UTF-8 at byte {offset}"),
            Self::Syntax { place, what } => write!(f, "not well-formed YAML at {place}: {what}"),
            Self::TooDeep { place } => write!(
                f,
                "nested deeper than {} levels, at {place}",
                limits::YAML_DEPTH
            ),
            Self::TooMany { place } => write!(
                f,
                "over {} nodes or {} bytes once aliases stand for what they name, at {place}",
                limits::YAML_NODES,
                limits::YAML_TEXT
            ),
            Self::TooManyKeys { place } => write!(
                f,
                "a mapping with more than {} keys, at {place}",
                limits::YAML_KEYS
            ),
            Self::DuplicateKey { place, key } => write!(
                f,
                "the key `{}` stands twice in one mapping, at {place}",
                shown(key)
            ),
            Self::ComplexKey { place } => write!(f, "a key that is not a plain value, at {place}"),
            Self::Tag { place } => write!(f, "a tag that is not one of YAML's own, at {place}"),
            Self::Circular { place } => write!(f, "an alias inside of what it names, at {place}"),
            Self::Merge { place } => {
                write!(f, "a merge of something that is no mapping, at {place}")
            }
            Self::SecondDocument { place } => write!(f, "a second document, at {place}"),
        }
    }
}

impl std::error::Error for YamlError {}

/// Text from outside, safe to print and of bounded length.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}
