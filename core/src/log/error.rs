//! Why a log is not accepted.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::event::Register;
use crate::bytes::{HexError, Measurement};
use crate::json_shape::JsonShapeError;
use crate::reason::Reason;
use crate::value::Value;

/// Why an event log cannot be read or does not replay. `index` counts events from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogError {
    /// The text is over the cap.
    TooLarge {
        /// Bytes found.
        found: usize,
        /// The cap in bytes.
        limit: usize,
    },
    /// There are more events than the cap.
    TooManyEvents {
        /// The cap.
        limit: usize,
    },
    /// The text is not the JSON of a log.
    Json(JsonShapeError),
    /// A register number over 3.
    Register {
        /// The event.
        index: usize,
        /// The number found.
        found: u32,
    },
    /// A runtime event outside RTMR3, or another event in it.
    EventType {
        /// The event.
        index: usize,
        /// Its register.
        register: Register,
        /// Its type.
        found: u32,
    },
    /// An event version that is not known, or one given for a boot event.
    Version {
        /// The event.
        index: usize,
        /// The version found.
        found: u32,
    },
    /// A name that may not stand in an event.
    Name {
        /// The event.
        index: usize,
        /// Its name.
        name: String,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// A field of bytes that cannot be read.
    Field {
        /// The event.
        index: usize,
        /// The field.
        field: EventField,
        /// What is wrong with it.
        fault: FieldFault,
    },
    /// A boot event without a digest: there is nothing to replay.
    DigestMissing {
        /// The event.
        index: usize,
        /// Its register.
        register: Register,
    },
    /// A boot event with a preimage, which nothing could check.
    PreimageOfBootEvent {
        /// The event.
        index: usize,
        /// Its register.
        register: Register,
    },
    /// A runtime event's stated digest is not that of its name and payload.
    DigestMismatch {
        /// The event.
        index: usize,
        /// Its name.
        name: String,
        /// The stated digest.
        found: Box<Measurement>,
        /// The recomputed digest.
        expected: Box<Measurement>,
    },
    /// A runtime event's stated preimage is not the canonical one of its name and payload.
    PreimageMismatch {
        /// The event.
        index: usize,
        /// Its name.
        name: String,
    },
    /// The log does not replay to these registers; never empty, in register order.
    Replay(Vec<RegisterMismatch>),
}

/// A register that the log does not replay to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterMismatch {
    /// The register.
    pub register: Register,
    /// What the log replays to.
    pub found: Measurement,
    /// What the quote holds.
    pub expected: Measurement,
}

/// What is wrong with an event's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFault {
    /// A runtime event without a name.
    Empty,
    /// A name over [`crate::limits::EVENT_NAME`] bytes.
    TooLong,
    /// A colon, which makes the V1 digest ambiguous.
    Colon,
    /// A control character.
    Control,
}

/// A field of an event that holds bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventField {
    /// The digest.
    Digest,
    /// The payload.
    Payload,
    /// The preimage.
    Preimage,
}

/// What is wrong with a field of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldFault {
    /// It is not hex, or over its cap.
    Hex(HexError),
    /// A digest of another length than 48 bytes.
    Length {
        /// Bytes found.
        found: usize,
    },
    /// It is over its cap.
    TooLong {
        /// The cap in bytes.
        limit: usize,
    },
}

impl EventField {
    /// The key in the JSON form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Payload => "event_payload",
            Self::Preimage => "preimage",
        }
    }
}

impl LogError {
    /// The reason for the report.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::TooLarge { .. }
            | Self::TooManyEvents { .. }
            | Self::Json(_)
            | Self::Register { .. }
            | Self::Version { .. }
            | Self::Field { .. }
            | Self::DigestMissing { .. }
            | Self::PreimageOfBootEvent { .. } => Reason::LogMalformed,
            Self::EventType { .. } => Reason::LogEventForeign,
            Self::Name { .. } => Reason::LogEventName,
            Self::DigestMismatch { .. } => Reason::LogDigestMismatch,
            Self::PreimageMismatch { .. } => Reason::LogPreimageMismatch,
            Self::Replay(_) => Reason::LogReplayMismatch,
        }
    }

    /// What was found: the event and what it holds, or the registers that the log replays to.
    pub fn found(&self) -> Option<Value> {
        let event = |index: usize, field, value| {
            Some(Value::Fields(vec![
                ("event", Value::count(index)),
                (field, value),
            ]))
        };
        match self {
            Self::TooLarge { found, .. } => Some(Value::count(*found)),
            Self::TooManyEvents { .. } | Self::Json(_) => None,
            Self::Register { index, found } => {
                event(*index, "register", Value::from(u64::from(*found)))
            }
            Self::EventType {
                index,
                register,
                found,
            } => Some(Value::Fields(vec![
                ("event", Value::count(*index)),
                ("register", Value::text(register)),
                ("eventType", Value::from(u64::from(*found))),
            ])),
            Self::Version { index, found } => {
                event(*index, "version", Value::from(u64::from(*found)))
            }
            Self::Name { index, name, .. } | Self::PreimageMismatch { index, name } => {
                event(*index, "name", Value::quoted(name))
            }
            Self::Field { index, field, .. } => event(*index, "field", Value::from(field.name())),
            Self::DigestMissing { index, register }
            | Self::PreimageOfBootEvent { index, register } => {
                event(*index, "register", Value::text(register))
            }
            Self::DigestMismatch {
                index, name, found, ..
            } => Some(Value::Fields(vec![
                ("event", Value::count(*index)),
                ("name", Value::quoted(name)),
                ("digest", Value::text(found)),
            ])),
            Self::Replay(registers) => Some(each(registers, |register| register.found)),
        }
    }

    /// What was expected, where it is a value: a cap, a digest, the quote's registers.
    pub fn expected(&self) -> Option<Value> {
        match self {
            Self::TooLarge { limit, .. } | Self::TooManyEvents { limit } => {
                Some(Value::count(*limit))
            }
            Self::DigestMismatch { expected, .. } => Some(Value::text(expected)),
            Self::Replay(registers) => Some(each(registers, |register| register.expected)),
            Self::Json(_)
            | Self::Register { .. }
            | Self::EventType { .. }
            | Self::Version { .. }
            | Self::Name { .. }
            | Self::Field { .. }
            | Self::DigestMissing { .. }
            | Self::PreimageOfBootEvent { .. }
            | Self::PreimageMismatch { .. } => None,
        }
    }
}

fn each(registers: &[RegisterMismatch], side: fn(&RegisterMismatch) -> Measurement) -> Value {
    Value::Fields(
        registers
            .iter()
            .map(|mismatch| (mismatch.register.name(), Value::text(side(mismatch))))
            .collect(),
    )
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { found, limit } => {
                write!(f, "an event log of {found} bytes, over the cap of {limit}")
            }
            Self::TooManyEvents { limit } => write!(f, "more than {limit} events"),
            Self::Json(error) => write!(f, "event log: {error}"),
            Self::Register { index, found } => write!(f, "event {index}: no register {found}"),
            Self::EventType {
                index,
                register,
                found,
            } => write!(
                f,
                "event {index}: type {found:#x} may not stand in {register}"
            ),
            Self::Version { index, found } => write!(f, "event {index}: version {found}"),
            Self::Name { index, fault, .. } => write!(f, "event {index}: name {fault}"),
            Self::Field {
                index,
                field,
                fault,
            } => write!(f, "event {index}: {}: {fault}", field.name()),
            Self::DigestMissing { index, register } => {
                write!(
                    f,
                    "event {index}: no digest, and {register} cannot be recomputed"
                )
            }
            Self::PreimageOfBootEvent { index, register } => {
                write!(f, "event {index}: a preimage in {register}")
            }
            Self::DigestMismatch {
                index,
                found,
                expected,
                ..
            } => write!(
                f,
                "event {index}: digest {found} is stated, name and payload give {expected}"
            ),
            Self::PreimageMismatch { index, .. } => {
                write!(f, "event {index}: the preimage is not the canonical one")
            }
            Self::Replay(registers) => {
                f.write_str("the log does not replay to")?;
                registers
                    .iter()
                    .try_for_each(|mismatch| write!(f, " {}", mismatch.register))
            }
        }
    }
}

impl core::error::Error for LogError {}

impl fmt::Display for NameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::TooLong => "is over the cap",
            Self::Colon => "holds a colon",
            Self::Control => "holds a control character",
        })
    }
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hex(error) => error.fmt(f),
            Self::Length { found } => write!(f, "{found} bytes instead of 48"),
            Self::TooLong { limit } => write!(f, "longer than {limit} bytes"),
        }
    }
}
