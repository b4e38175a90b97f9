//! Every published case of the forge, judged by the real binary as its `expect.toml` declares.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use common::{Forged, forged};
use serde_json::Value;

/// Whether a check has this outcome, for this reason if one is declared.
fn has_row(answer: &Value, outcome: &str, row: &toml::Value) -> bool {
    let declared = |key: &str| row.get(key).and_then(toml::Value::as_str);
    let checks = answer["checks"].as_array().unwrap();
    checks.iter().any(|check| {
        check["id"].as_str() == declared("check")
            && check["outcome"] == outcome
            && declared("reason").is_none_or(|reason| check["reason"] == reason)
    })
}

/// What in an answer is not as declared.
fn faults(case: &Forged, code: i32, answer: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut hold = |holds: bool, what: String| {
        if !holds {
            faults.push(format!("{}: {what}", case.name));
        }
    };
    let declared = case.expect["exit-code"].as_integer().unwrap();
    hold(i64::from(code) == declared, format!("exit code {code}"));
    hold(
        answer["exitCode"].as_i64() == Some(declared),
        format!("exitCode {}", answer["exitCode"]),
    );
    hold(
        answer["verdict"].as_str() == case.word("verdict"),
        format!("verdict {}", answer["verdict"]),
    );
    hold(
        answer["simulates"].as_str() == case.word("would-be"),
        format!("simulates {}", answer["simulates"]),
    );
    if let Some(status) = case.word("tcb-status") {
        let found = answer["tcb"]["status"].as_str().unwrap_or_default();
        hold(found == status, format!("TCB status `{found}`"));
    }
    if let Some(reason) = case.word("some-reason") {
        let checks = answer["checks"].as_array().unwrap();
        hold(
            checks.iter().any(|check| check["reason"] == reason),
            format!("no check says {reason}"),
        );
    }
    for outcome in ["failed", "skipped"] {
        let rows = case.expect.get(outcome).and_then(toml::Value::as_array);
        for row in rows.into_iter().flatten() {
            hold(
                has_row(answer, outcome, row),
                format!("has not {outcome}: {row:?}"),
            );
        }
    }
    // What is refused is refused for what is declared, and sound evidence for nothing.
    let failed: Vec<_> = answer["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["outcome"] == "failed")
        .map(|check| check["id"].as_str().unwrap())
        .collect();
    let rejected = case.word("verdict") == Some("rejected");
    hold(failed.is_empty() != rejected, format!("failed: {failed:?}"));
    faults
}

#[test]
fn every_published_case_is_judged_as_declared() {
    let cases = forged();
    assert!(cases.len() >= 16, "only {} cases", cases.len());
    let mut all = Vec::new();
    for case in &cases {
        let root = format!("{}/root.der", case.directory());
        let run = case.judge(&["--root", &root, "--format", "json"]);
        assert_eq!(run.stderr, "", "{}", case.name);
        all.extend(faults(case, run.code, &run.json()));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// The text says the same as the JSON: verdict, digest and exit code.
#[test]
fn text_and_json_are_one_verdict() {
    for case in forged() {
        let root = format!("{}/root.der", case.directory());
        let text = case.judge(&["--root", &root]);
        let json = case.judge(&["--root", &root, "--format", "json"]);
        assert_eq!(text.code, json.code, "{}", case.name);
        let answer = json.json();
        let last = text.stdout.lines().last().unwrap();
        assert_eq!(answer["headline"].as_str(), Some(last), "{}", case.name);
        let digest = answer["verdictDigest"].as_str().unwrap();
        assert!(
            text.stdout.contains(&format!("verdict digest {digest}\n")),
            "{}",
            case.name
        );
    }
}

#[test]
fn without_its_root_no_case_is_more_than_rejected_or_inconclusive() {
    for case in forged() {
        let run = case.judge(&["--format", "json"]);
        let verdict = run.json()["verdict"].as_str().unwrap().to_owned();
        match run.code {
            4 | 5 => assert_eq!(verdict, "rejected", "{}", case.name),
            6 => assert_eq!(verdict, "inconclusive", "{}", case.name),
            code => panic!("{}: exit code {code}, {verdict}", case.name),
        }
    }
}
