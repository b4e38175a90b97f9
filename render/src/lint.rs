//! A lint as SARIF 2.1.0, and as JUnit XML.

use serde_json::{Value, json};
use teeproof_bindings::{LintAnswer, LintFindingAnswer};

use crate::junit::{Outcome, suite};
use crate::sarif::{log, tool};

/// The docker-compose text is a string within the app-compose: in SARIF a nested artifact, with
/// lines of its own.
const NESTED: &str = "docker_compose_file";

/// The lint as a SARIF log: one result for each finding, suppressed ones marked as such.
pub fn lint_sarif(answer: &LintAnswer) -> String {
    let rules = answer.rules.iter().map(|rule| {
        json!({
            "id": rule.id,
            "name": rule.id,
            "shortDescription": { "text": rule.title },
            "fullDescription": { "text": rule.why },
            "help": { "text": format!("Next: {}.", rule.next) },
            "defaultConfiguration": { "level": rule.severity },
            "properties": { "number": rule.number, "source": rule.source },
        })
    });
    let results: Vec<Value> = answer
        .findings
        .iter()
        .map(|finding| result(finding, answer))
        .collect();
    let uri = uri(&answer.name);
    log(&json!({
        "tool": tool(rules.collect()),
        "artifacts": [
            {
                "location": { "uri": uri },
                "hashes": { "sha-256": answer.compose_hash },
                "mimeType": "application/json",
            },
            {
                "location": { "uri": NESTED },
                "parentIndex": 0,
                "mimeType": "application/yaml",
            },
        ],
        "columnKind": "unicodeCodePoints",
        "invocations": [{
            "executionSuccessful": true,
            "exitCode": answer.exit_code,
            "toolConfigurationNotifications": notifications(answer),
        }],
        "results": results,
        "properties": {
            "composeHash": answer.compose_hash,
            "image": answer.image,
            "headline": answer.headline,
        },
    }))
}

fn result(finding: &LintFindingAnswer, answer: &LintAnswer) -> Value {
    let rule = answer.rules.iter().position(|rule| rule.id == finding.rule);
    let physical = match (finding.line, finding.column) {
        (Some(line), Some(column)) => json!({
            "artifactLocation": { "uri": NESTED, "index": 1 },
            "region": { "startLine": line, "startColumn": column },
        }),
        _ => json!({ "artifactLocation": { "uri": uri(&answer.name), "index": 0 } }),
    };
    let suppressions: Vec<Value> = finding
        .suppressed
        .iter()
        .map(|reason| json!({ "kind": "external", "justification": reason }))
        .collect();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": { "text": message(finding, answer) },
        "locations": [{
            "physicalLocation": physical,
            "logicalLocations": [{ "fullyQualifiedName": finding.field, "kind": "member" }],
        }],
        "suppressions": suppressions,
    })
}

/// What is no finding of the document, and must be known all the same.
fn notifications(answer: &LintAnswer) -> Vec<Value> {
    let unused = answer.unused_suppressions.iter().map(|one| {
        let service = one.service.as_ref();
        let of = service.map_or(String::new(), |service| format!(" in service {service}"));
        format!("The suppression of {}{of} matches no finding.", one.rule)
    });
    let left_out = answer.left_out.iter().map(|one| {
        format!(
            "{} more findings of {} are not listed.",
            one.count, one.rule
        )
    });
    left_out
        .chain(unused)
        .map(|text| json!({ "level": "warning", "message": { "text": text } }))
        .collect()
}

fn message(finding: &LintFindingAnswer, answer: &LintAnswer) -> String {
    let rule = answer.rules.iter().find(|rule| rule.id == finding.rule);
    let found = finding.found.as_ref();
    format!(
        "{} ({}){}.{}",
        finding.title,
        finding.field,
        found.map_or(String::new(), |found| format!(": {found}")),
        rule.map_or(String::new(), |rule| format!(
            " {} Next: {}.",
            rule.why, rule.next
        )),
    )
}

/// A path as a relative reference.
fn uri(name: &str) -> String {
    if name == "-" {
        return "app-compose.json".to_owned();
    }
    name.bytes()
        .map(|byte| match byte {
            b'/' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// The lint as one test suite: a case for each rule. What is found and not denied is skipped, so
/// that it shows and nothing fails by it.
pub fn lint_junit(answer: &LintAnswer) -> String {
    let rank = |severity: &str| {
        ["note", "warning", "error"]
            .iter()
            .position(|word| *word == severity)
    };
    let denied = answer.deny.as_deref().and_then(rank);
    let cases: Vec<_> = answer
        .rules
        .iter()
        .map(|rule| {
            let found: Vec<String> = answer
                .findings
                .iter()
                .filter(|finding| finding.rule == rule.id && finding.suppressed.is_none())
                .map(|finding| message(finding, answer))
                .collect();
            let more = answer.left_out.iter().any(|one| one.rule == rule.id);
            let outcome = if found.is_empty() && !more {
                Outcome::Passed
            } else if denied.is_some_and(|denied| rank(&rule.severity) >= Some(denied)) {
                Outcome::Failed(found.join(" "))
            } else {
                Outcome::Skipped(found.join(" "))
            };
            (("teeproof.lint".to_owned(), rule.id.clone()), outcome)
        })
        .collect();
    suite("teeproof compose lint", &answer.headline, &cases)
}
