//! What a check found and what it expected: values, never sentences.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::limits;

/// A machine-readable value of a check. It enters the verdict digest, so it holds no prose, no
/// label and nothing that depends on how an input was encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A word, an id, a date or hex.
    Text(String),
    /// A count, a size or a security version number.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// Several values, in an order that the check defines.
    List(Vec<Value>),
    /// Named values, in an order that the check defines. Names are camelCase ASCII.
    Fields(Vec<(&'static str, Value)>),
}

impl Value {
    /// Anything that displays as a word, an id, a date or hex.
    pub fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    /// Text that came from outside and is repeated: cut to [`limits::QUOTED_TEXT`] characters.
    pub fn quoted(text: &str) -> Self {
        if text.chars().nth(limits::QUOTED_TEXT).is_none() {
            return Self::Text(text.to_owned());
        }
        let mut cut: String = text.chars().take(limits::QUOTED_TEXT).collect();
        cut.push('…');
        Self::Text(cut)
    }

    /// A list of things that display as words.
    pub fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Self::text).collect())
    }

    /// A length or a count.
    pub fn count(count: usize) -> Self {
        Self::Number(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
