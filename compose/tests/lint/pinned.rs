//! The core's small check of what pins code, which reads no YAML, beside the lint, which does:
//! whatever the check calls pinned, the lint finds pinned, too.

use proptest::prelude::*;
use teeproof_core::code_faults;

use crate::support::{DIGEST, Draft};

/// A text in the place of a value: plain, quoted, folded, in flow, over several lines, or by an
/// anchor, with and without what would move the code.
fn value() -> impl Strategy<Value = String> {
    let inner = prop::sample::select(vec![
        format!("a@sha256:{DIGEST}"),
        format!("b:1@sha256:{DIGEST}"),
        "nginx".to_owned(),
        "$X".to_owned(),
        "${X:-y}".to_owned(),
        "$$X".to_owned(),
        "\\x24{X}".to_owned(),
        "\\u0024X".to_owned(),
        "it''s".to_owned(),
        "a: b".to_owned(),
        "x # y".to_owned(),
        "|".to_owned(),
        "-".to_owned(),
        String::new(),
    ]);
    let form = prop::sample::select(vec![
        "{}",
        "\"{}\"",
        "'{}'",
        "[{}]",
        "[\"{}\", x]",
        "[x,\n      \"{}\"]",
        "[x, '{}'\n    ]",
        "{a: {}}",
        "{a: \"{}\"}",
        "&a {}",
        "*a",
        "!!str {}",
        "|\n      {}",
        ">-\n      {}\n      {}",
        "|2\n      {}",
        "|\n     x\n      {}",
        "\n      - {}",
        "\n    - {}\n    - \"{}\"",
        "\n      - sh\n      - |\n        {}",
        "\n      a: {}",
        "\n      <<: {a: {}}",
        "x\n      {}",
        "\"x\n      {}\"",
        "'x\n\n      {}'",
        "{} # note",
        "# {}\n      {}",
        "? {}",
        "- {}",
    ]);
    (form, inner).prop_map(|(form, inner)| form.replace("{}", &inner))
}

/// A line below a service.
fn line() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "image",
        "\"image\"",
        "command",
        "entrypoint",
        "healthcheck",
        "post_start",
        "environment",
        "labels",
        "build",
        "extends",
        "<<",
        "? image",
        "x-note",
        "image ",
    ]);
    let indent = prop::sample::select(vec![
        "    ", "    ", "    ", "    ", "     ", "   ", "\t", "      ",
    ]);
    let end = prop::sample::select(vec![
        "\n", "\n", "\n", "\r\n", "\n\n", " \n", "\u{85}", "\u{2028}",
    ]);
    (indent, key, value(), end)
        .prop_map(|(indent, key, value, end)| format!("{indent}{key}: {value}{end}"))
}

fn document() -> impl Strategy<Value = String> {
    let head = prop::sample::select(vec![
        "services:\n",
        "services:\n",
        "services:\n",
        "---\nservices:\n",
        "x-a: &a\n  image: nginx\nservices:\n",
        "include: [b]\nservices:\n",
        "x: |\n  services:\nservices: # all\n",
        "x: >\n\nservices:\n",
        "x: 'a\n\n  b'\nservices:\n",
        "services: &s\n",
        "\u{feff}services:\n",
    ]);
    let service = prop::sample::select(vec![
        "  web:\n",
        "  web:\n",
        "  web:\n",
        "  web: # one\n",
        "  web: &a\n",
        "  web: {}\n",
        " web:\n",
        "  'web':\n",
        "  ? web\n  :\n",
    ]);
    let pinned = prop::sample::select(vec![
        format!("    image: a@sha256:{DIGEST}\n"),
        format!("    image: \"a@sha256:{DIGEST}\"\n"),
        String::new(),
    ]);
    let tail = prop::sample::select(vec![
        "",
        "",
        "volumes:\n  a:\n",
        "...\n",
        "---\nservices: {}\n",
        "services:\n  b: {image: nginx}\n",
        "\"services\":\n  b: {image: nginx}\n",
        "<<: {services: {}}\n",
        "# end",
        "x: [\n]\n",
    ]);
    let body = (service, pinned, prop::collection::vec(line(), 0..4));
    let services = prop::collection::vec(body, 1..3);
    (head, services, tail).prop_map(|(head, services, tail)| {
        let mut text = head.to_owned();
        for (index, (service, pinned, lines)) in services.into_iter().enumerate() {
            text.push_str(&service.replace("web", &format!("web{index}")));
            text.push_str(&pinned);
            text.extend(lines);
        }
        text.push_str(tail);
        text
    })
}

fn draft(yaml: String) -> Draft {
    let mut draft = Draft::clean();
    draft.yaml = yaml;
    draft
}

/// Both read the document that pins its code, so that the property below is not empty.
#[test]
fn both_call_the_clean_document_pinned() {
    let draft = Draft::clean();
    assert_eq!(code_faults(draft.text().as_bytes()), []);
    assert_eq!(draft.rules(), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_called_pinned_without_yaml_is_pinned_by_yaml(yaml in document()) {
        let draft = draft(yaml);
        if code_faults(draft.text().as_bytes()).is_empty() {
            let report = draft.lint();
            let moves = report.findings.iter().find(|one| one.rule.moves_code());
            prop_assert_eq!(moves, None, "{}", draft.yaml);
        }
    }
}
