//! Generated app-compose documents, as text: what the writers of JSON treat differently is frequent
//! in them.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// Documents that a generator may miss.
#[allow(dead_code, reason = "not every test asks for the chosen ones")]
pub(crate) const CHOSEN: &[&str] = &[
    "{\"runner\":\"docker-compose\",\"docker_compose_file\":\"environment:\\n  \\\"A\\\": b\\n\"}",
    "{\"runner\":\"bash\",\"docker_compose_file\":\"x\",\"bash_script\":\"a && b <c> \u{2028}\"}",
    "{\"runner\":\"nerdctl-compose\",\"docker_compose_file\":\"x\",\"bash_script\":\"y\"}",
    "{\"runner\":\"r\",\"docker_config\":{},\"requirements\":{},\"allowed_envs\":[],\"features\":[]}",
    "{\"runner\":\"r\",\"docker_config\":{\"username\":null,\"registry\":\"\"}}",
    "{\"runner\":\"r\",\"docker_config\":null}",
    "{\"runner\":\"r\",\"docker_config\":{\"password\":\"\"}}",
    "{\"runner\":\"r\",\"self\":1}",
    "{\"runner\":\"r\",\"to_dict\":1}",
    "{\"runner\":\"r\",\"_hidden\":1,\"z\":{\"_shown\":1}}",
    "{\"runner\":\"r\",\"x\":{\"b\":1,\"constructor\":{\"d\":1,\"c\":{\"f\":1,\"e\":1}},\"a\":1.0}}",
    "{\"runner\":\"r\",\"constructor\":1,\"b\":{\"d\":1,\"c\":2},\"a\":1}",
    "{\"runner\":\"r\",\"x\":{\"__proto__\":{\"a\":1},\"b\":{\"__proto__\":1}}}",
    "{\"runner\":\"r\",\"x\":{\"4294967295\":1,\"4294967294\":2,\"00\":3,\"0\":4,\"-1\":5,\"1.5\":6}}",
    "{\"\":1,\"runner\":\"\"}",
    "{\"name\":\"no runner\"}",
    "{}",
];

const PIECES: &[&str] = &[
    "",
    "a",
    "\"A\": b",
    "\": ",
    "\\",
    "\"",
    "<",
    ">",
    "&",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\u{0}",
    "\u{8}",
    "\u{c}",
    "\u{1f}",
    "\u{7f}",
    "\u{80}",
    "é",
    "\u{2028}",
    "\u{2029}",
    "\u{d7ff}",
    "\u{e000}",
    "～",
    "\u{fffd}",
    "\u{ffff}",
    "😀",
    "\u{10ffff}",
    "${VAR}",
    "image: nginx@sha256:00",
    "/",
    "{}",
    "[]",
];

const KEYS: &[&str] = &[
    "",
    "0",
    "1",
    "2",
    "10",
    "01",
    "-1",
    "1.0",
    "4294967294",
    "4294967295",
    "a",
    "b",
    "B",
    "Z",
    "_a",
    "é",
    "z",
    "～",
    "😀",
    "\u{e000}",
    "a\": b",
    "constructor",
    "toString",
    "hasOwnProperty",
    "length",
    "salt",
    "init_script",
    "from_dict",
    "name",
    "null",
];

const TEXTS: &[&str] = &[
    "name",
    "docker_compose_file",
    "bash_script",
    "pre_launch_script",
    "key_provider",
    "key_provider_id",
    "snapshotter",
    "storage_fs",
    "launch_token_hash",
];
const FLAGS: &[&str] = &[
    "public_logs",
    "public_sysinfo",
    "public_tcbinfo",
    "kms_enabled",
    "gateway_enabled",
    "tproxy_enabled",
    "local_key_provider_enabled",
    "no_instance_id",
    "secure_time",
];
const LISTS: &[&str] = &["features", "allowed_envs"];
const RUNNERS: &[&str] = &[
    "docker-compose",
    "docker-compose",
    "nerdctl-compose",
    "bash",
    "other",
    "",
];

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => vec(select(PIECES), 0..5).prop_map(|pieces| quoted(&pieces.concat())),
        1 => any::<String>().prop_map(|text| quoted(&text)),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "0",
            "-0",
            "-0.0",
            "1",
            "1.0",
            "1e0",
            "1E+2",
            "2.50",
            "1e16",
            "1e15",
            "1e21",
            "1e20",
            "1e-5",
            "1e-6",
            "1e-7",
            "0.0001",
            "9007199254740993",
            "18446744073709551616",
            "123456789012345678901234567890",
            "5e-324",
            "1e-400",
            "1.7976931348623157e308",
        ])
        .prop_map(ToOwned::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON has finite numbers only", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        (-1e7..1e7).prop_map(|number: f64| format!("{number:.3}")),
    ]
}

/// Entries with distinct keys, as an object.
fn object(entries: &[(String, String)]) -> String {
    let mut seen = std::collections::BTreeSet::new();
    let written: Vec<_> = entries
        .iter()
        .filter(|(key, _)| seen.insert(key.clone()))
        .map(|(key, value)| format!("{}:{value}", quoted(key)))
        .collect();
    format!("{{{}}}", written.join(","))
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(KEYS).prop_map(ToOwned::to_owned),
        1 => any::<u32>().prop_map(|number| number.to_string()),
        1 => "[a-zé～😀]{1,3}",
    ]
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        number(),
        text(),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec((key(), inner), 0..5).prop_map(|entries| object(&entries)),
        ]
    })
}

/// A field that the packages know, mostly with a value of its kind.
fn field() -> impl Strategy<Value = (String, String)> {
    let of = |names: &'static [&'static str]| select(names).prop_map(ToOwned::to_owned);
    prop_oneof![
        6 => (of(TEXTS), text()),
        4 => (of(FLAGS), any::<bool>().prop_map(|flag| flag.to_string())),
        3 => (of(LISTS), vec(text(), 0..3).prop_map(|items| format!("[{}]", items.join(",")))),
        1 => (of(&["manifest_version"]), prop_oneof![number(), text()]),
        1 => (
            of(&["docker_config"]),
            vec((select(vec!["registry", "username", "token_key"]).prop_map(ToOwned::to_owned), text()), 0..4)
                .prop_map(|entries| object(&entries)),
        ),
        1 => (of(&["pre_launch_script"]), select(vec!["\"\"", "null"]).prop_map(ToOwned::to_owned)),
    ]
}

/// An app-compose: known fields, and in half of the documents any others among them.
pub(crate) fn any_compose() -> impl Strategy<Value = String> {
    let runner = select(RUNNERS).prop_map(|runner| ("runner".to_owned(), quoted(runner)));
    let others = prop_oneof![Just(Vec::new()), vec((key(), value()), 0..5),];
    (
        runner,
        vec(field(), 0..8),
        others,
        any::<proptest::sample::Index>(),
    )
        .prop_map(|(runner, mut entries, others, at)| {
            entries.extend(others);
            let at = at.index(entries.len() + 1);
            entries.insert(at, runner);
            object(&entries)
        })
}
