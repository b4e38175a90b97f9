//! Why a predictor gives no bytes.

use std::fmt;

/// Why a predictor gives no bytes. What it predicts fails on the document itself, or does something
/// that is not modelled: either way a guess would be worse than none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotPredicted {
    /// The document is no object.
    NotAnObject {
        /// What it is, in JSON's word.
        found: &'static str,
    },
    /// A field that the package does not take.
    Field {
        /// Its key, with dots inside an object, cut to 80 characters.
        name: String,
        /// What the package does with it.
        why: &'static str,
    },
    /// The bytes would be over the cap of an app-compose document.
    TooLarge {
        /// The cap in bytes.
        limit: usize,
    },
}

impl NotPredicted {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject { .. } => "predict.not-an-object",
            Self::Field { .. } => "predict.field",
            Self::TooLarge { .. } => "predict.too-large",
        }
    }

    pub(super) fn field(name: &str, why: &'static str) -> Self {
        let name = name.chars().take(80).collect();
        Self::Field { name, why }
    }
}

impl fmt::Display for NotPredicted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject { found } => {
                write!(f, "not predicted: of kind {found}, an object was expected")
            }
            Self::Field { name, why } => write!(f, "not predicted: the field {name:?}: {why}"),
            Self::TooLarge { limit } => write!(
                f,
                "not predicted: more than the {limit} bytes of an app-compose document"
            ),
        }
    }
}

impl std::error::Error for NotPredicted {}
