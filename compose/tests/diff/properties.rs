//! What holds for any two documents.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use teeproof_compose::{Likeness, diff, limits};

use crate::{assert_mirrored, between, parsed};

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("info".to_owned()),
        Just("8080:80".to_owned()),
        Just("${A}".to_owned()),
        "[ -~]{0,12}",
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u8..4).prop_map(Value::from),
        words().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|map| Value::Object(Map::from_iter(map))),
        ]
    })
}

/// A docker-compose text of a few services; JSON is YAML. Now and then one that cannot be read.
fn compose() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "image",
        "command",
        "environment",
        "ports",
        "volumes",
        "privileged",
        "restart",
        "labels",
    ]);
    let service = prop::collection::btree_map(key, json_value(), 0..5);
    let services = prop::collection::btree_map("[a-c]", service, 0..3);
    let readable = services.prop_map(|services| json!({"services": services}).to_string());
    prop_oneof![9 => readable, 1 => words()]
}

fn document() -> impl Strategy<Value = Value> {
    let field = prop::sample::select(
        teeproof_compose::FIELDS
            .iter()
            .map(|field| field.name)
            .chain(["salt", "other"])
            .collect::<Vec<_>>(),
    );
    let fields = prop::collection::btree_map(field, json_value(), 0..8);
    (fields, prop::option::of(compose())).prop_map(|(fields, compose)| {
        let mut object: Map<String, Value> = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        if let Some(text) = compose {
            object.insert("docker_compose_file".to_owned(), text.into());
        }
        Value::Object(object)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_document_does_not_differ_from_itself(one in document()) {
        let same = between(&one, &one);
        prop_assert_eq!(same.likeness, Likeness::SameBytes);
        prop_assert!(same.changes.is_empty());
        // Nor from itself in another layout, if only its bytes tell it apart.
        let pretty = serde_json::to_string_pretty(&one).unwrap();
        let other = teeproof_compose::AppCompose::parse(pretty.as_bytes()).unwrap();
        let laid_out = diff(&parsed(&one), &other);
        prop_assert!(laid_out.changes.is_empty());
        prop_assert_eq!(laid_out.likeness == Likeness::SameBytes, laid_out.old == laid_out.new);
    }

    #[test]
    fn backwards_is_the_mirror(one in document(), two in document()) {
        let there = between(&one, &two);
        assert_mirrored(&there, &between(&two, &one));
        // Other bytes have another hash, and another meaning has other bytes.
        prop_assert_eq!(there.old == there.new, there.likeness == Likeness::SameBytes);
        prop_assert_eq!(there.changes.is_empty(), there.likeness != Likeness::Changed);
        prop_assert_eq!(there.risk().is_some(), there.likeness == Likeness::Changed);
    }
}

#[test]
fn a_flood_of_changes_is_cut_and_counted() {
    let many = |word: &str| {
        let fields: Map<String, Value> = (0..3000)
            .map(|index| (format!("field{index}"), word.into()))
            .collect();
        Value::Object(fields)
    };
    let mut new = many("b");
    new["public_logs"] = json!(true);
    let diff = between(&many("a"), &new);
    assert_eq!(
        (diff.changes.len(), diff.omitted),
        (limits::DIFF_CHANGES, 2001)
    );
    assert_eq!(diff.changes[0].path, "public_logs");
    assert!(
        diff.remarks()
            .contains(&"2001 more changes, of no higher risk, are not listed".to_owned())
    );
}
