//! The rules about scripts that run outside of containers.

use teeproof_core::sha256;

use super::Rule;
use super::document::containers_of;
use super::report::{At, Collector};
use crate::document::AppCompose;
use crate::services::{ComposeFile, Service};
use crate::yaml::YamlNode;

/// A version of the pre-launch script that Phala Cloud puts into an app-compose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedScript {
    /// The version it prints.
    pub version: &'static str,
    /// The commit of `Dstack-TEE/dstack-examples` that it first stood in, its first twelve digits.
    pub commit: &'static str,
    /// SHA-256 of its text without newlines at either end, in hex: platforms have added and dropped
    /// those.
    pub sha256: &'static str,
}

const fn published(
    version: &'static str,
    commit: &'static str,
    sha256: &'static str,
) -> PublishedScript {
    PublishedScript {
        version,
        commit,
        sha256,
    }
}

/// Every published version, the oldest first: `phala-cloud-prelaunch-script/prelaunch.sh` in the
/// history of `Dstack-TEE/dstack-examples`. A version number was given to several texts.
pub const PUBLISHED_SCRIPTS: &[PublishedScript] = &[
    published(
        "0.0.4",
        "6ca3bd168544",
        "baf30240268640f8d98e2f25b04ffdeaab2fcdb31100b2652f8a4d30fab2fdd3",
    ),
    published(
        "0.0.5",
        "00572eae374e",
        "98b2c5fc229e33e1f9ceca677c42cb0165e0b2d0315797892516416a70c509c7",
    ),
    published(
        "0.0.6",
        "a4479c56b72a",
        "07ae3d9ecf223be6fc157cda98f57b38cc9175f50ea2640a13fcc3e0d6ad38e1",
    ),
    published(
        "0.0.7",
        "8f170d79776c",
        "f127afc7296c4d4d8dc17f3d7bafd31bdcd7960530a9e6bc1d9003389bd3a6a6",
    ),
    published(
        "0.0.7",
        "58bfbe8d66a6",
        "8e4a34a4915b7abb84654613d8d929150de2d8b93822a11678310365bdc43255",
    ),
    published(
        "0.0.8",
        "418d26e572aa",
        "a2cba70e5df0d985f3d57c67f993d261d4f6d23cc6e0cb5d4b7cc06a9f31a05f",
    ),
    published(
        "0.0.8",
        "034f0768846d",
        "07aa80939c2766f6ac8a815862d37131bb6965d110ae594111150f65744056c1",
    ),
    published(
        "0.0.10",
        "bd14fd0d74c5",
        "eab12f120ce15d72f6770e33720bd234a976ee7b291c88b610ba6ebbd87f3d6e",
    ),
    published(
        "0.0.11",
        "b91c00e9b1d8",
        "dca9d83072c25283e8ae03e3609746c289ffd48b20992f3c2dfbecd0504cb2b4",
    ),
    published(
        "0.0.12",
        "4c4d3549aed8",
        "bac62a015a3d325353c69f07a7d302b163daec1d51ce65085c9bc6c0230af233",
    ),
    published(
        "0.0.13",
        "6fa4bb260ba5",
        "94982f89f904852b5b3617229cb9e495d9d0b6a4b215e96672f4a8e23c0e1a9d",
    ),
    published(
        "0.0.14",
        "e51e2a33212d",
        "2de6b1ca44ee7b2f469c16966a7fbca4e6262dbc40952a13150a2bfe5a73d766",
    ),
    published(
        "0.0.15",
        "d358c327c851",
        "8b64551ccc34ed087a67e8ca41af19adb29155d490b049a6275798b61e962bd7",
    ),
    published(
        "0.0.16",
        "474ab96f7a29",
        "012d35ac075529308c00951a3bc0992772bd96a2f7ca52861e2902fd16a98c9a",
    ),
    published(
        "0.0.16",
        "0593b4b9224b",
        "83f8deb4a6d220bee3e2129327c3470f17d7e627ba5e0188c220f8d2f874fbc5",
    ),
    published(
        "0.0.16",
        "0f71d18a63f5",
        "df9fec92f27be6e8ce7c15458a9179c5c6c38973f48bc415e1c48c7261aba976",
    ),
    published(
        "0.0.16",
        "c4579ce56228",
        "b2e72e05ce3897c48461e117b8af93d1180f8fd47a1a75299e505d08a8fe1e02",
    ),
    published(
        "0.0.17",
        "deb6808161c5",
        "000a7271b4a7c714eabf7e449d588d2bdca9030d68ca4c1887d02ffe30e83b3c",
    ),
    published(
        "0.0.18",
        "d3fb09c2b198",
        "dff5c66d04aef10b4efe83285eb92aa3433e9697ff316e912af2817eaf186394",
    ),
    published(
        "0.0.19",
        "c021d8b81479",
        "b8a42178d4dcba3107fbcc5eb5ba154432ddfc170aa0295f5c666f163c2526fc",
    ),
];

/// The row of a script that was published.
fn row_of(script: &str, table: &'static [PublishedScript]) -> Option<&'static PublishedScript> {
    let digest = sha256(script.trim_matches('\n').as_bytes()).to_string();
    table.iter().find(|published| published.sha256 == digest)
}

pub(super) fn lint(document: &AppCompose, found: &mut Collector) {
    lint_beside(PUBLISHED_SCRIPTS, document, found);
}

/// The text of no published script may stand in a test, so a test brings a table of its own.
fn lint_beside(table: &'static [PublishedScript], document: &AppCompose, found: &mut Collector) {
    let file = containers_of(document);
    if let Some(script) = document
        .text("pre_launch_script")
        .filter(|script| !script.trim().is_empty())
    {
        pre_launch(script, file.as_ref(), table, found);
    }
    for (field, script) in all(document) {
        if row_of(script, table).is_none() && fetches(script) {
            found.add(Rule::ScriptFetches, At::field(field), fetching_line(script));
        }
        ssh(script, || At::field(field), found);
    }
    let Some(file) = file else { return };
    for service in file.services() {
        for (text, place) in service.node.texts() {
            ssh(text, || At::service(service.name, "", place), found);
        }
    }
    for section in ["configs", "volumes"] {
        let node = file.root().get(section);
        for (text, place) in node.map(YamlNode::texts).unwrap_or_default() {
            ssh(text, || At::text(section, place), found);
        }
    }
}

/// The scripts that run as root of the guest.
fn all(document: &AppCompose) -> Vec<(&'static str, &str)> {
    ["pre_launch_script", "init_script", "bash_script"]
        .into_iter()
        .flat_map(|field| {
            document
                .texts(field)
                .into_iter()
                .map(move |text| (field, text))
        })
        .collect()
}

fn pre_launch(
    script: &str,
    file: Option<&ComposeFile>,
    table: &'static [PublishedScript],
    found: &mut Collector,
) {
    let at = || At::field("pre_launch_script");
    if let Some(published) = row_of(script, table) {
        let what = format!("v{}", published.version);
        return found.add(Rule::ScriptPublished, at(), Some(&what));
    }
    let digest = sha256(script.as_bytes()).to_string();
    found.add(Rule::ScriptUnpublished, at(), Some(&digest));
    let restarting: Vec<&str> = file
        .into_iter()
        .flat_map(ComposeFile::services)
        .filter(restarts)
        .map(|service| service.name)
        .collect();
    if refuses(script) && !restarting.is_empty() {
        let what = format!("restarts by itself: {}", restarting.join(", "));
        found.add(Rule::ScriptGate, at(), Some(&what));
    }
}

/// Whether the engine starts the containers of a service again after a reboot.
fn restarts(service: &Service<'_>) -> bool {
    let plain = service.get("restart").and_then(YamlNode::text);
    let deployed = service
        .get("deploy")
        .and_then(|deploy| deploy.get("restart_policy"));
    let condition = deployed.map(|policy| policy.get("condition").and_then(YamlNode::text));
    plain.is_some_and(|policy| policy != "no")
        // Without a condition the policy is to restart on any.
        || condition.is_some_and(|condition| condition != Some("none"))
}

/// The words of each line of a script that is no comment.
fn lines(script: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    script.lines().map(str::trim).filter_map(|line| {
        let words: Vec<&str> = line
            .split(|one: char| one.is_whitespace() || matches!(one, ';' | '(' | ')' | '{' | '}'))
            .filter(|word| !word.is_empty())
            .collect();
        (!line.starts_with('#')).then_some((line, words))
    })
}

/// Whether a script can stop the start.
fn refuses(script: &str) -> bool {
    lines(script).any(|(_, words)| {
        words.windows(2).any(|pair| match pair {
            ["exit" | "return", status] => *status != "0",
            ["set", flags] => flags.starts_with('-') && flags.contains('e'),
            ["systemctl", verb] => matches!(*verb, "stop" | "poweroff" | "halt" | "reboot"),
            _ => false,
        }) || words
            .iter()
            .any(|word| matches!(*word, "poweroff" | "shutdown" | "halt" | "reboot"))
    })
}

fn fetches(script: &str) -> bool {
    fetching_line(script).is_some()
}

/// The first line that fetches code.
fn fetching_line(script: &str) -> Option<&str> {
    lines(script).find_map(|(line, words)| {
        let has = |word: &str| words.contains(&word);
        let piped = line.split('|').skip(1).any(|command| {
            let program = command.split_whitespace().find(|word| *word != "sudo");
            matches!(program, Some("sh" | "bash" | "python" | "python3"))
        });
        let download =
            has("curl") || has("wget") || line.contains("$(curl") || line.contains("$(wget");
        let run = piped || has("eval") || has("source") || line.contains("<(");
        let package = words.windows(2).any(|pair| {
            matches!(
                pair,
                [
                    "pip" | "pip3" | "npm" | "apt" | "apt-get" | "cargo" | "go",
                    "install"
                ] | ["apk", "add"]
                    | ["git", "clone"]
            )
        });
        let image = words.windows(2).any(|pair| {
            matches!(
                pair,
                [
                    "docker" | "podman" | "nerdctl",
                    "run" | "pull" | "load" | "import"
                ]
            )
        }) && !line.contains("@sha256:");
        ((download && run) || package || image).then_some(line)
    })
}

/// Traces of SSH: files, servers and keys.
const SSH: &[&str] = &[
    "authorized_keys",
    "/.ssh",
    "sshd",
    "dropbear",
    "openssh-server",
    "PermitRootLogin",
    "ssh-rsa AAAA",
    "ssh-ed25519 AAAA",
    "ecdsa-sha2-nistp",
    "id_rsa",
    "id_ed25519",
];

fn ssh<'a>(text: &str, at: impl Fn() -> At<'a>, found: &mut Collector) {
    if let Some(trace) = SSH.iter().find(|trace| text.contains(**trace)) {
        found.add(Rule::Ssh, at(), Some(trace));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_can_stop_the_start_is_seen() {
        for script in [
            "set -e",
            "set -euo pipefail",
            "x || exit 1",
            "if ! ok; then exit 3; fi",
            "check || { echo no; return 1; }",
            "poweroff -f",
            "systemctl stop docker",
        ] {
            assert!(refuses(script), "{script}");
        }
        for script in ["exit 0", "# exit 1", "echo start", "set -x"] {
            assert!(!refuses(script), "{script}");
        }
    }

    #[test]
    fn a_script_that_fetches_code_is_seen() {
        for script in [
            "curl -fsSL https://example.com/x | sh",
            "wget -qO- https://example.com/x | sudo bash -s",
            "eval \"$(curl -s https://example.com)\"",
            "bash <(curl -s https://example.com)",
            "pip install x",
            "apt-get install -y x",
            "git clone https://example.com/x",
            "docker run -d example/x:latest",
        ] {
            assert!(fetches(script), "{script}");
        }
        let digest = "0".repeat(64);
        for script in [
            "curl -s http://127.0.0.1/health",
            "# curl x | sh",
            "cat x | jq .",
            &format!("docker run example/x@sha256:{digest}"),
        ] {
            assert!(!fetches(script), "{script}");
        }
    }

    #[test]
    fn each_published_script_has_a_row_of_its_own() {
        let digests: std::collections::BTreeSet<_> = PUBLISHED_SCRIPTS
            .iter()
            .map(|script| script.sha256)
            .collect();
        assert_eq!(digests.len(), PUBLISHED_SCRIPTS.len());
        for script in PUBLISHED_SCRIPTS {
            assert_eq!((script.sha256.len(), script.commit.len()), (64, 12));
        }
        let mine = "#!/bin/bash\necho mine\n";
        assert_eq!(row_of(mine, PUBLISHED_SCRIPTS), None);
    }

    /// Everything that the other rules about scripts look for, and its digest by `sha256sum`.
    const SCRIPT: &str = "#!/bin/bash\nset -e\ncurl -fsSL https://example.com/x | sh\nexit 1";
    const TABLE: &[PublishedScript] = &[
        published("0.0.1", "000000000000", "00"),
        published(
            "0.0.2",
            "000000000000",
            "c22e844e91bc88031943d79280a013d5c55fa223c4953c6c3e1535d805a9809e",
        ),
    ];

    /// What is found in a document with this script: rules and what they name.
    fn found(table: &'static [PublishedScript], script: &str) -> Vec<(Rule, String)> {
        let document = serde_json::json!({
            "runner": "docker-compose",
            "docker_compose_file": "services:\n  web:\n    image: a\n    restart: always\n",
            "pre_launch_script": script,
        });
        let document = AppCompose::parse(document.to_string().as_bytes()).unwrap();
        let mut found = Collector::default();
        lint_beside(table, &document, &mut found);
        let report = found.report(document.hash(), &crate::LintOptions::default());
        let findings = report.findings.into_iter();
        findings
            .map(|one| (one.rule, one.found.unwrap_or_default()))
            .collect()
    }

    /// It is known by its digest, newlines at either end aside, and then not looked into.
    #[test]
    fn a_published_script_is_known_and_named() {
        for around in ["", "\n", "\n\n"] {
            let script = format!("{around}{SCRIPT}{around}");
            let expected = [(Rule::ScriptPublished, "v0.0.2".to_owned())];
            assert_eq!(found(TABLE, &script), expected);
        }
    }

    #[test]
    fn what_is_not_exactly_a_published_script_is_looked_into() {
        let rules = |table, script: &str| -> Vec<Rule> {
            found(table, script)
                .into_iter()
                .map(|(rule, _)| rule)
                .collect()
        };
        let other = [
            Rule::ScriptGate,
            Rule::ScriptUnpublished,
            Rule::ScriptFetches,
        ];
        for script in [
            format!("{SCRIPT} "),
            format!(" {SCRIPT}"),
            SCRIPT.replace('\n', "\r\n"),
            format!("{SCRIPT}\n# x"),
            SCRIPT.replace("/x", "/y"),
        ] {
            let mut found = rules(TABLE, &script);
            found.sort_by_key(|rule| other.iter().position(|one| one == rule));
            assert_eq!(found, other, "{script:?}");
        }
        // The table decides, and nothing else.
        assert_eq!(rules(&[], SCRIPT).len(), 3);
    }
}
