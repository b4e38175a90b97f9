//! Brackets that close a flow collection at the indentation of the key above it.
//!
//! YAML wants them deeper, and the parser holds to that. The readers of Docker Compose and of dstack
//! do not, and real files rest on it:
//!
//! ```yaml
//! command: [
//!   "serve"
//! ]
//! ```
//!
//! Here such a bracket is moved by a blank, which changes nothing else of what is read.

use super::{Place, YamlError};

/// The text with the bracket that stopped the parser moved, if that is what did.
pub(super) fn moved(text: &str, error: &YamlError) -> Option<String> {
    let YamlError::Syntax { place, what } = error else {
        return None;
    };
    if !what.contains("invalid indentation") {
        return None;
    }
    let Place { line, column } = *place;
    let start: usize = text
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .fold(0, usize::saturating_add);
    let (before, rest) = text.split_at_checked(start)?;
    let inner = rest.trim_start_matches(' ');
    let indent = rest.len().checked_sub(inner.len())?;
    let closes = inner.starts_with([']', '}']) && indent.checked_add(1)? == column;
    closes.then(|| [before, " ", rest].concat())
}
