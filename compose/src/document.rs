//! The app-compose document: the bytes that are measured, and what they say.

use std::fmt;

use teeproof_core::{ComposeError, ComposeHash, JsonError};

use crate::fields::{self, Field, WrongKind};
use crate::json::Json;
use crate::services::ComposeFile;
use crate::version::ImageVersion;
use crate::yaml::YamlError;

/// Why bytes are no app-compose document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// Over the cap of the core.
    TooLarge(ComposeError),
    /// Not JSON that is read here.
    Json(JsonError),
    /// JSON, and no object.
    NotAnObject {
        /// What it is, in JSON's word.
        found: &'static str,
    },
}

impl DocumentError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "compose.too-large",
            Self::Json(_) => "compose.not-json",
            Self::NotAnObject { .. } => "compose.not-an-object",
        }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(error) => error.fmt(f),
            Self::Json(error) => write!(f, "the app-compose cannot be read: {error}"),
            Self::NotAnObject { found } => write!(
                f,
                "the app-compose is JSON, but of kind {found} where an object was expected"
            ),
        }
    }
}

impl std::error::Error for DocumentError {}

/// An app-compose document: its exact bytes, their hash, and what they say. Fields that this crate
/// does not know are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppCompose {
    bytes: Vec<u8>,
    hash: ComposeHash,
    json: Json,
}

impl AppCompose {
    /// Hashes the exact bytes, and only then reads them.
    ///
    /// # Errors
    /// [`DocumentError`]. A field of a wrong kind is no error here: see [`Self::wrong_kinds`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let hash = ComposeHash::of(bytes).map_err(DocumentError::TooLarge)?;
        let json = Json::parse(bytes).map_err(DocumentError::Json)?;
        if json.entries().is_none() {
            return Err(DocumentError::NotAnObject { found: json.kind() });
        }
        Ok(Self {
            bytes: bytes.to_vec(),
            hash,
            json,
        })
    }

    /// The exact bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The compose hash: SHA-256 of the exact bytes.
    pub const fn hash(&self) -> ComposeHash {
        self.hash
    }

    /// The document as a tree, in its own order.
    pub const fn json(&self) -> &Json {
        &self.json
    }

    /// The value of a top-level field; absent and `null` are the same.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.json.get(key).filter(|value| **value != Json::Null)
    }

    /// A top-level field that is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// A top-level field that is a truth value.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    /// The texts of a top-level field that is a list; a single text counts as one.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        match self.get(key) {
            Some(Json::String(text)) => vec![text],
            Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The manifest's version as it was written: `1`, `2` or `3`, a number or a text.
    pub fn manifest_version(&self) -> Option<&str> {
        match self.get("manifest_version")? {
            Json::Number(text) | Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The docker-compose text. Only the runners of containers read it.
    pub fn docker_compose(&self) -> Option<&str> {
        self.text("docker_compose_file")
    }

    /// The docker-compose file, read. `None` if there is none.
    ///
    /// # Errors
    /// [`YamlError`], which says where.
    pub fn compose_file(&self) -> Option<Result<ComposeFile, YamlError>> {
        self.docker_compose()
            .map(|text| ComposeFile::parse(text.as_bytes()))
    }

    /// Every field whose value is of another kind than its own.
    pub fn wrong_kinds(&self) -> Vec<WrongKind> {
        fields::wrong_kinds(&self.json)
    }

    /// The top-level fields that stand there and are in no row of [`crate::FIELDS`].
    pub fn unknown_fields(&self) -> Vec<&str> {
        let entries = self.json.entries().unwrap_or_default();
        entries
            .iter()
            .map(|(key, _)| key.as_str())
            .filter(|key| fields::field(key).is_none())
            .collect()
    }

    /// The fields that an image of this version ignores: too new for it, or dropped before it.
    pub fn ignored_by(&self, image: ImageVersion) -> Vec<&'static Field> {
        fields::FIELDS
            .iter()
            .filter(|field| self.get(field.name).is_some())
            .filter(|field| image < field.since || field.until.is_some_and(|until| image >= until))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_bytes_and_unknown_fields_stay() {
        let bytes = br#"{ "name" : "demo", "salt":"x", "runner":null }"#;
        let document = AppCompose::parse(bytes).unwrap();
        assert_eq!(document.hash(), ComposeHash::of(bytes).unwrap());
        assert_eq!(document.bytes(), bytes);
        assert_eq!(document.unknown_fields(), ["salt"]);
        assert_eq!(document.text("salt"), Some("x"));
        assert_eq!(document.get("runner"), None);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let code = |bytes: &[u8]| AppCompose::parse(bytes).unwrap_err().code();
        assert_eq!(code(b"[]"), "compose.not-an-object");
        assert_eq!(code(b"\"x\""), "compose.not-an-object");
        assert_eq!(code(b"services:\n"), "compose.not-json");
        assert_eq!(code(b"{\"a\":1,\"a\":1}"), "compose.not-json");
        let large = vec![b' '; teeproof_core::limits::APP_COMPOSE + 1];
        assert_eq!(code(&large), "compose.too-large");
    }

    #[test]
    fn a_field_of_another_kind_is_named() {
        let bytes = br#"{"public_logs":"yes","allowed_envs":["A",1],"swap_size":"1G","port_policy":{"ports":{}},"secure_time":null,"event_log_version":-1}"#;
        let wrong = AppCompose::parse(bytes).unwrap().wrong_kinds();
        let named: Vec<_> = wrong
            .iter()
            .map(|one| (one.field.name, one.found))
            .collect();
        assert_eq!(
            named,
            [
                ("public_logs", "string"),
                ("allowed_envs", "array"),
                ("event_log_version", "number"),
                ("port_policy.ports", "object"),
            ]
        );
    }

    #[test]
    fn an_image_ignores_what_it_does_not_know() {
        let bytes = br#"{"name":"a","key_provider":"kms","docker_config":{},"secure_time":null}"#;
        let document = AppCompose::parse(bytes).unwrap();
        let ignored = |version| {
            let fields = document.ignored_by(version);
            fields.iter().map(|field| field.name).collect::<Vec<_>>()
        };
        assert_eq!(ignored(ImageVersion::new(0, 5, 4)), ["key_provider"]);
        assert_eq!(
            ignored(ImageVersion::new(0, 5, 5)),
            ["docker_config", "key_provider"]
        );
        assert_eq!(ignored(ImageVersion::new(0, 5, 6)), ["docker_config"]);
    }
}
