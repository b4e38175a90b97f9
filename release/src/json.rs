//! The version in a JSON file. All but the version stays as it was written.

use std::ops::Range;

use teeproof_core::json::Document;

/// Where in the text the value of a key stands, quotes included, and what it says.
pub(crate) fn find(text: &str, key: &str) -> Result<(Range<usize>, String), String> {
    let document = Document::of_text(text).map_err(|error| error.to_string())?;
    let mut node = document.root();
    for part in key.split('.') {
        node = node
            .object()
            .and_then(|object| object.get(part))
            .ok_or_else(|| format!("there is no `{key}`: `{part}` is missing"))?;
    }
    let version = node.string().ok_or_else(|| format!("`{key}` is no text"))?;
    let start = node.offset();
    Ok((start..start.saturating_add(node.raw().len()), version))
}

/// The text with another value under a key.
pub(crate) fn replace(text: &str, key: &str, version: &str) -> Result<String, String> {
    let (range, _) = find(text, key)?;
    let mut text = text.to_owned();
    text.replace_range(range, &format!("\"{version}\""));
    Ok(text)
}
