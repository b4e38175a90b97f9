//! A comparison as SARIF 2.1.0, for code scanning.

use serde_json::{Value, json};
use teeproof_bindings::{ComparisonAnswer, ShortcomingAnswer};

/// Where the rules come from; SARIF wants an absolute address.
const ABOUT: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html";

/// The comparison as a SARIF log: one result for each reason why no more was shown.
pub fn sarif(answer: &ComparisonAnswer) -> String {
    let mut rules: Vec<&ShortcomingAnswer> = Vec::new();
    for one in &answer.shortcomings {
        if !rules.iter().any(|rule| rule_id(rule) == rule_id(one)) {
            rules.push(one);
        }
    }
    let results: Vec<Value> = answer
        .shortcomings
        .iter()
        .map(|one| result(one, &rules, answer))
        .collect();
    let rules = rules.iter().map(|rule| {
        json!({
            "id": rule_id(rule),
            "shortDescription": { "text": rule.code },
            "help": { "text": rule.next },
        })
    });
    log(&json!({
        "tool": tool(rules.collect()),
        "invocations": [{
            "executionSuccessful": true,
            "exitCode": answer.exit_code,
        }],
        "results": results,
        "properties": {
            "result": answer.result,
            "headline": answer.headline,
            "comparisonDigest": answer.comparison_digest,
        },
    }))
}

/// This tool, with the rules that results point to.
pub(crate) fn tool(rules: Vec<Value>) -> Value {
    json!({
        "driver": {
            "name": "teeproof",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": ABOUT,
            "rules": rules,
        }
    })
}

/// The log of one run.
pub(crate) fn log(run: &Value) -> String {
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn rule_id(one: &ShortcomingAnswer) -> String {
    match &one.row {
        Some(row) => format!("teeproof/{}/{row}", one.code),
        None => format!("teeproof/{}", one.code),
    }
}

fn result(
    one: &ShortcomingAnswer,
    rules: &[&ShortcomingAnswer],
    answer: &ComparisonAnswer,
) -> Value {
    let level = match one.code.as_str() {
        "row-broken" | "not-accepted" => "error",
        _ => "warning",
    };
    let sides: Vec<&str> = if one.sides.is_empty() {
        answer
            .instances
            .iter()
            .map(|instance| instance.name())
            .collect()
    } else {
        one.sides
            .iter()
            .filter_map(|side| answer.instances.get(*side))
            .map(|instance| instance.name())
            .collect()
    };
    json!({
        "ruleId": rule_id(one),
        "ruleIndex": rules.iter().position(|rule| rule_id(rule) == rule_id(one)),
        "level": level,
        "message": { "text": format!("{}. Next: {}.", one.because, one.next) },
        "locations": sides.iter().map(|name| json!({
            "logicalLocations": [{ "name": name, "kind": "resource" }]
        })).collect::<Vec<_>>(),
    })
}
