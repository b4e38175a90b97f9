//! What stands in a section, in which order, and what is told beside it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "this file is tests and their helpers"
)]

use teeproof_changelog::{COMMITS, ChangelogError, Commit, Section, section};

fn commits(messages: &[&str]) -> Vec<Commit> {
    let numbered = (1..).zip(messages);
    numbered
        .map(|(number, message)| Commit {
            id: format!("{number:07}{}", "f".repeat(33)),
            message: (*message).to_owned(),
            merge: false,
        })
        .collect()
}

fn of(messages: &[&str]) -> Section {
    section("1.3.0", "2026-01-02", &commits(messages)).unwrap()
}

#[test]
fn commits_are_grouped_and_breaking_ones_stand_first() {
    let section = of(&[
        "chore: raise a dependency",
        "docs(api): say what a route gives",
        "perf: ask once",
        "fix(web): keep the\tcolour",
        "feat: a <new> `route`",
        "FEAT: loud",
        "refactor!: another name for the list",
        "fix: the limit\n\nA body.\n\nBREAKING CHANGE: lists over\n1000 are refused\nReviewed-by: x",
        "security: check the length",
        "unheard: of",
    ]);
    assert_eq!(
        section.text,
        "\
## [1.3.0] - 2026-01-02

### Breaking changes

- another name for the list (0000007)
- the limit: lists over 1000 are refused (0000008)

### Added

- a <new> `route` (0000005)
- loud (0000006)

### Fixed

- **web:** keep the colour (0000004)

### Security

- check the length (0000009)

### Changed

- ask once (0000003)

### Documentation

- **api:** say what a route gives (0000002)

### Other

- raise a dependency (0000001)
- of (0000010)
"
    );
    assert_eq!((section.listed, section.unconventional), (10, Vec::new()));
}

#[test]
fn what_is_not_conventional_is_told_and_not_listed() {
    let mut all = commits(&[
        "Mend the thing",
        "feat: one",
        "Revert \"feat: one\"\n\nThis reverts it.",
        "feat without a colon",
        "fix:",
        "",
        "Merge branch 'main'",
        "fix: on the way\n\nof a merge",
    ]);
    for merge in all.iter_mut().skip(6) {
        merge.merge = true;
    }
    all.push(Commit {
        id: "abc".to_owned(),
        message: format!("{}\u{1b}[31m\n", "x".repeat(400)),
        merge: false,
    });
    let section = section("1.3.0", "2026-01-02", &all).unwrap();
    assert_eq!(section.listed, 2);
    for (present, words) in [
        (true, "- one (0000002)"),
        (true, "- on the way (0000008)"),
        (false, "thing"),
        (false, "Revert"),
        (false, "Merge"),
    ] {
        assert_eq!(section.text.contains(words), present, "{}", section.text);
    }
    let told: Vec<_> = section
        .unconventional
        .iter()
        .map(|(id, subject)| (id.as_str(), subject.as_str()))
        .collect();
    let long = "x".repeat(200);
    assert_eq!(
        told,
        [
            ("0000001", "Mend the thing"),
            ("0000003", "Revert \"feat: one\""),
            ("0000004", "feat without a colon"),
            ("0000005", "fix:"),
            ("0000006", ""),
            ("abc", long.as_str()),
        ]
    );
}

#[test]
fn a_version_without_conventional_commits_says_so() {
    let expected =
        "## [1.3.0] - 2026-01-02\n\nNo commit since the version before says what it changes.\n";
    assert_eq!(of(&[]).text, expected);
    let section = of(&["Mend the thing"]);
    assert_eq!((section.text.as_str(), section.listed), (expected, 0));
    assert_eq!(section.unconventional.len(), 1);
}

/// Nothing in a message is a template, a variable or a heading.
#[test]
fn a_message_is_text() {
    let section = of(&[
        "feat: {{ version }} {% for x in y %} ${HOME} $1",
        "fix: a\u{1b}[31m red\r\n\r\nBREAKING CHANGE: one\r\ntwo",
        "fix({{ id }})!: x\n\nBREAKING CHANGE: y\n## [9.9.9]",
    ]);
    assert!(
        section
            .text
            .contains("- {{ version }} {% for x in y %} ${HOME} $1 (0000001)\n"),
        "{}",
        section.text
    );
    assert!(
        section.text.contains("- a [31m red: one two (0000002)\n"),
        "{}",
        section.text
    );
    let headings = section.text.lines().filter(|line| line.starts_with("## "));
    assert_eq!(headings.count(), 1, "{}", section.text);
}

#[test]
fn too_many_commits_are_refused() {
    let one = commits(&["fix: x"]).remove(0);
    let error = section("1.3.0", "2026-01-02", &vec![one; COMMITS + 1]).unwrap_err();
    assert_eq!(error, ChangelogError::TooMany { found: COMMITS + 1 });
    assert_eq!(error.code(), "changelog.too-many");
    assert!(!error.next_step().is_empty());
}
