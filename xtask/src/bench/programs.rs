//! Builds whole programs to be compared, lays them into one folder and measures them there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use super::benches;
use crate::process::{cargo, output, target};
use crate::repository;

/// The peer at the command line, from crates.io, and its program that takes saved evidence.
const PEER: [&str; 5] = ["--version", "0.7.1", "--bin", "test_case", "dcap-qvl-cli"];

/// Quotes, and platforms that they are of.
const MANY: [&str; 2] = ["100000", "1000"];

/// One saved pair by whole programs, and dcap-rs in a process of its own.
pub(super) fn one(rounds: &str) -> io::Result<String> {
    let folder = folder()?;
    let path = |name: &str| folder.join(name);
    let source = repository::root().join("benches/src/bin/programs/clock.c");
    let mut clock = Command::new("cc");
    clock.args(["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o"]);
    output({
        clock.arg(path("clock.so")).arg(source);
        clock
    })?;
    let mut peer = cargo("install");
    // Compiled as ours are. Its own profile is Cargo's default.
    peer.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3")
        .env("CARGO_PROFILE_RELEASE_LTO", "fat")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1");
    peer.args(["--quiet", "--locked", "--root"])
        .arg(path("peers"))
        .args(PEER);
    output(peer)?;
    fs::copy(path("peers/bin/test_case"), path("test_case"))?;
    let mut dcap_rs = cargo("build");
    dcap_rs
        .args(["--quiet", "--release", "--locked", "--manifest-path"])
        .arg("benches/peers/dcap-rs/Cargo.toml")
        .arg("--target-dir")
        .arg(path("peers"));
    output(dcap_rs)?;
    fs::copy(path("peers/release/dcap-rs"), path("dcap-rs"))?;
    ours(&folder, "teeproof-auditor", &["--no-default-features"])?;
    ours(&folder, "teeproof", &[])?;
    benches("programs", &["one", rounds, &shown(&folder)])
}

/// A large batch, streamed from disk. What it is made of takes a gigabyte, and is removed again.
pub(super) fn batch() -> io::Result<String> {
    let folder = folder()?;
    let many = folder.join("many");
    ours(&folder, "teeproof", &[])?;
    let mut forge = cargo("run");
    forge
        .args(["--quiet", "--release", "--locked", "--package"])
        .args(["teeproof-forge", "--example", "many", "--"])
        .args(MANY)
        .arg(&many);
    output(forge)?;
    let measured = benches("programs", &["batch", &shown(&folder)]);
    fs::remove_dir_all(&many)?;
    measured
}

fn folder() -> io::Result<PathBuf> {
    let folder = target().join("bench");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn shown(folder: &Path) -> String {
    folder.display().to_string()
}

/// Our program with these features, under a name in the folder.
fn ours(folder: &Path, name: &str, features: &[&str]) -> io::Result<()> {
    let mut build = cargo("build");
    build
        .args(["--quiet", "--release", "--locked", "--package"])
        .args(["teeproof-cli", "--bin", "teeproof"])
        .args(features);
    output(build)?;
    fs::copy(target().join("release/teeproof"), folder.join(name))?;
    Ok(())
}
