//! Another layout is no change of meaning, and says which layout it was.

use serde_json::{Value, json};
use teeproof_compose::{AppCompose, Likeness, diff};

use crate::{COMPOSE, base, between, parsed, with};

#[test]
fn identical_bytes_say_so() {
    let same = between(&base(), &base());
    assert_eq!(same.likeness, Likeness::SameBytes);
    assert!(same.changes.is_empty() && same.first_difference.is_none());
    assert_eq!(same.headline(), "identical: the same bytes, the same hash");
}

#[test]
fn a_document_laid_out_differently_means_the_same() {
    let old = parsed(&base());
    let text = base().to_string();
    let pretty = serde_json::to_string_pretty(&base()).unwrap();
    let escaped = text.replace("demo", "\\u0064emo");
    let newline = format!("{text}\n");
    // Every object turned round, the inner ones too.
    let turned = reversed(&base());
    for other in [pretty, escaped, newline, turned] {
        let new = AppCompose::parse(other.as_bytes()).unwrap();
        let diff = diff(&old, &new);
        let document = Likeness::SameMeaning {
            document: true,
            compose: false,
        };
        assert_eq!(diff.likeness, document, "{other}");
        assert_ne!(diff.old, diff.new);
        assert!(diff.first_difference.is_some());
        assert_eq!(
            diff.headline(),
            "meaning equal, bytes differ, hash differs: another layout of the document (order of keys, blanks, escapes)"
        );
    }
}

fn reversed(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let inner: Vec<_> = entries
                .iter()
                .rev()
                .map(|(key, value)| format!("{}:{}", json!(key), reversed(value)))
                .collect();
            format!("{{{}}}", inner.join(","))
        }
        other => other.to_string(),
    }
}

#[test]
fn a_docker_compose_text_laid_out_differently_means_the_same() {
    let compose = Likeness::SameMeaning {
        document: false,
        compose: true,
    };
    let without_db = COMPOSE.replace("  db:\n    image: postgres:16\n", "");
    for text in [
        format!("# a note\n{COMPOSE}"),
        COMPOSE.replace("LOG_LEVEL: info", "LOG_LEVEL: 'info'"),
        COMPOSE.replace("restart: always", "\"restart\":   always   # for ever"),
        COMPOSE.replace(
            "    ports:\n      - \"8080:8080\"\n      - \"9090:9090\"\n",
            "    ports: ['8080:8080', '9090:9090']\n",
        ),
        without_db.replace("services:\n", "services:\n  db: {image: postgres:16}\n"),
        COMPOSE.replace(
            "      LOG_LEVEL: info\n      API_TOKEN: hunter2\n      FROM_OUTSIDE:\n",
            "      - API_TOKEN=hunter2\n      - FROM_OUTSIDE\n      - LOG_LEVEL=info\n",
        ),
        COMPOSE.replace('\n', "\r\n"),
    ] {
        assert_ne!(text, COMPOSE);
        let diff = between(&base(), &with("docker_compose_file", text.clone().into()));
        assert_eq!(diff.changes, [], "{text}");
        assert_eq!(diff.likeness, compose, "{text}");
        assert!(diff.headline().ends_with(
            "another layout of the docker-compose text (comments, order of keys, quotes)"
        ));
    }
}

#[test]
fn both_layouts_at_once_are_both_named() {
    let other = with("docker_compose_file", format!("# a note\n{COMPOSE}").into());
    let new = AppCompose::parse(reversed(&other).as_bytes()).unwrap();
    let both = Likeness::SameMeaning {
        document: true,
        compose: true,
    };
    assert_eq!(diff(&parsed(&base()), &new).likeness, both);
}

/// Lists whose order is looked at are no layout.
#[test]
fn the_order_of_a_list_is_said() {
    let turned = COMPOSE.replace(
        "      - \"8080:8080\"\n      - \"9090:9090\"\n",
        "      - \"9090:9090\"\n      - \"8080:8080\"\n",
    );
    let diff = between(&base(), &with("docker_compose_file", turned.into()));
    assert_eq!(
        crate::lines(&diff),
        ["low service.ports services.web.ports: the same items in another order"]
    );
}
