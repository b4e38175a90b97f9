//! What the targets have in common: sound evidence, and a way to spoil it by the fuzzer's bytes.
//!
//! A corpus of real files would have to be carried along and minimised. Instead the fuzzer's input
//! is a script: its first byte names a sample, the rest says what is changed in it. So already the
//! empty input is sound evidence, and every mutation starts from something that gets far.

use std::sync::LazyLock;

use teeproof_compose::{AppCompose, LintOptions, Rule, limits};
use teeproof_core::{
    Challenge, Channel, CollateralParts, CollateralSet, DerivationRule, Examination, Exchange,
    Instant, MeasuredEvidence, Policy, Report, SecondEngine, TrustAnchor, Verdict, appraise,
    code_faults,
};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::dstack::mr_config::MrConfigForm;
use teeproof_forge::{Issued, Scenario};

/// One machine's evidence.
#[derive(Clone)]
pub struct Sample {
    pub quote: Vec<u8>,
    pub collateral: CollateralParts,
    pub event_log: Option<Vec<u8>>,
    pub app_compose: Option<Vec<u8>>,
    pub mr_config_document: Option<Vec<u8>>,
    pub exchange: Exchange,
    pub policy_text: String,
    pub anchor: TrustAnchor,
    pub at: Instant,
}

impl Sample {
    fn real(quote: &[u8], collateral: &[u8], policy: &str, at: &str) -> Self {
        Self {
            quote: quote.to_vec(),
            collateral: CollateralParts::from_json(collateral).expect("a sound file"),
            event_log: None,
            app_compose: None,
            mr_config_document: None,
            exchange: Exchange::default(),
            policy_text: policy.to_owned(),
            anchor: TrustAnchor::intel().expect("Intel's root"),
            at: at.parse().expect("an instant"),
        }
    }

    fn forged(issued: &Issued) -> Self {
        let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
        let collateral = issued.collateral_json.as_deref().expect("collateral");
        Self {
            quote: issued.quote.clone(),
            collateral: CollateralParts::from_json(collateral.as_bytes()).expect("a sound file"),
            event_log: bytes(&issued.event_log),
            app_compose: bytes(&issued.app_compose),
            mr_config_document: bytes(&issued.mr_config_document),
            exchange: Exchange {
                challenge: issued.challenge.as_ref().map(|(bytes, rule)| {
                    let rule = DerivationRule::from_name(rule).expect("a rule of the forge");
                    Challenge::new(bytes.clone(), rule)
                }),
                channel: Channel::Saved,
            },
            policy_text: issued.policy_toml.clone(),
            anchor: TrustAnchor::from_der(&issued.root_der).expect("a root"),
            at: Instant::from_unix(issued.at).expect("an instant"),
        }
    }

    pub fn policy(&self) -> Policy {
        teeproof_bindings::parse_policy(self.policy_text.as_bytes()).expect("a policy")
    }

    pub fn examine(&self) -> Examination {
        let mut set = CollateralSet::new(self.anchor.clone());
        // What is refused here stands in the examination.
        let _ = set.add(&self.collateral, &RingVerifier);
        Examination::of(&self.quote, &set, self.at, &RingVerifier)
    }

    pub fn appraise(&self, examination: &Examination) -> Report {
        appraise(
            examination,
            &MeasuredEvidence {
                event_log: self.event_log.as_deref(),
                app_compose: self.app_compose.as_deref(),
                vm_config: None,
                mr_config_document: self.mr_config_document.as_deref(),
                lint: None,
            },
            &self.policy(),
            &self.exchange,
            SecondEngine::NotRun,
        )
    }
}

pub fn accepted(report: &Report) -> bool {
    matches!(
        report.verdict(),
        Verdict::Trusted | Verdict::Genuine | Verdict::Simulated
    )
}

macro_rules! real {
    ($folder:literal, $at:literal) => {
        Sample::real(
            include_bytes!(concat!("../../fixtures/real/", $folder, "/quote.bin")),
            include_bytes!(concat!("../../fixtures/real/", $folder, "/collateral.json")),
            include_str!(concat!("../../fixtures/real/", $folder, "/policy.toml")),
            $at,
        )
    };
}

/// Real samples, then one of the forge for each form of quote; of these the first has everything
/// that evidence can have.
pub static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let mut samples = vec![
        real!("tdx-v4", "2025-06-27T04:53:20Z"),
        real!("tdx-v5-td15ex", "2026-10-20T00:00:00Z"),
        real!("tdx-v5-td15", "2026-03-01T00:00:00Z"),
        real!("sgx-v3", "2025-06-27T04:53:20Z"),
    ];
    let mut whole = Scenario::tdx_v4();
    whole.guest().mr_config = MrConfigForm::V3;
    for scenario in [
        whole,
        Scenario::tdx_v5_td10(),
        Scenario::tdx_v5_td15(),
        Scenario::tdx_v5_td15ex(),
        Scenario::sgx_v3(),
    ] {
        samples.push(Sample::forged(&scenario.issue()));
    }
    samples
});

/// Reads the fuzzer's bytes from the front; zeros when they are used up.
pub struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or_default()
    }

    fn number(&mut self) -> usize {
        usize::from(u16::from_le_bytes([self.byte(), self.byte()]))
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[usize::from(self.byte()) % from.len()]
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    fn take(&mut self, size: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(size.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Changes some bytes, as the script says, at most sixteen times.
    pub fn spoil(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..16 {
            if self.is_empty() || bytes.is_empty() {
                return;
            }
            let operation = self.byte();
            // Larger than 64 kB are only collateral files: two halves of a step each.
            let at = self.number() * (bytes.len() / 65_536 + 1) % bytes.len();
            let size = usize::from(operation >> 3) + 1;
            match operation % 8 {
                0 => bytes[at] ^= 1 << (operation >> 3 & 7),
                1 => bytes[at] = self.byte(),
                2 => {
                    let new = self.take(size);
                    bytes.splice(at..at, new.iter().copied());
                }
                3 => {
                    let new = self.take(size);
                    let end = bytes.len().min(at + new.len());
                    bytes.splice(at..end, new.iter().copied());
                }
                4 => {
                    let end = bytes.len().min(at + size * usize::from(self.byte()).max(1));
                    bytes.drain(at..end);
                }
                5 => {
                    let end = bytes.len().min(at + size * 8);
                    let piece = bytes[at..end].to_vec();
                    let to = self.number() % bytes.len();
                    bytes.splice(to..to, piece);
                }
                6 => {
                    let other = self.number() % bytes.len();
                    bytes.swap(at, other);
                }
                _ => bytes.truncate(at),
            }
        }
    }
}

/// A spoilt sample of a list, or the fuzzer's bytes themselves.
pub fn input(data: &[u8], samples: &[Vec<u8>]) -> Vec<u8> {
    let mut script = Script::new(data);
    let which = usize::from(script.byte()) % (samples.len() + 1);
    match samples.get(which) {
        Some(sample) => {
            let mut bytes = sample.clone();
            script.spoil(&mut bytes);
            bytes
        }
        None => script.rest().to_vec(),
    }
}

/// Lints the bytes as an app-compose, and as the docker-compose text of one. What code is said to be
/// pinned without a reader of YAML, the lint has to find pinned, too.
pub fn lint(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let around = serde_json::json!({ "docker_compose_file": text }).to_string();
    for bytes in [data, around.as_bytes()] {
        let Ok(document) = AppCompose::parse(bytes) else {
            continue;
        };
        let report = teeproof_compose::lint(&document, &LintOptions::default());
        assert_eq!(report.compose_hash, document.hash());
        assert!(report.findings.len() <= Rule::ALL.len() * limits::LINT_FINDINGS);
        let moves = report.findings.iter().find(|one| one.rule.moves_code());
        if code_faults(bytes).is_empty() {
            assert_eq!(moves, None);
        }
    }
}
