//! Every key of the docker-compose text, changed once.

use serde_json::json;

use crate::{COMPOSE, base, between, gives, lines, with, with_compose};

const IMAGE: &str = "registry.example/web:1.0@sha256:1111111111111111111111111111111111111111111111111111111111111111";

#[test]
fn each_key_changed_once_gives_exactly_that_change() {
    let moved = IMAGE.replace("sha256:1", "sha256:2");
    let web = "services.web";
    for (old, new, line) in [
        (
            IMAGE,
            moved.as_str(),
            format!("review image.digest {web}.image: {IMAGE} → {moved}"),
        ),
        (
            IMAGE,
            "registry.example/web:1.1",
            format!("high image.unpinned {web}.image: {IMAGE} → registry.example/web:1.1"),
        ),
        (
            IMAGE,
            "${WEB}",
            format!("high image.unpinned {web}.image: {IMAGE} → ${{WEB}}"),
        ),
        (
            "postgres:16",
            "postgres:17",
            "high image.tag services.db.image: postgres:16 → postgres:17".into(),
        ),
        (
            "postgres:16",
            "evil/postgres:16",
            "high image.repository services.db.image: postgres:16 → evil/postgres:16".into(),
        ),
        (
            "    image: postgres:16\n",
            "    build: .\n    image: postgres:16\n",
            "high service.build services.db.build: now .".into(),
        ),
        (
            "\"serve\", ",
            "\"serve\", \"--debug\", ",
            format!(
                "high service.command {web}.command: [\"serve\", \"--port\", \"8080\"] → [\"serve\", \"--debug\", \"--port\", \"8080\"]"
            ),
        ),
        (
            "[\"serve\", \"--port\", \"8080\"]",
            "[\"--port\", \"serve\", \"8080\"]",
            format!(
                "high service.command {web}.command: [\"serve\", \"--port\", \"8080\"] → [\"--port\", \"serve\", \"8080\"]"
            ),
        ),
        (
            "    restart: always\n",
            "    restart: always\n    entrypoint: /bin/sh\n",
            format!("high service.entrypoint {web}.entrypoint: now /bin/sh"),
        ),
        (
            "LOG_LEVEL: info",
            "LOG_LEVEL: debug",
            format!("review service.env-value {web}.environment.LOG_LEVEL: info → debug"),
        ),
        (
            "API_TOKEN: hunter2",
            "API_TOKEN: hunter3",
            format!(
                "review service.env-value {web}.environment.API_TOKEN: changed; the values are not shown"
            ),
        ),
        (
            "      FROM_OUTSIDE:\n",
            "",
            format!(
                "review service.env-removed {web}.environment.FROM_OUTSIDE: was taken from outside"
            ),
        ),
        (
            "      FROM_OUTSIDE:\n",
            "      FROM_OUTSIDE:\n      MORE: 1\n",
            format!("review service.env-added {web}.environment.MORE: now 1"),
        ),
        (
            "FROM_OUTSIDE:",
            "FROM_OUTSIDE: \"\"",
            format!(
                "review service.env-value {web}.environment.FROM_OUTSIDE: taken from outside → "
            ),
        ),
        (
            "\"8080:8080\"",
            "\"80:8080\"",
            format!("review service.ports {web}.ports: [\"8080:8080\"] → [\"80:8080\"]"),
        ),
        (
            "      - \"9090:9090\"\n",
            "",
            format!("low service.ports {web}.ports: [\"9090:9090\"] → []"),
        ),
        (
            "      - data:/data\n",
            "      - data:/data\n      - logs:/logs\n",
            format!("review service.volumes {web}.volumes: [] → [\"logs:/logs\"]"),
        ),
        (
            "      - data:/data\n",
            "      - data:/data\n      - /var/run/docker.sock:/s\n",
            format!("high service.guest-mount {web}.volumes: [] → [\"/var/run/docker.sock:/s\"]"),
        ),
        (
            "data:/data",
            "/:/data",
            format!("high service.guest-mount {web}.volumes: [\"data:/data\"] → [\"/:/data\"]"),
        ),
        (
            "data:/data",
            "${DIR}:/data",
            format!(
                "high service.guest-mount {web}.volumes: [\"data:/data\"] → [\"${{DIR}}:/data\"]"
            ),
        ),
        (
            "restart: always",
            "restart: \"no\"",
            format!("low service.operation {web}.restart: always → no"),
        ),
        (
            "    restart: always\n",
            "    restart: always\n    privileged: true\n",
            format!("high service.privileged {web}.privileged: now true"),
        ),
        (
            "    restart: always\n",
            "    restart: always\n    privileged: false\n",
            format!("low service.privileged {web}.privileged: now false"),
        ),
        (
            "    restart: always\n",
            "    restart: always\n    pid: host\n",
            format!("high service.namespaces {web}.pid: now host"),
        ),
        (
            "    restart: always\n",
            "    restart: always\n    cap_add: [SYS_ADMIN]\n",
            format!("high service.capabilities {web}.cap_add: now [\"SYS_ADMIN\"]"),
        ),
        (
            "    restart: always\n",
            "    restart: always\n    env_file: more.env\n",
            format!("review service.other {web}.env_file: now more.env"),
        ),
        (
            "  db:\n    image: postgres:16\n",
            "",
            "review service.removed services.db: was postgres:16".into(),
        ),
        (
            "  db:\n",
            "  cache:\n    image: redis:7\n  db:\n",
            "high service.added services.cache: now redis:7".into(),
        ),
        (
            "  data: {}\n",
            "  data: {driver: nfs}\n",
            "review compose.shared volumes.data.driver: now nfs".into(),
        ),
        (
            "volumes:\n  data: {}\n",
            "volumes:\n  data: {}\ninclude: [other.yml]\n",
            "high compose.include include: now [\"other.yml\"]".into(),
        ),
        (
            "volumes:\n  data: {}\n",
            "volumes:\n  data: {}\nx-note: hello\n",
            "none compose.extension x-note: now hello".into(),
        ),
        (
            "volumes:\n  data: {}\n",
            "volumes:\n  data: {}\nodd: hello\n",
            "review compose.other odd: now hello".into(),
        ),
    ] {
        gives(&with_compose(old, new), &line);
    }
}

#[test]
fn a_pin_is_told_from_a_move() {
    let pinned =
        "postgres:16@sha256:3333333333333333333333333333333333333333333333333333333333333333";
    gives(
        &with_compose("postgres:16", pinned),
        &format!("review image.pinned services.db.image: postgres:16 → {pinned}"),
    );
    let label = IMAGE.replace(":1.0@", ":1.1@");
    gives(
        &with_compose(IMAGE, &label),
        &format!("none image.label services.web.image: {IMAGE} → {label}"),
    );
}

#[test]
fn the_kind_of_a_value_is_part_of_its_meaning() {
    // YAML 1.1 reads the first as a number of seconds, the second as a text.
    let text = with_compose("\"9090:9090\"", "22:22");
    let quoted = with_compose("\"9090:9090\"", "\"22:22\"");
    assert_eq!(lines(&between(&text, &quoted)).len(), 1);
    let version = with_compose("info", "1.0");
    let quoted = with_compose("info", "\"1.0\"");
    assert_eq!(lines(&between(&version, &quoted)).len(), 1);
    // A whole number in an environment is its text.
    let number = with_compose("info", "3");
    let quoted = with_compose("info", "\"3\"");
    assert_eq!(lines(&between(&number, &quoted)), Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_is_compared_as_text_and_says_so() {
    let broken = with(
        "docker_compose_file",
        format!("{COMPOSE}services: again\n").into(),
    );
    gives(
        &broken,
        "high compose.text docker_compose_file: changed by 1 line (+1 −0)",
    );
    let there = between(&base(), &broken);
    assert_eq!(there.old_unreadable, None);
    assert_eq!(
        there.new_unreadable.as_ref().unwrap().code(),
        "yaml.duplicate-key"
    );
    assert!(
        there.remarks()[0].starts_with("the new docker-compose text could not be read as YAML")
    );
    let back = between(&broken, &base());
    assert!(back.old_unreadable.is_some() && back.new_unreadable.is_none());
    // The same unreadable text twice is no change of it.
    let mut renamed = broken.clone();
    renamed["name"] = json!("other");
    assert_eq!(
        lines(&between(&broken, &renamed)),
        ["low app.name name: demo → other"]
    );
}

#[test]
fn a_text_that_comes_or_goes_brings_its_services() {
    let without = with("docker_compose_file", serde_json::Value::Null);
    assert_eq!(
        lines(&between(&without, &base())),
        [
            "high service.added services.db: now postgres:16".to_owned(),
            format!("high service.added services.web: now {IMAGE}"),
            "review compose.shared volumes: now {data: {}}".to_owned(),
        ]
    );
    let empty = with("docker_compose_file", json!(""));
    assert_eq!(
        lines(&between(&without, &empty)),
        ["none app.default docker_compose_file: changed by 0 lines (+0 −0), new"]
    );
}
