//! The examples are programs that work: each is compiled without a warning, run on real evidence, and
//! held to what it prints and ends with.

#![allow(clippy::unwrap_used, reason = "this file is tests and their helpers")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{C11, CPP17, Toolchain, empty_folder, fixtures, has, root};

fn compile(name: &str, compiler: &'static str, dialect: &'static [&'static str]) -> PathBuf {
    let toolchain = Toolchain {
        compiler,
        dialect,
        flags: &[],
        runner: &[],
    };
    let source = root().join("ffi/examples").join(name);
    toolchain.compile(&source, &empty_folder(&format!("example-{name}")))
}

fn sample(file: &str) -> PathBuf {
    fixtures().join("real/tdx-v4").join(file)
}

fn run(program: &Path, arguments: &[&Path]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The example asks the clock, and the sample's collateral has lapsed: that is an answer.
#[test]
fn verify() {
    if !has("gcc") {
        return;
    }
    let program = compile("verify.c", "gcc", C11);
    let (quote, collateral) = (sample("quote.bin"), sample("collateral.json"));
    let output = run(&program, &[&quote, &collateral, &sample("policy.toml")]);
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    assert!(said(&output).starts_with("INCONCLUSIVE: "), "{output:?}");
    assert!(
        said(&output).contains("\n  collateral.valid: "),
        "{output:?}"
    );
    let wrong = run(&program, &[&collateral, &collateral]);
    assert_eq!(wrong.status.code(), Some(7), "{wrong:?}");
    assert!(!wrong.stderr.is_empty());
}

#[test]
fn fleet() {
    if !has("gcc") {
        return;
    }
    let program = compile("fleet.c", "gcc", C11);
    let (collateral, policy) = (sample("collateral.json"), sample("policy.toml"));
    let at = Path::new("1751000000");
    let good = sample("quote.bin");
    let output = run(&program, &[&collateral, at, &policy, &good, &good]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(said(&output).matches("GENUINE, NOT PINNED").count(), 2);
    let foreign = fixtures().join("forged/tdx-v4/quote.bin");
    let output = run(&program, &[&collateral, at, &policy, &good, &foreign]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(said(&output).matches("GENUINE, NOT PINNED").count(), 1);
}

#[test]
fn verify_in_cpp() {
    if !has("g++") {
        return;
    }
    let program = compile("verify.cpp", "g++", CPP17);
    let files = [
        sample("quote.bin"),
        sample("collateral.json"),
        sample("policy.toml"),
    ];
    let [quote, collateral, policy] = &files;
    let output = run(
        &program,
        &[quote, collateral, policy, Path::new("1751000000")],
    );
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(said(&output).contains("\nMRTD "), "{output:?}");
    let output = run(
        &program,
        &[collateral, collateral, policy, Path::new("1751000000")],
    );
    assert_eq!(output.status.code(), Some(7), "{output:?}");
}
