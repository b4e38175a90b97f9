//! A comparison as Markdown, for a pull request or a wiki.

use std::fmt::Write;

use teeproof_bindings::ComparisonAnswer;

use crate::sheet::{OLD_WORDS, STAR, Sheet, instance_facts};

/// The comparison as GitHub-flavoured Markdown.
pub fn markdown(answer: &ComparisonAnswer) -> String {
    let sheet = Sheet::of(answer);
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = render(&mut text, answer, &sheet);
    text
}

fn render(text: &mut String, answer: &ComparisonAnswer, sheet: &Sheet) -> std::fmt::Result {
    writeln!(text, "# {}\n", escaped(&answer.headline))?;
    writeln!(
        text,
        "Comparison digest: `{}`\n",
        answer
            .comparison_digest
            .as_deref()
            .unwrap_or("none: the engines disagree")
    )?;
    let names: Vec<String> = sheet.columns.iter().map(|name| escaped(name)).collect();
    writeln!(text, "## Instances\n")?;
    head(text, &names)?;
    let facts: Vec<_> = answer.instances.iter().map(instance_facts).collect();
    let titles = [
        "verdict",
        "quote signature",
        "platform key",
        "TCB status",
        "challenge",
        "channel",
        "engines",
        "verdict digest",
        "because",
    ];
    for title in titles {
        let cells: Vec<Option<String>> = facts
            .iter()
            .map(|facts| {
                facts
                    .iter()
                    .find(|(name, _)| *name == title)
                    .map(|(_, value)| value.clone())
            })
            .collect();
        if cells.iter().any(Option::is_some) {
            row(text, title, "", &cells)?;
        }
    }
    for section in &sheet.sections {
        writeln!(text, "\n## {}\n", section.title)?;
        head(text, &names)?;
        for one in &section.rows {
            row(
                text,
                &one.title,
                &format!("{} {}", one.sign(), one.standing),
                &one.cells,
            )?;
        }
        for one in &section.rows {
            if let Some(note) = &one.note {
                writeln!(text, "\n* **{}**: {}", escaped(&one.title), escaped(note))?;
            }
        }
    }
    if !answer.shortcomings.is_empty() {
        writeln!(text, "\n## Why no more\n")?;
        for one in &answer.shortcomings {
            writeln!(
                text,
                "* {} (`{}`). Next: {}.",
                escaped(&one.because),
                one.code,
                escaped(&one.next)
            )?;
        }
    }
    if sheet.has_star() {
        writeln!(text, "\n{}", escaped(STAR))?;
    }
    writeln!(text, "\n{OLD_WORDS}")
}

fn head(text: &mut String, names: &[String]) -> std::fmt::Result {
    writeln!(text, "| | | {} |", names.join(" | "))?;
    writeln!(text, "|---|---|{}", "---|".repeat(names.len()))
}

fn row(
    text: &mut String,
    title: &str,
    standing: &str,
    cells: &[Option<String>],
) -> std::fmt::Result {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| match cell {
            Some(value) if is_code(value) => format!("`{value}`"),
            Some(value) => escaped(value),
            None => "—".to_owned(),
        })
        .collect();
    writeln!(
        text,
        "| {} | {standing} | {} |",
        escaped(title),
        cells.join(" | ")
    )
}

/// Hex, which needs no escaping.
fn is_code(value: &str) -> bool {
    value.len() > 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Text from outside as text: nothing in it ends a cell, begins a tag, a link or an image, or acts on
/// the page.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '~' | '&' | '@' => {
                out.push('\\');
                out.push(character);
            }
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
