//! `teeproof verify --batch`: many pieces of evidence, each for itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use common::batch::{
    AT, CASES, batch, bundle, error, good_files, hex, in_a_line, of, quote, results, with,
};
use common::{command, finish, repository, run, scratch};
use serde_json::Value;

#[test]
fn each_answer_is_that_of_a_single_run() {
    let directory = good_files("batch-single");
    let together = batch(&directory, &["--full"]);
    assert_eq!(together.code, 4, "{together:?}");
    let together = results(&together.stdout);
    assert_eq!(together.len(), CASES.len());
    for case in CASES {
        let name = format!("{case}.json");
        let path = directory.join(&name);
        let single = run(&with(&[path.to_str().unwrap(), "--format", "json"])).json();
        let line = of(&together, &name);
        assert!(line["verdictDigest"].is_string(), "{line}");
        let mut answer = line["answer"].clone();
        answer["input"]["name"] = single["input"]["name"].clone();
        assert_eq!(answer, single);
        for (key, value) in [
            ("verdict", &single["verdict"]),
            ("verdictDigest", &single["verdictDigest"]),
            ("exitCode", &single["exitCode"]),
            ("engines", &single["engines"]),
            ("tcbStatus", &single["tcb"]["status"]),
            ("fmspc", &single["platform"]["fmspc"]),
            ("composeHash", &single["events"]["composeHash"]),
        ] {
            assert_eq!(&line[key], value, "{case}: {key}");
        }
    }
    assert_eq!(of(&together, "tdx-v4.json")["verdict"], "inconclusive");
    let revoked = of(&together, "revoked-pck.json");
    assert_eq!(revoked["check"]["id"], "pck.revocation");
    assert_eq!(revoked["check"]["outcome"], "failed");
}

#[test]
fn shared_collateral_serves_every_quote() {
    let directory = scratch("batch-shared");
    fs::write(directory.join("one"), quote()).unwrap();
    fs::write(directory.join("two"), quote()).unwrap();
    let bare = results(&batch(&directory, &[]).stdout);
    assert_eq!(of(&bare, "one")["tcbStatus"], Value::Null);
    let given = ["--collateral", "fixtures/forged/tdx-v4/collateral.json"];
    let judged = results(&batch(&directory, &given).stdout);
    for name in ["one", "two"] {
        assert_eq!(of(&judged, name)["tcbStatus"], "UpToDate");
    }
}

#[test]
fn lines_on_standard_input() {
    let mut input = Vec::new();
    input.extend(in_a_line(&bundle("tdx-v4")));
    input.extend(b"\r\n\n   \n{\"no\": \"evidence\"}\nnot json {\n");
    input.extend(hex(&quote()).bytes());
    let mut piped = command();
    piped.args(with(&["--batch", "-"]));
    let judged = results(&finish(&mut piped, &input).stdout);
    assert_eq!(judged.len(), 4);
    assert_eq!(of(&judged, "line 1")["verdict"], "inconclusive");
    assert_eq!(error(&judged, "line 4"), "input");
    assert_eq!(error(&judged, "line 5"), "input");
    assert!(of(&judged, "line 6")["verdictDigest"].is_string());
}

#[test]
fn nothing_to_judge_is_not_good() {
    let empty = scratch("batch-empty");
    let refused = batch(&empty, &[]);
    assert_eq!(refused.code, 7, "{refused:?}");
    assert!(refused.stderr.contains("holds no item"), "{refused:?}");
    fs::write(empty.join(".hidden"), quote()).unwrap();
    assert_eq!(batch(&empty, &[]).code, 7);
    let lines = empty.join(".lines");
    fs::write(&lines, "\n\n").unwrap();
    assert_eq!(batch(&lines, &[]).code, 7);
    let archive = empty.join(".tar");
    fs::write(&archive, [0; 1024]).unwrap();
    assert_eq!(batch(&archive, &[]).code, 7);
    assert_eq!(batch(&empty.join("absent"), &[]).code, 7);
}

#[test]
fn bad_items_stand_beside_good_ones() {
    let directory = good_files("batch-bad");
    fs::write(directory.join("empty"), "").unwrap();
    fs::write(directory.join("prose"), "no evidence at all").unwrap();
    fs::write(directory.join("cut"), &bundle("tdx-v4")[..9000]).unwrap();
    fs::write(
        directory.join("compose"),
        bundle("tdx-v4").len().to_string(),
    )
    .unwrap();
    let log = repository().join("fixtures/forged/tdx-v4/event-log.json");
    fs::copy(log, directory.join("only-a-log")).unwrap();
    // Sparse: nothing is written, and nothing is to be read.
    let large = File::create(directory.join("large")).unwrap();
    large.set_len(32 * 1024 * 1024 + 1).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", directory.join("dangling")).unwrap();
        std::os::unix::fs::symlink(".", directory.join("around")).unwrap();
    }
    let judged = batch(&directory, &[]);
    assert_eq!(judged.code, 4, "{judged:?}");
    let judged = results(&judged.stdout);
    for (name, code) in [
        ("empty", "input"),
        ("prose", "input"),
        ("cut", "input"),
        ("only-a-log", "assemble"),
        ("large", "too-large"),
        #[cfg(unix)]
        ("dangling", "read"),
        #[cfg(unix)]
        ("around", "read"),
    ] {
        assert_eq!(error(&judged, name), code, "{name}");
    }
    assert_eq!(of(&judged, "tdx-v4.json")["verdict"], "inconclusive");
    assert_eq!(of(&judged, "large")["sha256"], Value::Null);
    assert!(of(&judged, "prose")["sha256"].is_string());
}

#[test]
fn what_is_torn_or_could_not_be_read_is_done_again() {
    let directory = good_files("batch-resume");
    let large = directory.join("large");
    File::create(&large)
        .unwrap()
        .set_len(32 * 1024 * 1024 + 1)
        .unwrap();
    let beside = scratch("batch-resume-results");
    let file = beside.join("results.jsonl");
    let (summary, summary_again) = (beside.join("summary"), beside.join("again"));
    let text = || fs::read_to_string(&file).unwrap();
    let more = |summary: &Path| -> Vec<String> {
        ["--resume", file.to_str().unwrap(), "--summary"]
            .iter()
            .map(|&word| word.to_owned())
            .chain([summary.to_str().unwrap().to_owned()])
            .collect()
    };
    let go = |summary: &Path| {
        let more = more(summary);
        let more: Vec<_> = more.iter().map(String::as_str).collect();
        batch(&directory, &more)
    };
    let first = go(&summary);
    assert_eq!((first.code, first.stdout.as_str()), (4, ""));
    let whole = text();
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    // Torn at every kind of place: in the last line, at its end, in the one before, in the header's.
    let header = whole.find('\n').unwrap();
    for length in [whole.len() - 1, whole.len() - 40, header + 1, header + 5] {
        fs::write(&file, &whole.as_bytes()[..length]).unwrap();
        let again = go(&summary_again);
        assert_eq!(again.code, first.code);
        assert_eq!(sorted(&text()), sorted(&whole), "torn at {length}");
        let of =
            |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
        let (mut one, mut other) = (of(&summary), of(&summary_again));
        one["resumed"] = Value::Null;
        other["resumed"] = Value::Null;
        assert_eq!(one, other);
    }
    // It can be read now, and its content has changed besides.
    fs::write(&large, "small").unwrap();
    go(&summary);
    let lines = results(&text());
    assert_eq!(error(&lines, "large"), "input");
    // Under the same name there is something else: that is judged, and both answers stand.
    fs::write(&large, "other").unwrap();
    go(&summary);
    let lines = results(&text());
    assert_eq!(
        lines.iter().filter(|line| line["name"] == "large").count(),
        2
    );
    assert!(!beside.join("results.jsonl.partial").exists());
}

/// Killed while it waits for more, so that it is in the middle for certain.
#[test]
fn a_run_that_was_killed_goes_on_where_it_was() {
    const LINES: usize = 40;
    let beside = scratch("batch-killed");
    let (killed, whole) = (beside.join("killed.jsonl"), beside.join("whole.jsonl"));
    let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let mut lines: Vec<Vec<u8>> = vec![hex(&quote()).into_bytes(); LINES];
    lines[3] = b"no evidence".to_vec();
    lines[30] = in_a_line(&bundle("tdx-v4"));
    let run = |path: &Path| {
        let mut run = command();
        run.args(with(&["--batch", "-", "--resume", path.to_str().unwrap()]));
        run
    };
    let mut child = run(&killed)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(&[&lines[..LINES / 2].join(&b'\n')[..], b"\n"].concat())
        .unwrap();
    let begun = Instant::now();
    while text(&killed).lines().count() < LINES / 4 {
        assert!(begun.elapsed() < Duration::from_secs(120), "no results");
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    drop(input);
    let left = text(&killed).lines().count();
    assert!(left < LINES, "{left} lines of a run in the middle");
    let everything = lines.join(&b'\n');
    let summary = beside.join("summary.json");
    let again = finish(run(&killed).arg("--summary").arg(&summary), &everything);
    let uncut = finish(&mut run(&whole), &everything);
    assert_eq!((again.code, uncut.code), (7, 7), "{again:?}");
    let sorted = |path: &Path| {
        let text = text(path);
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&whole).len(), LINES + 1);
    assert_eq!(sorted(&killed), sorted(&whole));
    // And what it had was not done again.
    let summary: Value = serde_json::from_slice(&fs::read(&summary).unwrap()).unwrap();
    let resumed = summary["resumed"].as_u64().unwrap();
    assert!(resumed >= 8, "{summary}");
}

#[test]
fn results_of_other_terms_are_not_gone_on_with() {
    let directory = good_files("batch-terms");
    let file = scratch("batch-terms-results").join("results.jsonl");
    let resume = ["--resume", file.to_str().unwrap()];
    assert_eq!(batch(&directory, &resume).code, 4);
    let before = fs::read(&file).unwrap();
    let refused = |arguments: Vec<String>, what: &str| {
        let refused = run(&arguments);
        assert_eq!(refused.code, 2, "{what}: {refused:?}");
        assert!(refused.stderr.contains(what), "{what}: {refused:?}");
        assert_eq!(fs::read(&file).unwrap(), before, "{what}");
    };
    let batch_of = |more: &[&str]| {
        let mut arguments = with(&resume);
        arguments.extend(["--batch".to_owned(), directory.to_str().unwrap().to_owned()]);
        arguments.extend(more.iter().map(|&word| word.to_owned()));
        arguments
    };
    let changed = |from: &str, to: &str| -> Vec<String> {
        let words = batch_of(&[]);
        words
            .into_iter()
            .map(|word| if word == from { to.to_owned() } else { word })
            .collect()
    };
    let policy = "cli/tests/inputs/policy-lenient.toml";
    refused(
        changed("fixtures/forged/tdx-v4/policy.toml", policy),
        "policy",
    );
    refused(changed(AT, "2025-07-02"), "instant");
    refused(changed(AT, "captured"), "instant");
    refused(batch_of(&["--second-engine", "none"]), "second engine");
    refused(batch_of(&["--genuine-only"]), "genuine-only");
    let collateral = "fixtures/forged/tdx-v4/collateral.json";
    refused(batch_of(&["--collateral", collateral]), "collateral");
    let without_root: Vec<_> = batch_of(&[])
        .into_iter()
        .filter(|word| word != "--root" && !word.ends_with("root.der"))
        .collect();
    refused(without_root, "trust anchor");
    refused(batch_of(&["--expect-rtmr3", &"00".repeat(48)]), "policy");
}

#[test]
fn a_file_that_is_no_result_is_left_alone() {
    let directory = good_files("batch-no-result");
    let file = scratch("batch-no-result-file").join("notes");
    let resume = ["--resume", file.to_str().unwrap()];
    fs::write(&file, "my notes\n").unwrap();
    assert_eq!(batch(&directory, &resume).code, 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), "my notes\n");
    fs::remove_file(&file).unwrap();
    batch(&directory, &resume);
    // Not the last line: nobody tore it.
    let text = fs::read_to_string(&file).unwrap();
    let spoilt = text.replacen("\"name\":", "\"nam\":", 1);
    fs::write(&file, &spoilt).unwrap();
    let refused = batch(&directory, &resume);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("line 2"), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), spoilt);
}

#[test]
fn the_summary_is_the_sum_of_the_lines() {
    let directory = good_files("batch-summary");
    fs::write(directory.join("bad"), "bad").unwrap();
    fs::write(directory.join("quote"), quote()).unwrap();
    let path = scratch("batch-summary-file").join("summary.json");
    let judged = batch(&directory, &["--summary", path.to_str().unwrap()]);
    let lines = results(&judged.stdout);
    let summary: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(summary["answers"], 5);
    assert_eq!(summary["exitCode"], judged.code);
    for (of_summary, of_line) in [
        ("verdicts", "verdict"),
        ("tcbStatus", "tcbStatus"),
        ("fmspc", "fmspc"),
        ("composeHash", "composeHash"),
        ("engines", "engines"),
    ] {
        let mut expected: BTreeMap<Option<&str>, u64> = BTreeMap::new();
        for line in &lines {
            *expected.entry(line[of_line].as_str()).or_default() += 1;
        }
        let rows = &summary[of_summary];
        let mut found: BTreeMap<Option<&str>, u64> = rows["top"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["value"].as_str(), row["count"].as_u64().unwrap()))
            .collect();
        if let Some(none) = rows["none"].as_u64().filter(|none| *none > 0) {
            found.insert(None, none);
        }
        assert_eq!(found, expected, "{of_summary}");
        assert_eq!(rows["rest"], 0);
    }
}

#[test]
fn the_second_engine_is_asked_about_what_was_stated() {
    let mut input = Vec::new();
    for _ in 0..5 {
        input.extend(in_a_line(&bundle("tdx-v4")));
        input.push(b'\n');
    }
    for (which, both) in [("all", 5), ("none", 0), ("2", 3), ("9", 1)] {
        let mut piped = command();
        piped.args(with(&["--batch", "-", "--second-engine", which]));
        let judged = finish(&mut piped, &input);
        let lines = results(&judged.stdout);
        let asked: Vec<_> = lines
            .iter()
            .filter(|line| line["engines"] == "both")
            .map(|line| line["index"].as_u64().unwrap())
            .collect();
        assert_eq!(asked.len(), both, "{which}: {asked:?}");
        if which == "2" {
            assert_eq!(asked, [0, 2, 4]);
        }
    }
    for which in ["0", "-1", "some", ""] {
        let refused = run(&with(&["--batch", "-", "--second-engine", which]));
        assert_eq!(refused.code, 2, "{which}");
    }
}

#[test]
fn several_instances_of_one_item_are_several_lines() {
    let directory = scratch("batch-instances");
    let path = repository().join("cli/tests/inputs/instances.json");
    fs::copy(path, directory.join("app")).unwrap();
    let file = directory.join(".results");
    let resume = ["--resume", file.to_str().unwrap()];
    batch(&directory, &resume);
    let whole = fs::read_to_string(&file).unwrap();
    let lines = results(&whole);
    let numbers: Vec<_> = lines
        .iter()
        .map(|line| (line["instance"].as_u64(), line["instances"].as_u64()))
        .collect();
    let count = u64::try_from(lines.len()).unwrap();
    assert!(count > 1, "{lines:?}");
    let expected: Vec<_> = (1..=count).map(|one| (Some(one), Some(count))).collect();
    assert_eq!(numbers, expected);
    // The last of them was not written: the item is not done.
    let cut = whole.trim_end().rfind('\n').unwrap() + 1;
    fs::write(&file, &whole.as_bytes()[..cut]).unwrap();
    batch(&directory, &resume);
    assert_eq!(fs::read_to_string(&file).unwrap(), whole);
}

#[test]
fn what_a_batch_cannot_do_is_refused() {
    for arguments in [
        &["--batch", "-", "file"][..],
        &["--batch", "-", "--format", "json"],
        &[
            "--batch",
            "-",
            "--challenge",
            "00",
            "--challenge-rule",
            "raw64",
        ],
        &["--resume", "results", "file"],
        &["--jobs", "2", "file"],
        &["--batch", "-", "--jobs", "0"],
    ] {
        let refused = run(&with(arguments));
        assert_eq!(refused.code, 2, "{arguments:?}: {refused:?}");
    }
    // No address; and without the network there is no such option.
    assert_eq!(run(&with(&["--batch", "-", "--pccs", "nowhere"])).code, 2);
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_the_run() {
    let path = scratch("batch-closed").join("lines");
    let line = hex(&quote()) + "\n";
    fs::write(&path, line.repeat(2000)).unwrap();
    let mut child = command()
        .args(with(&["--second-engine", "none", "--batch"]))
        .arg(&path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(8), "{ended:?}");
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(told.contains("cannot write standard output"), "{told}");
}
