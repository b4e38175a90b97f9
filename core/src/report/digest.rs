//! The verdict digest: what two verifiers must have in common to have come to the same verdict.
//!
//! In: report schema, check table, digests of evidence, policy and trust anchor, the instant,
//! whether there was a challenge, the verdict, and id, outcome, anchor and values of every check.
//! Out: sentences, labels, how inputs were encoded, the engines' row, and the tool's version.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Check, REPORT_SCHEMA_MAJOR, Report};
use crate::bytes::Bytes32;
use crate::canonical::Json;
use crate::{CheckId, TABLE_VERSION, Value};

pub(super) fn canonical(report: &Report) -> String {
    let evidence = &report.evidence;
    let hex = |digest: Option<Bytes32>| digest.map_or(Json::Null, |digest| text(&digest));
    Json::Object(Vec::from([
        ("schema", Json::Number(REPORT_SCHEMA_MAJOR.into())),
        ("checkTable", Json::Number(TABLE_VERSION.into())),
        (
            "evidence",
            Json::Object(Vec::from([
                ("quote", text(&evidence.quote)),
                ("eventLog", hex(evidence.event_log)),
                ("appCompose", hex(evidence.app_compose)),
                ("vmConfig", hex(evidence.vm_config)),
                ("mrConfigDocument", hex(evidence.mr_config_document)),
                ("collateral", hex(evidence.collateral)),
            ])),
        ),
        ("policy", text(&report.policy_digest)),
        ("trustAnchor", text(&report.trust_anchor)),
        ("at", Json::Number(report.at.unix())),
        (
            "challengeSource",
            text(&if report.challenge_given {
                "caller"
            } else {
                "none"
            }),
        ),
        ("verdict", text(&report.verdict)),
        (
            "checks",
            Json::List(
                report
                    .checks
                    .iter()
                    .filter(|check| check.id != CheckId::Engines)
                    .map(row)
                    .collect(),
            ),
        ),
    ]))
    .into_text()
}

fn text(text: &impl ToString) -> Json {
    Json::Text(text.to_string())
}

fn row(check: &Check) -> Json {
    let value = |value: Option<&Value>| value.map_or(Json::Null, json);
    Json::Object(Vec::from([
        ("id", text(&check.id)),
        ("outcome", text(&check.finding.outcome)),
        ("anchor", check.anchor.as_ref().map_or(Json::Null, text)),
        ("found", value(check.finding.found.as_ref())),
        ("expected", value(check.finding.expected.as_ref())),
    ]))
}

fn json(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::Text(text.clone()),
        Value::Number(number) if *number <= Json::MAX_NUMBER => Json::Number(*number),
        // Past what every reader of JSON keeps exactly.
        Value::Number(number) => Json::Text(number.to_string()),
        Value::Flag(flag) => Json::Flag(*flag),
        Value::List(items) => Json::List(items.iter().map(json).collect()),
        Value::Fields(fields) => Json::Object(
            fields
                .iter()
                .map(|(name, value)| (*name, json(value)))
                .collect(),
        ),
    }
}
