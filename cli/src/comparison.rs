//! The comparison on a terminal: a table of 100 columns, the instances in blocks where they are many.

use teeproof_bindings::ComparisonAnswer;
use teeproof_render::{OLD_WORDS, STAR, Sheet, SheetRow, elided, instance_facts};

use crate::failure::Failure;
use crate::layout::{pad, tail, wrapped};
use crate::output::Output;
use crate::paint::Line;

const WIDTH: usize = 100;
const LABEL: usize = 21;
const STANDING: usize = 16;
/// A column narrower than this shows too little of a digest to tell two apart.
const NARROWEST: usize = 14;

/// Prints a comparison.
pub(crate) fn print(answer: &ComparisonAnswer, output: &mut Output) -> Result<(), Failure> {
    let sheet = Sheet::of(answer);
    let room = WIDTH.saturating_sub(LABEL).saturating_sub(STANDING);
    let fitting = room.div_euclid(NARROWEST.saturating_add(1)).max(1);
    let count = sheet.columns.len();
    let blocks = count.div_ceil(fitting).max(1);
    let in_block = count.div_ceil(blocks).max(1);
    let width = room
        .div_euclid(in_block)
        .saturating_sub(1)
        .min(WIDTH.div_euclid(2));
    for (start, names) in (0..).step_by(in_block).zip(sheet.columns.chunks(in_block)) {
        let block = Block {
            start,
            length: names.len(),
            width,
        };
        block.print(answer, &sheet, output)?;
    }
    if sheet.has_star() {
        wrapped(output, Line::new(), STAR)?;
        output.line("")?;
    }
    notes(&sheet, output)?;
    groups(answer, &sheet, output)?;
    shortcomings(answer, output)?;
    wrapped(output, Line::new(), OLD_WORDS)?;
    output.line("")?;
    output.line(format!(
        "comparison digest  {}",
        answer
            .comparison_digest
            .as_deref()
            .unwrap_or("none: the engines disagree")
    ))?;
    output.line("")?;
    let word = if answer.simulated {
        "simulated"
    } else {
        tone(&answer.result)
    };
    output.line(Line::new().word(word, answer.headline.clone()))
}

/// A result in the words that have a colour.
fn tone(result: &str) -> &'static str {
    match result {
        "same-code" => "trusted",
        "refuted" => "failed",
        _ => "inconclusive",
    }
}

/// Some of the columns.
struct Block {
    start: usize,
    length: usize,
    width: usize,
}

impl Block {
    fn print(
        &self,
        answer: &ComparisonAnswer,
        sheet: &Sheet,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let names: Vec<Option<String>> = sheet
            .columns
            .iter()
            .map(|name| Some(tail(name, self.width)))
            .collect();
        self.line(
            Line::new().bold(pad("", LABEL.saturating_add(STANDING))),
            &names,
            output,
        )?;
        let facts: Vec<_> = answer.instances.iter().map(instance_facts).collect();
        let mut titles: Vec<&str> = Vec::new();
        for (title, _) in facts.iter().flatten() {
            if !titles.contains(title) && *title != "because" {
                titles.push(title);
            }
        }
        for title in titles {
            let cells: Vec<Option<String>> = facts
                .iter()
                .map(|facts| {
                    let fact = facts.iter().find(|(name, _)| *name == title);
                    fact.map(|(_, value)| value.clone())
                })
                .collect();
            let lead = Line::new().plain(format!(
                "  {}",
                pad(title, LABEL.saturating_add(STANDING).saturating_sub(2))
            ));
            self.line(lead, &cells, output)?;
        }
        for section in &sheet.sections {
            output.line(Line::new().bold(section.title))?;
            for row in &section.rows {
                self.row(row, output)?;
            }
        }
        output.line("")
    }

    fn row(&self, row: &SheetRow, output: &mut Output) -> Result<(), Failure> {
        let word = match row.standing.as_str() {
            "holds" | "explained" => "passed",
            "broken" => "failed",
            "not-evaluable" | "unexplained" => "skipped",
            _ => "",
        };
        let standing = format!("{} {}", row.sign(), row.standing);
        let lead = Line::new()
            .plain(format!(
                "  {}",
                pad(
                    &elided(&row.title, LABEL.saturating_sub(3)),
                    LABEL.saturating_sub(2)
                )
            ))
            .word(word, pad(&standing, STANDING));
        self.line(lead, &row.cells, output)
    }

    fn line(
        &self,
        lead: Line,
        cells: &[Option<String>],
        output: &mut Output,
    ) -> Result<(), Failure> {
        let mut line = lead;
        let shown = cells.iter().skip(self.start).take(self.length);
        for (index, cell) in shown.enumerate() {
            let text = cell
                .as_deref()
                .filter(|text| !text.is_empty())
                .unwrap_or("none");
            let text = elided(text, self.width);
            let last = index.saturating_add(1) == self.length;
            let text = if last {
                text
            } else {
                pad(&text, self.width.saturating_add(1))
            };
            line = if cell.is_some() {
                line.plain(text)
            } else {
                line.dim(text)
            };
        }
        output.line(line)
    }
}

fn notes(sheet: &Sheet, output: &mut Output) -> Result<(), Failure> {
    let mut any = false;
    for row in sheet.sections.iter().flat_map(|section| &section.rows) {
        if let Some(note) = &row.note {
            wrapped(
                output,
                Line::new().plain("  ").bold(format!("{}: ", row.title)),
                note,
            )?;
            any = true;
        }
    }
    if any {
        output.line("")?;
    }
    Ok(())
}

fn groups(answer: &ComparisonAnswer, sheet: &Sheet, output: &mut Output) -> Result<(), Failure> {
    output.line(Line::new().bold("Groups of equal facts"))?;
    if answer.groups.is_empty() {
        output.line("  none: no instance has all of the facts that have to match")?;
    }
    for group in &answer.groups {
        let names: Vec<&str> = group
            .members
            .iter()
            .filter_map(|member| sheet.columns.get(*member).map(String::as_str))
            .collect();
        let approved = if group.approved {
            "approved by the policy"
        } else {
            "not pinned by the policy"
        };
        wrapped(
            output,
            Line::new().plain("  "),
            &format!(
                "{} ({} on {}; {approved})",
                names.join(", "),
                counted(group.quotes, "quote"),
                counted(group.machines, "machine"),
            ),
        )?;
    }
    output.line("")
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

fn shortcomings(answer: &ComparisonAnswer, output: &mut Output) -> Result<(), Failure> {
    if answer.shortcomings.is_empty() {
        return Ok(());
    }
    output.line(Line::new().bold("Why no more"))?;
    for one in &answer.shortcomings {
        wrapped(
            output,
            Line::new().plain("  "),
            &format!("{} ({})", one.because, one.code),
        )?;
        wrapped(output, Line::new().plain("    next: "), &one.next)?;
    }
    output.line("")
}
