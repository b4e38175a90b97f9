//! `teeproof compose diff`: what it prints, and what a script learns from its exit code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{Run, run, scratch, text_of};
use teeproof_compose::ChangeKind;
use teeproof_core::ComposeHash;

const OLD: &str = r#"{"name":"demo","runner":"docker-compose","docker_compose_file":"services:\n  web:\n    image: nginx:1\n","public_logs":false,"pre_launch_script":"set -e\necho one\n"}"#;
const NEW: &str = r#"{"name":"demo","runner":"docker-compose","docker_compose_file":"services:\n  web:\n    image: nginx:2\n","public_logs":true,"pre_launch_script":"set -e\nexport API_TOKEN=hunter2\necho one\n"}"#;

struct Files {
    directory: PathBuf,
}

impl Files {
    fn new(name: &str) -> Self {
        let files = Self {
            directory: scratch(name),
        };
        files.write("old.json", OLD);
        files.write("new.json", NEW);
        files
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn diff(&self, old: &str, new: &str, more: &[&str]) -> Run {
        let path = |name: &str| self.directory.join(name).display().to_string();
        let mut arguments = vec![
            "compose".to_owned(),
            "diff".to_owned(),
            path(old),
            path(new),
        ];
        for argument in more {
            let file = self.directory.join(argument);
            let is_file = file.is_file();
            arguments.push(if is_file {
                path(argument)
            } else {
                (*argument).to_owned()
            });
        }
        run(&arguments)
    }
}

fn hash(text: &str) -> String {
    ComposeHash::of(text.as_bytes()).unwrap().to_string()
}

#[test]
fn changes_are_printed_with_their_risk_and_no_secret() {
    let run = Files::new("diff-text").diff("old.json", "new.json", &[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let expected = format!(
        "\
3 changes, the highest risk is `high`; hash differs
  old hash  {}
  new hash  {}
  predicted {1}  by dstack-vmm-page
  note: prediction: dstack-vmm-page writes the old file's exact bytes, and the new file's as well

high    script changed  app.script
        pre_launch_script: changed by 1 line (+1 −0)
        why: it runs as root in the guest, outside of every container
            2 + export API_TOKEN=[not shown]

high    public logs switched  app.public-logs
        public_logs: false → true
        why: with it on, anybody can read what the containers print

high    image moved to another tag  image.tag
        services.web.image: nginx:1 → nginx:2
        why: a tag or a variable pins no code, neither before nor after
",
        hash(OLD),
        hash(NEW)
    );
    assert_eq!(run.stdout, expected);
}

#[test]
fn another_layout_is_no_change() {
    let files = Files::new("diff-layout");
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(OLD).unwrap());
    files.write("pretty.json", &pretty.unwrap());
    let other = files.diff("old.json", "pretty.json", &[]);
    assert_eq!(other.code, 0);
    assert!(
        other
            .stdout
            .starts_with("meaning equal, bytes differ, hash differs: "),
        "{other:?}"
    );
    let same = files.diff("old.json", "old.json", &["--format", "json"]);
    assert_eq!(same.json()["likeness"], "same-bytes");
    assert_eq!(same.json()["approved"], serde_json::Value::Null);
}

#[test]
fn a_hash_outside_an_approved_set_is_told_by_the_exit_code() {
    let files = Files::new("diff-approved");
    files.write(
        "both.txt",
        &format!("{}\n{} # next\n", hash(OLD), hash(NEW)),
    );
    files.write("old.txt", &format!("[\"{}\"]", hash(OLD)));
    files.write("none.txt", "# nothing is approved yet\n");
    let policy = |hash: &str| {
        format!("schema = \"teeproof.policy/1\"\n[app]\ncompose-hashes = [\"{hash}\"]\n")
    };
    files.write("old.toml", &policy(&hash(OLD)));
    files.write("new.toml", &policy(&hash(NEW)));
    for (more, code, approved) in [
        (&["--approved", "both.txt"][..], 0, true),
        (&["--policy", "new.toml"], 0, true),
        (&["--approved", "both.txt", "--policy", "new.toml"], 0, true),
        (&["--approved", "old.txt"], 5, false),
        (&["--approved", "none.txt"], 5, false),
        (&["--policy", "old.toml"], 5, false),
        // Every set that is given has to have it.
        (
            &["--approved", "both.txt", "--policy", "old.toml"],
            5,
            false,
        ),
    ] {
        for format in ["text", "json", "markdown"] {
            let mut arguments = more.to_vec();
            arguments.extend(["--format", format]);
            let run = files.diff("old.json", "new.json", &arguments);
            assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{arguments:?}");
            if format == "json" {
                assert_eq!(run.json()["approved"], approved);
                assert_eq!(run.json()["exitCode"], code);
            } else {
                let refused = run
                    .stdout
                    .contains("NOT approved: the new hash is none of the");
                assert_eq!(refused, !approved, "{}", run.stdout);
            }
        }
    }
}

#[test]
fn what_cannot_be_used_is_refused_with_a_next_step() {
    let files = Files::new("diff-refused");
    files.write("broken.json", "services:\n");
    files.write("prefixed.txt", &format!("sha256:{}\n", hash(NEW)));
    files.write("unpinned.toml", "schema = \"teeproof.policy/1\"\n");
    for (old, new, more, code, words) in [
        ("broken.json", "new.json", &[][..], 7, "app-compose"),
        ("old.json", "absent.json", &[], 7, "no such file"),
        (
            "old.json",
            "new.json",
            &["--approved", "prefixed.txt"],
            2,
            "prefix `sha256:`",
        ),
        (
            "old.json",
            "new.json",
            &["--approved", "absent.txt"],
            7,
            "no such file",
        ),
        (
            "old.json",
            "new.json",
            &["--policy", "unpinned.toml"],
            2,
            "pins no compose hash",
        ),
        (
            "old.json",
            "new.json",
            &["--policy", "old.json"],
            2,
            "old.json",
        ),
    ] {
        let run = files.diff(old, new, more);
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{more:?}");
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        assert!(run.stderr.contains("\n  next: "), "{}", run.stderr);
    }
    let twice = run(&["compose", "diff", "-", "-"]);
    assert_eq!(twice.code, 2);
}

/// The exit code is about the file. What is known of the predicted hash is told beside it.
#[test]
fn the_predicted_hash_is_looked_for_and_does_not_decide() {
    let files = Files::new("diff-predicted");
    // As dstack's own tools for hosts write it: four blanks for each level.
    let tree = |text: &str| {
        let mut lines = vec!["{".to_owned()];
        let inner = text.strip_prefix("{\"").unwrap().strip_suffix('}').unwrap();
        lines.extend(
            inner
                .replace("\":", "\": ")
                .split(",\"")
                .map(|entry| format!("    \"{entry},")),
        );
        let last = lines.last_mut().unwrap();
        last.pop();
        lines.push("}".to_owned());
        lines.join("\n")
    };
    let (old, predicted) = (tree(OLD), hash(&tree(NEW)));
    files.write("old.json", &old);
    files.write("file.txt", &hash(NEW));
    files.write("predicted.txt", &predicted);
    files.write("both.txt", &format!("{predicted}\n{}\n", hash(NEW)));
    for (list, code, told) in [
        ("file.txt", 0, "is NOT one of the 1 in "),
        ("predicted.txt", 5, "is one of the 1 in "),
        ("both.txt", 0, "is one of the 2 in "),
    ] {
        for format in ["text", "markdown", "json"] {
            let arguments = ["--approved", list, "--format", format];
            let run = files.diff("old.json", "new.json", &arguments);
            assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{run:?}");
            if format == "json" {
                let json = run.json();
                let prediction = serde_json::json!([{
                    "predictors": ["dstack-vmm-cli"],
                    "composeHash": predicted,
                    "notPredicted": null,
                }]);
                assert_eq!(json["predictions"], prediction);
                assert_eq!(
                    json["approvals"][0]["predicted"],
                    serde_json::json!([{
                        "composeHash": predicted,
                        "approved": told.starts_with("is one"),
                    }])
                );
                assert_eq!(json["approved"], code == 0);
            } else {
                let words = format!("the predicted hash {predicted} {told}");
                assert!(run.stdout.contains(&words), "{words}: {}", run.stdout);
                let row = if format == "text" {
                    format!("\n  predicted {predicted}  by dstack-vmm-cli\n")
                } else {
                    format!("\n| predicted by dstack-vmm-cli | `{predicted}` |\n")
                };
                assert!(run.stdout.contains(&row), "{row}: {}", run.stdout);
            }
        }
    }
    // Nothing is said of a prediction where no program wrote the old file.
    files.write("old.json", &format!("{old}\n"));
    let run = files.diff("old.json", "new.json", &["--approved", "file.txt"]);
    assert!(!run.stdout.contains("  predicted "), "{}", run.stdout);
    assert!(
        run.stdout.contains(
            "  note: no prediction: no known program writes the old file's exact bytes\n"
        ),
        "{}",
        run.stdout
    );
    let run = files.diff("old.json", "new.json", &["--format", "json"]);
    assert_eq!(run.json()["predictions"], serde_json::json!([]));
}

#[test]
fn json_names_every_part_of_a_change() {
    let json = Files::new("diff-json")
        .diff("old.json", "new.json", &["--format", "json"])
        .json();
    assert_eq!(json["schema"], "teeproof.compose-diff/1");
    assert_eq!(json["oldComposeHash"], hash(OLD).as_str());
    assert_eq!(json["newComposeHash"], hash(NEW).as_str());
    assert_eq!(json["risk"], "high");
    let changes = json["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 3);
    assert_eq!(changes[1]["id"], "app.public-logs");
    assert_eq!(changes[1]["old"]["shown"], "false");
    assert_eq!(changes[0]["lines"]["added"], 1);
    assert_eq!(changes[0]["lines"]["shown"][0]["number"], 2);
    assert!(!json.to_string().contains("hunter2"));
}

/// The page says of every kind what the program says.
#[test]
fn the_documentation_has_the_whole_table() {
    let page = text_of("docs/compose-diff.md");
    let written: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let table: Vec<String> = ChangeKind::ALL
        .iter()
        .map(|kind| {
            let row = kind.row();
            let risk = if row.risk == row.relaxed {
                row.risk.name().to_owned()
            } else {
                format!("{}, or {}", row.risk.name(), row.relaxed.name())
            };
            format!("| `{}` | {risk} | {} | {} |", row.id, row.title, row.why)
        })
        .collect();
    assert_eq!(written, table);
}
