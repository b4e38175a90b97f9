//! A comparison as one HTML file that needs nothing else: no script, no font, no image, no address.

use std::fmt::Write;

use teeproof_bindings::ComparisonAnswer;

use crate::sheet::{OLD_WORDS, STAR, Sheet, SheetRow, instance_facts};

const STYLE: &str = include_str!("html.css");

/// The comparison as a document to mail and to print.
pub fn html(answer: &ComparisonAnswer) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = render(&mut text, answer);
    text
}

fn render(text: &mut String, answer: &ComparisonAnswer) -> std::fmt::Result {
    let sheet = Sheet::of(answer);
    let tone = if answer.simulated {
        "simulated"
    } else {
        &answer.result
    };
    writeln!(
        text,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>",
        escaped(title(answer)),
    )?;
    writeln!(
        text,
        "<header class=\"{}\">\n<p class=\"word\">{}</p>\n<h1>{}</h1>\n</header>",
        escaped(tone),
        escaped(&tone.to_uppercase().replace('-', " ")),
        escaped(&answer.headline),
    )?;
    if !answer.shortcomings.is_empty() {
        writeln!(text, "<section>\n<h2>Why no more</h2>\n<ul>")?;
        for one in &answer.shortcomings {
            writeln!(
                text,
                "<li><strong>{}</strong><br>Next: {}. <code>{}</code></li>",
                escaped(&one.because),
                escaped(&one.next),
                escaped(&one.code),
            )?;
        }
        writeln!(text, "</ul>\n</section>")?;
    }
    instances(text, answer, &sheet)?;
    for section in &sheet.sections {
        writeln!(
            text,
            "<section>\n<h2>{}</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>",
            escaped(section.title),
            escaped(section.title),
        )?;
        head(text, &sheet.columns, true)?;
        for row in &section.rows {
            fact(text, row)?;
        }
        writeln!(text, "</tbody>\n</table>\n</div>\n</section>")?;
    }
    if sheet.has_star() {
        writeln!(text, "<p>{}</p>", escaped(STAR))?;
    }
    foot(text, answer)
}

fn title(answer: &ComparisonAnswer) -> &'static str {
    match answer.result.as_str() {
        "same-code" => "Comparison: same code",
        "same-measurements" => "Comparison: same measurements",
        "refuted" => "Comparison: refuted",
        _ => "Comparison: unproven",
    }
}

fn head(text: &mut String, columns: &[String], standing: bool) -> std::fmt::Result {
    writeln!(text, "<thead>\n<tr><th scope=\"col\">Fact</th>")?;
    if standing {
        writeln!(text, "<th scope=\"col\">Stands</th>")?;
    }
    for name in columns {
        writeln!(
            text,
            "<th scope=\"col\" class=\"name\">{}</th>",
            escaped(name)
        )?;
    }
    writeln!(text, "</tr>\n</thead>\n<tbody>")
}

fn instances(text: &mut String, answer: &ComparisonAnswer, sheet: &Sheet) -> std::fmt::Result {
    writeln!(
        text,
        "<section>\n<h2>Instances</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Instances\">\n<table>"
    )?;
    head(text, &sheet.columns, false)?;
    let facts: Vec<_> = answer.instances.iter().map(instance_facts).collect();
    let mut titles: Vec<&str> = Vec::new();
    for (title, _) in facts.iter().flatten() {
        if !titles.contains(title) {
            titles.push(title);
        }
    }
    for title in titles {
        writeln!(text, "<tr><th scope=\"row\">{}</th>", escaped(title))?;
        for facts in &facts {
            let value = facts.iter().find(|(name, _)| *name == title);
            cell(text, value.map(|(_, value)| value.as_str()))?;
        }
        writeln!(text, "</tr>")?;
    }
    writeln!(text, "</tbody>\n</table>\n</div>\n</section>")
}

fn fact(text: &mut String, row: &SheetRow) -> std::fmt::Result {
    writeln!(
        text,
        "<tr class=\"{0}\"><th scope=\"row\">{1}<small>{2}</small></th>\n<td class=\"stands\"><span aria-hidden=\"true\">{3}</span> {0}</td>",
        escaped(&row.standing),
        escaped(&row.title),
        escaped(row.note.as_deref().unwrap_or(&row.about)),
        row.sign(),
    )?;
    for value in &row.cells {
        cell(text, value.as_deref())?;
    }
    writeln!(text, "</tr>")
}

fn cell(text: &mut String, value: Option<&str>) -> std::fmt::Result {
    match value {
        None | Some("") => writeln!(text, "<td class=\"none\">none</td>"),
        Some(value) if value.split(' ').any(|word| word.len() > 24) => {
            writeln!(text, "<td><code>{}</code></td>", escaped(value))
        }
        Some(value) => writeln!(text, "<td>{}</td>", escaped(value)),
    }
}

fn foot(text: &mut String, answer: &ComparisonAnswer) -> std::fmt::Result {
    writeln!(
        text,
        "<footer>\n<p>{}</p>\n<p>Policy: {} <code>{}</code></p>\n<p>Comparison digest: <code>{}</code></p>\n\
         <p>This file is a copy of a result. Whoever wants to rely on it compares the evidence again.</p>\n\
         </footer>\n</main>\n</body>\n</html>",
        escaped(OLD_WORDS),
        escaped(answer.policy.name.as_deref().unwrap_or("without a name")),
        escaped(&answer.policy.digest),
        escaped(
            answer
                .comparison_digest
                .as_deref()
                .unwrap_or("none: the engines disagree")
        ),
    )
}

/// Text in HTML or XML, also in an attribute. Characters that no document may hold are replaced.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(' '),
            other if other.is_control() || matches!(other, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}');
            }
            // Marks that turn the direction of text would show another text than there is.
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                out.push('\u{fffd}');
            }
            other => out.push(other),
        }
    }
    out
}
