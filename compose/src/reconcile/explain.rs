//! Which bytes have a hash: every document at hand, as it is and as each predictor writes it, with
//! another script or docker-compose file in it, and without what a platform puts in.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use teeproof_core::{Bytes32, sha256};

use super::{Sources, Text, Written};
use crate::json::Json;
use crate::predict::Predictor;

/// Bytes that are written and hashed at most, so that many large documents take no long time.
const BUDGET: usize = 64 * 1024 * 1024;

/// What a platform fills in. All subsets of those that stand in a document are tried.
const INJECTED: [&str; 6] = [
    "features",
    "gateway_enabled",
    "key_provider_id",
    "kms_enabled",
    "pre_launch_script",
    "storage_fs",
];

/// The writers that are tried on a document that was changed.
const WRITERS: [Predictor; 5] = [
    Predictor::PhalaJs,
    Predictor::PhalaPython,
    Predictor::DstackJs,
    Predictor::DstackJsNormalised,
    Predictor::DstackGo,
];

/// Which bytes a hash is of. Documents are named by their place in the list of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Explanation {
    /// The bytes of a document, as they were given.
    Exact {
        /// The document.
        text: usize,
    },
    /// What a predictor writes for a document.
    Predicted {
        /// The document.
        text: usize,
        /// The predictor.
        predictor: Predictor,
    },
    /// The docker-compose file by itself.
    Yaml,
    /// The docker-compose file by itself, with another end or other line ends.
    YamlNearly,
    /// The docker-compose file in base64.
    YamlBase64,
    /// A document with another pre-launch script in it.
    OtherScript {
        /// The document.
        text: usize,
        /// The script's name.
        script: String,
        /// Who wrote it; without one, the bytes are otherwise as they were given.
        predictor: Option<Predictor>,
    },
    /// A document with the docker-compose file put in.
    OtherYaml {
        /// The document.
        text: usize,
        /// The predictor.
        predictor: Predictor,
    },
    /// A document without fields that a platform fills in.
    Without {
        /// The document.
        text: usize,
        /// The fields.
        fields: Vec<&'static str>,
        /// The predictor.
        predictor: Predictor,
    },
}

/// Every hash that can be explained.
pub(super) struct Candidates {
    all: Vec<(Bytes32, Explanation)>,
    spent: usize,
}

impl Candidates {
    pub(super) fn of(sources: &Sources<'_>, texts: &[Text]) -> Self {
        let mut candidates = Self {
            all: Vec::new(),
            spent: 0,
        };
        if let Some(yaml) = sources.yaml {
            candidates.yaml(yaml);
        }
        let mut seen = BTreeSet::new();
        let distinct: Vec<_> = texts
            .iter()
            .enumerate()
            .filter(|(_, text)| seen.insert(text.document.hash()))
            .collect();
        // What is likelier comes first: the first explanation is the one that is told.
        for (text, one) in &distinct {
            let text = *text;
            candidates.push(one.document.bytes(), Explanation::Exact { text });
        }
        for (text, one) in &distinct {
            for predictor in Predictor::ALL {
                let explanation = Explanation::Predicted {
                    text: *text,
                    predictor,
                };
                candidates.predict(one.document.json(), predictor, explanation);
            }
        }
        for (text, one) in &distinct {
            candidates.scripts(*text, one, sources.scripts, &distinct);
        }
        if let Some(yaml) = sources.yaml.and_then(|yaml| std::str::from_utf8(yaml).ok()) {
            for (text, one) in &distinct {
                let value = Json::String(yaml.to_owned());
                let changed = with(one.document.json(), "docker_compose_file", value);
                for predictor in WRITERS {
                    let explanation = Explanation::OtherYaml {
                        text: *text,
                        predictor,
                    };
                    candidates.predict(&changed, predictor, explanation);
                }
            }
        }
        for (text, one) in &distinct {
            candidates.without(*text, one.document.json());
        }
        candidates
    }

    /// Everything that was tried within the budget.
    pub(super) const fn complete(&self) -> bool {
        self.spent <= BUDGET
    }

    pub(super) fn explain(&self, written: &Written) -> Vec<Explanation> {
        let mut found: Vec<Explanation> = Vec::new();
        for (hash, explanation) in &self.all {
            if written.is(hash) && !found.contains(explanation) {
                found.push(explanation.clone());
            }
        }
        found
    }

    fn push(&mut self, bytes: &[u8], explanation: Explanation) {
        self.spent = self.spent.saturating_add(bytes.len());
        if self.complete() {
            self.all.push((sha256(bytes), explanation));
        }
    }

    fn predict(&mut self, document: &Json, predictor: Predictor, explanation: Explanation) {
        if !self.complete() {
            return;
        }
        if let Ok(bytes) = predictor.bytes(document) {
            self.push(&bytes, explanation);
        }
    }

    fn yaml(&mut self, yaml: &[u8]) {
        self.push(yaml, Explanation::Yaml);
        let trimmed = yaml.trim_ascii_end();
        let mut ended = trimmed.to_vec();
        ended.push(b'\n');
        self.push(trimmed, Explanation::YamlNearly);
        self.push(&ended, Explanation::YamlNearly);
        if let Ok(text) = std::str::from_utf8(yaml) {
            let unix = text.replace("\r\n", "\n");
            self.push(unix.as_bytes(), Explanation::YamlNearly);
            self.push(
                unix.replace('\n', "\r\n").as_bytes(),
                Explanation::YamlNearly,
            );
        }
        let base64 = BASE64_STANDARD.encode(yaml);
        self.push(base64.as_bytes(), Explanation::YamlBase64);
    }

    fn scripts(
        &mut self,
        text: usize,
        one: &Text,
        given: &[(String, String)],
        texts: &[(usize, &Text)],
    ) {
        let own = one.document.text("pre_launch_script");
        let of_texts = texts.iter().filter_map(|(_, other)| {
            let script = other.document.text("pre_launch_script")?;
            Some((format!("that of {}", other.label()), script))
        });
        let given = given
            .iter()
            .map(|(name, text)| (name.clone(), text.as_str()));
        for (script, other) in given.chain(of_texts) {
            if own == Some(other) {
                continue;
            }
            if let Some(bytes) = own.and_then(|own| exchanged(one.document.bytes(), own, other)) {
                let explanation = Explanation::OtherScript {
                    text,
                    script: script.clone(),
                    predictor: None,
                };
                self.push(&bytes, explanation);
            }
            let value = Json::String(other.to_owned());
            let changed = with(one.document.json(), "pre_launch_script", value);
            for predictor in WRITERS {
                let explanation = Explanation::OtherScript {
                    text,
                    script: script.clone(),
                    predictor: Some(predictor),
                };
                self.predict(&changed, predictor, explanation);
            }
        }
    }

    fn without(&mut self, text: usize, document: &Json) {
        let there: Vec<_> = INJECTED
            .into_iter()
            .filter(|name| document.get(name).is_some())
            .collect();
        // Go drops fields by itself, so with fewer taken out: it comes last.
        for predictor in WRITERS {
            for subset in 1_u32..(1_u32 << there.len()) {
                let fields: Vec<_> = there
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| subset >> index & 1 == 1)
                    .map(|(_, name)| *name)
                    .collect();
                let kept = document.entries().unwrap_or_default().iter();
                let kept = kept.filter(|(key, _)| !fields.contains(&key.as_str()));
                let changed = Json::Object(kept.cloned().collect());
                let explanation = Explanation::Without {
                    text,
                    fields,
                    predictor,
                };
                self.predict(&changed, predictor, explanation);
            }
        }
    }
}

/// A document with another value in a field, in its place or at the end.
fn with(document: &Json, name: &str, value: Json) -> Json {
    let mut entries = document.entries().unwrap_or_default().to_vec();
    match entries.iter_mut().find(|(key, _)| key == name) {
        Some((_, there)) => *there = value,
        None => entries.push((name.to_owned(), value)),
    }
    Json::Object(entries)
}

/// The bytes with one text of JSON in the place of another, if that stands there once.
fn exchanged(bytes: &[u8], own: &str, other: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (own, other) = (
        serde_json::to_string(own).ok()?,
        serde_json::to_string(other).ok()?,
    );
    let (before, after) = text.split_once(&own)?;
    (!after.contains(&own)).then(|| format!("{before}{other}{after}").into_bytes())
}
