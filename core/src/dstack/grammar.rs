//! The order in which each dstack generation writes its reserved events into RTMR3.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::fmt;

use super::error::GrammarError;
use crate::log::{Event, Register};

/// A range of dstack versions with one sequence of reserved events.
///
/// Source: dstack at its tags, `tdxctl/src/fde_setup.rs` up to 0.4, then
/// `dstack-util/src/system_setup.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// 0.3.4 to 0.3.6.
    V0_3,
    /// 0.4 and 0.5.0.
    V0_4,
    /// 0.5.1 to 0.5.4.
    V0_5_1,
    /// 0.5.5 and later 0.5.
    V0_5_5,
    /// 0.6.
    V0_6,
}

impl Generation {
    /// All generations, oldest first.
    pub const ALL: [Self; 5] = [
        Self::V0_3,
        Self::V0_4,
        Self::V0_5_1,
        Self::V0_5_5,
        Self::V0_6,
    ];

    /// The versions, such as `0.5.1-0.5.4`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::V0_3 => "0.3",
            Self::V0_4 => "0.4-0.5.0",
            Self::V0_5_1 => "0.5.1-0.5.4",
            Self::V0_5_5 => "0.5.5-0.5.11",
            Self::V0_6 => "0.6",
        }
    }

    /// The reserved events in order. The last one ends the boot.
    const fn items(self) -> &'static [Item] {
        use Occurs::{Once, OnceWithKms, OptionalWithKms, UpTo};
        match self {
            Self::V0_3 => &[
                ("rootfs-hash", Once),
                ("app-id", Once),
                ("compose-hash", Once),
                ("ca-cert-hash", Once),
                ("instance-id", Once),
            ],
            Self::V0_4 => &[
                ("system-preparing", Once),
                ("app-id", Once),
                ("compose-hash", Once),
                ("instance-id", Once),
                ("boot-mr-done", Once),
                ("mr-kms", OptionalWithKms),
                ("key-provider", Once),
                ("system-ready", Once),
            ],
            Self::V0_5_1 => &[
                ("system-preparing", Once),
                ("app-id", Once),
                ("compose-hash", Once),
                ("instance-id", Once),
                ("boot-mr-done", Once),
                ("mr-kms", OptionalWithKms),
                ("os-image-hash", OnceWithKms),
                ("key-provider", Once),
                ("system-ready", Once),
            ],
            Self::V0_5_5 => &[
                ("system-preparing", Once),
                ("app-id", Once),
                ("compose-hash", Once),
                ("instance-id", Once),
                ("boot-mr-done", Once),
                ("mr-kms", OptionalWithKms),
                ("os-image-hash", OnceWithKms),
                ("key-provider", Once),
                ("storage-fs", Once),
                ("system-ready", Once),
            ],
            Self::V0_6 => &[
                ("system-preparing", Once),
                ("app-id", Once),
                ("compose-hash", Once),
                ("init-script-hash", UpTo(5)),
                ("gpu-policy-hash", UpTo(1)),
                ("gpu-attestation", UpTo(1)),
                ("instance-id", Once),
                ("boot-mr-done", Once),
                ("os-image-hash", OnceWithKms),
                ("key-provider", Once),
                ("storage-fs", Once),
                ("system-ready", Once),
            ],
        }
    }
}

impl Generation {
    fn writes(self, name: &str) -> bool {
        self.items().iter().any(|(reserved, _)| *reserved == name)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A reserved name and how often it stands at this point.
type Item = (&'static str, Occurs);

#[derive(Clone, Copy)]
enum Occurs {
    Once,
    /// From none to this many.
    UpTo(usize),
    /// Once if keys come from a KMS, else never: the guest writes it right before it takes over
    /// the keys that the KMS sent.
    OnceWithKms,
    /// At most once if keys come from a KMS, else never: written if the KMS's certificate carries
    /// an attestation. A guest that had to fall back to a second KMS writes it twice; with two,
    /// the log does not say which KMS gave the keys, so such a boot is refused.
    OptionalWithKms,
}

impl Occurs {
    /// The least and the greatest number of occurrences.
    const fn bounds(self, kms: bool) -> (usize, usize) {
        match (self, kms) {
            (Self::Once, _) | (Self::OnceWithKms, true) => (1, 1),
            (Self::UpTo(most), _) => (0, most),
            (Self::OptionalWithKms, true) => (0, 1),
            (Self::OnceWithKms | Self::OptionalWithKms, false) => (0, 0),
        }
    }
}

/// Whether any generation writes an event of this name: no application may.
pub(super) fn is_reserved(name: &str) -> bool {
    Generation::ALL
        .iter()
        .any(|generation| generation.writes(name))
}

/// The events of a log that grammar is about: RTMR3, with their position in the log.
pub(super) type RuntimeEvents<'a> = Vec<(usize, &'a Event)>;

/// Takes the runtime events out of a log; `None` if none of them is reserved.
pub(super) fn runtime_events(events: &[Event]) -> Result<Option<RuntimeEvents<'_>>, GrammarError> {
    let foreign = events
        .iter()
        .enumerate()
        .find(|(_, event)| event.register() != Register::Rtmr3 && is_reserved(event.name()));
    if let Some((index, event)) = foreign {
        return Err(GrammarError::Foreign {
            index,
            register: event.register(),
            name: event.name().to_owned(),
        });
    }
    let runtime: RuntimeEvents<'_> = events
        .iter()
        .enumerate()
        .filter(|(_, event)| event.register() == Register::Rtmr3)
        .collect();
    let dstack = runtime.iter().any(|(_, event)| is_reserved(event.name()));
    Ok(dstack.then_some(runtime))
}

/// The generations whose sequence the events are, and how many events the boot has. Generations
/// that fit one log have boots of one length, for all of them end at the first `system-ready`, or
/// the log has none.
pub(super) fn fit(
    events: &[(usize, &Event)],
    kms: bool,
) -> Result<(Vec<Generation>, usize), GrammarError> {
    let mut fitting = Vec::new();
    let mut boot = 0;
    // The generation that explains most of the log says best what is wrong with it: the one that
    // gets furthest, then the one that knows most of its names.
    let mut nearest: Option<((usize, usize), GrammarError)> = None;
    for generation in Generation::ALL {
        match walk(generation.items(), events, kms) {
            Ok(length) => {
                fitting.push(generation);
                boot = length;
            }
            Err((reached, error)) => {
                let known = events
                    .iter()
                    .filter(|(_, event)| generation.writes(event.name()))
                    .count();
                let rank = (reached, known);
                if nearest.as_ref().is_none_or(|(best, _)| rank > *best) {
                    nearest = Some((rank, error));
                }
            }
        }
    }
    match nearest {
        Some((_, error)) if fitting.is_empty() => Err(error),
        _ => Ok((fitting, boot)),
    }
}

/// The number of events that the items take, or how far they got and why no further.
fn walk(
    items: &[Item],
    events: &[(usize, &Event)],
    kms: bool,
) -> Result<usize, (usize, GrammarError)> {
    let mut reached: usize = 0;
    for (name, occurs) in items {
        let (least, most) = occurs.bounds(kms);
        let count = events
            .iter()
            .skip(reached)
            .take(most)
            .take_while(|(_, event)| event.name() == *name)
            .count();
        reached = reached.saturating_add(count);
        if count < least {
            return Err((reached, misfit(events, reached, name)));
        }
    }
    match events
        .iter()
        .skip(reached)
        .find(|(_, event)| is_reserved(event.name()))
    {
        Some((index, event)) => {
            let late = GrammarError::Late {
                index: *index,
                name: event.name().to_owned(),
            };
            Err((reached, late))
        }
        None => Ok(reached),
    }
}

/// Why the event at `at` is not the `expected` one.
fn misfit(events: &[(usize, &Event)], at: usize, expected: &'static str) -> GrammarError {
    let mut rest = events.iter().skip(at);
    let Some((index, event)) = rest.next() else {
        return GrammarError::Missing { expected };
    };
    let name = event.name();
    if is_reserved(name) && events.iter().take(at).any(|(_, e)| e.name() == name) {
        return GrammarError::Duplicate {
            index: *index,
            name: name.to_owned(),
        };
    }
    // An event that comes later, or one that no dstack writes here, is a matter of order.
    if !is_reserved(name) || rest.any(|(_, e)| e.name() == expected) {
        return GrammarError::Order {
            index: *index,
            found: name.to_owned(),
            expected,
        };
    }
    GrammarError::Missing { expected }
}
