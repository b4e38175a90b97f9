//! A policy as the parser of its format hands it over.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Fault, PolicyError, PolicyErrorKind as Kind, Position};
use crate::json::{Document, JsonError, Node};

/// A value of a policy's text, and where it stands: what a format that the core does not read is
/// turned into.
#[derive(Debug, Clone)]
pub struct PolicyValue {
    /// Offset in bytes of where it begins; of a table, that of its header or brace.
    pub offset: usize,
    /// What it is.
    pub content: PolicyContent,
}

/// What a value of a policy is.
#[derive(Debug, Clone)]
pub enum PolicyContent {
    /// A text.
    Text(String),
    /// A whole number that is not below zero.
    Whole(u64),
    /// A whole number below zero.
    Negative,
    /// A truth value.
    Flag(bool),
    /// A list.
    List(Vec<PolicyValue>),
    /// A table: each key once, with its offset.
    Table(Vec<(String, usize, PolicyValue)>),
    /// Anything else, in words such as `a date`: no key takes it.
    Other(&'static str),
}

impl PolicyValue {
    /// What to call it in a message.
    pub(super) const fn kind(&self) -> &'static str {
        match &self.content {
            PolicyContent::Text(_) => "a text",
            PolicyContent::Whole(_) | PolicyContent::Negative => "a whole number",
            PolicyContent::Flag(_) => "a truth value",
            PolicyContent::List(_) => "a list",
            PolicyContent::Table(_) => "a table",
            PolicyContent::Other(kind) => kind,
        }
    }

    /// The value of a JSON text. Duplicate keys and bounds were seen to.
    pub(super) fn of_json(text: &str) -> Result<Self, PolicyError> {
        let document = Document::of_text(text).map_err(|error| refused(text, &error))?;
        Ok(Self::of_node(document.root()))
    }

    fn of_node(node: Node<'_>) -> Self {
        let content = if let Some(object) = node.object() {
            let entries = object.entries();
            PolicyContent::Table(
                entries
                    .map(|(key, value)| (key.into_owned(), value.offset(), Self::of_node(value)))
                    .collect(),
            )
        } else if let Some(items) = node.items(usize::MAX) {
            PolicyContent::List(items.into_iter().map(Self::of_node).collect())
        } else if let Some(text) = node.string() {
            PolicyContent::Text(text)
        } else if let Some(number) = node.whole() {
            PolicyContent::Whole(number)
        } else if let Some(flag) = node.flag() {
            PolicyContent::Flag(flag)
        } else if node.raw().parse::<i64>().is_ok() {
            PolicyContent::Negative
        } else {
            PolicyContent::Other(match node.is_null() {
                true => "null",
                false => "a number that is not whole or too large",
            })
        };
        Self {
            offset: node.offset(),
            content,
        }
    }
}

/// What the reader of JSON refuses, as what it is to somebody who writes a policy.
fn refused(text: &str, error: &JsonError) -> PolicyError {
    let (kind, detail, line, column) = match error {
        // Was checked before.
        JsonError::Encoding { .. } => (Kind::NotUtf8, "not UTF-8".to_owned(), 1, 1),
        JsonError::Syntax {
            line,
            column,
            ends_early,
        } => {
            let detail = if *ends_early {
                "the JSON ends early"
            } else {
                "not well-formed JSON"
            };
            (Kind::Syntax, detail.to_owned(), *line, *column)
        }
        JsonError::DuplicateKey { key, line, column } => {
            let detail = ["duplicate key `", key, "`"].concat();
            (Kind::DuplicateKey, detail, *line, *column)
        }
        JsonError::TooDeep { line, column } => {
            let detail = "values nested deeper than any policy's";
            (Kind::WrongType, detail.to_owned(), *line, *column)
        }
        JsonError::TooManyKeys { line, column } => {
            let detail = "a table with more keys than any policy's";
            (Kind::UnknownKey, detail.to_owned(), *line, *column)
        }
        JsonError::TooManyValues { line, column } => {
            let detail = "more values than any policy's";
            (Kind::WrongType, detail.to_owned(), *line, *column)
        }
    };
    // The reader counts bytes.
    let bytes = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let before = bytes.as_bytes().get(..column.saturating_sub(1));
    let before = before.unwrap_or(bytes.as_bytes()).iter();
    let column = before.filter(|byte| **byte & 0xc0 != 0x80).count();
    let position = Position {
        line,
        column: column.saturating_add(1),
    };
    PolicyError::new(kind, &detail, position)
}

/// A fault with its place.
pub(super) struct Refusal {
    pub(super) fault: Fault,
    pub(super) offset: usize,
}

impl Refusal {
    pub(super) fn in_text(self, text: &str) -> PolicyError {
        let position = Position::of(text.as_bytes(), self.offset);
        PolicyError::new(self.fault.kind, &self.fault.detail, position)
    }
}

impl Fault {
    pub(super) fn at(self, offset: usize) -> Refusal {
        Refusal {
            fault: self,
            offset,
        }
    }
}
