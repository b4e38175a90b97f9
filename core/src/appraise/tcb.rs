//! TCB statuses, grace, advisories and the floors of endorsement numbers.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Appraisal, any_of};
use crate::finding::Finding;
use crate::policy::AnyOf;
use crate::tcb::{ComponentTcb, Shortfall, TcbEvaluation};
use crate::tcb_status::TcbStatus;
use crate::time::Instant;
use crate::{CheckId, Reason, Value};

/// A status with what its grace is counted from.
struct Judged<'t> {
    status: TcbStatus,
    /// Out-of-date components behind the status.
    behind: Vec<&'t ComponentTcb>,
}

impl<'t> Judged<'t> {
    fn component(component: &'t ComponentTcb) -> Self {
        Self {
            status: component.status,
            behind: Vec::from([component]),
        }
    }

    fn merged(status: TcbStatus, components: impl IntoIterator<Item = &'t ComponentTcb>) -> Self {
        Self {
            status,
            behind: components
                .into_iter()
                .filter(|component| component.status.needs_grace())
                .collect(),
        }
    }

    /// The day from which a grace counts: of several out-of-date components the earliest.
    fn grace_from(&self) -> Option<Instant> {
        self.behind
            .iter()
            .map(|component| component.grace_from)
            .min()
    }
}

impl Appraisal<'_> {
    /// Fills the rows 401 to 408.
    pub(super) fn tcb(&mut self) {
        self.numbers();
        let policy = self.policy.tcb();
        let Some(tcb) = self.examination.tcb.clone() else {
            if policy.tolerated_advisories.is_none() && policy.denied_advisories.is_none() {
                self.record(CheckId::TcbAdvisories, Finding::not_requested());
            }
            return;
        };
        let platform = self.status(&Judged::component(&tcb.platform), &policy.platform);
        self.record(CheckId::TcbPlatform, platform);
        match &tcb.module {
            Some(module) => {
                let module = self.status(&Judged::component(module), &policy.module);
                self.record(CheckId::TcbModule, module);
            }
            None => self.not_applicable(CheckId::TcbModule, false),
        }
        let qe = self.status(&Judged::component(&tcb.qe), &policy.qe);
        self.record(CheckId::TcbQe, qe);
        match &tcb.current {
            Some(current) => {
                let components = [
                    Some(&current.platform),
                    current.module.as_ref(),
                    Some(&tcb.qe),
                ];
                let judged = Judged::merged(current.status, components.into_iter().flatten());
                let current = self.status(&judged, &policy.current);
                self.record(CheckId::TcbCurrent, current);
            }
            None => self.not_applicable(CheckId::TcbCurrent, false),
        }
        let components = [Some(&tcb.platform), tcb.module.as_ref(), Some(&tcb.qe)];
        let judged = Judged::merged(tcb.status, components.into_iter().flatten());
        let merged = self.status(&judged, &policy.merged);
        self.record(CheckId::TcbStatus, merged);
        let advisories = self.advisories(&tcb);
        self.record(CheckId::TcbAdvisories, advisories);
    }

    fn status(&self, judged: &Judged<'_>, accepted: &AnyOf<TcbStatus>) -> Finding {
        let mut found = Vec::from([("status", Value::text(judged.status))]);
        if let [component] = judged.behind.as_slice() {
            found.push(("tcbDate", Value::text(component.date)));
        }
        let shortfall: Vec<Value> = judged
            .behind
            .iter()
            .flat_map(|component| component.shortfall.iter().map(short))
            .collect();
        if !shortfall.is_empty() {
            found.push(("shortfall", Value::List(shortfall)));
        }
        let mut expected = Vec::from([("status", any_of(accepted))]);
        let mut refusal = None;
        if !accepted.contains(&judged.status) {
            refusal = Some(if judged.status == TcbStatus::Revoked {
                Reason::TcbRevoked
            } else {
                Reason::StatusNotAccepted
            });
        }
        if judged.status.needs_grace()
            && let Some(from) = judged.grace_from()
        {
            found.push(("newerUpToDateSince", Value::text(from)));
            if let Some(days) = self.policy.tcb().out_of_date_grace_days {
                let until = from.plus_days(days);
                expected.push(("graceUntil", Value::text(until)));
                if self.examination.at > until {
                    refusal = refusal.or(Some(Reason::GraceExpired));
                }
            }
        }
        refusal
            .map_or_else(Finding::passed, Finding::failed)
            .found(Value::Fields(found))
            .expected(Value::Fields(expected))
    }

    /// Advisories of the launch TCB and of the current one: a policy refuses an advisory wherever
    /// it applies.
    fn advisories(&self, tcb: &TcbEvaluation) -> Finding {
        let current = tcb.current.iter().flat_map(|current| {
            let module = current.module.iter().flat_map(|module| &module.advisories);
            current.platform.advisories.iter().chain(module)
        });
        let mut all: Vec<&String> = tcb.advisories.iter().chain(current).collect();
        all.sort_unstable();
        all.dedup();
        let found = Value::list(all.iter());
        let rules = self.policy.tcb();
        let refused: Vec<&&String> = all
            .iter()
            .filter(|id| !rules.accepts_advisory(id))
            .collect();
        if refused.is_empty() {
            let no_opinion =
                rules.tolerated_advisories.is_none() && rules.denied_advisories.is_none();
            return if no_opinion {
                Finding::not_requested().found(found)
            } else {
                Finding::passed().found(found)
            };
        }
        let denied = rules
            .denied_advisories
            .as_ref()
            .is_some_and(|denied| refused.iter().any(|id| denied.contains(id.as_str())));
        let reason = if denied {
            Reason::AdvisoryRefused
        } else {
            Reason::AdvisoryNotTolerated
        };
        Finding::failed(reason)
            .found(Value::list(refused))
            .expected(
                rules
                    .tolerated_advisories
                    .as_ref()
                    .map_or_else(|| Value::List(Vec::new()), any_of),
            )
    }

    fn numbers(&mut self) {
        let rules = self.policy.tcb();
        let Some(collateral) = &self.examination.collateral else {
            for (check, demanded) in [
                (
                    CheckId::TcbEvaluationNumber,
                    rules.min_evaluation_number.is_some(),
                ),
                (
                    CheckId::CrlNumber,
                    rules.min_root_crl_number.is_some() || rules.min_pck_crl_number.is_some(),
                ),
            ] {
                if !demanded {
                    self.record(check, Finding::not_requested());
                }
            }
            return;
        };
        let (tcb_info, qe_identity) = collateral.evaluation_numbers();
        let evaluation = floor(
            &[
                ("tcbInfo", tcb_info.into(), rules.min_evaluation_number),
                (
                    "qeIdentity",
                    qe_identity.into(),
                    rules.min_evaluation_number,
                ),
            ],
            Reason::EvaluationNumberLow,
        );
        let (root, pck) = collateral.crl_numbers();
        let crl = floor(
            &[
                ("rootCrl", root, rules.min_root_crl_number),
                ("pckCrl", pck, rules.min_pck_crl_number),
            ],
            Reason::CrlNumberLow,
        );
        self.record(CheckId::TcbEvaluationNumber, evaluation);
        self.record(CheckId::CrlNumber, crl);
    }
}

fn short(shortfall: &Shortfall) -> Value {
    Value::Fields(Vec::from([
        ("component", Value::text(&shortfall.component)),
        ("have", Value::Number(shortfall.have.into())),
        ("need", Value::Number(shortfall.need.into())),
    ]))
}

/// A number of the collateral, by name, and the policy's floor for it.
type Floored = (&'static str, u64, Option<u64>);

fn floor(numbers: &[Floored], reason: Reason) -> Finding {
    let fields = |value: fn(&Floored) -> Option<u64>| {
        Value::Fields(
            numbers
                .iter()
                .filter_map(|number| Some((number.0, Value::Number(value(number)?))))
                .collect(),
        )
    };
    let found = fields(|number| Some(number.1));
    let finding = if numbers.iter().all(|(_, _, floor)| floor.is_none()) {
        return Finding::not_requested().found(found);
    } else if numbers
        .iter()
        .any(|(_, number, floor)| floor.is_some_and(|floor| *number < floor))
    {
        Finding::failed(reason)
    } else {
        Finding::passed()
    };
    finding.found(found).expected(fields(|number| number.2))
}
