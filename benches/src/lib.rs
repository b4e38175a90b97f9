//! The inputs of the benchmarks: one real quote, which another verifier is given too, and forged
//! evidence for what no real sample has.

#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark whose input is wrong has nothing to measure, and a panic is how it says so"
)]

mod machine;

use dcap_qvl::QuoteCollateralV3;
use dcap_qvl::verify::VerifiedReport;
use serde::Deserialize;
use teeproof_bindings::{InstantChoice, VerifyOptions, parse_policy};
use teeproof_core::{
    Challenge, Channel, CollateralParts, DerivationRule, Exchange, InputKind, InstanceEvidence,
    Instant, TrustAnchor, sha256,
};
use teeproof_forge::{Issued, Scenario};

pub use machine::{build, machine};

/// A TDX quote of version 4 from real hardware.
pub const QUOTE: &[u8] = include_bytes!("../../fixtures/real/tdx-v4/quote.bin");

/// The collateral file of [`QUOTE`].
pub const COLLATERAL: &[u8] = include_bytes!("../../fixtures/real/tdx-v4/collateral.json");

/// An instant inside of every window of [`COLLATERAL`]: 2025-06-27T04:53:20Z.
pub const AT: u64 = 1_751_000_000;

/// [`AT`] as the core takes it.
pub fn at() -> Instant {
    Instant::from_unix(AT).expect("before the year 9999")
}

/// Intel's root.
pub fn intel() -> TrustAnchor {
    TrustAnchor::intel().expect("Intel's root is built in")
}

/// [`COLLATERAL`], cut into its parts.
pub fn parts() -> CollateralParts {
    CollateralParts::from_json(COLLATERAL).expect("a collateral file")
}

/// Reads a collateral file for dcap-qvl. Its own decoder reads the hex of such files only together
/// with its network client, so the nine strings are read here, as directly as serde can.
pub fn peer_collateral(json: &[u8]) -> QuoteCollateralV3 {
    #[derive(Deserialize)]
    struct File {
        pck_crl_issuer_chain: String,
        root_ca_crl: String,
        pck_crl: String,
        tcb_info_issuer_chain: String,
        tcb_info: String,
        tcb_info_signature: String,
        qe_identity_issuer_chain: String,
        qe_identity: String,
        qe_identity_signature: String,
        pck_certificate_chain: Option<String>,
    }
    let file: File = serde_json::from_slice(json).expect("a collateral file");
    let bytes = |text: String| hex::decode(text).expect("hex digits");
    QuoteCollateralV3 {
        pck_crl_issuer_chain: file.pck_crl_issuer_chain,
        root_ca_crl: bytes(file.root_ca_crl),
        pck_crl: bytes(file.pck_crl),
        tcb_info_issuer_chain: file.tcb_info_issuer_chain,
        tcb_info: file.tcb_info,
        tcb_info_signature: bytes(file.tcb_info_signature),
        qe_identity_issuer_chain: file.qe_identity_issuer_chain,
        qe_identity: file.qe_identity,
        qe_identity_signature: bytes(file.qe_identity_signature),
        pck_certificate_chain: file.pck_certificate_chain,
    }
}

/// What dcap-qvl makes of [`QUOTE`] and its collateral.
pub type Peer = fn(&QuoteCollateralV3) -> VerifiedReport;

/// dcap-qvl by the name of its signature backend.
pub const PEERS: [(&str, Peer); 2] = [
    ("ring", |collateral| {
        dcap_qvl::verify::ring::verify(QUOTE, collateral, AT).expect("a good quote")
    }),
    ("rustcrypto", |collateral| {
        dcap_qvl::verify::rustcrypto::verify(QUOTE, collateral, AT).expect("a good quote")
    }),
];

/// Evidence of a forged dstack guest and everything a verdict on it needs.
pub struct Forged {
    /// The evidence, collateral included.
    pub evidence: InstanceEvidence,
    /// The event log.
    pub event_log: Vec<u8>,
    /// The instant of the verdict.
    pub at: Instant,
    /// Policy, anchor, instant and challenge.
    pub options: VerifyOptions,
}

/// Forges evidence of a guest whose log has exactly so many events: a boot, and after it events of
/// the app.
pub fn forged(events: usize) -> Forged {
    let mut scenario = Scenario::tdx_v4();
    let seed = scenario.seed.clone();
    let boot = scenario.guest().measured_log(&seed).len();
    let Some(missing) = events.checked_sub(boot) else {
        panic!("a boot alone has {boot} events");
    };
    scenario.guest().app_events = (0..missing)
        .map(|number| (format!("app-event-{number}"), seed.filler("payload", 64)))
        .collect();
    read(&scenario.issue())
}

/// Forges evidence of a guest whose app-compose has at least so many bytes.
pub fn forged_with_compose(bytes: usize) -> Forged {
    let mut scenario = Scenario::tdx_v4();
    let guest = scenario.guest();
    let end = guest.compose.rfind('}').expect("a JSON object");
    let filler = bytes.saturating_sub(guest.compose.len());
    let key = format!(",\n  \"description\": \"{}\"\n}}", "x".repeat(filler));
    guest.compose.replace_range(end.., &key);
    let hash = hex::encode(sha256(guest.compose.as_bytes()).as_slice());
    scenario.policy.app.compose_hashes = vec![hash];
    read(&scenario.issue())
}

fn read(issued: &Issued) -> Forged {
    let json = |text: &Option<String>| text.clone().map(String::into_bytes);
    let at = Instant::from_unix(issued.at).expect("before the year 9999");
    let mut evidence = InstanceEvidence::from_quote(InputKind::RawQuote, issued.quote.clone());
    evidence.event_log = json(&issued.event_log);
    evidence.app_compose = json(&issued.app_compose);
    evidence.vm_config = json(&issued.vm_config);
    evidence.mr_config_document = json(&issued.mr_config_document);
    evidence.collateral = json(&issued.collateral_json)
        .iter()
        .map(|json| CollateralParts::from_json(json).expect("a collateral file"))
        .collect();
    Forged {
        event_log: evidence.event_log.clone().expect("a dstack guest logs"),
        evidence,
        at,
        options: VerifyOptions {
            policy: parse_policy(issued.policy_toml.as_bytes()).expect("a policy"),
            anchor: TrustAnchor::from_der(&issued.root_der).expect("a root"),
            instant: InstantChoice::Given(at),
            collateral: Vec::new(),
            exchange: Exchange {
                challenge: issued.challenge.as_ref().map(|(bytes, rule)| {
                    let rule = DerivationRule::from_name(rule).expect("a rule");
                    Challenge::new(bytes.clone(), rule)
                }),
                channel: Channel::Saved,
            },
            genuine_only: false,
        },
    }
}
