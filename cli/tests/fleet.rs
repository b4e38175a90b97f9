//! `teeproof fleet` over directories of bundles, and what it refuses.

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

use common::{Run, forged, repository, run, scratch};
use serde_json::Value;

const AT: &str = "2025-07-01T00:00:00Z";

fn case(name: &str) -> PathBuf {
    repository().join("fixtures/forged").join(name)
}

/// The fleet of a directory under the policy of the cluster.
fn fleet(inputs: &[&Path], more: &[&str]) -> Run {
    let directory = case("cluster-prod7");
    let mut arguments = vec!["fleet".to_owned()];
    arguments.extend(inputs.iter().map(|input| input.display().to_string()));
    for (name, file) in [("--policy", "policy.toml"), ("--root", "root.der")] {
        if !more.contains(&name) {
            arguments.push(name.to_owned());
            arguments.push(directory.join(file).display().to_string());
        }
    }
    if !more.contains(&"--at") {
        arguments.extend(["--at".to_owned(), AT.to_owned()]);
    }
    arguments.extend(more.iter().map(|&argument| argument.to_owned()));
    run(&arguments)
}

fn pack(name: &str, into: &Path) {
    let directory = case(name);
    let files = fs::read_dir(&directory).unwrap();
    let mut arguments = vec!["bundle".to_owned(), "pack".to_owned()];
    arguments.extend(
        files
            .map(|entry| entry.unwrap().path())
            .filter(|path| !["toml", "der"].contains(&path.extension().unwrap().to_str().unwrap()))
            .map(|path| path.display().to_string()),
    );
    arguments.extend(["-o".to_owned(), into.display().to_string()]);
    let packed = run(&arguments);
    assert_eq!((packed.code, packed.stderr.as_str()), (0, ""));
}

/// A directory with three bundles of the cluster.
fn bundles(name: &str) -> PathBuf {
    let directory = scratch(name);
    for machine in ["prod7", "prod9", "strayed"] {
        pack(
            &format!("cluster-{machine}"),
            &directory.join(format!("{machine}.json")),
        );
    }
    directory
}

fn names(answer: &Value) -> Vec<String> {
    let instances = answer["instances"].as_array().unwrap();
    let name = |one: &Value| {
        let name = one["name"].as_str().unwrap();
        name.rsplit('/').next().unwrap().to_owned()
    };
    instances.iter().map(name).collect()
}

#[test]
fn a_directory_of_bundles_is_a_fleet() {
    let directory = bundles("fleet-bundles");
    let found = fleet(&[&directory], &["--format", "json"]);
    assert_eq!((found.code, found.stderr.as_str()), (5, ""));
    let answer = found.json();
    assert_eq!(answer["schema"], "teeproof.fleet/1");
    assert_eq!(names(&answer), ["prod7.json", "prod9.json", "strayed.json"]);
    // A bundle says the same as the directory of its parts.
    let parts = fleet(
        &[
            &case("cluster-prod7"),
            &case("cluster-prod9"),
            &case("cluster-strayed"),
        ],
        &["--format", "json"],
    );
    for (bundle, parts) in answer["instances"]
        .as_array()
        .unwrap()
        .iter()
        .zip(parts.json()["instances"].as_array().unwrap())
    {
        assert_eq!(bundle["segments"], parts["segments"]);
    }
    assert_eq!(answer["exitCode"], found.code);
}

#[test]
fn an_unreadable_bundle_is_told_and_stops_no_other() {
    let directory = bundles("fleet-torn");
    let whole = fs::read(directory.join("prod9.json")).unwrap();
    fs::write(directory.join("prod9.json"), &whole[..whole.len() / 2]).unwrap();
    fs::write(directory.join("a-picture.json"), b"\x89PNG\r\n\x1a\n").unwrap();
    fs::remove_file(directory.join("strayed.json")).unwrap();
    let found = fleet(&[&directory], &["--format", "json"]);
    assert_eq!(found.code, 7);
    assert_eq!(
        found.stderr.matches("error: ").count(),
        2,
        "{}",
        found.stderr
    );
    assert!(found.stderr.contains("prod9.json") && found.stderr.contains("a-picture.json"));
    let answer = found.json();
    assert_eq!(
        names(&answer),
        ["a-picture.json", "prod7.json", "prod9.json"]
    );
    let instances = answer["instances"].as_array().unwrap();
    assert_eq!(instances[1]["segments"][0]["acceptable"], true);
    for torn in [&instances[0], &instances[2]] {
        assert_eq!(torn["segments"], Value::Array(Vec::new()));
        assert_eq!(torn["exitCode"], 7);
        assert!(torn["error"]["message"].is_string());
    }
    assert!(
        answer["headline"]
            .as_str()
            .unwrap()
            .contains("1 of 3 instances")
    );
}

#[test]
fn a_directory_of_directories_is_a_fleet() {
    let answer = fleet(
        &[&repository().join("fixtures/forged")],
        &["--format", "json"],
    )
    .json();
    let all: Vec<_> = forged().into_iter().map(|case| case.name).collect();
    assert_eq!(names(&answer), all);
}

#[test]
fn evidence_outside_of_a_fleet_is_refused() {
    let empty = scratch("fleet-empty");
    let notes = scratch("fleet-notes");
    fs::write(notes.join("README.md"), "nothing").unwrap();
    let missing = empty.join("nowhere.json");
    let address = PathBuf::from("https://example.org/evidence");
    for (input, code, word) in [
        (&empty, 7, "holds no evidence"),
        (&notes, 7, "README.md"),
        (&missing, 7, "there is no such file"),
        (&address, 2, "teeproof capture"),
    ] {
        let found = fleet(&[input], &[]);
        assert_eq!(found.code, code, "{found:?}");
        assert!(found.stderr.contains(word), "{found:?}");
        assert!(
            found.stdout.contains("0 of 1 instances acceptable"),
            "{found:?}"
        );
    }
    let nothing = fleet(&[], &[]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (2, ""));
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_judged() {
    let one = case("cluster-prod7");
    let directory = scratch("fleet-policies");
    let empty_list = directory.join("empty.toml");
    fs::write(
        &empty_list,
        "schema = \"teeproof.policy/1\"\n[app]\ncompose-hashes = []\n",
    )
    .unwrap();
    let only = "bceb24f3fb01d6dcae35d3641ce0a41a303eda5154c29ae7a268170e66ad7866";
    let empty_list = empty_list.display().to_string();
    for (more, word) in [
        (&["--until", "2025-06-30T23:59:59Z"][..], "lies before"),
        (&["--until", "tomorrow"], "`tomorrow` is not an instant"),
        (&["--until", "captured"], "`captured` is not an instant"),
        (&["--at", "captured"], "each capture has its own"),
        (
            &["--at", "2030-01-01", "--until", "2029-12-31"],
            "lies before",
        ),
        (&["--policy", &empty_list], "empty"),
        (&["--policy", "nowhere.toml"], "there is no such file"),
        (&["--without-compose-hash", only], "no instance at all"),
        (
            &["--without-compose-hash", &"0".repeat(64)],
            "cannot be removed",
        ),
        (
            &["--without-compose-hash", "0x00"],
            "--without-compose-hash",
        ),
        (&["--without-os", "test-os-1"], "no instance at all"),
        (&["--without-os", "other"], "the policy lists test-os-1"),
        (&["--deny-advisory", "SA-1"], "no advisory id"),
        (&["--new-advisory", "sa-00837"], "no advisory id"),
        (&["--advisory-fmspc", "b0c06f000000"], "--new-advisory"),
        (&["--advisory-before", "2025-01-01"], "--new-advisory"),
        (
            &["--new-advisory", "INTEL-SA-00837", "--advisory-fmspc", "b0"],
            "--advisory-fmspc",
        ),
        (
            &["--new-advisory", "INTEL-SA-00837", "--advisory-before", "x"],
            "--advisory-before",
        ),
        (&["--min-evaluation-number=-1"], "--min-evaluation-number"),
        (
            &["--min-evaluation-number", "99999999999999999"],
            "min-evaluation-number",
        ),
        (&["--format", "yaml"], "ics"),
    ] {
        let found = fleet(&[&one], more);
        let code = if word == "there is no such file" {
            7
        } else {
            2
        };
        assert_eq!(
            (found.code, found.stdout.as_str()),
            (code, ""),
            "{more:?} {found:?}"
        );
        assert!(found.stderr.contains(word), "{more:?} {found:?}");
    }
}

/// The exit code is that of the first instant, of the worst one with `--throughout`, and of what is
/// supposed if something is.
#[test]
fn the_exit_code_says_what_was_asked() {
    let (one, other) = (case("cluster-prod7"), case("cluster-strayed"));
    for (inputs, more, code) in [
        (&[&*one][..], &[][..], 10),
        (&[&one], &["--throughout"], 6),
        (&[&one], &["--throughout", "--until", "2025-07-19"], 10),
        (&[&one], &["--at", "2025-08-01"], 6),
        (&[&one, &other], &[], 5),
        (&[&one], &["--new-advisory", "INTEL-SA-09999"], 5),
        (
            &[&one],
            &[
                "--new-advisory",
                "INTEL-SA-09999",
                "--advisory-before",
                "2020-01-01",
            ],
            10,
        ),
        (&[&one], &["--min-evaluation-number", "18"], 5),
        (&[&one], &["--min-evaluation-number", "17"], 10),
    ] {
        for format in ["text", "json", "ics"] {
            let mut more = more.to_vec();
            more.extend(["--format", format]);
            assert_eq!(fleet(inputs, &more).code, code, "{more:?}");
        }
    }
    // The fleet says of the first instant what `verify` says.
    let real = repository().join("fixtures/real/tdx-v4");
    let policy = real.join("policy.toml").display().to_string();
    let at = ["--at", "2025-06-27T04:53:20Z", "--policy", &policy];
    let name = real.display().to_string();
    for genuine_only in [false, true] {
        let mut verify = vec!["verify", &name];
        let mut fleet = vec!["fleet", &name];
        verify.extend(at);
        fleet.extend(at);
        if genuine_only {
            verify.push("--genuine-only");
            fleet.push("--genuine-only");
        }
        assert_eq!(run(&fleet).code, run(&verify).code, "{genuine_only}");
    }
}

#[test]
fn the_calendar_is_written_byte_for_byte() {
    let found = fleet(&[&case("cluster-prod7")], &["--format", "ics"]);
    assert!(
        found
            .stdout
            .starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    );
    assert!(found.stdout.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    assert_eq!(
        found.stdout.matches('\n').count(),
        found.stdout.matches("\r\n").count()
    );
    assert_eq!(
        fleet(&[&case("cluster-prod7")], &["--format", "ics"]),
        found
    );
}

/// Every document has the shape that the published schema says, as far as names go.
#[test]
fn the_answer_has_the_names_of_its_schema() {
    let schema: Value =
        serde_json::from_str(&common::text_of("docs/schema/fleet.schema.json")).unwrap();
    let answer = fleet(
        &[
            &case("cluster-prod7"),
            &repository().join("cli/tests/inputs/empty"),
        ],
        &["--format", "json", "--new-advisory", "INTEL-SA-09999"],
    )
    .json();
    let names = |value: &Value| -> Vec<String> {
        let mut names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(&answer), names(&schema["properties"]));
    for (part, name) in [
        (&answer["instances"][0], "FleetInstanceAnswer"),
        (&answer["instances"][1], "FleetInstanceAnswer"),
        (&answer["instances"][0]["segments"][0], "SegmentAnswer"),
        (&answer["calendar"][0], "FleetEventAnswer"),
        (&answer["whatIf"], "WhatIfAnswer"),
    ] {
        assert_eq!(
            names(part),
            names(&schema["$defs"][name]["properties"]),
            "{name}"
        );
    }
}
