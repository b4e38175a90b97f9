//! The header says what the library is: its version, every check, every symbol; and documents all of
//! it. That it is what the source gives is `cargo xtask header --check`.

#![allow(clippy::unwrap_used, reason = "this file is tests and their helpers")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use support::{built, has, root, soname, succeed};
use teeproof_core::CheckId;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The names of the functions that the snapshot declares.
fn functions() -> BTreeSet<String> {
    read("ffi/abi.txt")
        .lines()
        .filter(|line| line.ends_with(')') && !line.starts_with("TEEPROOF_"))
        .map(|line| {
            let name = line.split('(').next().unwrap();
            name.rsplit([' ', '*']).next().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn the_version_is_that_of_the_crate() {
    let header = read("ffi/include/teeproof.h");
    for line in [
        format!("VERSION \"{}\"", env!("CARGO_PKG_VERSION")),
        format!("VERSION_MAJOR {}", env!("CARGO_PKG_VERSION_MAJOR")),
        format!("VERSION_MINOR {}", env!("CARGO_PKG_VERSION_MINOR")),
        format!("VERSION_PATCH {}", env!("CARGO_PKG_VERSION_PATCH")),
    ] {
        assert!(
            header.contains(&format!("#define TEEPROOF_{line}\n")),
            "{line}"
        );
    }
}

#[test]
fn every_check_has_its_number() {
    let header = read("ffi/include/teeproof.h");
    for check in CheckId::ALL {
        let name = check.id().replace(['.', '-'], "_").to_uppercase();
        let line = format!("#define TEEPROOF_CHECK_{name} {}u\n", check.number());
        assert!(header.contains(&line), "{line}");
    }
    let declared = header.matches("#define TEEPROOF_CHECK_").count();
    assert_eq!(declared, CheckId::ALL.len());
}

/// Every line that begins a declaration follows the end of a comment.
#[test]
fn every_declaration_is_documented() {
    let header = read("ffi/include/teeproof.h");
    let lines: Vec<&str> = header.lines().collect();
    let mut declared = 0;
    for pair in lines.windows(2) {
        let line = pair[1];
        let begins = line.starts_with("#define TEEPROOF_") && line != "#define TEEPROOF_H"
            || line.starts_with("enum teeproof_")
            || line.starts_with("typedef struct")
            || line.starts_with("  TEEPROOF_")
            || line.starts_with("teeproof_")
            || line.starts_with("uint32_t teeproof_")
            || line.starts_with("void teeproof_");
        if begins {
            declared += 1;
            assert!(pair[0].ends_with("*/"), "not documented: {line}");
        }
    }
    assert!(declared > 150, "only {declared} declarations seen");
    // Members of structures.
    for member in ["data;", "len;", "size;", "challenge_rule;", "tls_key;"] {
        let place = lines.iter().position(|line| line.ends_with(member));
        assert!(
            lines[place.unwrap() - 1].ends_with("*/"),
            "not documented: {member}"
        );
    }
}

#[test]
fn the_shared_library_exports_the_functions_of_the_header_and_nothing_else() {
    if !has("nm") {
        return;
    }
    let mut nm = Command::new("nm");
    nm.args(["--dynamic", "--defined-only", "--format=posix"])
        .arg(built().join("libteeproof.so"));
    let listed = String::from_utf8(succeed(&mut nm).stdout).unwrap();
    let exported: BTreeSet<String> = listed
        .lines()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    let declared = functions();
    assert!(declared.len() > 40, "only {} functions", declared.len());
    assert!(declared.iter().all(|name| name.starts_with("teeproof_")));
    assert_eq!(exported, declared);
}

#[test]
fn the_shared_library_is_named_by_the_rule() {
    if !has("readelf") {
        return;
    }
    let mut readelf = Command::new("readelf");
    readelf.arg("--dynamic").arg(built().join("libteeproof.so"));
    let listed = String::from_utf8(succeed(&mut readelf).stdout).unwrap();
    assert!(
        listed.contains(&format!("soname: [{}]", soname())),
        "{listed}"
    );
}
