//! The documents that promise something name tests that there are.

#![allow(clippy::unwrap_used, reason = "this file is tests and their helpers")]

use std::fs;

use xtask::repository;

fn sources() -> String {
    repository::files_below(repository::root(), "rs")
        .unwrap()
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

fn document(name: &str) -> String {
    fs::read_to_string(repository::root().join(name)).unwrap()
}

/// The names in code quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_line_of_the_verdict_contract_names_a_test() {
    let (document, sources) = (document("docs/verdict.md"), sources());
    // A numbered line goes on as long as lines are indented.
    let mut promises: Vec<String> = Vec::new();
    for line in document.lines() {
        let number = line.split_once(". ").map_or("", |(number, _)| number);
        if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            promises.push(line.to_owned());
        } else if line.starts_with("   ")
            && let Some(last) = promises.last_mut()
        {
            last.push_str(line);
        }
    }
    assert!(promises.len() >= 25, "{}", promises.len());
    for promise in promises {
        let held = quoted(&promise)
            .any(|name| name.contains('_') && sources.contains(&format!("fn {name}(")));
        assert!(held, "no test is named in: {promise}");
    }
}

#[test]
fn every_test_in_the_trace_of_the_specification_exists() {
    let (document, sources) = (document("docs/multi-machine.md"), sources());
    let (_, table) = document
        .split_once("## The specification, line by line")
        .unwrap();
    let mut named = 0;
    for row in table.lines().filter(|line| line.starts_with("| ")) {
        let held_by = row.trim_end_matches('|').rsplit('|').next().unwrap();
        for name in quoted(held_by) {
            named += 1;
            assert!(
                sources.contains(&format!("fn {name}(")),
                "there is no test {name}"
            );
        }
    }
    assert!(named >= 10, "{named}");
}
