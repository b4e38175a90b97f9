//! The JSON form of a bundle.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{BUNDLE_SCHEMA, Bundle, BundleChallenge, BundleError, ForbiddenContent, MAJOR};
use crate::bytes::{decode_hex, encode_hex};
use crate::collateral::{CollateralDocument, CollateralParts};
use crate::json::{Node, Object};
use crate::limits;

/// Everything that an offline verdict on one machine needs. Nothing in it is trusted.
#[derive(serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "teeproof.bundle/1"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BundleDocument<'a> {
    /// The format and its major version.
    #[cfg_attr(feature = "schema", schemars(extend("const" = BUNDLE_SCHEMA)))]
    schema: &'a str,
    /// A name to tell bundles apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1, max = limits::SELF_REPORTED)))]
    label: Option<&'a str>,
    /// When the bundle was made, by its own word: RFC 3339 in whole seconds, UTC, with `Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date-time")))]
    captured_at: Option<String>,
    /// The bytes of the quote in hex.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^([0-9a-fA-F]{2})+$"), length(max = limits::QUOTE * 2)))]
    quote: String,
    /// The exact text of the event log: a JSON array.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1, max = limits::EVENT_LOG)))]
    event_log: Option<&'a str>,
    /// The exact text of the app-compose document. Its SHA-256 is the compose hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1, max = limits::APP_COMPOSE)))]
    app_compose: Option<&'a str>,
    /// The exact text of the `vm_config` document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1, max = limits::VM_CONFIG)))]
    vm_config: Option<&'a str>,
    /// The exact text of the `MrConfigV3` document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1, max = limits::MR_CONFIG_DOCUMENT)))]
    mr_config_document: Option<&'a str>,
    /// A PCK certificate chain in PEM, for a quote that carries none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1, max = limits::PEM_CHAIN)))]
    pck_certificate_chain: Option<&'a str>,
    /// Collateral files.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<CollateralDocument<'a>>", length(min = 1, max = limits::COLLATERAL_FILES)))]
    collateral: Option<Vec<CollateralDocument<'a>>>,
    /// A challenge, by the bundle's own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "ChallengeDocument<'a>"))]
    challenge: Option<ChallengeDocument<'a>>,
    /// What the platform said of itself. Shown, and never used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, String>", extend("minProperties" = 1)))]
    self_reported: Option<&'a BTreeMap<String, String>>,
}

/// A challenge that the quote may answer.
#[derive(serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ChallengeDocument<'a> {
    /// The challenge in hex.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^([0-9a-fA-F]{2})+$")))]
    bytes: String,
    /// The name of the rule that makes report data of it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::RULE_NAME)))]
    rule: &'a str,
    /// SHA-256 of the key at the workload's end of the channel (SubjectPublicKeyInfo in DER), in hex.
    #[serde(rename = "channelKey", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = "^[0-9a-fA-F]{64}$")))]
    channel_key: Option<String>,
}

/// All keys of a bundle.
const KEYS: [&str; 12] = [
    "schema",
    "label",
    "capturedAt",
    "quote",
    "eventLog",
    "appCompose",
    "vmConfig",
    "mrConfigDocument",
    "pckCertificateChain",
    "collateral",
    "challenge",
    "selfReported",
];

pub(super) fn write(bundle: &Bundle) -> String {
    let document = BundleDocument {
        schema: BUNDLE_SCHEMA,
        label: bundle.label.as_deref(),
        captured_at: bundle.captured_at.map(|at| at.to_string()),
        quote: encode_hex(&bundle.quote),
        event_log: bundle.event_log.as_deref(),
        app_compose: bundle.app_compose.as_deref(),
        vm_config: bundle.vm_config.as_deref(),
        mr_config_document: bundle.mr_config_document.as_deref(),
        pck_certificate_chain: bundle.pck_certificate_chain.as_deref(),
        collateral: (!bundle.collateral.is_empty())
            .then(|| bundle.collateral.iter().map(Into::into).collect()),
        challenge: bundle
            .challenge
            .as_ref()
            .map(|challenge| ChallengeDocument {
                bytes: encode_hex(&challenge.bytes),
                rule: &challenge.rule,
                channel_key: challenge.channel_key.map(|key| key.to_string()),
            }),
        self_reported: (!bundle.self_reported.is_empty()).then_some(&bundle.self_reported),
    };
    // A document of strings has no way to fail; the fallback is refused by every reader.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// The JSON Schema (draft 2020-12) of a bundle. It holds names, types and lengths in characters; the
/// caps proper are in bytes, and duplicate keys are beyond a schema.
#[cfg(feature = "schema")]
pub fn bundle_schema_json() -> String {
    // A document that is written, and so one whose absent parts are left out, never `null`.
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<BundleDocument<'_>>();
    let mut text = serde_json::to_string_pretty(schema.as_value()).unwrap_or_default();
    text.push('\n');
    text
}

pub(super) fn read(root: Node<'_>) -> Result<Bundle, BundleError> {
    let object = root.object().ok_or(BundleError::NotAnObject)?;
    // The schema first: a newer version is refused by name, not for a key it brings.
    check_schema(&object.text("schema").ok_or(BundleError::NoSchema)?)?;
    for key in object.keys() {
        if let Some(what) = ForbiddenContent::of_key(&key) {
            return Err(BundleError::Forbidden {
                key: key.into(),
                what,
            });
        }
        if !KEYS.contains(&key.as_ref()) {
            return Err(BundleError::UnknownKey { key: key.into() });
        }
    }
    Ok(Bundle {
        label: text(&object, "label", "label")?,
        captured_at: captured_at(&object)?,
        quote: hex(&object, "quote", "quote", limits::QUOTE)?,
        event_log: text(&object, "eventLog", "eventLog")?,
        app_compose: text(&object, "appCompose", "appCompose")?,
        vm_config: text(&object, "vmConfig", "vmConfig")?,
        mr_config_document: text(&object, "mrConfigDocument", "mrConfigDocument")?,
        pck_certificate_chain: text(&object, "pckCertificateChain", "pckCertificateChain")?,
        collateral: collateral(&object)?,
        challenge: challenge(&object)?,
        self_reported: self_reported(&object)?,
    })
}

fn check_schema(schema: &str) -> Result<(), BundleError> {
    let other = || BundleError::OtherSchema {
        schema: schema.into(),
    };
    let major = schema.strip_prefix("teeproof.bundle/").ok_or_else(other)?;
    // Only plain decimal: `+1` or `01` is no version of ours.
    if !major.bytes().all(|digit| digit.is_ascii_digit()) || major.starts_with('0') {
        return Err(other());
    }
    match major.parse::<u64>() {
        Ok(MAJOR) => Ok(()),
        Ok(found) => Err(BundleError::NewerMajor { found }),
        Err(_) => Err(other()),
    }
}

/// The text under a key that may be absent. `null` is not absence: a bundle has one spelling.
fn text(object: &Object<'_>, key: &str, path: &'static str) -> Result<Option<String>, BundleError> {
    if !object.has(key) {
        return Ok(None);
    }
    object.text(key).map(Some).ok_or(BundleError::WrongType {
        key: path,
        expected: "a string",
    })
}

fn hex(
    object: &Object<'_>,
    key: &str,
    path: &'static str,
    limit: usize,
) -> Result<Vec<u8>, BundleError> {
    let digits = text(object, key, path)?.ok_or(BundleError::MissingKey { key: path })?;
    decode_hex(&digits, limit).map_err(|error| BundleError::Hex { key: path, error })
}

fn captured_at(object: &Object<'_>) -> Result<Option<crate::Instant>, BundleError> {
    let Some(date) = text(object, "capturedAt", "capturedAt")? else {
        return Ok(None);
    };
    match date.parse() {
        Ok(at) => Ok(Some(at)),
        Err(_) => Err(BundleError::CapturedAt {
            text: date.into_boxed_str(),
        }),
    }
}

fn collateral(object: &Object<'_>) -> Result<Vec<CollateralParts>, BundleError> {
    if !object.has("collateral") {
        return Ok(Vec::new());
    }
    let items = object
        .get("collateral")
        .and_then(|node| node.items(limits::COLLATERAL_FILES))
        .ok_or(BundleError::WrongType {
            key: "collateral",
            expected: "an array",
        })?;
    // An empty list says the same as no list, and would not be written again.
    if items.is_empty() {
        return Err(BundleError::Empty { key: "collateral" });
    }
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| {
            CollateralParts::from_node(item)
                .map_err(|error| BundleError::Collateral { index, error })
        })
        .collect()
}

fn challenge(object: &Object<'_>) -> Result<Option<BundleChallenge>, BundleError> {
    if !object.has("challenge") {
        return Ok(None);
    }
    let challenge =
        object
            .get("challenge")
            .and_then(Node::object)
            .ok_or(BundleError::WrongType {
                key: "challenge",
                expected: "an object",
            })?;
    if let Some(key) = challenge
        .keys()
        .find(|key| !matches!(key.as_ref(), "bytes" | "rule" | "channelKey"))
    {
        let mut path = String::from("challenge.");
        path.push_str(&key);
        return Err(BundleError::UnknownKey { key: path.into() });
    }
    Ok(Some(BundleChallenge {
        bytes: hex(&challenge, "bytes", "challenge.bytes", limits::CHALLENGE)?,
        rule: text(&challenge, "rule", "challenge.rule")?.ok_or(BundleError::MissingKey {
            key: "challenge.rule",
        })?,
        channel_key: channel_key(&challenge)?,
    }))
}

fn channel_key(challenge: &Object<'_>) -> Result<Option<crate::Bytes32>, BundleError> {
    const PATH: &str = "challenge.channelKey";
    let Some(digits) = text(challenge, "channelKey", PATH)? else {
        return Ok(None);
    };
    digits
        .parse()
        .map(Some)
        .map_err(|error| BundleError::Hex { key: PATH, error })
}

fn self_reported(object: &Object<'_>) -> Result<BTreeMap<String, String>, BundleError> {
    let wrong = BundleError::WrongType {
        key: "selfReported",
        expected: "an object of strings",
    };
    if !object.has("selfReported") {
        return Ok(BTreeMap::new());
    }
    let Some(entries) = object.get("selfReported").and_then(Node::object) else {
        return Err(wrong);
    };
    let mut values = BTreeMap::new();
    for (name, value) in entries.entries() {
        let Some(value) = value.string() else {
            return Err(wrong);
        };
        values.insert(name.into_owned(), value);
    }
    if values.is_empty() {
        return Err(BundleError::Empty {
            key: "selfReported",
        });
    }
    Ok(values)
}
