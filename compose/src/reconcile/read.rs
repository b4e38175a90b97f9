//! Finding documents and hashes in an answer of any shape.

use teeproof_core::json::{Document, Node};

use super::{ReconcileError, Source, Stated, Text, Written};
use crate::document::AppCompose;

/// Hashes taken from one input.
const HASHES: usize = 256;

/// Documents taken from one input.
const TEXTS: usize = 8;

/// Bytes of one input.
const INPUT: usize = 8 * 1024 * 1024;

/// JSON inside of texts inside of JSON.
const NESTED: usize = 3;

pub(super) struct Found {
    source: Source,
    pub(super) texts: Vec<Text>,
    pub(super) stated: Vec<Stated>,
}

impl Found {
    pub(super) const fn new(source: Source) -> Self {
        Self {
            source,
            texts: Vec::new(),
            stated: Vec::new(),
        }
    }

    /// A whole input: an app-compose document as it is, the text of one as a JSON string, or an
    /// answer with documents or hashes anywhere in it.
    pub(super) fn input(&mut self, bytes: &[u8]) -> Result<(), ReconcileError> {
        let source = self.source;
        if bytes.len() > INPUT {
            return Err(ReconcileError::TooLarge { source });
        }
        let json = |error| ReconcileError::Json { source, error };
        let document = Document::read(bytes).map_err(json)?;
        let root = document.root();
        if is_document(root) {
            // Byte for byte as it was given, with what stands around it.
            self.text("", bytes, true)?;
        } else {
            self.node(root, "", 0)?;
        }
        if self.texts.is_empty() && self.stated.is_empty() {
            return Err(ReconcileError::Nothing { source });
        }
        Ok(())
    }

    /// A document of known bytes.
    pub(super) fn text(
        &mut self,
        place: &str,
        bytes: &[u8],
        exact: bool,
    ) -> Result<(), ReconcileError> {
        let source = self.source;
        let document =
            AppCompose::parse(bytes).map_err(|error| ReconcileError::Document { source, error })?;
        if self.texts.len() >= TEXTS {
            return Err(ReconcileError::TooMany { source });
        }
        self.texts.push(Text {
            source,
            place: place.to_owned(),
            exact,
            document,
        });
        Ok(())
    }

    /// A hash as it was written.
    pub(super) fn hash(&mut self, place: &str, text: &str) -> Result<(), ReconcileError> {
        let source = self.source;
        if self.stated.len() >= HASHES {
            return Err(ReconcileError::TooMany { source });
        }
        self.stated.push(Stated {
            source,
            place: place.chars().take(200).collect(),
            written: Written::read(text),
            explanations: Vec::new(),
        });
        Ok(())
    }

    fn node(&mut self, node: Node<'_>, path: &str, nested: usize) -> Result<(), ReconcileError> {
        if is_document(node) {
            return self.text(path, node.raw().as_bytes(), false);
        }
        if let Some(object) = node.object() {
            for (key, value) in object.entries() {
                let path = if path.is_empty() {
                    key.to_string()
                } else {
                    format!("{path}.{key}")
                };
                match value.string() {
                    Some(text) if names_hash(&key) => self.hash(&path, &text)?,
                    Some(text) => self.inside(&text, &path, nested)?,
                    None => self.node(value, &path, nested)?,
                }
            }
        } else if let Some(items) = node.items(HASHES) {
            for (index, item) in items.into_iter().enumerate() {
                let path = format!("{path}[{index}]");
                match item.string() {
                    // A list of hashes has no keys to know them by.
                    Some(text) if Written::read(&text).hash.is_some() => self.hash(&path, &text)?,
                    Some(text) => self.inside(&text, &path, nested)?,
                    None => self.node(item, &path, nested)?,
                }
            }
        } else if let Some(text) = node.string() {
            self.inside(&text, path, nested)?;
        }
        Ok(())
    }

    /// A text that may be a document, or JSON with one in it.
    fn inside(&mut self, text: &str, path: &str, nested: usize) -> Result<(), ReconcileError> {
        if nested >= NESTED || !text.trim_start().starts_with('{') {
            return Ok(());
        }
        let Ok(document) = Document::of_text(text) else {
            return Ok(());
        };
        let root = document.root();
        if is_document(root) {
            return self.text(path, text.as_bytes(), true);
        }
        self.node(root, path, nested.saturating_add(1))
    }
}

fn is_document(node: Node<'_>) -> bool {
    node.object().is_some_and(|object| {
        object.has("docker_compose_file")
            || (object.has("manifest_version") && object.has("runner"))
    })
}

/// `compose_hash`, `composeHash`, `expected_compose_hash` and their like.
fn names_hash(key: &str) -> bool {
    let letters: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    letters.ends_with("composehash")
}
