//! Both engines on the same spoilt evidence: whatever they differ in stands in the closed table.

#![no_main]

use libfuzzer_sys::fuzz_target;
use teeproof_core::Instant;
use teeproof_crosscheck::{CrossCheck, cross_check};
use teeproof_fuzz::{SAMPLES, Script};

fuzz_target!(|data: &[u8]| {
    let mut script = Script::new(data);
    let mut sample = script.pick(&SAMPLES).clone();
    let what = script.byte();
    if what & 1 == 0 {
        script.spoil(&mut sample.quote);
    }
    let parts = &mut sample.collateral;
    match what >> 1 & 15 {
        0 => script.spoil(&mut parts.root_ca_crl),
        1 => script.spoil(&mut parts.pck_crl),
        2 => script.spoil(&mut parts.tcb_info_signature),
        3 => script.spoil(&mut parts.qe_identity_signature),
        number @ 4..9 => {
            let text = match number {
                4 => &mut parts.pck_crl_issuer_chain,
                5 => &mut parts.tcb_info_issuer_chain,
                6 => &mut parts.tcb_info,
                7 => &mut parts.qe_identity_issuer_chain,
                _ => &mut parts.qe_identity,
            };
            let mut spoilt = std::mem::take(text).into_bytes();
            script.spoil(&mut spoilt);
            *text = String::from_utf8_lossy(&spoilt).into_owned();
        }
        // Days around the windows, a second at a time at their ends.
        number @ 9..11 => {
            let days = u64::from(script.byte()) * 86_400;
            let seconds = u64::from(script.byte());
            let at = sample.at.unix();
            let at = if number == 9 {
                at.saturating_add(days).saturating_add(seconds)
            } else {
                at.saturating_sub(days).saturating_sub(seconds)
            };
            if let Some(at) = Instant::from_unix(at) {
                sample.at = at;
            }
        }
        _ => {}
    }
    let examination = sample.examine();
    let outcome = cross_check(&sample.quote, Some(&sample.collateral), &examination);
    if let CrossCheck::Conflict { .. } = outcome {
        panic!("{outcome:#?}");
    }
});
