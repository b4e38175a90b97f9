//! Real app-composes, if the corpus is at hand: each reads, and its bytes have the hash that the log
//! beside it measured.
//!
//! The corpus is no part of the repository. It is looked for in `shared` beside the workspace, or
//! in the folder that `TEEPROOF_SHARED` names; without either this test says so and passes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "this file is tests and their helpers"
)]

use std::fs;
use std::path::{Path, PathBuf};

use teeproof_compose::{AppCompose, Predictor};

/// The corpus, or `None` with a message.
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
    eprintln!("SKIPPED: no real app-composes at {}", folder.display());
    None
}

#[test]
fn real_app_composes_read_and_have_the_measured_hash() {
    let Some(corpus) = corpus() else { return };
    let golden = fs::read(corpus.join("golden/dstack.json")).unwrap();
    let golden: serde_json::Value = serde_json::from_slice(&golden).unwrap();
    let (mut read, mut predicted) = (0, 0);
    for record in golden.as_array().unwrap() {
        let Some(file) = record["app_compose"].as_str() else {
            continue;
        };
        let bytes = fs::read(corpus.join(file)).unwrap();
        let document = AppCompose::parse(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(
            Some(document.hash().to_string().as_str()),
            record["compose_hash"].as_str(),
            "{file}"
        );
        assert!(
            document.wrong_kinds().is_empty(),
            "{file}: {:?}",
            document.wrong_kinds()
        );
        assert!(document.manifest().is_ok(), "{file}");
        let hits: Vec<_> = Predictor::ALL
            .into_iter()
            .filter(|predictor| predictor.hash(document.json()) == Ok(document.hash()))
            .map(Predictor::id)
            .collect();
        eprintln!("{file}: {hits:?}");
        predicted += usize::from(!hits.is_empty());
        read += 1;
    }
    eprintln!("{read} real app-composes, {predicted} of them as a predictor writes them");
    assert!(read > 0, "no app-compose in the corpus");
    // Every real one is a file that dstack's own tools for hosts wrote.
    assert_eq!(predicted, read);
}
