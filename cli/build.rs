//! Links the unwinder into the program.
//!
//! As a shared library it is loaded at each start, and asks the processor a dozen questions before
//! `main`: a sixth of what a program costs that does nothing else. Where the C compiler brings no
//! archive of it, the shared one stays.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}"));
    let gnu_linux = target("OS").as_deref() == Ok("linux") && target("ENV").as_deref() == Ok("gnu");
    if gnu_linux && compiler_brings("libgcc_eh.a") {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// Whether the compiler that links finds a library of its own by this name.
fn compiler_brings(file: &str) -> bool {
    let linker = std::env::var_os("RUSTC_LINKER").unwrap_or_else(|| OsString::from("cc"));
    let mut ask = Command::new(linker);
    ask.arg(format!("-print-file-name={file}"));
    // One that it does not find it names as it was asked for.
    ask.output().is_ok_and(|output| {
        let path = String::from_utf8_lossy(&output.stdout);
        Path::new(path.trim()).is_absolute()
    })
}
