//! Logs that replay, and logs that were tampered with.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::worked::{self, FIRST_RUNTIME, boot, parts, registers, runtime};
use super::*;
use crate::bytes::{Measurement, encode_hex};
use crate::json_shape::JsonFault;
use crate::reason::Reason;
use crate::value::Value;

const DIGEST: &str = "394341b7182cd227c5c6b07ef8000cdfd86136c4292b8e576573ad7ed9ae41019f5818b4b971c9effc60e1ad9f1289f0";

fn log() -> EventLog {
    EventLog::from_parts(parts()).unwrap()
}

/// One runtime event as JSON, with `extra` fields.
fn runtime_json(name: &str, payload: &str, extra: &str) -> String {
    format!(
        r#"[{{"imr":3,"event_type":134217729,"digest":"","event":"{name}","event_payload":"{payload}"{extra}}}]"#
    )
}

fn parse_error(json: &str) -> LogError {
    EventLog::parse(json.as_bytes()).unwrap_err()
}

/// The reason for which a changed worked log is refused, be it on reading or on replay.
fn refusal(change: impl FnOnce(&mut Vec<EventParts>)) -> Option<Reason> {
    let mut parts = parts();
    change(&mut parts);
    EventLog::from_parts(parts)
        .and_then(|log| log.replay_against(&registers()))
        .err()
        .map(|error| error.reason())
}

#[test]
fn the_worked_log_replays_to_its_registers() {
    assert_eq!(log().replay(), Ok(registers()));
    let replayed = log().replay_against(&registers()).unwrap();
    assert_eq!(replayed.registers(), &registers());
    assert_eq!(replayed.events().len(), FIRST_RUNTIME + 8);
}

#[test]
fn runtime_digests_are_those_of_name_and_payload() {
    for (name, payload, digest) in worked::RUNTIME {
        let log = EventLog::from_parts(vec![runtime(name, payload)]).unwrap();
        assert_eq!(log.events()[0].digest().to_string(), *digest, "{name}");
        assert_eq!(log.events()[0].stated_digest(), None);
    }
}

#[test]
fn the_log_survives_a_round_trip() {
    let mut parts = parts();
    parts[FIRST_RUNTIME].digest.clear();
    parts[FIRST_RUNTIME + 1] = EventParts {
        name: "quote\" slash\\ 测试".to_string(),
        ..v2("x", &[0xff])
    };
    let log = EventLog::from_parts(parts).unwrap();
    let json = log.to_json();
    assert_eq!(EventLog::parse(json.as_bytes()), Ok(log.clone()));
    let quoted = serde_json::to_string(&json).unwrap();
    assert_eq!(EventLog::parse(quoted.as_bytes()), Ok(log));
}

#[test]
fn pitfall_13_a_stated_digest_is_never_trusted() {
    // A forged payload with the true digest would replay if the digest were believed.
    for index in FIRST_RUNTIME..parts().len() {
        assert_eq!(
            refusal(|parts| parts[index].payload.push(0)),
            Some(Reason::LogDigestMismatch)
        );
        assert_eq!(
            refusal(|parts| parts[index].digest[47] ^= 1),
            Some(Reason::LogDigestMismatch)
        );
        // The same forgery without the digest is caught by the replay.
        assert_eq!(
            refusal(|parts| {
                parts[index].payload.push(0);
                parts[index].digest.clear();
            }),
            Some(Reason::LogReplayMismatch)
        );
    }
}

#[test]
fn a_wrong_digest_is_reported_with_both_values() {
    let mut parts = parts();
    parts[FIRST_RUNTIME].digest = vec![0; 48];
    let error = EventLog::from_parts(parts)
        .unwrap()
        .check_digests()
        .unwrap_err();
    assert_eq!(
        error.found(),
        Some(Value::Fields(vec![
            ("event", Value::count(FIRST_RUNTIME)),
            ("name", Value::from("system-preparing")),
            ("digest", Value::text(Measurement::zero())),
        ]))
    );
    assert_eq!(error.expected(), Some(Value::from(worked::RUNTIME[0].2)));
}

#[test]
fn pitfall_17_a_colon_in_a_name_is_refused() {
    // Both splits have the same V1 preimage, hence the same digest.
    let same = |name: &str, payload: &str| [name.as_bytes(), b":", payload.as_bytes()].concat();
    assert_eq!(same("a:b", "c"), same("a", "b:c"));
    assert!(EventLog::from_parts(vec![runtime("a", b"b:c")]).is_ok());
    for (name, fault) in [
        ("a:b", NameFault::Colon),
        (":", NameFault::Colon),
        ("a\nb", NameFault::Control),
        ("a\u{7f}", NameFault::Control),
        ("\u{85}", NameFault::Control),
        ("", NameFault::Empty),
    ] {
        let error = EventLog::from_parts(vec![runtime(name, b"")]).unwrap_err();
        assert_eq!(error.reason(), Reason::LogEventName);
        assert_eq!(
            error,
            LogError::Name {
                index: 0,
                name: name.to_string(),
                fault
            }
        );
    }
    let long = "n".repeat(limits::EVENT_NAME + 1);
    let error = EventLog::from_parts(vec![runtime(&long, b"")]).unwrap_err();
    assert_eq!(error.reason(), Reason::LogEventName);
    assert!(EventLog::from_parts(vec![runtime(long.split_at(1).1, b"")]).is_ok());
}

#[test]
fn names_of_boot_events_follow_the_same_rules() {
    for name in ["a:b", "a\tb"] {
        let event = EventParts {
            name: name.to_string(),
            ..boot(0, 4, DIGEST)
        };
        let error = EventLog::from_parts(vec![event]).unwrap_err();
        assert_eq!(error.reason(), Reason::LogEventName);
    }
}

#[test]
fn pitfall_18_an_empty_digest_is_recomputed_and_no_zero_hash() {
    let mut stripped = parts();
    for event in &mut stripped[FIRST_RUNTIME..] {
        event.digest.clear();
    }
    let log = EventLog::from_parts(stripped).unwrap();
    assert_eq!(log.replay(), Ok(registers()));
    // Outside RTMR3 there is nothing to recompute from.
    for index in 0..FIRST_RUNTIME {
        assert_eq!(
            refusal(|parts| parts[index].digest.clear()),
            Some(Reason::LogMalformed)
        );
    }
    assert_eq!(
        refusal(|parts| parts[FIRST_RUNTIME].digest = vec![0; 48]),
        Some(Reason::LogDigestMismatch)
    );
}

fn v2(name: &str, payload: &[u8]) -> EventParts {
    EventParts {
        version: 2,
        ..runtime(name, payload)
    }
}

#[test]
fn pitfall_19_a_v2_preimage_is_the_canonical_one() {
    let canonical = r#"{"name":"compose-hash","payload":"abcd","type":134217729}"#;
    let event = |preimage: &str| EventParts {
        preimage: Some(preimage.as_bytes().to_vec()),
        ..v2("compose-hash", &[0xab, 0xcd])
    };
    let check = |event| EventLog::from_parts(vec![event]).unwrap().check_digests();
    assert_eq!(check(event(canonical)), Ok(()));
    let digest = crate::bytes::sha384(&[canonical.as_bytes()]);
    let log = EventLog::from_parts(vec![v2("compose-hash", &[0xab, 0xcd])]).unwrap();
    assert_eq!(log.events()[0].digest(), digest);
    for other in [
        r#"{"name":"compose-hash","payload":"ABCD","type":134217729}"#,
        r#"{"name": "compose-hash","payload":"abcd","type":134217729}"#,
        r#"{"payload":"abcd","name":"compose-hash","type":134217729}"#,
        r#"{"name":"compose-hash","payload":"abcd","type":134217729.0}"#,
        r#"{"name":"compose-hash","payload":"abce","type":134217729}"#,
        "",
    ] {
        // Not even with the digest of that preimage.
        let forged = EventParts {
            digest: crate::bytes::sha384(&[other.as_bytes()])
                .as_slice()
                .to_vec(),
            ..event(other)
        };
        assert_eq!(
            check(forged).unwrap_err().reason(),
            Reason::LogPreimageMismatch
        );
        assert_eq!(
            check(event(other)).unwrap_err().reason(),
            Reason::LogPreimageMismatch
        );
    }
    let swapped = EventParts {
        version: 1,
        ..event(canonical)
    };
    assert_eq!(
        check(swapped).unwrap_err().reason(),
        Reason::LogPreimageMismatch
    );
}

#[test]
fn v2_names_are_escaped_as_rfc_8785_does() {
    let log = EventLog::from_parts(vec![v2("a\"b\\c é", &[])]).unwrap();
    let canonical = "{\"name\":\"a\\\"b\\\\c é\",\"payload\":\"\",\"type\":134217729}";
    assert_eq!(
        log.events()[0].digest(),
        crate::bytes::sha384(&[canonical.as_bytes()])
    );
}

#[test]
fn an_event_of_another_version_has_another_digest() {
    assert_eq!(
        refusal(|parts| {
            parts[FIRST_RUNTIME].version = 2;
            parts[FIRST_RUNTIME].digest.clear();
        }),
        Some(Reason::LogReplayMismatch)
    );
    for version in [0, 3, u32::MAX] {
        assert_eq!(
            refusal(|parts| parts[FIRST_RUNTIME].version = version),
            Some(Reason::LogMalformed)
        );
    }
}

#[test]
fn pitfall_20_all_four_registers_are_replayed() {
    for (index, event) in parts().iter().enumerate().take(FIRST_RUNTIME) {
        let mut forged = parts();
        forged[index].digest[0] ^= 1;
        let error = EventLog::from_parts(forged)
            .unwrap()
            .replay_against(&registers())
            .unwrap_err();
        let LogError::Replay(mismatches) = error else {
            panic!("{error}");
        };
        assert_eq!(mismatches.len(), 1);
        assert_eq!(mismatches[0].register.number(), event.register);
    }
}

#[test]
fn every_register_that_differs_is_named() {
    let mut expected = registers();
    expected[0] = Measurement::zero();
    expected[2] = Measurement::zero();
    let error = log().replay_against(&expected).unwrap_err();
    assert_eq!(error.reason(), Reason::LogReplayMismatch);
    let zero = Value::text(Measurement::zero());
    assert_eq!(
        error.expected(),
        Some(Value::Fields(vec![
            ("rtmr0", zero.clone()),
            ("rtmr2", zero)
        ]))
    );
    assert_eq!(
        error.found(),
        Some(Value::Fields(vec![
            ("rtmr0", Value::from(worked::REGISTERS[0])),
            ("rtmr2", Value::from(worked::REGISTERS[2])),
        ]))
    );
    assert_eq!(error.to_string(), "the log does not replay to rtmr0 rtmr2");
}

#[test]
fn order_and_number_of_events_count() {
    for index in FIRST_RUNTIME..parts().len() - 1 {
        assert_eq!(
            refusal(|parts| parts.swap(index, index + 1)),
            Some(Reason::LogReplayMismatch)
        );
    }
    for index in 0..parts().len() {
        let drop_one = refusal(|parts| drop(parts.remove(index)));
        assert_eq!(drop_one, Some(Reason::LogReplayMismatch));
        let twice = refusal(|parts| parts.insert(index, parts[index].clone()));
        assert_eq!(twice, Some(Reason::LogReplayMismatch));
    }
    assert_eq!(
        refusal(|parts| parts.clear()),
        Some(Reason::LogReplayMismatch)
    );
}

#[test]
fn runtime_events_stand_in_rtmr3_and_nothing_else_does() {
    for register in 0..3 {
        assert_eq!(
            refusal(|parts| parts[FIRST_RUNTIME].register = register),
            Some(Reason::LogEventForeign)
        );
    }
    for event_type in [0, 4, 0x8000_0001, RUNTIME_EVENT_TYPE + 1] {
        assert_eq!(
            refusal(|parts| parts[FIRST_RUNTIME].event_type = event_type),
            Some(Reason::LogEventForeign)
        );
    }
    assert_eq!(
        refusal(|parts| parts[0].register = 3),
        Some(Reason::LogEventForeign)
    );
    for register in [4, 255, u32::MAX] {
        assert_eq!(
            refusal(|parts| parts[0].register = register),
            Some(Reason::LogMalformed)
        );
    }
}

#[test]
fn boot_events_carry_neither_version_nor_preimage() {
    assert_eq!(
        refusal(|parts| parts[0].version = 2),
        Some(Reason::LogMalformed)
    );
    assert_eq!(
        refusal(|parts| parts[0].preimage = Some(vec![])),
        Some(Reason::LogMalformed)
    );
}

#[test]
fn pitfall_21_one_layer_of_string_is_taken_off_and_no_second() {
    let array = runtime_json("x", "", "");
    let once = serde_json::to_string(&array).unwrap();
    let twice = serde_json::to_string(&once).unwrap();
    assert!(EventLog::parse(array.as_bytes()).is_ok());
    assert_eq!(
        EventLog::parse(once.as_bytes()),
        EventLog::parse(array.as_bytes())
    );
    assert!(EventLog::parse(format!(" \n{once}\n").as_bytes()).is_ok());
    assert_eq!(parse_error(&twice).reason(), Reason::LogMalformed);
    assert_eq!(
        parse_error(&format!("{once}{once}")).reason(),
        Reason::LogMalformed
    );
    assert_eq!(
        parse_error(&format!("[{once}]")).reason(),
        Reason::LogMalformed
    );
}

#[test]
fn pitfall_22_hex_is_read_in_either_case_and_odd_lengths_are_refused() {
    let lower = EventLog::parse(runtime_json("x", "abcd", "").as_bytes()).unwrap();
    let upper = EventLog::parse(runtime_json("x", "ABcD", "").as_bytes()).unwrap();
    assert_eq!(lower, upper);
    for payload in ["a", "abc", "0xab", "zz", " ab", "ab ", "é"] {
        let error = parse_error(&runtime_json("x", payload, ""));
        assert!(
            matches!(
                error,
                LogError::Field {
                    index: 0,
                    field: EventField::Payload,
                    fault: FieldFault::Hex(_)
                }
            ),
            "{payload}: {error}"
        );
    }
    for digest in [
        "ab",
        DIGEST.split_at(1).1,
        DIGEST.split_at(2).1,
        &format!("{DIGEST}00"),
    ] {
        let json = runtime_json("x", "", "")
            .replace("\"digest\":\"\"", &format!("\"digest\":\"{digest}\""));
        let error = parse_error(&json);
        assert!(
            matches!(
                error,
                LogError::Field {
                    field: EventField::Digest,
                    ..
                }
            ),
            "{error}"
        );
    }
    let odd_preimage = parse_error(&runtime_json("x", "", r#","version":2,"preimage":"abc""#));
    assert!(matches!(
        odd_preimage,
        LogError::Field {
            field: EventField::Preimage,
            ..
        }
    ));
}

#[test]
fn json_is_read_strictly() {
    let good = runtime_json("x", "", "");
    assert!(EventLog::parse(good.as_bytes()).is_ok());
    for (json, fault) in [
        (runtime_json("x", "", r#","event":"y""#), JsonFault::Shape),
        (runtime_json("x", "", r#","Event":"y""#), JsonFault::Shape),
        (runtime_json("x", "", r#","version":"2""#), JsonFault::Shape),
        (good.replace("\"imr\":3", "\"imr\":3.0"), JsonFault::Shape),
        (good.replace("\"imr\":3", "\"imr\":-1"), JsonFault::Shape),
        (good.replace("\"imr\":3", "\"imr\":\"3\""), JsonFault::Shape),
        (good.replace("134217729", "4429185025"), JsonFault::Shape),
        (
            good.replace("\"event_payload\":\"\"", "\"event_payload\":null"),
            JsonFault::Shape,
        ),
        (
            good.replace(",\"event_payload\":\"\"", ""),
            JsonFault::Shape,
        ),
        (
            "[[3,134217729,\"\",\"x\",\"\",1,null]]".to_string(),
            JsonFault::Shape,
        ),
        ("{}".to_string(), JsonFault::Shape),
        ("null".to_string(), JsonFault::Shape),
        ("7".to_string(), JsonFault::Shape),
        (format!("{good},"), JsonFault::Syntax),
        (good.replace("]", ",]"), JsonFault::Syntax),
        (good.replace("]", ""), JsonFault::Truncated),
        (String::new(), JsonFault::Truncated),
        ("\"".to_string(), JsonFault::Truncated),
        ("[".repeat(100_000), JsonFault::Shape),
    ] {
        let error = parse_error(&json);
        assert!(
            matches!(error, LogError::Json(error) if error.fault == fault),
            "{error} {:.90}",
            json
        );
        assert_eq!(error.reason(), Reason::LogMalformed);
        assert_eq!((error.found(), error.expected()), (None, None));
    }
    assert!(EventLog::parse(b"[{\"imr\":\xff}]").is_err());
}

#[test]
fn caps_hold_before_anything_is_allocated() {
    let too_large = vec![b' '; limits::EVENT_LOG + 1];
    assert!(matches!(
        EventLog::parse(&too_large),
        Err(LogError::TooLarge { .. })
    ));
    let event = runtime_json("x", "", "");
    let event = event.trim_start_matches('[').trim_end_matches(']');
    let many = |count| format!("[{}]", vec![event; count].join(","));
    assert!(EventLog::parse(many(limits::EVENTS).as_bytes()).is_ok());
    let too_many = LogError::TooManyEvents {
        limit: limits::EVENTS,
    };
    assert_eq!(parse_error(&many(limits::EVENTS + 1)), too_many);
    assert_eq!(
        EventLog::from_parts(vec![runtime("x", b""); limits::EVENTS + 1]),
        Err(too_many)
    );
    let payload = vec![0; limits::EVENT_PAYLOAD + 1];
    let long = EventLog::parse(runtime_json("x", &encode_hex(&payload), "").as_bytes());
    assert_eq!(long.unwrap_err().reason(), Reason::LogMalformed);
    let long = EventLog::from_parts(vec![runtime("x", &payload)]);
    assert_eq!(long.unwrap_err().reason(), Reason::LogMalformed);
    assert!(EventLog::from_parts(vec![runtime("x", &payload[1..])]).is_ok());
}

#[test]
fn untrusted_names_are_cut_in_values() {
    let name = format!("{}:", "n".repeat(200));
    let error = EventLog::from_parts(vec![runtime(&name, b"")]).unwrap_err();
    let Some(Value::Fields(fields)) = error.found() else {
        panic!("{error}");
    };
    let Value::Text(text) = &fields[1].1 else {
        panic!("{error}");
    };
    assert_eq!(text.chars().count(), limits::QUOTED_TEXT + 1);
    assert!(!error.to_string().contains("nnn"));
}
