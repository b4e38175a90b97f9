//! Any input at all: recognised, described, put together, and handed through the universal door.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use teeproof_bindings::{call, inspect};
use teeproof_core::{assemble, encode_hex, recognise};
use teeproof_fuzz::{SAMPLES, input};

static INPUTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut inputs = Vec::new();
    for sample in SAMPLES.iter() {
        let hex = encode_hex(&sample.quote);
        let log = sample.event_log.as_deref().unwrap_or(b"[]");
        let log = String::from_utf8_lossy(log);
        inputs.push(
            json!({ "quote": hex, "event_log": log, "report_data": "", "vm_config": "{}" })
                .to_string()
                .into_bytes(),
        );
        inputs.push(
            json!({
                "instances": [{ "quote": hex, "eventlog": log, "vm_config": "{}" }],
                "app_certificates": [{ "quote": hex, "position_in_chain": 0 }],
                "tcb_info": { "event_log": [], "app_compose": "{}" },
            })
            .to_string()
            .into_bytes(),
        );
        inputs.push(hex.into_bytes());
        inputs.push(sample.quote.clone());
        inputs.push(sample.collateral.to_json().into_bytes());
        inputs.extend(sample.event_log.clone());
        inputs.extend(sample.app_compose.clone());
        inputs.extend(sample.mr_config_document.clone());
    }
    inputs
});

fuzz_target!(|data: &[u8]| {
    let bytes = input(data, &INPUTS);
    let request = json!({ "parts": [{ "hex": encode_hex(&bytes) }] }).to_string();
    match recognise(&bytes) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(call("inspect", &request).starts_with("{\"error\""));
        }
        Ok(input) => {
            assert!(inspect(&input).value().is_object());
            // What is given twice is one thing, or cannot be put together alone either.
            let once = assemble([input.clone()]);
            assert_eq!(assemble([input.clone(), input]).is_ok(), once.is_ok());
            assert!(call("inspect", &request).starts_with("{\"ok\""));
        }
    }
});
