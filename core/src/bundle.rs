//! The bundle: one JSON file with everything that an offline verdict needs.
//!
//! A bundle is a suitcase, not a witness. Whoever has it could have written any of it, so it makes
//! nothing true: the parts in it are judged exactly as if they had come alone. It can carry neither
//! a trust anchor, nor a policy, nor the instant of judgement, nor a verdict; a file that tries is
//! refused. A challenge or a time of capture in it is the bundle's own word.
//!
//! The format is described in `docs/bundle.md`.

mod document;
mod error;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
pub use document::bundle_schema_json;
pub use error::{BundleError, ForbiddenContent};

use crate::bytes::Bytes32;
use crate::collateral::CollateralParts;
use crate::input::{InputKind, InstanceEvidence, MissingQuote};
use crate::json::{Document, Node};
use crate::limits;
use crate::time::Instant;

/// The schema that this release writes.
pub const BUNDLE_SCHEMA: &str = "teeproof.bundle/1";

/// The major version in [`BUNDLE_SCHEMA`].
const MAJOR: u64 = 1;

/// A challenge that a bundle carries: the bundle's own word. Freshness is only ever shown against a
/// challenge that the caller gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleChallenge {
    /// The challenge, before anything is derived from it.
    pub bytes: Vec<u8>,
    /// The name of the rule that makes report data of it.
    pub rule: String,
    /// SHA-256 of the key that the workload's end of the channel has, by its own word.
    pub channel_key: Option<Bytes32>,
}

/// The content of a bundle. Claims only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// A name to tell bundles apart.
    pub label: Option<String>,
    /// When it was made, by its own word.
    pub captured_at: Option<Instant>,
    /// The bytes of the quote.
    pub quote: Vec<u8>,
    /// The exact text of the event log.
    pub event_log: Option<String>,
    /// The exact text of the app-compose document, whose SHA-256 is the compose hash.
    pub app_compose: Option<String>,
    /// The exact text of the `vm_config` document.
    pub vm_config: Option<String>,
    /// The exact text of the `MrConfigV3` document.
    pub mr_config_document: Option<String>,
    /// A PCK certificate chain in PEM, for a quote that carries none.
    pub pck_certificate_chain: Option<String>,
    /// Collateral files.
    pub collateral: Vec<CollateralParts>,
    /// A challenge, by the bundle's own word.
    pub challenge: Option<BundleChallenge>,
    /// What the platform said of itself. Shown, and never used.
    pub self_reported: BTreeMap<String, String>,
}

impl Bundle {
    /// Reads a bundle. Unknown and duplicate keys are refused: a reader that passed over a part it
    /// does not know could give a verdict on something else than what was packed.
    pub fn from_json(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > limits::BUNDLE {
            return Err(BundleError::TooLarge {
                size: bytes.len(),
                limit: limits::BUNDLE,
            });
        }
        let document = Document::read(bytes).map_err(BundleError::Json)?;
        Self::from_node(document.root())
    }

    pub(crate) fn from_node(root: Node<'_>) -> Result<Self, BundleError> {
        let bundle = document::read(root)?;
        bundle.check_sizes()?;
        Ok(bundle)
    }

    /// Writes the bundle: keys in one fixed order, two spaces of indentation, no final newline.
    /// Read back, it is equal.
    pub fn to_json(&self) -> String {
        document::write(self)
    }

    /// Packs one evidence. What has no quote, and what is not text where the format has text,
    /// cannot be packed.
    pub fn from_evidence(evidence: &InstanceEvidence) -> Result<Self, BundleError> {
        let text = |bytes: &Option<Vec<u8>>, key| match bytes {
            None => Ok(None),
            Some(bytes) => match core::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(String::from(text))),
                Err(error) => Err(BundleError::NotUtf8 {
                    key,
                    offset: error.valid_up_to(),
                }),
            },
        };
        let mut self_reported = BTreeMap::new();
        for (name, value) in &evidence.self_reported {
            if self_reported.insert(name.clone(), value.clone()).is_some() {
                return Err(BundleError::RepeatedName {
                    name: name.as_str().into(),
                });
            }
        }
        let bundle = Self {
            label: evidence.label.clone(),
            captured_at: evidence.captured_at,
            quote: evidence.quote.clone().ok_or(BundleError::NoQuote)?,
            event_log: text(&evidence.event_log, "eventLog")?,
            app_compose: text(&evidence.app_compose, "appCompose")?,
            vm_config: text(&evidence.vm_config, "vmConfig")?,
            mr_config_document: text(&evidence.mr_config_document, "mrConfigDocument")?,
            pck_certificate_chain: evidence.pck_chain.clone(),
            collateral: evidence.collateral.clone(),
            challenge: evidence.challenge.clone(),
            self_reported,
        };
        bundle.check_sizes()?;
        let size = bundle.to_json().len();
        if size > limits::BUNDLE {
            return Err(BundleError::TooLarge {
                size,
                limit: limits::BUNDLE,
            });
        }
        Ok(bundle)
    }

    /// Unpacks the bundle.
    pub fn into_evidence(self) -> InstanceEvidence {
        InstanceEvidence {
            quote: Some(self.quote),
            missing: None,
            event_log: self.event_log.map(String::into_bytes),
            app_compose: self.app_compose.map(String::into_bytes),
            vm_config: self.vm_config.map(String::into_bytes),
            mr_config_document: self.mr_config_document.map(String::into_bytes),
            pck_chain: self.pck_certificate_chain,
            collateral: self.collateral,
            challenge: self.challenge,
            captured_at: self.captured_at,
            label: self.label,
            self_reported: self.self_reported.into_iter().collect(),
            ..InstanceEvidence::without_quote(InputKind::Bundle, MissingQuote::Null)
        }
    }

    /// The caps hold for packing and for reading alike, so that what is packed can be read.
    fn check_sizes(&self) -> Result<(), BundleError> {
        let length = |text: &Option<String>| text.as_ref().map(String::len);
        let challenge = self.challenge.as_ref();
        let sizes = [
            ("label", length(&self.label), limits::SELF_REPORTED),
            ("quote", Some(self.quote.len()), limits::QUOTE),
            ("eventLog", length(&self.event_log), limits::EVENT_LOG),
            ("appCompose", length(&self.app_compose), limits::APP_COMPOSE),
            ("vmConfig", length(&self.vm_config), limits::VM_CONFIG),
            (
                "mrConfigDocument",
                length(&self.mr_config_document),
                limits::MR_CONFIG_DOCUMENT,
            ),
            (
                "pckCertificateChain",
                length(&self.pck_certificate_chain),
                limits::PEM_CHAIN,
            ),
            (
                "challenge.bytes",
                challenge.map(|challenge| challenge.bytes.len()),
                limits::CHALLENGE,
            ),
            (
                "challenge.rule",
                challenge.map(|challenge| challenge.rule.len()),
                limits::RULE_NAME,
            ),
        ];
        for (key, size, limit) in sizes {
            match size {
                None => {}
                // An absent part is left out; an empty one would be a part of its own.
                Some(0) => return Err(BundleError::Empty { key }),
                Some(size) if size > limit => {
                    return Err(BundleError::FieldTooLarge { key, size, limit });
                }
                Some(_) => {}
            }
        }
        if self.collateral.len() > limits::COLLATERAL_FILES {
            return Err(BundleError::TooManyCollaterals {
                limit: limits::COLLATERAL_FILES,
            });
        }
        if self.self_reported.len() > limits::JSON_KEYS {
            return Err(BundleError::FieldTooLarge {
                key: "selfReported",
                size: self.self_reported.len(),
                limit: limits::JSON_KEYS,
            });
        }
        for text in self
            .self_reported
            .iter()
            .flat_map(|(name, value)| [name, value])
        {
            if text.len() > limits::SELF_REPORTED {
                return Err(BundleError::FieldTooLarge {
                    key: "selfReported",
                    size: text.len(),
                    limit: limits::SELF_REPORTED,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
