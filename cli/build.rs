//! Links the program for Linux so that it starts fast.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The functions of a plain verdict, beside one another.
const STARTUP: &str = "startup.ld";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={STARTUP}");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}"));
    if target("OS").as_deref() != Ok("linux") || target("ENV").as_deref() != Ok("gnu") {
        return;
    }
    // The unwinder as a shared library is loaded at each start, and asks the processor a dozen questions
    // before `main`: a sixth of what a program costs that does nothing else. Where the C compiler
    // brings no archive of it, the shared one stays.
    if compiler_brings("libgcc_eh.a") {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
    // The kernel maps a program's code in pieces of 64 kB, each at its first use, and what a verdict calls
    // lies anywhere in six megabytes.
    let traced_here = target("ARCH").as_deref() == Ok("x86_64");
    if traced_here
        && std::env::var("PROFILE").as_deref() == Ok("release")
        && let Some(script) = startup()
    {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
}

/// The script, if the linker is the compiler's own choice and takes it. Not every linker does.
fn startup() -> Option<PathBuf> {
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if flags.contains("linker") || flags.contains("fuse-ld") {
        return None;
    }
    let script = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR")?).join(STARTUP);
    let folder = PathBuf::from(std::env::var_os("OUT_DIR")?);
    let probe = folder.join("probe.c");
    std::fs::write(&probe, "int main(void) { return 0; }\n").ok()?;
    let mut link = Command::new(linker());
    link.arg(format!("-Wl,-T,{}", script.display()))
        .arg(&probe)
        .arg("-o")
        .arg(folder.join("probe"));
    link.output()
        .is_ok_and(|output| output.status.success())
        .then_some(script)
}

/// Whether the compiler that links finds a library of its own by this name.
fn compiler_brings(file: &str) -> bool {
    let mut ask = Command::new(linker());
    ask.arg(format!("-print-file-name={file}"));
    // One that it does not find it names as it was asked for.
    ask.output().is_ok_and(|output| {
        let path = String::from_utf8_lossy(&output.stdout);
        Path::new(path.trim()).is_absolute()
    })
}

fn linker() -> OsString {
    std::env::var_os("RUSTC_LINKER").unwrap_or_else(|| OsString::from("cc"))
}
