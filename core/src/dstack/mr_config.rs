//! `MRCONFIGID`: what the host configured, held against what the guest measured.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sha3::Digest;

use super::facts::{DstackFacts, InstanceId};
use super::key_provider::KeyProviderKind;
use crate::bytes::{Bytes32, Measurement, decode_hex, encode_hex};
use crate::compose::ComposeHash;
use crate::json::{Fields, ShapeFault};
use crate::json_shape::{self, JsonShapeError};
use crate::limits;
use crate::reason::Reason;
use crate::value::Value;

const DOCUMENT_DOMAIN: &[u8] = b"dstack-mr-config-v3:\0";

/// `MRCONFIGID` (48 bytes) as dstack uses it: one byte of version, 32 bytes, 15 zero bytes.
///
/// | version | the 32 bytes |
/// |---|---|
/// | 1 | the compose hash |
/// | 2 | Keccak-256 of compose hash (32), app id (20), key provider kind (1) and key provider id |
/// | 3 | SHA-256 of `dstack-mr-config-v3:`, a zero byte and the bytes of a JSON document |
///
/// Source: dstack, `dstack-types/src/mr_config.rs`. The host sets it; an approved guest refuses to
/// boot if it disagrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MrConfig {
    /// Version 1.
    V1(ComposeHash),
    /// Version 2: the Keccak-256 digest.
    V2(Bytes32),
    /// Version 3: the SHA-256 digest of the document.
    V3(Bytes32),
}

impl MrConfig {
    /// Reads `MRCONFIGID`. `None` if all of it is zero: then it is not used, which says nothing and
    /// agrees with nothing.
    ///
    /// # Errors
    /// [`MrConfigError::Version`] or [`MrConfigError::Padding`].
    pub fn parse(mr_config_id: &Measurement) -> Result<Option<Self>, MrConfigError> {
        if mr_config_id.is_zero() {
            return Ok(None);
        }
        let [version, rest @ ..] = mr_config_id.as_array();
        let make = match version {
            1 => |value| Self::V1(ComposeHash::new(value)),
            2 => Self::V2,
            3 => Self::V3,
            _ => return Err(MrConfigError::Version { found: *version }),
        };
        // Byte 0 is the version, so 47 bytes are left: never too few for the 32.
        let Some((value, padding)) = rest.split_first_chunk::<32>() else {
            return Err(MrConfigError::Version { found: *version });
        };
        if padding.iter().any(|byte| *byte != 0) {
            return Err(MrConfigError::Padding {
                found: padding.to_vec(),
            });
        }
        Ok(Some(make(Bytes32::new(*value))))
    }

    /// The version, 1 to 3.
    pub const fn version(&self) -> u8 {
        match self {
            Self::V1(_) => 1,
            Self::V2(_) => 2,
            Self::V3(_) => 3,
        }
    }

    /// Whether the configuration agrees with the measured facts. `document` is the exact text
    /// behind version 3 and is not looked at for the others. Fields that the document leaves out
    /// are not pinned by the host and are not compared.
    ///
    /// # Errors
    /// [`MrConfigError::DocumentMissing`] for version 3 without a document; otherwise every way to
    /// disagree.
    pub fn check(&self, facts: &DstackFacts, document: Option<&[u8]>) -> Result<(), MrConfigError> {
        match self {
            Self::V1(expected) => agree(
                MrConfigField::ComposeHash,
                expected.as_bytes().as_slice(),
                Some(facts.compose_hash().as_bytes().as_slice()),
            ),
            Self::V2(expected) => {
                let digest = v2_digest(facts)?;
                if digest == *expected {
                    Ok(())
                } else {
                    Err(MrConfigError::Digest {
                        found: *expected,
                        expected: digest,
                    })
                }
            }
            Self::V3(expected) => {
                let document = document.ok_or(MrConfigError::DocumentMissing)?;
                Document::parse(document, expected)?.check(facts)
            }
        }
    }
}

/// The digest of version 2 for what the guest measured.
fn v2_digest(facts: &DstackFacts) -> Result<Bytes32, MrConfigError> {
    let provider = facts
        .key_provider()
        .ok_or(MrConfigError::KeyProviderAbsent)?;
    let kind: u8 = match provider.kind() {
        KeyProviderKind::None => 0,
        KeyProviderKind::LocalSgx => 1,
        KeyProviderKind::Kms => 2,
        KeyProviderKind::Tpm => 3,
        KeyProviderKind::Other(name) => {
            return Err(MrConfigError::KeyProviderUnknown { name: name.clone() });
        }
    };
    Ok(keccak256(&[
        facts.compose_hash().as_bytes().as_slice(),
        facts.app_id().as_slice(),
        &[kind],
        provider.id(),
    ]))
}

fn keccak256(parts: &[&[u8]]) -> Bytes32 {
    let mut hash = sha3::Keccak256::new();
    for part in parts {
        hash.update(part);
    }
    Bytes32::new(hash.finalize().into())
}

fn document_digest(document: &[u8]) -> Bytes32 {
    let mut hash = sha2::Sha256::new();
    hash.update(DOCUMENT_DOMAIN);
    hash.update(document);
    Bytes32::new(hash.finalize().into())
}

const DOCUMENT_KEYS: [&str; 8] = [
    "version",
    "compose_hash",
    "key_provider",
    "app_id",
    "key_provider_id",
    "instance_id",
    "gpu_policy_hash",
    "init_script_hashes",
];

/// The document of version 3; `None` is a field that the host did not pin.
struct Document {
    compose_hash: Vec<u8>,
    key_provider: KeyProviderKind,
    app_id: Option<Vec<u8>>,
    key_provider_id: Option<Vec<u8>>,
    instance_id: Option<Vec<u8>>,
    gpu_policy_hash: Option<Vec<u8>>,
    init_script_hashes: Option<Vec<Vec<u8>>>,
}

impl Document {
    fn parse(document: &[u8], expected: &Bytes32) -> Result<Self, MrConfigError> {
        if document.len() > limits::MR_CONFIG_DOCUMENT {
            return Err(MrConfigError::DocumentTooLarge {
                found: document.len(),
                limit: limits::MR_CONFIG_DOCUMENT,
            });
        }
        // The hash comes first: a text that is not the configured one says nothing.
        let found = document_digest(document);
        if found != *expected {
            return Err(MrConfigError::DocumentHash {
                found,
                expected: *expected,
            });
        }
        let shape = |fault: ShapeFault| MrConfigError::DocumentJson(fault.into());
        let document = json_shape::read(document).map_err(MrConfigError::DocumentJson)?;
        let fields =
            Fields::closed("the document", document.root(), &DOCUMENT_KEYS).map_err(shape)?;
        // dstack reads a document without a version as version 3.
        let version = fields.maybe_whole::<u64>("version").map_err(shape)?;
        if version.is_some_and(|version| version != 3) {
            return Err(MrConfigError::DocumentField {
                field: MrConfigField::Version,
            });
        }
        // These names are not those of the event: the event says `local-sgx`.
        let key_provider = match &*fields.text("key_provider").map_err(shape)? {
            "none" => KeyProviderKind::None,
            "local" => KeyProviderKind::LocalSgx,
            "kms" => KeyProviderKind::Kms,
            "tpm" => KeyProviderKind::Tpm,
            _ => {
                return Err(MrConfigError::DocumentField {
                    field: MrConfigField::KeyProvider,
                });
            }
        };
        let hex = |field, text: &str| {
            decode_hex(text, limits::MR_CONFIG_DOCUMENT)
                .map_err(|_| MrConfigError::DocumentField { field })
        };
        let optional = |field, key| {
            let text = fields.maybe_text(key).map_err(shape)?;
            text.map(|text| hex(field, &text)).transpose()
        };
        let scripts = fields.maybe("init_script_hashes").map(|_| {
            let hashes = fields.items("init_script_hashes", usize::MAX);
            hashes
                .map_err(shape)?
                .into_iter()
                .map(|hash| {
                    let text = hash.text().ok_or_else(|| {
                        shape(ShapeFault::not(
                            "init_script_hashes",
                            "a list of texts",
                            hash,
                        ))
                    });
                    hex(MrConfigField::InitScriptHashes, &text?)
                })
                .collect()
        });
        let compose_hash = fields.text("compose_hash").map_err(shape)?;
        Ok(Self {
            compose_hash: hex(MrConfigField::ComposeHash, &compose_hash)?,
            key_provider,
            app_id: optional(MrConfigField::AppId, "app_id")?,
            key_provider_id: optional(MrConfigField::KeyProviderId, "key_provider_id")?,
            instance_id: optional(MrConfigField::InstanceId, "instance_id")?,
            gpu_policy_hash: optional(MrConfigField::GpuPolicyHash, "gpu_policy_hash")?,
            init_script_hashes: scripts.transpose()?,
        })
    }

    fn check(&self, facts: &DstackFacts) -> Result<(), MrConfigError> {
        let provider = facts
            .key_provider()
            .ok_or(MrConfigError::KeyProviderAbsent)?;
        agree(
            MrConfigField::ComposeHash,
            &self.compose_hash,
            Some(facts.compose_hash().as_bytes().as_slice()),
        )?;
        if self.key_provider != *provider.kind() {
            return Err(MrConfigError::Disagreement {
                field: MrConfigField::KeyProvider,
                found: Box::new(Value::quoted(self.key_provider.name())),
                expected: Some(Box::new(Value::quoted(provider.kind().name()))),
            });
        }
        if let Some(app_id) = &self.app_id {
            agree(
                MrConfigField::AppId,
                app_id,
                Some(facts.app_id().as_slice()),
            )?;
        }
        if let Some(id) = &self.key_provider_id {
            agree(MrConfigField::KeyProviderId, id, Some(provider.id()))?;
        }
        if let Some(id) = &self.instance_id {
            let measured = match facts.instance_id() {
                InstanceId::None => Vec::new(),
                InstanceId::Id(id) => id.as_slice().to_vec(),
            };
            agree(MrConfigField::InstanceId, id, Some(&measured))?;
        }
        if let Some(hash) = &self.gpu_policy_hash {
            let measured = facts.gpu_policy_hash();
            agree(
                MrConfigField::GpuPolicyHash,
                hash,
                measured.as_ref().map(Bytes32::as_slice),
            )?;
        }
        if let Some(hashes) = &self.init_script_hashes {
            let measured = facts.init_script_hashes();
            let same = hashes.len() == measured.len()
                && hashes
                    .iter()
                    .zip(measured)
                    .all(|(pinned, measured)| pinned == measured.as_slice());
            if !same {
                return Err(MrConfigError::Disagreement {
                    field: MrConfigField::InitScriptHashes,
                    found: Box::new(Value::List(hashes.iter().map(|hash| hex(hash)).collect())),
                    expected: Some(Box::new(Value::list(measured))),
                });
            }
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> Value {
    Value::quoted(&encode_hex(bytes))
}

/// Compares what the host configured with what the guest measured, if it measured that at all.
fn agree(
    field: MrConfigField,
    configured: &[u8],
    measured: Option<&[u8]>,
) -> Result<(), MrConfigError> {
    if measured == Some(configured) {
        return Ok(());
    }
    Err(MrConfigError::Disagreement {
        field,
        found: Box::new(hex(configured)),
        expected: measured.map(|measured| Box::new(hex(measured))),
    })
}

/// A field of the document, or what version 1 holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MrConfigField {
    /// `version`.
    Version,
    /// `compose_hash`.
    ComposeHash,
    /// `key_provider`.
    KeyProvider,
    /// `app_id`.
    AppId,
    /// `key_provider_id`.
    KeyProviderId,
    /// `instance_id`.
    InstanceId,
    /// `gpu_policy_hash`.
    GpuPolicyHash,
    /// `init_script_hashes`.
    InitScriptHashes,
}

impl MrConfigField {
    /// The name in the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::ComposeHash => "compose_hash",
            Self::KeyProvider => "key_provider",
            Self::AppId => "app_id",
            Self::KeyProviderId => "key_provider_id",
            Self::InstanceId => "instance_id",
            Self::GpuPolicyHash => "gpu_policy_hash",
            Self::InitScriptHashes => "init_script_hashes",
        }
    }
}

/// Why `MRCONFIGID` does not agree with the measured log. What the host configured is *found*;
/// what the guest measured is *expected*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MrConfigError {
    /// A version that is not known.
    Version {
        /// The first byte.
        found: u8,
    },
    /// The last 15 bytes are not zero.
    Padding {
        /// These bytes.
        found: Vec<u8>,
    },
    /// The digest of version 2 is not that of the measured facts.
    Digest {
        /// The configured digest.
        found: Bytes32,
        /// The digest of the facts.
        expected: Bytes32,
    },
    /// The guest measured no key provider, which versions 2 and 3 need.
    KeyProviderAbsent,
    /// The guest measured a key provider that version 2 has no number for.
    KeyProviderUnknown {
        /// Its kind.
        name: String,
    },
    /// Version 3 without its document.
    DocumentMissing,
    /// The document is over the cap.
    DocumentTooLarge {
        /// Bytes found.
        found: usize,
        /// The cap in bytes.
        limit: usize,
    },
    /// The document is not the configured one.
    DocumentHash {
        /// The digest of the document.
        found: Bytes32,
        /// The configured digest.
        expected: Bytes32,
    },
    /// The document is not the JSON of one.
    DocumentJson(JsonShapeError),
    /// A field of the document cannot be read.
    DocumentField {
        /// The field.
        field: MrConfigField,
    },
    /// The host configured another value than the guest measured.
    Disagreement {
        /// The field.
        field: MrConfigField,
        /// The configured value.
        found: Box<Value>,
        /// The measured value, if the guest measured one.
        expected: Option<Box<Value>>,
    },
}

impl MrConfigError {
    /// The reason for the report.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Version { .. } | Self::Padding { .. } => Reason::MrConfigVersion,
            Self::Digest { .. }
            | Self::KeyProviderAbsent
            | Self::KeyProviderUnknown { .. }
            | Self::Disagreement { .. } => Reason::MrConfigMismatch,
            Self::DocumentMissing => Reason::DocumentMissing,
            Self::DocumentTooLarge { .. }
            | Self::DocumentHash { .. }
            | Self::DocumentJson(_)
            | Self::DocumentField { .. } => Reason::MrConfigDocument,
        }
    }

    /// What was found: the configured side.
    pub fn found(&self) -> Option<Value> {
        match self {
            Self::Version { found } => Some(Value::from(u64::from(*found))),
            Self::Padding { found } => Some(hex(found)),
            Self::Digest { found, .. } | Self::DocumentHash { found, .. } => {
                Some(Value::text(found))
            }
            Self::KeyProviderUnknown { name } => Some(Value::quoted(name)),
            Self::DocumentTooLarge { found, .. } => Some(Value::count(*found)),
            Self::DocumentField { field } => Some(Value::from(field.name())),
            Self::Disagreement { field, found, .. } => Some(Value::Fields(alloc::vec![
                ("field", Value::from(field.name())),
                ("value", (**found).clone()),
            ])),
            Self::KeyProviderAbsent | Self::DocumentMissing | Self::DocumentJson(_) => None,
        }
    }

    /// What was expected: the measured side, or a cap.
    pub fn expected(&self) -> Option<Value> {
        match self {
            Self::Digest { expected, .. } | Self::DocumentHash { expected, .. } => {
                Some(Value::text(expected))
            }
            Self::DocumentTooLarge { limit, .. } => Some(Value::count(*limit)),
            Self::Disagreement {
                field, expected, ..
            } => expected.as_ref().map(|expected| {
                Value::Fields(alloc::vec![
                    ("field", Value::from(field.name())),
                    ("value", (**expected).clone()),
                ])
            }),
            Self::Version { .. }
            | Self::Padding { .. }
            | Self::KeyProviderAbsent
            | Self::KeyProviderUnknown { .. }
            | Self::DocumentMissing
            | Self::DocumentJson(_)
            | Self::DocumentField { .. } => None,
        }
    }
}

impl fmt::Display for MrConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { found } => write!(f, "MRCONFIGID has version {found}"),
            Self::Padding { .. } => f.write_str("MRCONFIGID does not end in zeros"),
            Self::Digest { found, expected } => {
                write!(
                    f,
                    "MRCONFIGID holds {found}, the measured facts give {expected}"
                )
            }
            Self::KeyProviderAbsent => f.write_str("no key provider was measured"),
            Self::KeyProviderUnknown { .. } => f.write_str("a key provider of unknown kind"),
            Self::DocumentMissing => f.write_str("the MRCONFIGID document is missing"),
            Self::DocumentTooLarge { found, limit } => write!(
                f,
                "an MRCONFIGID document of {found} bytes, over the cap of {limit}"
            ),
            Self::DocumentHash { found, expected } => write!(
                f,
                "the MRCONFIGID document has the digest {found}, configured is {expected}"
            ),
            Self::DocumentJson(error) => write!(f, "MRCONFIGID document: {error}"),
            Self::DocumentField { field } => {
                write!(f, "MRCONFIGID document: {} cannot be read", field.name())
            }
            Self::Disagreement { field, .. } => {
                write!(
                    f,
                    "MRCONFIGID has another {} than was measured",
                    field.name()
                )
            }
        }
    }
}

impl core::error::Error for MrConfigError {}
