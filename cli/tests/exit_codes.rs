//! The numbers and the meanings of exit codes are the same wherever they are written down.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use common::{run, text_of};
use teeproof_bindings::ExitCode;

type Row = (u8, String);

fn of_the_enum() -> Vec<Row> {
    ExitCode::ALL
        .iter()
        .map(|code| (code.number(), code.meaning().to_owned()))
        .collect()
}

/// The text between a line and the next heading.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n{heading}\n")).expect(heading);
    rest.split("\n## ").next().unwrap()
}

/// Rows of the form `| 0 | meaning |`.
fn of_a_table(text: &str) -> Vec<Row> {
    text.lines()
        .filter_map(|line| {
            let (code, meaning) = line.strip_prefix("| ")?.split_once(" | ")?;
            let meaning = meaning.strip_suffix(" |")?.replace('`', "");
            Some((code.trim().parse().ok()?, meaning))
        })
        .collect()
}

/// Rows of the form `  0  meaning`.
fn of_the_help() -> Vec<Row> {
    let help = run(&["--help"]);
    assert_eq!(help.code, 0);
    let (_, rows) = help.stdout.split_once("Exit codes:\n").unwrap();
    rows.lines()
        .take_while(|line| line.starts_with("  "))
        .map(|line| {
            let (code, meaning) = line.trim().split_once("  ").unwrap();
            (code.parse().unwrap(), meaning.to_owned())
        })
        .collect()
}

/// The numbers in the sentence that begins after these words, up to its full stop.
fn order_after(text: &str, words: &str) -> Vec<u8> {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, rest) = one_line.split_once(words).expect(words);
    rest.split(|character: char| !character.is_ascii_digit() && !", ".contains(character))
        .next()
        .unwrap()
        .split(", ")
        .filter_map(|number| number.trim().parse().ok())
        .collect()
}

#[test]
fn the_readme_has_every_exit_code() {
    let readme = text_of("README.md");
    let readme = section(&readme, "## Exit codes");
    assert_eq!(of_a_table(readme), of_the_enum());
    assert_eq!(of_the_help(), of_the_enum());
}

#[test]
fn everything_written_has_the_order_of_precedence() {
    let precedence: Vec<u8> = ExitCode::PRECEDENCE
        .iter()
        .map(|code| code.number())
        .collect();
    let contract = text_of("docs/verdict.md");
    let readme = text_of("README.md");
    let sentence = "Of several inputs the first of this order decides: ";
    let contract = section(&contract, "## Exit codes");
    assert_eq!(
        order_after(contract, "Several inputs: the first in the order "),
        precedence
    );
    assert_eq!(order_after(&readme, sentence), precedence);
    assert_eq!(order_after(&run(&["--help"]).stdout, sentence), precedence);
}

/// Table and order are complete, each code once: none is forgotten in both.
#[test]
fn codes_are_told_apart() {
    let mut numbers: Vec<u8> = of_the_enum().into_iter().map(|(code, _)| code).collect();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
    assert!(!numbers.contains(&1), "1 is what a crash ends with");
    let mut meanings: Vec<String> = of_the_enum().into_iter().map(|(_, text)| text).collect();
    meanings.sort();
    meanings.dedup();
    assert_eq!(meanings.len(), all);
}
