//! Why a replayed log is not one that dstack writes.

use alloc::string::String;
use alloc::vec;
use core::fmt;

use crate::json_shape::JsonShapeError;
use crate::log::Register;
use crate::reason::Reason;
use crate::value::Value;

/// Why a replayed log is not one that dstack writes. `index` counts the events of the whole log
/// from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrammarError {
    /// A reserved name outside RTMR3.
    Foreign {
        /// The event.
        index: usize,
        /// Its register.
        register: Register,
        /// Its name.
        name: String,
    },
    /// A reserved event more often than any generation writes it.
    Duplicate {
        /// The event.
        index: usize,
        /// Its name.
        name: String,
    },
    /// An event where every generation writes another one.
    Order {
        /// The event.
        index: usize,
        /// Its name.
        found: String,
        /// The reserved event that belongs there.
        expected: &'static str,
    },
    /// A reserved event after the end of the boot.
    Late {
        /// The event.
        index: usize,
        /// Its name.
        name: String,
    },
    /// A reserved event that is not there.
    Missing {
        /// Its name.
        expected: &'static str,
    },
    /// A reserved event with a payload of another form.
    Payload {
        /// The event.
        index: usize,
        /// Its name.
        name: &'static str,
        /// What is wrong with the payload.
        fault: PayloadFault,
    },
}

/// What is wrong with the payload of a reserved event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadFault {
    /// It has another length in bytes.
    Length {
        /// The length found.
        found: usize,
        /// The length wanted.
        expected: usize,
    },
    /// It is not the JSON object it should be.
    Json(JsonShapeError),
    /// A key provider's id that is not hex.
    KeyProviderId,
    /// A file system that dstack does not know.
    StorageFs,
}

impl GrammarError {
    /// The reason for the report.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Foreign { .. } => Reason::LogEventForeign,
            Self::Duplicate { .. } => Reason::LogEventDuplicate,
            Self::Order { .. } => Reason::LogEventOrder,
            Self::Late { .. } => Reason::LogEventLate,
            Self::Missing { .. } => Reason::LogEventMissing,
            Self::Payload { .. } => Reason::LogEventPayload,
        }
    }

    /// What was found: the event, and the length of its payload where that is what is wrong.
    pub fn found(&self) -> Option<Value> {
        let event = |index: usize, name: &str| {
            vec![
                ("event", Value::count(index)),
                ("name", Value::quoted(name)),
            ]
        };
        let fields = match self {
            Self::Foreign {
                index,
                register,
                name,
            } => {
                let mut fields = event(*index, name);
                fields.push(("register", Value::text(register)));
                fields
            }
            Self::Duplicate { index, name }
            | Self::Late { index, name }
            | Self::Order {
                index, found: name, ..
            } => event(*index, name),
            Self::Missing { .. } => return None,
            Self::Payload { index, name, fault } => {
                let mut fields = event(*index, name);
                if let PayloadFault::Length { found, .. } = fault {
                    fields.push(("bytes", Value::count(*found)));
                }
                fields
            }
        };
        Some(Value::Fields(fields))
    }

    /// What was expected: the name of an event, or the length of a payload.
    pub fn expected(&self) -> Option<Value> {
        match self {
            Self::Order { expected, .. } | Self::Missing { expected } => {
                Some(Value::from(*expected))
            }
            Self::Payload {
                fault: PayloadFault::Length { expected, .. },
                ..
            } => Some(Value::Fields(vec![("bytes", Value::count(*expected))])),
            Self::Foreign { .. }
            | Self::Duplicate { .. }
            | Self::Late { .. }
            | Self::Payload { .. } => None,
        }
    }
}

impl fmt::Display for GrammarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The name is a reserved one in all of these, so it is safe to print.
            Self::Foreign {
                index,
                register,
                name,
            } => write!(f, "event {index}: {name} may not stand in {register}"),
            Self::Duplicate { index, name } => write!(f, "event {index}: {name} once more"),
            Self::Late { index, name } => {
                write!(f, "event {index}: {name} after the end of the boot")
            }
            // Here it may be an application's.
            Self::Order {
                index, expected, ..
            } => write!(f, "event {index}: not {expected}"),
            Self::Missing { expected } => write!(f, "no event {expected}"),
            Self::Payload { index, name, fault } => write!(f, "event {index}: {name}: {fault}"),
        }
    }
}

impl core::error::Error for GrammarError {}

impl fmt::Display for PayloadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found, expected } => write!(f, "{found} bytes instead of {expected}"),
            Self::Json(error) => error.fmt(f),
            Self::KeyProviderId => f.write_str("an id that is not hex"),
            Self::StorageFs => f.write_str("neither zfs nor ext4"),
        }
    }
}
