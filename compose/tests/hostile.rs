//! Large, deep and malformed documents: each predictor ends, with bytes within the cap or a reason.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "this file is tests and their helpers"
)]

use teeproof_compose::{AppCompose, Json, Predictor, differences};
use teeproof_core::limits;

fn outcomes(text: &str) -> Vec<Option<usize>> {
    let document = AppCompose::parse(text.as_bytes()).unwrap();
    Predictor::ALL
        .into_iter()
        .map(|predictor| {
            predictor
                .bytes(document.json())
                .ok()
                .map(|bytes| bytes.len())
        })
        .collect()
}

#[test]
fn no_prediction_is_over_the_cap() {
    let full = format!(
        "{{\"runner\":\"{}\"}}",
        "x".repeat(limits::APP_COMPOSE - 13)
    );
    let escaped = format!("{{\"runner\":\"{}\"}}", "<".repeat(limits::APP_COMPOSE / 2));
    let wide = format!(
        "{{\"runner\":\"\",\"features\":[{}]}}",
        vec!["\"\""; 1_000_000].join(",")
    );
    let lists = format!(
        "{{\"runner\":\"\",\"x\":{}{}}}",
        "[".repeat(63),
        "]".repeat(63)
    );
    let keys: Vec<_> = (0..4000)
        .map(|key| format!("\"{}\":{{\"b\":1,\"a\":2}}", 4000 - key))
        .collect();
    let keys = format!("{{\"runner\":\"\",{}}}", keys.join(","));
    for text in [full, escaped, wide, lists, keys] {
        for length in outcomes(&text).into_iter().flatten() {
            assert!(length <= limits::APP_COMPOSE);
        }
    }
}

#[test]
fn what_is_no_document_is_refused_before_anything_is_predicted() {
    for (text, code) in [
        ("[".repeat(1_000_000), "compose.not-json"),
        (
            "{\"a\":".repeat(65) + "1" + &"}".repeat(65),
            "compose.not-json",
        ),
        ("{\"a\":{\"b\":1,\"b\":1}}".into(), "compose.not-json"),
        ("{\"a\":1e999}".into(), "compose.not-json"),
        ("{\"a\":\"\\ud800\"}".into(), "compose.not-json"),
        ("{\"a\":1}x".into(), "compose.not-json"),
        (" ".repeat(limits::APP_COMPOSE + 1), "compose.too-large"),
    ] {
        assert_eq!(AppCompose::parse(text.as_bytes()).unwrap_err().code(), code);
    }
}

#[test]
fn differences_of_wide_documents_end() {
    let wide = |start: usize| {
        let keys: Vec<_> = (start..start + 4000)
            .map(|key| format!("\"{key}\":{key}"))
            .collect();
        Json::parse(format!("{{{}}}", keys.join(",")).as_bytes()).unwrap()
    };
    assert!(differences(&wide(0), &wide(2000)).len() <= 32);
}
