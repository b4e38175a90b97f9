//! The compose hash, and the digest that is so often mistaken for it.

use alloc::string::ToString;
use core::fmt;
use core::str::FromStr;

use crate::bytes::{Bytes32, HexError, sha256};
use crate::limits;
use crate::reason::Reason;
use crate::value::Value;

/// The compose hash: SHA-256 of the exact bytes of `app-compose.json` (32 bytes, written as 64 hex
/// digits). Nothing is parsed, sorted or reformatted before hashing.
///
/// Source: dstack, `sha256_file(app_compose_file)` in the guest's system setup; the guest measures
/// it into RTMR3 as the event `compose-hash`.
///
/// It is not the digest of a docker-compose file: see [`DockerComposeDigest`]. The two are
/// different types and cannot be compared:
///
/// ```compile_fail,E0308
/// use teeproof_core::{ComposeHash, DockerComposeDigest};
/// let app = ComposeHash::of(b"{}").unwrap();
/// let docker = DockerComposeDigest::of(b"{}").unwrap();
/// assert!(app != docker);
/// ```
///
/// ```
/// use teeproof_core::{ComposeHash, DockerComposeDigest};
/// let app = ComposeHash::of(b"{}").unwrap();
/// let docker = DockerComposeDigest::of(b"{}").unwrap();
/// assert!(app == ComposeHash::of(b"{}").unwrap());
/// assert!(docker == DockerComposeDigest::of(b"{}").unwrap());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComposeHash(Bytes32);

impl ComposeHash {
    /// Takes a compose hash from where it was measured or approved. To make one from a text, use
    /// [`ComposeHash::of`].
    pub const fn new(hash: Bytes32) -> Self {
        Self(hash)
    }

    /// Hashes the exact bytes of an `app-compose.json`.
    ///
    /// # Errors
    /// [`ComposeError::TooLarge`] over [`limits::APP_COMPOSE`] bytes.
    pub fn of(app_compose: &[u8]) -> Result<Self, ComposeError> {
        bounded(app_compose).map(Self)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &Bytes32 {
        &self.0
    }

    /// Whether this measured hash is that of the given `app-compose.json`.
    ///
    /// # Errors
    /// [`ComposeError::TooLarge`], or [`ComposeError::Mismatch`] with both hashes.
    pub fn verify(&self, app_compose: &[u8]) -> Result<(), ComposeError> {
        let found = Self::of(app_compose)?;
        if found == *self {
            Ok(())
        } else {
            Err(ComposeError::Mismatch {
                found,
                expected: *self,
            })
        }
    }
}

impl fmt::Display for ComposeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ComposeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ComposeHash {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        text.parse().map(Self)
    }
}

/// SHA-256 of a docker-compose file (32 bytes). It is *not* the compose hash: the docker-compose
/// text is but one field of `app-compose.json`. After the compose hash is verified, it can show
/// that the field `docker_compose_file` equals a local file byte for byte.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DockerComposeDigest(Bytes32);

impl DockerComposeDigest {
    /// Hashes the exact bytes of a docker-compose file.
    ///
    /// # Errors
    /// [`ComposeError::TooLarge`] over [`limits::APP_COMPOSE`] bytes.
    pub fn of(docker_compose: &[u8]) -> Result<Self, ComposeError> {
        bounded(docker_compose).map(Self)
    }
}

impl fmt::Display for DockerComposeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for DockerComposeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "docker-compose {}", self.0)
    }
}

fn bounded(text: &[u8]) -> Result<Bytes32, ComposeError> {
    if text.len() > limits::APP_COMPOSE {
        return Err(ComposeError::TooLarge {
            found: text.len(),
            limit: limits::APP_COMPOSE,
        });
    }
    Ok(sha256(text))
}

/// Why a compose text is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComposeError {
    /// The text is over the cap.
    TooLarge {
        /// Its length in bytes.
        found: usize,
        /// The cap in bytes.
        limit: usize,
    },
    /// The text has another hash than the measured one.
    Mismatch {
        /// The hash of the text.
        found: ComposeHash,
        /// The measured hash.
        expected: ComposeHash,
    },
}

impl ComposeError {
    /// The reason for the report.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::TooLarge { .. } => Reason::ComposeTooLarge,
            Self::Mismatch { .. } => Reason::ComposeMismatch,
        }
    }

    /// What was found.
    pub fn found(&self) -> Option<Value> {
        Some(match self {
            Self::TooLarge { found, .. } => Value::count(*found),
            Self::Mismatch { found, .. } => Value::Text(found.to_string()),
        })
    }

    /// What was expected: the cap, or the measured hash.
    pub fn expected(&self) -> Option<Value> {
        Some(match self {
            Self::TooLarge { limit, .. } => Value::count(*limit),
            Self::Mismatch { expected, .. } => Value::Text(expected.to_string()),
        })
    }
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { found, limit } => {
                write!(
                    f,
                    "a compose text of {found} bytes, over the cap of {limit}"
                )
            }
            Self::Mismatch { found, expected } => {
                write!(
                    f,
                    "the app-compose text has the hash {found}, measured is {expected}"
                )
            }
        }
    }
}

impl core::error::Error for ComposeError {}

#[cfg(test)]
mod tests {
    use super::*;

    // The worked vector of the domain notes: one app, four different numbers.
    const YAML: &[u8] = b"services:\n  web:\n    image: \"nginx:1\"\n";

    #[test]
    fn pitfall_23_the_digest_of_a_docker_compose_file_is_another_type() {
        assert_eq!(
            DockerComposeDigest::of(YAML).unwrap().to_string(),
            "5f579878638fe4626dfd722ed754e0e2a14264d60b679a29f08729ff022422d5"
        );
    }

    #[test]
    fn pitfall_24_a_reformatted_text_has_another_hash() {
        let measured = ComposeHash::of(br#"{"a":1,"b":2}"#).unwrap();
        assert_eq!(measured.verify(br#"{"a":1,"b":2}"#), Ok(()));
        for other in [
            &br#"{"b":2,"a":1}"#[..],
            br#"{"a": 1,"b":2}"#,
            b"{\"a\":1,\"b\":2}\n",
            b"",
        ] {
            let error = measured.verify(other).unwrap_err();
            assert_eq!(error.reason(), Reason::ComposeMismatch);
            assert_eq!(error.expected(), Some(Value::Text(measured.to_string())));
            assert_ne!(error.found(), error.expected());
        }
    }

    #[test]
    fn a_text_over_the_cap_is_refused_by_its_length() {
        let text = alloc::vec![b' '; limits::APP_COMPOSE + 1];
        let error = ComposeHash::of(&text).unwrap_err();
        assert_eq!(error.reason(), Reason::ComposeTooLarge);
        assert_eq!(DockerComposeDigest::of(&text), Err(error));
        assert!(ComposeHash::of(&text[1..]).is_ok());
    }

    #[test]
    fn a_compose_hash_is_read_from_exactly_64_hex_digits() {
        let text = "3763bc34552cf3a27ff71ad5f7a90471562a1a2df552dfc1998cba2d60da27e7";
        assert_eq!(text.parse::<ComposeHash>().unwrap().to_string(), text);
        assert!(text.replacen('3', "", 1).parse::<ComposeHash>().is_err());
        assert!("".parse::<ComposeHash>().is_err());
    }
}
