//! How the TEE was launched, and on which machine: rows 501 to 521.

use alloc::vec::Vec;

use super::{Appraisal, any_of, listed};
use crate::finding::Finding;
use crate::policy::Policy;
use crate::proof::Platform;
use crate::quote::{Body, TdReport};
use crate::{CheckId, Reason, Value};

/// A property that must have one value, unless the policy accepts the other by a name that stings.
struct Property {
    name: &'static str,
    value: bool,
    wanted: bool,
    accepted: bool,
    reason: Reason,
}

impl Property {
    fn judge(self, attributes: Value) -> Finding {
        let finding = if self.value != self.wanted && !self.accepted {
            Finding::failed(self.reason)
        } else {
            Finding::passed()
        };
        finding
            .found(Value::Fields(Vec::from([
                (self.name, Value::Flag(self.value)),
                ("attributes", attributes),
            ])))
            .expected(
                (!self.accepted)
                    .then(|| Value::Fields(Vec::from([(self.name, Value::Flag(self.wanted))]))),
            )
    }
}

impl Appraisal<'_> {
    pub(super) fn launch(&mut self) {
        let policy = self.policy;
        self.on_body(CheckId::TeeType, |this| {
            match this.tee() {
                Some(tee) if policy.tee().contains(&tee) => Finding::passed(),
                _ => Finding::failed(Reason::TeeNotAccepted),
            }
            .found(this.tee().map(Value::text))
            .expected(any_of(policy.tee()))
        });
        self.platform();
        match self.body() {
            Some(Body::Tdx(report)) => {
                self.td_attributes(report);
                self.not_applicable(CheckId::SgxDebug, false);
            }
            Some(Body::Sgx(report)) => {
                for check in [
                    CheckId::TdDebug,
                    CheckId::TdReserved,
                    CheckId::TdSeptVeDisable,
                    CheckId::TdMigratable,
                    CheckId::TdService,
                    CheckId::TdxModule,
                ] {
                    self.not_applicable(check, false);
                }
                let demanded = policy.td().attributes.is_some() || policy.td().xfam.is_some();
                self.not_applicable(CheckId::TdAttributes, demanded);
                let debug = Property {
                    name: "debug",
                    value: report.debug(),
                    wanted: false,
                    accepted: policy.sgx().accept_debug_enclave_unsafe,
                    reason: Reason::DebugEnabled,
                };
                let attributes = Value::text(report.attributes);
                self.on_body(CheckId::SgxDebug, |_| debug.judge(attributes));
            }
            None => {}
        }
    }

    fn platform(&mut self) {
        let Some(platform) = self.examination.platform.clone() else {
            for (check, demanded) in demands(self.policy) {
                let finding = if demanded {
                    let blocking = self
                        .findings
                        .first_not_passed(&[CheckId::QuoteFormat, CheckId::PckChain]);
                    Finding::depends_on(blocking.unwrap_or(CheckId::PckExtension))
                } else {
                    Finding::not_requested()
                };
                self.record(check, finding);
            }
            return;
        };
        let rules = self.policy.platform();
        self.record(
            CheckId::PlatformFmspc,
            listed(&platform.fmspc, rules.fmspc.as_ref()),
        );
        let device = self.device(&platform);
        self.record(CheckId::PlatformDevice, device);
        let flags = platform.flags;
        for (check, found, demanded) in [
            (
                CheckId::PlatformDynamic,
                flags.dynamic_platform,
                rules.dynamic,
            ),
            (
                CheckId::PlatformCachedKeys,
                flags.cached_keys,
                rules.cached_keys,
            ),
            (CheckId::PlatformSmt, flags.smt_enabled, rules.smt),
        ] {
            self.record(check, flag(found, demanded));
        }
    }

    fn device(&self, platform: &Platform) -> Finding {
        let rules = self.policy.platform();
        let found = Value::Fields(Vec::from([
            ("ppid", Value::text(platform.ppid)),
            ("deviceId", Value::text(platform.device_id)),
        ]));
        let finding = if !rules.lists_devices() {
            return Finding::not_requested().found(found);
        } else if rules.accepts_device(&platform.ppid) {
            Finding::passed()
        } else {
            Finding::failed(Reason::NotListed)
        };
        let mut expected = Vec::new();
        expected.extend(rules.ppid.as_ref().map(|list| ("ppid", any_of(list))));
        expected.extend(
            rules
                .device_ids
                .as_ref()
                .map(|list| ("deviceId", any_of(list))),
        );
        finding.found(found).expected(Value::Fields(expected))
    }

    fn td_attributes(&mut self, report: &TdReport) {
        let rules = self.policy.td();
        let attributes = report.td_attributes;
        let found = || Value::text(attributes.bytes());
        let mr_service_td = report.td15.as_ref().map(|more| more.mr_service_td);
        let service_td = mr_service_td.is_some_and(|measurement| !measurement.is_zero());
        for (check, property) in [
            (
                CheckId::TdDebug,
                Property {
                    name: "debugOrProfiling",
                    value: attributes.debug() || attributes.profiling(),
                    wanted: false,
                    accepted: rules.accept_debug_td_unsafe,
                    reason: Reason::DebugEnabled,
                },
            ),
            (
                CheckId::TdReserved,
                Property {
                    name: "reservedBits",
                    value: attributes.reserved() != 0,
                    wanted: false,
                    accepted: false,
                    reason: Reason::ReservedAttributes,
                },
            ),
            (
                CheckId::TdSeptVeDisable,
                Property {
                    name: "septVeDisable",
                    value: attributes.sept_ve_disable(),
                    wanted: true,
                    accepted: rules.accept_missing_sept_ve_disable_unsafe,
                    reason: Reason::SeptVeEnabled,
                },
            ),
            (
                CheckId::TdMigratable,
                Property {
                    name: "migratable",
                    value: attributes.migratable(),
                    wanted: false,
                    accepted: rules.accept_migratable_td_unsafe,
                    reason: Reason::Migratable,
                },
            ),
            (
                CheckId::TdService,
                Property {
                    name: "serviceTd",
                    value: service_td || attributes.service_td_extension(),
                    wanted: false,
                    accepted: rules.accept_service_td_unsafe,
                    reason: Reason::ServiceTdBound,
                },
            ),
        ] {
            self.on_body(check, |_| property.judge(found()));
        }
        self.on_body(CheckId::TdAttributes, |_| {
            let by_attributes = listed(&attributes.bytes(), rules.attributes.as_ref());
            let by_xfam = listed(&report.xfam, rules.xfam.as_ref());
            let both = Value::Fields(Vec::from([
                ("tdAttributes", found()),
                ("xfam", Value::text(report.xfam)),
            ]));
            let mut expected = Vec::new();
            expected.extend(
                by_attributes
                    .expected
                    .clone()
                    .map(|list| ("tdAttributes", list)),
            );
            expected.extend(by_xfam.expected.clone().map(|list| ("xfam", list)));
            // The worse of the two: failed, then passed, then not requested.
            let worse = [by_attributes, by_xfam]
                .into_iter()
                .min_by_key(|finding| match finding.outcome {
                    crate::Outcome::Failed => 0,
                    crate::Outcome::Passed => 1,
                    crate::Outcome::Skipped | crate::Outcome::NotRequested => 2,
                })
                .unwrap_or_else(Finding::not_requested);
            worse
                .found(both)
                .expected((!expected.is_empty()).then_some(Value::Fields(expected)))
        });
    }
}

/// The rows about the machine, and whether the policy demands each.
fn demands(policy: &Policy) -> [(CheckId, bool); 5] {
    let rules = policy.platform();
    [
        (CheckId::PlatformFmspc, rules.fmspc.is_some()),
        (CheckId::PlatformDevice, rules.lists_devices()),
        (CheckId::PlatformDynamic, rules.dynamic.is_some()),
        (CheckId::PlatformCachedKeys, rules.cached_keys.is_some()),
        (CheckId::PlatformSmt, rules.smt.is_some()),
    ]
}

fn flag(found: Option<bool>, demanded: Option<bool>) -> Finding {
    let value = found.map_or_else(|| Value::from("undefined"), Value::Flag);
    let Some(demanded) = demanded else {
        return Finding::not_requested().found(value);
    };
    let finding = match found {
        Some(found) if found == demanded => Finding::passed(),
        Some(_) => Finding::failed(Reason::FlagRefused),
        None => Finding::failed(Reason::FlagUndefined),
    };
    finding.found(value).expected(Value::Flag(demanded))
}
