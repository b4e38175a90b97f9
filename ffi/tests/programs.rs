//! The C programs of `tests/c`, one for each theme: under two compilers, two sanitizers and valgrind.

mod support;

use std::path::PathBuf;

use support::{C11, Toolchain, empty_folder, fixtures, has, root};

/// Each takes the folder of the fixtures.
const PROGRAMS: &[&str] = &[
    "verify",
    "refusals",
    "misuse",
    "documents",
    "compare",
    "memory",
    "threads",
];

fn source(program: &str) -> PathBuf {
    root().join("ffi/tests/c").join(program).with_extension("c")
}

fn run_all(name: &str, toolchain: &Toolchain, programs: &[&str]) {
    let folder = empty_folder(name);
    for program in programs {
        let compiled = toolchain.compile(&source(program), &folder);
        toolchain.run(&compiled, &[fixtures().as_os_str()]);
    }
}

#[test]
fn every_program_passes_under_gcc() {
    if has("gcc") {
        let gcc = Toolchain {
            compiler: "gcc",
            dialect: C11,
            flags: &["-O2"],
            runner: &[],
        };
        run_all("gcc", &gcc, PROGRAMS);
    }
}

#[test]
fn every_program_passes_under_clang() {
    if has("clang") {
        let clang = Toolchain {
            compiler: "clang",
            dialect: C11,
            flags: &["-O2"],
            runner: &[],
        };
        run_all("clang", &clang, PROGRAMS);
    }
}

#[test]
fn every_program_is_clean_under_address_and_undefined_behaviour_sanitizer() {
    if has("clang") {
        let sanitized = Toolchain {
            compiler: "clang",
            dialect: C11,
            flags: &[
                "-O1",
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-fno-omit-frame-pointer",
            ],
            runner: &[],
        };
        run_all("sanitized", &sanitized, PROGRAMS);
    }
}

/// Valgrind sees into the library, too: every access, and every block that is not freed.
#[test]
fn programs_are_clean_under_valgrind() {
    if has("gcc") && has("valgrind") {
        let memcheck = Toolchain {
            compiler: "gcc",
            dialect: C11,
            flags: &[],
            runner: &[
                "valgrind",
                "--quiet",
                "--leak-check=full",
                "--show-leak-kinds=definite,indirect,possible",
                "--errors-for-leak-kinds=definite,indirect,possible",
                "--error-exitcode=9",
            ],
        };
        run_all(
            "memcheck",
            &memcheck,
            &["verify", "misuse", "documents", "compare"],
        );
    }
}

/// The library itself is not built for ThreadSanitizer, which would see half of it. This detector
/// reads the instructions of all of it.
#[test]
fn threads_do_not_race() {
    if has("gcc") && has("valgrind") {
        let drd = Toolchain {
            compiler: "gcc",
            dialect: C11,
            flags: &[],
            runner: &["valgrind", "--quiet", "--tool=drd", "--error-exitcode=9"],
        };
        run_all("drd", &drd, &["threads"]);
    }
}
