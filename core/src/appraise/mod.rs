//! Is it what I wanted? Policy and reference values against what was proven.
//!
//! Total: whatever the evidence, there is one report with every check of the table. A check that
//! can be made is made, demanded or not, and a failure always counts: evidence that contradicts
//! itself is worse than evidence that is missing. A check that was demanded and cannot be made is
//! skipped, and one that nobody demanded is not requested.

mod identity;
mod launch;
mod measured;
mod tcb;

use alloc::string::String;
use alloc::vec::Vec;

use crate::dstack::DstackFacts;
use crate::exchange::Exchange;
use crate::finding::{Finding, Findings, Outcome};
use crate::lint::LintOutcome;
use crate::log::{EventLog, ReplayedLog};
use crate::policy::{AnyOf, EngineDemand, Policy};
use crate::proof::{Examination, SIGNED_BODY, prerequisites};
use crate::quote::{Body, TdReport, Tee};
use crate::report::{
    Anchor, AnchorNode, Check, EvidenceDigests, Measurements, OsMatch, Report, SecondEngine,
    SgxMeasurements, TdMeasurements, Verdict,
};
use crate::{CheckId, Reason, ReasonKind, Value};

/// What is appraised beside the quote: the parts of the evidence that Intel signs nothing of.
#[derive(Debug, Clone, Copy, Default)]
pub struct MeasuredEvidence<'a> {
    /// The event log as JSON text.
    pub event_log: Option<&'a [u8]>,
    /// The exact bytes of the app-compose.
    pub app_compose: Option<&'a [u8]>,
    /// The exact bytes of `vm_config`. The host's word; judged by nothing yet, and in the digest.
    pub vm_config: Option<&'a [u8]>,
    /// The exact document behind MRCONFIGID version 3.
    pub mr_config_document: Option<&'a [u8]>,
    /// What a lint said of the app-compose. Not evidence: the caller's own finding, and of no weight
    /// unless its compose hash is the measured one.
    pub lint: Option<&'a LintOutcome>,
}

/// Appraises an examined quote and the evidence around it.
///
pub fn appraise(
    examination: &Examination,
    evidence: &MeasuredEvidence<'_>,
    policy: &Policy,
    exchange: &Exchange,
    second_engine: SecondEngine,
) -> Report {
    let mut appraisal = Appraisal::new(examination, evidence, policy);
    appraisal.tcb();
    appraisal.launch();
    appraisal.identity(exchange);
    appraisal.measured();
    appraisal.engines(&second_engine);
    appraisal.report(exchange, second_engine)
}

struct Appraisal<'a> {
    examination: &'a Examination,
    evidence: &'a MeasuredEvidence<'a>,
    policy: &'a Policy,
    findings: Findings,
    os: Option<OsMatch>,
    facts: Option<DstackFacts>,
    log: Option<ReplayedLog>,
    log_digest: Option<crate::Bytes32>,
    mr_config_agrees: bool,
}

impl<'a> Appraisal<'a> {
    fn new(
        examination: &'a Examination,
        evidence: &'a MeasuredEvidence<'a>,
        policy: &'a Policy,
    ) -> Self {
        Self {
            examination,
            evidence,
            policy,
            findings: examination.findings.clone(),
            os: None,
            facts: None,
            log: None,
            log_digest: None,
            mr_config_agrees: false,
        }
    }

    fn record(&mut self, check: CheckId, finding: Finding) {
        self.findings.record(check, finding);
    }

    fn body(&self) -> Option<&'a Body> {
        self.examination
            .claimed_quote()
            .map(crate::Quote::claimed_body)
    }

    fn td(&self) -> Option<&'a TdReport> {
        match self.body() {
            Some(Body::Tdx(report)) => Some(report),
            _ => None,
        }
    }

    fn tee(&self) -> Option<Tee> {
        self.examination.claimed_quote().map(crate::Quote::tee)
    }

    /// Records a check on the report inside the quote: made once the report is signed by a key that
    /// chains to the trust anchor, even where collateral is missing.
    fn on_body(&mut self, check: CheckId, judge: impl FnOnce(&Self) -> Finding) {
        let finding = match self.findings.first_not_passed(&SIGNED_BODY) {
            Some(blocking) => Finding::depends_on(blocking),
            None => judge(self),
        };
        self.record(check, finding);
    }

    /// Records a check that this kind of TEE has no place for: skipped where the policy demands it.
    fn not_applicable(&mut self, check: CheckId, demanded: bool) {
        let finding = if demanded {
            Finding::skipped(Reason::NotApplicable)
        } else {
            Finding {
                reason: Some(Reason::NotApplicable),
                ..Finding::not_requested()
            }
        };
        self.record(check, finding);
    }

    fn engines(&mut self, second_engine: &SecondEngine) {
        let finding = match (second_engine, self.policy.engines()) {
            (SecondEngine::Agrees, _) => Finding::passed(),
            (SecondEngine::NotRun, EngineDemand::Any) => Finding::not_requested(),
            (SecondEngine::NotRun, EngineDemand::Both) => Finding::skipped(Reason::EngineAbsent),
            (SecondEngine::Conflict(disagreements), _) => {
                let side = |side: fn(&crate::report::Disagreement) -> &str| {
                    Value::List(
                        disagreements
                            .iter()
                            .map(|disagreement| {
                                Value::quoted(&alloc::format!(
                                    "{}: {}",
                                    disagreement.claim,
                                    side(disagreement)
                                ))
                            })
                            .collect(),
                    )
                };
                Finding::skipped(Reason::EngineConflict)
                    .found(side(|disagreement| &disagreement.ours))
                    .expected(side(|disagreement| &disagreement.theirs))
            }
        };
        self.record(CheckId::Engines, finding);
    }

    /// Finds something of every check of the table: one that no step reached says which check it
    /// waits for.
    fn complete(&mut self) {
        for id in CheckId::ALL {
            if self.findings.get(*id).is_none() {
                let blocking = self.findings.blocking(prerequisites(*id));
                let finding = Finding::depends_on(blocking.unwrap_or(CheckId::QuoteFormat));
                self.record(*id, finding);
            }
        }
    }

    fn root_anchor(&self) -> Anchor {
        if self.examination.anchor.is_intel() {
            Anchor::IntelRoot
        } else {
            Anchor::TestRoot
        }
    }

    fn os_established(&self) -> bool {
        self.findings.passed(CheckId::OsIdentity) && self.examination.verified.is_some()
    }

    fn anchor_of(&self, check: CheckId) -> Option<Anchor> {
        let under_os = |anchor| {
            if self.os_established() {
                anchor
            } else {
                Anchor::SelfAsserted
            }
        };
        Some(match check {
            CheckId::QuoteFormat
            | CheckId::QuoteTrailing
            | CheckId::CollateralPresent
            | CheckId::Engines => return None,
            CheckId::OsIdentity
            | CheckId::Rtmr3Pinned
            | CheckId::Freshness
            | CheckId::ReportData
            | CheckId::Channel => Anchor::CallerPin,
            CheckId::LogDigests | CheckId::LogGrammar => under_os(Anchor::OsIdentity),
            CheckId::MrConfig => under_os(Anchor::MrConfigId),
            CheckId::ComposeBinding
            | CheckId::ComposeApproved
            | CheckId::ComposeLint
            | CheckId::AppId
            | CheckId::KeyProvider => under_os(Anchor::MeasuredLog),
            // Consistent in itself, and signed by nobody known.
            CheckId::QeSignature | CheckId::QeBinding | CheckId::QuoteSignature
                if !self.findings.passed(CheckId::PckChain) =>
            {
                Anchor::SelfAsserted
            }
            _ => self.root_anchor(),
        })
    }

    fn anchors(&self) -> Vec<AnchorNode> {
        let root = self.root_anchor();
        let on_root: &'static [Anchor] = match root {
            Anchor::IntelRoot => &[Anchor::IntelRoot, Anchor::CallerPin],
            _ => &[Anchor::TestRoot, Anchor::CallerPin],
        };
        let node = |anchor, established, rests_on, carries| AnchorNode {
            anchor,
            established,
            rests_on,
            carries,
        };
        let os = self.os_established();
        Vec::from([
            node(
                root,
                self.examination.verified.is_some(),
                &[][..],
                "the quote's registers, attributes and report data",
            ),
            node(
                Anchor::OsIdentity,
                os,
                on_root,
                "that RTMR3 and MRCONFIGID mean what this operating system gives them",
            ),
            node(
                Anchor::MeasuredLog,
                os && self.facts.is_some(),
                &[Anchor::OsIdentity][..],
                "compose hash, app id, instance id, key provider",
            ),
            node(
                Anchor::MrConfigId,
                os && self.mr_config_agrees,
                &[Anchor::OsIdentity][..],
                "compose hash, app id and key provider as the host configured them",
            ),
        ])
    }

    fn verdict(&self, second_engine: &SecondEngine) -> (Verdict, Option<Verdict>) {
        let any = |outcome| self.findings.any(outcome);
        if matches!(second_engine, SecondEngine::Conflict(_)) {
            return (Verdict::Inconclusive, None);
        }
        if any(Outcome::Failed) {
            return (Verdict::Rejected, None);
        }
        // Without a proof nothing is genuine, whatever the table says.
        if any(Outcome::Skipped) || self.examination.verified.is_none() {
            return (Verdict::Inconclusive, None);
        }
        let runs_what_was_approved = self.findings.passed(CheckId::ComposeApproved)
            || self.findings.passed(CheckId::Rtmr3Pinned);
        let reached = if self.os_established() && runs_what_was_approved {
            Verdict::Trusted
        } else {
            Verdict::Genuine
        };
        if self.examination.anchor.is_intel() {
            (reached, None)
        } else {
            (Verdict::Simulated, Some(reached))
        }
    }

    fn report(mut self, exchange: &Exchange, second_engine: SecondEngine) -> Report {
        let collateral = self.examination.collateral.as_ref();
        let collateral_digest = collateral.map(crate::AuthenticCollateral::digest);
        if let Some(digest) = collateral_digest {
            let found = Finding::passed().found(Value::text(digest));
            self.findings.record(CheckId::CollateralAuthentic, found);
        }
        self.complete();
        let (verdict, simulates) = self.verdict(&second_engine);
        let anchors = self.anchors();
        let check_anchors: Vec<_> = CheckId::ALL.iter().map(|id| self.anchor_of(*id)).collect();
        let findings = core::mem::take(&mut self.findings);
        let checks = findings.into_rows().zip(check_anchors);
        let checks = checks.map(|((id, finding), anchor)| Check {
            id,
            finding,
            anchor,
        });
        let examination = self.examination;
        let digest = |part: Option<&[u8]>| part.map(crate::sha256);
        Report {
            verdict,
            simulates,
            checks: checks.collect(),
            anchors,
            at: examination.at,
            tee: self.tee(),
            quote_version: examination.quote.as_ref().ok().map(|quote| quote.version()),
            trust_anchor: *examination.anchor.digest(),
            trust_anchor_is_intel: examination.anchor.is_intel(),
            policy_digest: self.policy.digest(),
            challenge_given: exchange.challenge.is_some(),
            channel: exchange.channel,
            second_engine,
            evidence: EvidenceDigests {
                quote: crate::sha256(&examination.quote_bytes),
                event_log: self.log_digest,
                app_compose: digest(self.evidence.app_compose),
                vm_config: digest(self.evidence.vm_config),
                mr_config_document: digest(self.evidence.mr_config_document),
                collateral: collateral_digest,
            },
            measurements: self.body().map(measurements),
            facts: self.facts,
            log: self.log,
            attestation_key: examination
                .quote
                .as_ref()
                .ok()
                .map(|quote| crate::sha256(quote.attestation_key())),
            os: self.os,
            platform: examination.platform.clone(),
            tcb: examination.tcb.clone(),
            windows: collateral
                .map(|collateral| collateral.windows().to_vec())
                .unwrap_or_default(),
            window: collateral.map(|collateral| {
                let window = collateral.window();
                examination
                    .platform
                    .as_ref()
                    .map_or(window, |platform| window.intersect(&platform.window))
            }),
            evaluation_numbers: collateral.map(crate::AuthenticCollateral::evaluation_numbers),
            crl_numbers: collateral.map(crate::AuthenticCollateral::crl_numbers),
            needs: examination.needs.clone(),
        }
    }
}

fn measurements(body: &Body) -> Measurements {
    match body {
        Body::Sgx(report) => Measurements::Sgx(SgxMeasurements {
            mr_enclave: report.mr_enclave,
            mr_signer: report.mr_signer,
            isv_prod_id: report.isv_prod_id,
            isv_svn: report.isv_svn,
            attributes: report.attributes,
            report_data: report.report_data,
        }),
        Body::Tdx(report) => Measurements::Tdx(TdMeasurements {
            mrtd: report.mrtd,
            rtmr: report.rtmr,
            mr_seam: report.mr_seam,
            mr_signer_seam: report.mr_signer_seam,
            mr_config_id: report.mr_config_id,
            mr_owner: report.mr_owner,
            mr_owner_config: report.mr_owner_config,
            tee_tcb_svn: report.tee_tcb_svn,
            tee_tcb_svn2: report.td15.as_ref().map(|more| more.tee_tcb_svn2),
            td_attributes: report.td_attributes.bytes(),
            xfam: report.xfam,
            report_data: report.report_data,
        }),
    }
}

/// How many values of a policy's list a report repeats; the policy digest covers all of them.
const REPEATED: usize = 16;

/// A policy's list as an expectation.
fn any_of<T: Ord + core::fmt::Display>(list: &AnyOf<T>) -> Value {
    let count = list.iter().count();
    if count > REPEATED {
        return Value::Fields(Vec::from([("anyOf", Value::count(count))]));
    }
    Value::List(list.iter().map(Value::text).collect())
}

/// Passed if the value is listed, failed if not, not requested where there is no list.
fn listed<T: Ord + core::fmt::Display>(value: &T, list: Option<&AnyOf<T>>) -> Finding {
    let found = Value::text(value);
    match list {
        None => Finding::not_requested().found(found),
        Some(list) if list.contains(value) => Finding::passed().found(found).expected(any_of(list)),
        Some(list) => Finding::failed(Reason::NotListed)
            .found(found)
            .expected(any_of(list)),
    }
}

impl Report {
    /// Whether a check failed because the evidence or an endorsement is wrong, and not only because
    /// the policy does not accept it.
    pub fn failed_by_evidence(&self) -> bool {
        self.checks().iter().any(|check| {
            check.finding.outcome == Outcome::Failed
                && check
                    .finding
                    .reason
                    .is_some_and(|reason| reason.kind() == ReasonKind::Evidence)
        })
    }
}

/// The event log, and its digest in one fixed form.
fn read_log(bytes: &[u8]) -> (Result<EventLog, crate::LogError>, crate::Bytes32) {
    let log = EventLog::parse(bytes);
    let digest = log.as_ref().map_or_else(
        |_| crate::sha256(bytes),
        |log| {
            let text: String = log.to_json();
            crate::sha256(text.as_bytes())
        },
    );
    (log, digest)
}
