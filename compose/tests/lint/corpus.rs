//! Real app-composes, if the corpus is at hand: each is linted, and hashes to what was measured.
//!
//! The corpus is no part of the repository. It is looked for in `shared` beside the workspace, or
//! where `TEEPROOF_SHARED` points.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use teeproof_compose::{AppCompose, LintOptions, Rule, lint};

fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = std::env::var_os("TEEPROOF_SHARED").map_or_else(beside, PathBuf::from);
    Some(folder.join("corpus")).filter(|corpus| corpus.is_dir())
}

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, all);
        } else {
            all.push(path);
        }
    }
}

/// The compose hash that a log says was measured. It may be text within a text.
fn compose_hash(log: &Value) -> Option<String> {
    let log = match log {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        log => log.clone(),
    };
    let mut events = log.as_array()?.iter();
    let event = events.find(|event| event["event"] == "compose-hash")?;
    event["event_payload"].as_str().map(str::to_owned)
}

#[test]
fn real_documents_are_linted_and_hash_to_what_was_measured() {
    let Some(corpus) = shared() else {
        println!("SKIPPED: no corpus of real evidence beside the repository");
        return;
    };
    let mut all = Vec::new();
    files(&corpus, &mut all);
    all.sort();
    let named = |path: &PathBuf, begin: &str| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(begin) && name.ends_with(".json")
    };
    let json = |path: &PathBuf| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
    let mut measured = BTreeSet::new();
    for path in all.iter().filter(|path| named(path, "eventlog-")) {
        measured.extend(compose_hash(&json(path)));
    }
    let mut documents = Vec::new();
    for path in all.iter().filter(|path| named(path, "dstack-tcb-info-")) {
        let info = json(path);
        let Some(text) = info["app_compose"].as_str() else {
            continue;
        };
        let document = AppCompose::parse(text.as_bytes()).unwrap();
        let logged = compose_hash(&info["event_log"]);
        // Its repository changed the text after the log was taken.
        let changed = path.ends_with("dstack-tcb-info-2b3836811518.json");
        if let Some(logged) = logged {
            assert_eq!(document.hash().to_string() == logged, !changed, "{path:?}");
            measured.insert(logged);
        }
        documents.push((path, document));
    }
    let mut hashed = 0;
    for path in all.iter().filter(|path| named(path, "app-compose-")) {
        let document = AppCompose::parse(&fs::read(path).unwrap()).unwrap();
        hashed += usize::from(measured.contains(&document.hash().to_string()));
        documents.push((path, document));
    }
    for (path, document) in &documents {
        let report = lint(document, &LintOptions::default());
        assert_eq!(report.compose_hash, document.hash());
        let rules: Vec<Rule> = report.findings.iter().map(|one| one.rule).collect();
        assert!(!rules.contains(&Rule::Unreadable), "{path:?} {report:?}");
        // Each has a flaw that is known from reading it.
        let known = [Rule::DockerSocket, Rule::NotByDigest, Rule::HostSystem];
        assert!(
            known.iter().any(|rule| rules.contains(rule)),
            "{path:?} {rules:?}"
        );
    }
    println!("{} documents, {hashed} of them measured", documents.len());
    assert!(documents.len() >= 20 && hashed >= 8);
}
