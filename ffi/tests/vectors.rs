//! The same evidence through the core, the bindings, C and C++: one verdict, one digest.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "this file is tests and their helpers"
)]

mod support;

use std::path::Path;

use support::vectors::{self, Vector};
use support::{C11, CPP17, Toolchain, empty_folder, has, root};

const C: Toolchain = Toolchain {
    compiler: "gcc",
    dialect: C11,
    flags: &["-O2"],
    runner: &[],
};

const CPP: Toolchain = Toolchain {
    compiler: "g++",
    dialect: CPP17,
    flags: &["-O2"],
    runner: &[],
};

/// Writes the cases and has every language judge them.
fn hold_every_language(name: &str, cases: &[Vector], at_least: usize) {
    let folder = empty_folder(name);
    let count = vectors::write(cases, &folder);
    assert!(count >= at_least, "only {count} of {} cases", cases.len());
    for (toolchain, source) in [(C, "c/vectors.c"), (CPP, "cpp/vectors.cpp")] {
        if !has(toolchain.compiler) {
            continue;
        }
        let built = empty_folder(&format!("{name}-{}", toolchain.compiler));
        let source = root().join("ffi/tests").join(source);
        let said = toolchain.run(
            &toolchain.compile(&source, &built),
            &[Path::new(&folder).as_os_str()],
        );
        assert!(said.starts_with(&format!("{count} cases")), "{said}");
    }
}

#[test]
fn real_samples() {
    hold_every_language("vectors-real", &vectors::real(), 4);
}

#[test]
fn forged_cases() {
    hold_every_language("vectors-forged", &vectors::forged(), 250);
}

#[test]
fn the_corpus() {
    if let Some(cases) = vectors::corpus() {
        hold_every_language("vectors-corpus", &cases, 100);
    }
}
