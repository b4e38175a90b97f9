//! The two shapes of one real incident, as files that anybody can run the command on: production did
//! not boot, twice, with the wrong hash approved in opposite directions.
//!
//! The evidence is issued by the forge. With `TEEPROOF_BLESS=1` the files are written anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

use std::fs;
use std::path::{Path, PathBuf};

use teeproof_compose::{Json, Predictor, Reconciliation, Sources, reconcile};
use teeproof_core::{Bundle, ComposeHash, Recognised, recognise};
use teeproof_forge::Scenario;

const YAML: &str = "services:\n  web:\n    image: nginx@sha256:5f0574409b3add89581b96c68afe9e9c7b284651c3a974b6e8bac46bf95e6b7f\n    ports:\n      - \"80:80\"\n    environment:\n      REGISTRY_URL: ${REGISTRY_URL}\n";
const SCRIPT: &str = "#!/bin/sh\necho 'pre-launch, November'\n";
const OLD_SCRIPT: &str = "#!/bin/sh\necho 'pre-launch, October'\n";

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/compose")
        .join(name)
}

/// What the deployer wrote: `teeproof compose build` gives the same.
fn asked(yaml: &str) -> Json {
    let yaml = serde_json::to_string(yaml).unwrap();
    let text = format!(
        r#"{{"name":"shop","manifest_version":2,"runner":"docker-compose","docker_compose_file":{yaml},"allowed_envs":["REGISTRY_URL"],"kms_enabled":true,"gateway_enabled":true,"public_logs":true}}"#
    );
    Json::parse(text.as_bytes()).unwrap()
}

/// What the platform made of it.
fn completed(yaml: &str, script: &str) -> Json {
    let mut entries = asked(yaml).entries().unwrap().to_vec();
    let text = |text: &str| Json::String(text.to_owned());
    entries.push((
        "features".into(),
        Json::Array(vec![text("kms"), text("tproxy-net")]),
    ));
    entries.push(("storage_fs".into(), text("zfs")));
    entries.push(("pre_launch_script".into(), text(script)));
    Json::Object(entries)
}

/// JSON as it stands in an answer: one line, keys in their order.
fn compact(json: &Json) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match json {
        Json::Null => "null".into(),
        Json::Bool(value) => value.to_string(),
        Json::Number(text) => text.clone(),
        Json::String(text) => serde_json::to_string(text).unwrap(),
        Json::Array(items) => format!("[{}]", list(items.iter().map(compact).collect())),
        Json::Object(entries) => {
            let entry = |(key, value): &(String, Json)| format!("\"{key}\": {}", compact(value));
            format!("{{{}}}", list(entries.iter().map(entry).collect()))
        }
    }
}

/// A bundle of a machine that booted these bytes.
fn bundle(compose: &[u8]) -> String {
    let mut scenario = Scenario::tdx_v4();
    scenario.guest().compose = String::from_utf8(compose.to_vec()).unwrap();
    let issued = scenario.issue();
    let bundle = Bundle {
        label: Some("prod9".into()),
        captured_at: None,
        quote: issued.quote,
        event_log: issued.event_log,
        app_compose: issued.app_compose,
        vm_config: issued.vm_config,
        mr_config_document: None,
        pck_certificate_chain: None,
        collateral: Vec::new(),
        challenge: None,
        self_reported: std::collections::BTreeMap::new(),
    };
    bundle.to_json()
}

/// Holds the files to what is generated, and reconciles what stands in them.
fn incident(name: &str, files: &[(&str, String)], expected: &str) -> Reconciliation {
    let directory = directory(name);
    for (file, content) in files {
        let path = directory.join(file);
        if std::env::var_os("TEEPROOF_BLESS").is_some() {
            fs::create_dir_all(&directory).unwrap();
            fs::write(&path, content).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == *content, "{name}/{file} is not what is generated");
    }
    let file = |name: &str| fs::read(directory.join(name)).unwrap();
    let Recognised::Evidence(evidence) = recognise(&file("prod9.json")).unwrap() else {
        panic!("a bundle is evidence")
    };
    let scripts = fs::read_to_string(directory.join("october.sh")).ok();
    let scripts: Vec<_> = scripts
        .map(|text| ("october.sh".into(), text))
        .into_iter()
        .collect();
    reconcile(&Sources {
        yaml: Some(&file("docker-compose.yml")),
        platform: Some(&file("answer.json")),
        served: Some(&file("served.json")),
        evidence: evidence.first(),
        chain: Some(&file("hashes.json")),
        expected: Some(expected),
        scripts: &scripts,
    })
    .unwrap()
}

fn told(found: &Reconciliation) -> Vec<(&'static str, String)> {
    let culprits = found.culprits.iter();
    culprits
        .map(|one| {
            let text = one.to_string();
            (one.code(), text.split(" is ").next().unwrap().to_owned())
        })
        .collect()
}

/// The owners computed a hash with dstack's SDK from what they had asked for and approved that. The
/// platform put fields in, wrote the document its own way and told the right hash, with a prefix.
#[test]
fn the_local_hash_was_approved() {
    let document = completed(YAML, SCRIPT);
    let booted = Predictor::PhalaJs.bytes(&document).unwrap();
    let measured = ComposeHash::of(&booted).unwrap();
    let local = Predictor::DstackJs.hash(&asked(YAML)).unwrap();
    // What somebody got who hashed the served document as it came.
    let served = compact(&document);
    let of_served = ComposeHash::of(served.as_bytes()).unwrap();
    let answer = format!(
        "{{\n  \"app_id\": null,\n  \"compose_hash\": \"sha256:{measured}\",\n  \"device_id\": \"00\"\n}}\n"
    );
    let files = [
        ("docker-compose.yml", YAML.to_owned()),
        ("answer.json", answer),
        ("served.json", served),
        ("hashes.json", format!("[\"0x{local}\"]\n")),
        ("prod9.json", bundle(&booted)),
    ];
    let found = incident("local-hash-approved", &files, &of_served.to_string());
    assert_eq!(found.measured.as_ref().unwrap().hash, measured);
    assert_eq!(
        told(&found),
        [
            ("hash.spelling", "platform compose_hash".to_owned()),
            ("hash.injected-fields", "chain [0]".to_owned()),
            ("hash.key-order", "expected".to_owned()),
        ]
    );
    let injected = &found.culprits[1].to_string();
    for field in ["features", "storage_fs", "pre_launch_script", "dstack-js"] {
        assert!(injected.contains(field), "{injected}");
    }
}

/// The owners approved what the platform had answered. The answer was of the month before: since then
/// the image and the platform's own script had changed, and the machine booted the new ones.
#[test]
fn the_platforms_answer_was_approved() {
    let old_yaml = YAML.replace("5f0574409b", "0000000000");
    let booted = Predictor::PhalaJs.bytes(&completed(YAML, SCRIPT)).unwrap();
    let measured = ComposeHash::of(&booted).unwrap();
    let stale = completed(&old_yaml, OLD_SCRIPT);
    let stale_hash = Predictor::PhalaJs.hash(&stale).unwrap();
    // Somebody else had predicted with last month's script.
    let predicted = Predictor::PhalaJs
        .hash(&completed(YAML, OLD_SCRIPT))
        .unwrap();
    let answer = format!(
        "{{\"compose_hash\": \"{stale_hash}\", \"compose_file\": {}}}\n",
        compact(&stale)
    );
    let files = [
        ("docker-compose.yml", YAML.to_owned()),
        ("answer.json", answer),
        ("served.json", String::from_utf8(booted.clone()).unwrap()),
        (
            "hashes.json",
            format!("{{\"composeHashes\": [\"0x{stale_hash}\"]}}\n"),
        ),
        ("october.sh", OLD_SCRIPT.to_owned()),
        ("prod9.json", bundle(&booted)),
    ];
    let found = incident("stale-answer-approved", &files, &predicted.to_string());
    assert_eq!(found.measured.as_ref().unwrap().hash, measured);
    assert_eq!(
        told(&found),
        [
            ("hash.other-document", "platform compose_hash".to_owned()),
            ("hash.other-document", "chain composeHashes[0]".to_owned()),
            ("hash.other-script", "expected".to_owned()),
            ("text.not-measured", "the document platform compose_file was not measured: it differs in docker_compose_file, pre_launch_script".to_owned()),
        ]
    );
    assert!(found.culprits[2].to_string().contains("october.sh"));
}
