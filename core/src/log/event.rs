//! One event of the log, and the digest of a runtime event.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::error::{EventField, FieldFault, LogError, NameFault};
use crate::bytes::{Measurement, push_hex, sha384};
use crate::limits;

/// The event type of dstack's runtime events. They stand in RTMR3 only.
///
/// Source: dstack, `cc-eventlog/src/runtime_events.rs`.
pub const RUNTIME_EVENT_TYPE: u32 = 0x0800_0001;

/// A run-time measurement register of a TD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Register {
    /// RTMR0: virtual hardware and firmware configuration.
    Rtmr0,
    /// RTMR1: kernel.
    Rtmr1,
    /// RTMR2: kernel command line and initrd.
    Rtmr2,
    /// RTMR3: what the guest measured at run time.
    Rtmr3,
}

impl Register {
    /// All registers in order.
    pub const ALL: [Self; 4] = [Self::Rtmr0, Self::Rtmr1, Self::Rtmr2, Self::Rtmr3];

    /// The register of a number 0 to 3.
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Rtmr0),
            1 => Some(Self::Rtmr1),
            2 => Some(Self::Rtmr2),
            3 => Some(Self::Rtmr3),
            _ => None,
        }
    }

    /// The number, 0 to 3.
    pub const fn number(self) -> u32 {
        match self {
            Self::Rtmr0 => 0,
            Self::Rtmr1 => 1,
            Self::Rtmr2 => 2,
            Self::Rtmr3 => 3,
        }
    }

    /// The name, such as `rtmr0`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rtmr0 => "rtmr0",
            Self::Rtmr1 => "rtmr1",
            Self::Rtmr2 => "rtmr2",
            Self::Rtmr3 => "rtmr3",
        }
    }
}

impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a runtime event is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventVersion {
    /// SHA-384 of the type (4 bytes, little endian), `:`, the name, `:` and the payload.
    V1,
    /// SHA-384 of the canonical JSON (RFC 8785) of name, payload in lower-case hex, and type.
    V2,
}

impl EventVersion {
    /// The number, 1 or 2.
    pub const fn number(self) -> u32 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }
}

/// An event as a container holds it, before anything about it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventParts {
    /// Number of the register.
    pub register: u32,
    /// TCG event type, or [`RUNTIME_EVENT_TYPE`].
    pub event_type: u32,
    /// The digest: 48 bytes, or none.
    pub digest: Vec<u8>,
    /// The name.
    pub name: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// 1 or 2. Containers without this field hold version 1.
    pub version: u32,
    /// The bytes that were hashed, if the container has them.
    pub preimage: Option<Vec<u8>>,
}

/// One event. Claims only, unless it comes out of a [`super::ReplayedLog`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    register: Register,
    event_type: u32,
    name: String,
    payload: Vec<u8>,
    measured: Measured,
}

/// Where the digest of an event comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Measured {
    /// RTMR0 to RTMR2: the payload may be stripped, so the replay alone binds the digest.
    Stated(Measurement),
    /// RTMR3: name and payload give the digest. What the log states is only compared.
    Recomputed {
        version: EventVersion,
        stated: Option<Measurement>,
        preimage: Option<Vec<u8>>,
    },
}

impl Event {
    /// `index` is the position in the log, for errors.
    pub(super) fn from_parts(index: usize, parts: EventParts) -> Result<Self, LogError> {
        let register = Register::from_number(parts.register).ok_or(LogError::Register {
            index,
            found: parts.register,
        })?;
        if (register == Register::Rtmr3) != (parts.event_type == RUNTIME_EVENT_TYPE) {
            return Err(LogError::EventType {
                index,
                register,
                found: parts.event_type,
            });
        }
        check_name(&parts.name, register).map_err(|fault| LogError::Name {
            index,
            name: parts.name.clone(),
            fault,
        })?;
        if parts.payload.len() > limits::EVENT_PAYLOAD {
            return Err(LogError::Field {
                index,
                field: EventField::Payload,
                fault: FieldFault::TooLong {
                    limit: limits::EVENT_PAYLOAD,
                },
            });
        }
        let stated = if parts.digest.is_empty() {
            None
        } else {
            let digest = Measurement::from_slice(&parts.digest);
            Some(digest.ok_or(LogError::Field {
                index,
                field: EventField::Digest,
                fault: FieldFault::Length {
                    found: parts.digest.len(),
                },
            })?)
        };
        let measured = if register == Register::Rtmr3 {
            let version = match parts.version {
                1 => EventVersion::V1,
                2 => EventVersion::V2,
                found => return Err(LogError::Version { index, found }),
            };
            Measured::Recomputed {
                version,
                stated,
                preimage: parts.preimage,
            }
        } else {
            // dstack writes neither field for boot events, and nothing here could check them.
            if parts.version != 1 {
                return Err(LogError::Version {
                    index,
                    found: parts.version,
                });
            }
            if parts.preimage.is_some() {
                return Err(LogError::PreimageOfBootEvent { index, register });
            }
            Measured::Stated(stated.ok_or(LogError::DigestMissing { index, register })?)
        };
        Ok(Self {
            register,
            event_type: parts.event_type,
            name: parts.name,
            payload: parts.payload,
            measured,
        })
    }

    /// The register that the event extends.
    pub const fn register(&self) -> Register {
        self.register
    }

    /// The event type.
    pub const fn event_type(&self) -> u32 {
        self.event_type
    }

    /// The name: at most [`limits::EVENT_NAME`] bytes, without `:` and control characters. May be
    /// empty in RTMR0 to RTMR2, where it is not measured.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The payload. Measured in RTMR3 only.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// How a runtime event is hashed; `None` for boot events.
    pub const fn version(&self) -> Option<EventVersion> {
        match &self.measured {
            Measured::Stated(_) => None,
            Measured::Recomputed { version, .. } => Some(*version),
        }
    }

    /// The digest that the log states, if it states one.
    pub const fn stated_digest(&self) -> Option<Measurement> {
        match &self.measured {
            Measured::Stated(digest) => Some(*digest),
            Measured::Recomputed { stated, .. } => *stated,
        }
    }

    /// The preimage that the log states, if it states one.
    pub fn stated_preimage(&self) -> Option<&[u8]> {
        match &self.measured {
            Measured::Stated(_) => None,
            Measured::Recomputed { preimage, .. } => preimage.as_deref(),
        }
    }

    /// The digest that extends the register: recomputed from name and payload in RTMR3, whatever
    /// the log states, and as stated elsewhere.
    pub fn digest(&self) -> Measurement {
        match &self.measured {
            Measured::Stated(digest) => *digest,
            Measured::Recomputed { version, .. } => sha384(&[&self.preimage(*version)]),
        }
    }

    /// The digest, after what the log states beside it was compared with what was recomputed.
    pub(super) fn checked_digest(&self, index: usize) -> Result<Measurement, LogError> {
        let Measured::Recomputed {
            version,
            stated,
            preimage,
        } = &self.measured
        else {
            return Ok(self.digest());
        };
        let rebuilt = self.preimage(*version);
        let digest = sha384(&[&rebuilt]);
        if preimage.as_ref().is_some_and(|given| *given != rebuilt) {
            return Err(LogError::PreimageMismatch {
                index,
                name: self.name.clone(),
            });
        }
        match stated {
            Some(stated) if *stated != digest => Err(LogError::DigestMismatch {
                index,
                name: self.name.clone(),
                found: Box::new(*stated),
                expected: Box::new(digest),
            }),
            _ => Ok(digest),
        }
    }

    /// The bytes behind the digest of a runtime event, rebuilt from name and payload.
    fn preimage(&self, version: EventVersion) -> Vec<u8> {
        match version {
            EventVersion::V1 => [
                &RUNTIME_EVENT_TYPE.to_le_bytes()[..],
                b":",
                self.name.as_bytes(),
                b":",
                &self.payload,
            ]
            .concat(),
            EventVersion::V2 => {
                let mut json = String::from("{\"name\":");
                crate::canonical::push_text(&mut json, &self.name);
                json.push_str(",\"payload\":\"");
                push_hex(&mut json, &self.payload);
                // 134217729 is RUNTIME_EVENT_TYPE.
                json.push_str("\",\"type\":134217729}");
                json.into_bytes()
            }
        }
    }
}

/// A colon in a name makes the V1 digest ambiguous: another split into name and payload has the
/// same digest. Control characters would need escapes in V2 and spoil a terminal.
fn check_name(name: &str, register: Register) -> Result<(), NameFault> {
    if name.len() > limits::EVENT_NAME {
        return Err(NameFault::TooLong);
    }
    if name.is_empty() && register == Register::Rtmr3 {
        return Err(NameFault::Empty);
    }
    match name.chars().find(|c| *c == ':' || c.is_control()) {
        Some(':') => Err(NameFault::Colon),
        Some(_) => Err(NameFault::Control),
        None => Ok(()),
    }
}
