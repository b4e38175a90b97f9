//! A policy from its text, in either of its two formats.

use teeproof_core::{Policy, PolicyError};

/// Reads a policy: JSON if the first character that is no space is `{`, which no TOML document can
/// begin with, and TOML otherwise. Both have the same schema and the same rules, and every error
/// that is about a place names line and column.
pub fn parse_policy(bytes: &[u8]) -> Result<Policy, PolicyError> {
    let text = Policy::check_text(bytes)?;
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
    use teeproof_core::policy::Position;

    let document = toml::de::DeTable::parse(text).map_err(|error| {
        let span = error.span();
        let position = span
            .as_ref()
            .map(|span| Position::of(text.as_bytes(), span.start));
        let message = match span.and_then(|span| text.get(span)) {
            // The TOML parser does not name the key.
            Some(key) if error.message() == "duplicate key" => &format!("duplicate key `{key}`"),
            _ => error.message(),
        };
        PolicyError::from_parser(message, position)
    })?;
    Policy::from_value(
        text,
        &tree::table(document.span().start, document.get_ref()),
    )
}

#[cfg(feature = "toml")]
mod tree {
    //! What the TOML parser found, with its places.

    use teeproof_core::policy::{PolicyContent, PolicyValue};
    use toml::Spanned;
    use toml::de::{DeTable, DeValue};

    pub(super) fn table(offset: usize, table: &DeTable<'_>) -> PolicyValue {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, item)| (key.get_ref().to_string(), key.span().start, value(item)))
            .collect();
        // The parser sorts by key, and the first fault is the one to tell.
        entries.sort_by_key(|(_, offset, _)| *offset);
        PolicyValue {
            offset,
            content: PolicyContent::Table(entries),
        }
    }

    fn value(item: &Spanned<DeValue<'_>>) -> PolicyValue {
        let offset = item.span().start;
        let content = match item.get_ref() {
            DeValue::Table(inner) => return table(offset, inner),
            DeValue::Array(items) => PolicyContent::List(items.iter().map(value).collect()),
            DeValue::String(text) => PolicyContent::Text(text.to_string()),
            DeValue::Boolean(flag) => PolicyContent::Flag(*flag),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()).map(u64::try_from) {
                    Ok(Ok(number)) => PolicyContent::Whole(number),
                    Ok(Err(_)) => PolicyContent::Negative,
                    Err(_) => PolicyContent::Other("a number that is too large"),
                }
            }
            DeValue::Float(_) => PolicyContent::Other("a number with a fraction or an exponent"),
            DeValue::Datetime(_) => PolicyContent::Other("a date"),
        };
        PolicyValue { offset, content }
    }
}
