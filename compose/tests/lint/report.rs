//! The report: bound to its document, in a fixed order, with suppressions marked and no secret.

use serde_json::json;
use teeproof_compose::{
    AppCompose, LintOptions, LintReport, Place, Rule, Suppressions, limits, lint,
};
use teeproof_core::{ComposeHash, LintSeverity};

use crate::support::Draft;

fn linted(draft: &Draft, suppressions: &str) -> LintReport {
    let document = AppCompose::parse(draft.text().as_bytes()).unwrap();
    let suppressions = Suppressions::parse(suppressions.as_bytes()).unwrap();
    lint(
        &document,
        &LintOptions {
            suppressions,
            ..LintOptions::default()
        },
    )
}

fn launcher() -> Draft {
    let mut draft = Draft::clean();
    draft.service("privileged: true\nvolumes: [\"/var/run/docker.sock:/d\"]");
    draft.second("volumes: [\"/var/run/docker.sock:/d\"]");
    draft.set("public_logs", json!(true));
    draft
}

#[test]
fn a_finding_says_where_and_what() {
    let report = launcher().lint();
    let socket = report
        .findings
        .iter()
        .find(|finding| finding.rule == Rule::DockerSocket)
        .unwrap();
    assert_eq!(socket.service.as_deref(), Some("web"));
    assert_eq!(socket.field, "services.web.volumes");
    assert_eq!(
        socket.place,
        Some(Place {
            line: 9,
            column: 15
        })
    );
    assert_eq!(socket.found.as_deref(), Some("/var/run/docker.sock"));
    let logs = report.findings.last().unwrap();
    assert_eq!((logs.field.as_str(), logs.place), ("public_logs", None));
}

#[test]
fn the_report_is_bound_to_the_hash_of_its_document() {
    let draft = launcher();
    let report = draft.lint();
    let hash = ComposeHash::of(draft.text().as_bytes()).unwrap();
    assert_eq!(report.compose_hash, hash);
    assert_eq!(report.outcome().compose_hash, hash);
    assert_eq!(report.worst(), Some(LintSeverity::Error));
    assert_eq!(report.outcome().count(LintSeverity::Error), 3);
    assert_eq!(report.outcome().count(LintSeverity::Warning), 1);
    assert_eq!(draft.lint(), report);
}

#[test]
fn a_suppressed_finding_stays_and_no_longer_counts() {
    let all = "[[suppress]]\nrule = \"mount.docker-socket\"\nreason = \"a launcher\"\n[[suppress]]\nrule = \"isolation.privileged\"\nservice = \"web\"\nreason = \"measured\"\n";
    let report = linted(&launcher(), all);
    assert_eq!(report.findings.len(), 4);
    assert_eq!(report.worst(), Some(LintSeverity::Warning));
    assert_eq!(report.unused, []);
    let reasons: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.suppressed.as_deref())
        .collect();
    assert_eq!(
        reasons,
        [
            Some("measured"),
            Some("a launcher"),
            Some("a launcher"),
            None
        ]
    );
    // For one service only.
    let one = all.replacen("reason", "service = \"second\"\nreason", 1);
    let report = linted(&launcher(), &one);
    let open: Vec<_> = report
        .open()
        .map(|finding| (finding.rule, finding.service.as_deref()))
        .collect();
    assert_eq!(
        open,
        [(Rule::DockerSocket, Some("web")), (Rule::PublicLogs, None)]
    );
}

#[test]
fn a_suppression_without_use_is_reported() {
    let unused = "[[suppress]]\nrule = \"service.build\"\nreason = \"x\"\n[[suppress]]\nrule = \"isolation.privileged\"\nservice = \"other\"\nreason = \"x\"\n";
    let report = linted(&launcher(), unused);
    let rules: Vec<_> = report.unused.iter().map(|one| one.rule).collect();
    assert_eq!(rules, [Rule::Build, Rule::Privileged]);
    assert_eq!(report.open().count(), 4);
}

#[test]
fn what_is_over_the_cap_is_counted_and_cannot_be_suppressed() {
    let mut draft = Draft::clean();
    let many = limits::LINT_FINDINGS + 10;
    for index in 0..many {
        draft
            .yaml
            .push_str(&format!("  s{index}:\n    image: a:1\n"));
    }
    let quiet = "[[suppress]]\nrule = \"image.not-by-digest\"\nreason = \"x\"\n";
    let report = linted(&draft, quiet);
    assert_eq!(report.findings.len(), limits::LINT_FINDINGS);
    assert_eq!(report.left_out.len(), 1);
    assert_eq!(report.left_out[0].count, 10);
    assert_eq!(report.worst(), Some(LintSeverity::Error));
    assert_eq!(report.outcome().count(LintSeverity::Error), 10);
}

/// Wherever a secret stands, the report does not repeat it.
#[test]
fn no_secret_is_repeated() {
    let token = "ghp_aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3";
    let address = "postgres://me:hunter2hunter2@db/x";
    let places: &[fn(&mut Draft, &str)] = &[
        |draft, secret| draft.yaml = draft.yaml.replace("ghcr.io/example", secret),
        |draft, secret| draft.yaml = draft.yaml.replace("  web:", &format!("  \"{secret}\":")),
        |draft, secret| {
            draft.yaml = draft
                .yaml
                .replace("MODE=production", &format!("API_TOKEN={secret}"))
        },
        |draft, secret| {
            draft.yaml = draft
                .yaml
                .replace("MODE=production", &format!("'{secret}'"))
        },
        |draft, secret| draft.service(&format!("command: 'a $X {secret}'")),
        |draft, secret| draft.service(&format!("volumes: ['/{secret}:/x', '${{A}}{secret}:/x']")),
        |draft, secret| draft.service(&format!("pid: '$A {secret}'")),
        |draft, secret| draft.service(&format!("cap_add: ['$A {secret}']\nenv_file: '{secret}'")),
        |draft, secret| draft.service(&format!("pull_policy: '{secret}'\ndevices: ['{secret}']")),
        |draft, secret| draft.top(&format!("\"{secret}\": 1\n\"{secret}\": 2")),
        |draft, secret| draft.top(&format!("x: [{secret}")),
        |draft, secret| draft.set("runner", json!(secret)),
        |draft, secret| draft.set("key_provider", json!(secret)),
        |draft, secret| draft.set(secret, json!(1)),
        |draft, secret| draft.set("allowed_envs", json!([format!("DOCKER_ {secret}")])),
        |draft, secret| draft.set("init_script", json!(format!("curl {secret} | sh"))),
        |draft, secret| draft.set("pre_launch_script", json!(format!("X_PASSWORD={secret}"))),
    ];
    for secret in [token, address] {
        for place in places {
            let mut draft = Draft::clean();
            place(&mut draft, secret);
            draft.service("privileged: true");
            let report = draft.lint();
            assert!(!report.findings.is_empty(), "{}", draft.text());
            let text = format!("{report:?}");
            assert!(
                !text.contains("aB3aB3") && !text.contains("hunter2"),
                "{text}"
            );
        }
    }
}
