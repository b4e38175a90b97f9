//! What two values are compared by, JSON and YAML alike: layout is gone, meaning is left.

use std::collections::BTreeMap;

use crate::json::Json;
use crate::yaml::{Scalar, Yaml, YamlNode};

/// A value. The order of keys is gone; whether something is a text or a number is not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tree<'a> {
    /// A number, a truth value or null, as it was written.
    Word(&'a str),
    /// A text.
    Text(&'a str),
    /// A list.
    List(Vec<Tree<'a>>),
    /// A mapping.
    Map(BTreeMap<&'a str, Tree<'a>>),
}

impl<'a> Tree<'a> {
    pub(super) fn of_json(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Word("null"),
            Json::Bool(true) => Self::Word("true"),
            Json::Bool(false) => Self::Word("false"),
            Json::Number(text) => Self::Word(text),
            Json::String(text) => Self::Text(text),
            Json::Array(items) => Self::List(items.iter().map(Self::of_json).collect()),
            Json::Object(entries) => Self::Map(
                entries
                    .iter()
                    .map(|(key, value)| (key.as_str(), Self::of_json(value)))
                    .collect(),
            ),
        }
    }

    pub(super) fn of_yaml(node: &'a YamlNode) -> Self {
        match &node.value {
            Yaml::Scalar(scalar) => Self::of_scalar(scalar),
            Yaml::Sequence(items) => Self::List(items.iter().map(Self::of_yaml).collect()),
            Yaml::Mapping(entries) => Self::Map(
                entries
                    .iter()
                    .map(|(key, value)| (key.as_str(), Self::of_yaml(value)))
                    .collect(),
            ),
        }
    }

    fn of_scalar(scalar: &'a Scalar) -> Self {
        if scalar.is_null() {
            Self::Word("null")
        } else if scalar.plain && may_be_typed(&scalar.text) {
            Self::Word(&scalar.text)
        } else {
            Self::Text(&scalar.text)
        }
    }

    /// The text, or the word as it was written.
    pub(super) const fn scalar(&self) -> Option<&'a str> {
        match self {
            Self::Word(text) | Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) const fn map(&self) -> Option<&BTreeMap<&'a str, Self>> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        *self == Self::Word("null")
    }
}

/// Whether a reader of YAML 1.1 or 1.2 may take a plain scalar for something else than a text.
fn may_be_typed(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
    ) {
        return true;
    }
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    if matches!(unsigned, ".inf" | ".nan") {
        return true;
    }
    if !unsigned.starts_with(|one: char| one.is_ascii_digit() || one == '.') {
        return false;
    }
    let digits = unsigned.replace('_', "");
    let based = |prefix: &str, base| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|one| one.is_digit(base)))
    };
    digits.parse::<f64>().is_ok()
        || based("0x", 16)
        || based("0o", 8)
        || based("0b", 2)
        || is_sexagesimal(&digits)
        || is_date(unsigned)
}

/// `22:22`, which YAML 1.1 reads as a number to the base of sixty.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = text.split(':');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit());
    let first = parts.next().is_some_and(digits);
    let rest: Vec<_> = parts.collect();
    first
        && !rest.is_empty()
        && rest
            .iter()
            .all(|part| digits(part) && part.parse::<u8>().is_ok_and(|number| number < 60))
}

/// `2026-01-02`, with or without a time after it.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut digits = |most: usize| {
        parts.next().is_some_and(|part| {
            let count = part.bytes().take_while(u8::is_ascii_digit).count();
            count > 0 && count <= most
        })
    };
    digits(4) && digits(2) && digits(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_number_is_told_from_a_text() {
        for typed in [
            "1",
            "1.0",
            "-3",
            "1e3",
            "0x1F",
            "0o17",
            "0b1",
            "1_000",
            "yes",
            "NO",
            ".inf",
            "22:22",
            "2026-01-02",
            "true",
        ] {
            assert!(may_be_typed(typed), "{typed}");
        }
        for text in [
            "",
            "nginx",
            "1.2.3",
            "10s",
            "80:80",
            "8080:8080",
            "1G",
            "a1",
            "-",
            "-x",
            "0x",
        ] {
            assert!(!may_be_typed(text), "{text}");
        }
    }

    #[test]
    fn layout_is_no_part_of_a_value() {
        let tree = |text: &str| YamlNode::parse(text.as_bytes()).unwrap();
        let same = |one: &str, two: &str| {
            let (one, two) = (tree(one), tree(two));
            Tree::of_yaml(&one) == Tree::of_yaml(&two)
        };
        assert!(same(
            "a: x\nb: [1, z]\n",
            "# note\n\"b\":\n- 1\n- 'z'\na: \"x\"\n"
        ));
        assert!(!same("a: 1\n", "a: \"1\"\n"));
        assert!(!same("a: [1, 2]\n", "a: [2, 1]\n"));
        assert!(!same("a:\n", "a: \"\"\n"));
    }
}
