//! Every document says what the comparison says, and nothing from outside acts in it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

use serde_json::Value;
use teeproof_bindings::{
    ComparedInput, ComparisonAnswer, InstantChoice, VerifyOptions, compare, parse_policy,
};
use teeproof_core::{CollateralParts, Exchange, InputKind, InstanceEvidence, Instant, TrustAnchor};
use teeproof_forge::{Issued, catalogue};
use teeproof_render::{html, junit, markdown, sarif};

const HOSTILE: &str = "<script>alert(1)</script>\"'&]]>|\n# x\u{1b}[2J\u{202e}`![a](http://b)";

fn issued(name: &str) -> Issued {
    let cases = catalogue();
    cases.iter().find(|case| case.name == name).unwrap().issue()
}

fn input(case: &str, name: &str) -> ComparedInput {
    let issued = issued(case);
    let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
    let mut evidence = InstanceEvidence::from_quote(InputKind::RawQuote, issued.quote.clone());
    evidence.event_log = bytes(&issued.event_log);
    evidence.app_compose = bytes(&issued.app_compose);
    evidence.vm_config = bytes(&issued.vm_config);
    evidence.collateral =
        vec![CollateralParts::from_json(issued.collateral_json.unwrap().as_bytes()).unwrap()];
    evidence.self_reported = vec![("version".to_owned(), HOSTILE.to_owned())];
    ComparedInput {
        name: name.to_owned(),
        evidence: Ok(evidence),
        exchange: None,
    }
}

fn compared(cases: &[(&str, &str)], pinned: bool) -> ComparisonAnswer {
    let one = issued("cluster-prod7");
    let policy = if pinned {
        one.policy_toml.as_str()
    } else {
        "schema = \"teeproof.policy/1\"\n"
    };
    let options = VerifyOptions {
        policy: parse_policy(policy.as_bytes()).unwrap(),
        anchor: TrustAnchor::from_der(&one.root_der).unwrap(),
        instant: InstantChoice::Given(Instant::from_unix(one.at).unwrap()),
        collateral: Vec::new(),
        exchange: Exchange::default(),
        genuine_only: false,
    };
    let inputs: Vec<_> = cases.iter().map(|(case, name)| input(case, name)).collect();
    compare(&inputs, &options, true)
}

fn same() -> ComparisonAnswer {
    compared(
        &[("cluster-prod7", "prod7"), ("cluster-prod9", HOSTILE)],
        true,
    )
}

fn refuted() -> ComparisonAnswer {
    compared(
        &[("cluster-prod7", "prod7"), ("cluster-strayed", "strayed")],
        false,
    )
}

#[test]
fn every_document_has_headline_and_digest() {
    for answer in [same(), refuted()] {
        let digest = answer.comparison_digest.clone().unwrap();
        for document in [html(&answer), markdown(&answer), sarif(&answer)] {
            assert!(document.contains(&digest));
        }
        let word = if answer.result == "refuted" {
            "REFUTED"
        } else {
            "SAME CODE PROVEN"
        };
        for document in [
            html(&answer),
            markdown(&answer),
            sarif(&answer),
            junit(&answer),
        ] {
            assert!(document.contains(word), "{document}");
        }
    }
}

#[test]
fn nothing_from_outside_acts_in_html() {
    let text = html(&same());
    let lower = text.to_lowercase();
    for forbidden in [
        "<script", "<img", "<a ", "href", "src=", "url(", "\u{1b}", "\u{202e}", "onload",
    ] {
        assert!(!lower.contains(forbidden), "{forbidden}");
    }
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
    // Every tag that is opened is closed.
    for tag in [
        "html", "body", "main", "section", "table", "thead", "tbody", "tr", "td", "ul", "li",
        "code",
    ] {
        let opened =
            text.matches(&format!("<{tag}>")).count() + text.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, text.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn nothing_from_outside_acts_in_markdown() {
    let text = markdown(&same());
    let acting = text
        .replace("\\<", "")
        .replace("\\!", "")
        .replace("\\[", "");
    for forbidden in ["<script", "![a", "[a", "\u{1b}"] {
        assert!(!acting.contains(forbidden), "{forbidden}");
    }
    // A table keeps its columns: what looks like a bar is escaped.
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{line}");
    }
}

#[test]
fn junit_counts_what_it_lists() {
    let text = junit(&refuted());
    let count = |what: &str| text.matches(what).count();
    let failures = count("<failure");
    assert!(failures > 0);
    assert_eq!(count(&format!("failures=\"{failures}\"")), 2);
    assert_eq!(count(&format!("tests=\"{}\"", count("<testcase"))), 2);
    assert!(text.contains("<failure message=\"differs between prod7 and strayed, begins at RTMR3 event 2 (`compose-hash`)\"/>"));
    // A good comparison has no failure.
    let good = junit(&same());
    assert_eq!(good.matches("<failure").count(), 0);
    assert!(good.contains("failures=\"0\"") && !good.contains("<script"));
}

#[test]
fn sarif_follows_the_rules_of_its_standard() {
    let good: Value = serde_json::from_str(&sarif(&same())).unwrap();
    assert_eq!(good["runs"][0]["results"], Value::Array(Vec::new()));

    let log: Value = serde_json::from_str(&sarif(&refuted())).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.iter().any(|one| one["level"] == "error"));
    for result in results {
        // Section 3.27.5 to 3.27.11: rule, index into the rules, message, level.
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["locations"].as_array().unwrap().is_empty());
    }
    // Section 3.49.3: rule ids are stable, and here unique.
    for (index, rule) in rules.iter().enumerate() {
        assert!(rules[..index].iter().all(|other| other["id"] != rule["id"]));
    }
    assert!(
        rules
            .iter()
            .any(|rule| rule["id"] == "teeproof/row-broken/compose.hash")
    );
}
