//! The table of versions and their compose hashes, a Markdown file that people may write around.

use semver::Version;
use teeproof_core::ComposeHash;

use crate::error::ReleaseError;

/// The head of the table.
const HEAD: &str = "| version | compose hash |";
const RULE: &str = "|---|---|";

/// What a new file says before its table.
const INTRODUCTION: &str = "# Versions\n\nEach released version and the compose hash that was measured with it. `teeproof version record` writes\nthe table.\n";

/// What recording did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// The row stands there already.
    Unchanged,
    /// A row was added: the new text.
    Added(String),
    /// The row of the version had this other hash: the new text.
    Replaced {
        /// The hash that stood there.
        was: ComposeHash,
        /// The new text.
        text: String,
    },
}

/// Writes the row of a version: into the table of the text, or into a new one at its end. The newest
/// version stands first.
///
/// # Errors
/// [`ReleaseError::History`] where a row of the table cannot be read.
pub fn record(
    text: Option<&str>,
    version: &Version,
    hash: ComposeHash,
) -> Result<Recorded, ReleaseError> {
    let row = format!("| {version} | `{hash}` |");
    let text = text.unwrap_or(INTRODUCTION);
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<&str> = text.lines().collect();
    let Some(head) = lines.iter().position(|line| line.trim() == HEAD) else {
        let gap = if text.trim().is_empty() { "" } else { end };
        let text = text.trim_end();
        return Ok(Recorded::Added(format!(
            "{text}{end}{gap}{HEAD}{end}{RULE}{end}{row}{end}"
        )));
    };
    let first = head.saturating_add(2);
    if lines.get(head.saturating_add(1)).map(|line| line.trim()) != Some(RULE) {
        return Err(ReleaseError::History {
            problem: format!("the line after `{HEAD}` is not `{RULE}`"),
        });
    }
    let mut at = first;
    let mut was = None;
    let rows = lines.iter().enumerate().skip(first);
    for (number, line) in rows.take_while(|(_, line)| line.trim_start().starts_with('|')) {
        let (of, recorded) = row_of(line).ok_or_else(|| ReleaseError::History {
            problem: format!(
                "line {} is no row of a version and a compose hash",
                number.saturating_add(1)
            ),
        })?;
        if of == *version {
            was = Some((number, recorded));
            break;
        }
        if of > *version {
            at = number.saturating_add(1);
        }
    }
    if let Some((number, recorded)) = was {
        if recorded == hash {
            return Ok(Recorded::Unchanged);
        }
        if let Some(line) = lines.get_mut(number) {
            *line = &row;
        }
        return Ok(Recorded::Replaced {
            was: recorded,
            text: joined(&lines, end),
        });
    }
    lines.insert(at.min(lines.len()), &row);
    Ok(Recorded::Added(joined(&lines, end)))
}

fn joined(lines: &[&str], end: &str) -> String {
    let mut text = lines.join(end);
    text.push_str(end);
    text
}

/// The version and the hash of a row.
fn row_of(line: &str) -> Option<(Version, ComposeHash)> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let (version, hash) = inner.split_once('|')?;
    let hash = hash.trim().strip_prefix('`')?.strip_suffix('`')?;
    Some((Version::parse(version.trim()).ok()?, hash.parse().ok()?))
}
