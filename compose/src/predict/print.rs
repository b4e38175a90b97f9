//! Printing a tree whose keys are in order and whose numbers are as the language prints them.

use std::fmt::Write;

use teeproof_core::limits::APP_COMPOSE;

use super::NotPredicted;
use crate::json::Json;

/// How a tree is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// No blank anywhere.
    Compact,
    /// As compact, and what would mean something in HTML is escaped, as Go does.
    CompactForHtml,
    /// A line for each entry, four blanks for each level, and this between key and value.
    Indented(&'static str),
}

/// The text of a tree, at most as long as an app-compose document may be: indentation makes deep
/// documents many times longer.
pub(super) fn print(tree: &Json, layout: Layout) -> Result<String, NotPredicted> {
    let mut printer = Printer {
        text: String::new(),
        layout,
    };
    printer.value(tree, 0)?;
    Ok(printer.text)
}

struct Printer {
    text: String,
    layout: Layout,
}

impl Printer {
    fn put(&mut self, text: &str) -> Result<(), NotPredicted> {
        if self.text.len().saturating_add(text.len()) > APP_COMPOSE {
            return Err(NotPredicted::TooLarge { limit: APP_COMPOSE });
        }
        self.text.push_str(text);
        Ok(())
    }

    fn line(&mut self, depth: usize) -> Result<(), NotPredicted> {
        if let Layout::Indented(_) = self.layout {
            self.put("\n")?;
            for _ in 0..depth {
                self.put("    ")?;
            }
        }
        Ok(())
    }

    fn value(&mut self, tree: &Json, depth: usize) -> Result<(), NotPredicted> {
        let inner = depth.saturating_add(1);
        match tree {
            Json::Null => self.put("null"),
            Json::Bool(true) => self.put("true"),
            Json::Bool(false) => self.put("false"),
            Json::Number(text) => self.put(text),
            Json::String(text) => self.string(text),
            Json::Array(items) if items.is_empty() => self.put("[]"),
            Json::Object(entries) if entries.is_empty() => self.put("{}"),
            Json::Array(items) => {
                let mut before = "[";
                for item in items {
                    self.put(before)?;
                    self.line(inner)?;
                    self.value(item, inner)?;
                    before = ",";
                }
                self.line(depth)?;
                self.put("]")
            }
            Json::Object(entries) => {
                let between = match self.layout {
                    Layout::Indented(between) => between,
                    Layout::Compact | Layout::CompactForHtml => ":",
                };
                let mut before = "{";
                for (key, value) in entries {
                    self.put(before)?;
                    self.line(inner)?;
                    self.string(key)?;
                    self.put(between)?;
                    self.value(value, inner)?;
                    before = ",";
                }
                self.line(depth)?;
                self.put("}")
            }
        }
    }

    /// All three languages escape the quote, the backslash and control characters alike: short forms
    /// where JSON has them, four lower-case hex digits elsewhere; the rest stands as UTF-8.
    fn string(&mut self, text: &str) -> Result<(), NotPredicted> {
        if text.len() > APP_COMPOSE {
            return Err(NotPredicted::TooLarge { limit: APP_COMPOSE });
        }
        let mut quoted = String::with_capacity(text.len().saturating_add(2));
        quoted.push('"');
        for one in text.chars() {
            let for_html = self.layout == Layout::CompactForHtml;
            match one {
                '"' => quoted.push_str("\\\""),
                '\\' => quoted.push_str("\\\\"),
                '\u{8}' => quoted.push_str("\\b"),
                '\u{c}' => quoted.push_str("\\f"),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                '\t' => quoted.push_str("\\t"),
                '\0'..='\u{1f}' => escape(&mut quoted, one),
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' if for_html => escape(&mut quoted, one),
                _ => quoted.push(one),
            }
        }
        quoted.push('"');
        self.put(&quoted)
    }
}

fn escape(text: &mut String, one: char) {
    // Writing to a String does not fail.
    let _ = write!(text, "\\u{:04x}", u32::from(one));
}
