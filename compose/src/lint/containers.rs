//! The rules about the services of the docker-compose text.

use std::collections::BTreeSet;

use super::Rule;
use super::mounts;
use super::report::{At, Collector};
use crate::services::{ComposeFile, Service, variables};
use crate::yaml::{Place, YamlNode};

/// Keys of a service whose text is executed.
const EXECUTED: &[&str] = &[
    "command",
    "entrypoint",
    "healthcheck",
    "post_start",
    "pre_stop",
];

/// Namespaces that a container can share with the guest, but for the network.
const NAMESPACES: &[&str] = &["pid", "ipc", "uts", "userns_mode", "cgroup"];

/// Capabilities that lead out of a container.
const CAPABILITIES: &[&str] = &[
    "ALL",
    "BPF",
    "DAC_READ_SEARCH",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "NET_ADMIN",
    "PERFMON",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYSLOG",
];

pub(super) fn lint(file: &ComposeFile, found: &mut Collector) {
    if let Some(node) = file.root().get("include") {
        found.add(Rule::Include, At::text("include", node.place), None);
    }
    for service in file.services() {
        code(&service, found);
        isolation(&service, found);
        inputs(&service, found);
        approvals(&service, found);
    }
    shared_files(file, found);
    outer_variables(file, found);
    mounts::lint(file, found);
}

fn code(service: &Service<'_>, found: &mut Collector) {
    let name = service.name;
    for (key, rule) in [("build", Rule::Build), ("extends", Rule::Extends)] {
        if let Some(node) = service.get(key) {
            found.add(rule, At::service(name, key, node.place), None);
        }
    }
    match (service.get("image"), service.image()) {
        (Some(node), Some(image)) => {
            let at = At::service(name, "image", node.place);
            if has_variable(image) {
                found.add(Rule::ImageVariable, at, Some(image));
            } else if !is_by_digest(image) {
                found.add(Rule::NotByDigest, at, Some(image));
            }
        }
        _ if service.get("build").is_some() => {}
        (node, _) => {
            let place = node.map_or(service.node.place, |node| node.place);
            found.add(Rule::NoImage, At::service(name, "", place), None);
        }
    }
    for key in EXECUTED {
        let Some(node) = service.get(key) else {
            continue;
        };
        let mut seen = BTreeSet::new();
        for (text, place) in node.texts() {
            for variable in variables(text) {
                if seen.insert(variable.name) {
                    let at = At::service(name, key, place);
                    found.add(Rule::CommandVariable, at, Some(variable.name));
                }
            }
        }
    }
}

/// The name of an image and its SHA-256 digest.
fn is_by_digest(image: &str) -> bool {
    image.split_once("@sha256:").is_some_and(|(name, digest)| {
        !name.is_empty()
            && !name.contains(|one: char| one.is_whitespace() || one == '@')
            && digest.len() == 64
            && digest
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn has_variable(text: &str) -> bool {
    crate::services::has_variable(text)
}

fn isolation(service: &Service<'_>, found: &mut Collector) {
    let name = service.name;
    let scalar = |key: &str| {
        let node = service.get(key)?;
        Some((node.scalar()?, node.place))
    };
    if let Some((value, place)) = scalar("privileged")
        && (value.is_true() || has_variable(&value.text))
    {
        let at = At::service(name, "privileged", place);
        found.add(Rule::Privileged, at, Some(&value.text));
    }
    for key in NAMESPACES {
        if let Some((value, place)) = scalar(key)
            && is_host(&value.text)
        {
            let at = At::service(name, key, place);
            found.add(Rule::HostNamespace, at, Some(&value.text));
        }
    }
    for key in ["network_mode", "net"] {
        if let Some((value, place)) = scalar(key)
            && is_host(&value.text)
        {
            let at = At::service(name, key, place);
            found.add(Rule::HostNetwork, at, Some(&value.text));
        }
    }
    for (text, place) in texts(service, "cap_add") {
        let upper = text.trim().to_ascii_uppercase();
        let plain = upper.strip_prefix("CAP_").unwrap_or(&upper);
        if CAPABILITIES.contains(&plain) || has_variable(text) {
            let at = At::service(name, "cap_add", place);
            found.add(Rule::Capability, at, Some(text));
        }
    }
    for (text, place) in texts(service, "security_opt") {
        let lower = text.to_ascii_lowercase();
        let loose = ["unconfined", "disable"]
            .iter()
            .any(|word| lower.ends_with(word));
        if loose || has_variable(text) {
            let at = At::service(name, "security_opt", place);
            found.add(Rule::SecurityOption, at, Some(text));
        }
    }
    for key in ["devices", "device_cgroup_rules"] {
        for item in service
            .get(key)
            .and_then(YamlNode::items)
            .unwrap_or_default()
        {
            let what = item.text().or_else(|| item.get("source")?.text());
            let at = At::service(name, key, item.place);
            found.add(Rule::Device, at, what);
        }
    }
}

/// `host`, or a variable that may say so.
fn is_host(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("host") || has_variable(text)
}

fn texts<'a>(service: &Service<'a>, key: &str) -> Vec<(&'a str, Place)> {
    service.get(key).map(YamlNode::texts).unwrap_or_default()
}

/// What comes from outside of the document.
fn inputs(service: &Service<'_>, found: &mut Collector) {
    let name = service.name;
    for key in ["env_file", "label_file", "credential_spec", "provider"] {
        if let Some(node) = service.get(key) {
            let what = node.texts().first().map(|(text, _)| *text);
            found.add(Rule::FileInput, At::service(name, key, node.place), what);
        }
    }
    if let Some(node) = service.get("pull_policy") {
        let policy = node.text().unwrap_or_default();
        if !matches!(policy, "missing" | "if_not_present") {
            let at = At::service(name, "pull_policy", node.place);
            found.add(Rule::PullPolicy, at, Some(policy));
        }
    }
    // Once for each name: a variable often stands in several values of one service.
    let mut seen = BTreeSet::new();
    for (variable, value, place) in service.environment() {
        if value.is_none() && !has_variable(variable) && seen.insert(variable) {
            let at = At::service(name, "environment", place);
            found.add(Rule::VariableInput, at, Some(variable));
        }
    }
    for (key, node) in service.node.entries().unwrap_or_default() {
        let judged = ["image", "volumes", "build"].contains(&key.as_str());
        if judged || EXECUTED.contains(&key.as_str()) {
            continue;
        }
        for (text, place) in node.texts() {
            for variable in variables(text) {
                if seen.insert(variable.name) {
                    let at = At::service(name, key, place);
                    found.add(Rule::VariableInput, at, Some(variable.name));
                }
            }
        }
    }
}

/// Files, and things that were made outside, behind the names that services use.
fn shared_files(file: &ComposeFile, found: &mut Collector) {
    for section in ["configs", "secrets"] {
        let entries = file.root().get(section).and_then(YamlNode::entries);
        for (name, node) in entries.unwrap_or_default() {
            for key in ["file", "external", "environment", "template_driver"] {
                let Some(value) = node.get(key) else { continue };
                let off = value
                    .scalar()
                    .is_some_and(|scalar| scalar.is_null() || scalar.text == "false");
                if !off {
                    let at = At::text(format!("{section}.{name}.{key}"), value.place);
                    found.add(Rule::FileInput, at, value.text());
                }
            }
        }
    }
    for section in ["volumes", "networks"] {
        let entries = file.root().get(section).and_then(YamlNode::entries);
        for (name, node) in entries.unwrap_or_default() {
            let external = node.get("external").filter(|value| {
                let scalar = value.scalar();
                scalar.is_none_or(crate::yaml::Scalar::is_true)
            });
            if let Some(value) = external {
                let at = At::text(format!("{section}.{name}.external"), value.place);
                found.add(Rule::FileInput, at, None);
            }
        }
    }
}

/// Variables outside of services.
fn outer_variables(file: &ComposeFile, found: &mut Collector) {
    let devices: BTreeSet<Place> = mounts::devices(file).map(|(_, node)| node.place).collect();
    let mut seen = BTreeSet::new();
    for (section, node) in file.root().entries().unwrap_or_default() {
        if section == "services" {
            continue;
        }
        for (text, place) in node.texts() {
            for variable in variables(text) {
                if !devices.contains(&place) && seen.insert(variable.name) {
                    let at = At::text(section.as_str(), place);
                    found.add(Rule::VariableInput, at, Some(variable.name));
                }
            }
        }
    }
}

/// Words of a name that says what is accepted.
const ACCEPTS: &[&str] = &[
    "ALLOW",
    "ALLOWED",
    "ALLOWLIST",
    "APPROVED",
    "ACCEPTED",
    "EXPECTED",
    "PINNED",
    "TRUSTED",
    "WHITELIST",
    "WHITELISTED",
];

/// Words of a name that says which code is meant.
const CODE: &[&str] = &[
    "COMPOSE",
    "DIGEST",
    "DIGESTS",
    "HASH",
    "HASHES",
    "IMAGE",
    "IMAGES",
    "MEASUREMENT",
    "MEASUREMENTS",
    "MRTD",
    "RTMR",
    "RTMR3",
];

/// What decides which files, engine or libraries a start uses.
const CONTROLS: &[&str] = &[
    "BASH_ENV",
    "COMPOSE_",
    "CONTAINERD_",
    "DOCKER_",
    "LD_",
    "NERDCTL_",
];

fn words(name: &str) -> Vec<String> {
    name.split(|one: char| !one.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_uppercase)
        .collect()
}

fn accepts(words: &[String]) -> bool {
    words.iter().any(|word| ACCEPTS.contains(&word.as_str()))
}

fn names_code(words: &[String]) -> bool {
    words.iter().any(|word| CODE.contains(&word.as_str()))
}

fn names_app(words: &[String]) -> bool {
    let pair =
        |pair: &[String]| matches!(pair, [app, id] if app == "APP" && (id == "ID" || id == "IDS"));
    words.iter().any(|word| word == "APPID" || word == "APPIDS") || words.windows(2).any(pair)
}

/// The names that the document lets a deployer set.
pub(super) fn names_of_variables(allowed: &[&str], found: &mut Collector) {
    for name in allowed {
        let at = || At::field("allowed_envs");
        let upper = name.to_ascii_uppercase();
        let controls = upper == "PATH"
            || CONTROLS.iter().any(|prefix| {
                upper == *prefix || (prefix.ends_with('_') && upper.starts_with(prefix))
            });
        if controls {
            found.add(Rule::EnvControls, at(), Some(name));
        }
        let words = words(name);
        if accepts(&words) && (names_code(&words) || names_app(&words)) {
            found.add(Rule::EnvApproves, at(), Some(name));
        }
        if matches!(
            upper.as_str(),
            "DSTACK_AUTHORIZED_KEYS" | "DSTACK_ROOT_PASSWORD" | "DSTACK_ROOT_PUBLIC_KEY"
        ) {
            found.add(Rule::Ssh, at(), Some(name));
        }
    }
}

/// Who is trusted, by the environment of a service.
fn approvals(service: &Service<'_>, found: &mut Collector) {
    let environment = service.environment();
    let by_code = environment.iter().any(|(name, _, _)| {
        let words = words(name);
        accepts(&words) && names_code(&words)
    });
    for (name, value, place) in &environment {
        let words = words(name);
        if !accepts(&words) {
            continue;
        }
        let at = || At::service(service.name, "environment", *place);
        let from_outside = value.is_none_or(has_variable);
        if from_outside && (names_code(&words) || names_app(&words)) {
            found.add(Rule::EnvApproves, at(), Some(name));
        } else if names_app(&words) && !by_code {
            found.add(Rule::AppIdOnly, at(), Some(name));
        }
    }
}
