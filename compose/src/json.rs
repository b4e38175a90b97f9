//! JSON as a tree that forgets nothing a hash depends on: the order of keys, and a number as it was
//! written.

use teeproof_core::JsonError;
use teeproof_core::json::{Document, Node};

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written: `1.0` is not `1`.
    Number(String),
    /// A string, its escapes resolved.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, in the order it was written.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text, strictly: no duplicate key, bounded nesting, and no number that a double
    /// cannot hold: the programs that write these documents would each make something else of it.
    ///
    /// # Errors
    /// [`JsonError`], which says where.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let document = Document::read(bytes)?;
        Self::of(document.root()).map_err(|number| {
            let (line, column) = number.place();
            JsonError::Syntax {
                line,
                column,
                ends_early: false,
            }
        })
    }

    /// The value, or the number that is too large.
    fn of(node: Node<'_>) -> Result<Self, Node<'_>> {
        if let Some(object) = node.object() {
            let entries = object.entries();
            let read = entries.map(|(key, value)| Ok((key.into_owned(), Self::of(value)?)));
            return read.collect::<Result<_, _>>().map(Self::Object);
        }
        if let Some(items) = node.items(usize::MAX) {
            let read = items.into_iter().map(Self::of);
            return read.collect::<Result<_, _>>().map(Self::Array);
        }
        if let Some(text) = node.string() {
            return Ok(Self::String(text));
        }
        match node.raw() {
            "null" => Ok(Self::Null),
            "true" => Ok(Self::Bool(true)),
            "false" => Ok(Self::Bool(false)),
            number if number.parse::<f64>().is_ok_and(f64::is_finite) => {
                Ok(Self::Number(number.to_owned()))
            }
            _ => Err(node),
        }
    }

    /// The entries of an object.
    pub fn entries(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key of an object. A key whose value is `null` is there.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?
            .iter()
            .find(|(found, _)| found == key)
            .map(|(_, value)| value)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value.
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// What kind of value it is, in JSON's own word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_no_double_holds_is_told_with_its_place() {
        assert_eq!(
            Json::parse(b"{\n  \"a\": [1, -1e999]}"),
            Err(JsonError::Syntax {
                line: 2,
                column: 12,
                ends_early: false
            })
        );
        assert!(Json::parse(b"[1e308]").is_ok());
    }

    #[test]
    fn order_and_spelling_survive() {
        let json = Json::parse(br#"{"b":1.0,"a":[null,true,"x\u0041"],"c":{"2":1e2,"1":0}}"#);
        let json = json.unwrap();
        let keys: Vec<_> = json.entries().unwrap().iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["b", "a", "c"]);
        assert_eq!(json.get("b"), Some(&Json::Number("1.0".into())));
        assert_eq!(
            json.get("a").unwrap().items().unwrap(),
            [Json::Null, Json::Bool(true), Json::String("xA".into())]
        );
        let inner = json.get("c").unwrap();
        assert_eq!(inner.entries().unwrap()[0].0, "2");
        assert_eq!(inner.get("2"), Some(&Json::Number("1e2".into())));
    }

    #[test]
    fn what_the_core_refuses_is_refused() {
        for wrong in [&b"{\"a\":1,\"a\":2}"[..], b"{", b"\xff", b""] {
            assert!(Json::parse(wrong).is_err());
        }
        assert!(Json::parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
