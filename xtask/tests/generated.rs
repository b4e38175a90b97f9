//! `--check` can fail: on a file that is missing, and on one that differs in a byte.

#![allow(
    clippy::unwrap_used,
    reason = "a test's helpers may panic as its tests may"
)]

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use xtask::{CHORES, Drift, Generated};

fn empty_folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn drift_is_found_and_placed() {
    let root = empty_folder("drift");
    let file = Generated {
        path: "a/b.md",
        text: "one\ntwo\nthree\n".to_owned(),
    };
    assert_eq!(
        file.drift_from(&root),
        Some(Drift::Unreadable(ErrorKind::NotFound))
    );
    file.write_to(&root).unwrap();
    assert_eq!(file.drift_from(&root), None);
    for (text, line) in [
        ("One\ntwo\nthree\n", 1),
        ("one\ntwo!\nthree\n", 2),
        ("one\ntwo\nthree", 3),
        ("one\ntwo\nthree\n\n", 4),
        ("", 1),
    ] {
        fs::write(root.join(file.path), text).unwrap();
        assert_eq!(file.drift_from(&root), Some(Drift::Line(line)), "{text:?}");
    }
}

#[test]
fn every_chore_gives_files_that_end_in_a_newline() {
    for chore in CHORES {
        let files = (chore.files)();
        assert!(!files.is_empty(), "{}", chore.name);
        for file in files {
            assert!(file.text.ends_with('\n'), "{}", file.path);
        }
    }
}
