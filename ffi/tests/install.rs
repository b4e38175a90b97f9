//! What `cargo xtask cinstall` puts in place is enough to build a program outside of the repository:
//! by pkg-config and by CMake, shared and static.

#![allow(clippy::unwrap_used, reason = "this file is tests and their helpers")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{C11, built, empty_folder, fixtures, has, root, succeed};
use xtask::cinstall::{Installation, install};

/// Installs the library of this test, and gives the prefix.
fn installed(name: &str) -> PathBuf {
    let prefix = empty_folder(name).join("prefix");
    let installation = Installation {
        prefix: prefix.clone(),
        libraries: Some(built()),
        lean: false,
    };
    // Once more over itself: an installation is renewed, not refused.
    install(&installation).unwrap();
    for path in install(&installation).unwrap() {
        assert!(
            path.exists() && path.starts_with(&prefix),
            "{}",
            path.display()
        );
    }
    prefix
}

/// An outside program: nothing of the repository is beside it.
fn outside(prefix: &Path) -> PathBuf {
    let folder = prefix.parent().unwrap().join("outside");
    fs::create_dir_all(&folder).unwrap();
    for name in ["verify.c", "check.h"] {
        fs::copy(root().join("ffi/tests/c").join(name), folder.join(name)).unwrap();
    }
    folder
}

fn words(prefix: &Path, options: &[&str]) -> Vec<String> {
    let mut pkg_config = Command::new("pkg-config");
    pkg_config
        .args(options)
        .arg("teeproof")
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    let said = String::from_utf8(succeed(&mut pkg_config).stdout).unwrap();
    said.split_whitespace().map(str::to_owned).collect()
}

fn run(program: &Path, library_path: Option<&Path>) {
    let mut command = Command::new(program);
    command.arg(fixtures()).env_remove("LD_LIBRARY_PATH");
    if let Some(path) = library_path {
        command.env("LD_LIBRARY_PATH", path);
    }
    succeed(&mut command);
}

#[test]
fn a_program_builds_with_pkg_config_alone() {
    if !has("gcc") || !has("pkg-config") {
        return;
    }
    let prefix = installed("install-pkg-config");
    let folder = outside(&prefix);
    let compile = |program: &str, options: &[&str], flags: &[&str]| {
        let mut gcc = Command::new("gcc");
        gcc.current_dir(&folder)
            .args(C11)
            .args(["verify.c", "-o", program])
            .args(flags)
            .args(words(&prefix, options));
        succeed(&mut gcc);
        folder.join(program)
    };
    let shared = compile("shared", &["--cflags", "--libs"], &[]);
    run(&shared, Some(&prefix.join("lib")));
    let missing = Command::new(&shared).env_remove("LD_LIBRARY_PATH").output();
    assert!(
        !missing.unwrap().status.success(),
        "it has to be linked with the shared library"
    );
    // The linker takes the static library where there is no shared one.
    let archive = prefix.join("lib/libteeproof.a");
    for name in fs::read_dir(prefix.join("lib")).unwrap() {
        let path = name.unwrap().path();
        if path.is_file() && path != archive {
            fs::remove_file(path).unwrap();
        }
    }
    let fixed = compile("static", &["--cflags", "--libs", "--static"], &[]);
    run(&fixed, None);
}

#[test]
fn a_program_builds_with_cmake() {
    if !has("gcc") || !has("cmake") {
        return;
    }
    let prefix = installed("install-cmake");
    let folder = outside(&prefix);
    fs::write(
        folder.join("CMakeLists.txt"),
        "cmake_minimum_required(VERSION 3.10)
project(outside C)
find_package(teeproof 0.1 REQUIRED)
add_executable(shared verify.c)
target_link_libraries(shared teeproof::teeproof)
add_executable(static verify.c)
target_link_libraries(static teeproof::static)
",
    )
    .unwrap();
    let build = folder.join("build");
    let mut configure = Command::new("cmake");
    configure
        .arg("-S")
        .arg(&folder)
        .arg("-B")
        .arg(&build)
        .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
    succeed(&mut configure);
    succeed(Command::new("cmake").arg("--build").arg(&build));
    run(&build.join("shared"), None);
    run(&build.join("static"), None);
    // Of a later version there is nothing to find.
    let text = fs::read_to_string(folder.join("CMakeLists.txt")).unwrap();
    for asked in ["0.2", "0.0.9", "1.0"] {
        let other = prefix.parent().unwrap().join(format!("asks-{asked}"));
        fs::create_dir_all(&other).unwrap();
        fs::write(
            other.join("CMakeLists.txt"),
            text.replace("0.1 REQUIRED", &format!("{asked} REQUIRED")),
        )
        .unwrap();
        let mut configure = Command::new("cmake");
        configure
            .arg("-S")
            .arg(&other)
            .arg("-B")
            .arg(other.join("build"))
            .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
        assert!(
            !configure.output().unwrap().status.success(),
            "{asked} was found"
        );
    }
}
