//! Bundles as they are written, and every way in which one is refused.

use super::*;
use crate::collateral::sample;
use crate::{CollateralFormatError, HexError, JsonError};
use alloc::format;
use alloc::string::ToString;
use alloc::vec;

/// A bundle with everything in it, and text that JSON must escape.
fn full() -> Bundle {
    Bundle {
        label: Some("node 1 \"blue\"".into()),
        captured_at: Some("2025-06-19T10:16:03Z".parse().unwrap()),
        quote: vec![4, 0, 2, 0, 0x81],
        event_log: Some("[ {\"imr\" : 0} ]\n".into()),
        app_compose: Some(
            "{\"name\":\"\u{e9}\\u00e9\\n\",\r\n\t\"x\":1}\u{0}\u{7f}\u{feff}".into(),
        ),
        vm_config: Some("{}".into()),
        mr_config_document: Some("{\"version\":3}".into()),
        pck_certificate_chain: Some("chain".into()),
        collateral: vec![sample(), sample()],
        challenge: Some(BundleChallenge {
            bytes: vec![0xab, 0xcd],
            rule: "raw".into(),
        }),
        self_reported: [
            ("a.b".to_string(), "1".to_string()),
            (String::new(), "\n".into()),
        ]
        .into(),
    }
}

fn small() -> Bundle {
    Bundle {
        label: None,
        captured_at: None,
        quote: vec![0xff],
        event_log: None,
        app_compose: None,
        vm_config: None,
        mr_config_document: None,
        pck_certificate_chain: None,
        collateral: vec![],
        challenge: None,
        self_reported: BTreeMap::new(),
    }
}

fn read(text: &str) -> Result<Bundle, BundleError> {
    Bundle::from_json(text.as_bytes())
}

/// The smallest bundle with one more entry.
fn with(entry: &str) -> Result<Bundle, BundleError> {
    read(&format!(
        r#"{{"schema":"teeproof.bundle/1","quote":"ff",{entry}}}"#
    ))
}

#[test]
fn what_is_packed_is_read_back_equal() {
    for bundle in [full(), small()] {
        let text = bundle.to_json();
        assert_eq!(read(&text), Ok(bundle.clone()));
        assert_eq!(read(&text).unwrap().to_json(), text);
        let evidence = bundle.clone().into_evidence();
        assert_eq!(evidence.kind, InputKind::Bundle);
        assert_eq!(Bundle::from_evidence(&evidence), Ok(bundle));
    }
}

#[test]
fn the_text_of_the_smallest_bundle_is_frozen() {
    assert_eq!(
        small().to_json(),
        "{\n  \"schema\": \"teeproof.bundle/1\",\n  \"quote\": \"ff\"\n}"
    );
    let keys: Vec<_> = full()
        .to_json()
        .lines()
        .filter_map(|line| line.strip_prefix("  \""))
        .filter_map(|line| line.split('"').next().map(String::from))
        .collect();
    assert_eq!(
        keys,
        [
            "schema",
            "label",
            "capturedAt",
            "quote",
            "eventLog",
            "appCompose",
            "vmConfig",
            "mrConfigDocument",
            "pckCertificateChain",
            "collateral",
            "challenge",
            "selfReported"
        ]
    );
}

#[test]
fn the_schema_decides_first() {
    let schema = |schema: &str| read(&format!(r#"{{"schema":{schema},"future":1}}"#));
    assert_eq!(
        schema(r#""teeproof.bundle/2""#),
        Err(BundleError::NewerMajor { found: 2 })
    );
    for other in [
        "teeproof.bundle/0",
        "teeproof.bundle/01",
        "teeproof.bundle/+1",
        "teeproof.bundle/",
        "teeproof.bundle/1.0",
        "teeproof.bundle/99999999999999999999",
        "Teeproof.bundle/1",
        "x",
    ] {
        assert_eq!(
            schema(&format!("\"{other}\"")),
            Err(BundleError::OtherSchema {
                schema: other.into()
            }),
            "{other}"
        );
    }
    for none in ["null", "1", "[\"teeproof.bundle/1\"]"] {
        assert_eq!(schema(none), Err(BundleError::NoSchema));
    }
    assert_eq!(read("[]"), Err(BundleError::NotAnObject));
    assert_eq!(
        read(r#"{"schema":"teeproof.bundle/1"}"#),
        Err(BundleError::MissingKey { key: "quote" })
    );
}

#[test]
fn a_bundle_never_brings_what_the_judge_must_bring() {
    for (key, what) in [
        ("root", ForbiddenContent::TrustAnchor),
        ("trustAnchor", ForbiddenContent::TrustAnchor),
        ("policy", ForbiddenContent::Policy),
        ("at", ForbiddenContent::Instant),
        ("now", ForbiddenContent::Instant),
        ("verdict", ForbiddenContent::Verdict),
    ] {
        for value in ["null", "\"x\"", "{}"] {
            assert_eq!(
                with(&format!("\"{key}\":{value}")),
                Err(BundleError::Forbidden {
                    key: key.into(),
                    what
                })
            );
        }
    }
    let message = with("\"root\":1").unwrap_err().to_string();
    assert!(
        message.starts_with("`root`: a bundle never brings a trust anchor"),
        "{message}"
    );
}

#[test]
fn unknown_and_duplicate_keys_are_refused() {
    for key in ["Quote", "event_log", "x", ""] {
        assert_eq!(
            with(&format!("\"{key}\":\"\"")),
            Err(BundleError::UnknownKey { key: key.into() })
        );
    }
    assert_eq!(
        with(r#""challenge":{"bytes":"00","rule":"raw","at":1}"#),
        Err(BundleError::UnknownKey {
            key: "challenge.at".into()
        })
    );
    for entry in [
        r#""quote":"ff""#,
        r#""selfReported":{"a":"1","a":"2"}"#,
        r#""challenge":{"bytes":"00","bytes":"00","rule":"raw"}"#,
    ] {
        assert!(matches!(
            with(entry),
            Err(BundleError::Json(JsonError::DuplicateKey { .. }))
        ));
    }
    let spoilt = full().to_json().replacen("\"pck_crl\"", "\"pck_crx\"", 1);
    assert_eq!(
        read(&spoilt),
        Err(BundleError::Collateral {
            index: 0,
            error: CollateralFormatError::UnknownKey {
                key: "pck_crx".into()
            }
        })
    );
}

#[test]
fn values_of_another_type_are_refused() {
    for key in [
        "label",
        "capturedAt",
        "eventLog",
        "appCompose",
        "vmConfig",
        "mrConfigDocument",
        "pckCertificateChain",
    ] {
        for value in ["null", "1", "[]", "{}"] {
            let error = with(&format!("\"{key}\":{value}")).unwrap_err();
            assert!(
                matches!(error, BundleError::WrongType { key: found, .. } if found == key),
                "{error:?}"
            );
        }
    }
    for entry in [
        r#""collateral":{}"#,
        r#""collateral":null"#,
        r#""challenge":"00""#,
        r#""challenge":null"#,
        r#""selfReported":[]"#,
        r#""selfReported":{"a":1}"#,
        r#""selfReported":{"a":null}"#,
        r#""challenge":{"bytes":1,"rule":"raw"}"#,
    ] {
        assert!(
            matches!(with(entry), Err(BundleError::WrongType { .. })),
            "{entry}"
        );
    }
    assert_eq!(
        with(r#""collateral":[1]"#),
        Err(BundleError::Collateral {
            index: 0,
            error: CollateralFormatError::NotAnObject
        })
    );
    for date in [
        "2025-06-19",
        "2025-06-19T10:16:03+00:00",
        "2025-06-19T10:16:03.5Z",
        "",
    ] {
        assert_eq!(
            with(&format!("\"capturedAt\":\"{date}\"")),
            Err(BundleError::CapturedAt { text: date.into() })
        );
    }
}

#[test]
fn an_empty_part_is_no_part() {
    for entry in [
        r#""label":"""#,
        r#""eventLog":"""#,
        r#""collateral":[]"#,
        r#""selfReported":{}"#,
        r#""challenge":{"bytes":"","rule":"raw"}"#,
        r#""challenge":{"bytes":"00","rule":""}"#,
    ] {
        assert!(
            matches!(with(entry), Err(BundleError::Empty { .. })),
            "{entry}"
        );
    }
    assert!(matches!(
        read(r#"{"schema":"teeproof.bundle/1","quote":""}"#),
        Err(BundleError::Empty { key: "quote" })
    ));
    for (entry, key) in [
        (r#""challenge":{"rule":"raw"}"#, "challenge.bytes"),
        (r#""challenge":{"bytes":"00"}"#, "challenge.rule"),
    ] {
        assert_eq!(with(entry), Err(BundleError::MissingKey { key }));
    }
}

#[test]
fn hex_is_plain() {
    let quote = |quote: &str| {
        read(&format!(
            r#"{{"schema":"teeproof.bundle/1","quote":"{quote}"}}"#
        ))
    };
    assert_eq!(quote("FF"), Ok(small()));
    for (wrong, error) in [
        ("f", HexError::Odd { digits: 1 }),
        ("0xff", HexError::Digit { offset: 1 }),
        (" ff ", HexError::Digit { offset: 0 }),
        ("//8=", HexError::Digit { offset: 0 }),
    ] {
        assert_eq!(
            quote(wrong),
            Err(BundleError::Hex {
                key: "quote",
                error
            })
        );
    }
}

#[test]
fn caps_hold_for_reading_and_for_packing() {
    let too_long: [fn(&mut Bundle); 8] = [
        |bundle| bundle.label = Some("x".repeat(limits::SELF_REPORTED + 1)),
        |bundle| bundle.vm_config = Some("x".repeat(limits::VM_CONFIG + 1)),
        |bundle| bundle.event_log = Some("x".repeat(limits::EVENT_LOG + 1)),
        |bundle| bundle.app_compose = Some("x".repeat(limits::APP_COMPOSE + 1)),
        |bundle| bundle.pck_certificate_chain = Some("x".repeat(limits::PEM_CHAIN + 1)),
        |bundle| bundle.challenge.as_mut().unwrap().rule = "x".repeat(limits::RULE_NAME + 1),
        |bundle| {
            let value = "x".repeat(limits::SELF_REPORTED + 1);
            bundle.self_reported.insert("n".into(), value);
        },
        |bundle| bundle.mr_config_document = Some("x".repeat(limits::MR_CONFIG_DOCUMENT + 1)),
    ];
    for spoil in too_long {
        let mut bundle = full();
        spoil(&mut bundle);
        let reading = read(&bundle.to_json());
        assert!(
            matches!(reading, Err(BundleError::FieldTooLarge { .. })),
            "{reading:?}"
        );
        assert_eq!(Bundle::from_evidence(&bundle.into_evidence()), reading);
    }
    let mut bundle = small();
    bundle.quote = vec![0; limits::QUOTE + 1];
    assert!(matches!(
        read(&bundle.to_json()),
        Err(BundleError::Hex {
            key: "quote",
            error: HexError::TooLong { .. }
        })
    ));
    let mut bundle = small();
    bundle.collateral = vec![sample(); limits::COLLATERAL_FILES + 1];
    assert!(matches!(
        read(&bundle.to_json()),
        Err(BundleError::TooManyCollaterals { .. })
    ));
    assert!(matches!(
        Bundle::from_json(&vec![b' '; limits::BUNDLE + 1]),
        Err(BundleError::TooLarge { .. })
    ));
}

#[test]
fn what_a_bundle_cannot_carry_is_not_packed() {
    let mut evidence = small().into_evidence();
    evidence.app_compose = Some(b"{\"a\":\"\xff\"}".to_vec());
    assert_eq!(
        Bundle::from_evidence(&evidence),
        Err(BundleError::NotUtf8 {
            key: "appCompose",
            offset: 6
        })
    );
    // Each part within its cap, and the whole is not: every escaped character takes six bytes.
    let mut evidence = small().into_evidence();
    evidence.event_log = Some(vec![1; limits::EVENT_LOG]);
    assert!(matches!(
        Bundle::from_evidence(&evidence),
        Err(BundleError::TooLarge { .. })
    ));
    let none = InstanceEvidence::without_quote(InputKind::DstackInfo, MissingQuote::NotCarried);
    assert_eq!(Bundle::from_evidence(&none), Err(BundleError::NoQuote));
    let mut evidence = small().into_evidence();
    evidence.self_reported = vec![("a".into(), "1".into()), ("a".into(), "1".into())];
    assert_eq!(
        Bundle::from_evidence(&evidence),
        Err(BundleError::RepeatedName { name: "a".into() })
    );
}

#[cfg(feature = "schema")]
#[test]
fn the_schema_has_the_keys_that_are_read_and_no_others() {
    let schema: serde_json::Value = serde_json::from_str(&bundle_schema_json()).unwrap();
    let keys = |properties: &serde_json::Value| {
        let properties = properties.as_object().unwrap();
        properties
            .keys()
            .cloned()
            .collect::<alloc::collections::BTreeSet<_>>()
    };
    let written: serde_json::Value = serde_json::from_str(&full().to_json()).unwrap();
    assert_eq!(keys(&schema["properties"]), keys(&written));
    assert_eq!(schema["required"], serde_json::json!(["schema", "quote"]));
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["schema"]["const"], BUNDLE_SCHEMA);
    assert_eq!(schema["properties"]["eventLog"]["type"], "string");
    let collateral = &schema["$defs"]["CollateralDocument"];
    assert_eq!(collateral["required"].as_array().unwrap().len(), 9);
    assert_eq!(collateral["additionalProperties"], false);
    assert_eq!(keys(&collateral["properties"]).len(), 10);
}

#[test]
fn the_document_shows_a_bundle_as_it_is_written_and_names_every_key() {
    let document = include_str!("../../../docs/bundle.md");
    let (_, example) = document.split_once("```json\n").unwrap();
    let (example, _) = example.split_once("\n```").unwrap();
    assert_eq!(read(example).unwrap().to_json(), example);
    let written: serde_json::Value = serde_json::from_str(&full().to_json()).unwrap();
    for key in written.as_object().unwrap().keys() {
        assert!(document.contains(&format!("\n| `{key}` | ")), "{key}");
    }
}
