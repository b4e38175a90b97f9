//! Evidence for the tests: real samples, and what the forge issues.

#![allow(dead_code, reason = "each test file uses its part")]

use teeproof_core::{CollateralParts, CollateralSet, Examination, Instant, TrustAnchor};
use teeproof_crosscheck::{CrossCheck, Difference, Disagreement, cross_check};
use teeproof_crypto_ring::RingVerifier;
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
        let mut set = CollateralSet::new(self.anchor.clone());
        // What is refused here is refused again, with its reason, in the examination.
        let _ = set.add(&self.parts, &RingVerifier);
        Examination::of(&self.quote, &set, self.at, &RingVerifier)
    }

    pub(crate) fn check(&self) -> CrossCheck {
        cross_check(&self.quote, Some(&self.parts), &self.examine())
    }

    /// The ids of the entries that explain what differs; a conflict fails the test.
    pub(crate) fn explained(&self) -> Vec<&'static str> {
        match self.check() {
            CrossCheck::Agrees { explained } => ids(&explained),
            other => panic!("{other:#?}\n{:#?}", self.examine().finding_summary()),
        }
    }

    /// The disagreements of a conflict; anything else fails the test.
    pub(crate) fn conflict(&self) -> Vec<Disagreement> {
        match self.check() {
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
        let version = u16::from_le_bytes([self.quote[0], self.quote[1]]);
        let auth_at = match version {
            3 => 432,
            4 => 632,
            _ => 54 + read(&self.quote, 50),
        };
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
