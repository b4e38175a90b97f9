//! Policies in both formats.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use teeproof_bindings::{call, parse_policy};
use teeproof_core::Policy;
use teeproof_fuzz::{SAMPLES, input};

static TEXTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut texts = vec![
        Policy::TEMPLATE.as_bytes().to_vec(),
        include_bytes!("../../bindings/tests/data/full-policy.toml").to_vec(),
        include_bytes!("../../core/tests/policy/full.json").to_vec(),
    ];
    texts.extend(
        SAMPLES
            .iter()
            .map(|sample| sample.policy_text.clone().into_bytes()),
    );
    texts
});

fuzz_target!(|data: &[u8]| {
    let text = input(data, &TEXTS);
    let request = json!({ "policy": String::from_utf8_lossy(&text) }).to_string();
    match parse_policy(&text) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(policy) => {
            assert!(policy.is_at_least_as_strict_as(&policy));
            let canonical: serde_json::Value =
                serde_json::from_str(&policy.canonical_json()).expect("JSON");
            assert!(canonical.is_object());
            assert!(call("policy-explain", &request).starts_with("{\"ok\""));
        }
    }
});
