//! Every mix-up gets its own word, and input that is none is refused.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use teeproof_core::{ComposeHash, InputKind, sha256};
use teeproof_forge::Scenario;

use super::*;
use crate::json::Json;

const YAML: &str = "services:\n  web:\n    image: nginx@sha256:00\n    ports: [80]\n";

/// What a deployer asked for.
fn asked() -> Json {
    let yaml = serde_json::to_string(YAML).unwrap();
    let text = format!(
        r#"{{"name":"shop","manifest_version":2,"runner":"docker-compose","docker_compose_file":{yaml},"allowed_envs":["URL"],"port_policy":{{"restrict_mode":true,"ports":[]}}}}"#
    );
    Json::parse(text.as_bytes()).unwrap()
}

/// The same with what a platform puts in.
fn completed(script: &str) -> Json {
    let mut entries = asked().entries().unwrap().to_vec();
    entries.push(("features".into(), Json::parse(br#"["kms"]"#).unwrap()));
    entries.push(("storage_fs".into(), Json::String("zfs".into())));
    entries.push(("pre_launch_script".into(), Json::String(script.into())));
    Json::Object(entries)
}

fn deployed() -> Vec<u8> {
    Predictor::PhalaJs.bytes(&completed("echo new\n")).unwrap()
}

fn evidence(compose: &[u8]) -> InstanceEvidence {
    let mut scenario = Scenario::tdx_v4();
    scenario.guest().compose = String::from_utf8(compose.to_vec()).unwrap();
    let issued = scenario.issue();
    InstanceEvidence {
        event_log: issued.event_log.map(String::into_bytes),
        app_compose: issued.app_compose.map(String::into_bytes),
        ..InstanceEvidence::from_quote(InputKind::RawQuote, issued.quote)
    }
}

fn hash(bytes: &[u8]) -> String {
    ComposeHash::of(bytes).unwrap().to_string()
}

fn codes(sources: &Sources<'_>) -> Vec<&'static str> {
    let found = reconcile(sources).unwrap();
    assert_eq!(
        found.agrees(),
        found.culprits.is_empty() && found.measured.is_ok()
    );
    assert!(found.culprits.iter().all(|one| one.to_string().len() < 600));
    found.culprits.iter().map(Culprit::code).collect()
}

#[test]
fn every_mix_up_has_its_own_word() {
    let bytes = deployed();
    let evidence = evidence(&bytes);
    let measured = hash(&bytes);
    let scripts = [("last month".to_owned(), "echo old\n".to_owned())];
    let of = |predictor: Predictor, document: &Json| predictor.hash(document).unwrap().to_string();
    let old = completed("echo old\n");
    let deployed = Json::parse(&bytes).unwrap();
    let yaml_base64 = BASE64_STANDARD.encode(YAML.as_bytes());
    for (expected, code) in [
        (measured.clone(), None),
        (format!("0x{measured}"), Some("hash.spelling")),
        (format!("sha256:{measured}"), Some("hash.spelling")),
        (measured.to_uppercase(), Some("hash.spelling")),
        (
            BASE64_STANDARD.encode(sha256(&bytes).as_slice()),
            Some("hash.spelling"),
        ),
        (
            measured.get(..40).unwrap().to_owned(),
            Some("hash.spelling"),
        ),
        (
            sha256(YAML.as_bytes()).to_string(),
            Some("hash.yaml-digest"),
        ),
        (
            sha256(YAML.trim_end().as_bytes()).to_string(),
            Some("hash.yaml-digest"),
        ),
        (
            sha256(YAML.replace('\n', "\r\n").as_bytes()).to_string(),
            Some("hash.yaml-digest"),
        ),
        (
            sha256(yaml_base64.as_bytes()).to_string(),
            Some("hash.yaml-digest"),
        ),
        (yaml_base64, Some("hash.yaml-in-base64")),
        ("approved".to_owned(), Some("hash.none")),
        (of(Predictor::DstackJs, &deployed), Some("hash.other-bytes")),
        (of(Predictor::PhalaJs, &old), Some("hash.other-script")),
        (
            of(Predictor::DstackPython, &asked()),
            Some("hash.injected-fields"),
        ),
        (
            of(Predictor::PhalaJs, &asked()),
            Some("hash.injected-fields"),
        ),
        ("00".repeat(32), Some("hash.unexplained")),
    ] {
        let found = codes(&Sources {
            yaml: Some(YAML.as_bytes()),
            evidence: Some(&evidence),
            expected: Some(&expected),
            scripts: &scripts,
            ..Sources::default()
        });
        assert_eq!(found, code.into_iter().collect::<Vec<_>>(), "{expected}");
    }
}

#[test]
fn the_script_of_another_month_is_found_in_bytes_of_any_form() {
    let text = |script: &str| {
        format!(
            "{{ \"pre_launch_script\" : \"{script}\" , \"runner\":\"docker-compose\", \"docker_compose_file\":\"\" }}\n"
        )
    };
    let expected = hash(text("old").as_bytes());
    let scripts = [("old.sh".to_owned(), "old".to_owned())];
    let found = codes(&Sources {
        evidence: Some(&evidence(text("new").as_bytes())),
        expected: Some(&expected),
        scripts: &scripts,
        ..Sources::default()
    });
    assert_eq!(found, ["hash.other-script"]);
}

#[test]
fn keys_in_another_order_are_named() {
    // The guide's Python keeps `restrict_mode` before `ports`.
    let bytes = deployed();
    let document = completed("echo new\n");
    let found = reconcile(&Sources {
        evidence: Some(&evidence(&bytes)),
        served: Some(&Predictor::PhalaPython.bytes(&document).unwrap()),
        expected: Some(&Predictor::PhalaPython.hash(&document).unwrap().to_string()),
        ..Sources::default()
    })
    .unwrap();
    let [one] = found.culprits.as_slice() else {
        panic!("{:?}", found.culprits)
    };
    assert_eq!(one.code(), "hash.key-order");
    let Culprit::OtherBytes { order, .. } = one else {
        panic!("{one:?}")
    };
    assert_eq!(*order, Some(("ports".into(), "restrict_mode".into())));
}

#[test]
fn a_blank_that_was_eaten_is_named() {
    let yaml = "services:\n  web:\n    environment:\n      \"A\": b\n";
    let text =
        serde_json::json!({ "runner": "docker-compose", "docker_compose_file": yaml }).to_string();
    let document = Json::parse(text.as_bytes()).unwrap();
    let bytes = Predictor::PhalaJs.bytes(&document).unwrap();
    let found = reconcile(&Sources {
        yaml: Some(yaml.as_bytes()),
        evidence: Some(&evidence(&bytes)),
        served: Some(text.as_bytes()),
        expected: Some(&Predictor::PhalaPython.hash(&document).unwrap().to_string()),
        ..Sources::default()
    })
    .unwrap();
    let codes: Vec<_> = found.culprits.iter().map(Culprit::code).collect();
    assert_eq!(codes, ["hash.blanks-eaten", "yaml.blanks-eaten"]);
    assert!(found.culprits.contains(&Culprit::OtherYaml {
        line: 4,
        blanks: true
    }));
}

#[test]
fn another_document_is_told_by_its_fields() {
    let bytes = deployed();
    let stale = String::from_utf8(bytes.clone())
        .unwrap()
        .replace("nginx@", "apache@");
    let evidence = evidence(&bytes);
    let found = reconcile(&Sources {
        yaml: Some(YAML.replace("nginx", "apache").as_bytes()),
        evidence: Some(&evidence),
        served: Some(stale.as_bytes()),
        expected: Some(&hash(stale.as_bytes())),
        ..Sources::default()
    })
    .unwrap();
    let codes: Vec<_> = found.culprits.iter().map(Culprit::code).collect();
    assert_eq!(
        codes,
        [
            "hash.other-document",
            "text.not-measured",
            "yaml.not-measured"
        ]
    );
    assert!(found.culprits.contains(&Culprit::OtherYaml {
        line: 3,
        blanks: false
    }));
    let [difference] = found.differences.as_slice() else {
        panic!("{:?}", found.differences)
    };
    assert_eq!(difference.fields[0].0, "docker_compose_file");
    assert_eq!(
        bytes[..difference.byte],
        stale.as_bytes()[..difference.byte]
    );
    assert_ne!(bytes[difference.byte], stale.as_bytes()[difference.byte]);
}

#[test]
fn a_chain_may_allow_other_versions_too() {
    let bytes = deployed();
    let evidence = evidence(&bytes);
    let with = |chain: &str| {
        codes(&Sources {
            evidence: Some(&evidence),
            chain: Some(chain.as_bytes()),
            ..Sources::default()
        })
    };
    let other = "11".repeat(32);
    let measured = hash(&bytes);
    assert_eq!(with(&format!("[\"0x{other}\",\"0x{measured}\"]")), [""; 0]);
    assert_eq!(
        with(&format!("{{\"composeHashes\":[\"{other}\"]}}")),
        ["hash.unexplained"]
    );
}

#[test]
fn without_the_document_the_served_one_is_told_by_its_writer() {
    let bytes = deployed();
    let mut evidence = evidence(&bytes);
    evidence.app_compose = None;
    let compact = Predictor::DstackJs.bytes(&completed("echo new\n")).unwrap();
    // As an answer carries it: inside of a text inside of an answer.
    let inner =
        serde_json::json!({ "app_compose": String::from_utf8(compact).unwrap() }).to_string();
    let answer = serde_json::json!({ "tcb_info": inner, "compose_hash": hash(&bytes) }).to_string();
    let found = reconcile(&Sources {
        evidence: Some(&evidence),
        platform: Some(answer.as_bytes()),
        ..Sources::default()
    })
    .unwrap();
    assert!(found.agrees(), "{:?}", found.culprits);
    assert_eq!(found.measured_text(), Some((0, Some(Predictor::PhalaJs))));
    assert_eq!(found.texts[0].place, "tcb_info.app_compose");
    assert!(found.texts[0].exact);
}

#[test]
fn what_was_measured_is_only_taken_from_a_log_that_holds() {
    let bytes = deployed();
    let sound = evidence(&bytes);
    let expected = hash(&bytes);
    let with = |evidence: Option<&InstanceEvidence>| {
        let found = reconcile(&Sources {
            evidence,
            expected: Some(&expected),
            ..Sources::default()
        })
        .unwrap();
        assert!(found.measured.is_ok() || found.culprits.is_empty() && !found.agrees());
        found.measured
    };
    assert!(with(Some(&sound)).unwrap().replays);
    assert_eq!(with(None), Err(NotMeasured::NoEvidence));
    let without = |edit: fn(&mut InstanceEvidence)| {
        let mut evidence = sound.clone();
        edit(&mut evidence);
        with(Some(&evidence))
    };
    assert!(!without(|evidence| evidence.quote = None).unwrap().replays);
    assert_eq!(
        without(|evidence| evidence.event_log = None),
        Err(NotMeasured::NoLog)
    );
    assert_eq!(
        without(|evidence| evidence.quote = Some(vec![1; 700])),
        Err(NotMeasured::Quote)
    );
    assert!(matches!(
        without(|evidence| evidence.event_log = Some(b"[]".to_vec())),
        Err(NotMeasured::Log(_))
    ));
    assert_eq!(
        without(|evidence| {
            evidence.event_log = Some(b"[]".to_vec());
            evidence.quote = None;
        }),
        Err(NotMeasured::NotDstack)
    );
    let log = String::from_utf8(sound.event_log.clone().unwrap()).unwrap();
    let forged = log.replace(&expected, &"22".repeat(32));
    assert_ne!(log, forged);
    let mut evidence = sound.clone();
    evidence.event_log = Some(forged.into_bytes());
    assert!(matches!(with(Some(&evidence)), Err(NotMeasured::Log(_))));
}

#[test]
fn an_answer_that_holds_nothing_is_refused() {
    let code = |served: &[u8]| {
        let sources = Sources {
            served: Some(served),
            ..Sources::default()
        };
        reconcile(&sources).unwrap_err().code()
    };
    assert_eq!(code(b""), "reconcile.not-json");
    assert_eq!(code(b"<html>"), "reconcile.not-json");
    assert_eq!(code(b"\xff"), "reconcile.not-json");
    assert_eq!(
        code(b"{\"compose_hash\":\"a\",\"compose_hash\":\"b\"}"),
        "reconcile.not-json"
    );
    assert_eq!(code("[".repeat(100_000).as_bytes()), "reconcile.not-json");
    assert_eq!(code(b"{}"), "reconcile.nothing");
    assert_eq!(code(b"[\"text\"]"), "reconcile.nothing");
    assert_eq!(code(b"{\"compose_hash\":null}"), "reconcile.nothing");
    assert_eq!(
        code(&vec![b' '; 8 * 1024 * 1024 + 1]),
        "reconcile.too-large"
    );
    let many = format!(
        "[{}]",
        vec![format!("\"{}\"", "11".repeat(32)); 257].join(",")
    );
    assert_eq!(code(many.as_bytes()), "reconcile.too-many");
    let many = format!("[{}]", ["{\"docker_compose_file\":\"\"}"; 9].join(","));
    assert_eq!(code(many.as_bytes()), "reconcile.too-many");
    let vast = format!(
        "{{\"docker_compose_file\":\"{}\"}}",
        "x".repeat(5 * 1024 * 1024)
    );
    assert_eq!(code(vast.as_bytes()), "reconcile.no-document");
    let yaml = vec![b'#'; crate::limits::YAML + 1];
    let sources = Sources {
        yaml: Some(&yaml),
        ..Sources::default()
    };
    assert_eq!(
        reconcile(&sources).unwrap_err().code(),
        "reconcile.yaml-too-large"
    );
}

#[test]
fn large_documents_are_tried_within_a_budget() {
    let document = |name: &str| {
        let filler = "x".repeat(3 * 1024 * 1024);
        format!(
            "{{\"docker_compose_file\":\"{filler}\",\"name\":\"{name}\",\"storage_fs\":\"\",\"features\":[],\"kms_enabled\":true}}"
        )
    };
    let (one, other) = (document("one"), document("other"));
    let found = reconcile(&Sources {
        served: Some(one.as_bytes()),
        platform: Some(other.as_bytes()),
        expected: Some(&hash(other.as_bytes())),
        ..Sources::default()
    })
    .unwrap();
    assert!(!found.complete);
    assert_eq!(
        found.stated[0].explanations[0],
        Explanation::Exact { text: 1 }
    );
}
