//! Version 1 of dstack's attestation container: MessagePack, read in one pass.
//!
//! The reader knows the one document it reads, so it needs no value tree: nothing is allocated that
//! the document does not own, and what is not part of the format is refused.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::container::{ContainerError, ContainerFault, Contents, Event};
use crate::limits;

/// The one version that is MessagePack.
const VERSION: u64 = 1;

/// Whether the bytes begin as a map of three with the key `version`, as dstack writes it.
pub(super) fn looks_like_attestation(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x83\xa7version")
}

/// Reads the whole container.
pub(super) fn attestation(bytes: &[u8]) -> Result<Contents, ContainerError> {
    let mut reader = Reader {
        rest: bytes,
        offset: 0,
    };
    let mut version = None;
    let mut platform = None;
    let mut stack = None;
    for _ in 0..reader.map()? {
        match reader.text(limits::EVENT_NAME)? {
            "version" => {
                let found = reader.unsigned()?;
                if found != VERSION {
                    return Err(ContainerError::UnsupportedVersion { version: found });
                }
                reader.once(&mut version, found)?;
            }
            "platform" => {
                let value = reader.platform()?;
                reader.once(&mut platform, value)?;
            }
            "stack" => {
                let value = reader.stack()?;
                reader.once(&mut stack, value)?;
            }
            _ => return Err(reader.malformed(ContainerFault::BadKey)),
        }
    }
    if !reader.rest.is_empty() {
        return Err(reader.malformed(ContainerFault::Trailing));
    }
    reader.demand(version)?;
    let (quote, events) = reader.demand(platform)?;
    let config = reader.demand(stack)?;
    Ok(Contents {
        quote,
        events,
        config,
    })
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    fn malformed(&self, what: ContainerFault) -> ContainerError {
        ContainerError::Malformed {
            what,
            offset: self.offset,
        }
    }

    /// Sets a key's value, refusing a second one.
    fn once<T>(&self, slot: &mut Option<T>, value: T) -> Result<(), ContainerError> {
        if slot.is_some() {
            return Err(self.malformed(ContainerFault::BadKey));
        }
        *slot = Some(value);
        Ok(())
    }

    fn demand<T>(&self, slot: Option<T>) -> Result<T, ContainerError> {
        slot.ok_or_else(|| self.malformed(ContainerFault::MissingKey))
    }

    /// `{kind, data}` with `kind` first, as an adjacently tagged enum is written.
    fn kind(&mut self) -> Result<&'a str, ContainerError> {
        if self.map()? != 2 || self.text(limits::EVENT_NAME)? != "kind" {
            return Err(self.malformed(ContainerFault::BadKey));
        }
        let kind = self.text(limits::EVENT_NAME)?;
        if self.text(limits::EVENT_NAME)? != "data" {
            return Err(self.malformed(ContainerFault::BadKey));
        }
        Ok(kind)
    }

    fn platform(&mut self) -> Result<(Vec<u8>, Vec<Event>), ContainerError> {
        let kind = self.kind()?;
        if kind != "tdx" {
            return Err(ContainerError::UnsupportedPlatform {
                platform: kind.into(),
            });
        }
        let mut quote = None;
        let mut events = None;
        for _ in 0..self.map()? {
            match self.text(limits::EVENT_NAME)? {
                "quote" => {
                    let value = self.bytes(limits::QUOTE)?;
                    self.once(&mut quote, value)?;
                }
                "event_log" => {
                    let mut list = Vec::new();
                    for _ in 0..self.array(limits::EVENTS)? {
                        list.push(self.event()?);
                    }
                    self.once(&mut events, list)?;
                }
                _ => return Err(self.malformed(ContainerFault::BadKey)),
            }
        }
        Ok((self.demand(quote)?, self.demand(events)?))
    }

    fn event(&mut self) -> Result<Event, ContainerError> {
        let mut imr = None;
        let mut event_type = None;
        let mut digest = None;
        let mut name = None;
        let mut payload = None;
        let mut version = None;
        let mut preimage = None;
        for _ in 0..self.map()? {
            match self.text(limits::EVENT_NAME)? {
                "imr" => {
                    let value = self.u32()?;
                    self.once(&mut imr, value)?;
                }
                "event_type" => {
                    let value = self.u32()?;
                    self.once(&mut event_type, value)?;
                }
                "digest" => {
                    let value = self.bytes(limits::EVENT_PAYLOAD)?;
                    self.once(&mut digest, value)?;
                }
                "event" => {
                    let value = self.text(limits::EVENT_NAME)?.to_owned();
                    self.once(&mut name, value)?;
                }
                "event_payload" => {
                    let value = self.bytes(limits::EVENT_PAYLOAD)?;
                    self.once(&mut payload, value)?;
                }
                "version" => {
                    let value = self.u32()?;
                    self.once(&mut version, value)?;
                }
                "preimage" => {
                    let value = self.optional_text(limits::EVENT_PAYLOAD.saturating_mul(4))?;
                    self.once(&mut preimage, value)?;
                }
                _ => return Err(self.malformed(ContainerFault::BadKey)),
            }
        }
        Ok(Event {
            imr: self.demand(imr)?,
            event_type: self.demand(event_type)?,
            digest: digest.unwrap_or_default(),
            name: self.demand(name)?,
            payload: self.demand(payload)?,
            version,
            preimage: preimage.flatten(),
        })
    }

    /// The stack's own copies of report data and runtime events are passed over; `config` is kept.
    fn stack(&mut self) -> Result<String, ContainerError> {
        let kind = self.kind()?;
        if !matches!(kind, "dstack" | "dstack-pod") {
            return Err(ContainerError::UnsupportedPlatform {
                platform: kind.into(),
            });
        }
        let mut config = None;
        let mut report_data = None;
        let mut runtime_events = None;
        let mut report_data_payload = None;
        for _ in 0..self.map()? {
            match self.text(limits::EVENT_NAME)? {
                "report_data" => {
                    self.bytes(64)?;
                    self.once(&mut report_data, ())?;
                }
                "runtime_events" => {
                    for _ in 0..self.array(limits::EVENTS)? {
                        self.runtime_event()?;
                    }
                    self.once(&mut runtime_events, ())?;
                }
                "config" => {
                    let value = self.text(limits::VM_CONFIG)?.to_owned();
                    self.once(&mut config, value)?;
                }
                "report_data_payload" => {
                    self.text(limits::VM_CONFIG)?;
                    self.once(&mut report_data_payload, ())?;
                }
                _ => return Err(self.malformed(ContainerFault::BadKey)),
            }
        }
        self.demand(config)
    }

    fn runtime_event(&mut self) -> Result<(), ContainerError> {
        for _ in 0..self.map()? {
            match self.text(limits::EVENT_NAME)? {
                "event" => {
                    self.text(limits::EVENT_NAME)?;
                }
                "payload" => {
                    self.bytes(limits::EVENT_PAYLOAD)?;
                }
                "version" => {
                    self.u32()?;
                }
                _ => return Err(self.malformed(ContainerFault::BadKey)),
            }
        }
        Ok(())
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ContainerError> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.malformed(ContainerFault::Truncated));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(length);
        Ok(taken)
    }

    /// A big-endian number of `width` bytes.
    fn number(&mut self, width: usize) -> Result<u64, ContainerError> {
        let bytes = self.take(width)?;
        Ok(bytes
            .iter()
            .fold(0, |value: u64, byte| (value << 8) | u64::from(*byte)))
    }

    fn marker(&mut self) -> Result<u8, ContainerError> {
        match self.take(1)? {
            [marker] => Ok(*marker),
            _ => Err(self.malformed(ContainerFault::Truncated)),
        }
    }

    fn size(&mut self, width: usize) -> Result<usize, ContainerError> {
        let size = self.number(width)?;
        usize::try_from(size).map_err(|_| self.malformed(ContainerFault::TooLong))
    }

    fn bounded(&self, size: usize, limit: usize) -> Result<usize, ContainerError> {
        if size > limit {
            return Err(self.malformed(ContainerFault::TooLong));
        }
        Ok(size)
    }

    /// The number of entries of a map. The format's largest has seven.
    fn map(&mut self) -> Result<usize, ContainerError> {
        let size = match self.marker()? {
            marker @ 0x80..=0x8f => usize::from(marker & 0x0f),
            0xde => self.size(2)?,
            0xdf => self.size(4)?,
            _ => return Err(self.malformed(ContainerFault::WrongType)),
        };
        self.bounded(size, 16)
    }

    fn array(&mut self, limit: usize) -> Result<usize, ContainerError> {
        let size = match self.marker()? {
            marker @ 0x90..=0x9f => usize::from(marker & 0x0f),
            0xdc => self.size(2)?,
            0xdd => self.size(4)?,
            _ => return Err(self.malformed(ContainerFault::WrongType)),
        };
        self.bounded(size, limit)
    }

    fn unsigned(&mut self) -> Result<u64, ContainerError> {
        match self.marker()? {
            marker @ 0..=0x7f => Ok(u64::from(marker)),
            0xcc => self.number(1),
            0xcd => self.number(2),
            0xce => self.number(4),
            0xcf => self.number(8),
            _ => Err(self.malformed(ContainerFault::WrongType)),
        }
    }

    fn u32(&mut self) -> Result<u32, ContainerError> {
        let value = self.unsigned()?;
        u32::try_from(value).map_err(|_| self.malformed(ContainerFault::WrongType))
    }

    fn optional_text(&mut self, limit: usize) -> Result<Option<String>, ContainerError> {
        if self.rest.first() == Some(&0xc0) {
            self.marker()?;
            return Ok(None);
        }
        Ok(Some(self.text(limit)?.to_owned()))
    }

    fn text(&mut self, limit: usize) -> Result<&'a str, ContainerError> {
        let size = match self.marker()? {
            marker @ 0xa0..=0xbf => usize::from(marker & 0x1f),
            0xd9 => self.size(1)?,
            0xda => self.size(2)?,
            0xdb => self.size(4)?,
            _ => return Err(self.malformed(ContainerFault::WrongType)),
        };
        let size = self.bounded(size, limit)?;
        let bytes = self.take(size)?;
        core::str::from_utf8(bytes).map_err(|_| self.malformed(ContainerFault::NotUtf8))
    }

    /// A byte string, or an array of small numbers: a plain `Vec<u8>` is written as the latter.
    fn bytes(&mut self, limit: usize) -> Result<Vec<u8>, ContainerError> {
        let width = match self.rest.first() {
            Some(0xc4) => 1,
            Some(0xc5) => 2,
            Some(0xc6) => 4,
            _ => {
                let mut bytes = Vec::new();
                for _ in 0..self.array(limit)? {
                    let value = self.unsigned()?;
                    let byte = u8::try_from(value)
                        .map_err(|_| self.malformed(ContainerFault::WrongType))?;
                    bytes.push(byte);
                }
                return Ok(bytes);
            }
        };
        self.marker()?;
        let size = self.size(width)?;
        let size = self.bounded(size, limit)?;
        self.take(size).map(<[u8]>::to_vec)
    }
}
