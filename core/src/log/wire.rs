//! The JSON form of the log.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{EventField, FieldFault, LogError};
use super::event::{Event, EventParts, EventVersion};
use crate::bytes::{decode_hex, push_hex};
use crate::canonical::{push_number, push_text};
use crate::json::{Fields, Node, ShapeFault, shape};
use crate::json_shape;
use crate::limits;

struct WireEvent<'a> {
    imr: u32,
    event_type: u32,
    digest: Cow<'a, str>,
    event: Cow<'a, str>,
    event_payload: Cow<'a, str>,
    version: u32,
    preimage: Option<Cow<'a, str>>,
}

const KEYS: [&str; 7] = [
    "imr",
    "event_type",
    "digest",
    "event",
    "event_payload",
    "version",
    "preimage",
];

impl<'a> WireEvent<'a> {
    fn read(node: Node<'a>) -> Result<Self, ShapeFault> {
        let [
            imr,
            event_type,
            digest,
            event,
            event_payload,
            version,
            preimage,
        ] = Fields::placed("the event", node, &KEYS)?;
        let text = |key, value| shape::text(key, needed(key, value, node)?);
        let whole = |key, value| shape::whole(key, needed(key, value, node)?);
        let preimage = preimage.filter(|preimage| !preimage.is_null());
        Ok(Self {
            imr: whole("imr", imr)?,
            event_type: whole("event_type", event_type)?,
            // This and the version may be left out, and neither may be `null`.
            digest: match digest {
                Some(_) => text("digest", digest)?,
                None => Cow::Borrowed(""),
            },
            event: text("event", event)?,
            event_payload: text("event_payload", event_payload)?,
            version: match version {
                Some(_) => whole("version", version)?,
                None => 1,
            },
            preimage: match preimage {
                Some(_) => Some(text("preimage", preimage)?),
                None => None,
            },
        })
    }
}

fn needed<'a>(key: &str, value: Option<Node<'a>>, event: Node<'a>) -> Result<Node<'a>, ShapeFault> {
    value.ok_or_else(|| ShapeFault::missing(key, event))
}

pub(super) fn parse(json: &[u8]) -> Result<Vec<EventParts>, LogError> {
    let log = json_shape::read(json).map_err(LogError::Json)?;
    match log.root().text() {
        // Taken off once only: the inner text is read as an array and as nothing else.
        Some(inner) => {
            let log = json_shape::read(inner.as_bytes()).map_err(LogError::Json)?;
            events(log.root())
        }
        None => events(log.root()),
    }
}

fn events(log: Node<'_>) -> Result<Vec<EventParts>, LogError> {
    let shape = |fault: ShapeFault| LogError::Json(fault.into());
    let events = log
        .items(limits::EVENTS)
        .ok_or_else(|| shape(ShapeFault::not("the log", "an array of events", log)))?;
    if events.len() > limits::EVENTS {
        return Err(LogError::TooManyEvents {
            limit: limits::EVENTS,
        });
    }
    events
        .into_iter()
        .enumerate()
        .map(|(index, event)| WireEvent::read(event).map_err(shape)?.into_parts(index))
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
    // The digits of payloads, and for the rest of an event as much as that of most takes.
    let sizes = events.iter().map(|event| {
        let payload = event.payload().len().saturating_mul(2);
        payload.saturating_add(192)
    });
    let mut json = String::with_capacity(sizes.fold(2, usize::saturating_add));
    json.push('[');
    for (index, event) in events.iter().enumerate() {
        json.push_str(if index == 0 { "{" } else { ",{" });
        json.push_str("\"imr\":");
        push_number(&mut json, event.register().number().into());
        json.push_str(",\"event_type\":");
        push_number(&mut json, event.event_type().into());
        json.push_str(",\"digest\":\"");
        if let Some(digest) = event.stated_digest() {
            push_hex(&mut json, digest.as_slice());
        }
        json.push_str("\",\"event\":");
        push_text(&mut json, event.name());
        json.push_str(",\"event_payload\":\"");
        push_hex(&mut json, event.payload());
        json.push('"');
        if event.version() == Some(EventVersion::V2) {
            json.push_str(",\"version\":2");
        }
        if let Some(preimage) = event.stated_preimage() {
            json.push_str(",\"preimage\":\"");
            push_hex(&mut json, preimage);
            json.push('"');
        }
        json.push('}');
    }
    json.push(']');
    json
}
