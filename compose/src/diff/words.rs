//! A diff in words, for a terminal and for a pull request.

use std::fmt::Write;

use super::change::{Change, Side};
use super::{ComposeDiff, Likeness, Risk};

impl Side {
    /// In words, as part of a line.
    pub fn words(&self) -> String {
        match self {
            Self::Absent => "nothing".to_owned(),
            Self::Shown(text) => text.clone(),
            Self::Hidden => "a value that is not shown".to_owned(),
            Self::Lines(1) => "1 line".to_owned(),
            Self::Lines(count) => format!("{count} lines"),
        }
    }
}

impl Change {
    /// What changed from what to what, on one line.
    pub fn sentence(&self) -> String {
        self.sentence_with(&|text| text.to_owned())
    }

    fn sentence_with(&self, quoted: &dyn Fn(&str) -> String) -> String {
        if self.only_order {
            return "the same items in another order".to_owned();
        }
        if let Some(lines) = &self.lines {
            let count = lines.changed();
            let plural = if count == 1 { "" } else { "s" };
            let also = match (&self.old, &self.new) {
                (Side::Absent, _) => ", new",
                (_, Side::Absent) => ", gone",
                _ => "",
            };
            return format!(
                "changed by {count} line{plural} (+{} −{}){also}",
                lines.added, lines.removed
            );
        }
        let side = |side: &Side| match side {
            Side::Shown(text) => quoted(text),
            other => other.words(),
        };
        match (&self.old, &self.new) {
            (Side::Hidden, Side::Hidden) => "changed; the values are not shown".to_owned(),
            (Side::Absent, new) => format!("now {}", side(new)),
            (old, Side::Absent) => format!("was {}", side(old)),
            (old, new) => format!("{} → {}", side(old), side(new)),
        }
    }
}

/// What is said of every diff beside its changes.
pub(super) fn remarks(diff: &ComposeDiff) -> Vec<String> {
    let mut remarks = Vec::new();
    if let (Likeness::SameMeaning { .. }, Some(at)) = (diff.likeness, diff.first_difference) {
        remarks.push(format!(
            "the first difference stands at byte {at}, counted from zero"
        ));
    }
    for (which, error) in [("old", &diff.old_unreadable), ("new", &diff.new_unreadable)] {
        if let Some(error) = error {
            remarks.push(format!(
                "the {which} docker-compose text could not be read as YAML, so both were compared as text: {error}"
            ));
        }
    }
    if diff.omitted > 0 {
        remarks.push(format!(
            "{} more changes, of no higher risk, are not listed",
            diff.omitted
        ));
    }
    for one in &diff.predicted {
        let verb = if one.predictors.len() == 1 {
            "writes"
        } else {
            "write"
        };
        let writes = format!(
            "prediction: {} {verb} the old file's exact bytes",
            one.names()
        );
        remarks.push(match &one.hash {
            Ok(hash) if *hash == diff.new => format!("{writes}, and the new file's as well"),
            Ok(hash) if *hash == diff.old => format!(
                "{writes}, and for the new document the same again: deployed that way, the old hash is measured"
            ),
            Ok(_) => format!(
                "{writes}, and for the new document others than the new file's: deployed that way, the predicted hash is measured"
            ),
            Err(why) => format!("{writes}, and for the new document: {why}"),
        });
    }
    if diff.predicted.is_empty() {
        remarks
            .push("no prediction: no known program writes the old file's exact bytes".to_owned());
    }
    remarks
}

impl ComposeDiff {
    /// What has to be known beside the changes, in sentences.
    pub fn remarks(&self) -> Vec<String> {
        remarks(self)
    }

    /// GitHub-flavoured Markdown for a comment on a pull request. `approval` is what is said of the
    /// new hash, if it was looked for anywhere.
    pub fn markdown(&self, approval: &[String]) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.render(&mut text, approval);
        text
    }

    fn render(&self, text: &mut String, approval: &[String]) -> std::fmt::Result {
        writeln!(text, "### Compose hash: {}\n", escaped(&self.headline()))?;
        writeln!(text, "| | compose hash |\n|---|---|")?;
        writeln!(text, "| old | `{}` |\n| new | `{}` |", self.old, self.new)?;
        for one in &self.predicted {
            if let Ok(hash) = one.hash {
                writeln!(text, "| predicted by {} | `{hash}` |", one.names())?;
            }
        }
        for line in approval.iter().chain(&self.remarks()) {
            writeln!(text, "\n* {}", escaped(line))?;
        }
        if self.changes.is_empty() {
            return Ok(());
        }
        writeln!(
            text,
            "\n| risk | change | where | what |\n|---|---|---|---|"
        )?;
        for change in &self.changes {
            let risk = change.risk.name();
            let risk = if change.risk == Risk::High {
                format!("**{risk}**")
            } else {
                risk.to_owned()
            };
            writeln!(
                text,
                "| {risk} | {} | {} | {} |",
                escaped(change.kind.row().title),
                code(&change.path),
                change.sentence_with(&code)
            )?;
        }
        for change in &self.changes {
            let Some(lines) = &change.lines else {
                continue;
            };
            writeln!(
                text,
                "\n<details><summary>{}</summary>\n",
                html(&change.path)
            )?;
            // A fence longer than any run of backticks inside it is not closed by one.
            let longest = lines
                .lines
                .iter()
                .map(|line| backticks(&line.text))
                .max()
                .unwrap_or(0);
            let fence = "`".repeat(longest.saturating_add(1).max(3));
            writeln!(text, "{fence}diff")?;
            for line in &lines.lines {
                let sign = line.sign.sign();
                writeln!(text, "{sign}{}", one_line(&line.text))?;
            }
            writeln!(text, "{fence}")?;
            if lines.omitted > 0 {
                writeln!(text, "\n{} more lines are not shown.", lines.omitted)?;
            }
            writeln!(text, "\n</details>")?;
        }
        let mut kinds: Vec<_> = self.changes.iter().map(|change| change.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        writeln!(text, "\nWhy:\n")?;
        for kind in kinds {
            let row = kind.row();
            writeln!(text, "* `{}`: {}", row.id, escaped(row.why))?;
        }
        Ok(())
    }
}

/// The longest run of backticks.
fn backticks(text: &str) -> usize {
    text.split(|one| one != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|one| {
            if one.is_control() && one != '\t' {
                ' '
            } else {
                one
            }
        })
        .collect()
}

/// Text from outside in a code span, inside of a cell.
fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    let fence = "`".repeat(backticks(&text).saturating_add(1));
    // A blank on each side keeps a backtick at an end apart from the fence.
    let blank = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{text}{blank}{fence}")
}

fn html(text: &str) -> String {
    one_line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('@', "&#64;")
}

/// Text from outside as text: nothing in it ends a cell, begins a tag, a link or a mention.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '~' | '&' | '@' => {
                out.push('\\');
                out.push(one);
            }
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
