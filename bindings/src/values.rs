//! Answers in JSON, and the values of checks in them.

use serde::{Serialize, Serializer};
use teeproof_core::Value;

/// An answer as JSON. Of shapes of our own, whose keys are texts, nothing can fail.
pub(crate) fn text_of<T: Serialize>(answer: &T) -> String {
    // Room for the report of a guest: a text that grows is copied at every doubling.
    let mut text = Vec::with_capacity(32 * 1024);
    match serde_json::to_writer(&mut text, answer) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// A value that a check found or expected: text, a number, a flag, a list or named values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(transparent)
)]
pub struct ValueAnswer(
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Value"))] pub Value,
);

impl Serialize for ValueAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written(&self.0).serialize(serializer)
    }
}

struct Written<'a>(&'a Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(text) => serializer.serialize_str(text),
            // Past what JavaScript keeps exactly, a number is text.
            Value::Number(number) if *number > (1 << 53) - 1 => serializer.collect_str(number),
            Value::Number(number) => serializer.serialize_u64(*number),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::List(items) => serializer.collect_seq(items.iter().map(Written)),
            Value::Fields(fields) => {
                serializer.collect_map(fields.iter().map(|(name, value)| (*name, Written(value))))
            }
        }
    }
}
