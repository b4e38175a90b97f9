//! Fields that several JSON forms share.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::error::{InputError, InputFieldError};
use super::{InstanceEvidence, mr_config_in};
use crate::json::{Document, Node, Object};
use crate::limits;

/// The exact text of the log: an array as it stands, or the content of a string. Some producers
/// write the string twice over. What the log says is for the log's own reader to judge.
pub(super) fn event_log(object: &Object<'_>) -> Result<Option<Vec<u8>>, InputError> {
    let field = "event_log";
    let refuse = |error| InputError::Field { field, error };
    let Some(node) = object.get(field) else {
        return Ok(None);
    };
    let mut text = match node.string() {
        Some(text) => text,
        None => node.raw().to_string(),
    };
    if text.trim_ascii().is_empty() {
        return Ok(None);
    }
    if text.trim_ascii_start().starts_with('"') {
        let document =
            Document::of_text(&text).map_err(|error| refuse(InputFieldError::Json(error)))?;
        let inner = document.root().string();
        text = inner.ok_or_else(|| refuse(InputFieldError::NotALog))?;
    }
    if text.len() > limits::EVENT_LOG {
        return Err(refuse(InputFieldError::TooLarge {
            size: text.len(),
            limit: limits::EVENT_LOG,
        }));
    }
    if !text.trim_ascii_start().starts_with('[') {
        return Err(refuse(InputFieldError::NotALog));
    }
    Ok(Some(text.into_bytes()))
}

pub(super) fn add_vm_config(
    evidence: &mut InstanceEvidence,
    object: &Object<'_>,
) -> Result<(), InputError> {
    if let Some(config) = vm_config(object)? {
        evidence.mr_config_document = mr_config_in(&config);
        evidence.vm_config = Some(config);
    }
    Ok(())
}

/// The exact text of `vm_config`: the content of a string, or an object as it stands.
fn vm_config(object: &Object<'_>) -> Result<Option<Vec<u8>>, InputError> {
    let field = "vm_config";
    let Some(node) = object.get(field) else {
        return Ok(None);
    };
    let text = match node.string() {
        Some(text) => text,
        None if node.is_object() => node.raw().to_string(),
        None => {
            return Err(InputError::Field {
                field,
                error: InputFieldError::NotAnObject,
            });
        }
    };
    if text.len() > limits::VM_CONFIG {
        return Err(InputError::Field {
            field,
            error: InputFieldError::TooLarge {
                size: text.len(),
                limit: limits::VM_CONFIG,
            },
        });
    }
    Ok((!text.trim_ascii().is_empty()).then(|| text.into_bytes()))
}

/// A field that must be text when it is there at all.
pub(super) fn text_field(
    object: &Object<'_>,
    field: &'static str,
) -> Result<Option<String>, InputError> {
    match object.get(field) {
        None => Ok(None),
        Some(node) => node.string().map(Some).ok_or(InputError::Field {
            field,
            error: InputFieldError::NotText,
        }),
    }
}

pub(super) fn bounded(
    object: &Object<'_>,
    field: &'static str,
    limit: usize,
) -> Result<Option<String>, InputError> {
    match text_field(object, field)? {
        Some(text) if text.len() > limit => Err(InputError::Field {
            field,
            error: InputFieldError::TooLarge {
                size: text.len(),
                limit,
            },
        }),
        text => Ok(text),
    }
}

/// Keeps what the input says of itself, under its own names. Only plain values count.
pub(super) fn report(
    evidence: &mut InstanceEvidence,
    object: &Object<'_>,
    prefix: &str,
    names: &[&'static str],
) -> Result<(), InputError> {
    for name in names {
        let Some(node) = object.get(name) else {
            continue;
        };
        let value = match bounded_scalar(node) {
            Ok(Some(value)) => value,
            Ok(None) => continue,
            Err(error) => return Err(InputError::Field { field: name, error }),
        };
        let mut key = String::from(prefix);
        key.push_str(name);
        evidence.self_reported.push((key, value));
    }
    Ok(())
}

/// The text of a string, a number or a truth value; `None` for an empty string and for structures.
fn bounded_scalar(node: Node<'_>) -> Result<Option<String>, InputFieldError> {
    if node.is_object() || node.is_array() {
        return Ok(None);
    }
    let value = node.string().unwrap_or_else(|| node.raw().to_string());
    if value.len() > limits::SELF_REPORTED {
        return Err(InputFieldError::TooLarge {
            size: value.len(),
            limit: limits::SELF_REPORTED,
        });
    }
    Ok((!value.is_empty()).then_some(value))
}

/// The first of the named fields that has something to tell instances apart by.
pub(super) fn label(object: &Object<'_>, names: &[&'static str]) -> Option<String> {
    names
        .iter()
        .filter_map(|name| object.text(name))
        .find(|text| !text.is_empty() && text.len() <= limits::SELF_REPORTED)
}
