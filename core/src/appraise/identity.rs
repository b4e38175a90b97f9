//! Which operating system runs, and whether the evidence is fresh: rows 601, 602, 701 and 702.

use alloc::vec::Vec;

use super::{Appraisal, listed};
use crate::bytes::Measurement;
use crate::finding::Finding;
use crate::freshness::Challenge;
use crate::policy::{FreshnessDemand, OsReference};
use crate::quote::{Body, TdReport};
use crate::report::OsMatch;
use crate::{CheckId, Reason, Value};

impl Appraisal<'_> {
    pub(super) fn identity(&mut self, challenge: Option<&Challenge>) {
        self.os();
        let rtmr3 = self.policy.app().rtmr3.as_ref();
        match self.td() {
            Some(report) => {
                let [.., value] = report.rtmr;
                self.on_body(CheckId::Rtmr3Pinned, |_| listed(&value, rtmr3));
            }
            None if self.body().is_some() => {
                self.not_applicable(CheckId::Rtmr3Pinned, rtmr3.is_some());
            }
            None => {}
        }
        self.freshness(challenge);
        if let Some(body) = self.body() {
            let pinned = self.policy.app().report_data.as_ref();
            self.on_body(CheckId::ReportData, |_| listed(body.report_data(), pinned));
        }
        self.unrequested();
    }

    fn os(&mut self) {
        let sets = self.policy.os();
        let Some(report) = self.td() else {
            if self.body().is_some() {
                self.not_applicable(CheckId::OsIdentity, sets.is_some());
            }
            return;
        };
        let [rtmr0, rtmr1, rtmr2, _] = &report.rtmr;
        let matched = sets.and_then(|sets| {
            sets.iter()
                .find(|set| set.matches(&report.mrtd, rtmr0, rtmr1, rtmr2))
        });
        let nearest =
            sets.and_then(|sets| sets.iter().min_by_key(|set| differs(set, report).len()));
        self.on_body(CheckId::OsIdentity, |_| {
            let triple = |mrtd: Measurement, rtmr1: Measurement, rtmr2: Measurement| {
                Value::Fields(Vec::from([
                    ("mrtd", Value::text(mrtd)),
                    ("rtmr1", Value::text(rtmr1)),
                    ("rtmr2", Value::text(rtmr2)),
                ]))
            };
            let expected = matched
                .or(nearest)
                .map(|set| triple(set.mrtd, set.rtmr1, set.rtmr2));
            let finding = match (sets, matched) {
                (None, _) => Finding::not_requested(),
                (Some(_), Some(_)) => Finding::passed(),
                (Some(_), None) => Finding::failed(Reason::OsNotListed),
            };
            finding
                .found(triple(report.mrtd, *rtmr1, *rtmr2))
                .expected(expected)
        });
        self.os = match (matched, nearest) {
            (Some(set), _) if self.findings.passed(CheckId::OsIdentity) => {
                Some(OsMatch::Member(set.name.clone()))
            }
            (None, Some(set)) => Some(OsMatch::Nearest {
                name: set.name.clone(),
                differs: differs(set, report),
            }),
            _ => None,
        };
    }

    fn freshness(&mut self, challenge: Option<&Challenge>) {
        let required = self.policy.freshness() == FreshnessDemand::Required;
        let Some(challenge) = challenge else {
            self.record(
                CheckId::Freshness,
                if required {
                    Finding::skipped(Reason::ChallengeMissing)
                } else {
                    Finding::not_requested()
                },
            );
            return;
        };
        let Some(body) = self.body() else { return };
        let report_data = *Body::report_data(body);
        self.on_body(CheckId::Freshness, |_| {
            match challenge.verify(&report_data) {
                Ok(()) => Finding::passed().found(Value::Fields(Vec::from([
                    ("rule", Value::text(challenge.rule)),
                    ("reportData", Value::text(report_data)),
                ]))),
                Err(error) => Finding::refused(error.reason())
                    .found(error.found())
                    .expected(error.expected()),
            }
        });
    }

    /// Where not even the quote can be read, a check that nobody demanded is still not demanded.
    fn unrequested(&mut self) {
        if self.body().is_some() {
            return;
        }
        let app = self.policy.app();
        for (check, demanded) in [
            (CheckId::OsIdentity, self.policy.os().is_some()),
            (CheckId::Rtmr3Pinned, app.rtmr3.is_some()),
            (CheckId::ReportData, app.report_data.is_some()),
        ] {
            if !demanded {
                self.record(check, Finding::not_requested());
            }
        }
    }
}

fn differs(set: &OsReference, report: &TdReport) -> Vec<&'static str> {
    let [rtmr0, rtmr1, rtmr2, _] = &report.rtmr;
    let shape_differs = set.rtmr0.as_ref().is_some_and(|list| !list.contains(rtmr0));
    [
        ("mrtd", set.mrtd != report.mrtd),
        ("rtmr0", shape_differs),
        ("rtmr1", set.rtmr1 != *rtmr1),
        ("rtmr2", set.rtmr2 != *rtmr2),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}
