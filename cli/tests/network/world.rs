//! What the tests ask, and what they make of the answer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is helpers of tests"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::server::{Reply, Request, Server, ok, status};
use serde_json::Value;
use teeproof_core::{
    Bundle, BundleChallenge, Bytes32, Challenge, CollateralParts, DerivationRule, InputKind,
    InstanceEvidence, decode_hex, encode_hex,
};
use teeproof_forge::challenge::Rule;
use teeproof_forge::{Issued, Scenario};

/// A directory of one test's own.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("network-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.0.join(name), content).unwrap();
        self.file(name)
    }

    pub(crate) fn teeproof(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_teeproof"))
            .args(arguments)
            .env("XDG_CACHE_HOME", self.0.join("cache"))
            .output()
            .unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

pub(crate) fn issue(report_data: &[u8]) -> Issued {
    let mut scenario = Scenario::tdx_v4();
    scenario.ask(report_data, Rule::Raw64);
    scenario.issue()
}

/// An app's evidence endpoint, without collateral.
pub(crate) fn attest(request: &Request, key: Option<Bytes32>) -> Reply {
    let Some(hex) = request.target.strip_prefix("/attestation?challenge=") else {
        return match request.target.as_str() {
            "/version" => ok("{\"version\":\"1.2.3\"}"),
            _ => status(404, &[]),
        };
    };
    let rule = DerivationRule::TeeproofEvidence;
    let mut asked = Challenge::new(decode_hex(hex, 64).unwrap(), rule);
    asked.channel_key = key;
    let issued = issue(asked.expected_report_data().unwrap().as_slice());
    let mut evidence = InstanceEvidence::from_quote(InputKind::RawQuote, issued.quote);
    evidence.event_log = issued.event_log.map(String::into_bytes);
    evidence.app_compose = issued.app_compose.map(String::into_bytes);
    evidence.challenge = Some(BundleChallenge {
        bytes: asked.bytes,
        rule: rule.name().to_owned(),
        channel_key: key,
    });
    ok(Bundle::from_evidence(&evidence).unwrap().to_json())
}

/// A PCCS with this collateral, and the PCK certificate of its machine if there is one.
pub(crate) fn pccs(parts: CollateralParts) -> Server {
    let escaped =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let signed = |name: &str, text: &str, signature: &[u8]| {
        format!(
            "{{\"{name}\":{text},\"signature\":\"{}\"}}",
            encode_hex(signature)
        )
        .into_bytes()
    };
    let chain = parts.pck_certificate_chain.as_deref().unwrap_or_default();
    let issuer = chain.match_indices("-----BEGIN").nth(1);
    let (leaf, issuers) = chain.split_at(issuer.map_or(0, |(at, _)| at));
    let mut answers = vec![
        (
            "/v4/tcb?",
            "TCB-Info-Issuer-Chain",
            escaped(&parts.tcb_info_issuer_chain),
            signed("tcbInfo", &parts.tcb_info, &parts.tcb_info_signature),
        ),
        (
            "/v4/qe/identity?",
            "SGX-Enclave-Identity-Issuer-Chain",
            escaped(&parts.qe_identity_issuer_chain),
            signed(
                "enclaveIdentity",
                &parts.qe_identity,
                &parts.qe_identity_signature,
            ),
        ),
        (
            "/v4/pckcrl?",
            "SGX-PCK-CRL-Issuer-Chain",
            escaped(&parts.pck_crl_issuer_chain),
            parts.pck_crl,
        ),
        (
            "/v4/rootcacrl",
            "X-None",
            String::new(),
            encode_hex(&parts.root_ca_crl).into_bytes(),
        ),
    ];
    if !leaf.is_empty() {
        let header = "SGX-PCK-Certificate-Issuer-Chain";
        answers.push(("/v4/pckcert?", header, escaped(issuers), leaf.into()));
    }
    Server::start(move |request| {
        let found = answers
            .iter()
            .find(|(path, ..)| request.target.contains(path));
        found.map_or_else(
            || status(404, &[]),
            |(_, header, chain, body)| {
                Reply::Full(200, vec![((*header).into(), chain.clone())], body.clone())
            },
        )
    })
}

/// A test root, a policy that accepts what the forge issues, a PCCS with its collateral, and the
/// instant of all that.
pub(crate) struct World {
    pub(crate) folder: Folder,
    pub(crate) root: String,
    pub(crate) policy: String,
    pub(crate) at: String,
    pub(crate) pccs: Server,
}

impl World {
    pub(crate) fn new(name: &str) -> Self {
        let issued = issue(&[0; 64]);
        let folder = Folder::new(name);
        let collateral = issued.collateral_json.iter().next().unwrap();
        Self {
            root: folder.write("root.der", &issued.root_der),
            policy: folder.write("policy.toml", &issued.policy_toml),
            at: issued.at.to_string(),
            pccs: pccs(CollateralParts::from_json(collateral.as_bytes()).unwrap()),
            folder,
        }
    }

    pub(crate) fn collateral(&self) -> CollateralParts {
        let issued = issue(&[0; 64]);
        let text = issued.collateral_json.iter().next().unwrap();
        CollateralParts::from_json(text.as_bytes()).unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let pccs = self.pccs.url("");
        let mut all = arguments.to_vec();
        all.extend(["--root", &self.root, "--pccs", &pccs]);
        self.folder.teeproof(&all)
    }

    /// Judges addresses and files as of the instant of the test root.
    pub(crate) fn verify(&self, arguments: &[&str]) -> Output {
        let mut all = vec!["verify"];
        all.extend(arguments);
        all.extend([
            "--policy",
            &self.policy,
            "--at",
            &self.at,
            "--format",
            "json",
        ]);
        self.run(&all)
    }
}

pub(crate) fn real(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/real/tdx-v4")
        .join(name)
        .to_str()
        .unwrap()
        .to_owned()
}
