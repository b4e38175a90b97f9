//! Quotes: parsing, and that no change of what is signed goes unnoticed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use teeproof_core::{Body, CollateralSet, Examination, Quote};
use teeproof_crypto_ring::RingVerifier;
use teeproof_fuzz::{SAMPLES, Script};

fuzz_target!(|data: &[u8]| {
    if let Ok(quote) = Quote::parse(data) {
        assert!(quote.length() <= data.len());
    }
    let mut script = Script::new(data);
    let mut sample = script.pick(&SAMPLES).clone();
    let before = Quote::parse(&sample.quote).expect("a sound quote");
    script.spoil(&mut sample.quote);
    let Ok(quote) = Quote::parse(&sample.quote) else {
        let examination = sample.examine();
        assert!(examination.verified().is_none() && examination.refused());
        return;
    };
    assert!(sample.quote.starts_with(quote.signed_bytes()));
    assert_eq!(
        Quote::parse(&sample.quote[..quote.length()]).map(|quote| quote.length()),
        Ok(quote.length())
    );
    assert!(matches!(quote.claimed_body(), Body::Sgx(_)) == (quote.version() == 3));
    let bare = CollateralSet::new(sample.anchor.clone());
    let bare = Examination::of(&sample.quote, &bare, sample.at, &RingVerifier);
    assert!(bare.verified().is_none());
    if sample.examine().verified().is_some() {
        assert_eq!(quote.signed_bytes(), before.signed_bytes());
        assert_eq!(quote.qe_report_bytes(), before.qe_report_bytes());
        assert_eq!(quote.qe_auth_data(), before.qe_auth_data());
        assert_eq!(quote.attestation_key(), before.attestation_key());
    }
});
