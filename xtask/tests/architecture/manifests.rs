//! Crates share one lint table, edition, compiler and licence, and one version of each dependency.

use std::fs;

use toml::{Table, Value};
use xtask::repository;

use crate::{members, none};

/// Every manifest of the workspace: its name and its content.
fn manifests() -> Vec<(String, Table)> {
    members()
        .into_iter()
        .map(|member| {
            let text = fs::read_to_string(&member.manifest).unwrap();
            (
                repository::name(&member.manifest),
                toml::from_str(&text).unwrap(),
            )
        })
        .collect()
}

fn is_inherited(table: Option<&Value>) -> bool {
    table.and_then(|table| table.get("workspace")) == Some(&Value::Boolean(true))
}

#[test]
fn every_crate_inherits_from_the_workspace() {
    let mut faults = Vec::new();
    for (name, manifest) in manifests() {
        if !is_inherited(manifest.get("lints")) {
            faults.push(format!("{name} has not the workspace's lints"));
        }
        for key in ["edition", "rust-version", "license", "version"] {
            if !is_inherited(manifest["package"].get(key)) {
                faults.push(format!("{name}: `{key}` is not the workspace's"));
            }
        }
    }
    none(&faults);
}

#[test]
fn versions_stand_in_one_place() {
    let mut faults = Vec::new();
    for (name, manifest) in manifests() {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let table = manifest.get(kind).and_then(Value::as_table);
            for (dependency, value) in table.into_iter().flatten() {
                if !is_inherited(Some(value)) {
                    faults.push(format!(
                        "{name}: `{dependency}` takes no version from the workspace"
                    ));
                }
            }
        }
    }
    none(&faults);
}

/// Other crates of the workspace turn these features on in its tests, and so no other test would see
/// that the library that ships has them not.
#[test]
fn the_c_library_judges_every_policy_in_every_build() {
    let manifests = manifests();
    let (_, manifest) = manifests
        .iter()
        .find(|(name, _)| name == "ffi/Cargo.toml")
        .unwrap();
    let features = manifest["dependencies"]["teeproof-bindings"]["features"]
        .as_array()
        .unwrap();
    for feature in ["compose", "toml"] {
        assert!(features.contains(&Value::from(feature)), "{feature}");
    }
}
