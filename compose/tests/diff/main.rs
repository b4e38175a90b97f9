//! What changed between two documents: each field changed once gives exactly that change, another
//! layout gives none, and a change made backwards is its mirror.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod fields;
mod layout;
mod predicted;
mod properties;
mod secrets;
mod services;

use serde_json::{Value, json};
use teeproof_compose::{AppCompose, ComposeDiff, diff};

/// A docker-compose text with something in every place that is looked at.
const COMPOSE: &str = "\
services:
  web:
    image: registry.example/web:1.0@sha256:1111111111111111111111111111111111111111111111111111111111111111
    command: [\"serve\", \"--port\", \"8080\"]
    environment:
      LOG_LEVEL: info
      API_TOKEN: hunter2
      FROM_OUTSIDE:
    ports:
      - \"8080:8080\"
      - \"9090:9090\"
    volumes:
      - data:/data
    restart: always
  db:
    image: postgres:16
volumes:
  data: {}
";

/// A document with every kind of field.
fn base() -> Value {
    json!({
        "manifest_version": 2,
        "name": "demo",
        "runner": "docker-compose",
        "docker_compose_file": COMPOSE,
        "docker_config": {"registry": "registry.example", "username": "me"},
        "kms_enabled": true,
        "gateway_enabled": true,
        "local_key_provider_enabled": false,
        "key_provider_id": "",
        "public_logs": false,
        "public_sysinfo": false,
        "public_tcbinfo": true,
        "allowed_envs": ["A", "B"],
        "no_instance_id": false,
        "secure_time": true,
        "pre_launch_script": "#!/bin/bash\nset -e\necho one\n",
        "features": ["kms"],
        "requirements": {"os_version": ">=0.5.6", "platforms": ["dstack-tdx"]},
        "salt": "x1"
    })
}

fn parsed(value: &Value) -> AppCompose {
    AppCompose::parse(value.to_string().as_bytes()).unwrap()
}

/// The document with one field set, or taken away by null.
fn with(field: &str, value: Value) -> Value {
    let mut changed = base();
    let object = changed.as_object_mut().unwrap();
    if value.is_null() {
        object.remove(field);
    } else {
        object.insert(field.to_owned(), value);
    }
    changed
}

/// The document with one piece of its docker-compose text replaced.
fn with_compose(old: &str, new: &str) -> Value {
    assert_eq!(COMPOSE.matches(old).count(), 1, "{old}");
    with("docker_compose_file", COMPOSE.replace(old, new).into())
}

fn between(old: &Value, new: &Value) -> ComposeDiff {
    diff(&parsed(old), &parsed(new))
}

/// Each change as `risk id path: sentence`.
fn lines(diff: &ComposeDiff) -> Vec<String> {
    diff.changes
        .iter()
        .map(|change| {
            format!(
                "{} {} {}: {}",
                change.risk.name(),
                change.kind.id(),
                change.path,
                change.sentence()
            )
        })
        .collect()
}

/// Holds that a change of the base gives exactly this line, and backwards one of the mirrored kind.
#[track_caller]
fn gives(changed: &Value, line: &str) {
    let there = between(&base(), changed);
    assert_eq!(lines(&there), [line]);
    let back = between(changed, &base());
    assert_mirrored(&there, &back);
}

/// Holds that one diff is the other, made backwards.
#[track_caller]
fn assert_mirrored(there: &ComposeDiff, back: &ComposeDiff) {
    assert_eq!((there.old, there.new), (back.new, back.old));
    assert_eq!(there.likeness, back.likeness);
    assert_eq!(there.first_difference, back.first_difference);
    assert_eq!(there.omitted, back.omitted);
    let mut turned: Vec<_> = back
        .changes
        .iter()
        .map(|change| {
            let counts = change
                .lines
                .as_ref()
                .map(|lines| (lines.added, lines.removed));
            let kind = change.kind.mirrored();
            (
                change.path.clone(),
                kind,
                change.new.clone(),
                change.old.clone(),
                counts,
            )
        })
        .collect();
    let mut changes: Vec<_> = there
        .changes
        .iter()
        .map(|change| {
            let counts = change
                .lines
                .as_ref()
                .map(|lines| (lines.removed, lines.added));
            (
                change.path.clone(),
                change.kind,
                change.old.clone(),
                change.new.clone(),
                counts,
            )
        })
        .collect();
    let key = |one: &(String, _, teeproof_compose::Side, teeproof_compose::Side, _)| {
        format!("{} {:?} {:?}", one.0, one.2, one.3)
    };
    turned.sort_by_key(key);
    changes.sort_by_key(key);
    assert_eq!(changes, turned);
}
