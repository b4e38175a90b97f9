//! How a text of several lines changed: how many lines, and which.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::redact;
use crate::limits;

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineSign {
    /// It stands in the old text only.
    Removed,
    /// It stands in the new text only.
    Added,
}

impl LineSign {
    /// As `diff` writes it.
    pub const fn sign(self) -> char {
        match self {
            Self::Removed => '-',
            Self::Added => '+',
        }
    }
}

/// One line that stands in one of the two texts only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedLine {
    /// In which.
    pub sign: LineSign,
    /// Its number in that text, from one.
    pub number: usize,
    /// The line, with everything taken out that looks like a secret.
    pub text: String,
}

/// The lines that two texts do not share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineDiff {
    /// Lines in the old text only.
    pub removed: usize,
    /// Lines in the new text only.
    pub added: usize,
    /// The first [`limits::DIFF_LINES`] of them, in their order.
    pub lines: Vec<ChangedLine>,
    /// How many more there are.
    pub omitted: usize,
}

impl LineDiff {
    pub(super) fn of(old: &str, new: &str) -> Self {
        // An end of line belongs to its line: a text whose last line gets one has changed.
        let old: Vec<&str> = old.split_inclusive('\n').collect();
        let new: Vec<&str> = new.split_inclusive('\n').collect();
        let start = old
            .iter()
            .zip(&new)
            .take_while(|(one, two)| one == two)
            .count();
        let (_, old_rest) = old.split_at(start);
        let (_, new_rest) = new.split_at(start);
        let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
        let end = pairs.take_while(|(one, two)| one == two).count();
        let (old_rest, _) = old_rest.split_at(old_rest.len().saturating_sub(end));
        let (new_rest, _) = new_rest.split_at(new_rest.len().saturating_sub(end));

        let mut found = Self {
            removed: 0,
            added: 0,
            lines: Vec::new(),
            omitted: 0,
        };
        // The search for shared lines takes time by the product of what differs.
        if old_rest.len().max(new_rest.len()) > limits::DIFF_SEARCH {
            found.take(LineSign::Removed, start, old_rest);
            found.take(LineSign::Added, start, new_rest);
            return found;
        }
        for op in capture_diff_slices(Algorithm::Myers, old_rest, new_rest) {
            let (tag, of_old, of_new) = op.as_tag_tuple();
            if tag == DiffTag::Equal {
                continue;
            }
            let at = start.saturating_add(of_old.start);
            found.take(
                LineSign::Removed,
                at,
                old_rest.get(of_old).unwrap_or_default(),
            );
            let at = start.saturating_add(of_new.start);
            found.take(
                LineSign::Added,
                at,
                new_rest.get(of_new).unwrap_or_default(),
            );
        }
        found
    }

    /// Counts lines, and keeps them while there is room. The first has `before` lines before it.
    fn take(&mut self, sign: LineSign, before: usize, lines: &[&str]) {
        let count = match sign {
            LineSign::Removed => &mut self.removed,
            LineSign::Added => &mut self.added,
        };
        *count = count.saturating_add(lines.len());
        for (number, text) in (before.saturating_add(1)..).zip(lines) {
            if self.lines.len() >= limits::DIFF_LINES {
                self.omitted = self.omitted.saturating_add(1);
                continue;
            }
            let ended = text.strip_suffix('\n');
            let mut shown = redact::text(ended.unwrap_or(text));
            if ended.is_none() {
                shown.push_str(" (no end of line)");
            }
            self.lines.push(ChangedLine {
                sign,
                number,
                text: shown,
            });
        }
    }

    /// How many lines changed: one that was replaced counts once.
    pub fn changed(&self) -> usize {
        self.removed.max(self.added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> Vec<String> {
        let diff = LineDiff::of(old, new);
        assert_eq!(
            diff.removed.checked_add(diff.added),
            diff.lines.len().checked_add(diff.omitted)
        );
        let lines = diff.lines.iter();
        lines
            .map(|line| format!("{}{} {}", line.sign.sign(), line.number, line.text))
            .collect()
    }

    #[test]
    fn changed_lines_are_shown_with_their_numbers() {
        let old = "#!/bin/sh\nset -e\necho one\nrun\nend\n";
        assert_eq!(shown(old, old), Vec::<String>::new());
        let new = "#!/bin/sh\nset -e\necho two\nrun\nTOKEN=abc\nend\n";
        assert_eq!(
            shown(old, new),
            ["-3 echo one", "+3 echo two", "+5 TOKEN=[not shown]"]
        );
        assert_eq!(shown("", "a\n"), ["+1 a"]);
        assert_eq!(shown("a\n", "a"), ["-1 a", "+1 a (no end of line)"]);
    }

    #[test]
    fn long_texts_are_counted_and_not_shown_in_full() {
        let many = |word: &str| -> String {
            (0..limits::DIFF_SEARCH + 10)
                .map(|line| format!("{word}{line}\n"))
                .collect()
        };
        let diff = LineDiff::of(&many("a"), &many("b"));
        assert_eq!(
            (diff.removed, diff.added),
            (limits::DIFF_SEARCH + 10, limits::DIFF_SEARCH + 10)
        );
        assert_eq!(diff.lines.len(), limits::DIFF_LINES);
        assert_eq!(diff.changed(), limits::DIFF_SEARCH + 10);
    }
}
