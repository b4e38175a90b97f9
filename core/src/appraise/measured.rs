//! The measured log and what only it can say: rows 611 to 624.

use alloc::vec::Vec;

use super::{Appraisal, listed, read_log};
use crate::compose::ComposeHash;
use crate::dstack::{DstackFacts, Interpretation, MrConfig};
use crate::finding::{Finding, Outcome};
use crate::lint::LintSeverity;
use crate::log::{EventLog, LogError, ReplayedLog};
use crate::policy::{AnyOf, KeyProviderRef, LintDemand};
use crate::quote::TdReport;
use crate::{CheckId, Reason, Value};

/// The rows about the log itself.
const LOG: [CheckId; 3] = [CheckId::LogReplay, CheckId::LogDigests, CheckId::LogGrammar];

impl Appraisal<'_> {
    pub(super) fn measured(&mut self) {
        let app = self.policy.app();
        let demanded = app.compose_hashes.is_some()
            || app.app_ids.is_some()
            || app.key_providers.is_some()
            || app.compose_lint != LintDemand::Any;
        let log = self.evidence.event_log.map(|bytes| {
            let (log, digest) = read_log(bytes);
            self.log_digest = Some(digest);
            log
        });
        let Some(report) = self.td() else {
            return self.no_registers(demanded);
        };
        match log {
            None => self.no_log(demanded, Reason::LogMissing),
            Some(Err(error)) => {
                // A log that cannot be read fails the check whose question it cannot answer.
                let broken = match error.reason() {
                    Reason::LogEventForeign | Reason::LogEventName => CheckId::LogGrammar,
                    Reason::LogDigestMismatch | Reason::LogPreimageMismatch => CheckId::LogDigests,
                    _ => CheckId::LogReplay,
                };
                for check in LOG {
                    let finding = if check == broken {
                        Finding::failed(error.reason())
                            .found(error.found())
                            .expected(error.expected())
                    } else {
                        Finding::depends_on(broken)
                    };
                    self.record(check, finding);
                }
            }
            Some(Ok(log)) => {
                if let Some(replayed) = self.replay(log, report) {
                    self.interpret(&replayed, demanded);
                    self.log = Some(replayed);
                }
            }
        }
        self.mr_config(report, demanded);
        self.compose_binding();
        self.approvals();
    }

    /// SGX, or a quote that cannot be read.
    fn no_registers(&mut self, demanded: bool) {
        let sgx = self.body().is_some();
        for check in LOG
            .into_iter()
            .chain([CheckId::MrConfig, CheckId::ComposeBinding])
        {
            if sgx {
                self.not_applicable(check, demanded && LOG.contains(&check));
            } else if !demanded || !LOG.contains(&check) {
                self.record(check, Finding::not_requested());
            }
        }
        self.approvals();
    }

    fn no_log(&mut self, demanded: bool, reason: Reason) {
        for check in LOG {
            let finding = if demanded {
                Finding::skipped(reason)
            } else {
                Finding {
                    reason: Some(reason),
                    ..Finding::not_requested()
                }
            };
            self.record(check, finding);
        }
    }

    fn replay(&mut self, log: EventLog, report: &TdReport) -> Option<ReplayedLog> {
        let events = log.events().len();
        let replayed = log.replay_against(&report.rtmr);
        let refused = |error: &LogError| {
            Finding::failed(error.reason())
                .found(error.found())
                .expected(error.expected())
        };
        // Digests are compared before anything is replayed from them.
        if let Err(error) = &replayed
            && !matches!(error, LogError::Replay(_))
        {
            self.record(CheckId::LogDigests, refused(error));
            for check in [CheckId::LogReplay, CheckId::LogGrammar] {
                self.record(check, Finding::depends_on(CheckId::LogDigests));
            }
            return None;
        }
        self.record(
            CheckId::LogDigests,
            Finding::passed().found(Value::count(events)),
        );
        match replayed {
            Ok(replayed) => {
                self.on_body(CheckId::LogReplay, |_| Finding::passed());
                Some(replayed)
            }
            Err(error) => {
                self.record(CheckId::LogReplay, refused(&error));
                self.record(CheckId::LogGrammar, Finding::depends_on(CheckId::LogReplay));
                None
            }
        }
    }

    fn interpret(&mut self, replayed: &ReplayedLog, demanded: bool) {
        let finding = match replayed.interpret() {
            Err(error) => Finding::failed(error.reason())
                .found(error.found())
                .expected(error.expected()),
            Ok(Interpretation::NotDstack) if demanded => Finding::skipped(Reason::NotMeasured),
            Ok(Interpretation::NotDstack) => Finding {
                reason: Some(Reason::NotMeasured),
                ..Finding::not_requested()
            },
            Ok(Interpretation::Dstack(facts)) => {
                let generations = facts.generations().iter().map(|one| one.label());
                let finding = Finding::passed().found(Value::list(generations));
                self.facts = Some(*facts);
                finding
            }
        };
        self.record(CheckId::LogGrammar, finding);
    }

    /// Zero is "not used" and agrees with nothing. Other stacks than dstack use the field for their
    /// own ends, so without dstack's facts there is nothing to compare it with.
    fn mr_config(&mut self, report: &TdReport, demanded: bool) {
        let value = Value::text(report.mr_config_id);
        if report.mr_config_id.is_zero() {
            self.record(CheckId::MrConfig, Finding::not_requested().found(value));
            return;
        }
        let Some(facts) = &self.facts else {
            let finding = if demanded {
                Finding::depends_on(CheckId::LogGrammar)
            } else {
                Finding::not_requested()
            };
            self.record(CheckId::MrConfig, finding.found(value));
            return;
        };
        let agreement = MrConfig::parse(&report.mr_config_id).and_then(|parsed| {
            parsed.map_or(Ok(()), |parsed| {
                parsed.check(facts, self.evidence.mr_config_document)
            })
        });
        self.mr_config_agrees = agreement.is_ok();
        let finding = match agreement {
            Ok(()) => Finding::passed().found(value),
            Err(error) => match Finding::refused(error.reason()) {
                skipped if skipped.outcome == Outcome::Skipped && !demanded => Finding {
                    reason: skipped.reason,
                    ..Finding::not_requested()
                }
                .found(value),
                refused => refused.found(error.found()).expected(error.expected()),
            },
        };
        self.record(CheckId::MrConfig, finding);
    }

    fn compose_binding(&mut self) {
        let finding = match (self.evidence.app_compose, &self.facts) {
            (None, _) => Finding {
                reason: Some(Reason::ComposeMissing),
                ..Finding::not_requested()
            },
            (Some(_), None) => Finding {
                reason: Some(Reason::NotMeasured),
                ..Finding::not_requested()
            },
            (Some(text), Some(facts)) => match facts.compose_hash().verify(text) {
                Ok(()) => Finding::passed().found(Value::text(facts.compose_hash())),
                Err(error) => Finding::failed(error.reason())
                    .found(error.found())
                    .expected(error.expected()),
            },
        };
        self.record(CheckId::ComposeBinding, finding);
    }

    fn approvals(&mut self) {
        let app = self.policy.app();
        let facts = self.facts.clone();
        let facts = facts.as_ref();
        self.approval(
            CheckId::ComposeApproved,
            app.compose_hashes.is_some(),
            facts.map(|facts| {
                let hash = *ComposeHash::as_bytes(&facts.compose_hash());
                listed(&hash, app.compose_hashes.as_ref())
            }),
        );
        self.approval(
            CheckId::AppId,
            app.app_ids.is_some(),
            facts.map(|facts| listed(&facts.app_id(), app.app_ids.as_ref())),
        );
        self.approval(
            CheckId::KeyProvider,
            app.key_providers.is_some(),
            facts.map(|facts| key_provider(facts, app.key_providers.as_ref())),
        );
        self.approval(
            CheckId::ComposeLint,
            app.compose_lint != LintDemand::Any,
            facts.map(|facts| self.lint(facts, app.compose_lint)),
        );
    }

    /// A lint counts only for the document that was measured, and its hash says which one it is of.
    fn lint(&self, facts: &DstackFacts, demand: LintDemand) -> Finding {
        let Some(refused) = demand.refuses() else {
            return Finding::not_requested();
        };
        if self.evidence.app_compose.is_none() {
            return Finding::skipped(Reason::ComposeMissing);
        }
        let Some(outcome) = self.evidence.lint else {
            return Finding::skipped(Reason::LintMissing);
        };
        let measured = facts.compose_hash();
        if outcome.compose_hash != measured {
            return Finding::skipped(Reason::LintOfAnother)
                .found(Value::text(outcome.compose_hash))
                .expected(Value::text(measured));
        }
        let mut rules: Vec<&str> = outcome.rules.iter().map(|rule| rule.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        let found = Value::Fields(Vec::from([
            ("errors", Value::count(outcome.count(LintSeverity::Error))),
            (
                "warnings",
                Value::count(outcome.count(LintSeverity::Warning)),
            ),
            ("notes", Value::count(outcome.count(LintSeverity::Note))),
            ("rules", Value::list(rules)),
        ]));
        let finding = match outcome.worst() {
            Some(worst) if worst >= refused => Finding::failed(Reason::LintFindings),
            _ => Finding::passed(),
        };
        finding.found(found).expected(Value::text(demand))
    }

    /// Records an approval by the log's facts. By the log's own word a value may be refused; only
    /// under an identified operating system can it be accepted.
    fn approval(&mut self, check: CheckId, demanded: bool, by_facts: Option<Finding>) {
        let finding = match by_facts {
            Some(finding) if finding.outcome != Outcome::Passed => finding,
            Some(finding) if self.findings.passed(CheckId::OsIdentity) => finding,
            Some(finding) => {
                let blocking = self
                    .findings
                    .get(CheckId::OsIdentity)
                    .is_some_and(|os| os.outcome != Outcome::NotRequested);
                Finding {
                    found: finding.found,
                    expected: finding.expected,
                    ..if blocking {
                        Finding::depends_on(CheckId::OsIdentity)
                    } else {
                        Finding::skipped(Reason::OsNotEstablished)
                    }
                }
            }
            None if !demanded => Finding::not_requested(),
            None if self.tee() == Some(crate::Tee::Sgx) => Finding::skipped(Reason::NotApplicable),
            None if self.body().is_none() => Finding::depends_on(CheckId::QuoteFormat),
            None => {
                let blocking = self.findings.first_not_passed(&LOG);
                Finding::depends_on(blocking.unwrap_or(CheckId::LogGrammar))
            }
        };
        self.record(check, finding);
    }
}

fn key_provider(facts: &DstackFacts, accepted: Option<&AnyOf<KeyProviderRef>>) -> Finding {
    let Some(measured) = facts.key_provider() else {
        return if accepted.is_some() {
            Finding::skipped(Reason::NotMeasured)
        } else {
            Finding::not_requested()
        };
    };
    let shown = |kind: &str, id: &[u8]| {
        Value::Fields(Vec::from([
            ("kind", Value::quoted(kind)),
            ("id", Value::Text(crate::encode_hex(id))),
        ]))
    };
    let found = shown(measured.kind().name(), measured.id());
    let Some(accepted) = accepted else {
        return Finding::not_requested().found(found);
    };
    let listed = accepted
        .iter()
        .any(|one| one.kind.as_str() == measured.kind().name() && one.id == measured.id());
    let expected = if accepted.iter().count() > super::REPEATED {
        Value::Fields(Vec::from([(
            "anyOf",
            Value::count(accepted.iter().count()),
        )]))
    } else {
        Value::List(
            accepted
                .iter()
                .map(|one| shown(one.kind.as_str(), &one.id))
                .collect(),
        )
    };
    if listed {
        Finding::passed().found(found).expected(expected)
    } else {
        Finding::failed(Reason::NotListed)
            .found(found)
            .expected(expected)
    }
}
