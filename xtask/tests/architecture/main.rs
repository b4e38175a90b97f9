//! The shape of the workspace, held: which crate rests on which, what the core may rest on, and what
//! every source file begins with. ARCHITECTURE.md says why.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may panic as its tests may"
)]

mod core_tree;
mod directions;
mod manifests;
mod network;
mod sources;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;
use xtask::repository;

/// What `cargo` prints when called in the repository. Offline, because these tests are run by
/// people on trains; the lock file has fixed everything that is asked for.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(repository::root())
        .args(arguments)
        .args(["--locked", "--offline"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A crate of the workspace as its manifest declares it.
struct Member {
    name: String,
    manifest: PathBuf,
    /// Roots of libraries, binaries and build scripts; tests and benches are not among them.
    roots: Vec<PathBuf>,
    /// The names of the project's own crates that are built into this one, optional ones and those
    /// of its build script included; what its tests need is not among them.
    rests_on: Vec<String>,
}

/// Every crate of the workspace.
fn members() -> Vec<Member> {
    let metadata: Json =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(member).collect()
}

fn member(package: &Json) -> Member {
    let targets = package["targets"].as_array().unwrap();
    let dependencies = package["dependencies"].as_array().unwrap();
    Member {
        name: text(&package["name"]),
        manifest: text(&package["manifest_path"]).into(),
        roots: targets
            .iter()
            .filter(|target| {
                let kinds = target["kind"].as_array().unwrap();
                kinds
                    .iter()
                    .any(|kind| !matches!(kind.as_str(), Some("test" | "bench" | "example")))
            })
            .map(|target| text(&target["src_path"]).into())
            .collect(),
        rests_on: dependencies
            .iter()
            .filter(|dependency| !dependency["path"].is_null() && dependency["kind"] != "dev")
            .map(|dependency| text(&dependency["name"]))
            .collect(),
    }
}

fn text(value: &Json) -> String {
    value.as_str().unwrap().to_owned()
}

/// Fails with every fault, not only the first.
#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
