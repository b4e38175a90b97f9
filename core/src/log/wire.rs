//! The JSON form of the log.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

use super::error::{EventField, FieldFault, LogError};
use super::event::{Event, EventParts, EventVersion};
use crate::bytes::{decode_hex, encode_hex};
use crate::json_shape::{self, Object};
use crate::limits;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEvent<'a> {
    imr: u32,
    event_type: u32,
    #[serde(borrow, default)]
    digest: Cow<'a, str>,
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    event_payload: Cow<'a, str>,
    #[serde(default = "version_1")]
    version: u32,
    #[serde(borrow)]
    preimage: Option<Cow<'a, str>>,
}

const fn version_1() -> u32 {
    1
}

/// The events up to the cap, and whether there were more. Elements over the cap are skipped, not
/// kept, so that a log of many tiny events costs no more memory than its own text.
struct WireLog<'a> {
    events: Vec<WireEvent<'a>>,
    overflow: bool,
}

impl<'de> Deserialize<'de> for WireLog<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Events;
        impl<'de> Visitor<'de> for Events {
            type Value = WireLog<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of events")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut events = Vec::new();
                let mut overflow = false;
                while events.len() < limits::EVENTS {
                    match seq.next_element::<Object<_>>()? {
                        Some(Object(event)) => events.push(event),
                        None => return Ok(WireLog { events, overflow }),
                    }
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    overflow = true;
                }
                Ok(WireLog { events, overflow })
            }
        }
        deserializer.deserialize_seq(Events)
    }
}

pub(super) fn parse(json: &[u8]) -> Result<Vec<EventParts>, LogError> {
    let quoted = json.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'"');
    if quoted {
        // Taken off once only: the inner text is read as an array and as nothing else.
        let inner: Cow<'_, str> = json_shape::from_slice::<Text<'_>>(json)
            .map_err(LogError::Json)?
            .0;
        events(inner.as_bytes())
    } else {
        events(json)
    }
}

/// `Cow` alone would always be deserialised as owned.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn events(json: &[u8]) -> Result<Vec<EventParts>, LogError> {
    let log: WireLog<'_> = json_shape::from_slice(json).map_err(LogError::Json)?;
    if log.overflow {
        return Err(LogError::TooManyEvents {
            limit: limits::EVENTS,
        });
    }
    log.events
        .into_iter()
        .enumerate()
        .map(|(index, event)| event.into_parts(index))
        .collect()
}

impl WireEvent<'_> {
    fn into_parts(self, index: usize) -> Result<EventParts, LogError> {
        let hex = |field, text: &str, limit| {
            decode_hex(text, limit).map_err(|error| LogError::Field {
                index,
                field,
                fault: FieldFault::Hex(error),
            })
        };
        // Long enough for every payload that passes, in either version.
        let preimage_limit = limits::EVENT_PAYLOAD
            .saturating_add(limits::EVENT_NAME)
            .saturating_mul(2)
            .saturating_add(64);
        Ok(EventParts {
            register: self.imr,
            event_type: self.event_type,
            digest: hex(EventField::Digest, &self.digest, 48)?,
            name: self.event.into_owned(),
            payload: hex(
                EventField::Payload,
                &self.event_payload,
                limits::EVENT_PAYLOAD,
            )?,
            version: self.version,
            preimage: self
                .preimage
                .map(|text| hex(EventField::Preimage, &text, preimage_limit))
                .transpose()?,
        })
    }
}

pub(super) fn to_json(events: &[Event]) -> String {
    use fmt::Write;
    let mut json = String::from("[");
    for (index, event) in events.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a `String` cannot fail.
        let _ = write!(
            json,
            "{comma}{{\"imr\":{},\"event_type\":{},\"digest\":\"{}\",\"event\":",
            event.register().number(),
            event.event_type(),
            event
                .stated_digest()
                .map_or_else(String::new, |digest| encode_hex(digest.as_slice())),
        );
        push_string(&mut json, event.name());
        json.push_str(",\"event_payload\":\"");
        json.push_str(&encode_hex(event.payload()));
        json.push('"');
        if event.version() == Some(EventVersion::V2) {
            json.push_str(",\"version\":2");
        }
        if let Some(preimage) = event.stated_preimage() {
            json.push_str(",\"preimage\":\"");
            json.push_str(&encode_hex(preimage));
            json.push('"');
        }
        json.push('}');
    }
    json.push(']');
    json
}

/// Writes a JSON string as RFC 8785 does. Event names hold no control characters, so only quote
/// and backslash need an escape.
pub(super) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            json.push('\\');
        }
        json.push(c);
    }
    json.push('"');
}
