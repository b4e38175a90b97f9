//! Versions are changed in place, and nothing else is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

use std::collections::BTreeMap;

use teeproof_release::{Config, Part, Plan, Recorded, ReleaseError, Version, agreed, bump, record};

const CONFIG: &str = "\
schema = \"teeproof.release/1\"
[[source]]
file = \"Cargo.toml\"
key = \"workspace.package.version\"
[[source]]
file = \"Cargo.lock\"
key = \"package[name=app].version\"
[[source]]
file = \"web/package.json\"
key = \"version\"
[[source]]
file = \"VERSION\"
";

const CARGO: &str = "# The workspace.\n[workspace.package]\nedition = \"2024\"\nversion   =  '1.2.3' # of the app\n\n[x]\nversion = \"1.2.3\"\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"other\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"app\"\nversion = \"1.2.3\"\ndependencies = [\n \"other\",\n]\n";
const PACKAGE: &str = "{\r\n\t\"name\": \"app\", \"dependencies\": {\"version\": \"1.2.3\"},\r\n\t\"version\" :\"1.2.3\",\r\n  \"x\": [1.0, \"1.2.3\"]}";

fn files() -> BTreeMap<String, String> {
    [
        ("Cargo.toml", CARGO),
        ("Cargo.lock", LOCK),
        ("web/package.json", PACKAGE),
        ("VERSION", " 1.2.3\n\n"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

fn bumped(part: Part) -> Plan {
    bump(&Config::parse(CONFIG).unwrap(), &files(), part).unwrap()
}

#[test]
fn the_version_is_changed_in_place_and_all_else_stays() {
    let plan = bumped(Part::Minor);
    assert_eq!(
        (plan.old.to_string(), plan.new.to_string()),
        ("1.2.3".into(), "1.3.0".into())
    );
    assert_eq!(
        (plan.tag.as_str(), plan.message.as_str()),
        ("v1.3.0", "Release v1.3.0")
    );
    let written: BTreeMap<_, _> = plan.files.into_iter().collect();
    assert_eq!(
        written["Cargo.toml"],
        CARGO.replace("'1.2.3' # of", "\"1.3.0\" # of")
    );
    assert_eq!(
        written["Cargo.lock"],
        LOCK.replace(
            "\"app\"\nversion = \"1.2.3\"",
            "\"app\"\nversion = \"1.3.0\""
        )
    );
    assert_eq!(
        written["web/package.json"],
        PACKAGE.replace("\"version\" :\"1.2.3\"", "\"version\" :\"1.3.0\"")
    );
    assert_eq!(written["VERSION"], " 1.3.0\n\n");
    assert_eq!(bumped(Part::Major).tag, "v2.0.0");
    assert_eq!(bumped(Part::Patch).tag, "v1.2.4");
}

#[test]
fn sources_that_disagree_are_all_named() {
    let mut files = files();
    files.insert("VERSION".into(), "1.2.4\n".into());
    let error = agreed(&Config::parse(CONFIG).unwrap(), &files).unwrap_err();
    assert_eq!(error.code(), "release.disagree");
    assert_eq!(
        error.to_string(),
        "the sources of the version disagree: `Cargo.toml` (workspace.package.version) has 1.2.3, \
         `Cargo.lock` (package[name=app].version) has 1.2.3, `web/package.json` (version) has 1.2.3, `VERSION` has 1.2.4"
    );
}

#[test]
fn a_source_without_a_version_is_refused_with_what_is_missing() {
    let config = Config::parse(CONFIG).unwrap();
    for (file, text, words) in [
        (
            "Cargo.toml",
            "[workspace]\n",
            "there is no `workspace.package.version`: `package` is missing",
        ),
        (
            "Cargo.toml",
            "[workspace.package]\nversion.workspace = true\n",
            "is missing",
        ),
        (
            "Cargo.toml",
            "[workspace.package]\nversion = 3\n",
            "is no text",
        ),
        ("Cargo.toml", "[", "no version in `Cargo.toml`"),
        ("Cargo.lock", "package = 3\n", "no list of tables"),
        (
            "Cargo.lock",
            "[[package]]\nname = \"b\"\nversion = \"1.2.3\"\n",
            "0 entries have name = \"app\"",
        ),
        ("web/package.json", "{}", "`version` is missing"),
        (
            "web/package.json",
            "{\"version\": \"1.2.3\", \"version\": \"1.2.3\"}",
            "no version in `web/package.json`",
        ),
        ("VERSION", "", "is no version such as 1.2.3"),
        ("VERSION", "v1.2.3", "is no version such as 1.2.3"),
        ("VERSION", "1.2", "is no version such as 1.2.3"),
    ] {
        let mut files = files();
        files.insert(file.into(), text.into());
        let error = bump(&config, &files, Part::Patch).unwrap_err();
        assert_eq!(error.code(), "release.source", "{error}");
        assert!(error.to_string().contains(words), "{text}: {error}");
    }
}

#[test]
fn there_is_no_next_version_after_some() {
    let config =
        Config::parse("schema = \"teeproof.release/1\"\n[[source]]\nfile = \"VERSION\"\n").unwrap();
    for (version, part) in [
        ("1.2.3-rc.1", Part::Patch),
        ("1.2.3+build", Part::Major),
        ("1.2.18446744073709551615", Part::Patch),
    ] {
        let files = [("VERSION".to_owned(), version.to_owned())].into();
        let error = bump(&config, &files, part).unwrap_err();
        assert_eq!(error.code(), "release.no-next", "{error}");
    }
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    let source = "[[source]]\nfile = \"VERSION\"\n";
    let head = "schema = \"teeproof.release/1\"\n";
    for (text, words) in [
        (String::new(), "schema"),
        (
            format!("schema = \"teeproof.release/2\"\n{source}"),
            "teeproof.release/1",
        ),
        (head.to_owned(), "source"),
        (format!("{head}source = []\n"), "names 0 sources"),
        (format!("{head}{source}{source}"), "twice"),
        (format!("{head}colour = 1\n{source}"), "colour"),
        (
            format!("{head}tag-prefix = \"a b\"\n{source}"),
            "cannot begin the name of a tag",
        ),
        (
            format!("{head}tag-prefix = \"-f\"\n{source}"),
            "cannot begin the name of a tag",
        ),
        (
            format!("{head}history = \"VERSION\"\n{source}"),
            "both a source and the table",
        ),
        (
            format!("{head}[[source]]\nfile = \"../VERSION\"\n"),
            "no path below",
        ),
        (
            format!("{head}[[source]]\nfile = \"/etc/VERSION\"\n"),
            "no path below",
        ),
        (
            format!("{head}[[source]]\nfile = \".git/config\"\n"),
            "no path below",
        ),
        (
            format!("{head}[[source]]\nfile = \"-x\"\n"),
            "no path below",
        ),
        (
            format!("{head}history = \"a//b\"\n{source}"),
            "no path below",
        ),
    ] {
        let error = Config::parse(&text).unwrap_err();
        assert_eq!(error.code(), "release.config");
        assert!(error.to_string().contains(words), "{text}: {error}");
    }
    // What is wrong with a source shows when it is read.
    for source in ["file = \"a.toml\"", "file = \"VERSION\"\nkey = \"version\""] {
        let config = Config::parse(&format!("{head}[[source]]\n{source}\n")).unwrap();
        let files = config
            .files()
            .iter()
            .map(|file| ((*file).to_owned(), "1.2.3".to_owned()))
            .collect();
        assert!(matches!(
            agreed(&config, &files),
            Err(ReleaseError::Source { .. })
        ));
    }
}

#[test]
fn the_table_of_versions_is_kept_in_order_and_recording_twice_changes_nothing() {
    let hash = |digit: &str| digit.repeat(64).parse().unwrap();
    let version = |text: &str| Version::parse(text).unwrap();
    let Ok(Recorded::Added(text)) = record(None, &version("1.2.3"), hash("1")) else {
        panic!("a new table");
    };
    assert!(
        text.starts_with("# Versions\n\n")
            && text.ends_with(&format!(
                "table.\n\n| version | compose hash |\n|---|---|\n| 1.2.3 | `{}` |\n",
                "1".repeat(64)
            )),
        "{text}"
    );
    assert_eq!(
        record(Some(&text), &version("1.2.3"), hash("1")),
        Ok(Recorded::Unchanged)
    );
    let mut text = format!("{text}\nA note.\n");
    for (added, digit) in [("1.10.0", "2"), ("1.9.0", "3"), ("0.9.0", "4")] {
        let Ok(Recorded::Added(more)) = record(Some(&text), &version(added), hash(digit)) else {
            panic!("a row for {added}");
        };
        text = more;
    }
    let rows: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
        .collect();
    assert_eq!(rows, ["version", "1.10.0", "1.9.0", "1.2.3", "0.9.0"]);
    assert!(text.ends_with("\n\nA note.\n"), "{text}");
    let replaced = record(Some(&text), &version("1.9.0"), hash("5")).unwrap();
    let expected = text.replace(&"3".repeat(64), &"5".repeat(64));
    assert_eq!(
        replaced,
        Recorded::Replaced {
            was: hash("3"),
            text: expected
        }
    );
}

#[test]
fn a_table_that_was_written_by_others_is_not_guessed_at() {
    let hash = "1".repeat(64).parse().unwrap();
    let version = Version::new(1, 0, 0);
    for text in [
        "| version | compose hash |\n",
        "| version | compose hash |\n| 1.0.0 | `x` |\n",
        "| version | compose hash |\n|---|---|\n| 1.0.0 | pending |\n",
        "| version | compose hash |\n|---|---|\n| latest | `1111` |\n",
    ] {
        let error = record(Some(text), &version, hash).unwrap_err();
        assert_eq!(error.code(), "release.history", "{text}");
    }
}
