//! JSON in the one form that can be hashed: RFC 8785, for the part of JSON that digests here use.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

/// A JSON value whose text is canonical by construction.
///
/// RFC 8785 sorts keys by UTF-16 code units, which for ASCII keys is the order of their bytes.
/// Numbers are integers below 2^53, whose shortest form is their decimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json<'a> {
    Null,
    Flag(bool),
    Number(u64),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    /// In any order; no key twice.
    Object(Vec<(&'static str, Self)>),
    /// What is canonical text already.
    Written(String),
}

impl<'a> Json<'a> {
    /// The largest integer that every reader of JSON keeps exactly: 2^53 - 1.
    pub(crate) const MAX_NUMBER: u64 = 9_007_199_254_740_991;

    /// A text.
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// The canonical text.
    pub(crate) fn into_text(self) -> String {
        let mut text = String::new();
        self.push(&mut text);
        text
    }

    /// Writes the canonical text.
    pub(crate) fn push(self, out: &mut String) {
        match self {
            Self::Written(text) => out.push_str(&text),
            Self::Null => out.push_str("null"),
            Self::Flag(true) => out.push_str("true"),
            Self::Flag(false) => out.push_str("false"),
            Self::Number(number) => push_number(out, number),
            Self::Text(text) => push_text(out, &text),
            Self::List(items) => {
                let mut open = '[';
                for item in items {
                    out.push(open);
                    item.push(out);
                    open = ',';
                }
                out.push_str(if open == '[' { "[]" } else { "]" });
            }
            Self::Object(mut fields) => {
                let mut open = '{';
                fields.sort_unstable_by_key(|(key, _)| *key);
                for (key, value) in fields {
                    out.push(open);
                    push_word(out, key);
                    out.push(':');
                    value.push(out);
                    open = ',';
                }
                out.push_str(if open == '{' { "{}" } else { "}" });
            }
        }
    }
}

/// Writes a whole number.
pub(crate) fn push_number(out: &mut String, number: u64) {
    // To write into a text is never refused.
    let _ = write!(out, "{number}");
}

/// Writes one of our own words, in which nothing needs an escape, as a JSON string.
pub(crate) fn push_word(out: &mut String, word: &'static str) {
    out.push('"');
    out.push_str(word);
    out.push('"');
}

/// Writes a JSON string with the escapes of RFC 8785, section 3.2.2.2.
pub(crate) fn push_text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(crate::json::plain_length(rest.as_bytes()));
        out.push_str(plain);
        if special.is_empty() {
            break;
        }
        let mut characters = special.chars();
        match characters.next().unwrap_or_default() {
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            sign @ ('"' | '\\') => out.extend(['\\', sign]),
            control => {
                out.push_str("\\u00");
                let mut byte = [0];
                control.encode_utf8(&mut byte);
                out.push_str(&crate::bytes::encode_hex(&byte));
            }
        }
        rest = characters.as_str();
    }
    out.push('"');
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
            Json::text(text).into_text(),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""
        );
    }

    #[test]
    fn every_text_is_escaped_as_another_writer_escapes_it() {
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        let mut ours = String::new();
        push_text(&mut ours, &all);
        assert_eq!(ours, serde_json::to_string(&all).unwrap());
    }

    #[test]
    fn objects_are_compact_and_sorted() {
        let object = Json::Object(vec![
            ("b", Json::List(vec![Json::Number(1), Json::Flag(true)])),
            ("a-b", Json::Null),
            ("a", Json::Object(vec![])),
            ("", Json::List(vec![])),
        ]);
        assert_eq!(
            object.into_text(),
            r#"{"":[],"a":{},"a-b":null,"b":[1,true]}"#
        );
    }
}
