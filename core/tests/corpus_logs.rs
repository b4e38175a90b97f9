//! Real dstack logs, if the corpus is at hand: every one replays, gives the facts on record, and is
//! refused after any change to what it measured.
//!
//! The corpus is no part of the repository. It is looked for in `shared` beside the workspace, or
//! in the folder that `TEEPROOF_SHARED` names; without either these tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::arithmetic_side_effects,
    reason = "this file is tests and their helpers"
)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use teeproof_core::{
    ComposeHash, DstackFacts, EventLog, InstanceId, Interpretation, LaunchRegisters, LogError,
    Measurement, MrConfig, Reason,
};

/// The folder `shared`, or `None` with a message.
fn shared(part: &str) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TEEPROOF_SHARED") {
        // Who names a folder wants it read: a slip must not look like a pass.
        let folder = PathBuf::from(named).join(part);
        assert!(folder.is_dir(), "no folder {}", folder.display());
        return Some(folder);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared")
        .join(part);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no real logs at {}", folder.display());
    None
}

fn json(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A log on record, with its file.
struct Record {
    golden: Json,
    text: Vec<u8>,
    corpus: PathBuf,
}

fn records() -> Vec<Record> {
    let Some(corpus) = shared("corpus") else {
        return Vec::new();
    };
    let golden = json(&corpus.join("golden/dstack.json"));
    let records: Vec<_> = golden
        .as_array()
        .unwrap()
        .iter()
        .map(|golden| Record {
            text: fs::read(corpus.join(golden["eventlog"].as_str().unwrap())).unwrap(),
            golden: golden.clone(),
            corpus: corpus.clone(),
        })
        .collect();
    assert!(!records.is_empty());
    records
}

impl Record {
    fn name(&self) -> &str {
        self.golden["eventlog"].as_str().unwrap()
    }

    fn registers(&self) -> [Measurement; 4] {
        let registers = self.golden["rtmr_replayed"].as_array().unwrap();
        core::array::from_fn(|index| registers[index].as_str().unwrap().parse().unwrap())
    }

    fn facts(&self) -> DstackFacts {
        facts(EventLog::parse(&self.text).unwrap(), &self.registers())
    }

    /// The log as JSON values, to be changed.
    fn events(&self) -> Vec<Json> {
        serde_json::from_slice(&self.text).unwrap()
    }

    fn golden_text(&self, key: &str) -> Option<String> {
        self.golden[key].as_str().map(str::to_owned)
    }
}

fn facts(log: EventLog, registers: &[Measurement; 4]) -> DstackFacts {
    match log.replay_against(registers).unwrap().interpret().unwrap() {
        Interpretation::Dstack(facts) => *facts,
        Interpretation::NotDstack => panic!("not a dstack log"),
    }
}

fn refusal(events: &[Json], registers: &[Measurement; 4]) -> Option<LogError> {
    EventLog::parse(&serde_json::to_vec(events).unwrap())
        .and_then(|log| log.replay_against(registers))
        .err()
}

#[test]
fn every_log_gives_the_facts_on_record() {
    for record in records() {
        let name = record.name();
        let facts = record.facts();
        let golden = |key| record.golden_text(key);
        let text = |value: Option<teeproof_core::Bytes32>| value.map(|value| value.to_string());
        assert_eq!(Some(facts.app_id().to_string()), golden("app_id"), "{name}");
        assert_eq!(
            Some(facts.compose_hash().to_string()),
            golden("compose_hash"),
            "{name}"
        );
        let instance = match facts.instance_id() {
            InstanceId::None => String::new(),
            InstanceId::Id(id) => id.to_string(),
        };
        assert_eq!(Some(instance), golden("instance_id"), "{name}");
        assert_eq!(
            text(facts.os_image_hash()),
            golden("os_image_hash"),
            "{name}"
        );
        assert_eq!(text(facts.mr_kms()), golden("mr_kms"), "{name}");
        assert_eq!(text(facts.rootfs_hash()), golden("rootfs_hash"), "{name}");
        let provider = golden("key_provider").map(|text| {
            let provider: Json = serde_json::from_str(&text).unwrap();
            let field = |key: &str| provider[key].as_str().unwrap().to_owned();
            (field("name"), field("id"))
        });
        let found = facts.key_provider().map(|provider| {
            (
                provider.kind().to_string(),
                teeproof_core::encode_hex(provider.id()),
            )
        });
        assert_eq!(found, provider, "{name}");

        let names: Vec<_> = record.golden["rtmr3_event_names"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        let end = names.iter().position(|name| *name == "system-ready");
        let own = end.map_or(&[][..], |end| &names[end + 1..]);
        let found: Vec<_> = facts
            .application_events()
            .iter()
            .map(|event| event.name.as_str())
            .collect();
        assert_eq!(found, own, "{name}");

        let labels: Vec<_> = facts.generations().iter().map(|g| g.label()).collect();
        eprintln!("{name}: {}", labels.join(" or "));
        assert_eq!(names[0] == "rootfs-hash", labels == ["0.3"], "{name}");
        let storage = names.contains(&"storage-fs");
        assert_eq!(storage, labels.contains(&"0.5.5-0.5.11"), "{name}");
    }
}

#[test]
fn every_log_survives_a_round_trip_and_a_layer_of_string() {
    for record in records() {
        let log = EventLog::parse(&record.text).unwrap();
        assert_eq!(EventLog::parse(log.to_json().as_bytes()), Ok(log.clone()));
        let quoted = serde_json::to_vec(&String::from_utf8(record.text).unwrap()).unwrap();
        assert_eq!(EventLog::parse(&quoted), Ok(log));
    }
}

#[test]
fn app_compose_files_have_the_measured_hash() {
    let mut checked = 0;
    for record in records() {
        let Some(path) = record.golden_text("app_compose") else {
            continue;
        };
        let text = fs::read(record.corpus.join(path)).unwrap();
        let measured = record.facts().compose_hash();
        assert_eq!(measured.verify(&text), Ok(()), "{}", record.name());
        assert_eq!(ComposeHash::of(&text), Ok(measured));
        let other = [&text[..], b"\n"].concat();
        let error = measured.verify(&other).unwrap_err();
        assert_eq!(error.reason(), Reason::ComposeMismatch);
        checked += 1;
    }
    eprintln!("app-compose files: {checked}");
}

#[test]
fn mr_config_id_of_each_quote_agrees_with_its_log() {
    let mut versions = [0; 4];
    for record in records() {
        let facts = record.facts();
        for quote in record.golden["quotes"].as_array().unwrap() {
            let file = format!("golden/{}.json", quote.as_str().unwrap());
            let Ok(text) = fs::read(record.corpus.join(file)) else {
                continue;
            };
            let golden: Json = serde_json::from_slice(&text).unwrap();
            let report = &golden["parse"]["own_python"]["report"];
            let register = |key: &str| report[key].as_str().unwrap().parse().unwrap();
            let launch = LaunchRegisters {
                mrtd: register("mr_td"),
                mr_config_id: register("mr_config_id"),
                mr_owner: register("mr_owner"),
                mr_owner_config: register("mr_owner_config"),
            };
            assert_ne!(facts.mr_system(&launch), facts.mr_aggregated(&launch));
            let Some(config) = MrConfig::parse(&launch.mr_config_id).unwrap() else {
                versions[0] += 1;
                continue;
            };
            versions[usize::from(config.version())] += 1;
            if let MrConfig::V3(_) = config {
                let error = config.check(&facts, None).unwrap_err();
                assert_eq!(error.reason(), Reason::DocumentMissing);
            } else {
                assert_eq!(config.check(&facts, None), Ok(()), "{}", record.name());
                let mut other = *launch.mr_config_id.as_array();
                other[20] ^= 1;
                let other = MrConfig::parse(&Measurement::new(other)).unwrap().unwrap();
                let error = other.check(&facts, None).unwrap_err();
                assert_eq!(error.reason(), Reason::MrConfigMismatch);
            }
        }
    }
    eprintln!("MRCONFIGID not used, V1, V2, V3: {versions:?}");
}

#[test]
fn swapping_two_events_of_a_register_is_refused() {
    for record in records() {
        let registers = record.registers();
        let events = record.events();
        for (first, event) in events.iter().enumerate() {
            let next = events
                .iter()
                .enumerate()
                .skip(first + 1)
                .find(|(_, other)| other["imr"] == event["imr"]);
            let Some((second, other)) = next else {
                continue;
            };
            if !event["digest"].as_str().unwrap().is_empty() && event["digest"] == other["digest"] {
                continue;
            }
            let mut swapped = events.clone();
            swapped.swap(first, second);
            let error = refusal(&swapped, &registers).unwrap();
            assert_eq!(error.reason(), Reason::LogReplayMismatch);
        }
    }
}

#[test]
fn every_byte_of_a_measured_payload_counts() {
    for record in records() {
        let registers = record.registers();
        let events = record.events();
        for index in 0..events.len() {
            if events[index]["imr"] != 3 {
                continue;
            }
            let payload = events[index]["event_payload"].as_str().unwrap();
            for offset in (0..payload.len()).step_by(2) {
                let mut digits = payload.as_bytes().to_vec();
                digits[offset] = if digits[offset] == b'0' { b'1' } else { b'0' };
                let mut forged = events.clone();
                forged[index]["event_payload"] = String::from_utf8(digits).unwrap().into();
                // Once with the true digest, once without: neither may pass.
                let stated = refusal(&forged, &registers).map(|error| error.reason());
                assert!(matches!(
                    stated,
                    Some(Reason::LogDigestMismatch | Reason::LogReplayMismatch)
                ));
                forged[index]["digest"] = "".into();
                let stripped = refusal(&forged, &registers).map(|error| error.reason());
                assert_eq!(stripped, Some(Reason::LogReplayMismatch));
            }
        }
    }
}

#[test]
fn every_digit_of_a_boot_digest_counts() {
    for record in records() {
        let registers = record.registers();
        let events = record.events();
        for index in 0..events.len() {
            if events[index]["imr"] == 3 {
                continue;
            }
            let mut forged = events.clone();
            let digest = events[index]["digest"].as_str().unwrap();
            let flipped = if digest.ends_with('0') { "1" } else { "0" };
            let cut = digest.strip_suffix(|_: char| true).unwrap();
            forged[index]["digest"] = format!("{cut}{flipped}").into();
            let Some(LogError::Replay(mismatches)) = refusal(&forged, &registers) else {
                panic!("{} event {index} is not bound", record.name());
            };
            assert_eq!(mismatches.len(), 1);
            assert_eq!(
                u64::from(mismatches[0].register.number()),
                events[index]["imr"].as_u64().unwrap()
            );
        }
    }
}

/// RTMR0 to RTMR3 and the rest of the TD report of a version 4 quote.
fn td_report(quote: &str) -> (LaunchRegisters, [Measurement; 4]) {
    let bytes = teeproof_core::decode_hex(quote, 64 * 1024).unwrap();
    let field = |offset: usize| Measurement::from_slice(&bytes[48 + offset..][..48]).unwrap();
    let launch = LaunchRegisters {
        mrtd: field(136),
        mr_config_id: field(184),
        mr_owner: field(232),
        mr_owner_config: field(280),
    };
    (
        launch,
        core::array::from_fn(|index| field(328 + 48 * index)),
    )
}

#[test]
fn the_verifier_fixtures_of_dstack_replay_to_their_quotes() {
    let Some(fixtures) = shared("domain/fixtures") else {
        return;
    };
    for (file, compose_hash, used) in [
        (
            "quote-report.json",
            "3763bc34552cf3a27ff71ad5f7a90471562a1a2df552dfc1998cba2d60da27e7",
            false,
        ),
        (
            "tdx-lite-getquote.json",
            "86b0e55f2fa8e4fb69d890f14f54d5612707646e2573d54e0d2ddaaade77caa9",
            true,
        ),
    ] {
        let answer = json(&fixtures.join("dstack").join(file));
        let (launch, registers) = td_report(answer["quote"].as_str().unwrap());
        let log = EventLog::parse(answer["event_log"].as_str().unwrap().as_bytes()).unwrap();
        let facts = facts(log, &registers);
        assert_eq!(facts.compose_hash().to_string(), compose_hash);
        let config = MrConfig::parse(&launch.mr_config_id).unwrap();
        assert_eq!(config.is_some(), used);
        if let Some(config) = config {
            assert_eq!(config.check(&facts, None), Ok(()));
        }
        // The compose file of another guest.
        let other = fs::read(fixtures.join("dstack/app-compose.json")).unwrap();
        let error = facts.compose_hash().verify(&other).unwrap_err();
        assert_eq!(error.reason(), Reason::ComposeMismatch);
    }
}
