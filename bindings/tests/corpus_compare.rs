//! Real dstack guests against each other, if the corpus is at hand: replicas of one app, two quotes
//! of one instance, and apps that have nothing in common. Which app and which instance a quote is of
//! stands in the corpus, computed by another program.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use teeproof_bindings::{ComparedInput, ComparisonAnswer, InstantChoice, VerifyOptions, compare};
use teeproof_core::{CollateralParts, Exchange, InputKind, InstanceEvidence, Instant, TrustAnchor};

/// Any status of the machines: what is compared here are apps.
const POLICY: &str = r#"
schema = "teeproof.policy/1"
[tcb]
merged = ["UpToDate", "OutOfDate", "SWHardeningNeeded"]
platform = ["UpToDate", "OutOfDate", "SWHardeningNeeded"]
module = ["UpToDate", "OutOfDate"]
qe = ["UpToDate", "OutOfDate"]
out-of-date-grace-days = 3650
"#;

fn corpus() -> Option<PathBuf> {
    let folder = match std::env::var_os("TEEPROOF_SHARED") {
        Some(named) => PathBuf::from(named).join("corpus"),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
    };
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: no corpus at {}", folder.display());
    None
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A real guest on record.
struct Guest {
    quote: String,
    compose_hash: String,
    instance_id: String,
    input: ComparedInput,
}

/// Every guest that has collateral for this instant.
fn guests(corpus: &Path, at: u64) -> Vec<Guest> {
    let index = json(&corpus.join("golden/INDEX.json"));
    let mut guests = Vec::new();
    let mut seen = BTreeSet::new();
    for record in json(&corpus.join("golden/dstack.json")).as_array().unwrap() {
        for quote in record["quotes"].as_array().unwrap() {
            let quote = quote.as_str().unwrap();
            let row = index.as_array().unwrap().iter().find(|row| {
                row["quote"]
                    .as_str()
                    .unwrap()
                    .ends_with(&format!("{quote}.bin"))
                    && row["at"] == "inside"
                    && row["time"].as_u64() == Some(at)
            });
            let Some(row) = row.filter(|_| seen.insert(quote.to_owned())) else {
                continue;
            };
            let read = |key: &Value| fs::read(corpus.join(key.as_str().unwrap())).unwrap();
            let mut evidence =
                InstanceEvidence::from_quote(InputKind::RawQuote, read(&row["quote"]));
            evidence.event_log = Some(read(&record["eventlog"]));
            evidence.app_compose = record["app_compose"]
                .is_string()
                .then(|| read(&record["app_compose"]));
            evidence.collateral =
                vec![CollateralParts::from_json(&read(&row["collateral"])).unwrap()];
            let word = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            guests.push(Guest {
                quote: quote.to_owned(),
                compose_hash: word("compose_hash"),
                instance_id: word("instance_id"),
                input: ComparedInput {
                    name: quote.to_owned(),
                    evidence: Ok(evidence),
                    exchange: None,
                },
            });
        }
    }
    guests
}

fn judged(guests: Vec<Guest>, at: u64) -> ComparisonAnswer {
    let options = VerifyOptions {
        policy: common::policy(POLICY),
        anchor: TrustAnchor::intel().unwrap(),
        instant: InstantChoice::Given(Instant::from_unix(at).unwrap()),
        collateral: Vec::new(),
        exchange: Exchange::default(),
        genuine_only: false,
    };
    let inputs: Vec<_> = guests.into_iter().map(|guest| guest.input).collect();
    compare(&inputs, &options, false)
}

fn standing<'a>(answer: &'a ComparisonAnswer, id: &str) -> &'a str {
    let row = answer.rows.iter().find(|row| row.id == id);
    row.map_or("none", |row| row.standing.as_str())
}

fn select(guests: Vec<Guest>, quotes: &[&str]) -> Vec<Guest> {
    let chosen: Vec<_> = guests
        .into_iter()
        .filter(|guest| quotes.contains(&guest.quote.as_str()))
        .collect();
    assert_eq!(chosen.len(), quotes.len());
    chosen
}

#[test]
fn real_replicas_of_one_app_match_and_their_instances_differ() {
    let Some(corpus) = corpus() else { return };
    let at = 1_776_252_513;
    let replicas = select(
        guests(&corpus, at),
        &["d99bed10ec63", "1d0342e36191", "5a6ed8fa26b0"],
    );
    let hashes: BTreeSet<_> = replicas
        .iter()
        .map(|guest| guest.compose_hash.clone())
        .collect();
    let instances: BTreeSet<_> = replicas
        .iter()
        .map(|guest| guest.instance_id.clone())
        .collect();
    assert_eq!((hashes.len(), instances.len()), (1, 3));

    let answer = judged(replicas, at);
    assert_eq!(standing(&answer, "compose.hash"), "holds");
    assert_eq!(standing(&answer, "instance.id"), "holds");
    assert_eq!(standing(&answer, "quote"), "holds");
    // Nobody pinned their operating systems: nothing is proven of their code.
    assert!(answer.result != "same-code" && !answer.simulated);
    let proven = serde_json::to_value(&answer.rows).unwrap();
    assert_eq!(proven[0]["cells"][0]["anchor"], "self-asserted");
}

#[test]
fn two_real_quotes_of_one_instance_are_one_instance() {
    let Some(corpus) = corpus() else { return };
    let at = 1_774_995_607;
    let both = select(guests(&corpus, at), &["859dea9b0683", "c6c006431898"]);
    let answer = judged(both, at);
    assert_eq!(standing(&answer, "instance.id"), "broken");
    assert_eq!(answer.result, "refuted");
    assert_eq!(standing(&answer, "rtmr3"), "holds");
}

#[test]
fn real_guests_are_grouped_by_what_they_run() {
    let Some(corpus) = corpus() else { return };
    for at in [1_792_714_008, 1_763_638_730, 1_774_995_607, 1_776_252_513] {
        let all = guests(&corpus, at);
        assert!(all.len() >= 3, "{at}: {}", all.len());
        let hashes: Vec<_> = all.iter().map(|guest| guest.compose_hash.clone()).collect();
        let answer = judged(all, at);
        for group in &answer.groups {
            let apps: BTreeSet<_> = group
                .members
                .iter()
                .map(|member| &hashes[*member])
                .collect();
            assert_eq!(apps.len(), 1, "{at}");
            assert!(!group.approved);
        }
        // The compose hash of each is that on record.
        let row = &answer.rows[0];
        for (cell, hash) in row.cells.iter().zip(&hashes) {
            if let Some(cell) = cell {
                assert_eq!(serde_json::to_value(&cell.value).unwrap(), **hash);
            }
        }
        let mut reversed = guests(&corpus, at);
        reversed.reverse();
        let reversed = judged(reversed, at);
        assert_eq!(reversed.comparison_digest, answer.comparison_digest);
        assert_eq!(reversed.result, answer.result);
    }
}
