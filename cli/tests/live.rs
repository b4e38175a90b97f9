//! The live tour: simulated machines, asked and compared by the real binary, with every knob that makes
//! one of them differ. What has to come of it is declared here.

#![cfg(all(feature = "network", unix))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

use std::process::Command;

use serde_json::Value;
use teeproof_simulator::{Knob, Options, Simulation};

/// Compares all instances of a simulation: exit code and answer.
fn compared(simulation: &Simulation, flags: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_teeproof"))
        .arg("compare")
        .args(simulation.urls())
        .args(["--format", "json", "--policy"])
        .arg(simulation.policy())
        .arg("--root")
        .arg(simulation.root())
        .arg("--pccs")
        .arg(simulation.pccs_url())
        .args(flags)
        .env("XDG_CACHE_HOME", simulation.directory())
        .output()
        .unwrap();
    let answer = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), answer)
}

fn with_knob(knob: Option<Knob>) -> Simulation {
    let mut options = Options::instances(2);
    if let Some(knob) = knob {
        options.turn(2, knob);
    }
    Simulation::start(&options).unwrap()
}

fn broken(answer: &Value) -> Vec<&str> {
    let rows = answer["rows"].as_array().unwrap();
    rows.iter()
        .filter(|row| row["standing"] == "broken")
        .map(|row| row["id"].as_str().unwrap())
        .collect()
}

#[test]
fn two_honest_machines_run_the_same_code() {
    let simulation = with_knob(None);
    let (code, answer) = compared(&simulation, &["--different-machines"]);
    assert_eq!((code, answer["result"].as_str()), (10, Some("same-code")));
    assert_eq!(answer["simulated"], true);
    assert!(
        answer["headline"]
            .as_str()
            .unwrap()
            .contains("channel unbound")
    );
    // Each had a challenge of its own, and answered it.
    for instance in answer["instances"].as_array().unwrap() {
        assert_eq!(instance["challenge"]["rule"], "teeproof-evidence");
        assert_eq!(instance["historical"], false);
    }
    let row = &answer["rows"][8];
    assert_eq!(
        (row["id"].as_str(), row["standing"].as_str()),
        (Some("report-data"), Some("holds"))
    );
}

#[test]
fn every_knob_is_found_in_its_place() {
    // Exit code, result, and the check that fails on the second instance or the row that is broken.
    let cases: [(Knob, i32, &str, &str); 10] = [
        (Knob::Compose, 5, "unproven", "compose.approved"),
        (Knob::Os, 5, "unproven", "os.identity"),
        (Knob::TcbOutOfDate, 5, "unproven", "tcb.status"),
        (Knob::Debug, 5, "unproven", "td.debug"),
        (Knob::StaleChallenge, 5, "unproven", "freshness.challenge"),
        (Knob::ForeignKernel, 5, "unproven", "os.identity"),
        (Knob::ForeignLog, 4, "unproven", "log.replay"),
        (Knob::LyingVersion, 5, "refuted", "self-reported"),
        (Knob::SameMachine, 9, "refuted", "platform.device"),
        (Knob::Relayed, 9, "refuted", "instance.id"),
    ];
    for (knob, expected_code, result, place) in cases {
        let simulation = with_knob(Some(knob));
        let (code, answer) = compared(&simulation, &["--different-machines"]);
        assert_eq!(answer["result"], result, "{knob}: {}", answer["headline"]);
        assert_eq!(code, expected_code, "{knob}: {}", answer["headline"]);
        let failed = answer["instances"][1]["checks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|check| check["id"] == place && check["outcome"] == "failed");
        let reason = answer["shortcomings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["code"] == place);
        assert!(
            failed || reason || broken(&answer).contains(&place),
            "{knob}: {place} in {:?}",
            broken(&answer)
        );
        // The first instance is what it is, whoever stands beside it.
        assert_eq!(answer["instances"][0]["simulates"], "trusted", "{knob}");
    }
}

#[test]
fn a_machine_that_is_gone_hides_nothing_of_the_others() {
    let simulation = Simulation::start(&Options::instances(3)).unwrap();
    simulation.instances()[1].stop();
    let (code, answer) = compared(&simulation, &[]);
    assert_eq!((code, answer["result"].as_str()), (8, Some("unproven")));
    assert_eq!(answer["groups"][0]["members"], serde_json::json!([0, 2]));
    assert_eq!(answer["instances"][2]["simulates"], "trusted");
}

#[test]
fn a_captured_machine_is_compared_offline() {
    let simulation = with_knob(None);
    let mut bundles = Vec::new();
    for (number, url) in simulation.urls().into_iter().enumerate() {
        let bundle = simulation.directory().join(format!("prod{number}.json"));
        let output = Command::new(env!("CARGO_BIN_EXE_teeproof"))
            .args(["capture", &url, "-o"])
            .arg(&bundle)
            .arg("--root")
            .arg(simulation.root())
            .env("XDG_CACHE_HOME", simulation.directory())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        bundles.push(bundle);
    }
    let policy = std::fs::read_to_string(simulation.policy()).unwrap();
    let saved = simulation.directory().join("saved.toml");
    std::fs::write(&saved, policy.replace("\"required\"", "\"optional\"")).unwrap();
    let (policy, root) = (saved.clone(), simulation.directory().join("root-copy.der"));
    std::fs::copy(simulation.root(), &root).unwrap();
    for instance in simulation.instances() {
        instance.stop();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_teeproof"))
        .arg("compare")
        .args(&bundles)
        .args([
            "--offline",
            "--different-machines",
            "--format",
            "json",
            "--policy",
        ])
        .arg(&policy)
        .arg("--root")
        .arg(&root)
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["result"], "same-code", "{}", answer["headline"]);
    assert_eq!(output.status.code(), Some(10));
}
