//! The manifest's version, by the rules of the guest.
//!
//! Source: dstack, `deserialize_manifest_version` in `dstack-types`.

use std::fmt;

use crate::document::AppCompose;
use crate::json::Json;

/// Why a guest refuses a manifest's version, and with it the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestError {
    /// There is none.
    Missing,
    /// A number other than 1 and 2. From 3 on the version is a text, so that an older guest, which
    /// takes numbers only, refuses the document.
    Number {
        /// The number as it was written, cut to 40 characters.
        text: String,
    },
    /// A text that is no whole number above zero in its plainest form.
    Text {
        /// The text, cut to 40 characters.
        text: String,
    },
    /// Neither a number nor a text.
    Kind {
        /// What it is, in JSON's word.
        found: &'static str,
    },
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("manifest_version: ")?;
        match self {
            Self::Missing => f.write_str("missing; a guest starts nothing without it"),
            Self::Number { text } => write!(
                f,
                "the number {text}; as a number only 1 and 2 are read, write later ones as a text"
            ),
            Self::Text { text } => write!(f, "{text:?} is no whole number such as \"3\""),
            Self::Kind { found } => write!(f, "of kind {found}; a number or a text was expected"),
        }
    }
}

impl std::error::Error for ManifestError {}

impl AppCompose {
    /// The manifest's version as a guest reads it: 1 and 2 as numbers, any as a text. Versions to 3
    /// are known here. Guests before 0.6.0 read numbers only.
    ///
    /// # Errors
    /// [`ManifestError`], where a guest refuses the document.
    pub fn manifest(&self) -> Result<u32, ManifestError> {
        let cut = |text: &str| text.chars().take(40).collect();
        match self.get("manifest_version") {
            None => Err(ManifestError::Missing),
            Some(Json::Number(text)) => match text.as_str() {
                "1" => Ok(1),
                "2" => Ok(2),
                _ => Err(ManifestError::Number { text: cut(text) }),
            },
            Some(Json::String(text)) => {
                let version = text.trim();
                version
                    .parse::<u32>()
                    .ok()
                    .filter(|number| *number > 0 && number.to_string() == version)
                    .ok_or_else(|| ManifestError::Text { text: cut(text) })
            }
            Some(other) => Err(ManifestError::Kind {
                found: other.kind(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(value: &str) -> Result<u32, ManifestError> {
        let text = format!("{{\"manifest_version\":{value}}}");
        AppCompose::parse(text.as_bytes()).unwrap().manifest()
    }

    #[test]
    fn versions_are_read_as_a_guest_reads_them() {
        for (value, version) in [
            ("1", 1),
            ("2", 2),
            ("\"1\"", 1),
            ("\"3\"", 3),
            ("\" 3\\n\"", 3),
        ] {
            assert_eq!(manifest(value), Ok(version), "{value}");
        }
        for number in ["3", "0", "-1", "2.0", "1e0", "4294967296"] {
            let text = number.to_owned();
            assert_eq!(manifest(number), Err(ManifestError::Number { text }));
        }
        for text in ["", "0", "03", "+3", "v3", "3.0", "4294967296"] {
            let wrong = manifest(&format!("\"{text}\""));
            assert_eq!(wrong, Err(ManifestError::Text { text: text.into() }));
        }
        assert_eq!(manifest("null"), Err(ManifestError::Missing));
        let found = "array";
        assert_eq!(manifest("[]"), Err(ManifestError::Kind { found }));
    }
}
