//! The core's small check of what pins code, which reads no YAML, beside the lint, which does:
//! whatever the check calls pinned, the lint finds pinned, too.

use proptest::prelude::*;
use teeproof_core::code_faults;

use crate::support::{DIGEST, Draft};

/// A text in the place of a value. `PINNED` stands for a name with a digest.
const INNER: &[&str] = &[
    "PINNED",
    "nginx",
    "$X",
    "${X:-y}",
    "$$X",
    "\\x24{X}",
    "\\u0024X",
    "it''s",
    "a: b",
    "x # y",
    "|",
    "-",
    "",
    "PINNED # $X",
    "$X/PINNED",
    "\\x24X/PINNED",
    "PINNED\n    build: .",
];

/// How a value is written: plain, quoted, folded, in flow, over several lines, or by an anchor, with
/// and without what would move the code.
const FORMS: &[&str] = &[
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
    "[*a]",
    "!!str {}",
    "|\n      {}",
    ">-\n      {}\n      {}",
    "|2\n      {}",
    "|\n     x\n      {}",
    "\n      - {}",
    "\n    - {}\n    - \"{}\"",
    "\n      - *a",
    "\n      - sh\n      - |\n        {}",
    "\n      a: {}",
    "\n      <<: {a: {}}",
    "x\n      {}",
    "\n      {}",
    "\"x\n      {}\"",
    "'x\n\n      {}'",
    "{} # note",
    "# {}\n      {}",
    "? {}",
    "- {}",
];

const KEYS: &[&str] = &[
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
];

const INDENTS: &[&str] = &["    ", "     ", "   ", "\t", "      ", "  ", ""];

const ENDS: &[&str] = &["\n", "\r\n", "\n\n", " \n", "\u{85}", "\u{2028}"];

const HEADS: &[&str] = &[
    "services:\n",
    "---\nservices:\n",
    "x-a: &a\n  image: nginx\nservices:\n",
    "x-a: &a $X\nservices:\n",
    "include: [b]\nservices:\n",
    "x: |\n  services:\nservices: # all\n",
    "x: >\n\nservices:\n",
    "x: 'a\n\n  b'\nservices:\n",
    "x: '\n  services:\n  '\nservices:\n",
    "services: {c: {image: nginx}}\nx-services:\n",
    "services: &s\n",
    "\u{feff}services:\n",
];

const SERVICES: &[&str] = &[
    "  web:\n",
    "  web: # one\n",
    "  web: &a\n",
    "  web: {}\n",
    "  web: {image: nginx}\n  web2:\n",
    " web:\n",
    "  'web':\n",
    "  ? web\n  :\n",
];

const TAILS: &[&str] = &[
    "",
    "volumes:\n  a:\n",
    "...\n",
    "---\nservices: {}\n",
    "  b:\n    image: nginx\n",
    " b:\n    image: nginx\n",
    "  b:\n    labels: [x]\n",
    "   b:\n    image: nginx\n",
    "    command: $X\n",
    "services:\n  b: {image: nginx}\n",
    "services:\n  b:\n    image: nginx\n",
    "\"services\":\n  b: {image: nginx}\n",
    "<<: {services: {}}\n",
    "# end",
    "x: [\n]\n",
];

fn line(indent: &str, key: &str, form: &str, inner: &str, end: &str) -> String {
    let pinned = format!("a@sha256:{DIGEST}");
    let value = form.replace("{}", &inner.replace("PINNED", &pinned));
    format!("{indent}{key}: {value}{end}")
}

fn pinned_line() -> String {
    line("    ", "image", "{}", "PINNED", "\n")
}

fn any_line() -> impl Strategy<Value = String> {
    let one = prop::sample::select::<&str>;
    (one(INDENTS), one(KEYS), one(FORMS), one(INNER), one(ENDS))
        .prop_map(|(indent, key, form, inner, end)| line(indent, key, form, inner, end))
}

fn document() -> impl Strategy<Value = String> {
    let one = prop::sample::select::<&str>;
    let pinned = prop::sample::select(vec![pinned_line(), String::new()]);
    let body = (
        one(SERVICES),
        pinned,
        prop::collection::vec(any_line(), 0..4),
    );
    let services = prop::collection::vec(body, 1..3);
    (one(HEADS), services, one(TAILS)).prop_map(|(head, services, tail)| {
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

/// What the lint has against a document that is called pinned.
fn objection(yaml: &str) -> Option<String> {
    let draft = draft(yaml.to_owned());
    if !code_faults(draft.text().as_bytes()).is_empty() {
        return None;
    }
    let report = draft.lint();
    let moves = report.findings.iter().find(|one| one.rule.moves_code());
    moves.map(|one| format!("{one:?}\n{yaml}"))
}

/// Documents in which one or two things are out of the ordinary, all of them: with more, nearly every
/// document is refused for the other one.
fn one_by_one() -> Vec<String> {
    let (head, service) = (HEADS[0], SERVICES[0]);
    let pinned = pinned_line();
    let mut all = Vec::new();
    for inner in INNER {
        for form in FORMS {
            for key in KEYS {
                let line = line("    ", key, form, inner, "\n");
                for tail in ["", "    command: $X\n", "  b:\n    image: nginx\n"] {
                    all.push(format!("{head}{service}{pinned}{line}{tail}"));
                    all.push(format!("{head}{service}{line}{tail}"));
                }
            }
            for key in ["image", "command", "labels"] {
                let of = |indent, end| line(indent, key, form, inner, end);
                let plain = of("    ", "\n");
                for indent in INDENTS {
                    all.push(format!("{head}{service}{pinned}{}", of(indent, "\n")));
                }
                for end in ENDS {
                    let tail = "    build: .\n";
                    all.push(format!("{head}{service}{pinned}{}{tail}", of("    ", end)));
                }
                for head in HEADS {
                    all.push(format!("{head}{service}{pinned}{plain}"));
                }
            }
        }
    }
    for head in HEADS {
        for service in SERVICES {
            for tail in TAILS {
                all.push(format!("{head}{service}{pinned}{tail}"));
            }
        }
    }
    all
}

#[test]
fn what_is_called_pinned_is_pinned_whatever_stands_there() {
    let all = one_by_one();
    let mut called = 0;
    for yaml in &all {
        assert_eq!(objection(yaml), None);
        called += usize::from(code_faults(draft(yaml.clone()).text().as_bytes()).is_empty());
    }
    // Neither everything nor nothing is called pinned, or nothing was held against anything.
    assert!(
        called > 500 && called < all.len() / 2,
        "{called} of {}",
        all.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_called_pinned_without_yaml_is_pinned_by_yaml(yaml in document()) {
        prop_assert_eq!(objection(&yaml), None);
    }
}
