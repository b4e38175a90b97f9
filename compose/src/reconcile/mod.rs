//! Reconciling: every hash there is, over which bytes each was made, and which of them the hardware
//! measured.
//!
//! Nothing is verified here. The evidence says what was measured, and whether it is to be believed is
//! for the appraisal to say.

mod culprit;
mod difference;
mod explain;
mod measured;
mod read;
mod written;

use std::fmt;

use teeproof_core::{DockerComposeDigest, InstanceEvidence, JsonError};

pub use culprit::Culprit;
pub use difference::{FieldDifference, differences, first_byte};
use explain::Candidates;
pub use explain::Explanation;
pub use measured::{Measured, NotMeasured};
use read::Found;
pub use written::{Spelling, Written};

use crate::document::{AppCompose, DocumentError};
use crate::predict::Predictor;

/// Scripts that are tried at most.
const SCRIPTS: usize = 64;

/// What is given. Nothing of it is trusted, and any of it may be missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// The docker-compose file.
    pub yaml: Option<&'a [u8]>,
    /// An answer of Phala Cloud: to a provision, about a machine, a revision.
    pub platform: Option<&'a [u8]>,
    /// The document as some address serves it.
    pub served: Option<&'a [u8]>,
    /// Evidence of the machine.
    pub evidence: Option<&'a InstanceEvidence>,
    /// Hashes that are allowed on-chain: JSON with hashes in it.
    pub chain: Option<&'a [u8]>,
    /// A hash that was expected.
    pub expected: Option<&'a str>,
    /// Other pre-launch scripts by name, such as those of earlier months. The first 64 are tried.
    pub scripts: &'a [(String, String)],
}

/// Where something came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The evidence.
    Evidence,
    /// The served document.
    Served,
    /// The platform's answer.
    Platform,
    /// The chain.
    Chain,
    /// What was expected.
    Expected,
}

impl Source {
    /// A stable name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Served => "served",
            Self::Platform => "platform",
            Self::Chain => "chain",
            Self::Expected => "expected",
        }
    }
}

/// A document whose bytes are at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Who gave it.
    pub source: Source,
    /// Where it stood, empty if it was all.
    pub place: String,
    /// The bytes came as a text or a file of their own. A document inside an answer was read and
    /// written again on its way: its bytes say little.
    pub exact: bool,
    /// The document.
    pub document: AppCompose,
}

impl Text {
    /// Source and place.
    pub fn label(&self) -> String {
        label(self.source, &self.place)
    }
}

/// A hash that somebody states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// Who states it.
    pub source: Source,
    /// Where it stood, empty if it was all.
    pub place: String,
    /// What it says.
    pub written: Written,
    /// Which bytes have this hash, the likeliest first. Nothing if no bytes at hand have it.
    pub explanations: Vec<Explanation>,
}

impl Stated {
    /// Source and place.
    pub fn label(&self) -> String {
        label(self.source, &self.place)
    }
}

fn label(source: Source, place: &str) -> String {
    match place {
        "" => source.id().to_owned(),
        place => format!("{} {place}", source.id()),
    }
}

/// Two documents that differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextDifference {
    /// The first.
    pub first: usize,
    /// The second.
    pub second: usize,
    /// The first byte that differs, from zero.
    pub byte: usize,
    /// Every field that differs. None if only blanks, escapes and the like differ.
    pub fields: Vec<(String, FieldDifference)>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciliation {
    /// What the hardware measured.
    pub measured: Result<Measured, NotMeasured>,
    /// Which bytes have the measured hash.
    pub measured_is: Vec<Explanation>,
    /// The digest of the docker-compose file, which is no compose hash.
    pub yaml: Option<DockerComposeDigest>,
    /// Every document.
    pub texts: Vec<Text>,
    /// Every hash that somebody states.
    pub stated: Vec<Stated>,
    /// Every two documents that differ.
    pub differences: Vec<TextDifference>,
    /// What is wrong, and who did it.
    pub culprits: Vec<Culprit>,
    /// Everything that could be tried was tried: not so if the documents are very large.
    pub complete: bool,
}

/// Why an input cannot be reconciled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReconcileError {
    /// Over the cap of 8 MiB.
    TooLarge {
        /// The input.
        source: Source,
    },
    /// Not JSON that is read here.
    Json {
        /// The input.
        source: Source,
        /// Why.
        error: JsonError,
    },
    /// A document in it is none.
    Document {
        /// The input.
        source: Source,
        /// Why.
        error: DocumentError,
    },
    /// Neither a document nor a hash in it.
    Nothing {
        /// The input.
        source: Source,
    },
    /// More than 8 documents or 256 hashes in it.
    TooMany {
        /// The input.
        source: Source,
    },
    /// The docker-compose file is over the cap.
    Yaml {
        /// Bytes found.
        found: usize,
    },
}

impl ReconcileError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "reconcile.too-large",
            Self::Json { .. } => "reconcile.not-json",
            Self::Document { .. } => "reconcile.no-document",
            Self::Nothing { .. } => "reconcile.nothing",
            Self::TooMany { .. } => "reconcile.too-many",
            Self::Yaml { .. } => "reconcile.yaml-too-large",
        }
    }
}

impl fmt::Display for ReconcileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { source } => write!(f, "{}: over 8 MiB", source.id()),
            Self::Json { source, error } => write!(f, "{}: {error}", source.id()),
            Self::Document { source, error } => write!(f, "{}: {error}", source.id()),
            Self::Nothing { source } => write!(
                f,
                "{}: neither an app-compose document nor a compose hash in it",
                source.id()
            ),
            Self::TooMany { source } => write!(
                f,
                "{}: more than 8 app-compose documents or 256 hashes in it",
                source.id()
            ),
            Self::Yaml { found } => write!(
                f,
                "a docker-compose file of {found} bytes, over the cap of {}",
                crate::limits::YAML
            ),
        }
    }
}

impl std::error::Error for ReconcileError {}

/// Reconciles what was given.
///
/// # Errors
/// [`ReconcileError`] for an input that is not what its place expects. Evidence that does not say
/// what was measured is no error: see [`Reconciliation::measured`].
pub fn reconcile(sources: &Sources<'_>) -> Result<Reconciliation, ReconcileError> {
    let sources = Sources {
        scripts: sources.scripts.get(..SCRIPTS).unwrap_or(sources.scripts),
        ..*sources
    };
    if let Some(yaml) = sources.yaml
        && yaml.len() > crate::limits::YAML
    {
        return Err(ReconcileError::Yaml { found: yaml.len() });
    }
    let mut texts = Vec::new();
    let mut stated = Vec::new();
    let mut take = |found: Found| {
        texts.extend(found.texts);
        stated.extend(found.stated);
    };
    take(of_evidence(sources.evidence)?);
    for (source, bytes) in [
        (Source::Served, sources.served),
        (Source::Platform, sources.platform),
        (Source::Chain, sources.chain),
    ] {
        let mut found = Found::new(source);
        if let Some(bytes) = bytes {
            found.input(bytes)?;
        }
        take(found);
    }
    let mut expected = Found::new(Source::Expected);
    if let Some(text) = sources.expected {
        expected.hash("", text)?;
    }
    take(expected);

    let candidates = Candidates::of(&sources, &texts);
    for one in &mut stated {
        one.explanations = candidates.explain(&one.written);
    }
    let measured = measured::measured(sources.evidence);
    let measured_is = match &measured {
        Ok(measured) => candidates.explain(&Written::read(&measured.hash.to_string())),
        Err(_) => Vec::new(),
    };
    let mut found = Reconciliation {
        measured,
        measured_is,
        yaml: sources
            .yaml
            .and_then(|yaml| DockerComposeDigest::of(yaml).ok()),
        differences: text_differences(&texts),
        texts,
        stated,
        culprits: Vec::new(),
        complete: candidates.complete(),
    };
    found.culprits = culprit::culprits(&found, &sources);
    Ok(found)
}

fn of_evidence(evidence: Option<&InstanceEvidence>) -> Result<Found, ReconcileError> {
    let mut found = Found::new(Source::Evidence);
    let Some(evidence) = evidence else {
        return Ok(found);
    };
    if let Some(bytes) = &evidence.app_compose {
        found.text("app_compose", bytes, true)?;
    }
    for (name, value) in &evidence.self_reported {
        if name.ends_with("compose_hash") {
            found.hash(name, value)?;
        }
    }
    Ok(found)
}

fn text_differences(texts: &[Text]) -> Vec<TextDifference> {
    let mut found = Vec::new();
    for (first, one) in texts.iter().enumerate() {
        for (second, other) in texts.iter().enumerate().skip(first.saturating_add(1)) {
            let (one, other) = (&one.document, &other.document);
            if let Some(byte) = first_byte(one.bytes(), other.bytes()) {
                found.push(TextDifference {
                    first,
                    second,
                    byte,
                    fields: differences(one.json(), other.json()),
                });
            }
        }
    }
    found
}

impl Reconciliation {
    /// The document that was measured, and who writes it so; no writer if its bytes are at hand.
    pub fn measured_text(&self) -> Option<(usize, Option<Predictor>)> {
        let exact = self.measured_is.iter().find_map(|one| match one {
            Explanation::Exact { text } => Some((*text, None)),
            _ => None,
        });
        exact.or_else(|| {
            self.measured_is.iter().find_map(|one| match one {
                Explanation::Predicted { text, predictor } => Some((*text, Some(*predictor))),
                _ => None,
            })
        })
    }

    /// Whether what was measured is known and everything else agrees with it.
    pub fn agrees(&self) -> bool {
        self.measured.is_ok() && self.culprits.is_empty()
    }
}

#[cfg(test)]
mod tests;
