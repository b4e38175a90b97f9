//! `teeproof compose build` writes the bytes that it names, and marks a prediction as one.

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

use common::run;
use teeproof_core::ComposeHash;

const YAML: &str = "services:\n  web:\n    image: nginx\n    environment:\n      \"A\": b\n";

/// A directory with a docker-compose file and these settings.
fn directory(name: &str, settings: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("docker-compose.yml"), YAML).unwrap();
    fs::write(directory.join("app.toml"), settings).unwrap();
    fs::write(directory.join("pre.sh"), "echo hi\n").unwrap();
    directory
}

fn build(directory: &std::path::Path, target: &str) -> (i32, String, Vec<u8>) {
    let path = |name: &str| directory.join(name).display().to_string();
    let (yaml, settings, output) = (
        path("docker-compose.yml"),
        path("app.toml"),
        path("out.json"),
    );
    let found = run(&[
        "compose", "build", &yaml, "--from", &settings, "--for", target, "-o", &output, "--format",
        "json",
    ]);
    let written = fs::read(&output).unwrap_or_default();
    (found.code, found.stdout, written)
}

// The second worked vector of the compose hash.
#[test]
fn the_bytes_that_are_named_are_written() {
    let directory = directory("compose-vector", "name = \"d2\"\n");
    for (target, expected, prediction) in [
        (
            "dstack",
            "e2f4914c5cc65aaebabf9cf77ade6a18721819a8ddefb4b5c2fe0fb7d85e26a7",
            false,
        ),
        (
            "phala",
            "7c31856c088757efadbd52d597602b3438b476a3b3eaed7e266e3698e2377ad6",
            true,
        ),
    ] {
        let (code, stdout, written) = build(&directory, target);
        assert_eq!(code, 0);
        let answer: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(answer["hash"], expected);
        assert_eq!(answer["isPrediction"], prediction);
        assert_eq!(answer["bytes"], written.len());
        assert_eq!(ComposeHash::of(&written).unwrap().to_string(), expected);
        let left = answer["leftToPlatform"].as_array().unwrap();
        assert_eq!(!left.is_empty(), prediction);
        let hash = run(&[
            "compose",
            "hash",
            &directory.join("out.json").display().to_string(),
        ]);
        assert_eq!(hash.stdout.trim(), expected);
    }
}

#[test]
fn scripts_are_read_beside_the_settings() {
    let settings = "name = \"a\"\n[files]\npre_launch_script = \"pre.sh\"\n";
    let directory = directory("compose-script", settings);
    let (code, _, written) = build(&directory, "dstack");
    assert_eq!(code, 0);
    let document: serde_json::Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(document["pre_launch_script"], "echo hi\n");
}

#[test]
fn nothing_is_written_for_settings_that_do_not_fit() {
    let directory = directory("compose-wrong", "name = \"a\"\npublic_log = true\n");
    let _ = fs::remove_file(directory.join("out.json"));
    let (code, stdout, written) = build(&directory, "dstack");
    assert_eq!((code, stdout.as_str(), written.len()), (2, "", 0));
}
