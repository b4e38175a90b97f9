//! One case at least in which each rule finds something and nothing else does, and one in which it
//! must not.

use serde_json::{Value, json};
use teeproof_compose::{PUBLISHED_SCRIPTS, Rule};

use crate::support::{DIGEST, Draft};

type Edit = fn(&mut Draft);

/// What is changed in the clean document, and the one rule that sees it.
const FOUND: &[(Rule, Edit)] = &[
    (Rule::Unreadable, |draft| draft.top("x: [1")),
    (Rule::Unreadable, |draft| draft.top("services: {}")),
    (Rule::Unreadable, |draft| {
        draft.service("build: !reset null")
    }),
    (Rule::NoCode, |draft| draft.yaml = "services: {}\n".into()),
    (Rule::NoCode, |draft| {
        draft.set("docker_compose_file", json!(""))
    }),
    (Rule::NoCode, |draft| {
        draft.set("docker_compose_file", Value::Null)
    }),
    (Rule::NoCode, |draft| {
        draft.set("runner", json!("kubernetes"))
    }),
    (Rule::NoCode, |draft| draft.set("runner", json!("bash"))),
    (Rule::Include, |draft| draft.top("include: [other.yml]")),
    (Rule::FieldUnknown, |draft| {
        draft.set("key_provider_ids", json!("00"))
    }),
    (Rule::FieldUnknown, |draft| {
        draft.image = None;
        draft.set("requirements", json!({"os_versions": "0.6"}))
    }),
    (Rule::FieldWrongKind, |draft| {
        draft.set("gateway_enabled", json!("yes"))
    }),
    (Rule::FieldWrongKind, |draft| {
        draft.set("allowed_envs", json!("A"))
    }),
    (Rule::FieldIgnored, |draft| {
        draft.image = Some("0.5.5");
        draft.set("key_provider", json!("kms"))
    }),
    (Rule::FieldIgnored, |draft| {
        draft.set("docker_config", json!({"registry": "ghcr.io"}))
    }),
    (Rule::FieldIgnored, |draft| {
        draft.set("init_script", json!(["echo one"]))
    }),
    (Rule::FieldIgnored, |draft| {
        draft.set("requirements", json!({"os_version": "0.6"}))
    }),
    (Rule::DevOs, |draft| draft.image = Some("dstack-dev-0.5.6")),
    (Rule::NotByDigest, |draft| {
        draft.yaml = draft.yaml.replace("@sha256", ":sha256")
    }),
    (Rule::NotByDigest, |draft| {
        draft.yaml = draft.yaml.replace("eeff\n", "eef\n")
    }),
    (Rule::NotByDigest, |draft| {
        draft.yaml = draft.yaml.replace(DIGEST, &DIGEST.to_uppercase())
    }),
    (Rule::NoImage, |draft| {
        draft.yaml = draft.yaml.replace("    image:", "    x-image:")
    }),
    (Rule::NoImage, |draft| draft.yaml.push_str("  empty:\n")),
    (Rule::NoImage, |draft| {
        draft.yaml = draft.yaml.replace("image: ghcr", "image: [ghcr");
        draft.yaml = draft.yaml.replace("eeff\n", "eeff]\n");
    }),
    (Rule::ImageVariable, |draft| {
        draft.yaml = draft.yaml.replace("example/web", "$OWNER/web")
    }),
    (Rule::ImageVariable, |draft| {
        draft.yaml = draft.yaml.replace("example/web", "${OWNER:-example}/web")
    }),
    (Rule::CommandVariable, |draft| {
        draft.service("command: run $MODE")
    }),
    (Rule::CommandVariable, |draft| {
        draft.service("entrypoint: [sh, -c, \"exec ${CMD}\"]")
    }),
    (Rule::CommandVariable, |draft| {
        draft.service("command:\n  - sh\n  - \"\\x24{CMD}\"")
    }),
    (Rule::CommandVariable, |draft| {
        draft.service("healthcheck:\n  test: curl $URL")
    }),
    (Rule::CommandVariable, |draft| {
        draft.service("post_start:\n  - command: $HOOK")
    }),
    (Rule::VolumeVariable, |draft| {
        draft.service("volumes: [\"${DATA}:/data\"]")
    }),
    (Rule::VolumeVariable, |draft| {
        draft.service("volumes:\n  - type: bind\n    source: $DATA\n    target: /data")
    }),
    (Rule::VolumeVariable, |draft| {
        draft.top("volumes:\n  data:\n    driver_opts:\n      device: $DEVICE")
    }),
    (Rule::Build, |draft| draft.service("build: .")),
    (Rule::Build, |draft| {
        draft.yaml = "services:\n  web:\n    build: {context: .}\n".into()
    }),
    (Rule::Extends, |draft| {
        draft.service("extends: {file: other.yml, service: a}")
    }),
    (Rule::Privileged, |draft| draft.service("privileged: true")),
    (Rule::Privileged, |draft| {
        draft.service("privileged: \"yes\"")
    }),
    (Rule::HostNamespace, |draft| draft.service("pid: host")),
    (Rule::HostNamespace, |draft| draft.service("ipc: \"host\"")),
    (Rule::HostNamespace, |draft| draft.service("uts: host")),
    (Rule::HostNamespace, |draft| {
        draft.service("userns_mode: host")
    }),
    (Rule::HostNamespace, |draft| draft.service("cgroup: host")),
    (Rule::HostNetwork, |draft| {
        draft.service("network_mode: host")
    }),
    (Rule::Capability, |draft| {
        draft.service("cap_add: [SYS_ADMIN]")
    }),
    (Rule::Capability, |draft| {
        draft.service("cap_add:\n  - cap_sys_ptrace")
    }),
    (Rule::Capability, |draft| draft.service("cap_add: [ALL]")),
    (Rule::SecurityOption, |draft| {
        draft.service("security_opt: [\"seccomp:unconfined\"]")
    }),
    (Rule::SecurityOption, |draft| {
        draft.service("security_opt: [\"apparmor=unconfined\"]")
    }),
    (Rule::SecurityOption, |draft| {
        draft.service("security_opt: [\"label:disable\"]")
    }),
    (Rule::Device, |draft| {
        draft.service("devices:\n  - /dev/tdx_guest:/dev/tdx_guest")
    }),
    (Rule::DockerSocket, |draft| {
        draft.service("volumes:\n  - /var/run/docker.sock:/var/run/docker.sock:ro")
    }),
    (Rule::DockerSocket, |draft| {
        draft.service("volumes:\n  - {type: bind, source: /run/../run/docker.sock, target: /d}")
    }),
    (Rule::DockerSocket, |draft| {
        draft.service("use_api_socket: true")
    }),
    (Rule::GuestSocketShared, |draft| {
        draft.service("volumes: [\"/var/run/dstack.sock:/var/run/dstack.sock\"]");
        draft.second("volumes: [\"/var/run/dstack.sock:/var/run/dstack.sock\"]");
    }),
    (Rule::GuestSocketShared, |draft| {
        draft.service("volumes: [\"/var/run/tappd.sock:/tappd.sock\"]");
        draft.second("volumes:\n  - {type: bind, source: /var/run/dstack.sock, target: /d}");
    }),
    (Rule::HostSystem, |draft| {
        draft.service("volumes: [\"/:/host\"]")
    }),
    (Rule::HostSystem, |draft| {
        draft.service("volumes: [\"/dev:/dev\"]")
    }),
    (Rule::HostSystem, |draft| {
        draft.service("volumes: [\"/mnt/../dstack/.host-shared:/x:ro\"]")
    }),
    (Rule::HostSystem, |draft| {
        draft.service("volumes: [\"../../etc:/x\"]")
    }),
    (Rule::HostSystem, |draft| {
        draft.service("volumes: [\"~/x:/x\"]")
    }),
    (Rule::HostSystem, |draft| {
        draft.top("volumes:\n  data:\n    driver_opts: {type: none, o: bind, device: /etc}")
    }),
    (Rule::HostPath, |draft| {
        draft.service("volumes: [\"./data:/data\"]")
    }),
    (Rule::HostPath, |draft| {
        draft.service("volumes: [\"/mnt/data:/data\"]")
    }),
    (Rule::HostPath, |draft| {
        draft.service("volumes:\n  - {type: bind, source: data, target: /data}")
    }),
    (Rule::FileInput, |draft| draft.service("env_file: .env")),
    (Rule::FileInput, |draft| {
        draft.top("configs:\n  a:\n    file: ./a.toml")
    }),
    (Rule::FileInput, |draft| {
        draft.top("secrets:\n  a:\n    environment: A")
    }),
    (Rule::FileInput, |draft| {
        draft.top("volumes:\n  a:\n    external: true")
    }),
    (Rule::PullPolicy, |draft| {
        draft.service("pull_policy: always")
    }),
    (Rule::PullPolicy, |draft| {
        draft.service("pull_policy: build")
    }),
    (Rule::VariableInput, |draft| {
        draft.yaml = draft.yaml.replace("production", "${MODE}")
    }),
    (Rule::VariableInput, |draft| {
        draft.yaml = draft.yaml.replace("MODE=production", "MODE")
    }),
    (Rule::VariableInput, |draft| {
        draft.yaml = draft.yaml.replace("8080:80", "$PORT:80")
    }),
    (Rule::VariableInput, |draft| {
        draft.top("configs:\n  a:\n    content: mode = ${MODE}")
    }),
    (Rule::EnvControls, |draft| {
        draft.set("allowed_envs", json!(["COMPOSE_FILE"]))
    }),
    (Rule::EnvControls, |draft| {
        draft.set("allowed_envs", json!(["A", "LD_PRELOAD"]))
    }),
    (Rule::EnvControls, |draft| {
        draft.set("allowed_envs", json!(["PATH"]))
    }),
    (Rule::KeyNotPinned, |draft| {
        draft.set("key_provider_id", json!(""))
    }),
    (Rule::KeyNotPinned, |draft| {
        draft.set("key_provider_id", Value::Null)
    }),
    (Rule::KeyNotPinned, |draft| {
        draft.set("key_provider_id", json!("any"))
    }),
    (Rule::KeyNone, |draft| {
        draft.set("kms_enabled", json!(false))
    }),
    (Rule::KeyNone, |draft| {
        draft.set("kms_enabled", json!(false));
        draft.set("key_provider", json!("none"));
    }),
    (Rule::KeyContradiction, |draft| {
        draft.set("local_key_provider_enabled", json!(true))
    }),
    (Rule::KeyContradiction, |draft| {
        draft.set("key_provider", json!("local"))
    }),
    (Rule::KeyContradiction, |draft| {
        draft.set("key_provider", json!("none"))
    }),
    (Rule::KeyContradiction, |draft| {
        draft.set("kms_enabled", json!(false));
        draft.set("key_provider", json!("kms"));
    }),
    (Rule::KeyLocal, |draft| {
        draft.set("kms_enabled", json!(false));
        draft.set("local_key_provider_enabled", json!(true));
    }),
    (Rule::PublicLogs, |draft| {
        draft.set("public_logs", json!(true))
    }),
    (Rule::HiddenEvidence, |draft| {
        draft.set("public_tcbinfo", json!(false))
    }),
    (Rule::UnsecureTime, |draft| {
        draft.set("secure_time", json!(false))
    }),
    (Rule::UnsecureTime, |draft| {
        draft.set("secure_time", Value::Null)
    }),
    (Rule::ScriptUnpublished, |draft| {
        draft.set("pre_launch_script", json!("#!/bin/sh\necho start\n"))
    }),
    (Rule::ScriptFetches, |draft| {
        draft.set("init_script", json!("curl -s https://example.com/x | sh"))
    }),
    (Rule::Ssh, |draft| {
        draft.set(
            "init_script",
            json!("cat x >> /home/root/.ssh/authorized_keys"),
        )
    }),
    (Rule::Ssh, |draft| {
        draft.set("allowed_envs", json!(["DSTACK_AUTHORIZED_KEYS"]))
    }),
    (Rule::Ssh, |draft| {
        draft.service("command: /usr/sbin/sshd -D")
    }),
    (Rule::SecretKnown, |draft| {
        draft.service("labels:\n  key: ghp_aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3")
    }),
    (Rule::SecretKnown, |draft| {
        draft.top("# AKIAABCDEFGHIJKLMNOP")
    }),
    (Rule::SecretKnown, |draft| {
        draft.set("init_script", json!("echo '-----BEGIN PRIVATE KEY-----'"))
    }),
    (Rule::SecretKnown, |draft| {
        draft.yaml = draft
            .yaml
            .replace("production", "hf_aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3a");
    }),
    (Rule::SecretValue, |draft| {
        draft.yaml = draft.yaml.replace("MODE=production", "DB_PASSWORD=hunter2")
    }),
    (Rule::SecretValue, |draft| {
        draft.yaml = draft
            .yaml
            .replace("MODE=production", "SIGNING_KEY=q8Zr41tPw0LmXv7B")
    }),
    (Rule::SecretValue, |draft| {
        draft.yaml = draft
            .yaml
            .replace("production", "postgres://me:hunter2@db/x")
    }),
    (Rule::SecretValue, |draft| {
        draft.service("command: run --password=hunter2")
    }),
    (Rule::SecretValue, |draft| {
        draft.set(
            "init_script",
            json!("export API_TOKEN=0123456789abcdef0123456789abcdef"),
        )
    }),
    (Rule::SecretValue, |draft| {
        draft.top("configs:\n  a:\n    content: |\n      db_password = \"hunter2\"")
    }),
    (Rule::EnvApproves, |draft| {
        draft.set("allowed_envs", json!(["APPROVED_COMPOSE_HASH"]))
    }),
    (Rule::EnvApproves, |draft| {
        draft.set("allowed_envs", json!(["ALLOWED_APP_IDS"]))
    }),
    (Rule::AppIdOnly, |draft| {
        draft.yaml = draft
            .yaml
            .replace("MODE=production", "ALLOWED_APP_IDS=0011")
    }),
];

/// What no case above can show without another rule seeing it too: the rules that see it.
const FOUND_TOGETHER: &[(&[Rule], Edit)] = &[
    (&[Rule::ScriptGate, Rule::ScriptUnpublished], |draft| {
        draft.service("restart: always");
        draft.set("pre_launch_script", json!("check || exit 1"));
    }),
    (&[Rule::ScriptGate, Rule::ScriptUnpublished], |draft| {
        draft.service("deploy: {restart_policy: {}}");
        draft.set("pre_launch_script", json!("set -e\ncheck"));
    }),
    (&[Rule::VariableInput, Rule::EnvApproves], |draft| {
        draft.yaml = draft.yaml.replace("MODE=production", "TRUSTED_MRTD=${X}")
    }),
    (&[Rule::VariableInput, Rule::SecretValue], |draft| {
        draft.yaml = draft
            .yaml
            .replace("MODE=production", "P=${DB_PASSWORD:-hunter2}")
    }),
    (&[Rule::GuestSocketShared, Rule::HostSystem], |draft| {
        draft.service("volumes: [\"/var/run/dstack.sock:/d\"]");
        draft.second("volumes: [\"/run:/run\"]");
    }),
];

/// What only looks like a finding of the rule.
const LEFT_ALONE: &[(Rule, Edit)] = &[
    (Rule::Unreadable, |draft| {
        draft.yaml = format!("x: &x {{image: a@sha256:{DIGEST}}}\nservices: {{web: *x}}\n")
    }),
    (Rule::NoCode, |draft| {
        draft.set("runner", json!("bash"));
        draft.set("bash_script", json!("echo start"));
    }),
    (Rule::NoCode, |draft| {
        draft.set("runner", json!("nerdctl-compose"))
    }),
    (Rule::Include, |draft| draft.top("x-include: [other.yml]")),
    (Rule::FieldUnknown, |draft| {
        draft.set("features", json!(["kms"]))
    }),
    (Rule::FieldWrongKind, |draft| {
        draft.set("manifest_version", json!("3"))
    }),
    (Rule::FieldIgnored, |draft| {
        draft.set("docker_config", json!({}))
    }),
    (Rule::FieldIgnored, |draft| {
        draft.set("requirements", json!({}));
        draft.set("key_provider", json!("kms"));
    }),
    (Rule::FieldIgnored, |draft| {
        draft.image = Some("0.6.0");
        draft.set("init_script", json!(["echo one"]));
    }),
    (Rule::DevOs, |draft| {
        draft.image = Some("dstack-device-0.5.6")
    }),
    (Rule::NotByDigest, |draft| {
        draft.yaml = draft.yaml.replace("web:1@", "web@")
    }),
    (Rule::NoImage, |draft| draft.service("container_name: a")),
    (Rule::ImageVariable, |draft| draft.service("hostname: a$$b")),
    (Rule::CommandVariable, |draft| {
        draft.service("command: sh -c 'echo $$HOME'")
    }),
    (Rule::VolumeVariable, |draft| {
        draft.service("volumes: [\"data:/data\"]");
        draft.top("volumes:\n  data:");
    }),
    (Rule::Build, |draft| draft.service("labels: {build: .}")),
    (Rule::Extends, |draft| draft.service("x-extends: a")),
    (Rule::Privileged, |draft| draft.service("privileged: false")),
    (Rule::HostNamespace, |draft| {
        draft.service("ipc: private\npid: service:web")
    }),
    (Rule::HostNetwork, |draft| {
        draft.service("network_mode: bridge")
    }),
    (Rule::Capability, |draft| {
        draft.service("cap_drop: [ALL]\ncap_add: [NET_BIND_SERVICE, CHOWN]")
    }),
    (Rule::SecurityOption, |draft| {
        draft.service("security_opt: [\"no-new-privileges:true\"]")
    }),
    (Rule::Device, |draft| draft.service("devices: []")),
    (Rule::DockerSocket, |draft| {
        draft.service("volumes: [\"/var/run/dstack.sock:/var/run/dstack.sock\"]")
    }),
    (Rule::GuestSocketShared, |draft| {
        draft.service(
            "volumes:\n  - /var/run/dstack.sock:/var/run/dstack.sock\n  - /var/run/tappd.sock:/t",
        )
    }),
    (Rule::HostSystem, |draft| {
        draft.service("tmpfs: [/run]\nvolumes: [/etc]")
    }),
    (Rule::HostPath, |draft| {
        draft.service("volumes: [\"data:/data\"]\ntmpfs: /tmp");
        draft.top("volumes: {data: {}}");
    }),
    (Rule::FileInput, |draft| {
        draft.service("configs: [a]");
        draft.top("configs:\n  a:\n    content: mode = 1\nvolumes: {b: {external: false}}");
    }),
    (Rule::PullPolicy, |draft| {
        draft.service("pull_policy: missing")
    }),
    (Rule::VariableInput, |draft| {
        draft.service("labels: {price: $$5}")
    }),
    (Rule::EnvControls, |draft| {
        draft.set(
            "allowed_envs",
            json!(["DOCKERHUB", "LDAP_URL", "MY_PATH", "COMPOSED"]),
        )
    }),
    (Rule::KeyNotPinned, |draft| {
        draft.set("key_provider", json!("kms"))
    }),
    (Rule::KeyNone, |draft| {
        draft.set("kms_enabled", Value::Null);
        draft.set("key_provider", json!("kms"));
    }),
    (Rule::KeyContradiction, |draft| {
        draft.set("kms_enabled", Value::Null);
        draft.set("features", json!(["kms"]));
    }),
    (Rule::KeyLocal, |draft| {
        draft.set("local_key_provider_enabled", Value::Null)
    }),
    (Rule::PublicLogs, |draft| {
        draft.set("public_logs", Value::Null)
    }),
    (Rule::HiddenEvidence, |draft| {
        draft.set("public_tcbinfo", Value::Null)
    }),
    (Rule::UnsecureTime, |draft| {
        draft.set("secure_time", json!(true))
    }),
    (Rule::ScriptGate, |draft| {
        draft.service("restart: always");
        draft.set("init_script", json!("check || exit 1"));
    }),
    (Rule::ScriptUnpublished, |draft| {
        draft.set("pre_launch_script", json!(" \n"))
    }),
    (Rule::ScriptPublished, |draft| {
        draft.set("init_script", json!("echo start"))
    }),
    (Rule::ScriptFetches, |draft| {
        draft.set("init_script", json!("curl -s http://127.0.0.1/ready"))
    }),
    (Rule::Ssh, |draft| {
        draft.set("allowed_envs", json!(["SSHFP"]))
    }),
    (Rule::SecretKnown, |draft| {
        draft.service("labels:\n  key: ghp_none\n  pem: -----BEGIN PUBLIC KEY-----")
    }),
    (Rule::SecretValue, |draft| {
        draft.yaml = draft
            .yaml
            .replace("MODE=production", "DB_PASSWORD_FILE=/run/secrets/db")
    }),
    (Rule::EnvApproves, |draft| {
        draft.set("allowed_envs", json!(["COMPOSE"]))
    }),
    (Rule::EnvApproves, |draft| {
        draft.yaml = draft
            .yaml
            .replace("MODE=production", "APPROVED_COMPOSE_HASH=00ff")
    }),
    (Rule::AppIdOnly, |draft| {
        draft.yaml = draft.yaml.replace(
            "MODE=production",
            "ALLOWED_APP_IDS=0011\n      - APPROVED_COMPOSE_HASHES=00ff",
        )
    }),
];

fn edited(edit: Edit) -> Draft {
    let mut draft = Draft::clean();
    edit(&mut draft);
    draft
}

#[test]
fn the_clean_document_has_no_finding() {
    let report = Draft::clean().lint();
    assert_eq!(report.findings, []);
    assert_eq!(report.worst(), None);
}

#[test]
fn one_change_gives_exactly_its_finding() {
    for (rule, edit) in FOUND {
        let draft = edited(*edit);
        assert_eq!(draft.rules(), [*rule], "{}", draft.text());
    }
    for (rules, edit) in FOUND_TOGETHER {
        let draft = edited(*edit);
        assert_eq!(draft.rules(), *rules, "{}", draft.text());
    }
}

#[test]
fn what_only_looks_like_a_finding_is_none() {
    for (rule, edit) in LEFT_ALONE {
        let draft = edited(*edit);
        assert_eq!(draft.rules(), [], "{rule}: {}", draft.text());
    }
}

#[test]
fn every_rule_has_both_kinds_of_cases() {
    // A published script is another party's text and stands in no test. Beside the rule, in
    // `scripts.rs`, a table of the test's own has what is found.
    let elsewhere = [Rule::ScriptPublished];
    for rule in Rule::ALL {
        let found = FOUND.iter().any(|(one, _)| one == rule)
            || FOUND_TOGETHER.iter().any(|(all, _)| all.contains(rule))
            || elsewhere.contains(rule);
        assert!(found, "{rule} finds nothing in any case");
        let left = LEFT_ALONE.iter().any(|(one, _)| one == rule);
        assert!(left, "{rule} is tempted by no case");
    }
    assert!(!PUBLISHED_SCRIPTS.is_empty());
}
