//! Text that was made to be too much: a finding, in bounded time and space.

use teeproof_compose::{Rule, limits};

use crate::support::{DIGEST, Draft};

fn unreadable(yaml: &str, code: &str) {
    let mut draft = Draft::clean();
    draft.yaml = yaml.to_owned();
    let report = draft.lint();
    assert_eq!(draft.rules(), [Rule::Unreadable], "{code}");
    let finding = &report.findings[0];
    let found = finding.found.as_deref().unwrap();
    assert!(found.starts_with(code), "{found}, expected {code}");
    assert!(found.chars().count() <= 121, "{found}");
    assert_eq!(finding.place.is_none(), code == "yaml.too-large", "{code}");
}

#[test]
fn malformed_text_is_a_finding() {
    for yaml in [
        "services:\n  web:\n\timage: a\n",
        "services: [",
        "services:\n  web: \"a\n",
        "services:\n a: 1\n  b: 2\n",
        "services: *gone\n",
        "%YAML 9\n",
    ] {
        unreadable(yaml, "yaml.syntax");
    }
    unreadable("a: 1\na: 2\n", "yaml.duplicate-key");
    unreadable("services: {}\n---\nservices: {}\n", "yaml.second-document");
    unreadable("services: !!binary x\n", "yaml.tag");
}

#[test]
fn enormous_text_is_a_finding() {
    unreadable(&" ".repeat(limits::YAML + 1), "yaml.too-large");
    unreadable(&"a:\n - ".repeat(100_000), "yaml.");
}

#[test]
fn deeply_nested_text_is_a_finding() {
    unreadable(
        &format!("a: {}", "[".repeat(limits::YAML_DEPTH + 1)),
        "yaml.too-deep",
    );
    let block: String = (0..200)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    unreadable(&block, "yaml.too-deep");
    unreadable(&"[".repeat(500_000), "yaml.");
}

#[test]
fn a_billion_laughs_are_a_finding() {
    let mut laughs = "x0: &x0 lol\n".to_owned();
    for level in 1..30 {
        let below = level - 1;
        laughs.push_str(&format!(
            "x{level}: &x{level} [*x{below}, *x{below}, *x{below}]\n"
        ));
    }
    unreadable(&laughs, "yaml.too-many-nodes");
    // By merges.
    let mut merges = "x0: &x0 {a: 1}\n".to_owned();
    for level in 1..30 {
        let below = level - 1;
        merges.push_str(&format!(
            "x{level}: &x{level}\n  b: *x{below}\n  c: *x{below}\n  <<: *x{below}\n"
        ));
    }
    let mut draft = Draft::clean();
    draft.yaml = merges;
    assert_eq!(draft.rules(), [Rule::Unreadable]);
}

/// As many findings as the caps on the text allow.
#[test]
fn as_much_as_is_read_is_linted() {
    let mut draft = Draft::clean();
    draft.yaml = format!("x: &x\n  image: a@sha256:{DIGEST}\n  command: [");
    for index in 0..4000 {
        draft
            .yaml
            .push_str(&format!("\"$V{index} ghp_{}\", ", "a1".repeat(18)));
    }
    draft.yaml.push_str("]\nservices:\n");
    for index in 0..20 {
        draft.yaml.push_str(&format!("  s{index}: *x\n"));
    }
    let report = draft.lint();
    let count = |rule: Rule| {
        let outcome = report.outcome();
        let found = outcome.rules.iter().find(|one| one.rule == rule.id());
        found.map(|one| one.count)
    };
    assert_eq!(count(Rule::CommandVariable), Some(80_000));
    assert_eq!(count(Rule::SecretKnown), Some(4000));
    assert!(report.findings.len() <= 4 * limits::LINT_FINDINGS);
}
