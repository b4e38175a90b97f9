//! Where the section of a version goes in a changelog, a Markdown file that people write around.

use semver::Version;

/// What inserting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    /// The version has a section already.
    Unchanged,
    /// The section was put in.
    Added {
        /// The new text.
        text: String,
        /// Whether something stands under the heading of what is not released yet. It stays there.
        unreleased: bool,
    },
}

/// Puts the section of a version before the first version that has one, behind the section of what is
/// not released yet; where no version has one, at the end.
pub fn insert(text: &str, version: &Version, section: &str) -> Inserted {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines: Vec<&str> = text.lines().collect();
    let (mut at, mut unreleased) = (lines.len(), false);
    let mut before = Heading::None;
    let mut fence: Option<&str> = None;
    for (number, line) in lines.iter().enumerate() {
        let mark = line.trim_start();
        // A heading inside of a block of code is none.
        if let Some(open) = fence {
            if mark.starts_with(open) {
                fence = None;
            }
        } else {
            fence = ["```", "~~~"].into_iter().find(|one| mark.starts_with(one));
        }
        match heading(line).filter(|_| fence.is_none()) {
            Some(title) if is(title, version) => return Inserted::Unchanged,
            Some(title) if title.eq_ignore_ascii_case("unreleased") => before = Heading::Unreleased,
            Some(_) => {
                at = at.min(number);
                before = Heading::Version;
            }
            None => unreleased |= before == Heading::Unreleased && !mark.is_empty(),
        }
    }
    let (head, tail) = lines.split_at_checked(at).unwrap_or((&lines, &[]));
    let head = head.join(end);
    let mut parts = vec![head.trim_end().to_owned()];
    parts.push(section.trim().lines().collect::<Vec<_>>().join(end));
    parts.push(tail.join(end).trim_end().to_owned());
    parts.retain(|part| !part.is_empty());
    let mut text = parts.join(&format!("{end}{end}"));
    text.push_str(end);
    Inserted::Added { text, unreleased }
}

/// Under which heading a line stands.
#[derive(PartialEq, Eq)]
enum Heading {
    None,
    Unreleased,
    Version,
}

/// What a heading of level two names: `1.2.3` of `## [1.2.3] - 2026-01-02`.
fn heading(line: &str) -> Option<&str> {
    let title = line.strip_prefix("## ")?.trim_start();
    let title = title.strip_prefix('[').unwrap_or(title);
    title.split([']', ' ', '(']).next()
}

fn is(title: &str, version: &Version) -> bool {
    let title = title.strip_prefix(['v', 'V']).unwrap_or(title);
    Version::parse(title).is_ok_and(|found| found == *version)
}
