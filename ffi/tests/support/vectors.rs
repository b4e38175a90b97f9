//! Evidence as files, with the verdict that the Rust side gives: what every language is held to.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use teeproof_bindings::{
    Answer, InstantChoice, VerifyOptions, parse_policy, signature_backend, verify,
};
use teeproof_core::{
    Challenge, CollateralSet, DerivationRule, Examination, Exchange, InstanceEvidence, Instant,
    MeasuredEvidence, SecondEngine, TrustAnchor, appraise, assemble, encode_hex, recognise,
};
use teeproof_forge::catalogue;

/// A policy for quotes of which nothing is known: real hardware of any status.
const ANY_STATUS: &str = r#"
schema = "teeproof.policy/1"
[tcb]
merged = ["UpToDate", "OutOfDate", "SWHardeningNeeded"]
platform = ["UpToDate", "OutOfDate", "SWHardeningNeeded"]
module = ["UpToDate", "OutOfDate"]
qe = ["UpToDate", "OutOfDate"]
out-of-date-grace-days = 3650
"#;

/// One case.
pub(crate) struct Vector {
    pub(crate) name: String,
    parts: Vec<Vec<u8>>,
    collateral: Vec<Vec<u8>>,
    policy: String,
    root: Option<Vec<u8>>,
    at: u64,
    challenge: Option<(Vec<u8>, String)>,
}

/// What has to come out of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) verdict: String,
    pub(crate) digest: String,
}

/// Every case of the forge.
pub(crate) fn forged() -> Vec<Vector> {
    catalogue()
        .iter()
        .map(|case| {
            let issued = case.issue();
            let texts = [
                issued.event_log,
                issued.app_compose,
                issued.vm_config,
                issued.mr_config_document,
            ];
            let texts = texts.into_iter().flatten().map(String::into_bytes);
            Vector {
                name: format!("forged-{}", case.name),
                parts: [issued.quote].into_iter().chain(texts).collect(),
                collateral: issued
                    .collateral_json
                    .map(String::into_bytes)
                    .into_iter()
                    .collect(),
                policy: issued.policy_toml,
                root: Some(issued.root_der),
                at: issued.at,
                challenge: issued
                    .challenge
                    .map(|(bytes, rule)| (bytes, rule.to_owned())),
            }
        })
        .collect()
}

/// The samples of real hardware in the repository.
pub(crate) fn real() -> Vec<Vector> {
    let at = |text: &str| text.parse::<Instant>().unwrap().unix();
    [
        ("tdx-v4", at("2025-06-27T04:53:20Z")),
        ("tdx-v5-td15", at("2026-03-01T00:00:00Z")),
        ("tdx-v5-td15ex", at("2026-10-20T00:00:00Z")),
        ("sgx-v3", at("2025-06-27T04:53:20Z")),
    ]
    .into_iter()
    .map(|(name, at)| {
        let folder = super::fixtures().join("real").join(name);
        Vector {
            name: format!("real-{name}"),
            parts: vec![fs::read(folder.join("quote.bin")).unwrap()],
            collateral: vec![fs::read(folder.join("collateral.json")).unwrap()],
            policy: fs::read_to_string(folder.join("policy.toml")).unwrap(),
            root: None,
            at,
            challenge: None,
        }
    })
    .collect()
}

/// The corpus of real evidence, if it is at hand: each quote once inside of its collateral's windows
/// and once at another instant.
pub(crate) fn corpus() -> Option<Vec<Vector>> {
    let folder = match std::env::var_os("TEEPROOF_SHARED") {
        Some(named) => PathBuf::from(named).join("corpus"),
        None => super::root().join("../shared/corpus"),
    };
    if !folder.is_dir() {
        println!("SKIPPED: no corpus at {}", folder.display());
        return None;
    }
    let index = fs::read(folder.join("golden/INDEX.json")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let mut vectors = Vec::new();
    for (place, row) in index.as_array().unwrap().iter().enumerate() {
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        if !seen.insert((text("quote"), text("at") == "inside")) {
            continue;
        }
        vectors.push(Vector {
            name: format!("corpus-{place}"),
            parts: vec![fs::read(folder.join(text("quote"))).unwrap()],
            collateral: vec![fs::read(folder.join(text("collateral"))).unwrap()],
            policy: ANY_STATUS.to_owned(),
            root: None,
            at: row["time"].as_u64().unwrap(),
            challenge: None,
        });
    }
    Some(vectors)
}

impl Vector {
    /// What the Rust side says: the core by itself and the bindings, which have to agree. None where
    /// an input is not even read, for then there is no verdict in any language.
    pub(crate) fn expected(&self) -> Option<Expected> {
        let inputs = self.parts.iter().chain(&self.collateral);
        let recognised = inputs.map(|input| recognise(input).ok()).collect();
        let recognised: Option<Vec<_>> = recognised;
        let mut instances = assemble(recognised?).ok()?;
        assert_eq!(instances.len(), 1, "{}", self.name);
        let evidence = instances.remove(0);
        let options = self.options();
        let core = of_the_core(&evidence, &options)?;
        let Answer::Verified(answer) = verify(&self.name, &evidence, &options) else {
            panic!("{}: the core judged it", self.name);
        };
        let bindings = Expected {
            verdict: answer.verdict,
            digest: answer.verdict_digest?,
        };
        assert_eq!(core, bindings, "{}", self.name);
        Some(bindings)
    }

    fn options(&self) -> VerifyOptions {
        let anchor = match &self.root {
            Some(der) => TrustAnchor::from_der(der),
            None => TrustAnchor::intel(),
        };
        let challenge = self.challenge.as_ref().map(|(bytes, rule)| {
            Challenge::new(bytes.clone(), DerivationRule::from_name(rule).unwrap())
        });
        VerifyOptions {
            policy: parse_policy(self.policy.as_bytes()).unwrap(),
            anchor: anchor.unwrap(),
            instant: InstantChoice::Given(Instant::from_unix(self.at).unwrap()),
            collateral: Vec::new(),
            exchange: Exchange {
                challenge,
                ..Exchange::default()
            },
            genuine_only: false,
        }
    }

    /// The request to the universal door.
    fn request(&self) -> Value {
        let hex = |bytes: &Vec<u8>| json!({ "hex": encode_hex(bytes) });
        let parts: Vec<Value> = self.parts.iter().chain(&self.collateral).map(hex).collect();
        json!({
            "schema": "teeproof.request/1",
            "inputs": [{ "name": self.name, "parts": parts }],
            "policy": self.policy,
            "at": self.at,
            "root": self.root.as_deref().map(encode_hex),
            "challenge": self.challenge.as_ref().map(|(bytes, rule)| json!({
                "bytes": encode_hex(bytes),
                "rule": rule,
            })),
        })
    }

    fn write_to(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        let write = |name: &str, content: &[u8]| fs::write(folder.join(name), content).unwrap();
        write("request.json", self.request().to_string().as_bytes());
        write("policy.toml", self.policy.as_bytes());
        for (place, part) in self.parts.iter().enumerate() {
            write(&format!("part-{place}"), part);
        }
        for (place, file) in self.collateral.iter().enumerate() {
            write(&format!("collateral-{place}"), file);
        }
        if let Some(root) = &self.root {
            write("root.der", root);
        }
        if let Some((bytes, _)) = &self.challenge {
            write("challenge", bytes);
        }
    }
}

/// The core by itself: no bindings, and no second engine, which the digest does not say.
fn of_the_core(evidence: &InstanceEvidence, options: &VerifyOptions) -> Option<Expected> {
    let InstantChoice::Given(at) = options.instant else {
        panic!("every vector names its instant");
    };
    let mut set = CollateralSet::new(options.anchor.clone());
    for parts in &evidence.collateral {
        let _ = set.add(parts, signature_backend());
    }
    if let Some(chain) = &evidence.pck_chain {
        set.add_pck_chain(chain);
    }
    let examination = Examination::of(evidence.quote.as_deref()?, &set, at, signature_backend());
    let report = appraise(
        &examination,
        &MeasuredEvidence {
            event_log: evidence.event_log.as_deref(),
            app_compose: evidence.app_compose.as_deref(),
            vm_config: evidence.vm_config.as_deref(),
            mr_config_document: evidence.mr_config_document.as_deref(),
            lint: None,
        },
        &options.policy,
        &options.exchange,
        SecondEngine::Agrees,
    );
    Some(Expected {
        verdict: report.verdict().to_string(),
        digest: report.digest()?.to_string(),
    })
}

/// Writes the cases that have a verdict below a folder, with the list that `ffi/tests/c/vectors.c`
/// describes. How many there are.
pub(crate) fn write(vectors: &[Vector], folder: &Path) -> usize {
    let mut list = String::new();
    for vector in vectors {
        let Some(Expected { verdict, digest }) = vector.expected() else {
            continue;
        };
        vector.write_to(&folder.join(&vector.name));
        let rule = vector.challenge.as_ref().map_or("-", |(_, rule)| rule);
        let (name, at) = (&vector.name, vector.at);
        writeln!(list, "{name}\t{at}\t{rule}\t{verdict}\t{digest}").unwrap();
    }
    fs::write(folder.join("list.tsv"), &list).unwrap();
    list.lines().count()
}
