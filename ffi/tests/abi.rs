//! What was released stays: a program that was built before works with every library of the same
//! interface number, and what breaks it raises the number. `ffi/abi/NUMBER.txt` is the interface of the
//! last release with that number.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use support::root;

/// A snapshot, taken apart.
#[derive(Default)]
struct Interface {
    /// Constants and members of enumerations, with their numbers. Enumerations may get more of them.
    numbers: BTreeMap<String, String>,
    /// Everything else: a line that has to stay as it is.
    declared: BTreeSet<String>,
    abi: u32,
    version: String,
}

impl Interface {
    fn read(path: &str) -> Self {
        Self::of(&fs::read_to_string(root().join(path)).unwrap())
    }

    fn of(snapshot: &str) -> Self {
        let mut this = Self::default();
        for line in snapshot.lines() {
            let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
            match first {
                "TEEPROOF_ABI_VERSION" => this.abi = rest.parse().unwrap(),
                "TEEPROOF_VERSION" => this.version = rest.trim_matches('"').to_owned(),
                _ if first.starts_with("TEEPROOF_VERSION_") => {}
                _ if first.starts_with("TEEPROOF_") => {
                    this.numbers.insert(first.to_owned(), rest.to_owned());
                }
                "enum" => {
                    let members = rest.split_once('{').unwrap().1.trim_end_matches('}');
                    for member in members.split(',').map(str::trim) {
                        if let Some((name, number)) = member.split_once(" = ") {
                            this.numbers.insert(name.to_owned(), number.to_owned());
                        }
                    }
                }
                _ => {
                    this.declared.insert(line.to_owned());
                }
            }
        }
        this
    }

    /// What a program that was built with this one would miss in another.
    fn misses_in(&self, other: &Self) -> Vec<String> {
        let numbers = self
            .numbers
            .iter()
            .filter(|&(name, number)| other.numbers.get(name) != Some(number))
            .map(|(name, number)| format!("{name} {number}"));
        let declared = self.declared.difference(&other.declared).cloned();
        numbers.chain(declared).collect()
    }

    /// What the shared library is named by: MAJOR, and while that is 0, 0.MINOR.
    fn soname(&self) -> String {
        let parts: Vec<&str> = self.version.split('.').collect();
        if parts[0] == "0" {
            parts[..2].join(".")
        } else {
            parts[0].to_owned()
        }
    }
}

/// The interfaces of the past, from number 1 on.
fn released() -> Vec<Interface> {
    let count = fs::read_dir(root().join("ffi/abi")).unwrap().count();
    (1..=count)
        .map(|number| Interface::read(&format!("ffi/abi/{number}.txt")))
        .collect()
}

#[test]
fn what_was_released_is_still_there_or_the_number_is_raised() {
    let now = Interface::read("ffi/abi.txt");
    let released = released();
    let last = released.last().unwrap();
    let gone = last.misses_in(&now);
    if gone.is_empty() {
        assert_eq!(
            now.abi, last.abi,
            "nothing broke: the number stays, or ffi/abi has the snapshot of the new one"
        );
    } else {
        panic!(
            "programs that were built before would miss {gone:#?}: raise TEEPROOF_ABI_VERSION and the \
             version that the shared library is named by, and put the snapshot into ffi/abi/{}.txt",
            last.abi + 1
        );
    }
}

#[test]
fn every_number_has_its_snapshot_and_its_name() {
    let released = released();
    for (place, interface) in released.iter().enumerate() {
        assert_eq!(usize::try_from(interface.abi).unwrap(), place + 1);
        assert!(interface.numbers.len() > 100 && interface.declared.len() > 50);
    }
    for pair in released.windows(2) {
        assert_ne!(
            pair[0].soname(),
            pair[1].soname(),
            "libraries of two interfaces with one name"
        );
    }
}

/// No number of a check, a result or any other enumeration ever means something else.
#[test]
fn no_number_is_used_again() {
    let mut meant: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut all = released();
    all.push(Interface::read("ffi/abi.txt"));
    let kinds = [
        "TEEPROOF_CHECK_TEXT_",
        "TEEPROOF_CHECK_VALUE_",
        "TEEPROOF_CHECK_",
        "TEEPROOF_RESULT_",
        "TEEPROOF_VERDICT_",
        "TEEPROOF_OUTCOME_",
        "TEEPROOF_SAMENESS_",
        "TEEPROOF_INSTANT_",
        "TEEPROOF_PIN_",
        "TEEPROOF_MEASUREMENT_",
    ];
    for (name, number) in all.iter().flat_map(|one| &one.numbers) {
        let Some(kind) = kinds.iter().find(|kind| name.starts_with(**kind)) else {
            continue;
        };
        let key = ((*kind).to_owned(), number.clone());
        let before = meant.entry(key).or_insert_with(|| name.clone());
        assert_eq!(before, name, "{number} had another meaning");
    }
    assert!(meant.len() > 100, "only {} numbers seen", meant.len());
}

#[test]
fn a_break_is_told_from_an_addition() {
    let text = fs::read_to_string(root().join("ffi/abi.txt")).unwrap();
    let before = Interface::of(&text);
    let misses = |changed: &str| before.misses_in(&Interface::of(changed)).len();
    assert_eq!(misses(&text), 0);
    let more = text.replace(
        "{ TEEPROOF_PIN_COMPOSE_HASH",
        "{ TEEPROOF_PIN_NEW = 99, TEEPROOF_PIN_COMPOSE_HASH",
    );
    assert_ne!(more, text);
    assert_eq!(misses(&more), 0);
    assert_eq!(misses(&format!("{text}void teeproof_new(void)\n")), 0);
    assert_eq!(misses(&text.replace("\"0.1.0\"", "\"0.1.1\"")), 0);
    for (from, to) in [
        (
            "TEEPROOF_VERDICT_REJECTED = 4",
            "TEEPROOF_VERDICT_REJECTED = 6",
        ),
        ("TEEPROOF_PIN_OS = 4, ", ""),
        ("TEEPROOF_CHECK_QUOTE_FORMAT 101u\n", ""),
        ("TEEPROOF_LIVE 2", "TEEPROOF_LIVE 8"),
        ("uint32_t flags;", "uint64_t flags;"),
        ("teeproof_abi_version(void)", "teeproof_abi_version(int)"),
        ("void teeproof_text_free(teeproof_text *text)\n", ""),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        assert_eq!(misses(&changed), 1, "{from}");
    }
}
