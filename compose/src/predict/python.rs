//! What Python makes of a document before it is printed.

use super::{NotPredicted, by_bytes, number};
use crate::json::Json;

/// The arguments of the SDK's class for `docker_config`.
const DOCKER_CONFIG: [&str; 3] = ["registry", "token_key", "username"];

/// What the SDK's class `AppCompose` keeps: attributes by name. Those that are `None` go, and so do
/// those whose name begins with an underscore.
pub(super) fn attributes(document: &Json) -> Result<Json, NotPredicted> {
    let mut kept = Vec::new();
    if !matches!(document.get("runner"), Some(Json::String(_))) {
        return Err(NotPredicted::field(
            "runner",
            "the package expects a text here",
        ));
    }
    for (key, value) in document.entries().unwrap_or_default() {
        let why = match key.as_str() {
            "self" | "to_dict" => Some("the package has a use of its own for this name"),
            _ if key.starts_with("__") => Some("Python has a use of its own for such names"),
            "docker_config" => match value {
                Json::Object(entries) => entries
                    .iter()
                    .any(|(key, _)| !DOCKER_CONFIG.contains(&key.as_str()))
                    .then_some("the package fails on a key in it"),
                _ => Some("the package fails on anything but an object here"),
            },
            _ => None,
        };
        if let Some(why) = why {
            return Err(NotPredicted::field(key, why));
        }
        let value = match value {
            Json::Object(entries) if key == "docker_config" => {
                let set = entries.iter().filter(|(_, value)| *value != Json::Null);
                nested(&Json::Object(set.cloned().collect()))
            }
            other => nested(other),
        };
        if value != Json::Null && !key.starts_with('_') {
            kept.push((key.clone(), value));
        }
    }
    Ok(Json::Object(by_bytes(kept)))
}

/// Below the top: keys sorted by code point, which is the order of UTF-8.
fn nested(json: &Json) -> Json {
    match json {
        Json::Object(entries) => Json::Object(by_bytes(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), nested(value)))
                .collect(),
        )),
        Json::Array(items) => Json::Array(items.iter().map(nested).collect()),
        other => as_read(other),
    }
}

/// Only the keys at the top sorted: what is inside keeps its order.
pub(super) fn top_sorted(document: &Json) -> Json {
    match as_read(document) {
        Json::Object(entries) => Json::Object(by_bytes(entries)),
        other => other,
    }
}

/// A document as Python has it once it is read.
pub(super) fn as_read(json: &Json) -> Json {
    match json {
        Json::Object(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), as_read(value)))
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.iter().map(as_read).collect()),
        Json::Number(text) => Json::Number(number::python(text)),
        Json::Null | Json::Bool(_) | Json::String(_) => json.clone(),
    }
}

/// Whether Python takes a value for false.
pub(super) fn is_falsy(json: &Json) -> bool {
    match json {
        Json::Null | Json::Bool(false) => true,
        Json::Number(text) => number::is_zero(text),
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(entries) => entries.is_empty(),
        Json::Bool(true) => false,
    }
}
