//! A report as the answer that says it.

use std::collections::BTreeMap;

use teeproof_core::{
    Anchor, Bytes, Bytes32, CheckId, ComponentTcb, DstackFacts, Finding, InstanceEvidence,
    InstanceId, Measurements, NamedWindow, Need, OsMatch, Outcome, Policy, Reason, Report,
    SecondEngine, Window, encode_hex,
};

use crate::answer::{
    ANSWER_SCHEMA, AnchorAnswer, BundleClaims, ChallengeAnswer, CheckAnswer, ComponentAnswer,
    CurrentAnswer, DisagreementAnswer, EventsAnswer, EvidenceAnswer, InputAnswer,
    KeyProviderAnswer, MeasurementsAnswer, NearestOs, NeedAnswer, OsAnswer, PckTcbAnswer,
    PlatformAnswer, PolicyAnswer, ShortfallAnswer, StatementAnswer, TcbAnswer, TrustAnchorAnswer,
    VerifyAnswer, WindowAnswer,
};
use crate::exit::ExitCode;
use crate::headline::headline;
use crate::values::{ValueAnswer, text_of};
use crate::verify::VerifyOptions;

/// The answer that says a report.
pub(crate) fn verified(
    input: InputAnswer,
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    report: &Report,
) -> VerifyAnswer {
    VerifyAnswer {
        schema: ANSWER_SCHEMA,
        input,
        verdict: report.verdict().to_string(),
        simulates: report.simulates().map(|verdict| verdict.to_string()),
        verdict_digest: report.digest().as_ref().map(hex),
        exit_code: ExitCode::of(report, options.genuine_only).number(),
        headline: headline(report, options.instant),
        at: report.at().to_string(),
        at_source: options.instant.word().to_owned(),
        historical: options.instant.is_historical(),
        engines: report.second_engine().engines().to_owned(),
        engine_disagreements: disagreements(report),
        trust_anchor: TrustAnchorAnswer {
            sha256: hex(report.trust_anchor()),
            intel: report.trust_anchor_is_intel(),
        },
        policy: explain_policy(&options.policy),
        tee: report.tee().map(|tee| tee.to_string()),
        quote_version: report.quote_version(),
        tcb: tcb(report),
        platform: report.platform().map(platform),
        measurements: report.measurements().map(measurements),
        events: report.facts().map(|facts| events(facts, report)),
        os: report.os().map(os),
        checks: report.checks().iter().map(check).collect(),
        anchors: report
            .anchors()
            .iter()
            .map(|node| AnchorAnswer {
                anchor: node.anchor.as_str(),
                established: node.established,
                rests_on: node.rests_on.iter().map(|anchor| anchor.as_str()).collect(),
                carries: node.carries,
            })
            .collect(),
        windows: report.windows().iter().map(named_window).collect(),
        window: report.window().map(|common| window("all", common)),
        needs: report.needs().iter().map(need).collect(),
        evidence: evidence_digests(report),
        challenge: ChallengeAnswer {
            source: if report.challenge_given() {
                "caller"
            } else {
                "none"
            }
            .to_owned(),
            rule: options
                .exchange
                .challenge
                .as_ref()
                .map(|challenge| challenge.rule.to_string()),
        },
        channel: report.channel_word().to_owned(),
        self_asserted: claims(evidence),
    }
}

impl VerifyAnswer {
    /// As compact JSON, what every language gets.
    pub fn to_json(&self) -> String {
        text_of(self)
    }
}

/// What displaying the bytes writes as well, with more work: an answer has some thirty of these.
fn hex<const N: usize>(bytes: &Bytes<N>) -> String {
    encode_hex(bytes.as_slice())
}

fn disagreements(report: &Report) -> Vec<DisagreementAnswer> {
    match report.second_engine() {
        SecondEngine::Conflict(disagreements) => disagreements
            .iter()
            .map(|disagreement| DisagreementAnswer {
                claim: disagreement.claim.clone(),
                ours: disagreement.ours.clone(),
                theirs: disagreement.theirs.clone(),
            })
            .collect(),
        SecondEngine::NotRun | SecondEngine::Agrees => Vec::new(),
    }
}

/// A policy as sentences, with its digest.
pub fn explain_policy(policy: &Policy) -> PolicyAnswer {
    PolicyAnswer {
        name: policy.name().map(str::to_owned),
        digest: hex(&policy.digest()),
        statements: policy
            .statements()
            .iter()
            .map(|statement| StatementAnswer {
                key: statement.key(),
                tone: statement.tone().as_str(),
                sentence: statement.sentence().clone(),
            })
            .collect(),
    }
}

fn tcb(report: &Report) -> TcbAnswer {
    let status = report.tcb_status();
    let tcb = report.tcb();
    let evaluation = report.evaluation_numbers();
    let crl = report.crl_numbers();
    TcbAnswer {
        status: status.ok().map(|status| status.to_string()),
        status_reason: status.err().map(|reason| reason.code().to_owned()),
        advisory_ids: tcb.map(|tcb| tcb.advisories.clone()).unwrap_or_default(),
        platform: tcb.map(|tcb| component(&tcb.platform)),
        module: tcb.and_then(|tcb| tcb.module.as_ref()).map(component),
        qe: tcb.map(|tcb| component(&tcb.qe)),
        current: tcb
            .and_then(|tcb| tcb.current.as_ref())
            .map(|current| CurrentAnswer {
                status: current.status.to_string(),
                platform: component(&current.platform),
                module: current.module.as_ref().map(component),
            }),
        tcb_info_evaluation_number: evaluation.map(|(tcb_info, _)| tcb_info),
        qe_identity_evaluation_number: evaluation.map(|(_, qe_identity)| qe_identity),
        root_crl_number: crl.map(|(root, _)| root.to_string()),
        pck_crl_number: crl.map(|(_, pck)| pck.to_string()),
    }
}

fn component(component: &ComponentTcb) -> ComponentAnswer {
    ComponentAnswer {
        status: component.status.to_string(),
        tcb_date: component.date.to_string(),
        advisory_ids: component.advisories.clone(),
        grace_from: component.grace_from.to_string(),
        shortfall: component
            .shortfall
            .iter()
            .map(|short| ShortfallAnswer {
                component: short.component.clone(),
                have: short.have,
                need: short.need,
            })
            .collect(),
    }
}

fn platform(platform: &teeproof_core::Platform) -> PlatformAnswer {
    PlatformAnswer {
        fmspc: hex(&platform.fmspc),
        ppid: hex(&platform.ppid),
        device_id: hex(&platform.device_id),
        pce_id: hex(&platform.pce_id),
        ca: platform.ca.to_string(),
        dynamic_platform: platform.flags.dynamic_platform,
        cached_keys: platform.flags.cached_keys,
        smt_enabled: platform.flags.smt_enabled,
        tcb: PckTcbAnswer {
            components: encode_hex(&platform.tcb.components),
            pce_svn: platform.tcb.pce_svn,
            cpu_svn: hex(&platform.tcb.cpu_svn),
        },
    }
}

pub(crate) fn measurements(measurements: &Measurements) -> MeasurementsAnswer {
    let mut answer = MeasurementsAnswer {
        mrtd: None,
        rtmr0: None,
        rtmr1: None,
        rtmr2: None,
        rtmr3: None,
        mr_seam: None,
        mr_signer_seam: None,
        mr_config_id: None,
        mr_owner: None,
        mr_owner_config: None,
        tee_tcb_svn: None,
        tee_tcb_svn2: None,
        td_attributes: None,
        xfam: None,
        mr_enclave: None,
        mr_signer: None,
        isv_prod_id: None,
        isv_svn: None,
        attributes: None,
        report_data: String::new(),
    };
    match measurements {
        Measurements::Tdx(td) => {
            let [rtmr0, rtmr1, rtmr2, rtmr3] = &td.rtmr;
            answer.mrtd = Some(hex(&td.mrtd));
            answer.rtmr0 = Some(hex(rtmr0));
            answer.rtmr1 = Some(hex(rtmr1));
            answer.rtmr2 = Some(hex(rtmr2));
            answer.rtmr3 = Some(hex(rtmr3));
            answer.mr_seam = Some(hex(&td.mr_seam));
            answer.mr_signer_seam = Some(hex(&td.mr_signer_seam));
            answer.mr_config_id = Some(hex(&td.mr_config_id));
            answer.mr_owner = Some(hex(&td.mr_owner));
            answer.mr_owner_config = Some(hex(&td.mr_owner_config));
            answer.tee_tcb_svn = Some(hex(&td.tee_tcb_svn));
            answer.tee_tcb_svn2 = td.tee_tcb_svn2.as_ref().map(hex);
            answer.td_attributes = Some(hex(&td.td_attributes));
            answer.xfam = Some(hex(&td.xfam));
            answer.report_data = hex(&td.report_data);
        }
        Measurements::Sgx(enclave) => {
            answer.mr_enclave = Some(hex(&enclave.mr_enclave));
            answer.mr_signer = Some(hex(&enclave.mr_signer));
            answer.isv_prod_id = Some(enclave.isv_prod_id);
            answer.isv_svn = Some(enclave.isv_svn);
            answer.attributes = Some(hex(&enclave.attributes));
            answer.report_data = hex(&enclave.report_data);
        }
    }
    answer
}

fn events(facts: &DstackFacts, report: &Report) -> EventsAnswer {
    EventsAnswer {
        anchor: report.log_anchor().to_string(),
        generations: facts
            .generations()
            .iter()
            .map(|generation| generation.label().to_owned())
            .collect(),
        compose_hash: facts.compose_hash().to_string(),
        app_id: hex(&facts.app_id()),
        instance_id: match facts.instance_id() {
            InstanceId::None => None,
            InstanceId::Id(id) => Some(hex(&id)),
        },
        key_provider: facts.key_provider().map(|provider| KeyProviderAnswer {
            kind: bounded(provider.kind().name()),
            id: encode_hex(provider.id()),
        }),
        os_image_hash: facts.os_image_hash().as_ref().map(hex),
        application_events: facts
            .application_events()
            .iter()
            .map(|event| bounded(&event.name))
            .collect(),
    }
}

/// Untrusted text, cut like every other in a report.
fn bounded(text: &str) -> String {
    match teeproof_core::Value::quoted(text) {
        teeproof_core::Value::Text(text) => text,
        _ => String::new(),
    }
}

fn os(os: &OsMatch) -> OsAnswer {
    match os {
        OsMatch::Member(name) => OsAnswer {
            set: Some(name.clone()),
            nearest: None,
        },
        OsMatch::Nearest { name, differs } => OsAnswer {
            set: None,
            nearest: Some(NearestOs {
                name: name.clone(),
                differs: differs
                    .iter()
                    .map(|&register| register.to_owned())
                    .collect(),
            }),
        },
    }
}

fn check(check: &teeproof_core::Check) -> CheckAnswer {
    let Finding {
        outcome,
        found,
        expected,
        reason,
        depends_on,
        ..
    } = &check.finding;
    let refused = matches!(outcome, Outcome::Failed | Outcome::Skipped);
    CheckAnswer {
        id: check.id.id(),
        number: check.id.number(),
        title: check.id.title(),
        outcome: outcome.as_str(),
        anchor: check.anchor.map(Anchor::as_str),
        found: found.clone().map(ValueAnswer),
        expected: expected.clone().map(ValueAnswer),
        reason: reason.map(Reason::code),
        because: reason.map(Reason::sentence),
        depends_on: depends_on.map(CheckId::id),
        next: reason.filter(|_| refused).map(Reason::next_step),
    }
}

fn named_window(named: &NamedWindow) -> WindowAnswer {
    window(named.part, named.window)
}

pub(crate) fn window(part: &str, window: Window) -> WindowAnswer {
    WindowAnswer {
        part: part.to_owned(),
        not_before: window.not_before.to_string(),
        not_after: window.not_after.to_string(),
    }
}

pub(crate) fn need(need: &Need) -> NeedAnswer {
    NeedAnswer {
        kind: need.kind().to_owned(),
        path: need.path(),
        issuer_chain_headers: need
            .issuer_chain_headers()
            .0
            .iter()
            .map(|&header| header.to_owned())
            .collect(),
    }
}

fn evidence_digests(report: &Report) -> EvidenceAnswer {
    let digests = report.evidence();
    let maybe = |digest: Option<Bytes32>| digest.as_ref().map(hex);
    EvidenceAnswer {
        quote: hex(&digests.quote),
        event_log: maybe(digests.event_log),
        app_compose: maybe(digests.app_compose),
        vm_config: maybe(digests.vm_config),
        mr_config_document: maybe(digests.mr_config_document),
        collateral: maybe(digests.collateral),
    }
}

fn claims(evidence: &InstanceEvidence) -> BundleClaims {
    BundleClaims {
        label: evidence.label.as_deref().map(bounded),
        captured_at: evidence.captured_at.map(|at| at.to_string()),
        challenge: evidence
            .challenge
            .as_ref()
            .map(|challenge| encode_hex(&challenge.bytes)),
        reported: evidence
            .self_reported
            .iter()
            .map(|(name, value)| (bounded(name), bounded(value)))
            .collect::<BTreeMap<_, _>>(),
    }
}
