//! A policy as it would be after an edit that makes it stricter.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use super::Policy;
use super::error::{Fault, PolicyError, PolicyErrorKind as Kind};
use super::fields::{Reader, words};
use super::readers::AdvisoryId;
use super::rules::AnyOf;
use crate::bytes::Bytes32;
use crate::canonical::Json;

/// Edits of a policy that somebody thinks about. Each makes it stricter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyEdits {
    /// Compose hashes that would no longer be listed.
    pub without_compose_hashes: Vec<Bytes32>,
    /// OS sets, by name, that would no longer be listed.
    pub without_os: Vec<String>,
    /// The floor for the TCB evaluation data number, if it were raised.
    pub min_evaluation_number: Option<u64>,
    /// Advisories that would be refused, even where the policy tolerates them.
    pub denied_advisories: Vec<String>,
}

impl PolicyEdits {
    /// Whether nothing is edited.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Policy {
    /// The policy after the edits. It is at least as strict as this one and has its own digest.
    ///
    /// # Errors
    /// An edit that changes nothing, because the value is not listed; one that would leave an empty
    /// list, which a policy cannot say; one that would loosen; and a text that is no advisory id.
    pub fn with_edits(mut self, edits: &PolicyEdits) -> Result<Self, PolicyError> {
        if !edits.without_compose_hashes.is_empty() {
            let list = &mut self.app.compose_hashes;
            remove(list, &edits.without_compose_hashes, "app.compose-hashes")?;
        }
        self.without_os(&edits.without_os)?;
        if let Some(floor) = edits.min_evaluation_number {
            self.raise_floor(floor)?;
        }
        self.deny(&edits.denied_advisories)?;
        Ok(self.sealed())
    }

    fn without_os(&mut self, names: &[String]) -> Result<(), PolicyError> {
        let Some(name) = names.first() else {
            return Ok(());
        };
        let mut sets = self.os.take().unwrap_or_default();
        let known: BTreeSet<&str> = sets.iter().map(|os| os.name.as_str()).collect();
        if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
            return Err(unknown(name, "os", known));
        }
        sets.retain(|os| !names.contains(&os.name));
        if sets.is_empty() {
            return Err(emptied(name, "os"));
        }
        self.os = Some(sets);
        Ok(())
    }

    fn raise_floor(&mut self, floor: u64) -> Result<(), PolicyError> {
        let known = self.tcb.min_evaluation_number;
        if known.is_some_and(|known| floor < known) {
            let detail = [
                "`tcb.min-evaluation-number` is ",
                &words(known),
                " already, and ",
                &floor.to_string(),
                " would accept more",
            ];
            return Err(refused(Kind::EditLoosens, detail.concat()));
        }
        if floor > Json::MAX_NUMBER {
            let detail = [
                "`tcb.min-evaluation-number` ends at ",
                &Json::MAX_NUMBER.to_string(),
            ];
            return Err(refused(Kind::NumberRange, detail.concat()));
        }
        self.tcb.min_evaluation_number = Some(floor);
        Ok(())
    }

    fn deny(&mut self, ids: &[String]) -> Result<(), PolicyError> {
        let known = self.tcb.denied_advisories.iter().flat_map(AnyOf::iter);
        let mut denied: Vec<String> = known.cloned().collect();
        for id in ids {
            denied.push(AdvisoryId::read(id).map_err(PolicyError::from_fault)?);
        }
        self.tcb.denied_advisories = AnyOf::of(denied);
        Ok(())
    }
}

fn refused(kind: Kind, detail: String) -> PolicyError {
    PolicyError::from_fault(Fault::new(kind, detail))
}

fn unknown<T: ToString>(value: &str, key: &str, known: impl IntoIterator<Item = T>) -> PolicyError {
    let known = words(known);
    let known = if known.is_empty() { "nothing" } else { &known };
    let detail = [
        "`",
        value,
        "` cannot be removed from `",
        key,
        "`: the policy lists ",
        known,
    ];
    refused(Kind::EditUnknown, detail.concat())
}

fn emptied(value: &str, key: &str) -> PolicyError {
    let detail = [
        "without `",
        value,
        "` nothing is left in `",
        key,
        "`: the policy would accept no instance at all",
    ];
    refused(Kind::EditEmpties, detail.concat())
}

fn remove<T: Ord + Copy + Display>(
    listed: &mut Option<AnyOf<T>>,
    values: &[T],
    key: &str,
) -> Result<(), PolicyError> {
    let mut left: BTreeSet<T> = listed.iter().flat_map(AnyOf::iter).copied().collect();
    for value in values {
        let known = listed.as_ref().is_some_and(|list| list.contains(value));
        if !known {
            return Err(unknown(&value.to_string(), key, left));
        }
        left.remove(value);
        if left.is_empty() {
            return Err(emptied(&value.to_string(), key));
        }
    }
    *listed = AnyOf::of(left);
    Ok(())
}
