//! Values of checks in JSON.

use serde::{Serialize, Serializer};
use teeproof_core::Value;

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
        json(&self.0).serialize(serializer)
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => text.as_str().into(),
        // Past what JavaScript keeps exactly, a number is text.
        Value::Number(number) if *number > (1 << 53) - 1 => number.to_string().into(),
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Fields(fields) => fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json(value)))
            .collect(),
    }
}
