//! Collateral files: parsing, and that no change of what is signed goes unnoticed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use teeproof_core::{Collateral, CollateralParts, Quote};
use teeproof_crypto_ring::RingVerifier;
use teeproof_fuzz::{SAMPLES, Script};

fn read(file: &[u8]) -> Option<CollateralParts> {
    let parts = CollateralParts::from_json(file).ok()?;
    let again = CollateralParts::from_json(parts.to_json().as_bytes());
    assert_eq!(again.as_ref(), Ok(&parts));
    Some(parts)
}

fuzz_target!(|data: &[u8]| {
    if let Some(parts) = read(data) {
        let _ = Collateral::parse(&parts);
    }
    let mut script = Script::new(data);
    let mut sample = script.pick(&SAMPLES).clone();
    let before = sample.collateral.clone();
    let parts = &mut sample.collateral;
    // The file, or one of its fields: a file in which a field of bytes is spoilt is seldom one.
    let field = script.byte() % 10;
    let texts = [
        &mut parts.pck_crl_issuer_chain,
        &mut parts.tcb_info_issuer_chain,
        &mut parts.tcb_info,
        &mut parts.qe_identity_issuer_chain,
        &mut parts.qe_identity,
    ];
    let bytes = [
        &mut parts.root_ca_crl,
        &mut parts.pck_crl,
        &mut parts.tcb_info_signature,
        &mut parts.qe_identity_signature,
    ];
    let field = usize::from(field);
    if let Some(text) = texts.into_iter().nth(field) {
        let mut spoilt = std::mem::take(text).into_bytes();
        script.spoil(&mut spoilt);
        *text = String::from_utf8_lossy(&spoilt).into_owned();
    } else if let Some(bytes) = bytes.into_iter().nth(field.saturating_sub(5)) {
        script.spoil(bytes);
    } else {
        let mut file = before.to_json().into_bytes();
        script.spoil(&mut file);
        match read(&file) {
            Some(read) => sample.collateral = read,
            None => return,
        }
    }
    let parts = &sample.collateral;
    let Ok(collateral) = Collateral::parse(parts) else {
        return;
    };
    if collateral
        .authenticate(&sample.anchor, &RingVerifier)
        .is_ok()
    {
        assert_eq!(parts.tcb_info, before.tcb_info);
        assert_eq!(parts.qe_identity, before.qe_identity);
        assert_eq!(parts.root_ca_crl, before.root_ca_crl);
        assert_eq!(parts.pck_crl, before.pck_crl);
    } else {
        assert!(sample.examine().verified().is_none());
    }
    assert!(Quote::parse(&sample.quote).is_ok());
});
