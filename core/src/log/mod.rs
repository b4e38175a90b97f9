//! The event log: what it claims, and the proof that it replays to a quote's registers.
//!
//! [`EventLog`] is a claim. [`ReplayedLog`] is the same log after every runtime digest was
//! recomputed and all four registers were replayed; nothing else can make one.

mod error;
mod event;
mod replay;
mod wire;

pub use error::{EventField, FieldFault, LogError, NameFault, RegisterMismatch};
pub use event::{Event, EventParts, EventVersion, RUNTIME_EVENT_TYPE, Register};
pub use replay::ReplayedLog;

use alloc::string::String;
use alloc::vec::Vec;

use crate::limits;

/// A parsed event log: claims only.
///
/// Its JSON form is an array of objects (dstack, `cc-eventlog/src/tdx.rs`):
///
/// | key | type | note |
/// |---|---|---|
/// | `imr` | number | register, 0 to 3 |
/// | `event_type` | number | `0x08000001` for runtime events, TCG numbers for boot events |
/// | `digest` | hex, 48 bytes | empty or absent for runtime events only |
/// | `event` | string | name; mostly empty for boot events |
/// | `event_payload` | hex | boot events may be stripped to `""` |
/// | `version` | number, optional | 1 (default) or 2; runtime events only |
/// | `preimage` | hex, optional | the bytes behind the digest; runtime events only |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLog {
    events: Vec<Event>,
}

impl EventLog {
    /// Reads a log from its JSON array, or from a JSON string that holds that array, as guest
    /// agents deliver it. The string is taken off once, never twice.
    ///
    /// # Errors
    /// Every way to not be such a log, except what only recomputing shows: see
    /// [`EventLog::check_digests`]. The caps are [`limits::EVENT_LOG`], [`limits::EVENTS`],
    /// [`limits::EVENT_NAME`] and [`limits::EVENT_PAYLOAD`].
    pub fn parse(json: &[u8]) -> Result<Self, LogError> {
        if json.len() > limits::EVENT_LOG {
            return Err(LogError::TooLarge {
                found: json.len(),
                limit: limits::EVENT_LOG,
            });
        }
        wire::parse(json).and_then(Self::from_parts)
    }

    /// Takes events that were read from another container, such as dstack's SCALE or MessagePack
    /// attestation, under the same rules as [`EventLog::parse`].
    ///
    /// # Errors
    /// As [`EventLog::parse`].
    pub fn from_parts(parts: Vec<EventParts>) -> Result<Self, LogError> {
        if parts.len() > limits::EVENTS {
            return Err(LogError::TooManyEvents {
                limit: limits::EVENTS,
            });
        }
        let events = parts
            .into_iter()
            .enumerate()
            .map(|(index, parts)| Event::from_parts(index, parts))
            .collect::<Result<_, _>>()?;
        Ok(Self { events })
    }

    /// The events in list order. The registers interleave.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Writes the log as compact JSON, with the keys in the order of the table above. Parsing the
    /// result gives this log again.
    pub fn to_json(&self) -> String {
        wire::to_json(&self.events)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod worked;
