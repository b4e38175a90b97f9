//! What every source file has.

use std::fs;

use xtask::repository;

use crate::{members, none};

/// Lines after which a file is two files.
const LINES: usize = 600;

/// Files that may be longer, each with the reason.
const LONGER: &[(&str, &str)] = &[];

/// Every source file of the repository: its name and its text.
fn sources() -> Vec<(String, String)> {
    let paths = repository::files_below(repository::root(), "rs").unwrap();
    assert!(paths.len() > 50, "too few files to be the repository");
    paths
        .into_iter()
        .map(|path| (repository::name(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// Files that may have unsafe code, each with the reason; every other crate forbids it.
const UNSAFE: &[(&str, &str)] = &[
    (
        "ffi/src/memory.rs",
        "pointers of C become references of Rust in this one file",
    ),
    (
        "ffi/benches/overhead.rs",
        "a benchmark that calls the C functions as C does",
    ),
];

/// Crates that cannot forbid unsafe code, since a file of theirs is in [`UNSAFE`].
fn may_be_unsafe(root: &str) -> bool {
    UNSAFE.iter().any(|(file, _)| {
        let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        folder(file) == folder(root)
    })
}

/// Keywords of unsafe code are in the listed files alone. `#[unsafe(no_mangle)]` gives a function the
/// name that C calls it by.
#[test]
fn unsafe_code_stands_in_listed_files() {
    let word = ["unsafe", " "].concat();
    let mut faults = Vec::new();
    for (name, source) in sources() {
        let listed = UNSAFE.iter().find(|(file, _)| *file == name);
        let lines = source.lines().map(str::trim_start);
        let mut code = lines.filter(|line| !line.starts_with("//"));
        let found = code.any(|line| {
            let mut words = line.match_indices(&word);
            words.any(|(place, _)| {
                let after = line.get(place + word.len()..).unwrap();
                ["{", "fn ", "impl ", "trait ", "extern "]
                    .iter()
                    .any(|next| after.starts_with(next))
            })
        });
        match listed {
            None if found => faults.push(format!("{name} has unsafe code")),
            Some((_, reason)) if !found || reason.is_empty() => {
                faults.push(format!("{name} in UNSAFE has none, or no reason"));
            }
            _ => {}
        }
    }
    none(&faults);
}

#[test]
fn every_crate_forbids_unsafe_code() {
    let mut faults = Vec::new();
    for member in members() {
        assert!(!member.roots.is_empty(), "{} has no root", member.name);
        for root in member.roots {
            if may_be_unsafe(&repository::name(&root)) {
                continue;
            }
            let source = fs::read_to_string(&root).unwrap();
            if !source.lines().any(|line| line == "#![forbid(unsafe_code)]") {
                faults.push(format!(
                    "{} does not forbid unsafe code",
                    repository::name(&root)
                ));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_file_says_what_it_is_for() {
    let faults: Vec<_> = sources()
        .into_iter()
        .filter(|(_, source)| !source.starts_with("//! "))
        .map(|(name, _)| format!("{name} does not begin with `//! `"))
        .collect();
    none(&faults);
}

#[test]
fn no_file_is_long_without_a_reason() {
    let mut faults = Vec::new();
    for (name, source) in sources() {
        let lines = source.lines().count();
        match LONGER.iter().find(|(longer, _)| *longer == name) {
            None if lines > LINES => faults.push(format!(
                "{name} has {lines} lines: split it, or give a reason in LONGER"
            )),
            Some(_) if lines <= LINES => {
                faults.push(format!("{name} needs no entry in LONGER any more"));
            }
            _ => {}
        }
    }
    for (name, reason) in LONGER {
        if !repository::root().join(name).is_file() || reason.is_empty() {
            faults.push(format!("{name} in LONGER is no file, or has no reason"));
        }
    }
    none(&faults);
}
