//! A list of approved compose hashes.

use std::collections::BTreeSet;
use std::fmt;

use teeproof_core::{ComposeHash, JsonError};

use crate::json::Json;
use crate::limits;

/// Why a text is no list of compose hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApprovedError {
    /// Over [`limits::APPROVED`] bytes.
    TooLarge {
        /// Bytes of the text.
        found: usize,
    },
    /// Not UTF-8.
    Encoding {
        /// Bytes of valid UTF-8 before the fault.
        offset: usize,
    },
    /// It begins as a JSON list, and is no JSON.
    Json(JsonError),
    /// An entry that is no compose hash.
    NoHash {
        /// Its line, or its place in the JSON list, from one.
        entry: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl ApprovedError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "approved.too-large",
            Self::Encoding { .. } => "approved.encoding",
            Self::Json(_) => "approved.not-json",
            Self::NoHash { .. } => "approved.not-a-hash",
        }
    }
}

impl fmt::Display for ApprovedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { found } => {
                write!(
                    f,
                    "the list of approved hashes has {found} bytes, over the cap of {}",
                    limits::APPROVED
                )
            }
            Self::Encoding { offset } => {
                write!(
                    f,
                    "the list of approved hashes is not UTF-8 at byte {offset}"
                )
            }
            Self::Json(error) => write!(f, "the list of approved hashes cannot be read: {error}"),
            Self::NoHash { entry, problem } => {
                write!(f, "entry {entry} of the list of approved hashes {problem}")
            }
        }
    }
}

impl std::error::Error for ApprovedError {}

/// Approved compose hashes. An empty set approves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApprovedSet {
    hashes: BTreeSet<ComposeHash>,
}

impl ApprovedSet {
    /// Reads one hash of 64 hex digits per line, blank lines and what follows a `#` left out, or a
    /// JSON list of such texts.
    ///
    /// # Errors
    /// [`ApprovedError`], which says where.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApprovedError> {
        if bytes.len() > limits::APPROVED {
            return Err(ApprovedError::TooLarge { found: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|error| ApprovedError::Encoding {
            offset: error.valid_up_to(),
        })?;
        if text.trim_start().starts_with(['[', '{', '"']) {
            return Self::of_json(bytes);
        }
        let lines = text.lines().map(|line| {
            let line = line.split_once('#').map_or(line, |(hash, _)| hash);
            line.trim()
        });
        let entries = (1..).zip(lines).filter(|(_, line)| !line.is_empty());
        entries
            .map(|(entry, line)| {
                hash(line).map_err(|problem| ApprovedError::NoHash { entry, problem })
            })
            .collect()
    }

    fn of_json(bytes: &[u8]) -> Result<Self, ApprovedError> {
        let json = Json::parse(bytes).map_err(ApprovedError::Json)?;
        let items = json.items().ok_or(ApprovedError::NoHash {
            entry: 1,
            problem: "is no list: write one hash per line, or a JSON list of texts",
        })?;
        (1..)
            .zip(items)
            .map(|(entry, item)| {
                let text = item.as_str().ok_or("is no text");
                text.and_then(hash)
                    .map_err(|problem| ApprovedError::NoHash { entry, problem })
            })
            .collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether this hash is approved.
    pub fn contains(&self, hash: ComposeHash) -> bool {
        self.hashes.contains(&hash)
    }
}

impl FromIterator<ComposeHash> for ApprovedSet {
    fn from_iter<T: IntoIterator<Item = ComposeHash>>(hashes: T) -> Self {
        Self {
            hashes: hashes.into_iter().collect(),
        }
    }
}

fn hash(text: &str) -> Result<ComposeHash, &'static str> {
    text.parse().map_err(|_| {
        if text.starts_with("sha256:") {
            "has the prefix `sha256:`: write the 64 hex digits alone"
        } else if text.starts_with("0x") {
            "has the prefix `0x`: write the 64 hex digits alone"
        } else {
            "is not 64 hex digits"
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_both_forms() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let lines = format!("# approved\n\n{one}  # prod\n{two}\n{one}\n");
        let set = ApprovedSet::parse(lines.as_bytes()).unwrap();
        assert_eq!(set.len(), 2);
        assert!(set.contains(one.parse().unwrap()));
        assert!(!set.contains("3".repeat(64).parse().unwrap()));
        let json = format!("[\"{two}\", \"{one}\"]");
        assert_eq!(ApprovedSet::parse(json.as_bytes()).unwrap(), set);
        assert!(ApprovedSet::parse(b"# nothing yet\n").unwrap().is_empty());
        assert!(ApprovedSet::parse(b"[]").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_hash_is_refused_with_its_place() {
        let one = "1".repeat(64);
        for (text, words) in [
            (
                format!("{one}\nsha256:{one}\n"),
                "entry 2 of the list of approved hashes has the prefix `sha256:`",
            ),
            (format!("0x{one}\n"), "has the prefix `0x`"),
            (
                "abc\n".to_owned(),
                "entry 1 of the list of approved hashes is not 64 hex digits",
            ),
            (format!("{one} {one}\n"), "is not 64 hex digits"),
            (
                format!("[\"{one}\", 3]"),
                "entry 2 of the list of approved hashes is no text",
            ),
            (format!("{{\"a\": \"{one}\"}}"), "is no list"),
            ("[".to_owned(), "cannot be read: the JSON ends early"),
        ] {
            let error = ApprovedSet::parse(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(words), "{text}: {error}");
        }
        let code = |bytes: &[u8]| ApprovedSet::parse(bytes).unwrap_err().code();
        assert_eq!(code(b"\xff"), "approved.encoding");
        assert_eq!(
            code(&vec![b'#'; limits::APPROVED + 1]),
            "approved.too-large"
        );
    }
}
