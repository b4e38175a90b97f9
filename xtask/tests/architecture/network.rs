//! What ships and has no adapter in it cannot reach a network, a clock or a file.

use std::fs;

use xtask::repository;

use crate::{cargo, directions::SHIPPED, members, none};

/// Crates that open connections or are only there for those that do.
const NETWORK: &[&str] = &[
    "alloy-provider",
    "async-std",
    "attohttpc",
    "curl",
    "curl-sys",
    "h2",
    "h3",
    "hickory-resolver",
    "http",
    "http-body",
    "hyper",
    "hyper-util",
    "isahc",
    "jsonrpsee",
    "minreq",
    "mio",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "rustls",
    "schannel",
    "security-framework",
    "smol",
    "socket2",
    "surf",
    "teeproof-collateral",
    "teeproof-http",
    "teeproof-instance",
    "tokio",
    "tungstenite",
    "ureq",
    "webpki-roots",
];

/// Crates that start programs to make a release, and those that only a release needs.
const RELEASE: &[&str] = &[
    "git-cliff-core",
    "git2",
    "teeproof-changelog",
    "teeproof-git",
    "teeproof-release",
];

/// Crates that only a changelog needs, and hundreds below them.
const CHANGELOG: &[&str] = &["git-cliff-core", "tera", "teeproof-changelog"];

/// Doors to the world in the standard library, and who may open them.
const DOORS: &[(&str, &[&str])] = &[
    ("std::net", &[]),
    ("std::os", &[]),
    ("std::process", &["teeproof-cli", "teeproof-git"]),
    // Where the guest agent listens, as dstack's own clients read it.
    ("std::env", &["teeproof-cli", "teeproof-evidence"]),
    ("std::fs", &["teeproof-cli", "teeproof-collateral"]),
    // The core has no default instant, and no skin may hide one.
    ("SystemTime", &["teeproof-cli", "teeproof-evidence"]),
    // Deadlines are kept by whoever waits, and a rate is shown to whoever watches.
    (
        "Instant::now",
        &["teeproof-cli", "teeproof-evidence", "teeproof-http"],
    ),
];

/// What the command line rests on with these features.
fn tree(features: &[&str]) -> Vec<String> {
    let mut arguments = vec![
        "tree",
        "--package",
        "teeproof-cli",
        "--edges",
        "no-dev",
        "--prefix",
        "none",
        "--no-dedupe",
        "--format",
        "{p}",
    ];
    arguments.extend(features);
    let tree = cargo(&arguments);
    let names: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    assert!(
        names.iter().any(|name| name == "teeproof-core"),
        "not the tree: {tree}"
    );
    names
}

/// The auditor's build: the command line without its default features.
#[test]
fn the_auditors_build_has_no_network_and_no_release_in_its_tree() {
    let faults: Vec<_> = tree(&["--no-default-features"])
        .into_iter()
        .filter(|name| NETWORK.contains(&name.as_str()) || RELEASE.contains(&name.as_str()))
        .map(|name| format!("the auditor's build rests on {name}"))
        .collect();
    none(&faults);
}

/// Who only builds the program does not wait for a changelog.
#[test]
fn a_changelog_is_no_default() {
    let faults: Vec<_> = tree(&[])
        .into_iter()
        .filter(|name| CHANGELOG.contains(&name.as_str()))
        .map(|name| format!("the default build rests on {name}"))
        .collect();
    none(&faults);
    for name in CHANGELOG {
        let with = tree(&["--features", "changelog"]);
        assert!(with.iter().any(|found| found == name), "{name}");
    }
}

#[test]
fn doors_to_the_world_are_opened_where_they_are_listed() {
    let mut faults = Vec::new();
    for member in members() {
        if !SHIPPED.contains(&member.name.as_str()) {
            continue;
        }
        let folder = member.manifest.parent().unwrap().join("src");
        for path in repository::files_below(&folder, "rs").unwrap() {
            let source = fs::read_to_string(&path).unwrap();
            faults.extend(
                DOORS
                    .iter()
                    .filter(|(door, may)| {
                        source.contains(door) && !may.contains(&member.name.as_str())
                    })
                    .map(|(door, _)| format!("{} names {door}", repository::name(&path))),
            );
        }
    }
    none(&faults);
}
