//! What one line of the subset can be.

use alloc::borrow::ToOwned;
use alloc::string::String;

pub(super) fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// Nothing but blanks and a comment.
pub(super) fn is_empty(text: &str) -> bool {
    let trimmed = text.trim_ascii();
    trimmed.is_empty() || (trimmed.starts_with('#') && text.starts_with([' ', '\t']))
}

/// A key of letters, digits, `.`, `_` and `-`, and what stands behind its colon.
pub(super) fn plain_key(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let starts = key.bytes().next().is_some_and(|byte| byte != b'-');
    let separated = value.is_empty() || value.starts_with([' ', '\t']);
    (starts && key.bytes().all(plain) && separated).then_some((key, value))
}

/// The value behind the key of a mapping, if the line is one; a quoted key is passed over.
pub(super) fn keyed(text: &str) -> Option<&str> {
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        let end = quoted_end(text, quote)?;
        return text.get(end..)?.trim_start_matches(' ').strip_prefix(':');
    }
    if text.starts_with(['[', '{', '|', '>', '&', '*', '!', '?', '#']) {
        return None;
    }
    text.split_once(": ")
        .map(|(_, value)| value)
        .or_else(|| text.ends_with(':').then_some(""))
}

/// Where a quoted scalar that begins `text` ends, the closing quote included.
pub(super) fn quoted_end(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        if quote == '"' && character == '\\' {
            characters.next();
        } else if character == quote {
            if quote == '\'' && characters.peek().is_some_and(|(_, next)| *next == '\'') {
                characters.next();
                continue;
            }
            return index.checked_add(1);
        }
    }
    None
}

/// A scalar that stands on one line: plain without blanks, or quoted without escapes.
pub(super) fn scalar(value: &str) -> Option<String> {
    let value = value.trim_start_matches([' ', '\t']);
    if let Some(quote @ ('"' | '\'')) = value.chars().next() {
        let end = quoted_end(value, quote)?;
        let inner = value.get(1..end.checked_sub(1)?)?;
        return is_empty(value.get(end..)?).then(|| inner.to_owned());
    }
    if value.starts_with(['&', '*', '!', '|', '>', '[', '{', '?', '%', '@', '`']) {
        return None;
    }
    let plain = value.split(" #").next()?.trim_ascii();
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// Whether a flow collection is closed at the end of the line.
pub(super) fn flow_ends(value: &str) -> bool {
    let mut depth = 0_usize;
    let mut rest = value;
    while let Some(character) = rest.chars().next() {
        let step = match character {
            '"' | '\'' => match quoted_end(rest, character) {
                Some(end) => end,
                None => return false,
            },
            '[' | '{' => {
                depth = depth.saturating_add(1);
                1
            }
            ']' | '}' => {
                depth = depth.saturating_sub(1);
                1
            }
            other => other.len_utf8(),
        };
        rest = rest.get(step..).unwrap_or_default();
        if depth == 0 {
            return is_empty(rest);
        }
    }
    false
}

/// Text in double quotes with an escape, which can write any character, a `$` among them.
pub(super) fn may_escape(text: &str) -> bool {
    text.contains('"') && text.contains('\\')
}

/// Text that could stand for text elsewhere.
pub(super) fn may_alias(text: &str) -> bool {
    let value = text.trim_start_matches(['-', ' ', '\t']);
    value.starts_with(['*', '&', '!']) || (value.starts_with(['[', '{']) && value.contains('*'))
}
