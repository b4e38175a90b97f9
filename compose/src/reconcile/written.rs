//! A hash as somebody wrote it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use teeproof_core::{Bytes32, Id20, decode_hex};

/// Characters of a hash as it was written that are repeated.
const SHOWN: usize = 100;

/// How a hash was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spelling {
    /// 64 lower-case hex digits, as everything here prints it.
    Plain,
    /// Upper-case digits among them.
    UpperCase,
    /// With `0x` before it.
    Hex0x,
    /// With `sha256:` before it.
    Sha256Colon,
    /// In base64.
    Base64,
    /// 40 hex digits: 20 bytes, as an app id has.
    AppId,
    /// No hash at all.
    Unreadable,
}

impl Spelling {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Plain => "64 hex digits",
            Self::UpperCase => "hex digits in upper case",
            Self::Hex0x => "a `0x` before the digits",
            Self::Sha256Colon => "a `sha256:` before the digits",
            Self::Base64 => "base64 of the 32 bytes, where hex digits are expected",
            Self::AppId => "20 bytes, an app id, where a hash has 32",
            Self::Unreadable => "no hash",
        }
    }
}

/// A hash as it was written, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The text, cut to 100 characters.
    pub text: String,
    /// How it was written.
    pub spelling: Spelling,
    /// The 32 bytes.
    pub hash: Option<Bytes32>,
    /// The 20 bytes of an app id.
    pub app_id: Option<Id20>,
}

impl Written {
    /// Reads a hash in any of the spellings.
    pub fn read(text: &str) -> Self {
        let trimmed = text.trim();
        let mut rest = trimmed;
        let mut prefix = None;
        if let Some(after) = rest.strip_prefix("sha256:") {
            (rest, prefix) = (after, Some(Spelling::Sha256Colon));
        }
        if let Some(after) = rest.strip_prefix("0x").or(rest.strip_prefix("0X")) {
            rest = after;
            prefix.get_or_insert(Spelling::Hex0x);
        }
        let mut written = Self {
            text: text.chars().take(SHOWN).collect(),
            spelling: Spelling::Unreadable,
            hash: None,
            app_id: None,
        };
        if let Ok(bytes) = decode_hex(rest, 32) {
            written.hash = Bytes32::from_slice(&bytes);
            written.app_id = Id20::from_slice(&bytes);
            let upper = rest.bytes().any(|byte| byte.is_ascii_uppercase());
            written.spelling = match (written.hash, written.app_id) {
                (Some(_), _) if upper => prefix.unwrap_or(Spelling::UpperCase),
                (Some(_), _) => prefix.unwrap_or(Spelling::Plain),
                (_, Some(_)) => Spelling::AppId,
                _ => Spelling::Unreadable,
            };
            return written;
        }
        let decoded = BASE64_STANDARD_NO_PAD
            .decode(trimmed.trim_end_matches('='))
            .ok()
            .and_then(|bytes| Bytes32::from_slice(&bytes));
        if decoded.is_some() {
            written.hash = decoded;
            written.spelling = Spelling::Base64;
        }
        written
    }

    /// Whether it says this hash, or the app id that begins it.
    pub fn is(&self, hash: &Bytes32) -> bool {
        let head = self.app_id.as_ref().map(Id20::as_slice);
        self.hash == Some(*hash) || head.is_some_and(|head| hash.as_slice().starts_with(head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::BASE64_STANDARD;

    const HASH: &str = "3763bc34552cf3a27ff71ad5f7a90471562a1a2df552dfc1998cba2d60da27e7";

    #[test]
    fn a_hash_is_known_in_every_spelling() {
        let hash: Bytes32 = HASH.parse().unwrap();
        let base64 = BASE64_STANDARD.encode(hash.as_slice());
        for (text, spelling) in [
            (HASH.to_owned(), Spelling::Plain),
            (format!(" {HASH}\n"), Spelling::Plain),
            (HASH.to_uppercase(), Spelling::UpperCase),
            (format!("0x{HASH}"), Spelling::Hex0x),
            (format!("sha256:{HASH}"), Spelling::Sha256Colon),
            (format!("sha256:0x{HASH}"), Spelling::Sha256Colon),
            (base64.clone(), Spelling::Base64),
            (base64.replace('=', ""), Spelling::Base64),
        ] {
            let written = Written::read(&text);
            assert_eq!(
                (written.hash, written.spelling),
                (Some(hash), spelling),
                "{text}"
            );
            assert!(written.is(&hash));
        }
        let app_id = Written::read(HASH.get(..40).unwrap());
        assert_eq!((app_id.hash, app_id.spelling), (None, Spelling::AppId));
        assert!(app_id.is(&hash));
        assert!(!Written::read(&HASH.replace('3', "4")).is(&hash));
    }

    #[test]
    fn what_is_no_hash_says_so() {
        for text in [
            "",
            "0x",
            "sha256:",
            "xyz",
            HASH.get(1..).unwrap(),
            HASH.get(2..).unwrap(),
            &format!("{HASH}00"),
            &"=".repeat(1_000_000),
        ] {
            let written = Written::read(text);
            assert_eq!(
                (written.hash, written.app_id, written.spelling),
                (None, None, Spelling::Unreadable)
            );
            assert!(written.text.len() <= 100);
        }
    }
}
