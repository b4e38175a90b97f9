//! Which values a key takes.

use serde_json::json;
use teeproof_core::limits;
use teeproof_core::policy::PolicyErrorKind as Kind;

use crate::{full, line_of, minimal, parse, pointers, pretty, refused};

#[test]
fn a_length_is_exact_for_all_hex() {
    let hex: Vec<_> = pointers(&full())
        .into_iter()
        .filter(|pointer| {
            let leaf = pointer.rsplit('/').next().unwrap();
            let measured = leaf.starts_with("rtmr") || leaf == "mrtd";
            let app = ["compose-hashes", "app-ids", "report-data"].contains(&leaf);
            let rest = ["fmspc", "ppid", "device-ids", "attributes", "xfam"].contains(&leaf);
            measured || app || rest
        })
        .collect();
    assert_eq!(hex.len(), 16);
    for pointer in hex {
        for edit in [
            |text: &str| format!("{text}00"),
            |text: &str| text[2..].to_owned(),
            |text: &str| text[1..].to_owned(),
            |text: &str| format!("{} ", &text[1..]),
            |text: &str| format!("{}g", &text[1..]),
            |text: &str| format!("{}é", &text[2..]),
        ] {
            let mut value = full();
            let mut at = value.pointer_mut(&pointer).unwrap();
            if at.is_array() {
                at = &mut at[0];
            }
            let wrong = edit(at.as_str().unwrap());
            *at = json!(wrong);
            let text = pretty(&value);
            refused(
                &text,
                Kind::HexInvalid,
                line_of(&text, &format!("\"{wrong}\"")),
            );
        }
    }
}

#[test]
fn a_prefix_before_hex_is_named() {
    let hash = "ab".repeat(32);
    for prefix in ["0x", "0X", "sha256:"] {
        let value = minimal(
            "app",
            json!({ "compose-hashes": [format!("{prefix}{hash}")] }),
        );
        let text = pretty(&value);
        refused(&text, Kind::HexPrefix, line_of(&text, prefix));
        let error = parse(&value).unwrap_err();
        assert!(error.to_string().contains(prefix), "{error}");
        assert!(error.to_string().contains("remove the prefix"), "{error}");
    }
    let provider = json!({ "key-providers": [{ "kind": "kms", "id": "0x3059" }] });
    let text = pretty(&minimal("app", provider));
    refused(&text, Kind::HexPrefix, line_of(&text, "0x3059"));
}

#[test]
fn revoked_is_never_accepted() {
    for key in ["merged", "platform", "module", "qe", "current"] {
        let text = pretty(&minimal("tcb", json!({ key: ["UpToDate", "Revoked"] })));
        refused(&text, Kind::StatusRevoked, line_of(&text, "Revoked"));
    }
}

#[test]
fn a_status_is_one_that_the_component_can_have() {
    let misplaced = [
        ("platform", "TDRelaunchAdvised"),
        ("platform", "TDRelaunchAdvisedConfigurationNeeded"),
        ("module", "SWHardeningNeeded"),
        ("module", "ConfigurationNeeded"),
        ("module", "OutOfDateConfigurationNeeded"),
        ("qe", "SWHardeningNeeded"),
        ("qe", "ConfigurationAndSWHardeningNeeded"),
        ("current", "TDRelaunchAdvised"),
    ];
    for (key, status) in misplaced {
        let tcb = json!({ "out-of-date-grace-days": 1, key: [status] });
        let text = pretty(&minimal("tcb", tcb));
        refused(&text, Kind::StatusMisplaced, line_of(&text, status));
    }
    for wrong in [
        "uptodate",
        "Up-To-Date",
        "OUT_OF_DATE",
        "SwHardeningNeeded",
        "*",
    ] {
        let text = pretty(&minimal("tcb", json!({ "merged": [wrong] })));
        refused(&text, Kind::WordUnknown, line_of(&text, wrong));
    }
}

#[test]
fn words_are_spelled_in_one_way() {
    for (key, part, wrong) in [
        ("tee", json!(["TDX"]), "TDX"),
        ("tee", json!(["sev-snp"]), "sev-snp"),
        ("engines", json!("two"), "two"),
        ("freshness", json!("yes"), "yes"),
        ("channel", json!("tls"), "tls"),
        (
            "app",
            json!({ "key-providers": [{ "kind": "KMS", "id": "00" }] }),
            "KMS",
        ),
    ] {
        let text = pretty(&minimal(key, part));
        refused(&text, Kind::WordUnknown, line_of(&text, wrong));
    }
}

#[test]
fn an_out_of_date_status_needs_a_grace() {
    for (key, status) in [
        ("merged", "OutOfDate"),
        ("merged", "OutOfDateConfigurationNeeded"),
        ("merged", "TDRelaunchAdvised"),
        ("merged", "TDRelaunchAdvisedConfigurationNeeded"),
        ("platform", "OutOfDate"),
        ("module", "OutOfDate"),
        ("qe", "OutOfDateConfigurationNeeded"),
        ("current", "OutOfDate"),
    ] {
        let mut value = minimal("tcb", json!({ key: ["UpToDate", status] }));
        let text = pretty(&value);
        refused(&text, Kind::GraceMissing, line_of(&text, "\"tcb\": {"));
        value["tcb"]["out-of-date-grace-days"] = json!(0);
        parse(&value).unwrap();
    }
}

#[test]
fn a_grace_without_a_status_is_refused() {
    for statuses in [
        json!(["UpToDate"]),
        json!(["SWHardeningNeeded", "ConfigurationNeeded"]),
    ] {
        let tcb = json!({ "merged": statuses, "out-of-date-grace-days": 30 });
        let text = pretty(&minimal("tcb", tcb));
        refused(&text, Kind::GraceUnneeded, line_of(&text, "\"tcb\": {"));
    }
}

#[test]
fn numbers_have_a_range() {
    for (key, number) in [
        ("out-of-date-grace-days", json!(36_501)),
        ("out-of-date-grace-days", json!(-1)),
        ("out-of-date-grace-days", json!(u64::MAX)),
        ("min-evaluation-number", json!(-1)),
        ("min-root-crl-number", json!(9_007_199_254_740_992_u64)),
        ("min-pck-crl-number", json!(i64::MIN)),
    ] {
        let text = pretty(&minimal(
            "tcb",
            json!({ "merged": ["OutOfDate"], key: number }),
        ));
        refused(&text, Kind::NumberRange, line_of(&text, key));
    }
    for number in ["1.0", "1e2", "\"1\"", "true", "99999999999999999999"] {
        let text = format!(
            "{{\"schema\": \"teeproof.policy/1\",\n\"tcb\": {{\n\"min-root-crl-number\": {number}}}}}"
        );
        refused(&text, Kind::WrongType, 3);
    }
    let largest = json!({
        "merged": ["OutOfDate"],
        "out-of-date-grace-days": 36_500,
        "min-root-crl-number": 9_007_199_254_740_991_u64,
    });
    parse(&minimal("tcb", largest)).unwrap();
}

#[test]
fn an_advisory_is_tolerated_or_denied() {
    let tcb = json!({
        "tolerated-advisories": ["INTEL-SA-00837", "INTEL-SA-00002"],
        "denied-advisories": ["INTEL-SA-00001", "INTEL-SA-00002"],
    });
    let value = minimal("tcb", tcb);
    let text = pretty(&value);
    let table = line_of(&text, "\"tcb\": {");
    refused(&text, Kind::AdvisoryContradiction, table);
    assert!(
        parse(&value)
            .unwrap_err()
            .detail()
            .contains("INTEL-SA-00002")
    );
}

#[test]
fn an_advisory_in_another_spelling_is_refused() {
    for wrong in [
        "intel-sa-00837",
        "INTEL-SA-837",
        "INTEL-SA-0083",
        "INTEL-SA-008371",
        "INTEL-SA-0083x",
        " INTEL-SA-00837",
        "SA-00837",
        "INTEL-",
        "CVE-2024-1",
    ] {
        for key in ["tolerated-advisories", "denied-advisories"] {
            let text = pretty(&minimal("tcb", json!({ key: [wrong] })));
            refused(
                &text,
                Kind::AdvisoryInvalid,
                line_of(&text, &format!("\"{wrong}\"")),
            );
        }
    }
}

#[test]
fn a_key_provider_needs_its_id() {
    for kind in ["kms", "local-sgx", "tpm"] {
        let text = pretty(&minimal(
            "app",
            json!({ "key-providers": [{ "kind": kind }] }),
        ));
        refused(&text, Kind::KeyProviderId, line_of(&text, kind) - 1);
    }
    let text = pretty(&minimal(
        "app",
        json!({ "key-providers": [{ "id": "00" }] }),
    ));
    refused(&text, Kind::MissingKey, line_of(&text, "\"id\"") - 1);
    let long = "00".repeat(limits::KEY_PROVIDER_ID + 1);
    for id in ["305", "3g", long.as_str()] {
        let provider = json!({ "key-providers": [{ "kind": "kms", "id": id }] });
        let text = pretty(&minimal("app", provider));
        refused(&text, Kind::HexInvalid, line_of(&text, "\"id\""));
    }
}

#[test]
fn an_os_entry_is_whole() {
    for key in ["name", "mrtd", "rtmr1", "rtmr2"] {
        let mut os = full()["os"][1].clone();
        os.as_object_mut().unwrap().remove(key);
        let text = pretty(&minimal("os", json!([os])));
        refused(&text, Kind::MissingKey, line_of(&text, "    {"));
    }
    let text = pretty(&minimal("os", json!([{}])));
    refused(&text, Kind::MissingKey, line_of(&text, "{}"));
}

#[test]
fn names_can_be_printed() {
    let long = "x".repeat(limits::QUOTED_TEXT + 1);
    for wrong in [
        "a\nPASSED",
        "\u{1b}[32mok",
        "a\u{202e}b",
        "\u{200b}",
        " a",
        "a ",
        &long,
    ] {
        let value = minimal("name", json!(wrong));
        refused(
            &pretty(&value),
            Kind::LabelInvalid,
            line_of(&pretty(&value), "name"),
        );
        let mut value = full();
        value["os"][0]["name"] = json!(wrong);
        assert_eq!(
            parse(&value).unwrap_err().kind(),
            Kind::LabelInvalid,
            "{wrong:?}"
        );
    }
    parse(&minimal("name", json!("Übung 1: \"prod\""))).unwrap();
}
