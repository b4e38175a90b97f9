//! Evidence in: an input is recognised by its content, never by a file name.
//!
//! Nothing here is trusted and little is parsed: a recognised input is taken apart into the parts
//! that a verdict rests on, each kept byte for byte as it was given. Whether a quote, a log or an
//! app-compose is any good is said later, by the checks.

mod assemble;
mod container;
mod error;
mod fields;
mod msgpack;
mod shapes;
mod text;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use assemble::{AssembleError, assemble};
pub use container::{ContainerError, ContainerFault};
pub use error::{ForeignFormat, InputError, InputFieldError, TextEncoding};

use crate::bundle::BundleChallenge;
use crate::collateral::CollateralParts;
use crate::json::Document;
use crate::limits;
use crate::time::Instant;

/// The form in which evidence was given. It enters no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// The bytes of a quote.
    RawQuote,
    /// A quote as hex digits.
    HexQuote,
    /// A quote in base64.
    Base64Quote,
    /// The answer of dstack's guest agent to `GetQuote`, or of the older `TdxQuote`.
    DstackGetQuote,
    /// The answer of dstack's guest agent to `Info`.
    DstackInfo,
    /// The `tcb_info` document of a dstack guest.
    DstackTcbInfo,
    /// The `.sys-config.json` that a dstack host hands to its guest.
    DstackSysConfig,
    /// A request to dstack's verifier service, with a quote in it.
    DstackVerifierRequest,
    /// A dstack versioned attestation, binary or as the hex of one.
    DstackAttestation,
    /// Phala Cloud's answer about one CVM.
    PhalaCvmAttestation,
    /// Phala Cloud's answer about all instances of an app.
    PhalaAppAttestations,
    /// A bundle of this tool.
    Bundle,
    /// Put together from several inputs.
    Parts,
}

impl InputKind {
    /// A stable word for the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RawQuote => "raw-quote",
            Self::HexQuote => "hex-quote",
            Self::Base64Quote => "base64-quote",
            Self::DstackGetQuote => "dstack-get-quote",
            Self::DstackInfo => "dstack-info",
            Self::DstackTcbInfo => "dstack-tcb-info",
            Self::DstackSysConfig => "dstack-sys-config",
            Self::DstackVerifierRequest => "dstack-verifier-request",
            Self::DstackAttestation => "dstack-attestation",
            Self::PhalaCvmAttestation => "phala-cvm-attestation",
            Self::PhalaAppAttestations => "phala-app-attestations",
            Self::Bundle => "bundle",
            Self::Parts => "parts",
        }
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One part of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvidencePart {
    /// The quote.
    Quote,
    /// The event log.
    EventLog,
    /// The app-compose document.
    AppCompose,
    /// The `vm_config` document.
    VmConfig,
    /// The `MrConfigV3` document that `MRCONFIGID` may be made from.
    MrConfigDocument,
    /// A PCK certificate chain in PEM.
    PckChain,
    /// Collateral files.
    Collateral,
    /// A challenge that a bundle carries.
    Challenge,
    /// The time of capture that a bundle carries.
    CapturedAt,
}

impl fmt::Display for EvidencePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quote => "quote",
            Self::EventLog => "event log",
            Self::AppCompose => "app-compose",
            Self::VmConfig => "vm_config",
            Self::MrConfigDocument => "mr_config document",
            Self::PckChain => "PCK certificate chain",
            Self::Collateral => "collateral",
            Self::Challenge => "challenge",
            Self::CapturedAt => "time of capture",
        })
    }
}

/// Why an evidence has no quote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingQuote {
    /// This form never carries one: it completes a quote that comes from elsewhere.
    NotCarried,
    /// The answer has an empty place where the quote belongs.
    Null,
    /// The answer says that something went wrong.
    Reported {
        /// What it says.
        error: String,
    },
    /// What stands in the place of the quote is unusable.
    Unreadable(InputFieldError),
}

impl fmt::Display for MissingQuote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCarried => f.write_str("this form of input carries no quote"),
            Self::Null => f.write_str("the answer holds no quote"),
            Self::Reported { error } => write!(
                f,
                "the answer holds no quote, and reports {}",
                crate::quoted::Quoted(error)
            ),
            Self::Unreadable(error) => write!(f, "the quote in the answer is unusable: {error}"),
        }
    }
}

/// What is known of one machine, from one input or several. Claims only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceEvidence {
    /// The form it came in.
    pub kind: InputKind,
    /// The bytes of the quote.
    pub quote: Option<Vec<u8>>,
    /// The event log: the text of a JSON array, exactly as given. A binary container has no such
    /// text; its events are written as dstack writes them.
    pub event_log: Option<Vec<u8>>,
    /// The exact bytes of the app-compose document.
    pub app_compose: Option<Vec<u8>>,
    /// The exact text of the `vm_config` document.
    pub vm_config: Option<Vec<u8>>,
    /// The exact bytes of the `MrConfigV3` document.
    pub mr_config_document: Option<Vec<u8>>,
    /// A PCK certificate chain in PEM that was given beside the quote.
    pub pck_chain: Option<String>,
    /// Collateral files that were given beside the quote.
    pub collateral: Vec<CollateralParts>,
    /// A challenge that a bundle carries: the bundle's own word, proof of nothing.
    pub challenge: Option<BundleChallenge>,
    /// When a bundle says it was made: the bundle's own word.
    pub captured_at: Option<Instant>,
    /// A name to tell several apart, chosen by whoever made the input.
    pub label: Option<String>,
    /// What the input says beside the evidence, by name: registers, ids, a status. Never evidence.
    pub self_reported: Vec<(String, String)>,
    /// Why there is no quote. `None` exactly when there is one.
    pub missing: Option<MissingQuote>,
}

impl InstanceEvidence {
    /// Evidence that is nothing but a quote.
    pub fn from_quote(kind: InputKind, quote: Vec<u8>) -> Self {
        Self {
            quote: Some(quote),
            missing: None,
            ..Self::without_quote(kind, MissingQuote::Null)
        }
    }

    /// Evidence with nothing in it yet, and the reason why it has no quote.
    pub fn without_quote(kind: InputKind, missing: MissingQuote) -> Self {
        Self {
            kind,
            quote: None,
            event_log: None,
            app_compose: None,
            vm_config: None,
            mr_config_document: None,
            pck_chain: None,
            collateral: Vec::new(),
            challenge: None,
            captured_at: None,
            label: None,
            self_reported: Vec::new(),
            missing: Some(missing),
        }
    }
}

/// What an input turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recognised {
    /// Evidence of one machine or of several. A form that carries no quote by itself (`Info`,
    /// `tcb_info`, `.sys-config.json`) is one evidence whose quote is [`MissingQuote::NotCarried`].
    Evidence(Vec<InstanceEvidence>),
    /// An event log alone, exactly as given.
    EventLog(Vec<u8>),
    /// An app-compose document alone, exactly as given.
    AppCompose(Vec<u8>),
    /// A collateral file.
    Collateral(Box<CollateralParts>),
    /// A `vm_config` document alone, exactly as given.
    VmConfig(Vec<u8>),
    /// An `MrConfigV3` document alone, exactly as given.
    MrConfigDocument(Vec<u8>),
    /// A PEM certificate chain.
    PckChain(String),
}

/// Recognises an input by its content.
///
/// A quote is recognised by its first eight bytes alone, so that a truncated or altered one is
/// refused by the verifier with its reason and not here. A JSON document with a duplicate key is
/// refused whatever it is.
pub fn recognise(bytes: &[u8]) -> Result<Recognised, InputError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(InputError::Empty);
    }
    if bytes.len() > limits::BUNDLE {
        return Err(InputError::TooLarge {
            size: bytes.len(),
            limit: limits::BUNDLE,
        });
    }
    if let Some(evidence) = binary(bytes, InputKind::RawQuote)? {
        return Ok(Recognised::Evidence([evidence].into()));
    }
    if let Some(format) = text::foreign(bytes) {
        return Err(InputError::Foreign(format));
    }
    match core::str::from_utf8(bytes) {
        Ok(text) if !bytes.contains(&0) => from_text(text, true),
        _ => Err(InputError::UnknownBytes {
            start: error::first_bytes(bytes),
        }),
    }
}

/// Recognises text. A JSON string is opened once, never a string inside it.
fn from_text(text: &str, open_string: bool) -> Result<Recognised, InputError> {
    let trimmed = text.trim_ascii();
    match trimmed.as_bytes().first() {
        None => Err(InputError::Empty),
        Some(b'{' | b'[') => {
            let document = Document::of_text(text).map_err(InputError::Json)?;
            shapes::from_json(text, document.root())
        }
        Some(b'"') if open_string => {
            let document = Document::of_text(text).map_err(InputError::Json)?;
            let inner = document.root().string().ok_or(InputError::DoublyQuoted)?;
            from_text(&inner, false)
        }
        Some(b'"') => Err(InputError::DoublyQuoted),
        Some(b'-') if trimmed.starts_with(text::PEM_BEGIN) => text::pem(text),
        Some(_) => {
            let (decoded, encoding) = text::decode(trimmed)?;
            let kind = match encoding {
                TextEncoding::Hex => InputKind::HexQuote,
                TextEncoding::Base64 => InputKind::Base64Quote,
            };
            match binary(&decoded, kind)? {
                Some(evidence) => Ok(Recognised::Evidence([evidence].into())),
                None => Err(InputError::NotAQuote {
                    encoding,
                    size: decoded.len(),
                    start: error::first_bytes(&decoded),
                }),
            }
        }
    }
}

/// A quote or a dstack attestation container; `None` for other bytes.
fn binary(bytes: &[u8], kind: InputKind) -> Result<Option<InstanceEvidence>, InputError> {
    if looks_like_quote(bytes) {
        if bytes.len() > limits::QUOTE {
            return Err(InputError::PartTooLarge {
                part: EvidencePart::Quote,
                size: bytes.len(),
                limit: limits::QUOTE,
            });
        }
        return Ok(Some(InstanceEvidence::from_quote(kind, bytes.to_vec())));
    }
    if container::looks_like_container(bytes) {
        return container::evidence(bytes)
            .map(Some)
            .map_err(InputError::Container);
    }
    Ok(None)
}

/// Whether the first eight bytes are those of a quote: version 3, 4 or 5, an ECDSA key type, SGX or
/// TDX.
pub(crate) fn looks_like_quote(bytes: &[u8]) -> bool {
    matches!(bytes, [3..=5, 0, 2 | 3, 0, 0 | 0x81, 0, 0, 0, ..])
}

/// The `MrConfigV3` document inside a `vm_config` or `.sys-config.json`, where dstack puts it. A
/// text that is not JSON has none; that it is not JSON is for the checks to say.
fn mr_config_in(config: &[u8]) -> Option<Vec<u8>> {
    let config = Document::read(config).ok()?;
    let document = config.root().object()?.text("mr_config")?;
    (!document.is_empty() && document.len() <= limits::MR_CONFIG_DOCUMENT)
        .then(|| document.into_bytes())
}

#[cfg(test)]
mod tests;
