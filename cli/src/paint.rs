//! Lines for a terminal: colour only where asked for, and no control characters from outside.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

/// A line: pieces of text, each in a style of its own. Text may come from anywhere: what could act
/// on a terminal is escaped when the line is rendered, so that only styles of this file reach it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    pieces: Vec<(Style, String)>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn with(mut self, style: Style, text: impl Into<String>) -> Self {
        self.pieces.push((style, text.into()));
        self
    }

    pub(crate) fn plain(self, text: impl Into<String>) -> Self {
        self.with(Style::new(), text)
    }

    pub(crate) fn bold(self, text: impl Into<String>) -> Self {
        self.with(Style::new().bold(), text)
    }

    pub(crate) fn dim(self, text: impl Into<String>) -> Self {
        self.with(Style::new().dimmed(), text)
    }

    /// Text in the colour of an outcome or a verdict. Every colour stands beside a word that says
    /// the same.
    pub(crate) fn word(self, word: &str, text: impl Into<String>) -> Self {
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
    pub(crate) fn width(&self) -> usize {
        self.pieces
            .iter()
            .map(|(_, text)| text.chars().count())
            .sum()
    }

    pub(crate) fn render(&self, colour: bool) -> String {
        self.pieces
            .iter()
            .map(|(style, text)| {
                let text = escaped(text);
                if colour && *style != Style::new() {
                    format!("{style}{text}{style:#}")
                } else {
                    text
                }
            })
            .collect()
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::new().plain(text)
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
    for character in text.chars() {
        if acts_on_a_terminal(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
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
