//! What pins code, what does not, and what is not read.

use super::*;
use alloc::format;
use alloc::string::ToString;

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Faults of a docker-compose text in which `@` is a good digest.
fn faults(yaml: &str) -> Vec<CodeFault> {
    let yaml = yaml.replace("nginx@", &format!("nginx@{DIGEST}"));
    let compose = serde_json::json!({ "runner": "docker-compose", "docker_compose_file": yaml });
    code_faults(compose.to_string().as_bytes())
}

fn codes(yaml: &str) -> Vec<&'static str> {
    faults(yaml).iter().map(CodeFault::code).collect()
}

#[test]
fn plain_files_with_digests_pin_their_code() {
    for yaml in [
        "services:\n  web:\n    image: nginx@\n",
        "---\n# an app\nversion: '3'\nservices: # all\n\n  web: # one\n    image: \"nginx@\" # pinned\n",
        "services:\r\n  web:\r\n    image: nginx@\r\n",
        "services:\n web:\n  image: docker.io/library/nginx@\n  ports:\n  - \"80:80\"\n",
        "services:\n  web:\n    command: sh -c 'echo $$HOME'\n    image: nginx@\n",
        "services:\n  web:\n    command:\n    - sh\n    - -c\n    - |\n      echo $$HOME\n      image: x\n    image: nginx@\n",
        "services:\n  web:\n    command: [\"sh\", \"-c\", \"a: b\"]\n    image: nginx@\n    environment:\n      - A=${A}\n      - B: c\nvolumes:\n  data: {}\n",
        "services:\n  web:\n    labels:\n      a: \"x # y\"\n      b: 'it''s'\n    image: nginx@\n  db:\n    image: nginx@\nx-note: >-\n  services:\n    bad: thing\n",
        "services:\n  web:\n    configs:\n      - source: a\n        target: /b\n    image: nginx@\nconfigs:\n  a:\n    content: |\n      $x *y &z {[\n     \n    # not less\n",
    ] {
        assert_eq!(faults(yaml), [], "{yaml}");
    }
}

#[test]
fn what_can_move_is_named() {
    for (yaml, expected) in [
        (
            "services:\n  web:\n    image: nginx\n",
            "image-not-by-digest",
        ),
        (
            "services:\n  web:\n    image: nginx:1.27\n",
            "image-not-by-digest",
        ),
        (
            "services:\n  web:\n    image: nginx@sha256:abcd\n",
            "image-not-by-digest",
        ),
        (
            "services:\n  web:\n    image: '@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\n",
            "image-not-by-digest",
        ),
        (
            "services:\n  web:\n    image: ${IMAGE}\n",
            "variable-in-code",
        ),
        (
            "services:\n  web:\n    image: nginx@${DIGEST}\n",
            "variable-in-code",
        ),
        (
            "services:\n  web:\n    image: nginx@\n    command: run $MODE\n",
            "variable-in-code",
        ),
        (
            "services:\n  web:\n    image: nginx@\n    command:\n      - run\n      - ${MODE}\n",
            "variable-in-code",
        ),
        (
            "services:\n  web:\n    image: nginx@\n    command:\n    - ${MODE}\n",
            "variable-in-code",
        ),
        (
            "services:\n  web:\n    image: nginx@\n    command: |\n      run\n\n      $MODE\n",
            "variable-in-code",
        ),
        (
            "services:\n  web:\n    image: nginx@\n    entrypoint: [\"$MODE\"]\n",
            "variable-in-code",
        ),
        (
            "services:\n  web:\n    build: .\n    image: nginx@\n",
            "built-in-place",
        ),
        (
            "services:\n  web:\n    extends:\n      service: other\n    image: nginx@\n",
            "built-in-place",
        ),
        ("services:\n  web:\n    ports: []\n", "no-image"),
        ("services:\n  web:\n  db:\n    image: nginx@\n", "no-image"),
        ("services:\n", "no-containers"),
        ("volumes:\n  a: {}\n", "no-containers"),
        ("", "no-containers"),
    ] {
        assert_eq!(codes(yaml), [expected], "{yaml}");
    }
}

#[test]
fn what_a_reader_of_yaml_could_see_otherwise_is_not_read() {
    for yaml in [
        // Another document, another file, another definition.
        "services:\n  web:\n    image: nginx@\n---\nservices:\n  web:\n    image: evil\n",
        "include: other.yml\nservices:\n  web:\n    image: nginx@\n",
        "services:\n  web:\n    image: nginx@\nservices:\n  web:\n    image: evil\n",
        "{services: {web: {image: evil}}}\n",
        "services: {web: {image: evil}}\n",
        "services:\n  web: {image: evil}\n",
        "services:\n  web: *base\n",
        "services:\n  web: &base\n    image: nginx@\n",
        "services:\n  web:\n    <<: *base\n    image: nginx@\n",
        "services:\n  web:\n    image: *evil\n",
        "services:\n  web:\n    image:\n      evil\n",
        "services:\n  web:\n    image: nginx@\n      evil\n",
        "services:\n  web:\n    \"image\": evil\n    image: nginx@\n",
        "services:\n  web:\n    ? image\n    : evil\n    image: nginx@\n",
        "services:\n  web:\n    !!str image: evil\n    image: nginx@\n",
        // A scalar that swallows the lines after it.
        "services:\n  web:\n    image: nginx@\n    labels:\n      a: \"\nx: \"\n    command: ${EVIL}\n",
        "services:\n  web:\n    image: nginx@\n    labels: {a: 1,\n    command: 2}\n",
        "services:\n  web:\n    image: nginx@\n    labels: |1\n     x\n",
        "services:\n  web:\n    image: nginx@\n    labels: 'a\n      b'\n",
        // Other line breaks and indentation.
        "services:\n  web:\n    image: nginx@\n    labels: a\u{2028}    command: ${EVIL}\n",
        "services:\n  web:\n    image: nginx@\n    labels: a\r    command: ${EVIL}\n",
        "services:\n\tweb:\n\t\timage: nginx@\n",
        "services:\n  web:\n    image: nginx@\n   command: ${EVIL}\n",
        "\u{feff}services:\n  web:\n    image: nginx@\n",
        "%YAML 1.1\nservices:\n  web:\n    image: nginx@\n",
    ] {
        assert!(codes(yaml).contains(&"yaml-not-plain"), "{yaml}");
    }
}

#[test]
fn an_alias_in_a_command_is_a_variable() {
    let yaml = "services:\n  web:\n    image: nginx@\n    command: [run, *evil]\n";
    assert_eq!(codes(yaml), ["variable-in-code"]);
    // A pattern of file names is none.
    let yaml = "services:\n  web:\n    image: nginx@\n    command: ls *.txt\n";
    assert_eq!(faults(yaml), []);
}

#[test]
fn an_app_without_containers_pins_nothing() {
    for compose in [
        "",
        "[]",
        "{}",
        r#"{"docker_compose_file":1}"#,
        r#"{"runner":"bash","bash_script":"run","docker_compose_file":"services:\n"}"#,
        r#"{"docker_compose_file":"a","docker_compose_file":"b"}"#,
    ] {
        let found = code_faults(compose.as_bytes());
        assert!(
            matches!(found.as_slice(), [CodeFault::NoContainers { .. }]),
            "{compose}: {found:?}"
        );
    }
}

#[test]
fn every_fault_says_what_to_do() {
    let yaml =
        "services:\n  a:\n    image: x\n  b:\n    image: $X\n  c:\n    build: .\n  d:\n    \t\n";
    for fault in faults(yaml) {
        assert!(!fault.next_step().is_empty() && !fault.to_string().is_empty());
    }
    assert_eq!(
        codes(yaml),
        [
            "image-not-by-digest",
            "variable-in-code",
            "built-in-place",
            "no-image",
            "no-image"
        ]
    );
}

/// An escape writes a `$` where none is seen.
#[test]
fn an_escape_in_what_runs_is_not_read() {
    for yaml in [
        "services:\n  web:\n    image: nginx@\n    command: \"\\x24{CMD}\"\n",
        "services:\n  web:\n    image: nginx@\n    command: [\"sh\", \"\\u0024{CMD}\"]\n",
        "services:\n  web:\n    image: nginx@\n    entrypoint:\n      - \"\\x24CMD\"\n",
        "services:\n  web:\n    image: \"\\x24{A}nginx@\"\n",
    ] {
        assert_eq!(codes(yaml), ["yaml-not-plain"], "{yaml}");
    }
    let scalar = "services:\n  web:\n    image: nginx@\n    command: |\n      echo \"\\x24\"\n";
    assert_eq!(faults(scalar), []);
}

/// A check and a hook run commands, too.
#[test]
fn variables_in_checks_and_hooks_are_named() {
    for yaml in [
        "services:\n  web:\n    image: nginx@\n    healthcheck:\n      test: curl $URL\n",
        "services:\n  web:\n    image: nginx@\n    post_start:\n      - command: $HOOK\n",
        "services:\n  web:\n    image: nginx@\n    pre_stop:\n    - command: [\"$HOOK\"]\n",
    ] {
        assert_eq!(codes(yaml), ["variable-in-code"], "{yaml}");
    }
}
