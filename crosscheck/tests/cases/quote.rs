//! What the core refuses about the bytes of the quote.

use teeproof_core::limits;
use teeproof_forge::Scenario;
use teeproof_forge::quote::{Certification, Leftover};

use super::Case;
use crate::support::{Evidence, forged, sgx_v3, tdx_v4};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "quote-size",
            padded(limits::QUOTE + 1, 0),
            padded(limits::QUOTE, 0),
        ),
        Case::new("trailing-data", padded(5007, 1), padded(5007, 0)),
        Case::new("trailing-data", padded(limits::QUOTE, 0), padded(8192, 0)),
        Case::new(
            "trailing-data",
            sgx_v3().changed(|evidence| evidence.quote.push(1)),
            sgx_v3().changed(|evidence| evidence.quote.push(0)),
        ),
        Case::new(
            "inner-leftover",
            leftover(Some(Leftover::AuthData)),
            leftover(None),
        ),
        Case::new(
            "inner-leftover",
            leftover(Some(Leftover::Outer)),
            leftover(None),
        ),
        Case::new("outer-certification-type", outer(5), outer(6)),
        Case::new(
            "inner-certification-type",
            certified(Certification::Other {
                number: 4,
                length: 100,
            }),
            certified(Certification::EncryptedPpid {
                number: 2,
                pce_svn: None,
            }),
        ),
        Case::new(
            "inner-certification-type",
            certified(Certification::Other {
                number: 3,
                length: 403,
            }),
            certified(Certification::Chain { nul: false }),
        ),
        Case::new("qe-report-data-tail", tail(1), tail(0)),
    ]
}

/// A real quote, padded with zeros up to a length, and with a last byte.
fn padded(length: usize, last: u8) -> Evidence {
    tdx_v4().changed(|evidence| {
        evidence.quote.resize(length, 0);
        *evidence.quote.last_mut().unwrap() = last;
    })
}

fn leftover(place: Option<Leftover>) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.quote.leftover = place;
        scenario.quote.trailing = vec![0; 9];
    })
}

fn outer(number: u16) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.quote.outer_type = number;
    })
}

fn certified(certification: Certification) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.quote.certification = certification;
        scenario.chain_in_collateral = true;
    })
}

fn tail(byte: u8) -> Evidence {
    forged(Scenario::tdx_v4(), |scenario| {
        scenario.quote.qe.tail[31] = byte;
    })
}
