//! The verdict digest: what two verifiers must have in common to have come to the same verdict.
//!
//! In: report schema, check table, digests of evidence, policy and trust anchor, the instant,
//! whether there was a challenge, the verdict, and id, outcome, anchor and values of every check.
//! Out: sentences, labels, how inputs were encoded, the engines' row, and the tool's version.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Check, REPORT_SCHEMA_MAJOR, Report};
use crate::bytes::Bytes32;
use crate::canonical::{Json, push_number, push_text, push_word};
use crate::{CheckId, TABLE_VERSION, Value};

pub(super) fn canonical(report: &Report) -> String {
    let evidence = &report.evidence;
    let hex = |digest: &Bytes32| Json::text(digest.to_string());
    let maybe = |digest: &Option<Bytes32>| digest.as_ref().map_or(Json::Null, hex);
    let checks = rows(&report.checks);
    let mut text = String::with_capacity(checks.len().saturating_add(HEAD));
    let document = Json::Object(Vec::from([
        ("schema", Json::Number(REPORT_SCHEMA_MAJOR.into())),
        ("checkTable", Json::Number(TABLE_VERSION.into())),
        (
            "evidence",
            Json::Object(Vec::from([
                ("quote", hex(&evidence.quote)),
                ("eventLog", maybe(&evidence.event_log)),
                ("appCompose", maybe(&evidence.app_compose)),
                ("vmConfig", maybe(&evidence.vm_config)),
                ("mrConfigDocument", maybe(&evidence.mr_config_document)),
                ("collateral", maybe(&evidence.collateral)),
            ])),
        ),
        ("policy", hex(&report.policy_digest)),
        ("trustAnchor", hex(&report.trust_anchor)),
        ("at", Json::Number(report.at.unix())),
        (
            "challengeSource",
            Json::text(if report.challenge_given {
                "caller"
            } else {
                "none"
            }),
        ),
        ("verdict", Json::text(report.verdict.as_str())),
        ("checks", Json::Written(checks)),
    ]));
    document.push(&mut text);
    text
}

/// Bytes of all but the rows, about.
const HEAD: usize = 1024;

/// The rows. They are most of the text, so they are written at once, their keys in order.
fn rows(checks: &[Check]) -> String {
    let mut out = String::with_capacity(checks.len().saturating_mul(ROW));
    out.push('[');
    for check in checks.iter().filter(|check| check.id != CheckId::Engines) {
        out.push_str(if out.len() > 1 { ",{" } else { "{" });
        out.push_str("\"anchor\":");
        match check.anchor {
            Some(anchor) => push_word(&mut out, anchor.as_str()),
            None => out.push_str("null"),
        }
        out.push_str(",\"expected\":");
        push(&mut out, check.finding.expected.as_ref());
        out.push_str(",\"found\":");
        push(&mut out, check.finding.found.as_ref());
        out.push_str(",\"id\":");
        push_word(&mut out, check.id.id());
        out.push_str(",\"outcome\":");
        push_word(&mut out, check.finding.outcome.as_str());
        out.push('}');
    }
    out.push(']');
    out
}

/// Bytes of a row, about.
const ROW: usize = 192;

fn push(out: &mut String, value: Option<&Value>) {
    match value {
        None => out.push_str("null"),
        Some(Value::Text(text)) => push_text(out, text),
        Some(Value::Number(number)) if *number <= Json::MAX_NUMBER => push_number(out, *number),
        // Past what every reader of JSON keeps exactly.
        Some(Value::Number(number)) => push_text(out, &number.to_string()),
        Some(Value::Flag(flag)) => out.push_str(if *flag { "true" } else { "false" }),
        Some(Value::List(items)) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                push(out, Some(item));
            }
            out.push(']');
        }
        Some(Value::Fields(fields)) => {
            out.push('{');
            // Most stand in their order already.
            if fields.is_sorted_by_key(|(name, _)| *name) {
                push_fields(out, &mut fields.iter());
            } else {
                let mut sorted: Vec<_> = fields.iter().collect();
                sorted.sort_unstable_by_key(|(name, _)| *name);
                push_fields(out, &mut sorted.into_iter());
            }
            out.push('}');
        }
    }
}

fn push_fields(out: &mut String, fields: &mut dyn Iterator<Item = &(&'static str, Value)>) {
    for (index, (name, value)) in fields.enumerate() {
        out.push_str(if index == 0 { "" } else { "," });
        push_word(out, name);
        out.push(':');
        push(out, Some(value));
    }
}
