//! The C++ wrapper under two compilers, with exceptions and without, and under sanitizers.

mod support;

use support::{CPP17, Toolchain, empty_folder, fixtures, has, root};

const LEAN: &[&str] = &["-fno-exceptions", "-fno-rtti"];

const SANITIZED: &[&str] = &[
    "-O1",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
];

/// Compiles a program of `tests/cpp` into the folder `NAME` and runs it.
fn run(source: &str, name: &str, compiler: &'static str, flags: &'static [&'static str]) {
    if !has(compiler) {
        return;
    }
    let toolchain = Toolchain {
        compiler,
        dialect: CPP17,
        flags,
        runner: &[],
    };
    let source = root().join("ffi/tests/cpp").join(source);
    let program = toolchain.compile(&source, &empty_folder(name));
    toolchain.run(&program, &[fixtures().as_os_str()]);
}

#[test]
fn under_gcc() {
    run("wrapper.cpp", "wrapper-g++", "g++", &["-O2", "-Wshadow"]);
}

#[test]
fn under_clang() {
    run(
        "wrapper.cpp",
        "wrapper-clang++",
        "clang++",
        &["-O2", "-Wshadow"],
    );
}

#[test]
fn without_exceptions_and_run_time_types() {
    run("wrapper.cpp", "wrapper-lean-g++", "g++", LEAN);
    run("wrapper.cpp", "wrapper-lean-clang++", "clang++", LEAN);
}

#[test]
fn under_sanitizers() {
    run("wrapper.cpp", "wrapper-sanitized", "clang++", SANITIZED);
}

/// Without exceptions under the one compiler, with them and the sanitizers under the other.
#[test]
fn a_memory() {
    run("memory.cpp", "memory-lean-g++", "g++", LEAN);
    run("memory.cpp", "memory-sanitized", "clang++", SANITIZED);
}
