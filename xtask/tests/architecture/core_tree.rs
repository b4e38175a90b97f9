//! What the core rests on: a closed list of `no_std` crates.
//!
//! There is no bare-metal target on an ordinary machine to build for. `#![no_std]` on the core, and
//! no `std` feature on anything below it, say the same.

use std::collections::BTreeSet;
use std::fs;

use xtask::repository;

use crate::{cargo, none};

/// Every crate below the core, with all of its features. A crate that is added here was read: it is
/// `no_std`, and it neither opens files or sockets nor reads a clock or randomness.
const ALLOWED: &[&str] = &[
    "base64",
    "block-buffer",
    "cfg-if",
    "const-oid",
    "cpufeatures",
    "crypto-common",
    "der",
    "digest",
    "dyn-clone",
    "hybrid-array",
    "itoa",
    "keccak",
    "memchr",
    "ref-cast",
    "schemars",
    "serde",
    "serde_core",
    "serde_json",
    "sha2",
    "sha3",
    "typenum",
    "zmij",
];

/// What must never stand in that list, by what it would bring.
const BANNED: &[(&str, &[&str])] = &[
    (
        "a network",
        &["curl", "h2", "http", "hyper", "reqwest", "rustls", "ureq"],
    ),
    (
        "an async runtime",
        &[
            "async-std",
            "futures-executor",
            "mio",
            "smol",
            "socket2",
            "tokio",
        ],
    ),
    ("a clock", &["chrono", "jiff", "time", "web-time"]),
    (
        "randomness",
        &["fastrand", "getrandom", "rand", "rand_core"],
    ),
    ("a browser", &["js-sys", "wasm-bindgen", "web-sys"]),
    (
        "an operating system",
        &["libc", "nix", "rustix", "winapi", "windows-sys"],
    ),
    (
        "arithmetic on curves, which belongs behind the signature seam",
        &["ecdsa", "elliptic-curve", "p256", "p384", "ring", "rsa"],
    ),
];

/// Three machines that have little in common. (On ARM, `cpufeatures` calls `libc` to ask the kernel
/// which instructions there are.)
const TARGETS: &[&str] = &[
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-none",
    "wasm32-unknown-unknown",
];

/// Names and features of the crates that are linked into the core. Macros run in the compiler and
/// are not among them.
fn tree(target: &str, features: &[&str]) -> BTreeSet<(String, Vec<String>)> {
    let mut arguments = vec![
        "tree",
        "--package",
        "teeproof-core",
        // Asking for normal dependencies alone leaves out what the tests turn on.
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--no-dedupe",
        "--format",
        "{p}|{f}",
        "--target",
        target,
    ];
    arguments.extend(features);
    cargo(&arguments)
        .lines()
        .map(|line| {
            let (package, features) = line.split_once('|').unwrap();
            let name = package.split(' ').next().unwrap().to_owned();
            (name, features.split(',').map(str::to_owned).collect())
        })
        .filter(|(name, _)| name != "teeproof-core")
        .collect()
}

#[test]
fn the_core_rests_on_a_closed_list() {
    let mut faults = Vec::new();
    for target in TARGETS {
        for (name, _) in tree(target, &["--all-features"]) {
            let banned = BANNED
                .iter()
                .find(|(_, names)| names.contains(&name.as_str()));
            match banned {
                Some((what, _)) => faults.push(format!(
                    "on {target} the core rests on {name}, which brings {what}"
                )),
                None if !ALLOWED.contains(&name.as_str()) => faults.push(format!(
                    "on {target} the core rests on {name}: read it, then add it to ALLOWED"
                )),
                None => {}
            }
        }
    }
    none(&faults);
}

#[test]
fn the_closed_list_holds_nothing_else() {
    let tree = tree(TARGETS[0], &["--all-features"]);
    let faults: Vec<_> = ALLOWED
        .iter()
        .filter(|allowed| !tree.iter().any(|(name, _)| name == *allowed))
        .map(|allowed| format!("the core does not rest on {allowed}: remove it from ALLOWED"))
        .collect();
    none(&faults);
}

#[test]
fn nothing_below_the_core_has_its_std() {
    let mut faults = Vec::new();
    for target in TARGETS {
        for features in [&[][..], &["--all-features"]] {
            for (name, features) in tree(target, features) {
                if features.iter().any(|feature| feature == "std") {
                    faults.push(format!("on {target} the core turns on `std` of {name}"));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn the_core_is_no_std() {
    let root = repository::root().join("core/src/lib.rs");
    let source = fs::read_to_string(root).unwrap();
    assert!(source.lines().any(|line| line == "#![no_std]"));
    for path in repository::files_below(&repository::root().join("core/src"), "rs").unwrap() {
        let source = fs::read_to_string(&path).unwrap();
        assert!(
            !source.contains("extern crate std"),
            "{} brings std back",
            repository::name(&path)
        );
    }
}
