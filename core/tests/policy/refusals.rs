//! What is refused as a policy, and where.

use serde_json::{Value, json};
use teeproof_core::policy::{PolicyErrorKind as Kind, Position};
use teeproof_core::{Policy, limits};

use crate::{FULL, full, line_of, minimal, parse, pointers, pretty, refused};

#[test]
fn the_full_policy_is_one() {
    Policy::from_json(FULL.as_bytes()).unwrap();
}

#[test]
fn an_unknown_key_is_refused_in_every_table() {
    let mut tables = 0;
    for pointer in std::iter::once(String::new()).chain(pointers(&full())) {
        let mut value = full();
        let Value::Object(table) = value.pointer_mut(&pointer).unwrap() else {
            continue;
        };
        table.insert("unheard-of".into(), json!(true));
        let text = pretty(&value);
        refused(&text, Kind::UnknownKey, line_of(&text, "unheard-of"));
        tables += 1;
    }
    // The document, tcb, platform, td, sgx, app, two of os and two of key-providers.
    assert_eq!(tables, 10);
}

#[test]
fn keys_are_spelled_in_one_way() {
    for (table, key) in [
        ("tcb", "min_evaluation_number"),
        ("tcb", "Merged"),
        ("app", "composeHashes"),
        ("app", "compose-hash"),
        ("td", "accept-debug"),
    ] {
        let text = pretty(&minimal(table, json!({ key: 1 })));
        refused(&text, Kind::UnknownKey, line_of(&text, key));
    }
}

#[test]
fn a_policy_brings_neither_anchor_nor_instant() {
    for key in ["root", "trust-anchor", "root-ca", "at", "now", "instant"] {
        for value in [
            minimal(key, json!("x")),
            minimal("tcb", json!({ key: "x" })),
        ] {
            let text = pretty(&value);
            refused(&text, Kind::AnchorOrInstant, line_of(&text, key));
            let error = parse(&value).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("names the trust anchor and the instant")
            );
        }
    }
}

#[test]
fn a_duplicate_key_is_refused_in_every_table() {
    let text = pretty(&full());
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut keys = 0;
    for (start, line) in lines.iter().enumerate() {
        if !line.trim_start().starts_with('"') || !line.contains("\": ") {
            continue;
        }
        // A value that is open ends at the next line of the same depth.
        let end = if line.ends_with(['{', '[']) {
            let same = |next: &&str| indent(next) == indent(line);
            start + 1 + lines[start + 1..].iter().position(same).unwrap()
        } else {
            start
        };
        let mut block = lines[start..=end].join("\n");
        if !block.ends_with(',') {
            block.push(',');
        }
        let twice = [&lines[..start], &[&block], &lines[start..]]
            .concat()
            .join("\n");
        refused(&twice, Kind::DuplicateKey, end + 2);
        keys += 1;
    }
    assert_eq!(
        keys,
        pointers(&full()).len() - 4,
        "list entries have no key"
    );
}

#[test]
fn a_duplicate_key_is_refused_with_another_value_and_as_an_escape() {
    let text = "{\"schema\": \"teeproof.policy/1\",\n\"engines\": \"both\",\n\"engines\": \"any\"}";
    refused(text, Kind::DuplicateKey, 3);
    let text =
        "{\"schema\": \"teeproof.policy/1\",\n\"engines\": \"both\",\n\"\\u0065ngines\": \"any\"}";
    refused(text, Kind::DuplicateKey, 3);
}

#[test]
fn an_empty_list_is_refused_for_every_list() {
    let mut lists = 0;
    for pointer in pointers(&full()) {
        let mut value = full();
        let at = value.pointer_mut(&pointer).unwrap();
        if !at.is_array() {
            continue;
        }
        *at = json!([]);
        let text = pretty(&value);
        refused(&text, Kind::EmptyList, line_of(&text, "[]"));
        lists += 1;
    }
    assert_eq!(lists, 20);
}

#[test]
fn an_entry_that_stands_twice_is_refused_for_every_list() {
    for pointer in pointers(&full()) {
        let mut value = full();
        let Value::Array(list) = value.pointer_mut(&pointer).unwrap() else {
            continue;
        };
        let mut again = list[0].clone();
        // Another notation is the same value.
        if let Value::String(text) = &mut again
            && pointer.starts_with("/app")
        {
            *text = text.to_uppercase();
        }
        list.push(again);
        assert_eq!(
            parse(&value).unwrap_err().kind(),
            Kind::DuplicateEntry,
            "{pointer}"
        );
    }
    let text = "{\"schema\": \"teeproof.policy/1\", \"platform\": {\"fmspc\": [\n\
                \"b0c06f000000\",\n\"90c06f000000\",\n\"B0C06F000000\"\n]}}";
    refused(text, Kind::DuplicateEntry, 4);
}

#[test]
fn os_entries_that_differ_only_in_rtmr0_are_one_entry() {
    let mut value = full();
    let mut again = value["os"][0].clone();
    again.as_object_mut().unwrap().remove("rtmr0");
    value["os"].as_array_mut().unwrap().push(again.clone());
    assert_eq!(parse(&value).unwrap_err().kind(), Kind::DuplicateEntry);
    // Under another name it is a member of another set.
    value["os"][2]["name"] = json!("lab");
    parse(&value).unwrap();
}

#[test]
fn a_value_of_another_type_is_refused_for_every_key() {
    for pointer in pointers(&full()) {
        for wrong in [
            json!(null),
            json!(1.5),
            json!({ "x": 1 }),
            json!([["x"]]),
            json!([1]),
        ] {
            let mut value = full();
            let at = value.pointer_mut(&pointer).unwrap();
            let table = at.is_object() && wrong.is_object();
            *at = wrong;
            let kind = if table {
                Kind::UnknownKey
            } else {
                Kind::WrongType
            };
            assert_eq!(
                parse(&value).unwrap_err().kind(),
                kind,
                "{pointer} {value:#}"
            );
        }
    }
}

#[test]
fn a_table_is_not_a_list_of_its_values() {
    refused("[\"teeproof.policy/1\"]", Kind::WrongType, 1);
    let text = pretty(&minimal("sgx", json!([true])));
    refused(&text, Kind::WrongType, line_of(&text, "sgx"));
    let entry = json!(["x", "00", "00", "00"]);
    let text = pretty(&minimal("os", json!([entry])));
    refused(&text, Kind::WrongType, line_of(&text, "os") + 1);
}

#[test]
fn an_empty_text_is_refused_for_every_text() {
    for pointer in pointers(&full()) {
        let mut value = full();
        let at = value.pointer_mut(&pointer).unwrap();
        match at {
            Value::String(_) => *at = json!(""),
            Value::Array(list) if list[0].is_string() => list[0] = json!(""),
            _ => continue,
        }
        let text = pretty(&value);
        refused(&text, Kind::EmptyText, line_of(&text, "\"\""));
    }
}

#[test]
fn the_schema_is_known() {
    refused("{}", Kind::MissingKey, 1);
    refused("\n\n{\n}", Kind::MissingKey, 3);
    for wrong in [
        "teeproof.policy/2",
        "teeproof.policy/1.0",
        "Teeproof.policy/1",
        "1",
    ] {
        let text = pretty(&json!({ "name": "x", "schema": wrong }));
        refused(&text, Kind::SchemaUnknown, 3);
    }
    refused("{\"schema\": 1}", Kind::WrongType, 1);
}

#[test]
fn what_is_not_json_is_refused() {
    refused("", Kind::Syntax, 1);
    refused("{", Kind::Syntax, 1);
    refused("{\n\"schema\": \"teeproof.policy/1\",\n}", Kind::Syntax, 3);
    refused(
        "{\n\"schema\": \"teeproof.policy/1\"\n}\n{}",
        Kind::Syntax,
        4,
    );
    refused(
        "{\n// why\n\"schema\": \"teeproof.policy/1\"}",
        Kind::Syntax,
        2,
    );
    refused("{\"schema\":\n\"\\ud800\"}", Kind::Syntax, 2);
    refused("\u{0}", Kind::Syntax, 1);
}

#[test]
fn what_is_not_plain_utf_8_is_refused() {
    let error = Policy::from_json(b"\xef\xbb\xbf{\"schema\": \"teeproof.policy/1\"}").unwrap_err();
    assert_eq!(error.kind(), Kind::ByteOrderMark);
    assert_eq!(error.position(), Some(Position { line: 1, column: 1 }));

    let error = Policy::from_json(b"{\"schema\":\n \"tee\xffproof\"}").unwrap_err();
    assert_eq!(error.kind(), Kind::NotUtf8);
    assert_eq!(error.position(), Some(Position { line: 2, column: 6 }));

    let utf_16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(Policy::from_json(&utf_16).unwrap_err().kind(), Kind::Syntax);
}

#[test]
fn size_is_limited() {
    let mut text = pretty(&minimal("engines", json!("any")));
    text.push_str(&" ".repeat(limits::POLICY - text.len()));
    Policy::from_json(text.as_bytes()).unwrap();
    text.push(' ');
    let error = Policy::from_json(text.as_bytes()).unwrap_err();
    assert_eq!((error.kind(), error.position()), (Kind::TooLarge, None));
}

#[test]
fn entries_are_limited() {
    let text = |entries: usize| {
        let list: Vec<_> = (0..entries).map(|n| format!("{n:012x}")).collect();
        let list = list.join("\",\"");
        format!("{{\"schema\":\"teeproof.policy/1\",\n\"platform\":{{\"fmspc\":[\"{list}\"]}}}}")
    };
    Policy::from_json(text(limits::POLICY_ENTRIES).as_bytes()).unwrap();
    refused(&text(limits::POLICY_ENTRIES + 1), Kind::TooManyEntries, 2);
}

#[test]
fn depth_is_limited() {
    for open in ["[", "{\"schema\":", "{\"tcb\":", "{\"tcb\":{\"merged\":["] {
        refused(&open.repeat(20_000), Kind::WrongType, 1);
    }
}

#[test]
fn an_error_does_not_repeat_a_long_text() {
    let long = "x".repeat(100_000);
    for value in [
        minimal(&long, json!(1)),
        minimal("engines", json!(long)),
        minimal("tee", json!([long])),
        minimal("tcb", json!(long)),
        minimal("tcb", json!({ "denied-advisories": [long] })),
    ] {
        assert!(parse(&value).unwrap_err().to_string().len() < 1_000);
    }
}

#[test]
fn an_error_says_what_where_and_what_to_do() {
    let text = "{\"schema\": \"teeproof.policy/1\",\n  \"tcb\": {\"merged\": [\"Revoked\"]}}";
    assert_eq!(
        Policy::from_json(text.as_bytes()).unwrap_err().to_string(),
        "line 2, column 22: `Revoked` among the accepted statuses; remove it: no policy can accept \
         a revoked TCB"
    );
}
