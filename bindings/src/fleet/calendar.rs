//! What happens when, of all instances together.

use std::collections::{BTreeMap, BTreeSet};

use teeproof_core::{Bytes32, CheckId, Instant, Reason, sha256};

use super::answer::{FLEET_SCHEMA, FleetEventAnswer, FleetInstanceAnswer};
use super::timeline::{Segment, Timeline};

/// Under which of the two policies something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Under {
    Policy,
    WhatIf,
    Both,
}

impl Under {
    const fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::WhatIf => "what-if",
            Self::Both => "both",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Stops(Option<(CheckId, Reason)>),
    Begins,
    Ends,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Stops(_) => "stops",
            Self::Begins => "begins",
            Self::Ends => "ends",
        }
    }
}

/// All that instances have in common to whom one thing happens.
type Event = (Instant, Kind, Under, BTreeSet<&'static str>);

/// Events, earliest first, each with whom it happens to.
#[derive(Debug, Default)]
pub(super) struct Calendar(BTreeMap<Event, Vec<usize>>);

impl Calendar {
    /// Enters what happens to one instance.
    pub(super) fn enter(&mut self, place: usize, timeline: &Timeline) {
        let plain = changes(&timeline.segments);
        let supposed = changes(&timeline.what_if);
        let mut instants: BTreeSet<Instant> = timeline.ends.keys().copied().collect();
        instants.extend(plain.keys().chain(supposed.keys()));
        for at in instants {
            let ended = timeline.ends.get(&at).cloned().unwrap_or_default();
            let found = match (plain.get(&at), supposed.get(&at)) {
                (Some(one), Some(other)) if one == other => vec![(*one, Under::Both)],
                (one, other) => one
                    .map(|kind| (*kind, Under::Policy))
                    .into_iter()
                    .chain(other.map(|kind| (*kind, Under::WhatIf)))
                    .collect(),
            };
            if found.is_empty() {
                let under = if timeline.what_if.is_empty() {
                    Under::Policy
                } else {
                    Under::Both
                };
                self.note((at, Kind::Ends, under, ended), place);
                continue;
            }
            for (kind, under) in found {
                self.note((at, kind, under, ended.clone()), place);
            }
        }
    }

    fn note(&mut self, event: Event, place: usize) {
        self.0.entry(event).or_default().push(place);
    }

    /// The events. `digests` are those of the policy in force and of the supposed one.
    pub(super) fn answer(
        self,
        instances: &[FleetInstanceAnswer],
        digests: (Bytes32, Option<Bytes32>),
    ) -> Vec<FleetEventAnswer> {
        self.0
            .into_iter()
            .map(|(event, places)| {
                let id = id(&event, &places, instances, digests);
                let (at, kind, under, ended) = event;
                let cause = match kind {
                    Kind::Stops(cause) => cause,
                    Kind::Begins | Kind::Ends => None,
                };
                let reason = cause.map(|(_, reason)| reason);
                FleetEventAnswer {
                    id: id.to_string(),
                    at: at.to_string(),
                    kind: kind.word().to_owned(),
                    under: under.word().to_owned(),
                    ended: ended.into_iter().map(str::to_owned).collect(),
                    instances: places,
                    check: cause.map(|(check, _)| check.to_string()),
                    reason: reason.map(|reason| reason.code().to_owned()),
                    because: reason.map(|reason| reason.to_string()),
                    next: reason.map(|reason| reason.next_step().to_owned()),
                }
            })
            .collect()
    }
}

fn id(
    (at, kind, under, ended): &Event,
    places: &[usize],
    instances: &[FleetInstanceAnswer],
    (policy, supposed): (Bytes32, Option<Bytes32>),
) -> Bytes32 {
    let reason = match kind {
        Kind::Stops(Some((check, reason))) => format!("{check} {}", reason.code()),
        _ => String::new(),
    };
    let policies = match under {
        Under::Policy => policy.to_string(),
        Under::WhatIf | Under::Both => {
            let supposed = supposed.map(|digest| digest.to_string());
            format!("{policy} {}", supposed.unwrap_or_default())
        }
    };
    let ended: Vec<&str> = ended.iter().copied().collect();
    let mut said = format!(
        "{FLEET_SCHEMA}\n{policies}\n{at}\n{}\n{}\n{}\n{reason}\n",
        kind.word(),
        under.word(),
        ended.join(" "),
    );
    for instance in places.iter().filter_map(|place| instances.get(*place)) {
        // The length keeps names apart.
        said.push_str(&format!("{} {}\n", instance.name.len(), instance.name));
    }
    sha256(said.as_bytes())
}

/// Where acceptance changes.
fn changes(segments: &[Segment]) -> BTreeMap<Instant, Kind> {
    segments
        .iter()
        .zip(segments.iter().skip(1))
        .filter(|((_, before), (_, after))| before.acceptable != after.acceptable)
        .map(|(_, (at, after))| {
            let kind = if after.acceptable {
                Kind::Begins
            } else {
                Kind::Stops(after.cause)
            };
            (*at, kind)
        })
        .collect()
}
