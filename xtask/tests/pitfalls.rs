//! The table of pitfalls is whole, and every name in it is a real one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may panic as its tests may"
)]

use std::collections::BTreeSet;
use std::fs;

use teeproof_core::CheckId;
use teeproof_forge::catalogue;
use xtask::repository;

const PITFALLS: u32 = 69;

/// What teeproof does not do yet.
const WAITS: &[&str] = &[
    "GPU",
    "KMS",
    "OS measurement",
    "chain",
    "comparison",
    "compose lint",
    "deployment",
    "live capture",
    "service",
];

struct Row {
    number: u32,
    checks: Vec<String>,
    holders: Vec<String>,
    waits: Option<String>,
}

/// The rows of every table of the document.
fn rows() -> Vec<Row> {
    let text = fs::read_to_string(repository::root().join("docs/pitfalls.md")).unwrap();
    let is_row = |line: &&str| {
        line.strip_prefix("| ")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    text.lines().filter(is_row).map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<_> = line
        .trim_start_matches('|')
        .trim_end_matches('|')
        .split('|')
        .map(str::trim)
        .collect();
    let [number, pitfall, checks, holders] = cells[..] else {
        panic!("not four cells: {line}");
    };
    assert!(!pitfall.is_empty(), "{line}");
    let (names, waits) = match holders.split_once("waits: ") {
        Some((names, waits)) => (names, Some(waits.to_owned())),
        None => (holders, None),
    };
    Row {
        number: number.parse().unwrap(),
        checks: code(checks),
        holders: code(names),
        waits,
    }
}

/// What stands between backticks. Anything else in a cell but separators is a slip.
fn code(cell: &str) -> Vec<String> {
    let parts: Vec<_> = cell.split('`').collect();
    let (between, within): (Vec<_>, Vec<_>) =
        parts.iter().enumerate().partition(|(at, _)| at % 2 == 0);
    for (_, text) in between {
        assert!(matches!(text.trim(), "" | "," | ";"), "`{text}` in {cell}");
    }
    within
        .into_iter()
        .map(|(_, text)| (*text).to_owned())
        .collect()
}

/// The names of all test functions in the repository.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in repository::files_below(repository::root(), "rs").unwrap() {
        let mut is_test = false;
        for line in fs::read_to_string(path).unwrap().lines().map(str::trim) {
            if line == "#[test]" {
                is_test = true;
            } else if let Some(rest) = line.strip_prefix("fn ") {
                if is_test {
                    found.insert(rest.split('(').next().unwrap().to_owned());
                }
                is_test = false;
            }
        }
    }
    assert!(found.len() > 100, "too few tests to be all");
    found
}

#[test]
fn every_number_stands_there_once_and_in_order() {
    let numbers: Vec<_> = rows().iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=PITFALLS).collect::<Vec<_>>());
}

#[test]
fn every_pitfall_is_held_or_waits() {
    for row in rows() {
        let number = row.number;
        assert!(
            !row.holders.is_empty() || row.waits.is_some(),
            "{number} is neither held by a test nor waits"
        );
        assert!(
            row.checks.is_empty() || !row.holders.is_empty(),
            "{number} names a check and nothing that tries it"
        );
        if let Some(waits) = row.waits {
            let theme = waits.split(" (").next().unwrap();
            assert!(WAITS.contains(&theme), "{number} waits for `{theme}`");
        }
    }
}

#[test]
fn every_name_is_a_real_one() {
    let tests = tests();
    let cases: BTreeSet<_> = catalogue().into_iter().map(|case| case.name).collect();
    let mut faults = Vec::new();
    for row in rows() {
        for check in row.checks {
            if CheckId::from_id(&check).is_none() {
                faults.push(format!("{}: no check `{check}`", row.number));
            }
        }
        for holder in row.holders {
            let known = if holder.contains('-') {
                cases.contains(&holder)
            } else {
                tests.contains(&holder)
            };
            if !known {
                faults.push(format!("{}: no test or case `{holder}`", row.number));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_test_named_after_a_pitfall_stands_in_its_row() {
    let rows = rows();
    for test in tests() {
        let Some(rest) = test.strip_prefix("pitfall_") else {
            continue;
        };
        let number: u32 = rest.split('_').next().unwrap().parse().unwrap();
        let row = rows.iter().find(|row| row.number == number).unwrap();
        assert!(
            row.holders.contains(&test),
            "`{test}` is not in row {number}"
        );
    }
}
