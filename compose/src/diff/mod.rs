//! What changed from one app-compose to another, in words, and how much each change matters.
//!
//! The meaning is compared, not the bytes; that the bytes and so the hash differ is said beside it.

mod app;
mod approved;
mod change;
mod image;
mod kind;
mod lines;
mod predicted;
mod redact;
mod services;
mod tree;
mod words;

use teeproof_core::ComposeHash;

pub use approved::{ApprovedError, ApprovedSet};
pub use change::{Change, Side};
pub use kind::{ChangeKind, KindRow, Risk};
pub use lines::{ChangedLine, LineDiff, LineSign};
pub use predicted::Predicted;

use change::Found;
use services::Compared;

use crate::document::AppCompose;
use crate::json::Json;
use crate::yaml::YamlError;

/// How alike two documents are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same bytes, and so the same hash.
    SameBytes,
    /// They mean the same. The bytes differ, and so does the hash.
    SameMeaning {
        /// The document is laid out differently: order of keys, blanks, escapes.
        document: bool,
        /// The docker-compose text is laid out differently: comments, order of keys, quotes.
        compose: bool,
    },
    /// They mean something else.
    Changed,
}

impl Likeness {
    /// A stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameBytes => "same-bytes",
            Self::SameMeaning { .. } => "same-meaning",
            Self::Changed => "changed",
        }
    }
}

/// What changed from one document to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeDiff {
    /// The compose hash of the old document.
    pub old: ComposeHash,
    /// The compose hash of the new document, as the file is.
    pub new: ComposeHash,
    /// Which hash follows if the new document is written by a program that writes the old one's
    /// bytes. Empty if no known program writes those.
    pub predicted: Vec<Predicted>,
    /// How alike they are.
    pub likeness: Likeness,
    /// Every change, those of the highest risk first; at most [`crate::limits::DIFF_CHANGES`].
    pub changes: Vec<Change>,
    /// How many more there are.
    pub omitted: usize,
    /// Bytes that are the same before the first that differs.
    pub first_difference: Option<usize>,
    /// Why the old docker-compose text could not be read, and was compared as text.
    pub old_unreadable: Option<YamlError>,
    /// Why the new docker-compose text could not be read, and was compared as text.
    pub new_unreadable: Option<YamlError>,
}

impl ComposeDiff {
    /// The highest risk of any change.
    pub fn risk(&self) -> Option<Risk> {
        self.changes.iter().map(|change| change.risk).max()
    }

    /// All of it in one line.
    pub fn headline(&self) -> String {
        match self.likeness {
            Likeness::SameBytes => "identical: the same bytes, the same hash".to_owned(),
            Likeness::SameMeaning { document, compose } => {
                let mut what = Vec::new();
                if document {
                    what.push("the document (order of keys, blanks, escapes)");
                }
                if compose {
                    what.push("the docker-compose text (comments, order of keys, quotes)");
                }
                format!(
                    "meaning equal, bytes differ, hash differs: another layout of {}",
                    what.join(" and of ")
                )
            }
            Likeness::Changed => {
                let count = self.changes.len().saturating_add(self.omitted);
                let plural = if count == 1 { "" } else { "s" };
                let risk = self.risk().unwrap_or(Risk::High).name();
                format!("{count} change{plural}, the highest risk is `{risk}`; hash differs")
            }
        }
    }
}

/// Compares two documents.
pub fn diff(old: &AppCompose, new: &AppCompose) -> ComposeDiff {
    let mut found = Found::default();
    let mut compared = Compared::Same;
    if old.bytes() != new.bytes() {
        app::compare(&mut found, old, new);
        compared = services::compare(&mut found, old.docker_compose(), new.docker_compose());
    }
    let (changes, omitted) = found.finish();
    let likeness = if old.bytes() == new.bytes() {
        Likeness::SameBytes
    } else if changes.is_empty() {
        let compose = compared == Compared::OtherLayout;
        Likeness::SameMeaning {
            document: !compose || !same_but_for_compose(old.json(), new.json()),
            compose,
        }
    } else {
        Likeness::Changed
    };
    let (old_unreadable, new_unreadable) = match compared {
        Compared::AsText(old, new) => (old, new),
        _ => (None, None),
    };
    ComposeDiff {
        old: old.hash(),
        new: new.hash(),
        predicted: predicted::predicted(old, new),
        likeness,
        changes,
        omitted,
        first_difference: first_difference(old.bytes(), new.bytes()),
        old_unreadable,
        new_unreadable,
    }
}

/// Whether two documents are the same to the order of their keys, the docker-compose text aside.
fn same_but_for_compose(old: &Json, new: &Json) -> bool {
    let (old, new) = (
        old.entries().unwrap_or_default(),
        new.entries().unwrap_or_default(),
    );
    old.len() == new.len()
        && old
            .iter()
            .zip(new)
            .all(|((old_key, old_value), (new_key, new_value))| {
                old_key == new_key && (old_key == "docker_compose_file" || old_value == new_value)
            })
}

fn first_difference(old: &[u8], new: &[u8]) -> Option<usize> {
    let shared = old
        .iter()
        .zip(new)
        .take_while(|(one, two)| one == two)
        .count();
    (old != new).then_some(shared)
}
