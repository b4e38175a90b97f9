//! Real inputs, if the corpus is at hand: each is recognised as what it is, byte for byte; and
//! nothing that is given makes recognition panic.
//!
//! The corpus is no part of the repository. It is looked for in `shared` beside the workspace, or
//! in the folder that `TEEPROOF_SHARED` names; without either these tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "this file is tests and their helpers"
)]

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::Value as Json;
use teeproof_core::{
    Bundle, BundleChallenge, CollateralParts, EventLog, InputError, InputKind, InstanceEvidence,
    MissingQuote, Recognised, assemble, encode_hex, recognise, sha256,
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
    eprintln!("SKIPPED: no real inputs at {}", folder.display());
    None
}

/// The corpus files whose names begin so, at least as many as are known to be there.
fn corpus(prefix: &str, at_least: usize) -> Vec<(String, Vec<u8>)> {
    let Some(folder) = shared("corpus") else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for source in fs::read_dir(folder).unwrap() {
        let source = source.unwrap().path();
        if !source.is_dir() {
            continue;
        }
        for file in fs::read_dir(source).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with(prefix) {
                files.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    assert!(files.len() >= at_least, "{prefix}: {}", files.len());
    files
}

fn fixture(path: &str) -> Option<Vec<u8>> {
    Some(fs::read(shared("domain/fixtures")?.join(path)).unwrap())
}

/// The one evidence that an input is.
fn one(name: &str, bytes: &[u8]) -> InstanceEvidence {
    match recognise(bytes) {
        Ok(Recognised::Evidence(mut all)) if all.len() == 1 => all.remove(0),
        other => panic!("{name}: {other:?}"),
    }
}

/// Packed, written, read and unpacked, an evidence is what it was, but for the form it came in and
/// the order of what it says of itself.
fn survives_a_bundle(name: &str, evidence: &InstanceEvidence) {
    let bundle = Bundle::from_evidence(evidence).unwrap_or_else(|error| panic!("{name}: {error}"));
    let text = bundle.to_json();
    assert_eq!(Bundle::from_json(text.as_bytes()), Ok(bundle), "{name}");
    let mut expected = evidence.clone();
    expected.kind = InputKind::Bundle;
    expected.self_reported.sort();
    assert_eq!(one(name, text.as_bytes()), expected, "{name}");
}

#[test]
fn every_real_quote_is_recognised_in_every_spelling() {
    let quotes = [corpus("quote-", 129), corpus("negative-", 14)].concat();
    for (name, bytes) in quotes {
        let digits = encode_hex(&bytes);
        let base64 = BASE64_STANDARD.encode(&bytes);
        let wrapped: Vec<_> = (0..base64.len())
            .step_by(76)
            .map(|at| &base64[at..base64.len().min(at + 76)])
            .collect();
        let spellings = [
            (InputKind::RawQuote, bytes.clone()),
            (InputKind::HexQuote, format!("0x{digits}\n").into_bytes()),
            (InputKind::HexQuote, digits.to_uppercase().into_bytes()),
            (InputKind::Base64Quote, wrapped.join("\n").into_bytes()),
            (
                InputKind::Base64Quote,
                BASE64_URL_SAFE_NO_PAD.encode(&bytes).into_bytes(),
            ),
        ];
        for (kind, spelling) in spellings {
            let evidence = one(&name, &spelling);
            assert_eq!(evidence.kind, kind, "{name}");
            assert_eq!(evidence.quote.as_deref(), Some(bytes.as_slice()), "{name}");
            survives_a_bundle(&name, &evidence);
        }
        // Cut off anywhere after its first eight bytes, it is still for the verifier to refuse.
        let cut = one(&name, &bytes[..bytes.len() / 2]);
        assert_eq!(cut.kind, InputKind::RawQuote);
        assert!(recognise(&bytes[1..]).is_err(), "{name}");
        assert!(
            matches!(
                recognise(&digits.as_bytes()[1..]),
                Err(InputError::OddHex { .. })
            ),
            "{name}"
        );
    }
}

#[test]
fn the_published_quotes_are_recognised() {
    for (path, kind) in [
        ("dcap-qvl/tdx_quote", InputKind::RawQuote),
        ("dcap-qvl/tdx_quote_outdated", InputKind::RawQuote),
        ("dcap-qvl/sgx_quote", InputKind::RawQuote),
        ("dcap-qvl/quote-from-tappd.hex", InputKind::HexQuote),
    ] {
        let Some(bytes) = fixture(path) else { return };
        assert_eq!(one(path, &bytes).kind, kind, "{path}");
    }
    let der = fixture("dcap-qvl/TrustedRootCA.der").unwrap();
    assert!(matches!(recognise(&der), Err(InputError::Foreign(_))));
}

#[test]
fn every_real_collateral_is_recognised_and_written_back() {
    let mut files = corpus("collateral-", 38);
    for name in ["sgx_quote", "tdx_quote", "tdx_quote_outdated"] {
        let path = format!("dcap-qvl/{name}_collateral.json");
        files.extend(fixture(&path).map(|bytes| (path, bytes)));
    }
    for (name, bytes) in files {
        let Ok(Recognised::Collateral(parts)) = recognise(&bytes) else {
            panic!("{name}: {:?}", recognise(&bytes));
        };
        let written = parts.to_json();
        assert_eq!(
            CollateralParts::from_json(written.as_bytes()).as_ref(),
            Ok(&*parts)
        );
        // An independent reading of the same file.
        let json: Json = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(json["tcb_info"], parts.tcb_info.as_str(), "{name}");
        assert_eq!(json["qe_identity"], parts.qe_identity.as_str(), "{name}");
        let crl = json["pck_crl"].as_str().unwrap().to_lowercase();
        assert_eq!(crl, encode_hex(&parts.pck_crl), "{name}");
        // One key less, and it is no collateral.
        for key in json.as_object().unwrap().keys() {
            let mut less = json.clone();
            less.as_object_mut().unwrap().remove(key);
            let kept = CollateralParts::from_json(less.to_string().as_bytes());
            assert_eq!(
                kept.is_ok(),
                key == "pck_certificate_chain",
                "{name}: {key}"
            );
        }
    }
}

#[test]
fn real_parts_are_kept_byte_for_byte() {
    for (name, bytes) in corpus("eventlog-", 26) {
        assert_eq!(recognise(&bytes), Ok(Recognised::EventLog(bytes)), "{name}");
    }
    for (name, bytes) in corpus("app-compose-", 17) {
        let Ok(Recognised::AppCompose(kept)) = recognise(&bytes) else {
            panic!("{name}: {:?}", recognise(&bytes));
        };
        // The name of a corpus file is the beginning of its digest: the compose hash.
        let hash = sha256(&kept).to_string();
        assert!(name.contains(&hash[..12]), "{name}: {hash}");
    }
    for (name, bytes) in corpus("ccel-", 15) {
        assert!(
            matches!(recognise(&bytes), Err(InputError::Foreign(_))),
            "{name}"
        );
    }
    if let Some(bytes) = fixture("dstack/app-compose.json") {
        assert_eq!(recognise(&bytes), Ok(Recognised::AppCompose(bytes)));
    }
}

#[test]
fn real_tcb_info_documents_give_log_and_app_compose() {
    for (name, bytes) in corpus("dstack-tcb-info-", 10) {
        let evidence = one(&name, &bytes);
        assert_eq!(evidence.kind, InputKind::DstackTcbInfo, "{name}");
        assert_eq!(evidence.missing, Some(MissingQuote::NotCarried), "{name}");
        let json: Json = serde_json::from_slice(&bytes).unwrap();
        let compose = evidence.app_compose.unwrap();
        assert_eq!(
            json["app_compose"],
            String::from_utf8(compose.clone()).unwrap()
        );
        // One of the ten was edited before it was published: its app-compose is not what was measured.
        let binds = json["compose_hash"] == sha256(&compose).to_string();
        assert_eq!(binds, name != "dstack-tcb-info-2b3836811518.json", "{name}");
        let log: Json = serde_json::from_slice(&evidence.event_log.unwrap()).unwrap();
        assert_eq!(json["event_log"], log, "{name}");
        let mrtd = json["mrtd"].as_str().unwrap();
        assert!(
            evidence
                .self_reported
                .contains(&("tcb_info.mrtd".into(), mrtd.into())),
            "{name}"
        );
        // The same document as `Info` carries it: as text in a string.
        let info = serde_json::json!({
            "app_id": "00",
            "tcb_info": String::from_utf8(bytes.clone()).unwrap(),
        });
        let info = one(&name, info.to_string().as_bytes());
        assert_eq!(info.kind, InputKind::DstackInfo, "{name}");
        assert_eq!(info.app_compose, Some(compose), "{name}");
    }
}

#[test]
fn the_dstack_answers_are_taken_apart() {
    for path in ["dstack/quote-report.json", "dstack/tdx-lite-getquote.json"] {
        let Some(bytes) = fixture(path) else { return };
        let json: Json = serde_json::from_slice(&bytes).unwrap();
        let evidence = one(path, &bytes);
        assert_eq!(evidence.kind, InputKind::DstackGetQuote, "{path}");
        assert_eq!(
            json["quote"],
            encode_hex(evidence.quote.as_deref().unwrap()),
            "{path}"
        );
        let log = String::from_utf8(evidence.event_log.clone().unwrap()).unwrap();
        assert_eq!(json["event_log"], log, "{path}");
        let config = String::from_utf8(evidence.vm_config.clone().unwrap()).unwrap();
        assert_eq!(json["vm_config"], config, "{path}");
        survives_a_bundle(path, &evidence);
        // The same as a verifier request, the log as an array.
        let mut request = json.clone();
        request["event_log"] = serde_json::from_str(&log).unwrap();
        request.as_object_mut().unwrap().remove("report_data");
        let request = one(path, request.to_string().as_bytes());
        assert_eq!(request.kind, InputKind::DstackVerifierRequest);
        assert_eq!(request.quote, evidence.quote);
    }
    let path = "dstack/sys-config.json";
    let config = one(path, &fixture(path).unwrap());
    assert_eq!(config.kind, InputKind::DstackSysConfig);
    assert!(
        String::from_utf8(config.vm_config.unwrap())
            .unwrap()
            .contains("64f0d1545cd5")
    );
}

#[test]
fn the_versioned_attestations_are_taken_apart() {
    let Some(bytes) = fixture("dstack/attestation.bin") else {
        return;
    };
    let evidence = one("attestation.bin", &bytes);
    assert_eq!(evidence.kind, InputKind::DstackAttestation);
    // Its quote stands behind two bytes of version and platform and two of length.
    assert_eq!(evidence.quote.as_deref(), Some(&bytes[4..4 + 5010]));
    let log: Json = serde_json::from_slice(evidence.event_log.as_deref().unwrap()).unwrap();
    let payload = |log: &Json, name: &str| {
        let events = log.as_array().unwrap();
        let event = events.iter().find(|event| event["event"] == name).unwrap();
        assert_eq!(
            (&event["imr"], &event["event_type"]),
            (&3.into(), &134_217_729.into())
        );
        event["event_payload"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        payload(&log, "app-id"),
        "5bb4ff9a3837357f19dc176407a5709c62eb6c56"
    );
    assert_eq!(
        payload(&log, "compose-hash"),
        "c143116fef3940e7f776bfc0919c256232ae5338a6e948c96b711e0b2383483a"
    );
    // The whole `.sys-config.json` is in it; only the `vm_config` is one.
    let config: Json = serde_json::from_slice(evidence.vm_config.as_deref().unwrap()).unwrap();
    assert_eq!(
        (&config["cpu_count"], &config["image"]),
        (&8.into(), &"dstack-0.6.0".into())
    );
    survives_a_bundle("attestation.bin", &evidence);
    // Its log replays to the quote's own RTMR3, at byte 520 of a quote of version 4.
    let log = EventLog::parse(evidence.event_log.as_deref().unwrap()).unwrap();
    let [.., rtmr3] = log.replay().unwrap();
    assert_eq!(rtmr3.as_slice(), &bytes[4 + 520..4 + 568]);

    // A missing or an additional byte is refused.
    for length in [100, 5000, 5014, 5015, 9000, bytes.len() - 1] {
        assert!(
            matches!(recognise(&bytes[..length]), Err(InputError::Container(_))),
            "{length}"
        );
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(recognise(&longer), Err(InputError::Container(_))));

    let path = "dstack/tdx-lite-attestation.json";
    let lite = one(path, &fixture(path).unwrap());
    let answer = one("", &fixture("dstack/tdx-lite-getquote.json").unwrap());
    assert_eq!(lite.kind, InputKind::DstackAttestation);
    assert_eq!(lite.quote, answer.quote);
    assert_eq!(lite.vm_config, answer.vm_config);
    // The two belong together: as one answer they agree, and with another container they do not.
    let text = String::from_utf8(fixture("dstack/tdx-lite-getquote.json").unwrap()).unwrap();
    let mut both: Json = serde_json::from_str(&text).unwrap();
    let attestation: Json = serde_json::from_slice(&fixture(path).unwrap()).unwrap();
    both["attestation"] = attestation["attestation"].clone();
    assert_eq!(one("both", both.to_string().as_bytes()).quote, answer.quote);
    both["attestation"] = encode_hex(&bytes).into();
    assert!(matches!(
        recognise(both.to_string().as_bytes()),
        Err(InputError::TwoQuotes { .. })
    ));
}

#[test]
fn a_directory_of_real_parts_is_one_evidence() {
    let Some(report) = fixture("dstack/quote-report.json") else {
        return;
    };
    let report = one("quote-report.json", &report);
    let collateral = fixture("dcap-qvl/tdx_quote_collateral.json").unwrap();
    let compose = fixture("dstack/app-compose.json").unwrap();
    let files = [
        compose.clone(),
        report.event_log.clone().unwrap(),
        collateral,
        report.vm_config.clone().unwrap(),
        report.quote.clone().unwrap(),
    ];
    let parts: Vec<_> = files.iter().map(|file| recognise(file).unwrap()).collect();
    let all = assemble(parts).unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].quote, report.quote);
    assert_eq!(all[0].event_log, report.event_log);
    assert_eq!(all[0].vm_config, report.vm_config);
    assert_eq!(all[0].app_compose, Some(compose));
    assert_eq!(all[0].collateral.len(), 1);
    survives_a_bundle("parts", &all[0]);
}

/// A bundle with something under every key.
fn sample_bundle() -> String {
    let text = |text: &str| Some(text.to_owned());
    Bundle {
        label: text("one"),
        captured_at: "2025-06-19T10:16:03Z".parse().ok(),
        quote: vec![4, 0, 2, 0, 0x81, 0, 0, 0, 9],
        event_log: text("[{\"imr\":3}]"),
        app_compose: text("{\"runner\":\"\\u00e9\"}\n"),
        vm_config: text("{}"),
        mr_config_document: text("{\"version\":3}"),
        pck_certificate_chain: text("chain"),
        collateral: vec![CollateralParts {
            pck_crl_issuer_chain: "a".into(),
            root_ca_crl: vec![1],
            pck_crl: vec![2],
            tcb_info_issuer_chain: "b".into(),
            tcb_info: "{}".into(),
            tcb_info_signature: vec![3],
            qe_identity_issuer_chain: "c".into(),
            qe_identity: "{}".into(),
            qe_identity_signature: vec![4],
            pck_certificate_chain: text("d"),
        }],
        challenge: Some(BundleChallenge {
            channel_key: None,
            bytes: vec![5],
            rule: "raw".into(),
        }),
        self_reported: [("a".to_owned(), "b".to_owned())].into(),
    }
    .to_json()
}

/// Whatever comes, there is an answer, and an error has a message of bounded length without
/// control characters.
fn answers(bytes: &[u8]) {
    if let Err(error) = recognise(bytes) {
        let message = error.to_string();
        assert!(message.len() < 4096, "{message}");
        assert!(!message.chars().any(char::is_control), "{message:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_recognition_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        answers(&bytes);
    }

    #[test]
    fn no_text_makes_recognition_panic(text in "[\\x00-\\x7f\u{fe}-\u{2100}]{0,200}") {
        answers(text.as_bytes());
        answers(format!("{{{text}}}").as_bytes());
        answers(format!("[{text}]").as_bytes());
    }

    #[test]
    fn no_json_of_known_keys_makes_recognition_panic(
        entries in proptest::collection::vec(
            (
                prop::sample::select(vec![
                    "quote", "attestation", "event_log", "vm_config", "report_data", "tcb_info",
                    "app_compose", "app_certificates", "instances", "error", "schema", "mrtd",
                    "rtmr3", "docker_compose_file", "pck_crl", "tcb_info_signature", "imr",
                    "mr_config", "label", "collateral", "challenge",
                ]),
                prop::sample::select(vec![
                    "null", "1", "\"\"", "[]", "{}", "[{}]", "\"[]\"", "\"{}\"", "\"00\"",
                    "[{\"quote\":\"04\"}]", "\"teeproof.bundle/1\"", "\"0400020081000000\"",
                    "\"0000214e0400020081000000\"", "\"\\\"[]\\\"\"", "{\"event_log\":[]}",
                ]),
            ),
            0..6,
        )
    ) {
        let entries: Vec<_> =
            entries.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        answers(format!("{{{}}}", entries.join(",")).as_bytes());
    }

    #[test]
    fn a_container_with_any_tail_makes_no_panic(
        platform in 0..6_u8,
        tail in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let header = [0x30, 4, 0, 2, 0, 0x81, 0, 0, 0, 1, 2, 3, 4];
        answers(&[&[0, platform], header.as_slice(), &tail].concat());
        answers(&[b"\x83\xa7version\x01".as_slice(), &tail].concat());
    }

    #[test]
    fn a_changed_bundle_is_refused_or_read_as_what_it_now_says(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let whole = sample_bundle();
        let mut bytes = whole.clone().into_bytes();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        answers(&bytes);
        match Bundle::from_json(&bytes) {
            // No byte of the text is passed over: what is still read writes back what it says.
            Ok(bundle) => {
                let again = Bundle::from_json(bundle.to_json().as_bytes());
                prop_assert_eq!(again.as_ref(), Ok(&bundle));
                let json: Json = serde_json::from_slice(&bytes).unwrap();
                let written: Json = serde_json::from_str(&bundle.to_json()).unwrap();
                prop_assert_eq!(json.as_object().unwrap().len(), written.as_object().unwrap().len());
                prop_assert_eq!(&json["appCompose"], &written["appCompose"]);
            }
            Err(_) => prop_assert_ne!(bytes.as_slice(), whole.as_bytes()),
        }
    }
}
