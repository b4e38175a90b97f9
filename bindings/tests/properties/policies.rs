//! Policies about a piece of evidence, and how one is made stricter by one knob.
//!
//! A policy is made from bytes, read from the first to the last: a zero means that a key is absent,
//! so what proptest shrinks to is the shortest policy that still fails.

use std::slice::Iter;

use serde_json::{Map, Value, json};
use teeproof_bindings::parse_policy;
use teeproof_core::{Measurements, Policy, Report};

/// Bytes that decide; zeros when they are used up.
pub(crate) struct Dice<'a>(Iter<'a, u8>);

impl<'a> Dice<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    pub(crate) fn below(&mut self, sides: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % sides
    }
}

/// A policy as a document: tables of keys; the keys of the document itself in the table `""`.
pub(crate) type Document = Map<String, Value>;

type Key = (&'static str, &'static str);

/// Lists that are absent where anything is accepted.
const LISTS: [Key; 9] = [
    ("platform", "fmspc"),
    ("platform", "ppid"),
    ("td", "attributes"),
    ("td", "xfam"),
    ("app", "compose-hashes"),
    ("app", "app-ids"),
    ("app", "rtmr3"),
    ("app", "report-data"),
    ("tcb", "tolerated-advisories"),
];
const STATUSES: [Key; 5] = [
    ("tcb", "merged"),
    ("tcb", "platform"),
    ("tcb", "module"),
    ("tcb", "qe"),
    ("tcb", "current"),
];
const FLOORS: [Key; 3] = [
    ("tcb", "min-evaluation-number"),
    ("tcb", "min-root-crl-number"),
    ("tcb", "min-pck-crl-number"),
];
const FLAGS: [Key; 3] = [
    ("platform", "dynamic"),
    ("platform", "cached-keys"),
    ("platform", "smt"),
];
const UNSAFE: [Key; 5] = [
    ("td", "accept-debug-td-unsafe"),
    ("td", "accept-service-td-unsafe"),
    ("td", "accept-migratable-td-unsafe"),
    ("td", "accept-missing-sept-ve-disable-unsafe"),
    ("sgx", "accept-debug-enclave-unsafe"),
];
const GRACE: Key = ("tcb", "out-of-date-grace-days");
const DENIED: Key = ("tcb", "denied-advisories");
const PROVIDERS: Key = ("app", "key-providers");
const OS: Key = ("", "os");

/// Statuses that need a grace.
const LATE: [&str; 4] = [
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded",
];

/// Every status that a list may hold.
fn words(key: &str) -> &'static [&'static str] {
    match key {
        "module" => &["UpToDate", "OutOfDate"],
        "qe" => &[
            "UpToDate",
            "OutOfDate",
            "ConfigurationNeeded",
            "OutOfDateConfigurationNeeded",
        ],
        _ => &[
            "UpToDate",
            "SWHardeningNeeded",
            "ConfigurationNeeded",
            "ConfigurationAndSWHardeningNeeded",
            "OutOfDate",
            "OutOfDateConfigurationNeeded",
        ],
    }
}

/// What a policy could say that the evidence meets.
pub(crate) struct Truth(Map<String, Value>);

impl Truth {
    pub(crate) fn of(report: &Report) -> Self {
        let mut truth = Map::new();
        let mut say = |key: &str, value: Value| truth.insert(key.to_owned(), value);
        if let Some(Measurements::Tdx(td)) = report.measurements() {
            let [rtmr0, rtmr1, rtmr2, rtmr3] = td.rtmr.map(|register| register.to_string());
            say("attributes", td.td_attributes.to_string().into());
            say("xfam", td.xfam.to_string().into());
            say("rtmr3", rtmr3.into());
            say("report-data", td.report_data.to_string().into());
            say("mrtd", td.mrtd.to_string().into());
            say("rtmr0", rtmr0.into());
            say("rtmr1", rtmr1.into());
            say("rtmr2", rtmr2.into());
        }
        if let Some(facts) = report.facts() {
            let hash = facts.compose_hash().as_bytes().to_string();
            say("compose-hashes", hash.into());
            say("app-ids", facts.app_id().to_string().into());
            if let Some(provider) = facts.key_provider() {
                let id = teeproof_core::encode_hex(provider.id());
                let kind = provider.kind().name();
                // Nobody's keys have no id.
                let provider = if id.is_empty() {
                    json!({ "kind": kind })
                } else {
                    json!({ "kind": kind, "id": id })
                };
                say("key-providers", provider);
            }
        }
        if let Some(platform) = report.platform() {
            say("fmspc", platform.fmspc.to_string().into());
            say("ppid", platform.ppid.to_string().into());
        }
        if let Some(tcb) = report.tcb() {
            let current = tcb.current.as_ref().map(|current| current.status);
            let module = tcb.module.as_ref().map(|module| module.status);
            for (key, status) in [
                ("merged", Some(tcb.status)),
                ("platform", Some(tcb.platform.status)),
                ("module", module),
                ("qe", Some(tcb.qe.status)),
                ("current", current),
            ] {
                if let Some(status) = status {
                    say(key, status.as_str().into());
                }
            }
            say("advisories", json!(tcb.advisories));
        }
        if let Some((root, pck)) = report.crl_numbers() {
            say("min-root-crl-number", root.into());
            say("min-pck-crl-number", pck.into());
        }
        if let Some((tcb_info, qe)) = report.evaluation_numbers() {
            say("min-evaluation-number", tcb_info.min(qe).into());
        }
        Self(truth)
    }

    fn hex(&self, key: &str) -> String {
        let digits = match key {
            "fmspc" => 12,
            "ppid" => 32,
            "attributes" | "xfam" => 16,
            "compose-hashes" => 64,
            "app-ids" => 40,
            "report-data" => 128,
            _ => 96,
        };
        let known = self.0.get(key).and_then(Value::as_str);
        known.map_or_else(|| "0".repeat(digits), str::to_owned)
    }

    /// A value for a list: the true one for 0, others for other numbers.
    fn value(&self, key: &str, number: usize) -> Value {
        if key.ends_with("-advisories") {
            let known = self.0.get("advisories").and_then(Value::as_array);
            let known = known.and_then(|list| list.get(number)).cloned();
            return known.unwrap_or_else(|| format!("INTEL-SA-9990{number}").into());
        }
        let mut hex = self.hex(key);
        let last = hex.pop().and_then(|digit| digit.to_digit(16)).unwrap();
        let digit = last ^ u32::try_from(number).unwrap();
        hex.push(char::from_digit(digit, 16).unwrap());
        hex.into()
    }

    fn os(&self, number: usize, with_rtmr0: bool) -> Value {
        let mut entry = json!({
            "name": format!("set {number}"),
            "mrtd": self.value("mrtd", number),
            "rtmr1": self.value("rtmr1", 0),
            "rtmr2": self.value("rtmr2", 0),
        });
        if with_rtmr0 {
            entry["rtmr0"] = json!([self.value("rtmr0", 0)]);
        }
        entry
    }

    fn provider(&self, number: usize) -> Value {
        match self.0.get("key-providers") {
            Some(known) if number == 0 => known.clone(),
            _ => json!({ "kind": "kms", "id": format!("0{number}") }),
        }
    }

    fn number(&self, key: &str) -> u64 {
        self.0.get(key).and_then(Value::as_u64).unwrap_or(1)
    }
}

fn get(document: &Document, (table, key): Key) -> Option<&Value> {
    document.get(table)?.get(key)
}

fn set(document: &mut Document, (table, key): Key, value: Value) {
    document
        .entry(table)
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .unwrap()
        .insert(key.to_owned(), value);
}

/// One to three values, the true one first and mostly among them.
fn numbers(dice: &mut Dice<'_>) -> Vec<usize> {
    match dice.below(16) {
        0..10 => vec![0],
        10..13 => vec![0, 1],
        13..15 => vec![0, 1, 2],
        _ => vec![1, 2],
    }
}

/// A grace stands there exactly if something late is accepted.
fn settle_grace(document: &mut Document, days: usize) {
    let late = STATUSES.iter().any(|key| {
        let list = get(document, *key).and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|word| LATE.iter().any(|late| word == late)))
    });
    if !late {
        if let Some(Value::Object(tcb)) = document.get_mut("tcb") {
            tcb.remove(GRACE.1);
        }
    } else if get(document, GRACE).is_none() {
        set(document, GRACE, days.into());
    }
}

/// A policy that the evidence has a fair chance to meet.
pub(crate) fn policy(dice: &mut Dice<'_>, truth: &Truth) -> Document {
    let mut document = Document::new();
    let any = &mut document;
    let tee = [json!(["tdx", "sgx"]), json!(["tdx"]), json!(["sgx"])];
    set(any, ("", "tee"), tee[dice.below(8) / 3].clone());
    if dice.below(4) == 3 {
        set(any, ("", "engines"), "both".into());
    }
    if dice.below(8) == 7 {
        set(any, ("", "freshness"), "required".into());
    }
    for key in STATUSES {
        let all = words(key.1);
        let known = truth.0.get(key.1);
        let known = known.filter(|word| all.iter().any(|one| word == one));
        match (dice.below(8), known) {
            (0..5, _) => set(any, key, json!(all)),
            (5..7, Some(word)) => set(any, key, json!([word])),
            _ => {}
        }
    }
    settle_grace(any, [36_500, 4_000, 400, 0][dice.below(8) / 2]);
    for key in LISTS {
        if dice.below(4) == 3 {
            let list = numbers(dice).into_iter();
            let list: Vec<_> = list.map(|number| truth.value(key.1, number)).collect();
            set(any, key, list.into());
        }
    }
    for key in FLOORS {
        if dice.below(8) == 7 {
            set(
                any,
                key,
                (truth.number(key.1) + 1 - dice.below(2) as u64).into(),
            );
        }
    }
    for key in FLAGS {
        if dice.below(12) == 11 {
            set(any, key, (dice.below(2) == 0).into());
        }
    }
    for key in UNSAFE {
        if dice.below(2) == 1 {
            set(any, key, true.into());
        }
    }
    if dice.below(2) == 1 {
        let list = numbers(dice).into_iter();
        let list: Vec<_> = list.map(|number| truth.os(number, number == 1)).collect();
        set(any, OS, list.into());
    }
    if dice.below(8) == 7 {
        let list = numbers(dice).into_iter();
        let list: Vec<_> = list.map(|number| truth.provider(number)).collect();
        set(any, PROVIDERS, list.into());
    }
    document
}

/// How many knobs there are.
pub(crate) const KNOBS: usize =
    LISTS.len() + STATUSES.len() + FLOORS.len() + FLAGS.len() + UNSAFE.len() + 7;

/// Turns one knob by one step towards more strictness. `None` where it is at its end.
pub(crate) fn tighten(
    document: &Document,
    knob: usize,
    dice: &mut Dice<'_>,
    truth: &Truth,
) -> Option<Document> {
    let mut strict = document.clone();
    let keys: Vec<Key> = [&LISTS[..], &STATUSES, &FLOORS, &FLAGS, &UNSAFE].concat();
    let Some(key) = keys.get(knob).copied() else {
        special(&mut strict, knob - keys.len(), dice, truth)?;
        settle_grace(&mut strict, 0);
        return Some(strict);
    };
    let value = match get(document, key).cloned() {
        Some(Value::Array(list)) => fewer(list, dice)?,
        Some(Value::Number(floor)) => (floor.as_u64()? + 1).into(),
        Some(Value::Bool(true)) if UNSAFE.contains(&key) => false.into(),
        Some(_) => return None,
        None if LISTS.contains(&key) => json!([truth.value(key.1, dice.below(4) / 3)]),
        None if FLOORS.contains(&key) => (truth.number(key.1) + dice.below(2) as u64).into(),
        None if FLAGS.contains(&key) => (dice.below(2) == 0).into(),
        None => return None,
    };
    set(&mut strict, key, value);
    settle_grace(&mut strict, 0);
    contradiction_free(&strict).then_some(strict)
}

fn fewer(mut list: Vec<Value>, dice: &mut Dice<'_>) -> Option<Value> {
    if list.len() < 2 {
        return None;
    }
    list.remove(dice.below(list.len()));
    Some(list.into())
}

/// An advisory cannot be both tolerated and denied.
fn contradiction_free(document: &Document) -> bool {
    let list = |key| get(document, key).and_then(Value::as_array).into_iter();
    !list(("tcb", "tolerated-advisories"))
        .flatten()
        .any(|id| list(DENIED).flatten().any(|denied| denied == id))
}

fn special(strict: &mut Document, knob: usize, dice: &mut Dice<'_>, truth: &Truth) -> Option<()> {
    let (key, value) = match knob {
        0 => (("", "engines"), "both".into()),
        1 => (("", "freshness"), "required".into()),
        2 => {
            let kinds = get(strict, ("", "tee"))?.as_array()?.clone();
            (("", "tee"), fewer(kinds, dice)?)
        }
        3 => {
            let days = get(strict, GRACE)?.as_u64().filter(|days| *days > 0)?;
            (GRACE, (days / 2 * dice.below(2) as u64).into())
        }
        4 => {
            let list = get(strict, DENIED).and_then(Value::as_array).cloned();
            let mut list = list.unwrap_or_default();
            list.push(truth.value(DENIED.1, list.len()));
            (DENIED, list.into())
        }
        5 => {
            let providers = get(strict, PROVIDERS).and_then(Value::as_array).cloned();
            let value = match providers {
                Some(list) => fewer(list, dice)?,
                None => json!([truth.provider(dice.below(2))]),
            };
            (PROVIDERS, value)
        }
        _ => {
            let value = match get(strict, OS).and_then(Value::as_array).cloned() {
                None => json!([truth.os(dice.below(4) / 3, dice.below(2) == 1)]),
                Some(mut list) if list[0].get("rtmr0").is_none() => {
                    list[0]["rtmr0"] = json!([truth.value("rtmr0", dice.below(4) / 3)]);
                    list.into()
                }
                Some(list) => fewer(list, dice)?,
            };
            (OS, value)
        }
    };
    if get(strict, key) == Some(&value) {
        return None;
    }
    set(strict, key, value);
    contradiction_free(strict).then_some(())
}

pub(crate) fn to_json(document: &Document) -> String {
    let mut root = document.clone();
    let mut all = match root.remove("") {
        Some(Value::Object(keys)) => keys,
        _ => Map::new(),
    };
    all.insert("schema".to_owned(), Policy::SCHEMA.into());
    all.extend(root);
    Value::Object(all).to_string()
}

/// The same in TOML, with dotted keys and tables within lines.
pub(crate) fn to_toml(document: &Document) -> String {
    let mut text = format!("schema = \"{}\"\n", Policy::SCHEMA);
    for (table, keys) in document {
        for (key, value) in keys.as_object().unwrap() {
            let dot = if table.is_empty() { "" } else { "." };
            text.push_str(&format!("{table}{dot}{key} = {}\n", toml_value(value)));
        }
    }
    text
}

fn toml_value(value: &Value) -> String {
    let joined = |items: Vec<String>| items.join(", ");
    match value {
        Value::Array(items) => format!("[{}]", joined(items.iter().map(toml_value).collect())),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(key, value)| format!("{key} = {}", toml_value(value)));
            format!("{{ {} }}", joined(fields.collect()))
        }
        // Texts without escapes, numbers and truth values are written alike.
        plain => plain.to_string(),
    }
}

pub(crate) fn read(document: &Document) -> Policy {
    let json = to_json(document);
    parse_policy(json.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{json}"))
}
