//! Evidence to spoil, and one way to judge it.

#![allow(
    dead_code,
    reason = "each test binary uses its own part of this module"
)]

use teeproof_bindings::parse_policy;
use teeproof_core::{
    Body, Challenge, Channel, CollateralParts, CollateralSet, DerivationRule, Examination,
    Exchange, Instant, MeasuredEvidence, Policy, Quote, Report, SecondEngine, SignatureVerifier,
    TrustAnchor, Verdict, appraise,
};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::Issued;

/// One machine's evidence, with everything else that decides the verdict.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) quote: Vec<u8>,
    pub(crate) collateral: Vec<CollateralParts>,
    pub(crate) event_log: Option<Vec<u8>>,
    pub(crate) app_compose: Option<Vec<u8>>,
    pub(crate) vm_config: Option<Vec<u8>>,
    pub(crate) mr_config_document: Option<Vec<u8>>,
    pub(crate) exchange: Exchange,
    pub(crate) policy: Policy,
    pub(crate) anchor: TrustAnchor,
    pub(crate) at: Instant,
}

impl Subject {
    /// Evidence of the forge. `None` if its collateral file is none: that is refused before any
    /// verdict.
    pub(crate) fn forged(name: &'static str, issued: &Issued) -> Option<Self> {
        let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
        let collateral = issued
            .collateral_json
            .iter()
            .map(|json| CollateralParts::from_json(json.as_bytes()))
            .collect::<Result<_, _>>()
            .ok()?;
        Some(Self {
            name,
            quote: issued.quote.clone(),
            collateral,
            event_log: bytes(&issued.event_log),
            app_compose: bytes(&issued.app_compose),
            vm_config: bytes(&issued.vm_config),
            mr_config_document: bytes(&issued.mr_config_document),
            exchange: Exchange {
                challenge: issued.challenge.as_ref().map(|(bytes, rule)| {
                    Challenge::new(bytes.clone(), DerivationRule::from_name(rule).unwrap())
                }),
                channel: Channel::Saved,
            },
            policy: parse_policy(issued.policy_toml.as_bytes()).unwrap(),
            anchor: TrustAnchor::from_der(&issued.root_der).unwrap(),
            at: Instant::from_unix(issued.at).unwrap(),
        })
    }

    /// Real evidence, and the strictest policy that it can meet: every register is pinned.
    pub(crate) fn real(name: &'static str, quote: &[u8], collateral: &[u8], at: &str) -> Self {
        let policy = match Quote::parse(quote).unwrap().claimed_body() {
            Body::Sgx(_) => concat!(
                "schema = \"teeproof.policy/1\"\n",
                "tee = [\"sgx\"]\n",
                "[tcb]\n",
                "merged = [\"ConfigurationAndSWHardeningNeeded\"]\n",
                "platform = [\"ConfigurationAndSWHardeningNeeded\"]\n",
            )
            .to_owned(),
            Body::Tdx(td) => {
                let [_, rtmr1, rtmr2, rtmr3] = td.rtmr;
                format!(
                    "schema = \"teeproof.policy/1\"\n\
                     [[os]]\nname = \"pinned\"\n\
                     mrtd = \"{}\"\nrtmr1 = \"{rtmr1}\"\nrtmr2 = \"{rtmr2}\"\n\
                     [app]\nrtmr3 = [\"{rtmr3}\"]\n",
                    td.mrtd
                )
            }
        };
        Self {
            name,
            quote: quote.to_vec(),
            collateral: vec![CollateralParts::from_json(collateral).unwrap()],
            event_log: None,
            app_compose: None,
            vm_config: None,
            mr_config_document: None,
            exchange: Exchange::default(),
            policy: parse_policy(policy.as_bytes()).unwrap(),
            anchor: TrustAnchor::intel().unwrap(),
            at: at.parse().unwrap(),
        }
    }

    /// The three real samples that verify, each at an instant inside its windows.
    pub(crate) fn real_samples() -> [Self; 3] {
        macro_rules! sample {
            ($folder:literal, $at:literal) => {
                Self::real(
                    $folder,
                    include_bytes!(concat!("../../../fixtures/real/", $folder, "/quote.bin")),
                    include_bytes!(concat!(
                        "../../../fixtures/real/",
                        $folder,
                        "/collateral.json"
                    )),
                    $at,
                )
            };
        }
        [
            sample!("tdx-v4", "2025-06-27T04:53:20Z"),
            sample!("tdx-v5-td15ex", "2026-10-20T00:00:00Z"),
            sample!("sgx-v3", "2025-06-27T04:53:20Z"),
        ]
    }

    /// The collateral, authenticated: to be kept where only something else changes.
    pub(crate) fn set(&self, signatures: &dyn SignatureVerifier) -> CollateralSet {
        let mut set = CollateralSet::new(self.anchor.clone());
        for parts in &self.collateral {
            // What is refused is in the report.
            let _ = set.add(parts, signatures);
        }
        set
    }

    pub(crate) fn examine(&self, set: &CollateralSet) -> Examination {
        Examination::of(&self.quote, set, self.at, &RingVerifier)
    }

    pub(crate) fn appraise(&self, examination: &Examination) -> Report {
        appraise(
            examination,
            &MeasuredEvidence {
                event_log: self.event_log.as_deref(),
                app_compose: self.app_compose.as_deref(),
                vm_config: self.vm_config.as_deref(),
                mr_config_document: self.mr_config_document.as_deref(),
                lint: None,
            },
            &self.policy,
            &self.exchange,
            SecondEngine::NotRun,
        )
    }

    pub(crate) fn judge_with(&self, signatures: &dyn SignatureVerifier) -> Report {
        let set = self.set(signatures);
        self.appraise(&Examination::of(&self.quote, &set, self.at, signatures))
    }

    pub(crate) fn judge(&self) -> Report {
        self.judge_with(&RingVerifier)
    }
}

/// Whether a reader of the report would go on.
pub(crate) fn accepted(report: &Report) -> bool {
    match report.verdict() {
        Verdict::Trusted | Verdict::Genuine | Verdict::Simulated => true,
        Verdict::Rejected | Verdict::Inconclusive => false,
    }
}
