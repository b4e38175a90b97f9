//! Both engines on every row of the corpus.
//!
//! The corpus does not belong to the repository. Where it is absent this test says so and passes.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests: they say what is wrong, and that nothing was tested"
)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Evidence, Summary as _, ids};
use teeproof_core::{CollateralParts, Instant, TrustAnchor};
use teeproof_crosscheck::CrossCheck;

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

#[test]
fn no_row_is_a_conflict_and_every_difference_is_of_a_known_kind() {
    let Some(corpus) = corpus() else { return };
    let rows: Vec<Value> =
        serde_json::from_slice(&read(&corpus.join("golden/INDEX.json"))).unwrap();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for row in &rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        let evidence = Evidence {
            quote: read(&corpus.join(text("quote"))),
            parts: CollateralParts::from_json(&read(&corpus.join(text("collateral")))).unwrap(),
            anchor: TrustAnchor::intel().unwrap(),
            at: Instant::from_unix(row["time"].as_u64().unwrap()).unwrap(),
        };
        match evidence.check() {
            CrossCheck::Agrees { explained } => {
                *counts.entry(ids(&explained).join(" ")).or_default() += 1;
            }
            outcome => {
                conflicts.push(format!(
                    "{row}\n{outcome:#?}\n{:#?}",
                    evidence.examine().finding_summary()
                ));
            }
        }
    }
    assert!(conflicts.is_empty(), "{}", conflicts.join("\n\n"));
    // The rows in which the oracles `own` and `rust` differ, by the reason that the corpus gives.
    // Debug, which the corpus counts as well, is allowed here.
    let explained: BTreeMap<&str, usize> = counts
        .iter()
        .filter(|(ids, _)| !ids.is_empty())
        .map(|(ids, count)| (ids.as_str(), *count))
        .collect();
    let expected = BTreeMap::from([
        ("crl-from-the-future", 12),
        ("pck-chain-of-collateral", 1),
        ("sept-ve-disable", 6),
        ("tcb-info-version-2", 5),
    ]);
    assert_eq!(explained, expected);
    assert!(rows.len() >= 1000, "the corpus has shrunk: {}", rows.len());
}
