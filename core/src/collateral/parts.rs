//! The collateral file as the ecosystem passes it around: one JSON object of nine or ten strings
//! (dcap-qvl's `QuoteCollateralV3`). Only the file format is read here: nothing is parsed further,
//! and nothing is trusted.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::bytes::{HexError, decode_hex, encode_hex};
use crate::json::{Document, JsonError, Node, Object};
use crate::limits;
use crate::quoted::Quoted;

/// The parts of one collateral file. Claims only: nothing about them has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollateralParts {
    /// PEM chain that issued the PCK CRL.
    pub pck_crl_issuer_chain: String,
    /// The root CA's CRL, as given: DER in files of today.
    pub root_ca_crl: Vec<u8>,
    /// The CRL of the PCK platform or processor CA, as given: DER in files of today.
    pub pck_crl: Vec<u8>,
    /// PEM chain of the key that signed the TCB info.
    pub tcb_info_issuer_chain: String,
    /// The `tcbInfo` object, byte for byte what the signature covers.
    pub tcb_info: String,
    /// Signature over [`Self::tcb_info`].
    pub tcb_info_signature: Vec<u8>,
    /// PEM chain of the key that signed the QE identity.
    pub qe_identity_issuer_chain: String,
    /// The `enclaveIdentity` object, byte for byte what the signature covers.
    pub qe_identity: String,
    /// Signature over [`Self::qe_identity`].
    pub qe_identity_signature: Vec<u8>,
    /// PEM chain of the platform's PCK certificate, for quotes that carry none. Older files have no
    /// such field.
    pub pck_certificate_chain: Option<String>,
}

/// Why a file is not a collateral file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CollateralFormatError {
    /// Larger than [`limits::COLLATERAL`].
    TooLarge {
        /// Bytes found.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not JSON that this crate reads.
    Json(JsonError),
    /// JSON, and not an object.
    NotAnObject,
    /// A key that the format does not have.
    UnknownKey {
        /// The key.
        key: Box<str>,
    },
    /// A key that the format demands is absent.
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A value that is not a string.
    NotText {
        /// Its key.
        key: &'static str,
    },
    /// A value that is an empty string.
    Empty {
        /// Its key.
        key: &'static str,
    },
    /// A value larger than its cap.
    FieldTooLarge {
        /// Its key.
        key: &'static str,
        /// Bytes found.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A value that is not the hex it should be.
    Hex {
        /// Its key.
        key: &'static str,
        /// What is wrong with it.
        error: HexError,
    },
}

impl fmt::Display for CollateralFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size, limit } => {
                write!(
                    f,
                    "a collateral of {size} bytes, more than the {limit} allowed"
                )
            }
            Self::Json(error) => fmt::Display::fmt(error, f),
            Self::NotAnObject => f.write_str("collateral is a JSON object, and this is not one"),
            Self::UnknownKey { key } => {
                write!(f, "collateral has no key {}", Quoted(key))
            }
            Self::MissingKey { key } => write!(f, "the collateral lacks `{key}`"),
            Self::NotText { key } => write!(f, "`{key}` of the collateral is not a string"),
            Self::Empty { key } => write!(f, "`{key}` of the collateral is empty"),
            Self::FieldTooLarge { key, size, limit } => write!(
                f,
                "`{key}` of the collateral has {size} bytes, more than the {limit} allowed"
            ),
            Self::Hex { key, error } => write!(f, "`{key}` of the collateral: {error}"),
        }
    }
}

impl core::error::Error for CollateralFormatError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Hex { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// All keys, in the order in which they are written.
pub(crate) const KEYS: [&str; 10] = [
    "pck_crl_issuer_chain",
    "root_ca_crl",
    "pck_crl",
    "tcb_info_issuer_chain",
    "tcb_info",
    "tcb_info_signature",
    "qe_identity_issuer_chain",
    "qe_identity",
    "qe_identity_signature",
    "pck_certificate_chain",
];

impl CollateralParts {
    /// Reads a collateral file. Unknown and duplicate keys are refused, and so is every part that
    /// is missing, empty or over its cap. A `pck_certificate_chain` of `null` is no chain.
    pub fn from_json(bytes: &[u8]) -> Result<Self, CollateralFormatError> {
        if bytes.len() > limits::COLLATERAL {
            return Err(CollateralFormatError::TooLarge {
                size: bytes.len(),
                limit: limits::COLLATERAL,
            });
        }
        let document = Document::read(bytes).map_err(CollateralFormatError::Json)?;
        Self::from_node(document.root())
    }

    /// Reads the object inside a document that was checked as a whole.
    pub(crate) fn from_node(node: Node<'_>) -> Result<Self, CollateralFormatError> {
        if node.raw().len() > limits::COLLATERAL {
            return Err(CollateralFormatError::TooLarge {
                size: node.raw().len(),
                limit: limits::COLLATERAL,
            });
        }
        let object = node.object().ok_or(CollateralFormatError::NotAnObject)?;
        if let Some(key) = object.keys().find(|key| !KEYS.contains(&key.as_ref())) {
            return Err(CollateralFormatError::UnknownKey { key: key.into() });
        }
        Ok(Self {
            pck_crl_issuer_chain: text(&object, "pck_crl_issuer_chain", limits::PEM_CHAIN)?,
            root_ca_crl: hex(&object, "root_ca_crl", limits::CRL)?,
            pck_crl: hex(&object, "pck_crl", limits::CRL)?,
            tcb_info_issuer_chain: text(&object, "tcb_info_issuer_chain", limits::PEM_CHAIN)?,
            tcb_info: text(&object, "tcb_info", limits::SIGNED_JSON)?,
            tcb_info_signature: hex(&object, "tcb_info_signature", limits::SIGNATURE)?,
            qe_identity_issuer_chain: text(&object, "qe_identity_issuer_chain", limits::PEM_CHAIN)?,
            qe_identity: text(&object, "qe_identity", limits::SIGNED_JSON)?,
            qe_identity_signature: hex(&object, "qe_identity_signature", limits::SIGNATURE)?,
            pck_certificate_chain: match object.get("pck_certificate_chain") {
                Some(_) => Some(text(&object, "pck_certificate_chain", limits::PEM_CHAIN)?),
                None => None,
            },
        })
    }

    /// Writes the collateral file: keys in one fixed order, hex in lower case, two spaces of
    /// indentation, no final newline. Read back, it is equal.
    pub fn to_json(&self) -> String {
        // A document of strings has no way to fail; the fallback is refused by every reader.
        serde_json::to_string_pretty(&CollateralDocument::from(self)).unwrap_or_default()
    }
}

fn text(
    object: &Object<'_>,
    key: &'static str,
    limit: usize,
) -> Result<String, CollateralFormatError> {
    if !object.has(key) {
        return Err(CollateralFormatError::MissingKey { key });
    }
    let text = object
        .text(key)
        .ok_or(CollateralFormatError::NotText { key })?;
    if text.is_empty() {
        return Err(CollateralFormatError::Empty { key });
    }
    if text.len() > limit {
        return Err(CollateralFormatError::FieldTooLarge {
            key,
            size: text.len(),
            limit,
        });
    }
    Ok(text)
}

fn hex(
    object: &Object<'_>,
    key: &'static str,
    limit: usize,
) -> Result<Vec<u8>, CollateralFormatError> {
    let digits = text(object, key, limit.saturating_mul(2))?;
    decode_hex(&digits, limit).map_err(|error| CollateralFormatError::Hex { key, error })
}

/// One collateral file.
#[derive(serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CollateralDocument<'a> {
    /// PEM chain that issued the PCK CRL.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pck_crl_issuer_chain: &'a str,
    /// The root CA's CRL: DER in hex.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^([0-9a-fA-F]{2})+$")))]
    root_ca_crl: String,
    /// The CRL of the PCK platform or processor CA: DER in hex.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^([0-9a-fA-F]{2})+$")))]
    pck_crl: String,
    /// PEM chain of the key that signed the TCB info.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    tcb_info_issuer_chain: &'a str,
    /// The exact text of the signed `tcbInfo` object.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    tcb_info: &'a str,
    /// Signature over the TCB info, in hex.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^([0-9a-fA-F]{2})+$")))]
    tcb_info_signature: String,
    /// PEM chain of the key that signed the QE identity.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    qe_identity_issuer_chain: &'a str,
    /// The exact text of the signed `enclaveIdentity` object.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    qe_identity: &'a str,
    /// Signature over the QE identity, in hex.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^([0-9a-fA-F]{2})+$")))]
    qe_identity_signature: String,
    /// PEM chain of the platform's PCK certificate, for quotes that carry none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1)))]
    pck_certificate_chain: Option<&'a str>,
}

impl<'a> From<&'a CollateralParts> for CollateralDocument<'a> {
    fn from(parts: &'a CollateralParts) -> Self {
        Self {
            pck_crl_issuer_chain: &parts.pck_crl_issuer_chain,
            root_ca_crl: encode_hex(&parts.root_ca_crl),
            pck_crl: encode_hex(&parts.pck_crl),
            tcb_info_issuer_chain: &parts.tcb_info_issuer_chain,
            tcb_info: &parts.tcb_info,
            tcb_info_signature: encode_hex(&parts.tcb_info_signature),
            qe_identity_issuer_chain: &parts.qe_identity_issuer_chain,
            qe_identity: &parts.qe_identity,
            qe_identity_signature: encode_hex(&parts.qe_identity_signature),
            pck_certificate_chain: parts.pck_certificate_chain.as_deref(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec;

    /// A well-formed file that no verifier would believe.
    pub(crate) fn sample() -> CollateralParts {
        CollateralParts {
            pck_crl_issuer_chain: "chain 1\n".into(),
            root_ca_crl: vec![0x30, 0x01],
            pck_crl: vec![0x30, 0xab],
            tcb_info_issuer_chain: "chain 2".into(),
            tcb_info: "{\"id\" : \"TDX\"}".into(),
            tcb_info_signature: vec![7; 64],
            qe_identity_issuer_chain: "chain 3".into(),
            qe_identity: "{\"id\":\"TD_QE\"}".into(),
            qe_identity_signature: vec![8; 64],
            pck_certificate_chain: None,
        }
    }

    fn read(text: &str) -> Result<CollateralParts, CollateralFormatError> {
        CollateralParts::from_json(text.as_bytes())
    }

    #[test]
    fn what_is_written_is_read_back_equal() {
        let mut parts = sample();
        assert_eq!(read(&parts.to_json()), Ok(parts.clone()));
        parts.pck_certificate_chain = Some("chain 4".into());
        assert_eq!(read(&parts.to_json()), Ok(parts));
    }

    #[test]
    fn hex_of_either_case_and_a_null_chain_are_accepted() {
        let text = sample().to_json().replace("\"30ab\"", "\"30AB\"").replacen(
            '{',
            "{\"pck_certificate_chain\": null,",
            1,
        );
        assert_eq!(read(&text), Ok(sample()));
    }

    #[test]
    fn every_demanded_key_is_demanded_and_must_be_text() {
        let whole = sample().to_json();
        for key in &KEYS[..9] {
            let renamed = whole.replace(
                &format!("\"{key}\":"),
                "\"pck_certificate_chain\": null, \"x\":",
            );
            assert_eq!(
                read(&renamed),
                Err(CollateralFormatError::UnknownKey { key: "x".into() }),
                "{key}"
            );
            let lines: Vec<&str> = whole
                .lines()
                .filter(|line| !line.contains(&format!("\"{key}\":")))
                .collect();
            let without = lines.join("\n").replace(",\n}", "\n}");
            assert_eq!(
                read(&without),
                Err(CollateralFormatError::MissingKey { key })
            );
            for (value, expected) in [
                ("17", CollateralFormatError::NotText { key }),
                ("null", CollateralFormatError::NotText { key }),
                ("{}", CollateralFormatError::NotText { key }),
                ("\"\"", CollateralFormatError::Empty { key }),
            ] {
                let changed = format!("{{\"{key}\": {value},{}", without.trim_start_matches('{'));
                assert_eq!(read(&changed), Err(expected));
            }
        }
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        let text = sample().to_json().replacen('{', "{\"pck_crl\": \"00\",", 1);
        assert!(matches!(
            read(&text),
            Err(CollateralFormatError::Json(JsonError::DuplicateKey { .. }))
        ));
    }

    #[test]
    fn broken_hex_is_refused_with_its_place() {
        for (wrong, error) in [
            ("30a", HexError::Odd { digits: 3 }),
            ("0x30ab", HexError::Digit { offset: 1 }),
            ("30ag", HexError::Digit { offset: 3 }),
            ("30 ab ", HexError::Digit { offset: 2 }),
        ] {
            let text = sample()
                .to_json()
                .replace("\"30ab\"", &format!("\"{wrong}\""));
            assert_eq!(
                read(&text),
                Err(CollateralFormatError::Hex {
                    key: "pck_crl",
                    error
                })
            );
        }
    }

    #[test]
    fn caps_hold_for_each_part_and_for_the_whole() {
        let mut parts = sample();
        parts.tcb_info_signature = vec![0; limits::SIGNATURE + 1];
        assert_eq!(
            read(&parts.to_json()),
            Err(CollateralFormatError::FieldTooLarge {
                key: "tcb_info_signature",
                size: 2 * (limits::SIGNATURE + 1),
                limit: 2 * limits::SIGNATURE,
            })
        );
        let mut parts = sample();
        parts.tcb_info_issuer_chain = "c".repeat(limits::PEM_CHAIN + 1);
        assert!(matches!(
            read(&parts.to_json()),
            Err(CollateralFormatError::FieldTooLarge {
                key: "tcb_info_issuer_chain",
                ..
            })
        ));
        let padded = format!("{}{}", sample().to_json(), " ".repeat(limits::COLLATERAL));
        assert!(matches!(
            read(&padded),
            Err(CollateralFormatError::TooLarge { .. })
        ));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert_eq!(read("[]"), Err(CollateralFormatError::NotAnObject));
        assert!(matches!(
            read("{\"pck_crl\":"),
            Err(CollateralFormatError::Json(JsonError::Syntax {
                ends_early: true,
                ..
            }))
        ));
        let message = read("{\"\\u001b[31m\":1}").unwrap_err().to_string();
        assert_eq!(message, "collateral has no key `\\u{1b}[31m`");
    }
}
