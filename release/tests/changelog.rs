//! Where the section of a version goes, and that all else of a changelog stays as it was.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "this file is tests and their helpers"
)]

use teeproof_release::{Config, Inserted, Version, insert};

const SECTION: &str = "## [1.3.0] - 2026-01-02\n\n### Added\n\n- one\n";

fn put(text: &str) -> (String, bool) {
    let version = Version::new(1, 3, 0);
    match insert(text, &version, SECTION) {
        Inserted::Added { text, unreleased } => {
            // A second time there is nothing to do.
            assert_eq!(insert(&text, &version, SECTION), Inserted::Unchanged);
            (text, unreleased)
        }
        Inserted::Unchanged => panic!("nothing was put in"),
    }
}

#[test]
fn a_section_goes_before_the_versions_and_behind_what_is_unreleased() {
    for (before, after, unreleased) in [
        ("", "", false),
        ("# Changelog\n", "", false),
        ("# Changelog\n\n## [Unreleased]\n", "", false),
        (
            "# Changelog\n\n## Unreleased\n\n### Added\n\n- two\n",
            "",
            true,
        ),
        (
            "# Changelog\n\n## [Unreleased]\n",
            "## [1.2.3] - 2025-01-01\n\n- old\n\n## 1.2.2\n",
            false,
        ),
        (
            "# Changelog\n\n## [unreleased](link)\n\n- two\n",
            "## v1.2.3\n",
            true,
        ),
        // A heading in a block of code is none, and a smaller one neither.
        (
            "# Changelog\n\n```md\n## [1.2.3]\n## [1.3.0]\n```\n\n~~~\n```\n## 1.0.0\n~~~\n\n### [1.3.0]\n",
            "## 1.2.3\n",
            false,
        ),
    ] {
        let gap = if before.is_empty() || before.ends_with("\n\n") {
            ""
        } else {
            "\n"
        };
        let whole = format!("{before}{gap}{after}");
        let behind = if after.is_empty() {
            String::new()
        } else {
            format!("\n{after}")
        };
        let expected = format!("{before}{gap}{SECTION}{behind}");
        assert_eq!(put(&whole), (expected.clone(), unreleased), "{whole}");
        let windows = |text: &str| text.replace('\n', "\r\n");
        if whole.contains('\n') {
            assert_eq!(put(&windows(&whole)).0, windows(&expected));
        }
    }
}

#[test]
fn a_version_with_a_section_gets_no_second_one() {
    for heading in [
        "## [1.3.0]",
        "## 1.3.0",
        "## v1.3.0 - 2026-01-02",
        "##  [v1.3.0](https://example.org) x",
    ] {
        let text = format!("# Changelog\n\n## [Unreleased]\n\n## 1.4.0\n\n{heading}\n");
        assert_eq!(
            insert(&text, &Version::new(1, 3, 0), SECTION),
            Inserted::Unchanged,
            "{heading}"
        );
    }
    for heading in [
        "## 1.3.0-rc.1",
        "## 1.3",
        "## 11.3.0",
        "### 1.3.0",
        " ## 1.3.0x",
        "##1.3.0",
    ] {
        put(&format!("# Changelog\n\n{heading}\n"));
    }
}

#[test]
fn a_changelog_is_a_file_of_its_own() {
    let config = |more: &str| {
        format!("schema = \"teeproof.release/1\"\n{more}\n[[source]]\nfile = \"VERSION\"\n")
    };
    let parsed = |more: &str| Config::parse(&config(more));
    assert_eq!(parsed("").unwrap().changelog, None);
    let named = parsed("changelog = \"docs/CHANGELOG.md\"").unwrap();
    assert_eq!(named.changelog.as_deref(), Some("docs/CHANGELOG.md"));
    for (more, words) in [
        (
            "changelog = \"VERSION\"",
            "`VERSION` is both a source and the changelog",
        ),
        (
            "changelog = \"docs/versions.md\"",
            "`docs/versions.md` is both the changelog and the table",
        ),
        ("changelog = \"../CHANGELOG.md\"", "no path below"),
        ("changelog = \"\"", "no path below"),
        ("changelog = true", "string"),
    ] {
        let error = parsed(more).unwrap_err().to_string();
        assert!(error.contains(words), "{more}: {error}");
    }
}
