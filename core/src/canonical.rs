//! JSON in the one form that can be hashed: RFC 8785, for the part of JSON that digests here use.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// A JSON value whose text is canonical by construction. Not `serde_json::Value`: the order of its
/// keys depends on a cargo feature that any crate of a build can switch on.
///
/// RFC 8785 sorts keys by UTF-16 code units, which for ASCII keys is the order of a `BTreeMap`.
/// Numbers are integers below 2^53, whose shortest form is their decimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Flag(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<&'static str, Json>),
}

impl Json {
    /// The largest integer that every reader of JSON keeps exactly: 2^53 - 1.
    pub(crate) const MAX_NUMBER: u64 = 9_007_199_254_740_991;
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write_text(f, text),
            Self::List(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    separate(f, index)?;
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Self::Object(fields) => {
                f.write_char('{')?;
                for (index, (key, value)) in fields.iter().enumerate() {
                    separate(f, index)?;
                    write_text(f, key)?;
                    f.write_char(':')?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

fn separate(f: &mut fmt::Formatter<'_>, index: usize) -> fmt::Result {
    if index == 0 {
        Ok(())
    } else {
        f.write_char(',')
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\u{8}' => f.write_str("\\b")?,
            '\t' => f.write_str("\\t")?,
            '\n' => f.write_str("\\n")?,
            '\u{c}' => f.write_str("\\f")?,
            '\r' => f.write_str("\\r")?,
            control if control < ' ' => write!(f, "\\u{:04x}", u32::from(control))?,
            plain => f.write_char(plain)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    #[test]
    fn text_is_escaped_as_rfc_8785_section_3_2_2_2_says() {
        let text = "\u{20ac}$\u{f}\nA'B\"\\\\\"/".to_string();
        assert_eq!(
            Json::Text(text).to_string(),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""
        );
    }

    #[test]
    fn objects_are_compact_and_sorted() {
        let object = Json::Object(BTreeMap::from([
            ("b", Json::List(vec![Json::Number(1), Json::Flag(true)])),
            ("a-b", Json::Null),
            ("a", Json::Object(BTreeMap::new())),
        ]));
        assert_eq!(object.to_string(), r#"{"a":{},"a-b":null,"b":[1,true]}"#);
    }
}
