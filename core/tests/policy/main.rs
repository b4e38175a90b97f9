//! The policy from outside: what is refused and where, what the digest covers, what a pin may do
//! and what the sentences say.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test's helpers may panic as its tests may"
)]

mod digest;
mod narrowing;
mod refusals;
mod sentences;
mod values;
mod what_if;

use serde_json::Value;
use teeproof_core::{Policy, PolicyError, PolicyErrorKind};

/// A policy with every key of the schema, each with a value other than the default.
const FULL: &str = include_str!("full.json");

fn full() -> Value {
    serde_json::from_str(FULL).unwrap()
}

/// JSON with every value on a line of its own, in key order.
fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn parse(value: &Value) -> Result<Policy, PolicyError> {
    Policy::from_json(pretty(value).as_bytes())
}

fn policy(value: &Value) -> Policy {
    parse(value).unwrap_or_else(|error| panic!("{error}\n{value:#}"))
}

/// The smallest policy, with one part replaced.
fn minimal(key: &str, part: Value) -> Value {
    let mut value = serde_json::json!({ "schema": "teeproof.policy/1" });
    value[key] = part;
    value
}

/// JSON pointers of all values below, tables included and list entries that are tables too.
fn pointers(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, child)| (key.clone(), child))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.is_object())
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    children
        .into_iter()
        .flat_map(|(key, child)| {
            let below = pointers(child)
                .into_iter()
                .map(|rest| format!("/{key}{rest}"));
            std::iter::once(format!("/{key}"))
                .chain(below)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Asserts kind and line.
fn refused(text: &str, kind: PolicyErrorKind, line: usize) {
    match Policy::from_json(text.as_bytes()) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => assert_eq!(
            (error.kind(), error.position().map(|place| place.line)),
            (kind, Some(line)),
            "{error}\n{text}"
        ),
    }
}

/// The line, counted from one, that holds the needle.
fn line_of(text: &str, needle: &str) -> usize {
    let index = text.lines().position(|line| line.contains(needle));
    index.unwrap_or_else(|| panic!("{needle} is not in:\n{text}")) + 1
}
