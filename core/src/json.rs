//! Strict reading of JSON that came from outside.
//!
//! `serde_json` alone lets the last of two equal keys win and, with a borrowed raw value, puts no
//! bound on nesting. So a text is first walked as a whole ([`check`]): well-formed, no duplicate
//! key anywhere, bounded nesting. Only then is it taken apart, one layer at a time, with every value
//! kept as the exact text it was ([`Node`]): an event log inside an answer stays byte for byte.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::limits;
use crate::quoted::Quoted;

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
        }
    }
}

impl core::error::Error for JsonError {}

/// What stopped the walk for a reason of ours; `serde_json` then adds where.
enum Stop {
    Duplicate(String),
    Depth,
    Keys,
}

/// Walks the whole text and hands it back as UTF-8 when it is well-formed, within bounds and free
/// of duplicate keys.
///
/// # Errors
/// [`JsonError`], which says where.
pub fn check(bytes: &[u8]) -> Result<&str, JsonError> {
    let text = core::str::from_utf8(bytes).map_err(|error| JsonError::Encoding {
        offset: error.valid_up_to(),
    })?;
    let stop = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let walked = Walk {
        depth: 0,
        stop: &stop,
    }
    .deserialize(&mut deserializer)
    .and_then(|()| deserializer.end());
    let Err(error) = walked else {
        return Ok(text);
    };
    let (line, column) = (error.line(), error.column());
    Err(match stop.into_inner() {
        Some(Stop::Duplicate(key)) => JsonError::DuplicateKey {
            key: key.into_boxed_str(),
            line,
            column,
        },
        Some(Stop::Depth) => JsonError::TooDeep { line, column },
        Some(Stop::Keys) => JsonError::TooManyKeys { line, column },
        None => JsonError::Syntax {
            line,
            column,
            ends_early: error.is_eof(),
        },
    })
}

/// Visits every value and keeps none.
#[derive(Clone, Copy)]
struct Walk<'s> {
    depth: usize,
    stop: &'s RefCell<Option<Stop>>,
}

impl Walk<'_> {
    fn refuse<E: serde::de::Error>(&self, stop: Stop) -> E {
        *self.stop.borrow_mut() = Some(stop);
        E::custom("refused")
    }

    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > limits::JSON_DEPTH {
            return Err(self.refuse(Stop::Depth));
        }
        Ok(Self {
            depth,
            stop: self.stop,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut keys = BTreeSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if keys.len() >= limits::JSON_KEYS {
                return Err(self.refuse(Stop::Keys));
            }
            if keys.contains(&key) {
                return Err(self.refuse(Stop::Duplicate(key)));
            }
            keys.insert(key);
            entries.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// One value of a text that [`check`] let through, as the exact text it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node<'a>(&'a str);

impl<'a> Node<'a> {
    /// The whole text as one value. Call it with what [`check`] returned.
    pub fn root(checked: &'a str) -> Self {
        Self(checked.trim_matches([' ', '\t', '\r', '\n']))
    }

    /// The exact text of the value, without the white space around it.
    pub const fn raw(self) -> &'a str {
        self.0
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        self.0.starts_with('[')
    }

    /// Whether it is a string.
    pub fn is_string(self) -> bool {
        self.0.starts_with('"')
    }

    /// The text of a string value.
    pub fn string(self) -> Option<String> {
        if !self.is_string() {
            return None;
        }
        serde_json::from_str(self.0).ok()
    }

    /// The entries of an object, in their order.
    pub fn object(self) -> Option<Object<'a>> {
        if !self.is_object() {
            return None;
        }
        let mut deserializer = serde_json::Deserializer::from_str(self.0);
        let entries = serde::Deserializer::deserialize_map(&mut deserializer, Layer).ok()?;
        Some(Object { entries })
    }

    /// The items of an array, at most `limit` of them and one more: a caller that gets more than
    /// its limit refuses.
    pub fn items(self, limit: usize) -> Option<Vec<Self>> {
        if !self.is_array() {
            return None;
        }
        let mut deserializer = serde_json::Deserializer::from_str(self.0);
        serde::Deserializer::deserialize_seq(&mut deserializer, Items { limit }).ok()
    }
}

/// The entries of one JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<'a> {
    entries: Vec<(String, Node<'a>)>,
}

impl<'a> Object<'a> {
    /// Keys and values, in their order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Node<'a>)> {
        self.entries.iter().map(|(key, node)| (key.as_str(), *node))
    }

    /// The keys, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// Whether the key stands there, be its value `null`.
    pub fn has(&self, key: &str) -> bool {
        self.keys().any(|found| found == key)
    }

    /// The value of a key; absent and `null` are the same.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.entries()
            .find(|(found, node)| *found == key && !node.is_null())
            .map(|(_, node)| node)
    }

    /// The text of a string value under a key; `None` for anything else.
    pub fn text(&self, key: &str) -> Option<String> {
        self.get(key)?.string()
    }
}

struct Layer;

impl<'de> Visitor<'de> for Layer {
    type Value = Vec<(String, Node<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
            entries.push((key, Node(value.get())));
        }
        Ok(entries)
    }
}

struct Items {
    limit: usize,
}

impl<'de> Visitor<'de> for Items {
    type Value = Vec<Node<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(value) = items.next_element::<&'de RawValue>()? {
            found.push(Node(value.get()));
            if found.len() > self.limit {
                // Leaving a sequence unfinished is an error of `serde_json`, so the rest is passed over.
                while items.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                return Ok(found);
            }
        }
        Ok(found)
    }
}

/// Displays a text as a JSON string.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self.0).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec;

    #[test]
    fn values_keep_their_exact_text() {
        let text = " {\"a\" : [1,  2.50 ,{\"b\":null}], \"c\":\"x\\u0041\", \"n\":null} ";
        let root = Node::root(check(text.as_bytes()).unwrap());
        let object = root.object().unwrap();
        assert_eq!(object.keys().collect::<Vec<_>>(), ["a", "c", "n"]);
        assert_eq!(object.get("a").unwrap().raw(), "[1,  2.50 ,{\"b\":null}]");
        assert_eq!(object.text("c").unwrap(), "xA");
        assert!(object.get("n").is_none() && object.has("n"));
        assert!(object.text("a").is_none());
        let items = object.get("a").unwrap().items(8).unwrap();
        assert_eq!(
            items.iter().map(|item| item.raw()).collect::<Vec<_>>(),
            ["1", "2.50", "{\"b\":null}"]
        );
        // One more than the limit comes back, never more.
        assert_eq!(object.get("a").unwrap().items(1).unwrap().len(), 2);
    }

    #[test]
    fn a_second_equal_key_is_refused_at_any_depth_and_in_any_spelling() {
        let inner = check(br#"{"a":[{"b":1,"c":2,"b":3}]}"#);
        assert_eq!(
            inner,
            Err(JsonError::DuplicateKey {
                key: "b".into(),
                line: 1,
                column: 22
            })
        );
        assert!(matches!(
            check(br#"{"a":1,"\u0061":2}"#),
            Err(JsonError::DuplicateKey { .. })
        ));
        assert!(check(br#"{"a":{"b":1},"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn ill_formed_text_is_refused_with_its_place() {
        assert_eq!(
            check(b"{\n  \"a\": ?}"),
            Err(JsonError::Syntax {
                line: 2,
                column: 8,
                ends_early: false
            })
        );
        assert!(matches!(
            check(b"{\"a\": [1, 2"),
            Err(JsonError::Syntax {
                ends_early: true,
                ..
            })
        ));
        for wrong in [
            "",
            "{} {}",
            "{a:1}",
            "[1,]",
            "\"\\ud800\"",
            "nul",
            "01",
            "\u{feff}{}",
        ] {
            assert!(
                matches!(check(wrong.as_bytes()), Err(JsonError::Syntax { .. })),
                "{wrong}"
            );
        }
        assert_eq!(check(b"[\"\xff\"]"), Err(JsonError::Encoding { offset: 2 }));
    }

    #[test]
    fn nesting_and_the_number_of_keys_are_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(check(nested(limits::JSON_DEPTH).as_bytes()).is_ok());
        assert!(matches!(
            check(nested(limits::JSON_DEPTH + 1).as_bytes()),
            Err(JsonError::TooDeep { .. })
        ));
        assert!(matches!(
            check(nested(1_000_000).as_bytes()),
            Err(JsonError::TooDeep { .. })
        ));
        let wide = |keys: usize| {
            let entries: Vec<_> = (0..keys).map(|key| format!("\"{key}\":0")).collect();
            format!("{{{}}}", entries.join(","))
        };
        assert!(check(wide(limits::JSON_KEYS).as_bytes()).is_ok());
        assert!(matches!(
            check(wide(limits::JSON_KEYS + 1).as_bytes()),
            Err(JsonError::TooManyKeys { .. })
        ));
    }

    #[test]
    fn messages_quote_a_hostile_key_safely() {
        let key = vec!["k\u{1b}"; 200].join("");
        let text = format!("{{\"{0}\":1,\"{0}\":1}}", key.replace('\u{1b}', "\\u001b"));
        let message = check(text.as_bytes()).unwrap_err().to_string();
        assert!(
            message.len() < 2000 && !message.contains('\u{1b}'),
            "{message}"
        );
    }
}
