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
const RELEASE: &[&str] = &["git-cliff-core", "git2", "teeproof-git", "teeproof-release"];

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
    // Deadlines are kept by whoever waits.
    ("Instant::now", &["teeproof-evidence", "teeproof-http"]),
];

/// The auditor's build: the command line without its default features.
#[test]
fn the_auditors_build_has_no_network_and_no_release_in_its_tree() {
    let tree = cargo(&[
        "tree",
        "--package",
        "teeproof-cli",
        "--no-default-features",
        "--edges",
        "no-dev",
        "--prefix",
        "none",
        "--no-dedupe",
        "--format",
        "{p}",
    ]);
    let names: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.contains(&"teeproof-core"), "not the tree: {tree}");
    let faults: Vec<_> = names
        .into_iter()
        .filter(|name| NETWORK.contains(name) || RELEASE.contains(name))
        .map(|name| format!("the auditor's build rests on {name}"))
        .collect();
    none(&faults);
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
