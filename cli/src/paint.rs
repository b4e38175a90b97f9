//! Lines for a terminal: colour only where asked for, and no control characters from outside.

use std::borrow::Cow;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};

/// A line: text, of which pieces are in a style of their own. Text may come from anywhere: what could
/// act on a terminal is escaped when it is added, so that only styles of this file reach it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    /// What is shown, styles aside.
    text: String,
    /// Pieces with a style: how many bytes stand plain before it, how many it has, and the style.
    styled: Vec<(usize, usize, Style)>,
    /// Bytes that stand plain behind the last of them.
    plain: usize,
    /// Columns, escapes aside.
    width: usize,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds plain text in place.
    pub(crate) fn push(&mut self, text: &str) {
        let added = self.add(text);
        self.plain = self.plain.saturating_add(added);
    }

    fn with(mut self, style: Style, text: impl AsRef<str>) -> Self {
        let added = self.add(text.as_ref());
        self.styled
            .push((std::mem::take(&mut self.plain), added, style));
        self
    }

    /// Says how many bytes were added.
    fn add(&mut self, text: &str) -> usize {
        let before = self.text.len();
        self.width = self.width.saturating_add(text.chars().count());
        push_escaped(&mut self.text, text);
        self.text.len().saturating_sub(before)
    }

    pub(crate) fn plain(mut self, text: impl AsRef<str>) -> Self {
        self.push(text.as_ref());
        self
    }

    pub(crate) fn bold(self, text: impl AsRef<str>) -> Self {
        self.with(Style::new().bold(), text)
    }

    pub(crate) fn dim(self, text: impl AsRef<str>) -> Self {
        self.with(Style::new().dimmed(), text)
    }

    /// Text in the colour of an outcome or a verdict. Every colour stands beside a word that says
    /// the same.
    pub(crate) fn word(self, word: &str, text: impl AsRef<str>) -> Self {
        let colour = match word {
            "passed" | "trusted" => AnsiColor::Green,
            "failed" | "rejected" | "unsafe" | "unreadable" => AnsiColor::Red,
            "skipped" | "inconclusive" | "loosened" | "genuine" => AnsiColor::Yellow,
            "simulated" => AnsiColor::Magenta,
            _ => return self.dim(text),
        };
        self.with(Style::new().bold().fg_color(Some(colour.into())), text)
    }

    /// Columns, styles aside.
    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn render(&self, colour: bool) -> Cow<'_, str> {
        if !colour || self.styled.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let mut shown = String::with_capacity(self.text.len());
        let mut rest = self.text.as_str();
        let mut next = |length: usize| {
            let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
            rest = behind;
            piece
        };
        for (plain, styled, style) in &self.styled {
            shown.push_str(next(*plain));
            // Writing to a string does not fail.
            let _ = write!(shown, "{style}{}{style:#}", next(*styled));
        }
        shown.push_str(rest);
        Cow::Owned(shown)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::new().plain(text)
    }
}

/// Control characters, and the invisible ones that reorder or hide text.
fn acts_on_a_terminal(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

/// Text from outside, harmless on a terminal: line ends too are escaped.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    push_escaped(&mut shown, text);
    shown
}

fn push_escaped(shown: &mut String, text: &str) {
    // Nearly all text: there is nothing in it to escape.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        shown.push_str(text);
        return;
    }
    for character in text.chars() {
        if acts_on_a_terminal(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
}

/// Text of several lines with text from outside in it: only line ends are kept.
pub(crate) fn escaped_lines(text: &str) -> String {
    text.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// JSON text, equal in value and harmless on a terminal. JSON lets such characters stand in strings
/// only, and there an escape says the same.
pub(crate) fn escaped_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        if acts_on_a_terminal(character) && !character.is_ascii_whitespace() {
            // Writing to a string does not fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_styles_of_this_file_reach_a_terminal() {
        let line = Line::new().plain("a\u{1b}[2J").bold("b\u{9b}\u{202e}\n");
        assert_eq!(
            line.render(true),
            "a\\u{1b}[2J\u{1b}[1mb\\u{9b}\\u{202e}\\u{a}\u{1b}[0m"
        );
        assert_eq!(line.render(false), "a\\u{1b}[2Jb\\u{9b}\\u{202e}\\u{a}");
        assert_eq!(line.width(), 9);
    }

    #[test]
    fn each_piece_keeps_its_own_style() {
        let line = Line::new().bold("é").plain("a").plain("b").dim("").dim("…");
        assert_eq!(
            line.clone().plain("c").render(true),
            "\u{1b}[1mé\u{1b}[0mab\u{1b}[2m\u{1b}[0m\u{1b}[2m…\u{1b}[0mc"
        );
        assert_eq!(line.render(false), "éab…");
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let value = serde_json::json!({ "a": "é\u{1b}\u{7f}\u{9b}\u{2028}\u{feff}\n\"" });
        let json = serde_json::to_string_pretty(&value).unwrap();
        let shown = escaped_json(&json);
        assert!(
            shown
                .chars()
                .all(|character| character == '\n' || !acts_on_a_terminal(character))
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
    }
}
