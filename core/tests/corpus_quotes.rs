//! The proof on every row of the corpus: real quotes and real collateral at five instants each, with
//! the answers of other verifiers.
//!
//! The corpus does not belong to the repository. Where it is absent these tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "this file is tests and their helpers"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use teeproof_core::{CollateralParts, CollateralSet, Examination, Instant, Quote, TrustAnchor};
use teeproof_crypto_ring::RingVerifier;

fn corpus() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TEEPROOF_SHARED") {
        // Who names a folder wants it read: a slip must not look like a pass.
        let folder = PathBuf::from(named).join("corpus");
        assert!(folder.is_dir(), "no folder {}", folder.display());
        return Some(folder);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: no corpus at {}", folder.display());
    None
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[derive(Default)]
struct Sets(BTreeMap<String, CollateralSet>);

impl Sets {
    fn of(&mut self, corpus: &Path, name: &str) -> &CollateralSet {
        self.0.entry(name.to_owned()).or_insert_with(|| {
            let parts = CollateralParts::from_json(&read(&corpus.join(name)))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut set = CollateralSet::new(TrustAnchor::intel().unwrap());
            // What is refused here is refused again, with its reason, in every row.
            let _ = set.add(&parts, &RingVerifier);
            set
        })
    }
}

/// Our word for a row is that of the verifier written from the format description (`own`), which
/// applies no policy and takes Intel's side or a stricter one in each known disagreement. `rust` is
/// dcap-qvl; it and Intel's library are compared wherever they make no policy of their own.
#[test]
fn every_row_has_the_status_the_oracles_settle() {
    let Some(corpus) = corpus() else { return };
    let rows: Vec<Value> =
        serde_json::from_slice(&read(&corpus.join("golden/INDEX.json"))).unwrap();
    let mut sets = Sets::default();
    let mut wrong = Vec::new();
    for row in &rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        let at = Instant::from_unix(row["time"].as_u64().unwrap()).unwrap();
        let set = sets.of(&corpus, text("collateral"));
        let quote = read(&corpus.join(text("quote")));
        let examination = Examination::of(&quote, set, at, &RingVerifier);
        let ours = examination
            .verified()
            .map_or("ERR", |verified| verified.tcb().status.as_str());
        if ours != text("own") {
            wrong.push(format!("{ours} instead of {}: {row}", text("own")));
        }
        if ours != "ERR" && text("rust") != "ERR" {
            assert_eq!(ours, text("rust"), "{row}");
            let expected: BTreeSet<&str> = row["advisory_ids"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            let found: BTreeSet<&str> = examination
                .verified()
                .unwrap()
                .tcb()
                .advisories
                .iter()
                .map(String::as_str)
                .collect();
            assert_eq!(found, expected, "{row}");
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(rows.len() >= 1000, "the corpus has shrunk: {}", rows.len());
}

#[test]
fn every_real_quote_parses_and_is_used_up_to_its_last_byte() {
    let Some(corpus) = corpus() else { return };
    let mut count = 0;
    for folder in std::fs::read_dir(&corpus).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("quote-") {
                let bytes = read(&path);
                let quote = Quote::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(quote.length(), bytes.len(), "{name}");
                count += 1;
            }
        }
    }
    assert!(count >= 100, "the corpus has shrunk: {count} quotes");
}
