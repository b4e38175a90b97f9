//! Dependencies point inwards.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Member, members, none};

/// What a crate may be built on.
enum May {
    /// These of the project's own crates, and no other.
    RestOn(&'static [&'static str]),
    /// Any: nothing is ever built on this one.
    RestOnAnything,
}

/// Every crate of the workspace, from the inside out. What a crate's tests use is its own affair.
const DIRECTIONS: &[(&str, May)] = &[
    ("teeproof-core", May::RestOn(&[])),
    ("teeproof-crypto-ring", May::RestOn(&["teeproof-core"])),
    (
        "teeproof-crypto-rustcrypto",
        May::RestOn(&["teeproof-core"]),
    ),
    ("teeproof-crosscheck", May::RestOn(&["teeproof-core"])),
    ("teeproof-compose", May::RestOn(&["teeproof-core"])),
    (
        "teeproof-bindings",
        May::RestOn(&[
            "teeproof-compose",
            "teeproof-core",
            "teeproof-crosscheck",
            "teeproof-crypto-ring",
            "teeproof-crypto-rustcrypto",
        ]),
    ),
    ("teeproof-render", May::RestOn(&["teeproof-bindings"])),
    // Adapters do the IO: each rests on the core, and on the client that they share.
    ("teeproof-http", May::RestOn(&["teeproof-core"])),
    (
        "teeproof-collateral",
        May::RestOn(&["teeproof-core", "teeproof-http"]),
    ),
    (
        "teeproof-instance",
        May::RestOn(&["teeproof-core", "teeproof-http"]),
    ),
    // Versions of an app: text in, text out. What the core has of it is JSON and compose hashes.
    ("teeproof-release", May::RestOn(&["teeproof-core"])),
    // It runs git, and knows nothing of what the versions are for.
    ("teeproof-git", May::RestOn(&[])),
    // Commits in, Markdown out. It stands apart for what git-cliff brings along.
    ("teeproof-changelog", May::RestOn(&[])),
    (
        "teeproof-cli",
        May::RestOn(&[
            "teeproof-bindings",
            "teeproof-changelog",
            "teeproof-collateral",
            "teeproof-compose",
            "teeproof-core",
            "teeproof-git",
            "teeproof-http",
            "teeproof-instance",
            "teeproof-release",
            "teeproof-render",
        ]),
    ),
    (
        "teeproof-ffi",
        May::RestOn(&["teeproof-bindings", "teeproof-core"]),
    ),
    // The core for its caps and the triples; everything else through the boundary.
    (
        "teeproof-wasm",
        May::RestOn(&["teeproof-bindings", "teeproof-core"]),
    ),
    // They write JavaScript around a module, and a smaller one, and know nothing of what is in it.
    ("teeproof-wasm-glue", May::RestOn(&[])),
    ("teeproof-wasm-trim", May::RestOn(&[])),
    ("teeproof-evidence", May::RestOn(&["teeproof-core"])),
    // The forge must not see the code that it is there to test.
    ("teeproof-forge", May::RestOn(&[])),
    (
        "teeproof-toy-app",
        May::RestOn(&["teeproof-core", "teeproof-evidence"]),
    ),
    // It signs, so nothing may be built on it but tests.
    (
        "teeproof-simulator",
        May::RestOn(&[
            "teeproof-core",
            "teeproof-evidence",
            "teeproof-forge",
            "teeproof-toy-app",
        ]),
    ),
    ("teeproof-benches", May::RestOnAnything),
    ("xtask", May::RestOnAnything),
];

/// What users get.
pub(crate) const SHIPPED: &[&str] = &[
    "teeproof-core",
    "teeproof-crypto-ring",
    "teeproof-crypto-rustcrypto",
    "teeproof-crosscheck",
    "teeproof-compose",
    "teeproof-bindings",
    "teeproof-render",
    "teeproof-http",
    "teeproof-collateral",
    "teeproof-instance",
    "teeproof-release",
    "teeproof-git",
    "teeproof-changelog",
    "teeproof-cli",
    "teeproof-ffi",
    "teeproof-evidence",
    "teeproof-wasm",
];

/// What never leaves the repository.
const NEVER_SHIPPED: &[&str] = &[
    "teeproof-forge",
    "teeproof-toy-app",
    "teeproof-simulator",
    "teeproof-benches",
    "teeproof-wasm-glue",
    "teeproof-wasm-trim",
    "xtask",
];

#[test]
fn dependencies_point_inwards() {
    let members = members();
    let mut faults = Vec::new();
    for Member { name, rests_on, .. } in &members {
        match DIRECTIONS.iter().find(|(known, _)| known == name) {
            None => faults.push(format!(
                "{name} is in no row of DIRECTIONS: add it to the table"
            )),
            Some((_, May::RestOnAnything)) => {}
            Some((_, May::RestOn(allowed))) => faults.extend(
                rests_on
                    .iter()
                    .filter(|inner| !allowed.contains(&inner.as_str()))
                    .map(|inner| format!("{name} rests on {inner}, and may not")),
            ),
        }
    }
    none(&faults);
}

#[test]
fn nothing_that_ships_reaches_the_forge() {
    let members = members();
    let edges: BTreeMap<&str, &[String]> = members
        .iter()
        .map(|member| (member.name.as_str(), member.rests_on.as_slice()))
        .collect();
    for shipped in SHIPPED.iter().filter(|name| edges.contains_key(*name)) {
        let mut reached = BTreeSet::new();
        let mut open = vec![*shipped];
        while let Some(name) = open.pop() {
            if reached.insert(name) {
                let inner = edges.get(name).copied().unwrap_or_default();
                open.extend(inner.iter().map(String::as_str));
            }
        }
        for never in NEVER_SHIPPED {
            assert!(!reached.contains(never), "{shipped} reaches {never}");
        }
    }
}

#[test]
fn every_crate_ships_or_does_not() {
    for (name, _) in DIRECTIONS {
        assert_ne!(
            SHIPPED.contains(name),
            NEVER_SHIPPED.contains(name),
            "say of {name} whether it ships, in one list"
        );
    }
}
