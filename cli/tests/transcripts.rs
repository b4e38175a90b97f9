//! Runs every transcript in `transcripts/` through the real binary.
//!
//! A transcript holds one command or several, each in this form:
//!
//! ```text
//! # what it shows
//! $ teeproof verify - --format json
//! stdin: cli/tests/inputs/a-file       (optional)
//! env: NO_COLOR=1                      (optional)
//! exit: 7
//! verdict: REJECTED: a certificate is revoked (pck.revocation)
//! --- stdout
//! --- stderr
//! error: …
//! --- end
//! ```
//!
//! Commands run in the repository's directory; a `'…'` is one argument. Exit code and verdicts are
//! declared by hand: every headline that is printed has its line `verdict:`, in order. With
//! `TEEPROOF_BLESS=1` what stands between the `---` is written anew, and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use common::{Run, command, finish, repository};

/// One command of a transcript.
#[derive(Default)]
struct Step {
    /// Lines before the outputs, as they stand in the file.
    head: Vec<String>,
    arguments: Vec<String>,
    stdin: Option<String>,
    environment: Vec<(String, String)>,
    exit: Option<i32>,
    verdicts: Vec<String>,
    stdout: String,
    stderr: String,
}

impl Step {
    fn read(head: Vec<String>, stdout: String, stderr: String) -> Self {
        let mut step = Self {
            stdout,
            stderr,
            ..Self::default()
        };
        for line in &head {
            if let Some(words) = line.strip_prefix("$ teeproof") {
                assert!(step.arguments.is_empty(), "two commands: {line}");
                step.arguments = arguments(words);
            } else if let Some(path) = line.strip_prefix("stdin: ") {
                step.stdin = Some(path.to_owned());
            } else if let Some(pair) = line.strip_prefix("env: ") {
                let (name, value) = pair.split_once('=').expect("NAME=VALUE");
                step.environment.push((name.to_owned(), value.to_owned()));
            } else if let Some(code) = line.strip_prefix("exit: ") {
                step.exit = Some(code.parse().unwrap());
            } else if let Some(verdict) = line.strip_prefix("verdict: ") {
                step.verdicts.push(verdict.to_owned());
            } else {
                assert!(line.is_empty() || line.starts_with('#'), "what is `{line}`");
            }
        }
        step.head = head;
        step
    }

    fn run(&self) -> Run {
        let stdin = self.stdin.as_ref().map_or_else(Vec::new, |path| {
            fs::read(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
        });
        let mut command = command();
        command
            .args(&self.arguments)
            .envs(self.environment.iter().cloned());
        finish(&mut command, &stdin)
    }

    fn write(&self, run: &Run) -> String {
        let mut text = String::new();
        for line in &self.head {
            writeln!(text, "{line}").unwrap();
        }
        write!(
            text,
            "--- stdout\n{}--- stderr\n{}--- end\n",
            run.stdout, run.stderr
        )
        .unwrap();
        text
    }

    /// What is wrong with a run, as far as it was declared by hand.
    fn faults(&self, run: &Run) -> Vec<String> {
        let mut faults = Vec::new();
        if self.exit != Some(run.code) {
            faults.push(format!("declared {:?}, exit code {}", self.exit, run.code));
        }
        let said = headlines(&run.stdout);
        if self.verdicts != said {
            faults.push(format!(
                "declared {:#?}\nbut it says {said:#?}",
                self.verdicts
            ));
        }
        let control = |character: char| character.is_control() && character != '\n';
        for (name, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            if text.contains(control) {
                faults.push(format!("{name} has control characters"));
            }
            if text.lines().any(|line| line.starts_with("---"))
                || !(text.is_empty() || text.ends_with('\n'))
            {
                faults.push(format!("{name} cannot stand in a transcript"));
            }
        }
        faults
    }
}

fn arguments(words: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    for (index, piece) in words.split('\'').enumerate() {
        if index % 2 == 1 {
            arguments.push(piece.to_owned());
        } else {
            arguments.extend(piece.split_whitespace().map(ToOwned::to_owned));
        }
    }
    arguments
}

/// Every headline in an output: values of the key in JSON, lines that begin with a verdict in text.
fn headlines(stdout: &str) -> Vec<String> {
    let verdicts = [
        "TRUSTED",
        "GENUINE",
        "SIMULATED",
        "REJECTED",
        "INCONCLUSIVE",
    ];
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(stdout) {
        let one = std::slice::from_ref(&json);
        return json
            .as_array()
            .map_or(one, Vec::as_slice)
            .iter()
            .filter_map(|answer| Some(answer.get("headline")?.as_str()?.to_owned()))
            .collect();
    }
    stdout
        .lines()
        .filter(|line| {
            line.starts_with("AS OF ") || verdicts.iter().any(|word| line.starts_with(word))
        })
        .map(ToOwned::to_owned)
        .collect()
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let (head, after) = rest.split_once("--- stdout\n").expect("`--- stdout`");
        let (stdout, after) = after.split_once("--- stderr\n").expect("`--- stderr`");
        let (stderr, after) = after.split_once("--- end\n").expect("`--- end`");
        let head = head.lines().map(ToOwned::to_owned).collect();
        steps.push(Step::read(head, stdout.to_owned(), stderr.to_owned()));
        rest = after;
    }
    steps
}

/// The first line that differs, with both of its forms.
fn difference(name: &str, expected: &str, found: &str) -> Option<String> {
    if expected == found {
        return None;
    }
    let mut found_lines = found.lines();
    let mut last = 0;
    for (number, line) in (1..).zip(expected.lines()) {
        last = number;
        let other = found_lines.next();
        if other != Some(line) {
            let other = other.unwrap_or("(nothing)");
            return Some(format!("{name}, line {number}:\n  - {line}\n  + {other}"));
        }
    }
    let more = found_lines.next().unwrap_or("(only a line end)");
    Some(format!("{name}, after line {last}:\n  + {more}"))
}

/// Runs one file, and says what is wrong.
fn play(path: &Path, bless: bool) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let steps = steps(&text);
    assert!(!steps.is_empty(), "{name} has no command");
    let mut faults = Vec::new();
    let mut written = String::new();
    for step in &steps {
        let run = step.run();
        let mut wrong = step.faults(&run);
        if !bless {
            wrong.extend(difference("stdout", &step.stdout, &run.stdout));
            wrong.extend(difference("stderr", &step.stderr, &run.stderr));
        }
        let command = step.arguments.join(" ");
        faults.extend(
            wrong
                .iter()
                .map(|fault| format!("{name}: teeproof {command}\n{fault}")),
        );
        written.push_str(&step.write(&run));
    }
    if bless && faults.is_empty() {
        fs::write(path, written).unwrap();
    }
    faults
}

#[test]
fn every_transcript_is_what_the_program_says() {
    let bless = std::env::var_os("TEEPROOF_BLESS").is_some_and(|value| value == "1");
    let directory = repository().join("cli/tests/transcripts");
    let mut paths: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 15, "only {} transcripts", paths.len());
    let faults: Vec<_> = paths.iter().flat_map(|path| play(path, bless)).collect();
    assert!(
        faults.is_empty(),
        "{} faults; after a change that was meant, run with TEEPROOF_BLESS=1\n\n{}",
        faults.len(),
        faults.join("\n\n")
    );
}
