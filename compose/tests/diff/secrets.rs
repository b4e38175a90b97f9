//! What looks like a secret is in no part of a diff.

use serde_json::json;

use crate::{COMPOSE, base, between, with, with_compose};

const SECRET: &str = "hunter2hunter2";

#[test]
fn secrets_are_never_printed() {
    let token = "ghp_0123456789abcdefABCDEF0123456789abcd";
    let mut changed = base();
    changed["salt"] = json!(SECRET);
    changed["db_password"] = json!(SECRET);
    changed["docker_config"]["token"] = json!(SECRET);
    changed["other"] = json!({"inner": [{"api_key": SECRET}, token]});
    changed["pre_launch_script"] = json!(format!(
        "#!/bin/bash\nexport SIGNING_KEY={SECRET}\ncurl -H \"Authorization: Bearer {SECRET}\" https://me:{SECRET}@host/\necho {token}\n"
    ));
    changed["docker_compose_file"] = json!(
        COMPOSE
            .replace("hunter2", SECRET)
            .replace(
                "\"serve\"",
                &format!("\"serve\", \"--token={SECRET}\", \"{token}\"")
            )
            .replace("restart: always", &format!("labels: {{secret: {SECRET}}}"))
            .replace(
                "image: postgres:16",
                &format!("image: postgres:16\n    environment: [\"POSTGRES_PASSWORD={SECRET}\"]")
            )
    );
    for (old, new) in [(base(), changed.clone()), (changed.clone(), base())] {
        let diff = between(&old, &new);
        assert!(diff.changes.len() >= 9, "{:?}", diff.changes);
        for printed in [format!("{diff:?}"), diff.markdown(&[]), diff.headline()] {
            assert!(!printed.contains(SECRET), "{printed}");
            assert!(!printed.contains(token), "{printed}");
        }
    }
}

#[test]
fn a_text_compared_as_text_hides_its_secrets_too() {
    let broken = format!("{COMPOSE}services: again\nAPI_TOKEN: {SECRET}\n");
    let diff = between(&base(), &with("docker_compose_file", broken.into()));
    assert!(!format!("{diff:?}{}", diff.markdown(&[])).contains(SECRET));
}

/// Text from outside stays text in a comment on a pull request.
#[test]
fn markdown_is_not_broken_out_of() {
    let odd = "a | b `c` ``` <img src=x> @team\u{1b}[2J";
    let mut changed = with("name", json!(odd));
    changed["x<b>@team"] = json!(odd);
    changed["pre_launch_script"] = json!("```\n<script>\n````\n");
    let markdown = between(&base(), &changed).markdown(&["approved: <b>no</b>".to_owned()]);
    assert!(!markdown.contains('\u{1b}'));
    assert!(
        markdown.contains("approved: \\<b\\>no\\</b\\>"),
        "{markdown}"
    );
    assert!(markdown.contains("`````diff\n"), "{markdown}");
    let rows = markdown.lines().filter(|line| {
        line.starts_with("| **high**") || line.starts_with("| review") || line.starts_with("| low")
    });
    for row in rows {
        let cells = row.replace("\\|", "").matches('|').count();
        assert_eq!(cells, 5, "{row}");
    }
}

#[test]
fn values_that_are_no_secrets_are_shown() {
    let diff = between(
        &base(),
        &with_compose("LOG_LEVEL: info", "LOG_LEVEL: trace"),
    );
    assert!(diff.markdown(&[]).contains("`info` → `trace`"));
}
