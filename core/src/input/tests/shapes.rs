//! The JSON forms.

use super::*;
use alloc::format;
use alloc::string::ToString;

const LOG: &str = r#"[ {"imr":3, "event":"x"} ]"#;

/// `LOG` as a JSON string.
const LOG_STRING: &str = r#""[ {\"imr\":3, \"event\":\"x\"} ]""#;

fn some(text: &str) -> Option<&[u8]> {
    Some(text.as_bytes())
}

#[test]
fn get_quote_and_verifier_request() {
    let quote = hex(&QUOTE);
    let body = format!(
        r#""quote":"0x{quote}","event_log":{LOG_STRING},"vm_config":"{{\"mr_config\":\"d\"}}""#
    );
    let request = one(&format!("{{{body}}}"));
    assert_eq!(request.kind, InputKind::DstackVerifierRequest);
    assert_eq!(request.quote.as_deref(), Some(QUOTE.as_slice()));
    assert_eq!(request.event_log.as_deref(), some(LOG));
    assert_eq!(request.vm_config.as_deref(), some(r#"{"mr_config":"d"}"#));
    assert_eq!(request.mr_config_document.as_deref(), some("d"));
    assert_eq!(request.missing, None);
    let answer = one(&format!(r#"{{{body},"report_data":"00","extra":[1]}}"#));
    assert_eq!(answer.kind, InputKind::DstackGetQuote);
    assert_eq!(
        answer.self_reported,
        [("report_data".to_string(), "00".to_string())]
    );
    // The claimed report data stays a claim: all the rest is the same.
    assert_eq!(answer.event_log, request.event_log);
}

#[test]
fn the_log_is_kept_exactly_as_an_array_or_as_a_string_even_twice_over() {
    let quote = hex(&QUOTE);
    let twice = serde_json::to_string(LOG_STRING).unwrap();
    for log in [LOG, LOG_STRING, &twice] {
        let evidence = one(&format!(r#"{{"quote":"{quote}","event_log":{log}}}"#));
        assert_eq!(evidence.event_log.as_deref(), some(LOG), "{log}");
    }
    for none in ["null", "\"\"", "\" \""] {
        let evidence = one(&format!(r#"{{"quote":"{quote}","event_log":{none}}}"#));
        assert_eq!(evidence.event_log, None, "{none}");
    }
    let thrice = serde_json::to_string(&twice).unwrap();
    for wrong in [&thrice, "\"{}\"", "{}", "17", "\"\\\"x\"", "\"x\""] {
        assert!(
            matches!(
                refusal(&format!(r#"{{"quote":"{quote}","event_log":{wrong}}}"#)),
                InputError::Field {
                    field: "event_log",
                    error: InputFieldError::NotALog | InputFieldError::Json(_)
                }
            ),
            "{wrong}"
        );
    }
}

#[test]
fn a_quote_field_must_hold_bytes() {
    let field = |value: &str| match refusal(&format!(r#"{{"quote":{value},"event_log":[]}}"#)) {
        InputError::Field {
            field: "quote",
            error,
        } => error,
        other => panic!("{value}: {other:?}"),
    };
    assert_eq!(field("null"), InputFieldError::Empty);
    assert_eq!(field("\"\""), InputFieldError::Empty);
    assert_eq!(field("[4,0,2]"), InputFieldError::NotText);
    assert!(matches!(field("\"040\""), InputFieldError::Hex(_)));
    assert!(matches!(field("\"hello\""), InputFieldError::Hex(_)));
    let long = hex(&vec![4; limits::QUOTE + 1]);
    assert!(matches!(
        field(&format!("\"{long}\"")),
        InputFieldError::Hex(_)
    ));
    // The field says that it is a quote: the verifier says why it is not.
    assert_eq!(one(r#"{"quote":"cafe"}"#).quote, Some(vec![0xca, 0xfe]));
    // Base64 only where it yields a quote: `AAAA` would pass for either.
    use base64::Engine as _;
    let base64 = base64::prelude::BASE64_STANDARD.encode(QUOTE);
    let evidence = one(&format!(r#"{{"quote":"{base64}"}}"#));
    assert_eq!(evidence.quote.as_deref(), Some(QUOTE.as_slice()));
}

#[test]
fn duplicate_keys_are_refused_in_every_form_and_at_every_depth() {
    let quote = hex(&QUOTE);
    for text in [
        format!(r#"{{"quote":"{quote}","quote":"{quote}"}}"#),
        format!(r#"{{"quote":"{quote}","event_log":[{{"imr":3,"imr":0}}]}}"#),
        r#"[{"imr":3,"event":"a","event":"b"}]"#.to_string(),
        r#"{"docker_compose_file":"","runner":"a","runner":"b"}"#.to_string(),
        r#"{"cpu_count":1,"memory_size":2,"cpu_count":3}"#.to_string(),
        r#"{"instances":[{"quote":null,"quote":null}]}"#.to_string(),
        r#"{"unknown":{"a":1,"a":2}}"#.to_string(),
    ] {
        assert!(
            matches!(
                refusal(&text),
                InputError::Json(crate::JsonError::DuplicateKey { .. })
            ),
            "{text}"
        );
    }
    assert!(matches!(
        refusal(r#"{"tcb_info":"{\"mrtd\":\"a\",\"mrtd\":\"b\"}"}"#),
        InputError::Field {
            field: "tcb_info",
            error: InputFieldError::Json(crate::JsonError::DuplicateKey { .. })
        }
    ));
}

#[test]
fn info_gives_parts_and_keeps_its_registers_apart() {
    let tcb_info = r#"{\"mrtd\":\"aa\",\"rtmr3\":\"bb\",\"app_compose\":\"{ \\\"runner\\\":1}\",\"event_log\":[{\"imr\": 0}]}"#;
    let info = one(&format!(
        r#"{{"app_id":"a1","instance_id":"i1","app_cert":"-","tcb_info":"{tcb_info}","vm_config":"{{}}"}}"#
    ));
    assert_eq!(info.kind, InputKind::DstackInfo);
    assert_eq!(info.quote, None);
    assert_eq!(info.missing, Some(MissingQuote::NotCarried));
    assert_eq!(info.app_compose.as_deref(), some(r#"{ "runner":1}"#));
    assert_eq!(info.event_log.as_deref(), some(r#"[{"imr": 0}]"#));
    assert_eq!(info.vm_config.as_deref(), some("{}"));
    assert_eq!(info.label.as_deref(), Some("i1"));
    let reported = |name: &str| {
        info.self_reported
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(reported("tcb_info.mrtd"), Some("aa"));
    assert_eq!(reported("app_id"), Some("a1"));
    assert_eq!(reported("app_cert"), None);
    // The guest hides it from the outside.
    let hidden = one(r#"{"app_id":"a1","tcb_info":"","vm_config":""}"#);
    assert_eq!(
        (hidden.event_log, hidden.app_compose, hidden.vm_config),
        (None, None, None)
    );
    assert!(matches!(
        refusal(r#"{"tcb_info":"not json"}"#),
        InputError::Field {
            field: "tcb_info",
            error: InputFieldError::Json(_)
        }
    ));
    assert!(matches!(
        refusal(r#"{"tcb_info":"[]"}"#),
        InputError::Field {
            field: "tcb_info",
            error: InputFieldError::NotAnObject
        }
    ));
}

#[test]
fn a_parsed_app_compose_is_not_taken_for_the_measured_bytes() {
    let tcb_info = one(r#"{"mrtd":"a","rtmr3":"b","app_compose":{"runner":"x"},"event_log":[]}"#);
    assert_eq!(tcb_info.kind, InputKind::DstackTcbInfo);
    assert_eq!(tcb_info.app_compose, None);
}

#[test]
fn one_cvm_of_the_cloud_has_its_quote_in_the_leaf_certificate() {
    let quote = hex(&QUOTE);
    let cvm = one(&format!(
        r#"{{"name":"n","is_online":true,"app_certificates":[{{"quote":"{quote}"}},{{"quote":null}}],
            "tcb_info":{{"mrtd":"aa","event_log":{LOG},"app_compose":"{{}}"}},"compose_file":{{}}}}"#
    ));
    assert_eq!(cvm.kind, InputKind::PhalaCvmAttestation);
    assert_eq!(cvm.quote.as_deref(), Some(QUOTE.as_slice()));
    assert_eq!(cvm.event_log.as_deref(), some(LOG));
    assert_eq!(cvm.app_compose.as_deref(), some("{}"));
    // Only the leaf's quote is this machine's.
    let issuer = one(&format!(
        r#"{{"app_certificates":[{{"quote":null}},{{"quote":"{quote}"}}]}}"#
    ));
    assert_eq!(issuer.missing, Some(MissingQuote::Null));
    let offline = one(
        r#"{"name":"n","is_online":false,"error":"unreachable","app_certificates":null,"tcb_info":null}"#,
    );
    assert_eq!(
        offline.missing,
        Some(MissingQuote::Reported {
            error: "unreachable".to_string()
        })
    );
    for wrong in ["{}", "[1]", "\"x\""] {
        assert!(matches!(
            refusal(&format!(r#"{{"app_certificates":{wrong}}}"#)),
            InputError::Field {
                field: "app_certificates",
                error: InputFieldError::NotObjects
            }
        ));
    }
}

#[test]
fn instances_without_evidence_are_kept_with_their_reason() {
    let quote = hex(&QUOTE);
    let text = format!(
        r#"{{"app_id":"a","instances":[
            {{"instance_id":"i0","quote":"{quote}"}},
            {{"vm_uuid":"u1","quote":null}},
            {{"name":"n2","quote":null,"error":{{"code":5}}}},
            {{"quote":"xyz"}},
            {{"quote":"","app_certificates":[{{"quote":"{quote}"}}]}},
            {{"quote":"{quote}","error":"late"}}]}}"#
    );
    let Ok(Recognised::Evidence(all)) = recognise(text.as_bytes()) else {
        panic!("not recognised");
    };
    let missing: Vec<_> = all.iter().map(|one| one.missing.clone()).collect();
    assert_eq!(missing[0], None);
    assert_eq!(missing[1], Some(MissingQuote::Null));
    assert_eq!(
        missing[2],
        Some(MissingQuote::Reported {
            error: r#"{"code":5}"#.to_string()
        })
    );
    assert!(matches!(missing[3], Some(MissingQuote::Unreadable(_))));
    assert_eq!((&missing[4], &missing[5]), (&None, &None));
    assert!(
        all.iter()
            .all(|one| one.quote.is_some() == one.missing.is_none())
    );
    let labels: Vec<_> = all.iter().map(|one| one.label.as_deref()).collect();
    assert_eq!(labels[..3], [Some("i0"), Some("u1"), Some("n2")]);

    assert_eq!(refusal(r#"{"instances":[]}"#), InputError::NoInstances);
    for wrong in [
        r#"{"instances":{}}"#,
        r#"{"instances":[1]}"#,
        r#"{"instances":null}"#,
    ] {
        assert!(
            matches!(
                refusal(wrong),
                InputError::Field {
                    field: "instances",
                    ..
                }
            ),
            "{wrong}"
        );
    }
    let many = format!(
        r#"{{"instances":[{}{{}}]}}"#,
        "{},".repeat(limits::INSTANCES)
    );
    assert!(matches!(
        refusal(&many),
        InputError::TooManyInstances { .. }
    ));
}

#[test]
fn parts_alone_are_kept_exactly() {
    let compose = " {\"manifest_version\":2,\"runner\":\"docker-compose\"}\n\n";
    assert_eq!(
        recognise(compose.as_bytes()),
        Ok(Recognised::AppCompose(compose.as_bytes().to_vec()))
    );
    let compose = r#"{"docker_compose_file":"services: {}"}"#;
    assert_eq!(
        recognise(compose.as_bytes()),
        Ok(Recognised::AppCompose(compose.as_bytes().to_vec()))
    );
    // As a JSON string, the bytes are those of the string's content.
    let quoted = serde_json::to_string(compose).unwrap();
    assert_eq!(
        recognise(quoted.as_bytes()),
        Ok(Recognised::AppCompose(compose.as_bytes().to_vec()))
    );
    assert_eq!(
        recognise(LOG.as_bytes()),
        Ok(Recognised::EventLog(LOG.as_bytes().to_vec()))
    );
    let config = r#"{"os_image_hash":"aa","cpu_count":2}"#;
    assert_eq!(
        recognise(config.as_bytes()),
        Ok(Recognised::VmConfig(config.as_bytes().to_vec()))
    );
    let document = r#"{"compose_hash":"aa","key_provider":"kms","version":3}"#;
    assert_eq!(
        recognise(document.as_bytes()),
        Ok(Recognised::MrConfigDocument(document.as_bytes().to_vec()))
    );
    let parts = crate::collateral::sample();
    assert_eq!(
        recognise(parts.to_json().as_bytes()),
        Ok(Recognised::Collateral(Box::new(parts)))
    );
    let sys = one(r#"{"kms_urls":[],"vm_config":"{\"cpu_count\":1}","mr_config":"doc"}"#);
    assert_eq!(sys.kind, InputKind::DstackSysConfig);
    assert_eq!(sys.vm_config.as_deref(), some(r#"{"cpu_count":1}"#));
    assert_eq!(sys.mr_config_document.as_deref(), some("doc"));
}

#[test]
fn json_of_no_known_form_is_refused_with_its_keys() {
    let error = refusal(r#"{"hello":1,"a`b\u001b":2}"#);
    assert_eq!(
        error,
        InputError::UnknownObject {
            keys: ["hello".into(), "a`b\u{1b}".into()].into(),
            count: 2
        }
    );
    let message = error.to_string();
    assert!(message.contains("`hello`, `a\\u{60}b\\u{1b}`"), "{message}");
    assert!(message.contains("GetQuote"), "{message}");
    let wide: Vec<_> = (0..500).map(|key| format!("\"{key}\":0")).collect();
    let message = refusal(&format!("{{{}}}", wide.join(","))).to_string();
    assert!(
        message.contains("and 488 more") && message.len() < 600,
        "{message}"
    );
    assert!(matches!(
        refusal("{}"),
        InputError::UnknownObject { count: 0, .. }
    ));
    for array in ["[]", "[1,2]", "[{}]", "[[]]", "[\"imr\"]"] {
        assert_eq!(refusal(array), InputError::UnknownArray, "{array}");
    }
    assert_eq!(refusal(r#""\"{}\"""#), InputError::DoublyQuoted);
    // One telling key is not enough for a `vm_config`.
    assert!(matches!(
        refusal(r#"{"cpu_count":1}"#),
        InputError::UnknownObject { .. }
    ));
}

#[test]
fn ill_formed_json_is_refused_with_its_place() {
    assert_eq!(
        refusal("{\"quote\":\n\"04\",}"),
        InputError::Json(crate::JsonError::Syntax {
            line: 2,
            column: 6,
            ends_early: false
        })
    );
    assert!(matches!(
        refusal(&format!(r#"{{"quote":"{}"#, hex(&QUOTE))),
        InputError::Json(crate::JsonError::Syntax {
            ends_early: true,
            ..
        })
    ));
    let deep = format!(
        "{{\"quote\":{}{}}}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    assert!(matches!(
        refusal(&deep),
        InputError::Json(crate::JsonError::TooDeep { .. })
    ));
}

#[test]
fn other_documents_of_this_tool_are_named() {
    assert_eq!(
        refusal(r#"{"schema":"teeproof.report/1","quote":"00"}"#),
        InputError::OtherDocument {
            schema: "teeproof.report/1".into()
        }
    );
    assert!(matches!(
        refusal(r#"{"schema":"teeproof.bundle/2","quote":"00"}"#),
        InputError::Bundle(crate::BundleError::NewerMajor { found: 2 })
    ));
}

#[test]
fn every_part_has_its_cap() {
    let quote = hex(&QUOTE);
    let blob = |size: usize| "x".repeat(size);
    assert!(matches!(
        refusal(&format!(
            r#"{{"quote":"{quote}","vm_config":"{}"}}"#,
            blob(limits::VM_CONFIG + 1)
        )),
        InputError::Field {
            field: "vm_config",
            error: InputFieldError::TooLarge { .. }
        }
    ));
    assert!(matches!(
        refusal(&format!(
            r#"{{"quote":"{quote}","event_log":"[{}"}}"#,
            blob(limits::EVENT_LOG)
        )),
        InputError::Field {
            field: "event_log",
            error: InputFieldError::TooLarge { .. }
        }
    ));
    assert!(matches!(
        refusal(&format!(
            r#"{{"quote":"{quote}","report_data":"{}"}}"#,
            blob(limits::SELF_REPORTED + 1)
        )),
        InputError::Field {
            field: "report_data",
            error: InputFieldError::TooLarge { .. }
        }
    ));
    assert!(matches!(
        refusal(&format!(
            r#"{{"docker_compose_file":"{}"}}"#,
            blob(limits::APP_COMPOSE)
        )),
        InputError::PartTooLarge {
            part: EvidencePart::AppCompose,
            ..
        }
    ));
    assert!(matches!(
        refusal(&format!(
            r#"{{"tcb_info":{{"app_compose":"{}"}}}}"#,
            blob(limits::APP_COMPOSE + 1)
        )),
        InputError::Field {
            field: "app_compose",
            error: InputFieldError::TooLarge { .. }
        }
    ));
}
