//! Answers as documents for people and for machines: text out of an answer, and nothing else.
//!
//! Every value may come from outside. What goes into HTML, XML or Markdown is escaped here.

#![forbid(unsafe_code)]

mod calendar;
mod html;
mod junit;
mod lint;
mod markdown;
mod sarif;
mod sheet;

pub use calendar::{calendar, event_summary};
pub use html::html;
pub use junit::junit;
pub use lint::{lint_junit, lint_sarif};
pub use markdown::markdown;
pub use sarif::sarif;
pub use sheet::{OLD_WORDS, STAR, Section, Sheet, SheetRow, elided, instance_facts};
