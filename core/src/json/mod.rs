//! Strict reading of JSON that came from outside.
//!
//! A text is walked once, as a whole ([`Document::read`]): well-formed (RFC 8259), no duplicate key
//! anywhere, bounded nesting. The walk notes where every value stands, and only then is the text taken
//! apart, one layer at a time, with every value kept as the exact text it was ([`Node`]): an event log
//! inside an answer stays byte for byte, and every fault has a place.
//!
//! Not `serde_json`: it lets the last of two equal keys win, its generic readers are most of what a
//! browser would have to load, and its places are those of its buffer. The tests hold the two
//! against each other.

mod scan;
pub(crate) mod shape;
#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

pub use shape::{Fields, ShapeFault};

use crate::limits;
use crate::quoted::Quoted;
pub(crate) use scan::plain_length;
use scan::{Mark, Scan, Stop};

/// Why a text is not JSON that this crate reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonError {
    /// Not UTF-8.
    Encoding {
        /// Bytes of valid UTF-8 before the fault.
        offset: usize,
    },
    /// Not well-formed JSON.
    Syntax {
        /// Line, counted from 1.
        line: usize,
        /// Column in bytes, counted from 1.
        column: usize,
        /// Whether the text just stops too early, as a cut-off file does.
        ends_early: bool,
    },
    /// A key stands twice in one object.
    DuplicateKey {
        /// The key.
        key: Box<str>,
        /// Line, counted from 1.
        line: usize,
        /// Column in bytes, counted from 1.
        column: usize,
    },
    /// Arrays and objects nested deeper than [`limits::JSON_DEPTH`].
    TooDeep {
        /// Line, counted from 1.
        line: usize,
        /// Column in bytes, counted from 1.
        column: usize,
    },
    /// An object with more than [`limits::JSON_KEYS`] keys.
    TooManyKeys {
        /// Line, counted from 1.
        line: usize,
        /// Column in bytes, counted from 1.
        column: usize,
    },
    /// More than [`limits::JSON_VALUES`] values.
    TooManyValues {
        /// Line, counted from 1.
        line: usize,
        /// Column in bytes, counted from 1.
        column: usize,
    },
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding { offset } => write!(f, "not UTF-8 at byte {offset}"),
            Self::Syntax {
                line,
                column,
                ends_early: true,
            } => write!(f, "the JSON ends early, at line {line} column {column}"),
            Self::Syntax { line, column, .. } => {
                write!(f, "not well-formed JSON at line {line} column {column}")
            }
            Self::DuplicateKey { key, line, column } => write!(
                f,
                "the key {} stands twice in one object, at line {line} column {column}",
                Quoted(key)
            ),
            Self::TooDeep { line, column } => write!(
                f,
                "nested deeper than {} levels, at line {line} column {column}",
                limits::JSON_DEPTH
            ),
            Self::TooManyKeys { line, column } => write!(
                f,
                "an object with more than {} keys, at line {line} column {column}",
                limits::JSON_KEYS
            ),
            Self::TooManyValues { line, column } => write!(
                f,
                "more than {} values, at line {line} column {column}",
                limits::JSON_VALUES
            ),
        }
    }
}

impl core::error::Error for JsonError {}

/// A text that is well-formed, within bounds and free of duplicate keys, and where its values stand.
#[derive(Debug)]
pub struct Document<'a> {
    text: &'a str,
    /// Of all values and keys, each before those inside of it.
    marks: Vec<Mark>,
}

impl<'a> Document<'a> {
    /// Walks the whole text.
    ///
    /// # Errors
    /// [`JsonError`], which says where.
    pub fn read(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let text = core::str::from_utf8(bytes).map_err(|error| JsonError::Encoding {
            offset: error.valid_up_to(),
        })?;
        Self::of_text(text)
    }

    /// The same, of what is known to be UTF-8.
    ///
    /// # Errors
    /// [`JsonError`], which says where.
    pub fn of_text(text: &'a str) -> Result<Self, JsonError> {
        let (stop, offset, key) = match Scan::walk(text) {
            Ok(marks) => return Ok(Self { text, marks }),
            Err(stopped) => stopped,
        };
        let (line, column) = place(text, offset);
        Err(match stop {
            Stop::Duplicate => JsonError::DuplicateKey {
                key: key.string_in(text).unwrap_or_default().into(),
                line,
                column,
            },
            Stop::Depth => JsonError::TooDeep { line, column },
            Stop::Keys => JsonError::TooManyKeys { line, column },
            Stop::Values => JsonError::TooManyValues { line, column },
            Stop::Syntax | Stop::End => JsonError::Syntax {
                line,
                column,
                ends_early: matches!(stop, Stop::End),
            },
        })
    }

    /// The whole text.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The one value that it is.
    pub const fn root(&self) -> Node<'_> {
        Node {
            document: self,
            at: 0,
        }
    }
}

/// Line and column of a byte, both counted from 1, the column in bytes.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    let column = before
        .iter()
        .rev()
        .take_while(|byte| **byte != b'\n')
        .count();
    (lines.saturating_add(1), column.saturating_add(1))
}

/// One value of a [`Document`], as the exact text it was.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document<'a>,
    /// Which of the marks is its own.
    at: usize,
}

impl<'a> Node<'a> {
    fn mark(self) -> Mark {
        self.document
            .marks
            .get(self.at)
            .copied()
            .unwrap_or_default()
    }

    /// The exact text of the value, without the white space around it.
    pub fn raw(self) -> &'a str {
        self.mark().raw_in(self.document.text)
    }

    /// Line and column of its first byte, both counted from 1, the column in bytes.
    pub fn place(self) -> (usize, usize) {
        place(self.document.text, self.offset())
    }

    /// The offset of its first byte in the whole text.
    pub fn offset(self) -> usize {
        self.mark().start()
    }

    fn begins_with(self, byte: u8) -> bool {
        self.document.text.as_bytes().get(self.offset()) == Some(&byte)
    }

    /// What stands right inside of it: of an object, keys and values by turns.
    fn inside(self) -> impl Iterator<Item = Self> {
        let end = self.mark().next();
        let mut at = self.at.saturating_add(1);
        core::iter::from_fn(move || {
            let node = Self { at, ..self };
            at = node.mark().next();
            (node.at < end).then_some(node)
        })
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.begins_with(b'n')
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.begins_with(b'{')
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        self.begins_with(b'[')
    }

    /// Whether it is a string.
    pub fn is_string(self) -> bool {
        self.begins_with(b'"')
    }

    /// The text of a string value; borrowed where it holds no escape.
    pub fn text(self) -> Option<Cow<'a, str>> {
        self.mark().string_in(self.document.text)
    }

    /// The text of a string value.
    pub fn string(self) -> Option<String> {
        self.text().map(Cow::into_owned)
    }

    /// A number that is written without sign, fraction and exponent, if it fits.
    pub fn whole(self) -> Option<u64> {
        // No other value of JSON is read as one: none begins with a plus.
        self.raw().parse().ok()
    }

    /// A truth value.
    pub fn flag(self) -> Option<bool> {
        match self.raw() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The entries of an object.
    pub fn object(self) -> Option<Object<'a>> {
        self.is_object().then_some(Object { node: self })
    }

    /// The items of an array, one after another.
    pub fn each(self) -> Option<impl Iterator<Item = Self>> {
        self.is_array().then(|| self.inside())
    }

    /// The items of an array, at most `limit` of them and one more: a caller that gets more than
    /// its limit refuses.
    pub fn items(self, limit: usize) -> Option<Vec<Self>> {
        let items = || Some(self.each()?.take(limit.saturating_add(1)));
        let mut list = Vec::with_capacity(items()?.count());
        list.extend(items()?);
        Some(list)
    }
}

/// The entries of one JSON object.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    node: Node<'a>,
}

impl<'a> Object<'a> {
    fn pairs(&self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
        let mut inside = self.node.inside();
        core::iter::from_fn(move || Some((inside.next()?, inside.next()?)))
    }

    /// The first entry of another key than these.
    fn other_than(&self, known: &[&str]) -> Option<(Cow<'a, str>, Node<'a>)> {
        let text = self.node.document.text;
        let mut pairs = self.pairs();
        let (key, value) = pairs.find(|(key, _)| {
            let key = key.mark();
            !known.iter().any(|known| key.is_text_in(text, known))
        })?;
        Some((key.text().unwrap_or_default(), value))
    }

    /// The values of these keys, each in the place of its key, in one walk; or the first entry of another
    /// key.
    fn placed<const N: usize>(
        &self,
        known: &[&str; N],
    ) -> Result<[Option<Node<'a>>; N], (Cow<'a, str>, Node<'a>)> {
        let text = self.node.document.text;
        let mut values = [None; N];
        for (key, value) in self.pairs() {
            let mark = key.mark();
            let place = known.iter().position(|known| mark.is_text_in(text, known));
            let Some(slot) = place.and_then(|place| values.get_mut(place)) else {
                return Err((key.text().unwrap_or_default(), value));
            };
            *slot = Some(value);
        }
        Ok(values)
    }

    /// Keys and values, in their order.
    pub fn entries(&self) -> impl Iterator<Item = (Cow<'a, str>, Node<'a>)> {
        self.pairs()
            .map(|(key, value)| (key.text().unwrap_or_default(), value))
    }

    /// The keys, in their order.
    pub fn keys(&self) -> impl Iterator<Item = Cow<'a, str>> {
        self.entries().map(|(key, _)| key)
    }

    /// Whether the key stands there, be its value `null`.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The value of a key, `null` included.
    pub fn find(&self, key: &str) -> Option<Node<'a>> {
        self.find_near(key, &Cell::default())
    }

    /// The same, beginning where the last search ended: most keys are asked for in the order in which
    /// they stand.
    fn find_near(&self, key: &str, near: &Cell<usize>) -> Option<Node<'a>> {
        let Document { text, marks } = self.node.document;
        let first = self.node.at.saturating_add(1);
        let end = self.node.mark().next();
        let near_to = near.get().max(first);
        let search = |mut at: usize, end| {
            while at < end {
                let found = marks.get(at)?;
                if found.is_text_in(text, key) {
                    return Some((at, found.next()));
                }
                at = marks.get(found.next())?.next();
            }
            None
        };
        let (found, value) = search(near_to, end).or_else(|| search(first, near_to))?;
        near.set(found);
        Some(Node {
            at: value,
            ..self.node
        })
    }

    /// The value of a key; absent and `null` are the same.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.find(key).filter(|node| !node.is_null())
    }

    /// The text of a string value under a key; `None` for anything else.
    pub fn text(&self, key: &str) -> Option<String> {
        self.get(key)?.string()
    }
}

/// Displays a text as a JSON string.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut quoted = String::new();
        crate::canonical::push_text(&mut quoted, self.0);
        f.write_str(&quoted)
    }
}
