//! The C++ wrapper under two compilers, with exceptions and without, and under sanitizers.

mod support;

use support::{CPP17, Toolchain, empty_folder, fixtures, has, root};

fn run(name: &str, compiler: &'static str, flags: &'static [&'static str]) {
    if !has(compiler) {
        return;
    }
    let toolchain = Toolchain {
        compiler,
        dialect: CPP17,
        flags,
        runner: &[],
    };
    let source = root().join("ffi/tests/cpp/wrapper.cpp");
    let program = toolchain.compile(&source, &empty_folder(name));
    toolchain.run(&program, &[fixtures().as_os_str()]);
}

#[test]
fn under_gcc() {
    run("wrapper-g++", "g++", &["-O2", "-Wshadow"]);
}

#[test]
fn under_clang() {
    run("wrapper-clang++", "clang++", &["-O2", "-Wshadow"]);
}

#[test]
fn without_exceptions_and_run_time_types() {
    run("wrapper-lean-g++", "g++", &["-fno-exceptions", "-fno-rtti"]);
    run(
        "wrapper-lean-clang++",
        "clang++",
        &["-fno-exceptions", "-fno-rtti"],
    );
}

#[test]
fn under_sanitizers() {
    run(
        "wrapper-sanitized",
        "clang++",
        &[
            "-O1",
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=all",
        ],
    );
}
