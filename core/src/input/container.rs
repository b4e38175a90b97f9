//! dstack's versioned attestation: one binary container for quote, events and configuration.
//!
//! Version 0 is SCALE, version 1 is MessagePack (`msgpack`). Only the TDX platform is read. The
//! container repeats what the quote says (its report data) and the runtime events; both copies
//! are passed over, since the quote and the full log are there.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::fmt::Write as _;

use super::{InputKind, InstanceEvidence, looks_like_quote, mr_config_in, msgpack};
use crate::bytes::encode_hex;
use crate::json::{self, Document};
use crate::limits;
use crate::quoted::Quoted;

/// What is wrong with a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContainerFault {
    /// It ends inside a value.
    Truncated,
    /// A length that is written in a longer form than it needs, or is not allowed at all.
    BadLength,
    /// A list, text or byte string over its cap.
    TooLong,
    /// Text that is not UTF-8.
    NotUtf8,
    /// A value of another type than the format has there.
    WrongType,
    /// A key that the format does not have there, or one that stands twice.
    BadKey,
    /// A key that the format demands is absent.
    MissingKey,
    /// Bytes after the end.
    Trailing,
}

impl fmt::Display for ContainerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "it ends inside a value",
            Self::BadLength => "a malformed length",
            Self::TooLong => "a value over its cap",
            Self::NotUtf8 => "text that is not UTF-8",
            Self::WrongType => "a value of the wrong type",
            Self::BadKey => "an unknown or repeated key",
            Self::MissingKey => "a key is absent",
            Self::Trailing => "bytes after its end",
        })
    }
}

/// Why a dstack attestation container cannot be taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContainerError {
    /// Larger than [`limits::DSTACK_ATTESTATION`].
    TooLarge {
        /// Bytes found.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A version that this release does not read.
    UnsupportedVersion {
        /// The version.
        version: u64,
    },
    /// A platform that is not plain TDX.
    UnsupportedPlatform {
        /// dstack's name of it, or its number.
        platform: Box<str>,
    },
    /// Not well-formed.
    Malformed {
        /// What is wrong.
        what: ContainerFault,
        /// Byte offset at which it was noticed.
        offset: usize,
    },
    /// Neither version 0 nor a MessagePack map.
    NotAContainer,
}

impl ContainerError {
    /// Whether the container is merely of a kind that is not read, and not a broken one.
    pub(super) const fn is_unsupported(&self) -> bool {
        matches!(
            self,
            Self::UnsupportedVersion { .. } | Self::UnsupportedPlatform { .. }
        )
    }
}

impl fmt::Display for ContainerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size, limit } => write!(
                f,
                "a dstack attestation of {size} bytes, more than the {limit} allowed"
            ),
            Self::UnsupportedVersion { version } => write!(
                f,
                "unsupported dstack attestation container version {version}; give the `GetQuote` answer of the guest agent instead"
            ),
            Self::UnsupportedPlatform { platform } => write!(
                f,
                "a dstack attestation for the platform {}; only TDX is verified",
                Quoted(platform)
            ),
            Self::Malformed { what, offset } => {
                write!(
                    f,
                    "a malformed dstack attestation: {what}, at byte {offset}"
                )
            }
            Self::NotAContainer => f.write_str("neither a quote nor a dstack attestation"),
        }
    }
}

impl core::error::Error for ContainerError {}

/// What a container of either version holds.
pub(super) struct Contents {
    pub(super) quote: Vec<u8>,
    pub(super) events: Vec<Event>,
    pub(super) config: String,
}

/// One event of the log.
pub(super) struct Event {
    pub(super) imr: u32,
    pub(super) event_type: u32,
    pub(super) digest: Vec<u8>,
    pub(super) name: String,
    pub(super) payload: Vec<u8>,
    /// Absent means 1.
    pub(super) version: Option<u32>,
    pub(super) preimage: Option<String>,
}

/// dstack's platforms by their number in version 0.
const PLATFORMS: [&str; 5] = [
    "dstack-tdx",
    "dstack-gcp-tdx",
    "dstack-nitro-enclave",
    "dstack-amd-sev-snp",
    "dstack-aws-nitro-tpm",
];

/// Whether bytes that are no quote begin as a container does. Version 0 with TDX is told from other
/// binary data by the quote in it.
pub(super) fn looks_like_container(bytes: &[u8]) -> bool {
    let Some((head, rest)) = bytes.split_first_chunk::<2>() else {
        return false;
    };
    match head {
        [0, 0] => {
            let mut reader = Scale { rest, offset: 2 };
            reader.length().is_ok() && looks_like_quote(reader.rest)
        }
        // The other platforms have nothing to tell them by but their first bytes.
        [0, 1..=4] => reader_has_bytes(rest),
        _ => msgpack::looks_like_attestation(bytes),
    }
}

/// Whether a SCALE byte string of a plausible size comes next.
fn reader_has_bytes(rest: &[u8]) -> bool {
    let mut reader = Scale { rest, offset: 2 };
    reader
        .length()
        .is_ok_and(|length| length >= 64 && length <= reader.rest.len())
}

/// Takes a container apart.
pub(super) fn evidence(bytes: &[u8]) -> Result<InstanceEvidence, ContainerError> {
    if bytes.len() > limits::DSTACK_ATTESTATION {
        return Err(ContainerError::TooLarge {
            size: bytes.len(),
            limit: limits::DSTACK_ATTESTATION,
        });
    }
    let contents = match bytes.first() {
        Some(0) => scale(bytes)?,
        Some(0x80..=0x8f | 0xde | 0xdf) => msgpack::attestation(bytes)?,
        _ => return Err(ContainerError::NotAContainer),
    };
    let log = write_log(&contents.events);
    let mut evidence = InstanceEvidence::from_quote(InputKind::DstackAttestation, contents.quote);
    evidence.event_log = Some(log.into_bytes());
    if !contents.config.trim_ascii().is_empty() {
        let config = contents.config;
        let vm_config = nested_vm_config(&config).unwrap_or_else(|| config.clone());
        evidence.mr_config_document =
            mr_config_in(config.as_bytes()).or_else(|| mr_config_in(vm_config.as_bytes()));
        evidence.vm_config = Some(vm_config.into_bytes());
    }
    Ok(evidence)
}

/// Guests before 0.6.0 put the whole `.sys-config.json` where newer ones put `vm_config`.
fn nested_vm_config(config: &str) -> Option<String> {
    let document = Document::of_text(config).ok()?;
    document.root().object()?.text("vm_config")
}

/// Version 0: SCALE.
fn scale(bytes: &[u8]) -> Result<Contents, ContainerError> {
    let mut reader = Scale {
        rest: bytes,
        offset: 0,
    };
    let [version, platform] = *reader.take_array()?;
    if version != 0 {
        return Err(ContainerError::NotAContainer);
    }
    if platform != 0 {
        let name = PLATFORMS.get(usize::from(platform)).copied();
        return Err(ContainerError::UnsupportedPlatform {
            platform: name.map_or_else(|| alloc::format!("{platform}").into(), Into::into),
        });
    }
    let quote = reader.bytes(limits::QUOTE)?.to_vec();
    let count = reader.count(limits::EVENTS)?;
    let mut events = Vec::new();
    for _ in 0..count {
        events.push(Event {
            imr: reader.u32()?,
            event_type: reader.u32()?,
            digest: reader.bytes(limits::EVENT_PAYLOAD)?.to_vec(),
            name: reader.text(limits::EVENT_NAME)?,
            payload: reader.bytes(limits::EVENT_PAYLOAD)?.to_vec(),
            version: None,
            preimage: None,
        });
    }
    for _ in 0..reader.count(limits::EVENTS)? {
        reader.text(limits::EVENT_NAME)?;
        reader.bytes(limits::EVENT_PAYLOAD)?;
    }
    let _report_data: &[u8; 64] = reader.take_array()?;
    let config = reader.text(limits::VM_CONFIG)?;
    if !reader.rest.is_empty() {
        return Err(reader.malformed(ContainerFault::Trailing));
    }
    Ok(Contents {
        quote,
        events,
        config,
    })
}

/// A bounded reader of the part of SCALE that the container uses.
struct Scale<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Scale<'a> {
    fn malformed(&self, what: ContainerFault) -> ContainerError {
        ContainerError::Malformed {
            what,
            offset: self.offset,
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ContainerError> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.malformed(ContainerFault::Truncated));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(length);
        Ok(taken)
    }

    fn take_array<const N: usize>(&mut self) -> Result<&'a [u8; N], ContainerError> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.malformed(ContainerFault::Truncated));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(N);
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, ContainerError> {
        Ok(u32::from_le_bytes(*self.take_array()?))
    }

    /// A compact length. The low two bits of the first byte say how long it is written.
    fn length(&mut self) -> Result<usize, ContainerError> {
        let [first] = *self.take_array()?;
        let (value, least) = match first & 3 {
            0 => (u32::from(first), 0),
            1 => {
                let [second] = *self.take_array()?;
                (u32::from(u16::from_le_bytes([first, second])), 1 << 6)
            }
            2 => {
                let [second, third, fourth] = *self.take_array()?;
                (u32::from_le_bytes([first, second, third, fourth]), 1 << 14)
            }
            _ => return Err(self.malformed(ContainerFault::BadLength)),
        };
        let length = value >> 2;
        // One value, one encoding: the shorter form had to be used.
        if length < least {
            return Err(self.malformed(ContainerFault::BadLength));
        }
        usize::try_from(length).map_err(|_| self.malformed(ContainerFault::BadLength))
    }

    fn count(&mut self, limit: usize) -> Result<usize, ContainerError> {
        let length = self.length()?;
        if length > limit {
            return Err(self.malformed(ContainerFault::TooLong));
        }
        Ok(length)
    }

    fn bytes(&mut self, limit: usize) -> Result<&'a [u8], ContainerError> {
        let length = self.count(limit)?;
        self.take(length)
    }

    fn text(&mut self, limit: usize) -> Result<String, ContainerError> {
        let bytes = self.bytes(limit)?;
        core::str::from_utf8(bytes)
            .map(ToOwned::to_owned)
            .map_err(|_| self.malformed(ContainerFault::NotUtf8))
    }
}

/// Writes events the way dstack's agent does: the same keys in the same order, no spaces.
fn write_log(events: &[Event]) -> String {
    let mut log = String::from("[");
    for (index, event) in events.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a `String` cannot fail.
        let _ = write!(
            log,
            "{comma}{{\"imr\":{},\"event_type\":{},\"digest\":\"{}\",\"event\":{},\"event_payload\":\"{}\"",
            event.imr,
            event.event_type,
            encode_hex(&event.digest),
            json::Text(&event.name),
            encode_hex(&event.payload),
        );
        if let Some(version) = event.version {
            let _ = write!(log, ",\"version\":{version}");
        }
        if let Some(preimage) = &event.preimage {
            let _ = write!(log, ",\"preimage\":{}", json::Text(preimage));
        }
        log.push('}');
    }
    log.push(']');
    log
}
