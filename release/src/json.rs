//! The version in a JSON file. All but the version stays as it was written.

use std::ops::Range;

use teeproof_core::json::{Node, check};

/// Where in the text the value of a key stands, quotes included, and what it says.
pub(crate) fn find(text: &str, key: &str) -> Result<(Range<usize>, String), String> {
    let checked = check(text.as_bytes()).map_err(|error| error.to_string())?;
    let mut node = Node::root(checked);
    for part in key.split('.') {
        node = node
            .object()
            .and_then(|object| object.get(part))
            .ok_or_else(|| format!("there is no `{key}`: `{part}` is missing"))?;
    }
    let version = node.string().ok_or_else(|| format!("`{key}` is no text"))?;
    // The raw text of a value is a piece of the whole.
    let raw = node.raw();
    let start = (raw.as_ptr() as usize)
        .checked_sub(text.as_ptr() as usize)
        .filter(|start| text.get(*start..).is_some_and(|rest| rest.starts_with(raw)))
        .ok_or_else(|| format!("`{key}` cannot be found again"))?;
    Ok((start..start.saturating_add(raw.len()), version))
}

/// The text with another value under a key.
pub(crate) fn replace(text: &str, key: &str, version: &str) -> Result<String, String> {
    let (range, _) = find(text, key)?;
    let mut text = text.to_owned();
    text.replace_range(range, &format!("\"{version}\""));
    Ok(text)
}
