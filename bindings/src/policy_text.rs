//! A policy from its text, in either of its two formats.

#[cfg(feature = "toml")]
use teeproof_core::policy::Position;
use teeproof_core::{Policy, PolicyDocument, PolicyError};

/// Reads a policy: JSON if the first character that is no space is `{`, which no TOML document can
/// begin with, and TOML otherwise. Both have the same schema and the same rules, and every error
/// that is about a place names line and column.
pub fn parse_policy(bytes: &[u8]) -> Result<Policy, PolicyError> {
    let text = PolicyDocument::check_text(bytes)?;
    if text.trim_start().starts_with('{') {
        return Policy::from_json(bytes);
    }
    of_toml(text)
}

#[cfg(not(feature = "toml"))]
fn of_toml(_: &str) -> Result<Policy, PolicyError> {
    let message = "this build reads policies in JSON only, and JSON begins with `{`";
    Err(PolicyError::from_parser(message, None))
}

#[cfg(feature = "toml")]
fn of_toml(text: &str) -> Result<Policy, PolicyError> {
    let bytes = text.as_bytes();
    toml::from_str::<PolicyDocument>(text)
        .map(Policy::from)
        .map_err(|error| {
            let span = error.span();
            let position = span.as_ref().map(|span| Position::of(bytes, span.start));
            let message = match span.and_then(|span| text.get(span)) {
                // The TOML parser does not name the key.
                Some(key) if error.message() == "duplicate key" => {
                    &format!("duplicate key `{key}`")
                }
                _ => error.message(),
            };
            PolicyError::from_parser(message, position)
        })
}
