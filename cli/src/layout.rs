//! How values and long sentences are laid out under an indent.

use serde_json::{Map, Value};
use teeproof_bindings::ValueAnswer;
use teeproof_core::Value::Text;

use crate::failure::Failure;
use crate::output::Output;
use crate::paint::Line;

const WIDTH: usize = 100;

/// A value behind a lead. Too much for a line, it gets one line for each field, so that registers
/// stay whole.
pub(crate) fn row(output: &mut Output, lead: &str, value: &ValueAnswer) -> Result<(), Failure> {
    match &value.0 {
        // Most of them.
        Text(text) if !text.is_empty() => wrapped(output, lead, text),
        _ => {
            let value = serde_json::to_value(value).unwrap_or(Value::Null);
            value_row(output, lead, &value)
        }
    }
}

fn value_row(output: &mut Output, lead: &str, value: &Value) -> Result<(), Failure> {
    let whole = inline(value);
    let blank = " ".repeat(width(lead));
    let lead_of = |index: usize| if index == 0 { lead } else { &blank };
    match value {
        Value::Object(fields) if !fits(lead, &whole) => {
            fields
                .iter()
                .enumerate()
                .try_for_each(|(index, (field, value))| {
                    output.line(format!("{}{field} {}", lead_of(index), inline(value)))
                })
        }
        Value::Array(items) if items.iter().any(Value::is_object) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| value_row(output, lead_of(index), item)),
        _ => wrapped(output, lead, &whole),
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn fits(lead: &str, text: &str) -> bool {
    width(lead).saturating_add(width(text)) <= WIDTH
}

/// A value on one line.
fn inline(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(inline).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name} {}", inline(value)))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

/// A tree of values as indented lines.
pub(crate) fn tree(value: &Value, depth: usize, output: &mut Output) -> Result<(), Failure> {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(object) => fields(object, &indent, depth, output),
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().map(without_nothing).collect();
            // A list of events reads best with one line for each, though some are long.
            let flat = items
                .iter()
                .all(|item| is_flat(item) && width(&inline(item)) <= WIDTH.saturating_mul(2));
            items.iter().try_for_each(|one| match one {
                Value::Object(object) if !flat => {
                    let lead = format!("{indent}- ");
                    fields(object, &lead, depth.saturating_add(1), output)
                }
                Value::Array(_) => {
                    output.line(format!("{indent}-"))?;
                    tree(one, depth.saturating_add(1), output)
                }
                _ => output.line(format!("{indent}- {}", inline(one))),
            })
        }
        scalar => output.line(format!("{indent}{}", inline(scalar))),
    }
}

/// The fields of an object that have a value. `lead` stands before the first of them.
fn fields(
    object: &Map<String, Value>,
    lead: &str,
    depth: usize,
    output: &mut Output,
) -> Result<(), Failure> {
    let indent = "  ".repeat(depth);
    for (index, (name, value)) in object
        .iter()
        .filter(|(_, value)| !is_nothing(value))
        .enumerate()
    {
        let lead = if index == 0 { lead } else { &indent };
        if is_scalar(value) {
            output.line(format!("{lead}{name}: {}", inline(value)))?;
        } else {
            output.line(format!("{lead}{name}:"))?;
            tree(value, depth.saturating_add(1), output)?;
        }
    }
    Ok(())
}

/// An object without the fields that have no value.
fn without_nothing(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !is_nothing(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        other => other.clone(),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn is_flat(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().all(is_scalar),
        other => is_scalar(other),
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Object(_) | Value::Array(_))
}

/// Prints text behind a lead, wrapped at spaces; what has none is left whole, to be copied.
pub(crate) fn wrapped(
    output: &mut Output,
    lead: impl Into<Line>,
    text: &str,
) -> Result<(), Failure> {
    let mut line = lead.into();
    let follow = " ".repeat(line.width());
    let mut begun = false;
    for word in text.split(' ') {
        if begun && line.width().saturating_add(width(word)) >= WIDTH {
            output.line(std::mem::replace(&mut line, Line::from(follow.as_str())))?;
            begun = false;
        }
        if begun {
            line.push(" ");
        }
        line.push(word);
        begun = true;
    }
    output.line(line)
}

/// Paths differ at their ends.
pub(crate) fn tail(name: &str, width: usize) -> String {
    let count = name.chars().count();
    if count <= width {
        return name.to_owned();
    }
    let kept = width.saturating_sub(1);
    let end: String = name.chars().skip(count.saturating_sub(kept)).collect();
    format!("…{end}")
}

pub(crate) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    let mut padded = String::with_capacity(text.len().saturating_add(missing));
    padded.push_str(text);
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}
