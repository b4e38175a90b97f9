//! The policy in TOML: the same rules as in JSON, the same digest, and the line in every error.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test's helpers may panic as its tests may"
)]

use teeproof_bindings::parse_policy;
use teeproof_core::policy::{Position, Tone};
use teeproof_core::{Policy, PolicyErrorKind as Kind, limits};

const FULL: &str = include_str!("data/full-policy.toml");
const FULL_JSON: &str = include_str!("../../core/tests/policy/full.json");

fn policy(text: &str) -> Policy {
    parse_policy(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Asserts kind and line.
fn refused(text: &str, kind: Kind, line: usize) {
    match parse_policy(text.as_bytes()) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => assert_eq!(
            (error.kind(), error.position().map(|place| place.line)),
            (kind, Some(line)),
            "{error}\n{text}"
        ),
    }
}

/// A policy that says only its schema, and these lines from line 2 on.
fn with(lines: &str) -> String {
    format!("schema = \"teeproof.policy/1\"\n{lines}\n")
}

/// The full policy with one line replaced by others.
fn replaced(index: usize, by: &[&str]) -> String {
    let lines: Vec<&str> = FULL.lines().collect();
    [&lines[..index], by, &lines[index + 1..]]
        .concat()
        .join("\n")
}

/// Index, key and value of every key line of the full policy.
fn keys() -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    FULL.lines().enumerate().filter_map(|(index, line)| {
        let (key, value) = line.split_once(" = ")?;
        Some((index, key, value))
    })
}

#[test]
fn toml_and_json_have_one_digest() {
    let (toml, json) = (policy(FULL), policy(FULL_JSON));
    assert_eq!(toml.canonical_json(), json.canonical_json());
    assert_eq!(toml.digest(), json.digest());
    assert_ne!(toml.digest(), Policy::default().digest());
    assert_eq!(policy(&with("")).digest(), Policy::default().digest());
}

#[test]
fn json_is_known_by_its_first_character() {
    let spaced = format!("\n\t \r\n{FULL_JSON}");
    assert_eq!(policy(&spaced), policy(FULL_JSON));
    refused("\n{\n\"schema\": 1}", Kind::WrongType, 3);
    // A list is no policy in either format; in TOML it is the header of a table.
    refused("[\"teeproof.policy/1\"]", Kind::UnknownKey, 1);
    refused("[1.5, 2]", Kind::Syntax, 1);
}

#[test]
fn every_notation_of_toml_is_read() {
    let inline = with("tcb = { min-evaluation-number = 0x11, merged = ['UpToDate'] }");
    let dotted =
        with("tcb.min-evaluation-number = 1_7\n\"tcb\".\"merged\" = [\n\"UpToDate\", # yes\n]");
    assert_eq!(policy(&inline), policy(&dotted));
    assert_eq!(policy(&inline.replace('\n', "\r\n")), policy(&inline));
}

#[test]
fn an_unknown_key_is_refused_in_every_table() {
    let headers: Vec<_> = FULL
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with('['))
        .collect();
    assert_eq!(headers.len(), 9);
    for (index, header) in headers {
        let text = replaced(index, &[header, "unheard-of = true"]);
        refused(&text, Kind::UnknownKey, index + 2);
    }
    refused(&with("unheard-of = true"), Kind::UnknownKey, 2);
    refused(&with("[unheard-of]"), Kind::UnknownKey, 2);
    refused(&with("\n[[app.unheard-of]]"), Kind::UnknownKey, 3);
    refused(&with("app.unheard-of.x = 1"), Kind::UnknownKey, 2);
    refused(&with("[\"app.rtmr3\"]"), Kind::UnknownKey, 2);
}

#[test]
fn a_policy_brings_neither_anchor_nor_instant() {
    refused(&with("root = \"root.pem\""), Kind::AnchorOrInstant, 2);
    refused(&with("at = 2025-06-19T10:16:03Z"), Kind::AnchorOrInstant, 2);
    refused(
        &with("[platform]\ntrust-anchor = \"x\""),
        Kind::AnchorOrInstant,
        3,
    );
}

#[test]
fn a_duplicate_key_is_refused_in_every_table() {
    assert_eq!(keys().count(), 47);
    for (index, key, value) in keys() {
        let line = format!("{key} = {value}");
        refused(
            &replaced(index, &[&line, &line]),
            Kind::DuplicateKey,
            index + 2,
        );
        // Two notations of one key.
        let quoted = format!("\"{key}\" = {value}");
        let text = replaced(index, &[&line, "# twice", &quoted]);
        refused(&text, Kind::DuplicateKey, index + 3);
    }
    let error = parse_policy(with("name = 'a'\nname = 'b'").as_bytes()).unwrap_err();
    assert_eq!(error.detail(), "duplicate key `name`");
    assert_eq!(error.position(), Some(Position { line: 3, column: 1 }));
}

#[test]
fn a_table_that_stands_twice_is_refused() {
    refused(&with("[tcb]\n[td]\n[tcb]"), Kind::DuplicateKey, 4);
    refused(
        &with("[tcb]\nqe = ['UpToDate']\n[app]\n[tcb]\n"),
        Kind::DuplicateKey,
        5,
    );
    refused(&with("td = {}\n\n[td]"), Kind::DuplicateKey, 4);
    refused(&with("[os]\n[[os]]"), Kind::DuplicateKey, 3);
    refused(&with("[sgx]\n[sgx.x]"), Kind::UnknownKey, 3);
}

#[test]
fn an_empty_list_is_refused_for_every_list() {
    let mut lists = 0;
    for (index, key, value) in keys() {
        if value.starts_with('[') {
            let text = replaced(index, &[&format!("{key} = [ # nothing"), "]"]);
            refused(&text, Kind::EmptyList, index + 1);
            lists += 1;
        }
    }
    assert_eq!(lists, 18);
    refused(&with("os = []"), Kind::EmptyList, 2);
    refused(&with("[app]\n\nkey-providers = []"), Kind::EmptyList, 4);
}

#[test]
fn a_value_of_another_type_is_refused_for_every_key() {
    for (index, key, _) in keys() {
        for wrong in ["1.5", "1979-05-27", "nan", "[[1]]", "[ 1 ]"] {
            let text = replaced(index, &[&format!("{key} = {wrong}")]);
            refused(&text, Kind::WrongType, index + 1);
        }
    }
    refused(&with("[[tcb]]"), Kind::WrongType, 2);
    refused(&with("\n[os]\nname = 'x'"), Kind::WrongType, 3);
    refused(&with("tcb = 'UpToDate'"), Kind::WrongType, 2);
    refused(&with("[tcb]\nmerged = 'UpToDate'"), Kind::WrongType, 3);
}

#[test]
fn an_empty_text_is_refused_for_every_text() {
    for (index, key, value) in keys() {
        let empty = match value.as_bytes()[0] {
            b'"' => format!("{key} = ''"),
            b'[' => format!("{key} = [\"\"]"),
            _ => continue,
        };
        refused(&replaced(index, &[&empty]), Kind::EmptyText, index + 1);
    }
}

#[test]
fn an_entry_is_refused_at_its_own_line() {
    for (entry, kind) in [
        ("'UpToDate'", Kind::DuplicateEntry),
        ("'Revoked'", Kind::StatusRevoked),
        ("'Unheard'", Kind::WordUnknown),
        ("''", Kind::EmptyText),
        ("7", Kind::WrongType),
    ] {
        let text = with(&format!(
            "[tcb]\nmerged = [\n'UpToDate',\n'SWHardeningNeeded',\n{entry},\n]"
        ));
        refused(&text, kind, 6);
    }
    let hash = "ab".repeat(32);
    for (entry, kind) in [
        (format!("0x{hash}"), Kind::HexPrefix),
        (format!("sha256:{hash}"), Kind::HexPrefix),
        (hash[1..].to_owned(), Kind::HexInvalid),
        (hash.to_uppercase(), Kind::DuplicateEntry),
    ] {
        let text = with(&format!(
            "[app]\ncompose-hashes = [\n  '{hash}',\n  '{entry}',\n]"
        ));
        refused(&text, kind, 5);
    }
}

#[test]
fn a_table_is_refused_at_its_header() {
    refused(&with("\n[tcb]\nqe = ['OutOfDate']"), Kind::GraceMissing, 3);
    refused(
        &with("\n\n[tcb]\nout-of-date-grace-days = 3"),
        Kind::GraceUnneeded,
        4,
    );
    let both = "[td]\n[tcb]\ntolerated-advisories = ['INTEL-SA-00837']\ndenied-advisories = ['INTEL-SA-00837']";
    refused(&with(both), Kind::AdvisoryContradiction, 3);
    refused(&with("[[os]]\nname = 'x'"), Kind::MissingKey, 2);
    refused(
        &with("[[app.key-providers]]\nkind = 'none'\n[[app.key-providers]]\nkind = 'kms'"),
        Kind::KeyProviderId,
        4,
    );
    refused(
        &with("[[app.key-providers]]\nkind = 'none'\n\n[[app.key-providers]]\nkind = 'none'"),
        Kind::DuplicateEntry,
        5,
    );
    let os = FULL.find("[[os]]").unwrap();
    let os = &FULL[os..os + FULL[os..].find("\n\n").unwrap()];
    let twice = with(&format!("{os}\n\n{os}"));
    refused(&twice, Kind::DuplicateEntry, 3 + os.lines().count());
}

#[test]
fn numbers_have_a_range() {
    refused(
        &with("[tcb]\nmin-evaluation-number = -1"),
        Kind::NumberRange,
        3,
    );
    refused(
        &with("[tcb]\nmin-root-crl-number = 9007199254740992"),
        Kind::NumberRange,
        3,
    );
    refused(
        &with("[tcb]\nmerged = ['OutOfDate']\nout-of-date-grace-days = 36501"),
        Kind::NumberRange,
        4,
    );
    refused(
        &with("[tcb]\nmin-pck-crl-number = 99999999999999999999"),
        Kind::WrongType,
        3,
    );
    refused(&with("[tcb]\nmin-pck-crl-number = 1e2"), Kind::WrongType, 3);
}

#[test]
fn the_schema_is_known() {
    refused("", Kind::MissingKey, 1);
    refused("# only a comment\n", Kind::MissingKey, 1);
    refused("name = 'x'\n", Kind::MissingKey, 1);
    refused("\nschema = 'teeproof.policy/2'\n", Kind::SchemaUnknown, 2);
    // Under a header it is a key of that table.
    refused("[tcb]\nschema = 'teeproof.policy/1'\n", Kind::UnknownKey, 2);
}

#[test]
fn what_is_not_toml_is_refused() {
    refused(&with("name = "), Kind::Syntax, 2);
    refused(&with("name = 'x"), Kind::Syntax, 2);
    refused(&with("\n[tcb\n"), Kind::Syntax, 3);
    refused(&with("merged = ['UpToDate'"), Kind::Syntax, 2);
    refused(&with("= 1"), Kind::Syntax, 2);
    refused(&with("a\u{0}b = 1"), Kind::Syntax, 2);
}

#[test]
fn what_is_not_plain_utf_8_is_refused() {
    let marked = [b"\xef\xbb\xbf", with("").as_bytes()].concat();
    let error = parse_policy(&marked).unwrap_err();
    assert_eq!(error.kind(), Kind::ByteOrderMark);
    assert_eq!(error.position(), Some(Position { line: 1, column: 1 }));

    let error = parse_policy(b"schema = 'teeproof.policy/1'\n# caf\xe9\n").unwrap_err();
    assert_eq!(error.kind(), Kind::NotUtf8);
    assert_eq!(error.position(), Some(Position { line: 2, column: 6 }));

    let utf_16: Vec<u8> = with("").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(parse_policy(&utf_16).unwrap_err().kind(), Kind::Syntax);
}

#[test]
fn size_and_depth_are_limited() {
    let mut text = with("#");
    text.push_str(&"#\n".repeat((limits::POLICY - text.len()) / 2));
    policy(&text);
    text.push_str("#\n");
    assert_eq!(
        parse_policy(text.as_bytes()).unwrap_err().kind(),
        Kind::TooLarge
    );

    for deep in [
        format!("tee = {}", "[".repeat(500_000)),
        format!("tcb = {}", "{ tcb = ".repeat(100_000)),
        format!("{}x = 1", "tcb.".repeat(200_000)),
        format!("[{}x]", "tcb.".repeat(200_000)),
        format!("[[{}x]]", "os.".repeat(200_000)),
    ] {
        assert_eq!(
            parse_policy(deep.as_bytes()).unwrap_err().kind(),
            Kind::Syntax
        );
    }
}

#[test]
fn the_template_is_the_strict_default() {
    let template = policy(Policy::TEMPLATE);
    assert_eq!(template, Policy::default());
    assert!(
        template
            .statements()
            .iter()
            .all(|statement| statement.tone() <= Tone::Open)
    );
}

#[test]
fn the_template_shows_every_key_with_a_value_that_is_read() {
    // A line that is `#` and a key is a demand that is switched off; a comment has a space there.
    let on = |line: &str| match line.strip_prefix('#') {
        Some(rest)
            if rest.starts_with(|first: char| first == '[' || first.is_ascii_lowercase()) =>
        {
            rest.to_owned()
        }
        _ => line.to_owned(),
    };
    let text: Vec<_> = Policy::TEMPLATE.lines().map(on).collect();
    let text = text.join("\n");
    // The one key that needs another value beside it.
    refused(
        &text,
        Kind::GraceUnneeded,
        1 + text.lines().position(|l| l == "[tcb]").unwrap(),
    );
    let text = text.replace("module = [\"UpToDate\"]", "module = [\"OutOfDate\"]");
    let all = policy(&text);
    let silent: Vec<_> = all
        .statements()
        .iter()
        .filter(|statement| statement.tone() == Tone::Open)
        .map(|statement| statement.key())
        .collect();
    assert_eq!(
        silent,
        ["engines", "freshness", "channel", "app.compose-lint"]
    );
    assert_eq!(all.name(), Some("my app in production"));
}

/// The fenced blocks of the guide.
fn examples(guide: &str) -> Vec<&str> {
    guide
        .split("```")
        .skip(1)
        .step_by(2)
        .map(|block| block.split_once('\n').unwrap().1)
        .collect()
}

#[test]
fn the_guide_names_every_key_and_its_examples_are_policies() {
    let guide = include_str!("../../docs/policy.md");
    for statement in Policy::default().statements() {
        let row = format!("| `{}` |", statement.key());
        assert!(
            guide.contains(&row),
            "docs/policy.md has no row for {}",
            statement.key()
        );
    }
    for kind in Kind::ALL {
        let row = format!("| `{}` |", kind.code());
        assert!(
            guide.contains(&row),
            "docs/policy.md has no row for {}",
            kind.code()
        );
    }
    let examples = examples(guide);
    assert!(examples.len() == 2);
    examples
        .into_iter()
        .for_each(|example| drop(policy(example)));
}
