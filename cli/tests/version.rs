//! `teeproof version` in real repositories: what it changes, what it refuses, and that a second run
//! changes nothing more.

#![cfg(feature = "release")]
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
use std::process::Command;

use common::{Run, command, finish, scratch};
use teeproof_core::ComposeHash;

const CONFIG: &str = "\
schema = \"teeproof.release/1\"

[[source]]
file = \"Cargo.toml\"
key = \"package.version\"

[[source]]
file = \"web/package.json\"
key = \"version\"
";

/// A repository of an app, outside of this one.
struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// One commit with two sources of version 1.2.3.
    fn new(name: &str) -> Self {
        let repository = Self {
            folder: scratch(name),
        };
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository.write("teeproof-release.toml", CONFIG);
        repository.write(
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"1.2.3\" # ours\n",
        );
        repository.write("web/package.json", "{\"version\": \"1.2.3\"}\n");
        repository.commit("feat: begin");
        repository
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// Nothing of the machine's own settings reaches git.
    fn settle(&self, command: &mut Command) {
        command.current_dir(&self.folder);
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "none"),
            ("GIT_AUTHOR_NAME", "Tester"),
            ("GIT_AUTHOR_EMAIL", "tester@example.org"),
            ("GIT_COMMITTER_NAME", "Tester"),
            ("GIT_COMMITTER_EMAIL", "tester@example.org"),
        ] {
            command.env(name, value);
        }
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(name);
        }
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        self.settle(git.args(arguments));
        let output = git.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    fn teeproof(&self, arguments: &[&str]) -> Run {
        let mut teeproof = command();
        self.settle(teeproof.args(arguments));
        finish(&mut teeproof, &[])
    }

    /// Everything that a run could change: commits, tags, and the files.
    fn state(&self) -> [String; 4] {
        [
            self.git(&["log", "--format=%H %s"]),
            self.git(&["for-each-ref"]),
            self.git(&["status", "--porcelain"]),
            self.read("Cargo.toml") + &self.read("web/package.json"),
        ]
    }

    /// Holds that a run is refused for this reason and changes nothing.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], code: i32, words: &str) {
        let before = self.state();
        let run = self.teeproof(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run:?}");
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        assert!(run.stderr.contains("\n  next: "), "{}", run.stderr);
        assert_eq!(self.state(), before);
    }
}

#[test]
fn a_bump_changes_every_source_commits_and_tags() {
    let app = Repository::new("version-bump");
    let run = app.teeproof(&["version", "bump", "minor"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(
        run.stdout.starts_with("version 1.2.3 → 1.3.0\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("next:\n"), "{}", run.stdout);
    assert_eq!(
        app.read("Cargo.toml"),
        "[package]\nname = \"app\"\nversion = \"1.3.0\" # ours\n"
    );
    assert_eq!(app.read("web/package.json"), "{\"version\": \"1.3.0\"}\n");
    assert_eq!(
        app.git(&["log", "--format=%s"]),
        "Release v1.3.0\nfeat: begin\n"
    );
    assert_eq!(app.git(&["status", "--porcelain"]), "");
    // The tag is annotated, and on the new commit.
    assert_eq!(app.git(&["cat-file", "-t", "v1.3.0"]), "tag\n");
    assert_eq!(
        app.git(&["rev-parse", "v1.3.0^{commit}"]),
        app.git(&["rev-parse", "HEAD"])
    );
    let show = app.teeproof(&["version", "show"]);
    assert_eq!((show.code, show.stdout.as_str()), (0, "1.3.0\n"));
    assert_eq!(
        app.teeproof(&["version", "show", "--format", "json"])
            .json()["tag"],
        "v1.3.0"
    );
}

#[test]
fn a_second_run_changes_nothing_more() {
    let app = Repository::new("version-twice");
    app.teeproof(&["version", "bump", "minor"]);
    let before = app.state();
    let again = app.teeproof(&["version", "bump", "minor"]);
    assert_eq!(again.code, 0);
    assert_eq!(
        again.stdout,
        "v1.3.0 is the last commit and is tagged; nothing to do\n"
    );
    assert_eq!(app.state(), before);
    // After further work there is something to release again.
    app.write("note", "x");
    app.commit("fix: note");
    assert_eq!(app.teeproof(&["version", "bump", "patch"]).code, 0);
    assert_eq!(app.git(&["tag"]), "v1.3.0\nv1.3.1\n");
}

#[test]
fn a_run_that_was_cut_short_is_finished_by_the_next() {
    let app = Repository::new("version-resumed");
    app.teeproof(&["version", "bump", "major"]);
    app.git(&["tag", "--delete", "v2.0.0"]);
    let dry = app.teeproof(&["version", "bump", "major", "--dry-run"]);
    assert!(
        dry.stdout.contains("would tag the last commit as v2.0.0"),
        "{dry:?}"
    );
    assert_eq!(app.git(&["tag"]), "");
    let run = app.teeproof(&["version", "bump", "major"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(app.git(&["tag"]), "v2.0.0\n");
    assert_eq!(
        app.git(&["log", "--format=%s"]),
        "Release v2.0.0\nfeat: begin\n"
    );
}

#[test]
fn a_dry_run_shows_all_and_changes_nothing() {
    let app = Repository::new("version-dry");
    let before = app.state();
    let run = app.teeproof(&["version", "bump", "patch", "--dry-run"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(
        run.stdout,
        "\
version 1.2.3 → 1.2.4
  would be written   Cargo.toml
  would be written   web/package.json
  would be committed Release v1.2.4
  would be tagged    v1.2.4
nothing was changed
"
    );
    assert_eq!(app.state(), before);
}

#[test]
fn what_stands_in_the_way_is_refused_and_nothing_changes() {
    let bump = &["version", "bump", "minor"];
    let app = Repository::new("version-dirty");
    app.write("note", "x");
    app.refuses(bump, 2, "1 files differ from the last commit: note");
    app.write("Cargo.toml", "[package]\nversion = \"1.2.3\"\n");
    app.refuses(bump, 2, "2 files differ");

    let app = Repository::new("version-disagree");
    app.write("web/package.json", "{\"version\": \"1.2.4\"}\n");
    app.commit("fix: one of two");
    app.refuses(bump, 2, "the sources of the version disagree: `Cargo.toml` (package.version) has 1.2.3, `web/package.json` (version) has 1.2.4");
    app.refuses(&["version", "show"], 2, "disagree");

    let app = Repository::new("version-tagged");
    app.git(&["tag", "v1.3.0"]);
    app.refuses(bump, 2, "there is a tag v1.3.0 already");
    app.refuses(
        &["version", "bump", "minor", "--dry-run"],
        2,
        "there is a tag v1.3.0 already",
    );

    let app = Repository::new("version-no-config");
    app.refuses(
        &["version", "bump", "minor", "--config", "absent.toml"],
        7,
        "absent.toml",
    );
    app.write(
        "odd.toml",
        "schema = \"teeproof.release/1\"\n[[source]]\nfile = \"../x\"\n",
    );
    app.commit("chore: odd");
    app.refuses(
        &["version", "show", "--config", "odd.toml"],
        2,
        "no path below",
    );
    app.write(
        "gone.toml",
        "schema = \"teeproof.release/1\"\n[[source]]\nfile = \"VERSION\"\n",
    );
    app.commit("chore: gone");
    app.refuses(&["version", "show", "--config", "gone.toml"], 7, "VERSION");
    assert_eq!(app.teeproof(&["version", "bump", "middle"]).code, 2);
}

#[test]
fn a_commit_that_git_refuses_leaves_everything_as_it_was() {
    let app = Repository::new("version-hook");
    // The hook is the repository's own, and says no.
    let hook = app.folder.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho 'not today' >&2\nexit 1\n").unwrap();
    let chmod = Command::new("chmod").arg("+x").arg(&hook).status().unwrap();
    assert!(chmod.success());
    let before = app.state();
    let run = app.teeproof(&["version", "bump", "minor"]);
    assert_eq!(run.code, 8, "{run:?}");
    assert!(
        run.stderr.contains("git could not commit: not today"),
        "{}",
        run.stderr
    );
    assert_eq!(app.state(), before);
}

#[test]
fn outside_of_a_repository_there_is_nothing_to_commit() {
    let app = Repository::new("version-no-repository");
    fs::remove_dir_all(app.folder.join(".git")).unwrap();
    let mut teeproof = command();
    app.settle(teeproof.args(["version", "bump", "minor"]));
    // The repository that this test stands in is none of the app's.
    teeproof.env("GIT_CEILING_DIRECTORIES", app.folder.parent().unwrap());
    let run = finish(&mut teeproof, &[]);
    assert_eq!(run.code, 8, "{run:?}");
    assert!(
        run.stderr.contains("is in no work tree of git"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_compose_hash_of_a_version_is_recorded_once() {
    let app = Repository::new("version-record");
    let document = "{\"name\":\"demo\"}";
    let hash = ComposeHash::of(document.as_bytes()).unwrap().to_string();
    app.write("app-compose.json", document);
    let record = &["version", "record", "--app-compose", "app-compose.json"];
    let mut dry = record.to_vec();
    dry.push("--dry-run");
    assert!(app.teeproof(&dry).stdout.ends_with("nothing was changed\n"));
    assert!(!app.folder.join("docs").exists());

    let run = app.teeproof(record);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let table = app.read("docs/versions.md");
    assert!(
        table.ends_with(&format!("| 1.2.3 | `{hash}` |\n")),
        "{table}"
    );
    for twice in [&record[..], &["version", "record", "--compose-hash", &hash]] {
        let again = app.teeproof(twice);
        assert_eq!(again.code, 0, "{again:?}");
        assert!(again.stdout.ends_with("; nothing to do\n"), "{again:?}");
        assert_eq!(app.read("docs/versions.md"), table);
    }
    let other = "1".repeat(64);
    let run = app.teeproof(&["version", "record", "--compose-hash", &other]);
    assert!(
        run.stdout.contains(&format!("had {hash}, now {other}")),
        "{run:?}"
    );
    assert_eq!(app.read("docs/versions.md"), table.replace(&hash, &other));

    app.refuses(
        &["version", "record", "--compose-hash", "sha256:11"],
        2,
        "--compose-hash",
    );
    assert_eq!(app.teeproof(&["version", "record"]).code, 2);
    app.write(
        "docs/versions.md",
        "| version | compose hash |\n|---|---|\n| 1.2.3 | pending |\n",
    );
    app.refuses(record, 2, "line 3 is no row");
}

/// The configuration with a changelog in it.
const WITH_CHANGELOG: &str = "changelog = \"CHANGELOG.md\"\n";

impl Repository {
    /// As [`Repository::new`], released as 1.2.3, and with a changelog.
    fn with_changelog(name: &str) -> Self {
        let app = Self::new(name);
        let (schema, sources) = CONFIG.split_once("\n\n").unwrap();
        app.write(
            "teeproof-release.toml",
            &format!("{schema}\n{WITH_CHANGELOG}\n{sources}"),
        );
        app.write(
            "CHANGELOG.md",
            "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2025-01-01\n\n- begin\n",
        );
        app.commit("docs: a changelog");
        app
    }
}

/// Nothing is left out silently: neither the changelog nor, with it, a commit.
#[cfg(not(feature = "changelog"))]
#[test]
fn a_build_that_writes_no_changelog_refuses_a_configuration_with_one() {
    let app = Repository::with_changelog("version-no-changelog");
    for more in [&[][..], &["--dry-run"]] {
        let mut bump = vec!["version", "bump", "minor"];
        bump.extend(more);
        app.refuses(&bump, 2, "this build writes no changelog");
    }
    assert_eq!(app.teeproof(&["version", "show"]).stdout, "1.2.3\n");
}

#[cfg(feature = "changelog")]
mod changelog {
    use super::*;

    fn with_work(name: &str) -> Repository {
        let app = Repository::with_changelog(name);
        app.git(&["tag", "v1.2.3"]);
        for message in [
            "fix(web): keep the colour",
            "Mend the thing\n\nfeat: not a subject",
            "feat!: another route",
            "feat: a route",
        ] {
            app.write("note", message);
            app.commit(message);
        }
        app
    }

    /// The section, without the ids of its commits and its date.
    fn blurred(text: &str) -> String {
        let lines = text.lines().map(|line| {
            let line = line.split(" (").next().unwrap();
            line.split(" - 2").next().unwrap()
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    const SECTION: &str = "\
## [1.3.0]

### Breaking changes

- another route

### Added

- a route

### Fixed

- **web:** keep the colour
";

    #[test]
    fn a_bump_puts_the_section_of_the_version_in_the_same_commit() {
        let app = with_work("version-changelog");
        let before = app.state();
        let dry = app.teeproof(&["version", "bump", "minor", "--dry-run"]);
        assert_eq!((dry.code, dry.stderr.as_str()), (0, ""));
        assert!(
            dry.stdout.contains("  would be written   CHANGELOG.md\n"),
            "{dry:?}"
        );
        let told = "  note: 1 commit is not conventional, and not in the changelog:\n";
        assert!(dry.stdout.contains(told), "{}", dry.stdout);
        assert!(dry.stdout.contains(" Mend the thing\n"), "{}", dry.stdout);
        let shown: String = dry
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix("  |"))
            .map(|line| format!("{}\n", line.trim_start()))
            .collect();
        assert_eq!(blurred(&shown), SECTION);
        assert!(dry.stdout.ends_with("nothing was changed\n"));
        assert_eq!(app.state(), before);

        let run = app.teeproof(&["version", "bump", "minor"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains(told), "{}", run.stdout);
        let written = app.read("CHANGELOG.md");
        assert_eq!(
            blurred(&written),
            format!("# Changelog\n\n## [Unreleased]\n\n{SECTION}\n## [1.2.3]\n\n- begin\n")
        );
        // The id and the date are those of git and of today.
        let id = app.git(&["log", "-1", "--skip=1", "--format=%H"]);
        let item = format!("\n- a route ({})\n", id.get(..7).unwrap());
        assert!(written.contains(&item), "{written}");
        let today = app.git(&["log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%d"]);
        assert!(
            written.contains(&format!("## [1.3.0] - {today}")),
            "{written}"
        );
        let files = app.git(&["show", "--name-only", "--format=%s", "HEAD"]);
        assert_eq!(
            files,
            "Release v1.3.0\n\nCHANGELOG.md\nCargo.toml\nweb/package.json\n"
        );
        assert_eq!(app.git(&["status", "--porcelain"]), "");

        let (state, text) = (app.state(), app.read("CHANGELOG.md"));
        let again = app.teeproof(&["version", "bump", "minor"]);
        assert!(again.stdout.ends_with("; nothing to do\n"), "{again:?}");
        assert_eq!((app.state(), app.read("CHANGELOG.md")), (state, text));
    }

    #[test]
    fn a_section_begins_where_the_last_version_ended() {
        let app = with_work("version-changelog-next");
        app.teeproof(&["version", "bump", "minor"]);
        app.write("note", "x");
        app.commit("fix: the new route");
        let run = app.teeproof(&["version", "bump", "patch"]);
        assert!(!run.stdout.contains("note:"), "{}", run.stdout);
        let written = blurred(&app.read("CHANGELOG.md"));
        let next = "## [1.3.1]\n\n### Fixed\n\n- the new route\n\n## [1.3.0]\n";
        assert!(written.contains(next), "{written}");
        assert_eq!(written.matches("a route").count(), 1, "{written}");
    }

    #[test]
    fn what_the_changelog_does_not_tell_is_told() {
        let app = with_work("version-changelog-untold");
        app.git(&["tag", "--delete", "v1.2.3"]);
        let written = app.read("CHANGELOG.md");
        app.write(
            "CHANGELOG.md",
            &written.replace("[Unreleased]\n", "[Unreleased]\n\n- by hand\n"),
        );
        for number in 0..25 {
            app.write("note", &number.to_string());
            app.commit(&format!("Work {number}"));
        }
        let run = app.teeproof(&["version", "bump", "minor", "--dry-run"]);
        for words in [
            "note: there is no tag v1.2.3, so the changelog has every commit there is\n",
            "note: what stands under Unreleased in CHANGELOG.md stays there;",
            "note: 26 commits are not conventional, and not in the changelog:\n",
            "note:   and 6 more\n",
            "- begin (",
        ] {
            assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
        }
    }

    #[test]
    fn settings_of_the_user_and_of_git_cliff_change_nothing() {
        let app = with_work("version-changelog-settings");
        app.write("cliff.toml", "[changelog]\nbody = \"other\"\n");
        app.commit("chore: other settings");
        for (name, value) in [
            ("log.showSignature", "true"),
            ("color.ui", "always"),
            ("i18n.logOutputEncoding", "UTF-16"),
            ("format.pretty", "short"),
        ] {
            app.git(&["config", name, value]);
        }
        let mut teeproof = command();
        app.settle(teeproof.args(["version", "bump", "minor"]));
        teeproof.env("GIT_CLIFF__CHANGELOG__BODY", "from outside");
        let run = finish(&mut teeproof, &[]);
        assert_eq!(run.code, 0, "{run:?}");
        let written = blurred(&app.read("CHANGELOG.md"));
        let section = format!("{SECTION}\n### Other\n\n- other settings\n");
        assert!(written.contains(&section), "{written}");
    }

    #[test]
    fn what_stands_in_the_way_is_refused_and_nothing_changes() {
        let bump = &["version", "bump", "minor"];
        let app = with_work("version-changelog-gone");
        app.git(&["rm", "--quiet", "CHANGELOG.md"]);
        app.commit("chore: no changelog");
        app.refuses(bump, 7, "CHANGELOG.md");

        let app = with_work("version-changelog-hook");
        let hook = app.folder.join(".git/hooks/pre-commit");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, "#!/bin/sh\nexit 1\n").unwrap();
        let chmod = Command::new("chmod").arg("+x").arg(&hook).status().unwrap();
        assert!(chmod.success());
        let before = app.read("CHANGELOG.md");
        assert_eq!(app.teeproof(bump).code, 8);
        assert_eq!(app.read("CHANGELOG.md"), before);
        assert_eq!(app.git(&["status", "--porcelain"]), "");

        // Half of a history would give half of a changelog.
        let whole = with_work("version-changelog-whole");
        let url = format!("file://{}", whole.folder.display());
        let app = Repository {
            folder: scratch("version-changelog-shallow"),
        };
        app.git(&["clone", "--quiet", "--depth", "2", &url, "."]);
        app.refuses(bump, 8, "newest part of its history only");
    }

    #[test]
    fn a_version_with_a_section_written_by_hand_keeps_it() {
        let app = with_work("version-changelog-by-hand");
        let by_hand = "# Changelog\n\n## [1.3.0] - soon\n\n- by hand\n";
        app.write("CHANGELOG.md", by_hand);
        app.commit("docs: what 1.3.0 brings");
        let run = app.teeproof(&["version", "bump", "minor"]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(!run.stdout.contains("written   CHANGELOG.md"), "{run:?}");
        assert!(
            run.stdout
                .contains("note: CHANGELOG.md has a section for 1.3.0 already"),
            "{run:?}"
        );
        assert_eq!(app.read("CHANGELOG.md"), by_hand);
    }
}
