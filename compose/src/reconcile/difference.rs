//! Where two documents differ.

use crate::json::Json;

/// Fields that are named of one pair of documents.
const FIELDS: usize = 32;

/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// How a field differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldDifference {
    /// The first has it, the second has not.
    OnlyFirst,
    /// The second has it, the first has not.
    OnlySecond,
    /// Both have it, with other values, cut to 80 characters. Of texts of several lines it is the
    /// first line that differs, by its number from one.
    Value {
        /// In the first.
        first: String,
        /// In the second.
        second: String,
        /// The line.
        line: Option<usize>,
    },
    /// The same keys in another order; this key is the first out of place.
    Order {
        /// The key in the first.
        first: String,
        /// The key in the second.
        second: String,
    },
}

/// Every field that differs, at most 32, each with its path. Nothing where both say the same, be it
/// in other bytes.
pub fn differences(first: &Json, second: &Json) -> Vec<(String, FieldDifference)> {
    let mut found = Vec::new();
    walk(first, second, "", &mut found);
    found.truncate(FIELDS);
    found
}

/// The first byte that differs, counted from zero. `None` if all are alike.
pub fn first_byte(first: &[u8], second: &[u8]) -> Option<usize> {
    let alike = first
        .iter()
        .zip(second)
        .take_while(|(one, other)| one == other)
        .count();
    (first.len() != second.len() || alike < first.len()).then_some(alike)
}

fn walk(first: &Json, second: &Json, path: &str, found: &mut Vec<(String, FieldDifference)>) {
    if first == second || found.len() > FIELDS {
        return;
    }
    let below = |key: &str| {
        let key: String = key.chars().take(SHOWN).collect();
        if path.is_empty() {
            key
        } else {
            format!("{path}.{key}")
        }
    };
    match (first, second) {
        (Json::Object(one), Json::Object(other)) => {
            let in_both = |entries: &[(String, Json)], there: &Json| -> Vec<String> {
                let keys = entries.iter().map(|(key, _)| key);
                keys.filter(|key| there.get(key).is_some())
                    .cloned()
                    .collect()
            };
            let (one_order, other_order) = (in_both(one, second), in_both(other, first));
            let displaced = one_order
                .iter()
                .zip(&other_order)
                .find(|(one, other)| one != other);
            if let Some((one, other)) = displaced {
                let cut = |key: &String| key.chars().take(SHOWN).collect();
                let order = FieldDifference::Order {
                    first: cut(one),
                    second: cut(other),
                };
                found.push((path.to_owned(), order));
            }
            for (key, value) in one {
                match second.get(key) {
                    Some(there) => walk(value, there, &below(key), found),
                    None => found.push((below(key), FieldDifference::OnlyFirst)),
                }
            }
            for (key, _) in other.iter().filter(|(key, _)| first.get(key).is_none()) {
                found.push((below(key), FieldDifference::OnlySecond));
            }
        }
        (Json::Array(one), Json::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                walk(one, other, &below(&index.to_string()), found);
            }
        }
        (Json::String(one), Json::String(other)) => {
            let several = one.contains('\n') || other.contains('\n');
            let (mut ones, mut others) = (one.split('\n'), other.split('\n'));
            let mut line = 1_usize;
            let (first, second) = loop {
                match (ones.next(), others.next()) {
                    (Some(one), Some(other)) if one == other => line = line.saturating_add(1),
                    (one, other) => break (one, other),
                }
            };
            let shown = |line: Option<&str>| line.map_or("the end".to_owned(), quoted);
            let value = FieldDifference::Value {
                first: shown(first),
                second: shown(second),
                line: several.then_some(line),
            };
            found.push((path.to_owned(), value));
        }
        _ => {
            let value = FieldDifference::Value {
                first: shown(first),
                second: shown(second),
                line: None,
            };
            found.push((path.to_owned(), value));
        }
    }
}

fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(SHOWN).collect();
    format!("{cut:?}")
}

fn shown(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(text) => text.chars().take(SHOWN).collect(),
        Json::String(text) => quoted(text),
        Json::Array(items) => format!("a list of {}", items.len()),
        Json::Object(entries) => format!("an object of {}", entries.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(first: &str, second: &str) -> Vec<(String, FieldDifference)> {
        let json = |text: &str| Json::parse(text.as_bytes()).unwrap();
        differences(&json(first), &json(second))
    }

    fn paths(first: &str, second: &str) -> Vec<String> {
        of(first, second)
            .into_iter()
            .map(|(path, _)| path)
            .collect()
    }

    #[test]
    fn each_field_is_named_with_what_differs() {
        assert_eq!(
            of(r#"{"a":1,"b":[1,{"c":2}]}"#, r#"{"a":1,"b":[1,{"c":2}]}"#),
            []
        );
        assert_eq!(
            paths(r#"{"a":1,"b":[1,{"c":2}]}"#, r#"{"a":1,"b":[1,{"c":3}]}"#),
            ["b.1.c"]
        );
        assert_eq!(
            of(r#"{"a":1}"#, "{}"),
            [("a".into(), FieldDifference::OnlyFirst)]
        );
        assert_eq!(
            of("{}", r#"{"a":1}"#),
            [("a".into(), FieldDifference::OnlySecond)]
        );
        let value = |first: &str, second: &str, line| FieldDifference::Value {
            first: first.into(),
            second: second.into(),
            line,
        };
        assert_eq!(
            of(r#"{"a":1}"#, r#"{"a":1.0}"#),
            [("a".into(), value("1", "1.0", None))]
        );
        assert_eq!(
            of(r#"{"a":"x\ny\nz"}"#, r#"{"a":"x\nw\nz"}"#),
            [("a".into(), value("\"y\"", "\"w\"", Some(2)))]
        );
        assert_eq!(
            of(r#"{"a":"x\n"}"#, r#"{"a":"x"}"#),
            [("a".into(), value("\"\"", "the end", Some(2)))]
        );
        assert_eq!(
            of(r#"{"a":[1]}"#, r#"{"a":[1,2]}"#),
            [("a".into(), value("a list of 1", "a list of 2", None))]
        );
        let order = FieldDifference::Order {
            first: "b".into(),
            second: "c".into(),
        };
        assert_eq!(
            of(r#"{"a":1,"b":2,"c":3}"#, r#"{"a":1,"c":3,"b":2}"#),
            [(String::new(), order)]
        );
    }

    #[test]
    fn no_list_of_differences_is_endless() {
        let many: Vec<_> = (0..1000).map(|index| format!("\"k{index}\":1")).collect();
        let found = of(&format!("{{{}}}", many.join(",")), "{}");
        assert_eq!(found.len(), FIELDS);
    }

    #[test]
    fn the_first_byte() {
        assert_eq!(first_byte(b"abc", b"abc"), None);
        assert_eq!(first_byte(b"abc", b"abd"), Some(2));
        assert_eq!(first_byte(b"abc", b"ab"), Some(2));
        assert_eq!(first_byte(b"", b"x"), Some(0));
    }
}
