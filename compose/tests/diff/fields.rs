//! Every field of the document, changed once.

use serde_json::{Value, json};
use teeproof_compose::FIELDS;

use crate::{base, between, gives, lines, with};

#[test]
fn each_field_changed_once_gives_exactly_that_change() {
    let pin = "3059301306072a8648ce3d020106082a8648ce3d030107034200".repeat(2);
    for (field, value, line) in [
        (
            "manifest_version",
            json!(1),
            "review app.manifest-version manifest_version: 2 → 1",
        ),
        (
            "manifest_version",
            json!("2"),
            "low app.manifest-version manifest_version: changed; the values are not shown",
        ),
        ("name", json!("other"), "low app.name name: demo → other"),
        ("name", Value::Null, "low app.name name: was demo"),
        (
            "runner",
            json!("bash"),
            "high app.runner runner: docker-compose → bash",
        ),
        (
            "docker_config",
            json!({"registry": "elsewhere.example", "username": "me"}),
            "high app.registry docker_config.registry: registry.example → elsewhere.example",
        ),
        (
            "kms_enabled",
            json!(false),
            "high app.key-provider kms_enabled: true → false",
        ),
        (
            "local_key_provider_enabled",
            json!(true),
            "high app.key-provider local_key_provider_enabled: false → true",
        ),
        (
            "key_provider",
            json!("tpm"),
            "high app.key-provider key_provider: now tpm",
        ),
        (
            "key_provider_id",
            json!(pin),
            &format!("high app.key-provider-pin key_provider_id:  → {pin}"),
        ),
        (
            "gateway_enabled",
            json!(false),
            "low app.gateway gateway_enabled: true → false",
        ),
        (
            "tproxy_enabled",
            json!(true),
            "review app.gateway tproxy_enabled: now true",
        ),
        (
            "public_logs",
            json!(true),
            "high app.public-logs public_logs: false → true",
        ),
        (
            "public_sysinfo",
            json!(true),
            "review app.public-sysinfo public_sysinfo: false → true",
        ),
        (
            "public_tcbinfo",
            json!(false),
            "review app.public-tcbinfo public_tcbinfo: true → false",
        ),
        (
            "secure_time",
            json!(false),
            "high app.secure-time secure_time: true → false",
        ),
        (
            "secure_time",
            Value::Null,
            "high app.secure-time secure_time: was true",
        ),
        (
            "no_instance_id",
            json!(true),
            "review app.instance-id no_instance_id: false → true",
        ),
        (
            "storage_fs",
            json!("ext4"),
            "review app.storage storage_fs: now ext4",
        ),
        (
            "swap_size",
            json!("1G"),
            "review app.storage swap_size: now 1G",
        ),
        (
            "allowed_envs",
            json!(["A", "B", "C"]),
            "review env.name-added allowed_envs: now C",
        ),
        (
            "allowed_envs",
            json!(["B"]),
            "low env.name-removed allowed_envs: was A",
        ),
        (
            "allowed_envs",
            json!(["B", "A"]),
            "none env.order allowed_envs: the same items in another order",
        ),
        (
            "pre_launch_script",
            json!("#!/bin/bash\nset -e\necho two\nid\n"),
            "high app.script pre_launch_script: changed by 2 lines (+2 −1)",
        ),
        (
            "pre_launch_script",
            Value::Null,
            "high app.script pre_launch_script: changed by 3 lines (+0 −3), gone",
        ),
        (
            "init_script",
            json!(["id"]),
            "high app.script init_script: changed by 1 line (+1 −0), new",
        ),
        (
            "bash_script",
            json!("id\n"),
            "high app.script bash_script: changed by 1 line (+1 −0), new",
        ),
        (
            "features",
            json!([]),
            "review app.other features: [\"kms\"] → []",
        ),
        (
            "snapshotter",
            json!("stargz"),
            "review app.other snapshotter: now stargz",
        ),
        (
            "event_log_version",
            json!(2),
            "review app.other event_log_version: now 2",
        ),
        (
            "port_policy",
            json!({"restrict_mode": true}),
            "review app.port-policy port_policy: now {restrict_mode: true}",
        ),
        (
            "requirements",
            json!({"os_version": ">=0.5.4", "platforms": ["dstack-tdx"]}),
            "high app.requirements requirements.os_version: >=0.5.6 → >=0.5.4",
        ),
        (
            "requirements",
            json!({"os_version": ">=0.5.6", "platforms": ["dstack-tdx", "dstack-amd-sev-snp"]}),
            "high app.requirements requirements.platforms: [] → [\"dstack-amd-sev-snp\"]",
        ),
        (
            "launch_token_hash",
            json!("28faa131"),
            "high app.requirements launch_token_hash: now 28faa131",
        ),
        (
            "verity_volumes",
            json!([{"source": "a"}]),
            "high app.verity-volumes verity_volumes: now [{source: \"a\"}]",
        ),
        (
            "salt",
            json!("x2"),
            "review app.unknown salt: changed; the values are not shown",
        ),
        (
            "comment",
            json!("new"),
            "review app.unknown comment: now new",
        ),
        (
            "salt",
            Value::Null,
            "review app.unknown salt: was a value that is not shown",
        ),
        (
            "docker_compose_file",
            json!(3),
            "review app.other docker_compose_file: now 3",
        ),
    ] {
        let changed = with(field, value);
        if line.starts_with("review app.other docker_compose_file") {
            // The services are gone as well.
            let all = lines(&between(&base(), &changed));
            assert!(all.contains(&line.to_owned()) && all.len() == 4, "{all:?}");
            continue;
        }
        gives(&changed, line);
    }
}

/// The table above is about every field: none was forgotten.
#[test]
fn every_field_of_the_table_is_looked_at() {
    for field in FIELDS {
        let changed = with(field.name, json!("something else"));
        let diff = between(&base(), &changed);
        assert!(
            diff.changes
                .iter()
                .any(|change| change.path.starts_with(field.name)
                    || field.name == "docker_compose_file"),
            "{}: {:?}",
            field.name,
            lines(&diff)
        );
    }
}

#[test]
fn a_default_written_out_is_told_from_a_change() {
    for (field, value, line) in [
        (
            "public_logs",
            Value::Null,
            "none app.default public_logs: was false",
        ),
        (
            "public_tcbinfo",
            Value::Null,
            "none app.default public_tcbinfo: was true",
        ),
        (
            "key_provider_id",
            Value::Null,
            "none app.default key_provider_id: was ",
        ),
        (
            "storage_fs",
            json!("zfs"),
            "none app.default storage_fs: now zfs",
        ),
        (
            "tproxy_enabled",
            json!(false),
            "none app.default tproxy_enabled: now false",
        ),
    ] {
        gives(&with(field, value), line);
    }
    // `null` is written by clients that know of no default.
    let mut changed = base();
    changed["init_script"] = Value::Null;
    gives(&changed, "none app.default init_script: now null");
}

#[test]
fn several_changes_come_with_the_worst_first() {
    let mut changed = with("name", json!("other"));
    changed["public_logs"] = json!(true);
    changed["allowed_envs"] = json!(["A", "C"]);
    let diff = between(&base(), &changed);
    assert_eq!(
        lines(&diff),
        [
            "high app.public-logs public_logs: false → true",
            "review env.name-added allowed_envs: now C",
            "low app.name name: demo → other",
            "low env.name-removed allowed_envs: was B",
        ]
    );
    assert_eq!(
        diff.headline(),
        "4 changes, the highest risk is `high`; hash differs"
    );
}
