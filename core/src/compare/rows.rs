//! The rows of a comparison: named facts, each with the relation that it has to have.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{Claims, Side, accepted, facts, registers};
use crate::Value;
use crate::policy::Policy;
use crate::report::Anchor;

/// How the values of one fact have to stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Equal on every instance: a difference refutes.
    MustMatch,
    /// Different on every two instances: an equality refutes.
    MustDiffer,
    /// May differ, and a difference has to be accounted for.
    Explained,
    /// Shown, and decides nothing.
    Informational,
}

impl Relation {
    /// The word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MustMatch => "must-match",
            Self::MustDiffer => "must-differ",
            Self::Explained => "expected-to-differ",
            Self::Informational => "informational",
        }
    }
}

/// How a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The relation holds.
    Holds,
    /// The relation does not hold.
    Broken,
    /// A value is absent, so nothing can be said: never the same as equal.
    NotEvaluable,
    /// The values differ, and what makes them differ was recomputed.
    Accounted,
    /// The values differ, and nothing here accounts for it.
    Unexplained,
    /// Nothing is demanded of this row.
    Shown,
}

impl Standing {
    /// The word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Broken => "broken",
            Self::NotEvaluable => "not-evaluable",
            Self::Accounted => "explained",
            Self::Unexplained => "unexplained",
            Self::Shown => "shown",
        }
    }
}

macro_rules! rows {
    ($($variant:ident, $id:literal, $title:literal, $about:literal;)*) => {
        /// A fact that instances are compared by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum RowId {
            $(#[doc = $about] $variant,)*
        }

        impl RowId {
            /// All rows, in the order of a comparison.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable text id.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// What it is called.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What the row says.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

rows! {
    ComposeHash, "compose.hash", "Compose hash",
        "SHA-256 of the exact app-compose, as measured: equal if the instances run one app.";
    OsIdentity, "os.identity", "Operating system",
        "MRTD, RTMR1 and RTMR2: equal, or all in one named set of the policy.";
    KeyProvider, "key-provider", "Key provider",
        "Who holds the app's keys, as measured. With the app id it stands where SGX has MRSIGNER.";
    AppId, "app.id", "App id",
        "The app id, as measured. It has to match where the policy names app ids; alone it says nothing about code.";
    Quote, "quote", "Quote",
        "SHA-256 of the quote: one quote shown twice is one instance.";
    InstanceId, "instance.id", "Instance id",
        "The instance id, as measured: different for every instance of an app.";
    Device, "platform.device", "Machine (device)",
        "SHA-256 of the PPID in the PCK certificate: one physical machine has one.";
    AttestationKey, "attestation.key", "Attestation key",
        "SHA-256 of the key that signed the quote: of one quoting enclave on one machine.";
    ReportData, "report-data", "Report data",
        "What the workload put into the quote: different wherever each instance had its own challenge.";
    Rtmr3, "rtmr3", "RTMR3",
        "The events of the running system: they differ by the instance id, and by nothing else.";
    Rtmr0, "rtmr0", "RTMR0",
        "The virtual machine's shape: a difference is accounted for only where the digest of its memory map is recomputed.";
    TcbStatus, "tcb.status", "TCB status",
        "The machines' patch levels; each is acceptable to the policy by itself.";
    Fmspc, "platform.fmspc", "FMSPC",
        "The machines' models.";
    MrConfigId, "mr-config-id", "MRCONFIGID",
        "What the host configured; in its version 3 it may name the instance.";
    Channel, "channel", "Channel",
        "Whom a live connection ended with.";
    SelfReported, "self-reported", "Self-reported",
        "What the instance says of itself. Never evidence; where it contradicts the evidence, the instance does not tell the truth.";
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The value of one fact on one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The value.
    pub value: Value,
    /// What it rests on; `None` for a digest of the input itself.
    pub anchor: Option<Anchor>,
}

/// Where a difference begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begins {
    /// `MRTD`, `RTMR0` to `RTMR3`.
    pub register: &'static str,
    /// The number of the event within the register, from zero, and its name, if the log says.
    pub event: Option<(usize, String)>,
}

/// A row: one fact across all instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which fact.
    pub id: RowId,
    /// For [`RowId::SelfReported`]: what the instances call it.
    pub name: Option<String>,
    /// The relation that is demanded.
    pub relation: Relation,
    /// How it stands.
    pub standing: Standing,
    /// One cell for each instance, in their order; `None` where there is no value.
    pub cells: Vec<Option<Cell>>,
    /// Where a difference begins, if it was found.
    pub begins: Option<Begins>,
    /// The instances, by number, that the standing is about; empty if it is about all.
    pub sides: Vec<usize>,
}

impl Row {
    /// Whether nothing good can be said while it stands like this.
    pub fn is_broken(&self) -> bool {
        self.standing == Standing::Broken
    }
}

/// Every row, in the order of [`RowId::ALL`]; one for each name that instances report by themselves.
pub(super) fn all(sides: &[Side<'_>], policy: &Policy, claims: Claims) -> Vec<Row> {
    let mut rows = Vec::new();
    for id in RowId::ALL {
        match id {
            RowId::SelfReported => rows.extend(self_reported(sides)),
            id => rows.push(row(*id, sides, policy, claims)),
        }
    }
    rows
}

fn relation(id: RowId, sides: &[Side<'_>], policy: &Policy, claims: Claims) -> Relation {
    let claimed = |claimed| {
        if claimed {
            Relation::MustDiffer
        } else {
            Relation::Informational
        }
    };
    match id {
        RowId::ComposeHash | RowId::OsIdentity | RowId::KeyProvider => Relation::MustMatch,
        RowId::AppId if policy.app().app_ids.is_some() => Relation::MustMatch,
        RowId::Quote | RowId::InstanceId => Relation::MustDiffer,
        RowId::Device | RowId::AttestationKey => claimed(claims.different_machines),
        RowId::ReportData => claimed(sides.iter().all(|side| side.report.challenge_given())),
        RowId::Rtmr3 | RowId::Rtmr0 | RowId::TcbStatus => Relation::Explained,
        RowId::AppId | RowId::Fmspc | RowId::MrConfigId | RowId::Channel | RowId::SelfReported => {
            Relation::Informational
        }
    }
}

fn row(id: RowId, sides: &[Side<'_>], policy: &Policy, claims: Claims) -> Row {
    let mut row = Row {
        id,
        name: None,
        relation: relation(id, sides, policy, claims),
        standing: Standing::Shown,
        cells: sides.iter().map(|side| facts::cell(id, side)).collect(),
        begins: None,
        sides: Vec::new(),
    };
    let compared: Vec<usize> = (0..sides.len())
        .filter(|index| sides.get(*index).is_some_and(|side| accepted(side.report)))
        .collect();
    let keys: Vec<(usize, Option<String>)> = compared
        .iter()
        .map(|index| (*index, facts::key(&row, *index)))
        .collect();
    if row.relation == Relation::Informational {
        return row;
    }
    if keys.len() < 2 {
        row.standing = Standing::NotEvaluable;
        return row;
    }
    let absent: Vec<usize> = keys
        .iter()
        .filter(|(_, key)| key.is_none())
        .map(|(index, _)| *index)
        .collect();
    let equal = equal_pair(&keys);
    let differs = keys
        .iter()
        .find(|(_, key)| key.is_some() && keys.first().is_some_and(|(_, first)| first != key))
        .map(|(index, _)| *index);
    (row.standing, row.sides) = match row.relation {
        Relation::MustMatch => match (different_pair(&keys), absent.is_empty()) {
            (Some((one, two)), _) => (Standing::Broken, Vec::from([one, two])),
            (None, false) => (Standing::NotEvaluable, absent),
            (None, true) => (Standing::Holds, Vec::new()),
        },
        Relation::MustDiffer => match (equal, absent.is_empty()) {
            (Some((one, two)), _) => (Standing::Broken, Vec::from([one, two])),
            (None, false) => (Standing::NotEvaluable, absent),
            (None, true) => (Standing::Holds, Vec::new()),
        },
        Relation::Explained if !absent.is_empty() => (Standing::NotEvaluable, absent),
        Relation::Explained if differs.is_none() => (Standing::Holds, Vec::new()),
        Relation::Explained => explain(&mut row.begins, id, sides, &compared),
        Relation::Informational => (Standing::Shown, Vec::new()),
    };
    if row.is_broken()
        && let [one, two] = row.sides.as_slice()
        && let (Some(one), Some(two)) = (sides.get(*one), sides.get(*two))
    {
        row.begins = difference(id, one, two);
    }
    row
}

/// Two instances with different values, each the first of its kind.
fn different_pair(keys: &[(usize, Option<String>)]) -> Option<(usize, usize)> {
    let mut known = keys.iter().filter(|(_, key)| key.is_some());
    let (one, first) = known.next()?;
    let (two, _) = known.find(|(_, key)| key != first)?;
    Some((*one, *two))
}

/// Two instances with one value.
fn equal_pair(keys: &[(usize, Option<String>)]) -> Option<(usize, usize)> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    keys.iter()
        .filter_map(|(index, key)| Some((*index, key.as_deref()?)))
        .find_map(|(index, key)| Some((seen.insert(key, index)?, index)))
}

/// Whether the differences are accounted for. Neighbours stand for all: what parts from its
/// neighbour in nothing but what may differ, parts from all in nothing else.
fn explain(
    begins: &mut Option<Begins>,
    id: RowId,
    sides: &[Side<'_>],
    compared: &[usize],
) -> (Standing, Vec<usize>) {
    if id == RowId::TcbStatus {
        // Levels differ between machines; each was judged by the policy.
        return (Standing::Accounted, Vec::new());
    }
    let sides: Vec<(usize, &Side<'_>)> = compared
        .iter()
        .filter_map(|index| Some((*index, sides.get(*index)?)))
        .collect();
    for pair in sides.windows(2) {
        let [(one, a), (two, b)] = pair else { continue };
        let part = if id == RowId::Rtmr3 {
            registers::rtmr3(a.report, b.report)
        } else {
            registers::rtmr0(a.report, b.report)
        };
        if let Some(part) = part {
            *begins = Some(part);
            return (Standing::Unexplained, Vec::from([*one, *two]));
        }
    }
    let not_recomputed: Vec<usize> = sides
        .iter()
        .filter(|(_, side)| {
            id == RowId::Rtmr0 && !registers::memory_is_as_claimed(side.report, side.vm_config)
        })
        .map(|(index, _)| *index)
        .collect();
    if not_recomputed.is_empty() {
        (Standing::Accounted, Vec::new())
    } else {
        *begins = Some(registers::memory_map());
        (Standing::Unexplained, not_recomputed)
    }
}

/// Where a broken row begins to differ.
fn difference(id: RowId, one: &Side<'_>, two: &Side<'_>) -> Option<Begins> {
    match id {
        RowId::OsIdentity => {
            let (a, b) = (facts::td(one.report)?, facts::td(two.report)?);
            if a.mrtd != b.mrtd {
                return Some(Begins {
                    register: "MRTD",
                    event: None,
                });
            }
            let [_, rtmr1, rtmr2, _] = registers::REGISTERS;
            let [_, a1, ..] = a.rtmr;
            let [_, b1, ..] = b.rtmr;
            let register = if a1 == b1 { rtmr2 } else { rtmr1 };
            Some(registers::begins(one.report, two.report, register))
        }
        RowId::ComposeHash | RowId::AppId | RowId::KeyProvider => {
            let [.., rtmr3] = registers::REGISTERS;
            Some(registers::event(
                one.report,
                rtmr3,
                match id {
                    RowId::ComposeHash => "compose-hash",
                    RowId::AppId => "app-id",
                    _ => "key-provider",
                },
            ))
        }
        _ => None,
    }
}

fn self_reported(sides: &[Side<'_>]) -> Vec<Row> {
    let names: BTreeSet<&str> = sides
        .iter()
        .flat_map(|side| side.self_reported)
        .map(|(name, _)| name.as_str())
        .collect();
    names
        .into_iter()
        .map(|name| {
            let stated = |side: &Side<'_>| {
                side.self_reported
                    .iter()
                    .find(|(one, _)| one == name)
                    .map(|(_, value)| value.clone())
            };
            let liars: Vec<usize> = sides
                .iter()
                .enumerate()
                // Sound evidence that the policy refuses still shows a lie.
                .filter(|(_, side)| !side.report.failed_by_evidence())
                .filter(|(_, side)| {
                    stated(side)
                        .zip(facts::proven(name, side.report))
                        .is_some_and(|(stated, proven)| facts::contradicts(&stated, &proven))
                })
                .map(|(index, _)| index)
                .collect();
            Row {
                id: RowId::SelfReported,
                name: Some(name.into()),
                relation: Relation::Informational,
                standing: if liars.is_empty() {
                    Standing::Shown
                } else {
                    Standing::Broken
                },
                cells: sides
                    .iter()
                    .map(|side| {
                        stated(side).map(|value| Cell {
                            value: Value::quoted(&value),
                            anchor: Some(Anchor::SelfAsserted),
                        })
                    })
                    .collect(),
                begins: None,
                sides: liars,
            }
        })
        .collect()
}
