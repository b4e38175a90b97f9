//! Each version of `MRCONFIGID` against the measured facts, with dstack's own vectors.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::mr_config::{MrConfig, MrConfigError, MrConfigField};
use super::{DstackFacts, Interpretation};
use crate::bytes::Measurement;
use crate::limits;
use crate::log::worked::{replayed, runtime};
use crate::reason::Reason;

/// Compose hash 00..1f and app id 00..13, as in the vectors.
fn facts(key_provider: &str, gpu: bool) -> DstackFacts {
    let bytes: Vec<u8> = (0..32).collect();
    let mut events = alloc::vec![
        runtime("system-preparing", b""),
        runtime("app-id", &bytes[..20]),
        runtime("compose-hash", &bytes),
        runtime("init-script-hash", &[0xa1; 32]),
        runtime("init-script-hash", &[0xa2; 32]),
        runtime("instance-id", &[0x44; 20]),
        runtime("boot-mr-done", b""),
        runtime("key-provider", key_provider.as_bytes()),
        runtime("storage-fs", b"zfs"),
        runtime("system-ready", b""),
    ];
    if key_provider.contains("\"kms\"") {
        events.insert(7, runtime("os-image-hash", &[5; 32]));
    }
    if gpu {
        events.insert(5, runtime("gpu-policy-hash", &[0x55; 32]));
    }
    interpreted(events)
}

fn interpreted(events: Vec<crate::log::EventParts>) -> DstackFacts {
    match replayed(events).interpret().unwrap() {
        Interpretation::Dstack(facts) => *facts,
        Interpretation::NotDstack => panic!("not a dstack log"),
    }
}

const KMS: &str = r#"{"name":"kms","id":"aabbccdd"}"#;
const NONE: &str = r#"{"name":"none","id":""}"#;

fn register(version: u8, value: &[u8]) -> Measurement {
    let mut bytes = [0; 48];
    bytes[0] = version;
    bytes[1..33].copy_from_slice(value);
    Measurement::new(bytes)
}

fn config(hex: &str) -> MrConfig {
    let register = format!("{hex}{}", "0".repeat(30)).parse().unwrap();
    MrConfig::parse(&register).unwrap().unwrap()
}

fn v3(document: &str) -> MrConfig {
    let preimage = [b"dstack-mr-config-v3:\0", document.as_bytes()].concat();
    MrConfig::V3(crate::bytes::sha256(&preimage))
}

/// Checks a document that is the configured one.
fn check(document: &str, facts: &DstackFacts) -> Result<(), MrConfigError> {
    v3(document).check(facts, Some(document.as_bytes()))
}

const COMPOSE: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn document(extra: &str) -> String {
    format!(r#"{{"compose_hash":"{COMPOSE}","key_provider":"kms"{extra}}}"#)
}

#[test]
fn pitfall_38_zero_is_not_used_and_no_match() {
    assert_eq!(MrConfig::parse(&Measurement::zero()), Ok(None));
}

#[test]
fn other_versions_and_padding_are_refused() {
    for version in [0, 4, 0x80, 0xff] {
        let error = MrConfig::parse(&register(version, &[7; 32])).unwrap_err();
        assert_eq!(error, MrConfigError::Version { found: version });
        assert_eq!(error.reason(), Reason::MrConfigVersion);
    }
    for version in 1..=3 {
        assert!(MrConfig::parse(&register(version, &[7; 32])).is_ok());
        for index in 33..48 {
            let mut bytes = *register(version, &[7; 32]).as_array();
            bytes[index] = 1;
            let error = MrConfig::parse(&Measurement::new(bytes)).unwrap_err();
            assert_eq!(error.reason(), Reason::MrConfigVersion, "{index}");
        }
    }
}

#[test]
fn version_1_is_the_compose_hash() {
    // From a real quote, equal to the compose-hash event of its log.
    let real = config("0186b0e55f2fa8e4fb69d890f14f54d5612707646e2573d54e0d2ddaaade77caa9");
    let MrConfig::V1(hash) = real else {
        panic!("{real:?}");
    };
    assert_eq!(
        hash.to_string(),
        "86b0e55f2fa8e4fb69d890f14f54d5612707646e2573d54e0d2ddaaade77caa9"
    );
    let facts = facts(NONE, false);
    assert_eq!(config(&format!("01{COMPOSE}")).check(&facts, None), Ok(()));
    let error = real.check(&facts, None).unwrap_err();
    assert_eq!(error.reason(), Reason::MrConfigMismatch);
    assert_ne!(error.found(), error.expected());
    // 0.3 measures no key provider, and version 1 needs none.
    let old = interpreted(alloc::vec![
        runtime("rootfs-hash", &[1; 32]),
        runtime("app-id", &[1; 20]),
        runtime("compose-hash", &(0..32).collect::<Vec<_>>()),
        runtime("ca-cert-hash", &[1; 32]),
        runtime("instance-id", &[1; 20]),
    ]);
    assert_eq!(config(&format!("01{COMPOSE}")).check(&old, None), Ok(()));
    assert_eq!(
        config(&format!("02{COMPOSE}")).check(&old, None),
        Err(MrConfigError::KeyProviderAbsent)
    );
    assert_eq!(
        check(&document(""), &old),
        Err(MrConfigError::KeyProviderAbsent)
    );
}

#[test]
fn version_2_is_the_keccak_digest_of_the_vectors() {
    let kms = config("02e472ed80a08042f044ba63b53b798e98e3ea5219cd078007b1ac8b3dfc762b94");
    let none = config("02b21a3a65891c2c3955d82000b30fab13f4adc1a12dc4a84793ea322b71f1882a");
    assert_eq!(kms.check(&facts(KMS, false), None), Ok(()));
    assert_eq!(none.check(&facts(NONE, false), None), Ok(()));
    for (config, provider) in [
        (kms, NONE),
        (none, KMS),
        (kms, r#"{"name":"kms","id":"aabbccde"}"#),
        (kms, r#"{"name":"tpm","id":"aabbccdd"}"#),
        (none, r#"{"name":"local-sgx","id":""}"#),
    ] {
        let error = config.check(&facts(provider, false), None).unwrap_err();
        assert_eq!(error.reason(), Reason::MrConfigMismatch, "{provider}");
        assert!(matches!(error, MrConfigError::Digest { .. }));
    }
    let unknown = facts(r#"{"name":"hsm","id":""}"#, false);
    assert_eq!(
        none.check(&unknown, None).unwrap_err().reason(),
        Reason::MrConfigMismatch
    );
}

#[test]
fn version_3_agrees_with_its_document() {
    let full = format!(
        "{{\"app_id\":\"{}\",\"compose_hash\":\"{COMPOSE}\",\"gpu_policy_hash\":\"{}\",\
         \"init_script_hashes\":[\"{}\",\"{}\"],\"instance_id\":\"{}\",\"key_provider\":\"kms\",\
         \"key_provider_id\":\"aabbccdd\",\"version\":3}}",
        &COMPOSE.split_at(40).0,
        "55".repeat(32),
        "a1".repeat(32),
        "a2".repeat(32),
        "44".repeat(20),
    );
    let kms = facts(KMS, true);
    assert_eq!(check(&full, &kms), Ok(()));
    assert_eq!(check(&document(""), &kms), Ok(()));
    for (from, to) in [
        ("\"app_id\":\"00", "\"app_id\":\"ff"),
        ("\"compose_hash\":\"00", "\"compose_hash\":\"ff"),
        ("\"gpu_policy_hash\":\"55", "\"gpu_policy_hash\":\"ff"),
        ("[\"a1", "[\"ff"),
        ("a2\"]", "a2\",\"\"]"),
        ("[\"a1", "[\"\",\"a1"),
        ("\"instance_id\":\"44", "\"instance_id\":\"ff"),
        ("\"instance_id\":\"44", "\"instance_id\":\""),
        ("\"kms\"", "\"none\""),
        ("\"aabbccdd\"", "\"aabbccde\""),
        ("\"aabbccdd\"", "\"\""),
    ] {
        let changed = full.replacen(from, to, 1);
        assert_ne!(changed, full);
        let error = check(&changed, &kms).unwrap_err();
        assert_eq!(error.reason(), Reason::MrConfigMismatch, "{from} {to}");
        assert_ne!(error.found(), error.expected());
    }
    // An empty list pins that there are no scripts.
    let no_scripts = document(",\"init_script_hashes\":[]");
    assert_eq!(
        check(&no_scripts, &kms).unwrap_err().reason(),
        Reason::MrConfigMismatch
    );
    // What the guest did not measure cannot agree.
    let error = check(&full, &facts(KMS, false)).unwrap_err();
    assert!(matches!(
        error,
        MrConfigError::Disagreement {
            field: MrConfigField::GpuPolicyHash,
            expected: None,
            ..
        }
    ));
    let local = facts(r#"{"name":"local-sgx","id":"bb"}"#, false);
    let document = document("").replace("kms", "local");
    assert_eq!(check(&document, &local), Ok(()));
}

#[test]
fn an_empty_instance_id_agrees_with_none_measured() {
    let mut events: Vec<_> = ["system-preparing", "boot-mr-done", "system-ready"]
        .iter()
        .map(|name| runtime(name, b""))
        .collect();
    events.insert(1, runtime("app-id", &[1; 20]));
    events.insert(2, runtime("compose-hash", &(0..32).collect::<Vec<_>>()));
    events.insert(3, runtime("instance-id", b""));
    events.insert(5, runtime("key-provider", NONE.as_bytes()));
    let facts = interpreted(events);
    let document = |id: &str| {
        format!(r#"{{"compose_hash":"{COMPOSE}","key_provider":"none","instance_id":"{id}"}}"#)
    };
    assert_eq!(check(&document(""), &facts), Ok(()));
    assert!(check(&document(&"00".repeat(20)), &facts).is_err());
}

#[test]
fn the_document_is_the_configured_one_byte_for_byte() {
    let facts = facts(KMS, false);
    let text = document("");
    assert_eq!(
        v3(&text).check(&facts, None).unwrap_err().reason(),
        Reason::DocumentMissing
    );
    for other in [format!("{text}\n"), text.replace(':', ": "), String::new()] {
        let error = v3(&text).check(&facts, Some(other.as_bytes())).unwrap_err();
        assert!(matches!(error, MrConfigError::DocumentHash { .. }));
        assert_eq!(error.reason(), Reason::MrConfigDocument);
    }
    let long = " ".repeat(limits::MR_CONFIG_DOCUMENT + 1);
    assert_eq!(
        check(&long, &facts).unwrap_err().reason(),
        Reason::MrConfigDocument
    );
}

#[test]
fn the_document_is_read_strictly() {
    let facts = facts(KMS, false);
    for text in [
        document(",\"more\":1"),
        document(",\"key_provider\":\"kms\""),
        document(",\"version\":2"),
        document(",\"version\":\"3\""),
        document(",\"app_id\":\"0\""),
        document(",\"app_id\":\"zz\""),
        document(",\"init_script_hashes\":[\"a\"]"),
        document("").replace("kms", "local-sgx"),
        document("").replace("kms", "KMS"),
        document("").replace(COMPOSE, "x"),
        document("") + "{}",
        "{}".to_string(),
        "null".to_string(),
        format!("[3,\"{COMPOSE}\",\"kms\",null,null,null,null,null]"),
        String::new(),
    ] {
        let error = check(&text, &facts).unwrap_err();
        assert_eq!(error.reason(), Reason::MrConfigDocument, "{text}");
    }
}
