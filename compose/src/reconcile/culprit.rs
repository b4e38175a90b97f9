//! What is wrong, in words of its own.

use std::fmt;

use teeproof_core::Bytes32;

use super::{
    Explanation, FieldDifference, Reconciliation, Source, Sources, Spelling, differences,
    first_byte,
};
use crate::json::Json;
use crate::predict::Predictor;

/// Something that is wrong, and who did it. Hashes and documents are named by source and place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Culprit {
    /// The measured hash, written in a way that a comparison of texts takes for another.
    Spelling {
        /// The hash.
        stated: String,
        /// How it is written.
        spelling: Spelling,
    },
    /// No hash at all.
    NoHash {
        /// The hash.
        stated: String,
    },
    /// The docker-compose file itself in base64, where a hash belongs.
    YamlInBase64 {
        /// The hash.
        stated: String,
    },
    /// The digest of the docker-compose file.
    YamlDigest {
        /// The hash.
        stated: String,
        /// Of the file in base64, or with other line ends.
        of: &'static str,
    },
    /// The measured document in other bytes.
    OtherBytes {
        /// The hash.
        stated: String,
        /// Who writes those bytes; without one they are those of a document that was given.
        predictor: Option<Predictor>,
        /// The first byte that differs from the measured document.
        byte: usize,
        /// Where keys stand in another order: the key in the measured document, and in the other.
        order: Option<(String, String)>,
        /// One of them has lost the blank of `": ` inside of texts, as Phala Cloud's SDK does it.
        blanks: bool,
    },
    /// The measured document before a platform put fields in.
    Injected {
        /// The hash.
        stated: String,
        /// The fields that the measured document has more.
        fields: Vec<String>,
        /// Who writes those bytes.
        predictor: Option<Predictor>,
    },
    /// The measured document with another pre-launch script.
    OtherScript {
        /// The hash.
        stated: String,
        /// The script.
        script: String,
        /// Who writes those bytes.
        predictor: Option<Predictor>,
    },
    /// Another document: an answer from before a change or after it.
    OtherDocument {
        /// The hash.
        stated: String,
        /// The document that it is of.
        text: String,
        /// The fields that differ from the measured document.
        fields: Vec<String>,
        /// Who writes those bytes.
        predictor: Option<Predictor>,
    },
    /// No bytes at hand have it.
    Unexplained {
        /// The hash.
        stated: String,
    },
    /// A document that was not measured, in any bytes.
    NotMeasuredText {
        /// The document.
        text: String,
        /// The fields that differ from the measured document. Empty if that is not at hand.
        fields: Vec<String>,
    },
    /// The docker-compose file is not the one in the measured document.
    OtherYaml {
        /// The first line that differs, from one.
        line: usize,
        /// All that differs is the blank of `": `, which Phala Cloud's SDK takes out.
        blanks: bool,
    },
}

impl Culprit {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Spelling { .. } => "hash.spelling",
            Self::NoHash { .. } => "hash.none",
            Self::YamlInBase64 { .. } => "hash.yaml-in-base64",
            Self::YamlDigest { .. } => "hash.yaml-digest",
            Self::OtherBytes { order: Some(_), .. } => "hash.key-order",
            Self::OtherBytes { blanks: true, .. } => "hash.blanks-eaten",
            Self::OtherBytes { .. } => "hash.other-bytes",
            Self::Injected { .. } => "hash.injected-fields",
            Self::OtherScript { .. } => "hash.other-script",
            Self::OtherDocument { .. } => "hash.other-document",
            Self::Unexplained { .. } => "hash.unexplained",
            Self::NotMeasuredText { .. } => "text.not-measured",
            Self::OtherYaml { blanks: true, .. } => "yaml.blanks-eaten",
            Self::OtherYaml { .. } => "yaml.not-measured",
        }
    }
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = |predictor: &Option<Predictor>| match predictor {
            Some(predictor) => format!("as {} writes it", predictor.id()),
            None => "in the bytes that were given".to_owned(),
        };
        match self {
            Self::Spelling { stated, spelling } => write!(
                f,
                "{stated} is the measured hash in another spelling: {}",
                spelling.words()
            ),
            Self::NoHash { stated } => write!(f, "{stated} is no hash in any spelling"),
            Self::YamlInBase64 { stated } => write!(
                f,
                "{stated} is no hash: that is the docker-compose file in base64"
            ),
            Self::YamlDigest { stated, of } => write!(
                f,
                "{stated} is no compose hash: that is the digest of the docker-compose file{of}"
            ),
            Self::OtherBytes {
                stated,
                predictor,
                byte,
                order,
                blanks,
            } => {
                let by = by(predictor);
                write!(f, "{stated} is of the measured document {by}; ")?;
                match order {
                    Some((measured, other)) => write!(
                        f,
                        "keys stand in another order: {other:?} where the measured bytes have {measured:?}, "
                    )?,
                    None => f.write_str("the order of keys is the same, ")?,
                }
                if *blanks {
                    f.write_str("the blank after a quote and a colon is gone inside of texts, ")?;
                }
                write!(f, "the first other byte is {byte}")
            }
            Self::Injected {
                stated,
                fields,
                predictor,
            } => write!(
                f,
                "{stated} is of the measured document without {}, {}: the platform put that in",
                fields.join(", "),
                by(predictor)
            ),
            Self::OtherScript {
                stated,
                script,
                predictor,
            } => write!(
                f,
                "{stated} is of the measured document with another pre-launch script ({script}), {}",
                by(predictor)
            ),
            Self::OtherDocument {
                stated,
                text,
                fields,
                predictor,
            } => write!(
                f,
                "{stated} is of another document than was measured ({text}, {}); it differs in {}: a stale answer, or a deployment that did not happen",
                by(predictor),
                fields.join(", ")
            ),
            Self::Unexplained { stated } => write!(
                f,
                "{stated} is not the measured hash, and no bytes at hand have it in any known way"
            ),
            Self::NotMeasuredText { text, fields } if fields.is_empty() => {
                write!(
                    f,
                    "the document {text} was not measured, in no known bytes of it"
                )
            }
            Self::NotMeasuredText { text, fields } => write!(
                f,
                "the document {text} was not measured: it differs in {}",
                fields.join(", ")
            ),
            Self::OtherYaml { line, blanks: true } => write!(
                f,
                "the docker-compose file in the measured document has lost the blank after a quote and a colon, first in line {line}: that is how Phala Cloud's SDK writes it"
            ),
            Self::OtherYaml { line, .. } => write!(
                f,
                "the docker-compose file is not the one in the measured document: line {line} differs"
            ),
        }
    }
}

pub(super) fn culprits(found: &Reconciliation, sources: &Sources<'_>) -> Vec<Culprit> {
    let Ok(measured) = &found.measured else {
        return Vec::new();
    };
    let hash = *measured.hash.as_bytes();
    let mut culprits = Vec::new();
    // A chain allows many hashes: those of other versions are nobody's fault if this one is there.
    let allowed = found
        .stated
        .iter()
        .any(|one| one.source == Source::Chain && one.written.hash == Some(hash));
    for one in &found.stated {
        if one.written.hash == Some(hash) {
            // On a chain, hashes are written with `0x` always.
            if one.written.spelling != Spelling::Plain && one.source != Source::Chain {
                culprits.push(Culprit::Spelling {
                    stated: one.label(),
                    spelling: one.written.spelling,
                });
            }
        } else if !(one.source == Source::Chain && allowed) {
            culprits.push(of_hash(found, sources, one, &hash));
        }
    }
    culprits.extend(of_texts(found));
    culprits.extend(of_yaml(found, sources));
    culprits
}

fn of_hash(
    found: &Reconciliation,
    sources: &Sources<'_>,
    one: &super::Stated,
    hash: &Bytes32,
) -> Culprit {
    let stated = one.label();
    if one.written.is(hash) {
        return Culprit::Spelling {
            stated,
            spelling: one.written.spelling,
        };
    }
    if one.written.spelling == Spelling::Unreadable {
        let is_yaml = sources.yaml.is_some_and(|yaml| {
            use base64::Engine as _;
            use base64::prelude::BASE64_STANDARD;
            let encoded = BASE64_STANDARD.encode(yaml);
            let shown = one.written.text.trim();
            shown.len() >= 16 && encoded.starts_with(shown)
        });
        return if is_yaml {
            Culprit::YamlInBase64 { stated }
        } else {
            Culprit::NoHash { stated }
        };
    }
    let measured = found.measured_text();
    let of_yaml = one.explanations.iter().find_map(|one| match one {
        Explanation::Yaml => Some(""),
        Explanation::YamlNearly => Some(" with another end or other line ends"),
        Explanation::YamlBase64 => Some(" in base64"),
        _ => None,
    });
    if let Some(of) = of_yaml {
        return Culprit::YamlDigest { stated, of };
    }
    let Some(((text, writer), explanation)) = measured.zip(one.explanations.first()) else {
        return Culprit::Unexplained { stated };
    };
    let Some(measured) = found.texts.get(text).map(|text| &text.document) else {
        return Culprit::Unexplained { stated };
    };
    match explanation {
        Explanation::Exact { text } => of_document(found, stated, measured, writer, *text, None),
        Explanation::Predicted { text, predictor } => {
            of_document(found, stated, measured, writer, *text, Some(*predictor))
        }
        Explanation::OtherScript {
            script, predictor, ..
        } => Culprit::OtherScript {
            stated,
            script: script.clone(),
            predictor: *predictor,
        },
        Explanation::Without {
            fields, predictor, ..
        } => Culprit::Injected {
            stated,
            fields: fields.iter().map(|name| (*name).to_owned()).collect(),
            predictor: Some(*predictor),
        },
        Explanation::OtherYaml { text, predictor } => Culprit::OtherDocument {
            stated,
            text: format!("{} with the docker-compose file put in", found.label(*text)),
            fields: vec!["docker_compose_file".to_owned()],
            predictor: Some(*predictor),
        },
        Explanation::Yaml | Explanation::YamlNearly | Explanation::YamlBase64 => {
            Culprit::Unexplained { stated }
        }
    }
}

/// A hash of a document that is at hand.
fn of_document(
    found: &Reconciliation,
    stated: String,
    measured: &crate::AppCompose,
    writer: Option<Predictor>,
    text: usize,
    predictor: Option<Predictor>,
) -> Culprit {
    let Some(other) = found.texts.get(text).map(|text| &text.document) else {
        return Culprit::Unexplained { stated };
    };
    let values = other_values(measured.json(), other.json());
    if values.is_empty() {
        let bytes = |document: &crate::AppCompose, writer: Option<Predictor>| match writer {
            Some(writer) => writer.bytes(document.json()).unwrap_or_default(),
            None => document.bytes().to_vec(),
        };
        let (ours, theirs) = (bytes(measured, writer), bytes(other, predictor));
        let order = Json::parse(&ours)
            .ok()
            .zip(Json::parse(&theirs).ok())
            .and_then(|(ours, theirs)| {
                differences(&ours, &theirs)
                    .into_iter()
                    .find_map(|(_, kind)| match kind {
                        FieldDifference::Order { first, second } => Some((first, second)),
                        _ => None,
                    })
            });
        return Culprit::OtherBytes {
            stated,
            predictor,
            byte: first_byte(&ours, &theirs).unwrap_or_default(),
            order,
            blanks: has_blank(&ours) != has_blank(&theirs),
        };
    }
    let names = || values.iter().map(|(path, _)| path.clone()).collect();
    if values
        .iter()
        .all(|(_, kind)| *kind == FieldDifference::OnlyFirst)
    {
        return Culprit::Injected {
            stated,
            fields: names(),
            predictor,
        };
    }
    if let [(path, _)] = values.as_slice()
        && path == "pre_launch_script"
    {
        return Culprit::OtherScript {
            stated,
            script: format!("that of {}", found.label(text)),
            predictor,
        };
    }
    Culprit::OtherDocument {
        stated,
        text: found.label(text),
        fields: names(),
        predictor,
    }
}

/// Fields with other values. The order of keys is none, and neither is a blank that Phala Cloud's SDK
/// takes out of texts.
fn other_values(first: &Json, second: &Json) -> Vec<(String, FieldDifference)> {
    let mut found = differences(&without_blanks(first), &without_blanks(second));
    found.retain(|(_, kind)| !matches!(kind, FieldDifference::Order { .. }));
    found
}

fn eaten(text: &str) -> String {
    text.replace("\": ", "\":")
}

/// The text without any blank there: each time it is written, one goes.
fn all_eaten(text: &str) -> String {
    let mut parts = text.split("\":");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "\":" + part.trim_start_matches(' ')
    })
}

fn without_blanks(json: &Json) -> Json {
    match json {
        Json::String(text) => Json::String(all_eaten(text)),
        Json::Array(items) => Json::Array(items.iter().map(without_blanks).collect()),
        Json::Object(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, value)| (all_eaten(key), without_blanks(value)))
                .collect(),
        ),
        Json::Null | Json::Bool(_) | Json::Number(_) => json.clone(),
    }
}

/// Whether a document has a quote, a colon and a blank inside of a text.
fn has_blank(document: &[u8]) -> bool {
    Json::parse(document).is_ok_and(|json| without_blanks(&json) != json)
}

/// Documents that say something else than the measured one.
fn of_texts(found: &Reconciliation) -> Vec<Culprit> {
    let measured = found.measured_text();
    let mut culprits = Vec::new();
    for (index, text) in found.texts.iter().enumerate() {
        let of_this = found.measured_is.iter().any(|one| match one {
            Explanation::Exact { text } | Explanation::Predicted { text, .. } => *text == index,
            _ => false,
        });
        let fields: Vec<_> = measured
            .and_then(|(there, _)| found.texts.get(there))
            .map(|there| other_values(there.document.json(), text.document.json()))
            .unwrap_or_default()
            .into_iter()
            .map(|(path, _)| path)
            .collect();
        // The same fields in other bytes are the measured document.
        if !of_this && (measured.is_none() || !fields.is_empty()) {
            culprits.push(Culprit::NotMeasuredText {
                text: text.label(),
                fields,
            });
        }
    }
    culprits
}

/// A docker-compose file that is not the one in the measured document.
fn of_yaml(found: &Reconciliation, sources: &Sources<'_>) -> Option<Culprit> {
    let (text, _) = found.measured_text()?;
    let inside = found.texts.get(text)?.document.docker_compose()?;
    let yaml = sources.yaml?;
    let byte = first_byte(yaml, inside.as_bytes())?;
    let before = yaml.get(..byte).unwrap_or(yaml);
    let line = before.iter().filter(|byte| **byte == b'\n').count();
    Some(Culprit::OtherYaml {
        line: line.saturating_add(1),
        blanks: std::str::from_utf8(yaml).is_ok_and(|yaml| eaten(yaml) == inside),
    })
}

impl Reconciliation {
    fn label(&self, text: usize) -> String {
        self.texts
            .get(text)
            .map(super::Text::label)
            .unwrap_or_default()
    }
}
