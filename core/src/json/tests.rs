//! The reader against its bounds, and against another reader.

use super::*;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;

fn check(bytes: &[u8]) -> Result<(), JsonError> {
    Document::read(bytes).map(|_| ())
}

#[test]
fn values_keep_their_exact_text() {
    let text = " {\"a\" : [1,  2.50 ,{\"b\":null}], \"c\":\"x\\u0041\", \"n\":null} ";
    let document = Document::read(text.as_bytes()).unwrap();
    let object = document.root().object().unwrap();
    assert_eq!(object.keys().collect::<Vec<_>>(), ["a", "c", "n"]);
    assert_eq!(object.get("a").unwrap().raw(), "[1,  2.50 ,{\"b\":null}]");
    assert_eq!(object.text("c").unwrap(), "xA");
    assert!(object.get("n").is_none() && object.has("n"));
    assert!(object.text("a").is_none());
    let items = object.get("a").unwrap().items(8).unwrap();
    assert_eq!(
        items.iter().map(|item| item.raw()).collect::<Vec<_>>(),
        ["1", "2.50", "{\"b\":null}"]
    );
    // One more than the limit comes back, never more.
    assert_eq!(object.get("a").unwrap().items(1).unwrap().len(), 2);
}

#[test]
fn a_key_is_found_by_its_text_and_not_by_its_spelling() {
    let document = Document::read(br#"{"\u0061":1,"b\\":2,"c":3}"#).unwrap();
    let object = document.root().object().unwrap();
    let raw = |key| object.find(key).map(Node::raw);
    assert_eq!(
        [raw("a"), raw("b\\"), raw("c")],
        [Some("1"), Some("2"), Some("3")]
    );
    for wrong in ["\\u0061", "b\\\\", "b", "", "cc", "\"c\""] {
        assert_eq!(raw(wrong), None, "{wrong}");
    }
}

#[test]
fn a_second_equal_key_is_refused_at_any_depth_and_in_any_spelling() {
    let inner = check(br#"{"a":[{"b":1,"c":2,"b":3}]}"#);
    assert_eq!(
        inner,
        Err(JsonError::DuplicateKey {
            key: "b".into(),
            line: 1,
            column: 22
        })
    );
    assert!(matches!(
        check(br#"{"a":1,"\u0061":2}"#),
        Err(JsonError::DuplicateKey { .. })
    ));
    assert!(check(br#"{"a":{"b":1},"b":{"a":1}}"#).is_ok());
    // However many keys there are: the end of the first second one is the place.
    for count in [2, 3, 15, 16, 17, 18, 100] {
        let mut keys: Vec<_> = (0..count).map(|key| format!("key-{key}")).collect();
        for (first, second, escape) in [
            (0, 1, false),
            (0, count - 1, false),
            (count - 2, count - 1, false),
            (0, count - 1, true),
        ] {
            let kept = keys[second].clone();
            keys[second] = keys[first].clone();
            let mut text = format!("{{\"{}\":0}}", keys.join("\":0,\""));
            if escape {
                text = text.replace('-', "\\u002d");
            }
            let place = text.match_indices(':').nth(second).unwrap().0;
            assert_eq!(
                check(text.as_bytes()),
                Err(JsonError::DuplicateKey {
                    key: keys[first].clone().into(),
                    line: 1,
                    column: place
                }),
                "{text}"
            );
            keys[second] = kept;
        }
    }
}

#[test]
fn fields_are_found_in_any_order() {
    let text = br#"{"a":0,"b":{"a":9,"d":9},"c":2,"d":3}"#;
    let document = Document::read(text).unwrap();
    let keys = ["a", "b", "c", "d"];
    for orders in 0..256_usize {
        let fields = Fields::open("text", document.root()).unwrap();
        for step in 0..4 {
            let key = keys[orders >> (2 * step) & 3];
            let other = document.root().object().unwrap();
            assert_eq!(
                fields.node(key).unwrap().raw(),
                other.find(key).unwrap().raw()
            );
            assert!(!fields.has("e") && fields.has(key));
        }
    }
}

#[test]
fn values_come_in_the_places_of_their_keys_whatever_their_order() {
    const KNOWN: [&str; 3] = ["a", "b", "\u{e9}"];
    let entries = [
        "\"a\":0",
        "\"b\":null",
        "\"\\u00e9\":[{\"a\":1}]",
        "\"x\":2",
    ];
    // Every choice of up to three of them, in every order.
    for choice in 0..64_usize {
        let mut chosen: Vec<usize> = Vec::new();
        for step in 0..3 {
            let entry = choice >> (2 * step) & 3;
            if !chosen.contains(&entry) {
                chosen.push(entry);
            }
        }
        for length in 0..=chosen.len() {
            let chosen = &chosen[..length];
            let texts: Vec<_> = chosen.iter().map(|entry| entries[*entry]).collect();
            let text = format!("{{{}}}", texts.join(","));
            let document = Document::read(text.as_bytes()).unwrap();
            let placed = Fields::placed("text", document.root(), &KNOWN);
            let closed = Fields::closed("text", document.root(), &KNOWN);
            assert_eq!(placed.is_err(), chosen.contains(&3), "{text}");
            match (placed, closed) {
                (Ok(values), Ok(fields)) => {
                    for (value, key) in values.iter().zip(KNOWN) {
                        let found = fields.node(key).ok();
                        assert_eq!(value.map(Node::raw), found.map(Node::raw), "{text}: {key}");
                    }
                }
                (placed, closed) => assert_eq!(placed.unwrap_err(), closed.unwrap_err()),
            }
        }
    }
    let list = Document::read(b"[]").unwrap();
    let fault = Fields::placed("text", list.root(), &KNOWN).unwrap_err();
    let expected = Fields::closed("text", list.root(), &KNOWN).unwrap_err();
    assert_eq!(fault, expected);
}

#[test]
fn ill_formed_text_is_refused_with_its_place() {
    assert_eq!(
        check(b"{\n  \"a\": ?}"),
        Err(JsonError::Syntax {
            line: 2,
            column: 8,
            ends_early: false
        })
    );
    assert!(matches!(
        check(b"{\"a\": [1, 2"),
        Err(JsonError::Syntax {
            ends_early: true,
            ..
        })
    ));
    for wrong in [
        "",
        "{} {}",
        "{a:1}",
        "[1,]",
        "\"\\ud800\"",
        "nul",
        "01",
        "\u{feff}{}",
    ] {
        assert!(
            matches!(check(wrong.as_bytes()), Err(JsonError::Syntax { .. })),
            "{wrong}"
        );
    }
    assert_eq!(check(b"[\"\xff\"]"), Err(JsonError::Encoding { offset: 2 }));
}

/// Whether two readers agree on a text, and on what it says where they take it.
fn agree(text: &[u8]) {
    let theirs = serde_json::from_slice::<serde_json::Value>(text);
    match Document::read(text) {
        Ok(document) => {
            let text = document.text();
            let theirs = theirs.unwrap_or_else(|error| {
                // They hold a number that is too large for a fault of the text.
                assert!(error.to_string().contains("out of range"), "{text}");
                serde_json::Value::Null
            });
            if !theirs.is_null() {
                assert_eq!(value(document.root()), theirs, "{text}");
            }
        }
        // They keep the last of two equal keys.
        Err(JsonError::DuplicateKey { .. }) => {}
        Err(_) => assert!(theirs.is_err(), "{}", String::from_utf8_lossy(text)),
    }
}

fn value(node: Node<'_>) -> serde_json::Value {
    if let Some(object) = node.object() {
        let entries = object.entries();
        return entries
            .map(|(key, node)| (key.into_owned(), value(node)))
            .collect();
    }
    if let Some(items) = node.items(usize::MAX) {
        return items.into_iter().map(value).collect();
    }
    if let Some(text) = node.text() {
        return text.into();
    }
    if let Some(number) = node.whole() {
        return number.into();
    }
    node.flag().map_or_else(
        || serde_json::from_str(node.raw()).unwrap(),
        serde_json::Value::from,
    )
}

#[test]
fn another_reader_takes_and_refuses_the_same_texts() {
    let seeds: [&str; 6] = [
        r#" {"a" : [1, -2.50e+3, 0, {"b":null}], "c":"x\u0041\ud83d\ude00\n\/", "d":true} "#,
        r#"[[],{},[{}],"",false,"\"\\\b\f\r\t", 18446744073709551615, 1E-7]"#,
        r#"{"":0,"é":"ü\u00e9","\u00e8":1}"#,
        r#""a text""#,
        "-0.0",
        "[1,\n\t2 ]\r\n",
    ];
    let signs = b"\"\\{}[],: \n01-+.eEunltf\x00\x1f\x7f\x80\xff";
    for seed in seeds {
        let seed = seed.as_bytes();
        agree(seed);
        for at in 0..seed.len() {
            agree(&seed[..at]);
            agree(&seed[at..]);
            let mut without = seed.to_vec();
            without.remove(at);
            agree(&without);
            for sign in signs {
                let mut changed = seed.to_vec();
                changed[at] = *sign;
                agree(&changed);
                let mut more = seed.to_vec();
                more.insert(at, *sign);
                agree(&more);
            }
        }
    }
}

#[test]
fn whole_numbers_are_digits_and_fit() {
    let number = |text: &str| Document::read(text.as_bytes()).unwrap().root().whole();
    assert_eq!(number("0"), Some(0));
    assert_eq!(number("18446744073709551615"), Some(u64::MAX));
    for wrong in [
        "18446744073709551616",
        "-1",
        "-0",
        "1.0",
        "1e3",
        "\"1\"",
        "null",
    ] {
        assert_eq!(number(wrong), None, "{wrong}");
    }
}

#[test]
fn nesting_and_the_number_of_keys_are_bounded() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(check(nested(limits::JSON_DEPTH).as_bytes()).is_ok());
    assert!(matches!(
        check(nested(limits::JSON_DEPTH + 1).as_bytes()),
        Err(JsonError::TooDeep { .. })
    ));
    assert!(matches!(
        check(nested(1_000_000).as_bytes()),
        Err(JsonError::TooDeep { .. })
    ));
    let wide = |keys: usize| {
        let entries: Vec<_> = (0..keys).map(|key| format!("\"{key}\":0")).collect();
        format!("{{{}}}", entries.join(","))
    };
    assert!(check(wide(limits::JSON_KEYS).as_bytes()).is_ok());
    assert!(matches!(
        check(wide(limits::JSON_KEYS + 1).as_bytes()),
        Err(JsonError::TooManyKeys { .. })
    ));
    // The list is a value, too.
    let long = |values: usize| format!("[{}0]", "0,".repeat(values - 2));
    assert!(check(long(limits::JSON_VALUES).as_bytes()).is_ok());
    assert_eq!(
        check(long(limits::JSON_VALUES + 1).as_bytes()),
        Err(JsonError::TooManyValues {
            line: 1,
            column: 2 * limits::JSON_VALUES
        })
    );
}

#[test]
fn messages_quote_a_hostile_key_safely() {
    let key = vec!["k\u{1b}"; 200].join("");
    let text = format!("{{\"{0}\":1,\"{0}\":1}}", key.replace('\u{1b}', "\\u001b"));
    let message = check(text.as_bytes()).unwrap_err().to_string();
    assert!(
        message.len() < 2000 && !message.contains('\u{1b}'),
        "{message}"
    );
}
