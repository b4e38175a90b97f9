//! Colour, only on a terminal. Every colour stands beside a word that says the same.

use anstyle::{AnsiColor, Style};

/// Paints text, or leaves it alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    colour: bool,
}

impl Paint {
    pub(crate) const fn new(colour: bool) -> Self {
        Self { colour }
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    /// The word of an outcome or a verdict.
    pub(crate) fn word(self, word: &str, text: &str) -> String {
        let colour = match word {
            "passed" | "trusted" => AnsiColor::Green,
            "failed" | "rejected" | "unsafe" => AnsiColor::Red,
            "skipped" | "inconclusive" | "loosened" | "genuine" => AnsiColor::Yellow,
            "simulated" => AnsiColor::Magenta,
            _ => return self.dim(text),
        };
        self.with(Style::new().bold().fg_color(Some(colour.into())), text)
    }
}
