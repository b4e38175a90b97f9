//! What JavaScript makes of a document before it is printed.

use std::cmp::Ordering;

use super::number;
use crate::json::Json;

/// The SDKs' way to sort: every object whose `constructor` is `Object` is rebuilt with its keys in
/// the order of their UTF-16 units. A document can have a key `constructor` of its own: such an
/// object stays as it is, and all below it. Rebuilding sets `__proto__` where it stands and so loses
/// it.
pub(super) fn sorted(json: &Json) -> Json {
    match json {
        Json::Object(entries) if json.get("constructor").is_none() => {
            let mut kept: Vec<_> = entries
                .iter()
                .filter(|(key, _)| key != "__proto__")
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect();
            kept.sort_by(|(one, _), (other, _)| utf16(one, other));
            Json::Object(indices_first(kept))
        }
        Json::Array(items) => Json::Array(items.iter().map(sorted).collect()),
        other => as_read(other),
    }
}

/// A document as JavaScript has it once it is read.
pub(super) fn as_read(json: &Json) -> Json {
    match json {
        Json::Object(entries) => {
            let read = entries
                .iter()
                .map(|(key, value)| (key.clone(), as_read(value)));
            Json::Object(indices_first(read.collect()))
        }
        Json::Array(items) => Json::Array(items.iter().map(as_read).collect()),
        Json::Number(text) => Json::Number(number::js(text)),
        Json::Null | Json::Bool(_) | Json::String(_) => json.clone(),
    }
}

fn utf16(one: &str, other: &str) -> Ordering {
    one.encode_utf16().cmp(other.encode_utf16())
}

/// Every JavaScript object lists keys that are array indices first, by their number, whatever the
/// order they were added in.
fn indices_first(mut entries: Vec<(String, Json)>) -> Vec<(String, Json)> {
    // The sort is stable, so the others keep their order.
    entries.sort_by_key(|(key, _)| index(key).map_or((true, 0), |index| (false, index)));
    entries
}

/// An array index: 0 to 2^32 - 2, written without leading zeros.
fn index(key: &str) -> Option<u32> {
    let index: u32 = key.parse().ok()?;
    (index != u32::MAX && index.to_string() == key).then_some(index)
}

/// Whether JavaScript takes a value for false.
pub(super) fn is_falsy(json: &Json) -> bool {
    match json {
        Json::Null | Json::Bool(false) => true,
        Json::Number(text) => number::is_zero(text),
        Json::String(text) => text.is_empty(),
        Json::Bool(true) | Json::Array(_) | Json::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        let json = sorted(&Json::parse(text.as_bytes()).unwrap());
        let entries = json.entries().unwrap();
        entries.iter().map(|(key, _)| key.clone()).collect()
    }

    #[test]
    fn keys_sort_as_javascript_sorts_them() {
        assert_eq!(
            keys(r#"{"b":1,"10":1,"a":1,"2":1,"01":1,"4294967295":1,"4294967294":1,"-1":1,"":1}"#),
            [
                "2",
                "10",
                "4294967294",
                "",
                "-1",
                "01",
                "4294967295",
                "a",
                "b"
            ]
        );
        // U+1F600 is a pair of surrogates, which come before U+FF5E.
        assert_eq!(
            keys("{\"\u{ff5e}\":1,\"\u{1f600}\":1}"),
            ["\u{1f600}", "\u{ff5e}"]
        );
        assert_eq!(keys(r#"{"b":1,"__proto__":{"x":1},"a":1}"#), ["a", "b"]);
        assert_eq!(
            keys(r#"{"b":1,"constructor":1,"__proto__":1,"a":1,"0":1}"#),
            ["0", "b", "constructor", "__proto__", "a"]
        );
    }
}
