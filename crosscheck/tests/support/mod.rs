//! Evidence for the tests: real samples, and what the forge issues.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "helpers of tests: a panic is how they say that something is wrong"
)]

use teeproof_core::{
    CollateralParts, CollateralSet, Examination, Instant, SignatureAnswer, SignatureVerifier,
    TrustAnchor,
};
use teeproof_crosscheck::{CrossCheck, Difference, Disagreement, cross_check};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::keys::Key;
use teeproof_forge::{Issued, Scenario};

/// A quote with its collateral, anchor and instant, to be changed by a test.
#[derive(Clone)]
pub(crate) struct Evidence {
    pub(crate) quote: Vec<u8>,
    pub(crate) parts: CollateralParts,
    pub(crate) anchor: TrustAnchor,
    pub(crate) at: Instant,
}

impl Evidence {
    pub(crate) fn examine(&self) -> Examination {
        self.examine_by(&RingVerifier)
    }

    pub(crate) fn examine_by(&self, signatures: &dyn SignatureVerifier) -> Examination {
        let mut set = CollateralSet::new(self.anchor.clone());
        // What is refused here is refused again, with its reason, in the examination.
        let _ = set.add(&self.parts, signatures);
        Examination::of(&self.quote, &set, self.at, signatures)
    }

    pub(crate) fn check(&self) -> CrossCheck {
        self.check_by(&RingVerifier)
    }

    /// The core with another backend, for a core with a defect.
    pub(crate) fn check_by(&self, signatures: &dyn SignatureVerifier) -> CrossCheck {
        cross_check(&self.quote, Some(&self.parts), &self.examine_by(signatures))
    }

    /// Where the quote's signature begins.
    pub(crate) fn signature_at(&self) -> usize {
        self.auth_at() + 4
    }

    fn auth_at(&self) -> usize {
        match self.quote[0] {
            3 => 432,
            4 => 632,
            _ => 54 + read(&self.quote, 50),
        }
    }

    /// The ids of the entries that explain what differs; a conflict fails the test.
    pub(crate) fn explained(&self) -> Vec<&'static str> {
        match self.check() {
            CrossCheck::Agrees { explained } => ids(&explained),
            other => panic!("{other:#?}\n{:#?}", self.examine().finding_summary()),
        }
    }

    /// The disagreements of a conflict; anything else fails the test.
    pub(crate) fn conflict_by(&self, signatures: &dyn SignatureVerifier) -> Vec<Disagreement> {
        match self.check_by(signatures) {
            CrossCheck::Conflict { disagreements, .. } => disagreements,
            other => panic!("{other:#?}"),
        }
    }

    pub(crate) fn is_verified(&self) -> bool {
        self.examine().verified().is_some()
    }

    pub(crate) fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut evidence = self.clone();
        change(&mut evidence);
        evidence
    }

    /// The quote with other bytes in place of its certification data, all lengths as they must be.
    pub(crate) fn certified_by(&self, data: &[u8]) -> Self {
        let version = self.quote[0];
        let auth_at = self.auth_at();
        let certified_at = if version == 3 {
            auth_at + 132
        } else {
            auth_at + 138
        };
        let qe_auth_at = certified_at + 448;
        let qe_auth = usize::from(u16::from_le_bytes([
            self.quote[qe_auth_at],
            self.quote[qe_auth_at + 1],
        ]));
        let length_at = qe_auth_at + 2 + qe_auth + 2;
        let old = read(&self.quote, length_at);
        let mut quote = self.quote[..length_at + 4 + old].to_vec();
        quote.splice(length_at + 4.., data.iter().copied());
        let mut lengths = vec![length_at, auth_at];
        if version != 3 {
            lengths.push(auth_at + 134);
        }
        for at in lengths {
            let length = read(&quote, at) + data.len() - old;
            quote[at..at + 4].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
        }
        self.changed(|evidence| evidence.quote = quote)
    }

    /// The certification data.
    pub(crate) fn certification(&self) -> Vec<u8> {
        let begin = b"-----BEGIN CERTIFICATE-----";
        let at = self
            .quote
            .windows(begin.len())
            .position(|window| window == begin)
            .unwrap();
        let length = read(&self.quote, at - 4);
        self.quote[at..at + length].to_vec()
    }
}

fn read(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

pub(crate) fn ids(explained: &[Difference]) -> Vec<&'static str> {
    explained.iter().map(|difference| difference.id).collect()
}

macro_rules! real {
    ($folder:literal, $at:literal) => {
        Evidence {
            quote: include_bytes!(concat!("../../../fixtures/real/", $folder, "/quote.bin"))
                .to_vec(),
            parts: CollateralParts::from_json(include_bytes!(concat!(
                "../../../fixtures/real/",
                $folder,
                "/collateral.json"
            )))
            .unwrap(),
            anchor: TrustAnchor::intel().unwrap(),
            at: $at.parse().unwrap(),
        }
    };
}

pub(crate) fn tdx_v4() -> Evidence {
    real!("tdx-v4", "2025-06-27T04:53:20Z")
}

pub(crate) fn tdx_v5_td15() -> Evidence {
    real!("tdx-v5-td15", "2026-03-01T00:00:00Z")
}

pub(crate) fn tdx_v5_td15ex() -> Evidence {
    real!("tdx-v5-td15ex", "2026-10-20T00:00:00Z")
}

pub(crate) fn sgx_v3() -> Evidence {
    real!("sgx-v3", "2025-06-27T04:53:20Z")
}

/// What a scenario issues; `None` without collateral or with a file that is none.
pub(crate) fn evidence(issued: &Issued) -> Option<Evidence> {
    Some(Evidence {
        quote: issued.quote.clone(),
        parts: CollateralParts::from_json(issued.collateral_json.as_deref()?.as_bytes()).ok()?,
        anchor: TrustAnchor::from_der(&issued.root_der).ok()?,
        at: Instant::from_unix(issued.at).unwrap(),
    })
}

/// A scenario with one thing changed.
pub(crate) fn forged(mut scenario: Scenario, change: impl FnOnce(&mut Scenario)) -> Evidence {
    change(&mut scenario);
    evidence(&scenario.issue()).unwrap()
}

/// The PEM blocks of a chain.
pub(crate) fn blocks(chain: &str) -> Vec<String> {
    chain
        .trim_end_matches('\0')
        .split_inclusive("-----END CERTIFICATE-----")
        .map(|block| format!("{}\n", block.trim()))
        .filter(|block| block.starts_with("-----BEGIN"))
        .collect()
}

/// A backend that calls every signature good.
pub(crate) struct Gullible;

impl SignatureVerifier for Gullible {
    fn verify(&self, _: &[u8; 64], _: &[u8], _: &[u8; 64]) -> SignatureAnswer {
        SignatureAnswer::Valid
    }
}

/// A backend that calls every signature over a quote bad.
pub(crate) struct Distrustful;

impl SignatureVerifier for Distrustful {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        let is_quote = matches!(message, [3..=5, 0, 2, 0, ..]);
        if is_quote {
            SignatureAnswer::Invalid
        } else {
            RingVerifier.verify(key, message, signature)
        }
    }
}

/// A certificate or list with a new signature over what is signed.
pub(crate) fn resigned(der: &[u8], key: &Key) -> Vec<u8> {
    let (to_be_signed, rest) = first_of(&der[4..]);
    let (algorithm, _) = first_of(rest);
    let signature = key.sign_der(to_be_signed);
    let mut out = [to_be_signed, algorithm].concat();
    out.extend([0x03, u8::try_from(signature.len() + 1).unwrap(), 0]);
    out.extend(signature);
    let length = u16::try_from(out.len()).unwrap().to_be_bytes();
    [&[0x30, 0x82, length[0], length[1]], out.as_slice()].concat()
}

/// The first DER value, of less than 64 kB, and what follows it.
fn first_of(der: &[u8]) -> (&[u8], &[u8]) {
    let length = match der[1] {
        0x82 => 4 + usize::from(u16::from_be_bytes([der[2], der[3]])),
        0x81 => 3 + usize::from(der[2]),
        short => 2 + usize::from(short),
    };
    der.split_at(length)
}

/// What an examination found, for messages.
pub(crate) trait Summary {
    fn finding_summary(&self) -> Vec<String>;
}

impl Summary for Examination {
    fn finding_summary(&self) -> Vec<String> {
        teeproof_core::CheckId::ALL
            .iter()
            .filter_map(|check| {
                let finding = self.finding(*check)?;
                let reason = finding.reason.map(teeproof_core::Reason::code);
                Some(format!("{check}: {} {reason:?}", finding.outcome))
            })
            .collect()
    }
}
