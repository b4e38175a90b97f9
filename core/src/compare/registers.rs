//! Why registers differ: where their events part, and whether that is accounted for.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::rows::Begins;
use crate::dstack::td_hob_digest;
use crate::json_shape;
use crate::log::{Event, Register};
use crate::report::Report;

/// What dstack calls the event that makes RTMR3 different on every instance.
const INSTANCE_ID: &str = "instance-id";

/// TCG event type of the hand-off tables, with which every RTMR0 of a TD begins.
const HAND_OFF_TABLES: u32 = 0x8000_000b;

pub(super) const REGISTERS: [(&str, Register); 4] = [
    ("RTMR0", Register::Rtmr0),
    ("RTMR1", Register::Rtmr1),
    ("RTMR2", Register::Rtmr2),
    ("RTMR3", Register::Rtmr3),
];

fn events(report: &Report, register: Register) -> Option<Vec<&Event>> {
    Some(
        report
            .log()?
            .events()
            .iter()
            .filter(|event| event.register() == register)
            .collect(),
    )
}

/// The first event in which two logs part, skipping events that `skip` says may differ.
fn parts_at(
    one: &[&Event],
    two: &[&Event],
    skip: impl Fn(usize, &Event) -> bool,
) -> Option<(usize, String)> {
    let name = |event: &&Event| event.name().to_owned();
    for (index, pair) in one.iter().zip(two).enumerate() {
        let (a, b) = pair;
        let may_differ = skip(index, a) && skip(index, b) && a.name() == b.name();
        if a.digest() != b.digest() && !may_differ {
            return Some((index, name(a)));
        }
    }
    let common = one.len().min(two.len());
    let longer = if one.len() > two.len() { one } else { two };
    longer.get(common).map(|event| (common, name(event)))
}

/// Where the events of one register part between two reports; the register alone if a log is
/// missing.
pub(super) fn begins(
    one: &Report,
    two: &Report,
    (label, register): (&'static str, Register),
) -> Begins {
    let event = events(one, register)
        .zip(events(two, register))
        .and_then(|(one, two)| parts_at(&one, &two, |_, _| false));
    Begins {
        register: label,
        event,
    }
}

/// Where an event of this name stands.
pub(super) fn event(
    report: &Report,
    (label, register): (&'static str, Register),
    name: &str,
) -> Begins {
    let found = events(report, register).and_then(|events| {
        events
            .iter()
            .position(|event| event.name() == name)
            .map(|index| (index, name.to_owned()))
    });
    Begins {
        register: label,
        event: found,
    }
}

/// Where two values of RTMR3 part in more than the instance id.
pub(super) fn rtmr3(one: &Report, two: &Report) -> Option<Begins> {
    unaccounted(one, two, ("RTMR3", Register::Rtmr3), |_, event| {
        event.name() == INSTANCE_ID
    })
}

/// Where two values of RTMR0 part in more than the memory map.
pub(super) fn rtmr0(one: &Report, two: &Report) -> Option<Begins> {
    unaccounted(one, two, ("RTMR0", Register::Rtmr0), is_map)
}

fn is_map(index: usize, event: &Event) -> bool {
    index == 0 && event.event_type() == HAND_OFF_TABLES
}

/// Whether the memory map in the log is that of the memory which `vm_config` claims.
pub(super) fn memory_is_as_claimed(report: &Report, vm_config: Option<&[u8]>) -> bool {
    let claimed = vm_config.and_then(memory_size).and_then(td_hob_digest);
    let measured = events(report, Register::Rtmr0).and_then(|events| {
        let first = events.first().filter(|event| is_map(0, event))?;
        Some(first.digest())
    });
    claimed.is_some() && claimed == measured
}

pub(super) const fn memory_map() -> Begins {
    Begins {
        register: "RTMR0",
        event: Some((0, String::new())),
    }
}

fn unaccounted(
    one: &Report,
    two: &Report,
    (label, register): (&'static str, Register),
    may_differ: impl Fn(usize, &Event) -> bool,
) -> Option<Begins> {
    let Some((a, b)) = events(one, register).zip(events(two, register)) else {
        return Some(Begins {
            register: label,
            event: None,
        });
    };
    parts_at(&a, &b, may_differ).map(|event| Begins {
        register: label,
        event: Some(event),
    })
}

fn memory_size(vm_config: &[u8]) -> Option<u64> {
    let document = json_shape::read(vm_config).ok()?;
    document.root().object()?.get("memory_size")?.whole()
}
