//! What a caller demands on top of a policy.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use super::Policy;
use super::error::{Fault, PolicyError, PolicyErrorKind as Kind};
use super::fields::words;
use super::rules::AnyOf;
use crate::bytes::{Bytes32, Id20, Measurement, ReportData};

/// Values that a caller expects of this one piece of evidence, such as those of
/// `--expect-compose-hash`. Several values of one kind are any-of; an empty list is no pin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins {
    /// Expected compose hash.
    pub compose_hashes: Vec<Bytes32>,
    /// Expected app id.
    pub app_ids: Vec<Id20>,
    /// Expected report data.
    pub report_data: Vec<ReportData>,
    /// Expected operating system: the name of an OS set in the policy.
    pub os: Vec<String>,
    /// Expected RTMR3.
    pub rtmr3: Vec<Measurement>,
}

impl Policy {
    /// The policy narrowed by pins: where it lists nothing the pin becomes its list, and where it
    /// lists something only what both name stays. So a pin can refuse more, never accept more: a
    /// pin of nothing that the policy lists is an error.
    ///
    /// The result is the policy in force. It has its own digest.
    pub fn with_pins(mut self, pins: Pins) -> Result<Self, PolicyError> {
        let Pins {
            compose_hashes,
            app_ids,
            report_data,
            os,
            rtmr3,
        } = pins;
        narrow(
            &mut self.app.compose_hashes,
            compose_hashes,
            "app.compose-hashes",
        )?;
        narrow(&mut self.app.app_ids, app_ids, "app.app-ids")?;
        narrow(&mut self.app.report_data, report_data, "app.report-data")?;
        narrow(&mut self.app.rtmr3, rtmr3, "app.rtmr3")?;
        self.narrow_os(&os)?;
        Ok(self.sealed())
    }

    fn narrow_os(&mut self, names: &[String]) -> Result<(), PolicyError> {
        if names.is_empty() {
            return Ok(());
        }
        let mut sets = self.os.take().unwrap_or_default();
        let unknown = names
            .iter()
            .find(|name| sets.iter().all(|os| os.name != **name));
        if let Some(name) = unknown {
            let mut known: Vec<_> = sets.iter().map(|os| os.name.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            let known = if known.is_empty() {
                "no set".to_string()
            } else {
                words(known)
            };
            let detail = [
                "no [[os]] set is named `",
                name,
                "`; the policy has ",
                &known,
            ]
            .concat();
            return Err(PolicyError::from_fault(Fault::new(
                Kind::PinOsUnknown,
                detail,
            )));
        }
        sets.retain(|os| names.contains(&os.name));
        self.os = Some(sets);
        Ok(())
    }
}

fn narrow<T: Ord + Copy + Display>(
    listed: &mut Option<AnyOf<T>>,
    pins: Vec<T>,
    key: &str,
) -> Result<(), PolicyError> {
    let Some(pinned) = AnyOf::of(pins) else {
        return Ok(());
    };
    let Some(known) = listed.take() else {
        *listed = Some(pinned);
        return Ok(());
    };
    *listed = AnyOf::of(
        known
            .iter()
            .filter(|value| pinned.contains(*value))
            .copied(),
    );
    if listed.is_some() {
        return Ok(());
    }
    let detail = [
        "the pin `",
        &words(pinned.iter()),
        "` is not one that the policy lists in `",
        key,
        "`",
    ];
    Err(PolicyError::from_fault(Fault::new(
        Kind::PinNotListed,
        detail.concat(),
    )))
}
