//! Bundles: what is read is written as it was, and a bundle decides nothing but what is in it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use teeproof_bindings::{Answer, InstantChoice, VerifyOptions, verify};
use teeproof_core::{Bundle, InputKind, InstanceEvidence};
use teeproof_fuzz::{SAMPLES, input};

static BUNDLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    SAMPLES
        .iter()
        .map(|sample| {
            let mut evidence =
                InstanceEvidence::from_quote(InputKind::RawQuote, sample.quote.clone());
            evidence.event_log.clone_from(&sample.event_log);
            evidence.app_compose.clone_from(&sample.app_compose);
            evidence.label = Some("a label".to_owned());
            evidence.captured_at = Some(sample.at);
            let bundle = Bundle::from_evidence(&evidence).expect("a sound bundle");
            bundle.to_json().into_bytes()
        })
        .collect()
});

fuzz_target!(|data: &[u8]| {
    let text = input(data, &BUNDLES);
    let Ok(bundle) = Bundle::from_json(&text) else {
        return;
    };
    assert_eq!(
        Bundle::from_json(bundle.to_json().as_bytes()).as_ref(),
        Ok(&bundle)
    );
    let evidence = bundle.clone().into_evidence();
    assert_eq!(Bundle::from_evidence(&evidence).as_ref(), Ok(&bundle));
    let sample = &SAMPLES[0];
    let options = VerifyOptions {
        policy: sample.policy(),
        anchor: sample.anchor.clone(),
        instant: InstantChoice::Captured,
        collateral: Vec::new(),
        challenge: None,
        genuine_only: false,
    };
    // Without collateral nothing is proven, whatever a bundle says of itself.
    if let Answer::Verified(answer) = verify("bundle", &evidence, &options)
        && bundle.collateral.is_empty()
    {
        assert!(matches!(
            answer.verdict.as_str(),
            "rejected" | "inconclusive"
        ));
    }
});
