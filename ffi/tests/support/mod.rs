//! Compilers, the library as the tests find it, and programs that are compiled and run.

#![allow(dead_code, reason = "each test file uses a part of this module")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "this file is helpers of tests"
)]

pub(crate) mod vectors;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What every C program here is compiled with: no extension, and no warning.
pub(crate) const C11: &[&str] = &["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-g"];

/// The same for C++.
pub(crate) const CPP17: &[&str] = &[
    "-std=c++17",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-pedantic",
    "-g",
];

/// What a static library of Rust needs of the system.
pub(crate) const STATIC_NEEDS: &[&str] = &["-lpthread", "-ldl", "-lm"];

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The fixtures, as the programs take them.
pub(crate) fn fixtures() -> PathBuf {
    root().join("fixtures")
}

/// An empty folder for a test.
pub(crate) fn empty_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Whether a tool is on this machine. A test that cannot do without says so and ends.
pub(crate) fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok();
    if !found {
        println!("SKIPPED: no {tool} on this machine (ffi/tests/tools.sh says what is needed)");
    }
    found
}

/// Where Cargo has put the library that belongs to this test.
pub(crate) fn built() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().to_owned();
    assert!(
        folder.join("libteeproof.so").is_file(),
        "{}",
        folder.display()
    );
    folder
}

/// The shared library under the names by which programs are linked and started.
pub(crate) fn shared_library(folder: &Path) {
    let built = built().join("libteeproof.so");
    for name in ["libteeproof.so", &soname()] {
        std::os::unix::fs::symlink(&built, folder.join(name)).unwrap();
    }
}

/// The name by which programs ask for the library when they start. The rule is in README.md.
pub(crate) fn soname() -> String {
    let (major, minor) = (
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
    );
    if major == "0" {
        format!("libteeproof.so.0.{minor}")
    } else {
        format!("libteeproof.so.{major}")
    }
}

/// How a program is made and run.
pub(crate) struct Toolchain {
    pub(crate) compiler: &'static str,
    /// Language and warnings.
    pub(crate) dialect: &'static [&'static str],
    /// What else, such as a sanitizer.
    pub(crate) flags: &'static [&'static str],
    /// What the program is run by, such as valgrind.
    pub(crate) runner: &'static [&'static str],
}

impl Toolchain {
    /// Compiles a program of `ffi/tests` against the shared library, into a folder of its own.
    pub(crate) fn compile(&self, source: &Path, folder: &Path) -> PathBuf {
        if !folder.join("libteeproof.so").exists() {
            shared_library(folder);
        }
        let program = folder.join(source.file_stem().unwrap());
        let mut command = Command::new(self.compiler);
        command
            .args(self.dialect)
            .args(self.flags)
            .arg("-I")
            .arg(root().join("ffi/include"))
            .arg("-I")
            .arg(root().join("ffi/tests/c"))
            .arg(source)
            .arg("-o")
            .arg(&program)
            .arg("-L")
            .arg(folder)
            .args(["-lteeproof", "-lpthread"])
            .arg(format!("-Wl,-rpath,{}", folder.display()));
        succeed(&mut command);
        program
    }

    /// Runs a program, which has to end well.
    pub(crate) fn run(&self, program: &Path, arguments: &[&OsStr]) -> String {
        let mut words = self
            .runner
            .iter()
            .map(OsStr::new)
            .chain([program.as_os_str()]);
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .args(arguments)
            .env("ASAN_OPTIONS", "detect_leaks=1")
            .env("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1");
        let output = succeed(&mut command);
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Runs a command, which has to succeed.
#[track_caller]
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
